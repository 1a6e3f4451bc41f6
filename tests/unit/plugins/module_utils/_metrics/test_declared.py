# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role has written for the director's metrics, read back."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._metrics.declared import (
    Declared,
    read_declared,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.drained import (
    drain,
    parse_line,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.metrics import declared_text
from described import (
    ANNOUNCED,
    ANNOUNCED6,
    FLOATING,
    VIP,
    announcing,
    cluster,
    one_of_three,
    pair,
    service,
)

THEN = "2026-11-28T05:00:00Z"


def declared(found: Cluster, *drained: str) -> Declared:
    """What is read of a cluster, with lines about what is drained."""
    daemons = [{"role": "master", "interface": "eth1"}]
    text = declared_text(found, found.hosts["director"], daemons)
    return read_declared(text, ["# Managed by Ansible", *drained])


def test_as_described() -> None:
    """Services and real servers come back as they are."""
    found = cluster(
        service(scheduler="mh", scheduler_flags=["mh-port"], sorry_server={"address": "127.0.0.1"}),
        service(name='a "b" <c> \\', port=81, real_servers=[]),
    )
    read = declared(found)
    assert read[:5] == ("", "static", False, (VIP,), ("master",))
    assert [one.name for one in read.services] == ["web", 'a "b" <c> \\']
    assert [one.service for one in read.services] == [one.service for one in found.services]
    first = read.services[0]
    assert [one.server for one in first.servers] == [
        one.server for one in found.services[0].members
    ]
    assert [one.name for one in first.servers] == ["rs1", "rs2"]
    assert first.sorry == ("127.0.0.1", 80)


def test_addresses_that_move() -> None:
    """With keepalived also the gateway of the real servers."""
    read = declared(pair(service(address=FLOATING)))
    assert (read.manager, read.floats) == ("keepalived", True)
    assert read.addresses == (FLOATING, "192.168.137.129")


def test_addresses_of_each_director() -> None:
    """Where they are announced, also with keepalived: nobody gives them to one at a time."""
    hosts = {name: one_of_three(last, director_manager="keepalived") for last, name in
             enumerate(("d1", "d2", "d3"), 1)}  # fmt: skip
    found = announcing(**hosts)
    read = read_declared(declared_text(found, found.hosts["d1"], []))
    assert (read.manager, read.floats) == ("keepalived", False)
    assert read.addresses == (ANNOUNCED, ANNOUNCED6)


def test_names_are_told_apart() -> None:
    """A mark of two families is two services of one label."""
    both = service(
        name="shop", address=None, port=None, fwmark=10, addresses=[VIP, "fd00::1"], real_servers=[]
    )
    assert [one.name for one in declared(cluster(both)).services] == ["shop (IPv4)", "shop (IPv6)"]


@pytest.mark.parametrize(
    ("lines", "states"),
    [
        ([f"rs1 drained {THEN}"], ["drained", ""]),
        ([f"rs1 updating {THEN} web"], ["updating", ""]),
        ([f"rs1 cut {THEN} mail"], ["", ""]),
        ([f"rs1 drained {THEN}", f"rs1 undrained {THEN} web"], ["", ""]),
        ([f"rs2 cut {THEN}"], ["", "cut"]),
    ],
)
def test_drained(lines: list[str], states: list[str]) -> None:
    """As the roles themselves read it: the table that is wanted is theirs."""
    (one,) = declared(cluster(), *lines).services
    assert [server.drained for server in one.servers] == states
    parsed = [parse_line("director", line) for line in lines]
    (described,) = drain(cluster(), parsed).services
    if not any("undrained" in line for line in lines):
        assert [server.wanted for server in one.in_table] == [
            member.server for member in described.in_table
        ]


def test_weight_is_that_of_the_description() -> None:
    """Also while it is drained."""
    found = drain(cluster(), [parse_line("director", f"rs1 drained {THEN}")])
    (one,) = declared(found, f"rs1 drained {THEN}").services
    assert [(each.server.weight, each.wanted.weight) for each in one.servers] == [(1, 0), (1, 1)]


def test_all_are_cut() -> None:
    """The table keeps them."""
    (one,) = declared(cluster(), f"rs1 cut {THEN}", f"rs2 cut {THEN}").services
    assert len(one.in_table) == 2


def test_name_of_a_server_with_a_space() -> None:
    """It is written in ASCII and with no space."""
    assert declared(cluster(), f"rs1 drained {THEN} we%62").services[0].servers[0].drained
