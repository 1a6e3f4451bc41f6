# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is otherwise on a host than it was described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.drained import (
    drain,
    parse_line,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.drift import (
    foreign_services,
    order_drift,
    read_table,
    service_drift,
    unit_drift,
)
from described import VIP, cluster, service
from observed import Table, table

RS1 = "192.168.137.131"


def drift(
    change: Callable[[Table], object], manager: str = "static", **described: Any
) -> list[str]:
    """What is told of a table in which something was changed by hand."""
    found = cluster(service(**described))
    live = table(found)
    change(live)
    return service_drift(found.services[0], read_table(live), manager)


def servers(live: Table) -> Table:
    """The real servers of the first service."""
    found: Table = live[0]["real_servers"]
    return found


@pytest.mark.parametrize("manager", ["static", "keepalived", "ldirectord"])
def test_as_described(manager: str) -> None:
    """Whoever owns the table."""
    assert drift(lambda live: None, manager, scheduler="mh", scheduler_flags=["mh-port"]) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda live: live.clear(), "service web is not in the table"),
        (
            lambda live: live[0].update(scheduler="wrr"),
            "service web has scheduler wrr in place of rr",
        ),
        (
            lambda live: live[0].update(persistent_timeout=60),
            "service web has persistent_timeout 60 in place of 0",
        ),
        (
            lambda live: live[0].update(scheduler_flags=["flag-1"]),
            "service web has scheduler_flags flag-1 in place of none",
        ),
        (
            lambda live: servers(live)[0].update(weight=5),
            "rs1 of service web has weight 5 in place of 1",
        ),
        (lambda live: servers(live).pop(0), "rs1 of service web is not in the table"),
        (
            lambda live: servers(live)[0].update(weight=0),
            "rs1 of service web has weight 0 in place of 1",
        ),
        (
            lambda live: servers(live).append({**servers(live)[0], "address": "192.168.137.9"}),
            "192.168.137.9:80 of service web is in the table, and not described",
        ),
        (
            lambda live: servers(live)[1].update(forward="tun"),
            "rs2 of service web has forward tun in place of nat",
        ),
    ],
)
def test_by_hand(change: Callable[[Table], object], told: str) -> None:
    """One sentence for each thing."""
    assert drift(change) == [told]


def test_who_is_down_is_no_drift() -> None:
    """A health checker takes it out, or gives it weight 0; its sorry server comes in."""
    assert drift(lambda live: servers(live).pop(0), "keepalived") == []
    assert drift(lambda live: servers(live)[0].update(weight=0), "ldirectord") == []
    sorry = {"sorry_server": {"address": "127.0.0.1"}}
    there = {"address": "127.0.0.1", "port": 80, "forward": "dr", "weight": 1}

    def none_is_left(live: Table) -> None:
        live[0]["real_servers"] = [there]

    assert drift(none_is_left, "keepalived", **sorry) == []
    assert drift(none_is_left, "static", **sorry)[-1] == (
        "127.0.0.1:80 of service web is in the table, and not described"
    )
    assert drift(lambda live: servers(live)[0].update(weight=7), "keepalived") == [
        "rs1 of service web has weight 7 in place of 1"
    ]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("drained", "rs1 of service web has weight 1 in place of 0"),
        ("cut", f"{RS1}:80 of service web is drained, and in the table still"),
    ],
)
def test_drained(state: str, told: str) -> None:
    """What clients get all the same."""
    found = cluster()
    line = parse_line("director", f"rs1 {state} 2026-11-28T05:00:00Z")
    drained = drain(found, [line])
    assert service_drift(drained.services[0], read_table(table(found)), "static") == [told]
    assert service_drift(drained.services[0], read_table(table(drained)), "static") == []


def test_foreign_services() -> None:
    """Without the marks of our own checks."""
    found = cluster()
    other = {**table(found)[0], "virtual_port": 443, "real_servers": []}
    marks: Table = [
        {"fwmark": mark, "family": "ipv4", "real_servers": []} for mark in (7, 0x4C600001)
    ]
    live = read_table([*table(found), other, *marks])
    assert foreign_services(found.services, live) == [f"tcp {VIP}:443", "fwmark 7 (ipv4)"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("loaded director.nft", "masquerading: the rules are not as they were written"),
        ("loaded new.nft", "new.nft: the rules are not as they were written"),
        ("added net/ipv4/ip_forward 1", "net/ipv4/ip_forward is not 1"),
        ("added net/ipv4/vs/sync_threshold 0 0", "net/ipv4/vs/sync_threshold is not 0 0"),
        ("added 192.168.0.101/32 lo", "192.168.0.101/32 lo is missing"),
        ("added tunl0", "tunl0 is missing"),
        ("added default via 10.0.0.1 dev eth1", "the default route is not by 10.0.0.1 on eth1"),
        ("started daemon master", "the synchronisation daemon master does not run"),
        ("set the timeouts to 900 120 300", "the timeouts are not 900 120 300"),
        ("danced", "site would have it: danced"),
    ],
)
def test_unit_drift(line: str, told: str) -> None:
    """Each thing that the program tells of."""
    assert unit_drift([line]) == [told]


def test_another_order_of_real_servers() -> None:
    """Of a hash it gives clients to others; what only one has says nothing of the order."""
    found = cluster(service(scheduler="mh"))
    first, same, other, less = (table(found) for _director in range(4))
    servers(other).reverse()
    servers(less).pop(0)
    tables = {"d1": first, "d2": same, "d3": other, "d4": less}
    told = "service web has its real servers in another order than on d1"
    read = {name: read_table(live) for name, live in tables.items()}
    assert order_drift(found.services, read) == {"d3": [told]}
    assert order_drift(found.services, {}) == {}
    for live in tables.values():
        live[0].update(scheduler="wrr")
    read = {name: read_table(live) for name, live in tables.items()}
    assert order_drift(cluster(service(scheduler="wrr")).services, read) == {}
