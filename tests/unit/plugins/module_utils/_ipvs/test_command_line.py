# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of ipvsadm, taken apart; what they make is with the rules."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.command_line import (
    line_label,
    options_of,
    words_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-A -f 1", ["-A", "-f", "1"]),
        ("$ sudo /sbin/ipvsadm -A  -f 1  # the web", ["-A", "-f", "1"]),
        ("ipvsadm -A -t '192.0.2.1:80'", ["-A", "-t", "192.0.2.1:80"]),
        ("# ipvsadm -A -f 1", []),
        ("", []),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    """What stands before the command, comments and quotes are none of them."""
    assert words_of(line, 1) == words


@pytest.mark.parametrize(
    ("line", "command", "found"),
    [
        ("--add-service -u 10.0.0.1:53", "-A", {"service": "10.0.0.1:53", "protocol": "udp"}),
        ("-Dt=10.0.0.1:80", "-D", {"service": "10.0.0.1:80", "protocol": "tcp"}),
        ("-A -f7 -6o", "-A", {"fwmark": "7", "family": "ipv6", "one_packet": True}),
        ("-A -f 7 -p", "-A", {"fwmark": "7", "persistent_timeout": 360}),
        ("-A -f 7 -p -s rr", "-A", {"fwmark": "7", "persistent_timeout": 360, "scheduler": "rr"}),
        ("-A -f 7 -p 9", "-A", {"fwmark": "7", "persistent_timeout": "9"}),
        ("-A -f 7 -b", "-A", {"fwmark": "7", "scheduler_flags": ""}),
        ("-C", "-C", {}),
    ],
)  # fmt: skip
def test_options(line: str, command: str, found: dict[str, Any]) -> None:
    """Long and short, with the value in the same word or the next, several in one."""
    assert options_of(line.split()) == (command, found)


@pytest.mark.parametrize("line", ["-t 10.0.0.1:80", "-A -D", "-A -f", "-A --fast", "-A -f 1 -f 1"])
def test_what_is_no_rule(line: str) -> None:
    """It is refused, by words that name the switch where there is one."""
    with pytest.raises(ModelError):
        options_of(line.split())


def test_a_long_line_is_not_shown_whole() -> None:
    """A message is to be read."""
    assert line_label(" -C \n", 3) == "rules, line 3 (-C)"
    assert line_label("x" * 1000, 3) == f"rules, line 3 ({'x' * 200}...)"
