# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What directors remember of drained servers, merged into the cluster."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.description import cluster_for
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.drained import (
    CUT,
    DRAINED,
    UNDRAINED,
    Line,
    after,
    drain,
    merged,
    parse_line,
    remembered,
    told,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster
from described import VIP, asked, cluster, hostvars, pair, service
from hypothesis import given
from hypothesis import strategies as st

T1, T2, T3 = (f"2026-11-28T05:00:0{second}Z" for second in (1, 2, 3))

LINES = st.builds(
    Line,
    st.sampled_from(["rs1", "rs2", "fd00:137::131"]),
    st.sampled_from([DRAINED, CUT, UNDRAINED]),
    st.sampled_from([T1, T2, T3]),
    st.sampled_from(["", "web", "web ä #1", "192.0.2.1:80"]),
)


def weights(found: Cluster) -> dict[str, list[int]]:
    """The weights of each service's members."""
    return {one.label: [member.server.weight for member in one.members] for one in found.services}


@given(LINES)
def test_lines_are_what_they_were(line: Line) -> None:
    """Written as the module takes lines, and read again."""
    assert str(line).isascii()
    assert not str(line).startswith("#")
    assert parse_line("director", str(line)) == line


@pytest.mark.parametrize(
    "text",
    [
        "rs1",
        "rs1 gone 2026-11-28T05:00:00Z",
        "rs1 drained now",
        "rs1 drained 2026-99-99T99:99:99Z",
        f"rs1 drained {T1} web more",
        "",
    ],
)
def test_other_lines(text: str) -> None:
    """The error names host, file and line, and says what to do."""
    with pytest.raises(ModelError) as error:
        parse_line("director2", text)
    assert "host director2" in str(error.value)
    assert "/etc/lvs-cluster/director.drained" in str(error.value)


@given(st.lists(LINES))
def test_no_matter_who_is_asked_first(lines: list[Line]) -> None:
    """And not how often: a director that is told the merged lines changes nothing."""
    assert merged(lines) == merged(reversed(lines)) == merged([*lines, *merged(lines)])


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ([Line("rs1", DRAINED, T1), Line("rs1", UNDRAINED, T2)], [Line("rs1", UNDRAINED, T2)]),
        ([Line("rs1", UNDRAINED, T1), Line("rs1", DRAINED, T2)], [Line("rs1", DRAINED, T2)]),
        # Two controllers at once: to send nobody there is what does no harm.
        ([Line("rs1", DRAINED, T1), Line("rs1", UNDRAINED, T1)], [Line("rs1", DRAINED, T1)]),
        # All services, after one of them, and before.
        ([Line("rs1", DRAINED, T1, "web"), Line("rs1", UNDRAINED, T2)],
         [Line("rs1", UNDRAINED, T2)]),
        ([Line("rs1", DRAINED, T1), Line("rs1", UNDRAINED, T2, "web")],
         [Line("rs1", DRAINED, T1), Line("rs1", UNDRAINED, T2, "web")]),
    ],
)  # fmt: skip
def test_newest_wins(lines: list[Line], kept: list[Line]) -> None:
    """Whatever the director that has it."""
    assert list(merged(lines)) == kept


def test_a_clock_that_is_behind() -> None:
    """A new line is newer than all that is known."""
    assert after(T2, [Line("rs1", DRAINED, T1)]) == T2
    assert after(T1, [Line("rs1", DRAINED, T1)]) == T2
    assert after(T1, []) == T1
    assert after(T1, [Line("rs1", DRAINED, "2026-12-31T23:59:59Z")]) == "2027-01-01T00:00:00Z"


def test_drained_for_all_services() -> None:
    """Weight 0 in each, and the weight of the description is known still."""
    described = cluster(
        service(real_servers=[{"host": "rs1", "weight": 6}, {"host": "rs2", "weight": 2}]),
        service(name="more", port=81),
    )
    found = drain(described, [Line("rs1", DRAINED, T1)])
    assert weights(found) == {"web": [0, 2], "more": [0, 1]}
    first = found.services[0].members[0]
    assert (first.described_weight, first.drain and first.drain.since) == (6, T1)
    assert found.drained == (Line("rs1", DRAINED, T1),)
    assert weights(drain(described, [Line("rs1", UNDRAINED, T1)])) == weights(described)


