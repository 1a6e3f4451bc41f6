# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster in a few lines."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.lvs.cluster.plugins.plugin_utils._live.status import Answer
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.terminal import MANY, lines
from described import cluster, service
from observed import AT, DEAD, NOW, seen


def test_good() -> None:
    """Each service and each host, with its time."""
    assert lines(seen()) == [
        f"good at {NOW}",
        "1 of 1 services are good",
        "1 of 1 directors answered",
        "2 of 2 real servers answered",
        "",
        "service  state  up   drained  weight  new/s  active  why",
        "web      good   2/2  0        2/2     2      4",
        "",
        "host      state  asked at              what",
        f"director  good   {AT}  serves, seen so since {AT}",
        f"rs1       good   {AT}",
        f"rs2       good   {AT}",
    ]


def test_dead() -> None:
    """Since when, and why."""
    found = lines(seen(director=DEAD, former=seen().as_result()))
    why = "nothing is known of the table of director"
    assert f"web      unknown  0/2  0        ?/2     ?      ?       {why}" in found
    (line,) = [line for line in found if line.startswith("director ")]
    assert line.endswith(f"no answer since {AT}; Failed to connect to the host via ssh: timed out")


def test_what_a_host_says_is_no_word_to_the_terminal() -> None:
    """Escape sequences, also of one character, a backspace, text that runs backwards."""
    evil = '\x1b[2J\x1b]0;owned\x07\x9b31m\b\x7f\u202e\n<b> "é'
    bad = Answer(AT, {"unreachable": True, "msg": evil})
    found = lines(seen(director=bad, former=seen().as_result()))
    found += lines(replace(seen(), problems=(evil,), drained=({"message": evil},)))
    assert all(line.isprintable() for line in found)
    (line,) = [line for line in found if line.startswith("director  unknown")]
    assert r"\x1b[2J\x1b]0;owned\x07\x9b31m" in line
    assert line.endswith('<b> "é')


def test_of_many_those_that_are_not_good() -> None:
    """And how many others."""
    found = cluster(*(service(port=port) for port in range(1, MANY + 2)))
    told = lines(seen(found))
    assert told[6:8] == [f"and {MANY + 1} more services, which are good", ""]
    bad = seen(found)
    bad = replace(bad, services=(replace(bad.services[0], state="bad"), *bad.services[1:]))
    assert lines(bad)[6].startswith("web      bad")


def test_notes() -> None:
    """What is drained, and what preflight says."""
    found = replace(
        seen(), cluster="shop", problems=("Cannot be.",), drained=({"message": "rs1 is drained"},)
    )
    assert lines(found)[0] == f"cluster shop: good at {NOW}"
    assert lines(found)[-6:] == [
        "",
        "drained:",
        "  rs1 is drained",
        "",
        "preflight:",
        "  Cannot be.",
    ]