def test_drained_for_one_service() -> None:
    """Or for all but one."""
    described = cluster(service(), service(name="more", port=81))
    assert weights(drain(described, [Line("rs1", DRAINED, T1, "more")])) == {
        "web": [1, 1],
        "more": [0, 1],
    }
    but_one = [Line("rs1", DRAINED, T1), Line("rs1", UNDRAINED, T2, "web")]
    assert weights(drain(described, but_one)) == {"web": [1, 1], "more": [0, 1]}


def test_both_families_of_a_mark() -> None:
    """They are one entry of the description, and go by its one name."""
    marked = service(
        address=None, port=None, fwmark=10, addresses=[VIP, "fd00::111"], ports=["80/tcp"]
    )
    del marked["address"], marked["port"]
    found = drain(pair(marked), [Line("rs1", DRAINED, T1, "web")])
    assert [one.members[0].server.weight for one in found.services] == [0, 0]
    assert [one.label for one in found.services] == ["web", "web"]


def test_server_without_a_host() -> None:
    """It goes by its address."""
    described = cluster(service(real_servers=[{"address": "192.168.137.9"}, {"host": "rs2"}]))
    found = drain(described, [Line("192.168.137.9", DRAINED, T1)])
    assert weights(found) == {"web": [0, 1]}


def test_what_left_the_description_is_forgotten() -> None:
    """Of servers and of services, drained or not: nothing grows for ever."""
    lines = [
        Line("rs1", UNDRAINED, T1),
        Line("rs9", UNDRAINED, T1),
        Line("rs9", DRAINED, T2, "web"),
        Line("rs2", DRAINED, T1, "gone"),
    ]
    assert drain(cluster(), lines).drained == (Line("rs1", UNDRAINED, T1),)


def test_cut_is_out_of_the_table() -> None:
    """But for a service that would have nobody."""
    described = cluster()
    (one,) = drain(described, [Line("rs1", CUT, T1)]).services
    assert [member.name for member in one.members] == ["rs1", "rs2"]
    assert [member.name for member in one.in_table] == ["rs2"]
    (none,) = drain(described, [Line("rs1", CUT, T1), Line("rs2", CUT, T1)]).services
    assert [member.server.weight for member in none.in_table] == [0, 0]


def test_sentences() -> None:
    """One for each server and time."""
    found = told(drain(cluster(service(), service(name="more", port=81)), [
        Line("rs1", DRAINED, T1), Line("rs1", CUT, T2, "more"),
    ]))  # fmt: skip
    assert [one["message"] for one in found] == [
        f"rs1 is drained since {T1} (services: web); lvs.cluster.undrain -e lvs_host=rs1",
        f"rs1 is out of the table since {T2} (services: more); lvs.cluster.undrain -e lvs_host=rs1",
    ]


@pytest.mark.parametrize(
    "variables",
    [
        {"__preflight_host": {"drained": [f"rs1 drained {T2}"]}},
        {"__director_host": {"drained": [f"rs1 drained {T2}"]}},
        {"__director_drained": {"drained": [f"rs1 drained {T2}"]}},
        {"__preflight_drained": {"results": [{"drained": [f"rs1 drained {T2}"]}]}},
    ],
)
def test_whoever_was_asked(variables: dict[str, Any]) -> None:
    """What one director remembers goes for another one that has not heard of it."""
    groups = {"directors": ["director", "spare"], "real_servers": ["rs1", "rs2"]}
    old = {"__preflight_host": {"drained": [f"rs1 undrained {T1}"]}}
    known = hostvars(director={**old}, spare=variables)
    known["director"]["lvs_virtual_services"] = [service()]
    assert remembered(["director", "spare"], known) == (Line("rs1", DRAINED, T2),)
    assert weights(cluster_for(asked("director", known, {}, groups))) == {"web": [0, 1]}
    unreachable = {"__preflight_drained": {"results": [{"unreachable": True}]}}
    known["spare"] = unreachable
    assert weights(cluster_for(asked("director", known, {}, groups))) == {"web": [1, 1]}
