# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director announces in the words of BIRD's configuration."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import bird
from described import (
    ANNOUNCE,
    ANNOUNCED,
    ANNOUNCED6,
    HASHED,
    NOTHING_TOLD,
    announcing,
    at_once,
    cluster,
    host_info,
    one_of_three,
    service,
    words,
)

ROUTER, ROUTER6 = ANNOUNCE["peers"]


def told(found: Cluster, name: str = "d1") -> list[list[str]]:
    """The blocks of a director."""
    return [words(block) for block in bird.blocks(found, found.hosts[name])]


def peers(*given: Any, **changed: Any) -> dict[str, Any]:
    """A director with other routers."""
    return one_of_three(1, lvs_announce={**ANNOUNCE, "peers": [*given]}, **changed)


def test_all_of_it() -> None:
    """Tables of its own, the addresses of lo that are described, and a session with each router."""
    head, direct, first, second = told(announcing())
    assert head == [
        "ipv4 table lvs_ipv4;",
        f"define lvs_addresses_ipv4 = [ {ANNOUNCED}/32 ];",
        "ipv6 table lvs_ipv6;",
        f"define lvs_addresses_ipv6 = [ {ANNOUNCED6}/128 ];",
    ]
    assert direct == [
        "protocol direct lvs_addresses {",
        "disabled;",
        'include "/run/lvs-cluste[r]/announce.joined";',
        'interface "lo";',
        "ipv4 {",
        "table lvs_ipv4;",
        "import where net ~ lvs_addresses_ipv4;",
        "};",
        "ipv6 {",
        "table lvs_ipv6;",
        "import where net ~ lvs_addresses_ipv6;",
        "};",
        "}",
    ]
    assert first == [
        "protocol bgp lvs_peer_1 {",
        "router id 192.168.137.1;",
        "local as 65010;",
        "neighbor 192.168.137.254 as 65000;",
        "direct;",
        'password "of a test";',
        "bfd { interval 100 ms; multiplier 3; };",
        "graceful restart off;",
        "long lived graceful restart off;",
        "connect delay time 1;",
        "connect retry time 5;",
        "error wait time 1, 5;",
        "ipv4 {",
        "table lvs_ipv4;",
        "import none;",
        "export where source = RTS_DEVICE;",
        "next hop self;",
        "};",
        "}",
    ]
    assert second[0] == "protocol bgp lvs_peer_2 {"
    assert {"neighbor fd00:137::254 as 65000;", "table lvs_ipv6;"} < {*second}


def test_each_has_a_number_of_its_own() -> None:
    """By itself BIRD would take a virtual address, which all have, where that is the lowest."""
    found = announcing(service(address="10.0.0.1", **HASHED))
    numbers = [bird.router_id(found, found.hosts[name]) for name in ("d1", "d2", "d3")]
    assert numbers == [f"192.168.137.{last}" for last in (1, 2, 3)]


def test_without_an_address_of_ipv4() -> None:
    """It is made of the name, and BIRD itself gets one, without which it does not start."""
    six = service(address=ANNOUNCED6, **HASHED)
    only6 = {"lvs_announce": {**ANNOUNCE, "peers": [ROUTER6]}}
    hosts = {
        f"d{last}": one_of_three(
            last, **only6, __preflight_host=host_info(eth1=[f"fd00:137::{last}/64"])
        )
        for last in (1, 2, 3)
    }
    found = announcing(six, **hosts)
    numbers = {bird.router_id(found, found.hosts[name]) for name in hosts}
    assert len(numbers) == 3
    (head, _direct, session) = told(found)
    assert head[0] == f"router id {bird.router_id(found, found.hosts['d1'])};"
    assert session[1] == head[0]


def test_over_several_links() -> None:
    """From the address on the network of the default gateway, which BFD has to be told."""
    far = {"address": "203.0.113.1", "asn": 65010, "multihop": 2}
    own = host_info(eth0=["10.9.0.1/24"], eth1=["192.168.137.1/24", "fd00:137::1/64"])
    host = peers(far, __preflight_host={**own, "gateways": ["192.168.137.254"]})
    found = announcing(service(address=ANNOUNCED, **HASHED), d1=host)
    session = told(found)[-1]
    assert session[4:6] == ["multihop 2;", "source address 192.168.137.1;"]
    assert "direct;" not in session


def test_without_bfd() -> None:
    """The session itself has to end sooner than after four minutes; and no protocol is needed."""
    host = peers({**ROUTER, "bfd": False})
    found = announcing(service(address=ANNOUNCED, **HASHED), d1=host)
    assert "hold time 9;" in told(found)[-1]
    assert bird.bfd(found, found.hosts["d1"]) == []
    assert bird.bfd(found, found.hosts["d2"]) == ["protocol bfd lvs_bfd {", "}"]


def test_a_router_that_has_nothing_to_be_told() -> None:
    """There is no session with it, and the other one keeps its name."""
    found = announcing(service(address=ANNOUNCED6, **HASHED))
    assert [block[0] for block in told(found)][1:] == [
        "protocol direct lvs_addresses {",
        "protocol bgp lvs_peer_2 {",
    ]


def test_withdrawals() -> None:
    """Each address that a health checker may withdraw has a route that is told to nobody."""
    hosts = {f"d{last}": one_of_three(last, director_manager="keepalived") for last in (1, 2, 3)}
    found = announcing(**hosts)
    assert told(found)[2:4] == [
        [
            "protocol static lvs_withdrawn_10_0_0_100 {",
            "disabled;",
            f'include "/run/lvs-cluste[r]/announce.withdrawn.{ANNOUNCED}";',
            "ipv4 { table lvs_ipv4; preference 1000; };",
            f"route {ANNOUNCED}/32 blackhole;",
            "}",
        ],
        [
            "protocol static lvs_withdrawn_fd00_10__100 {",
            "disabled;",
            f'include "/run/lvs-cluste[r]/announce.withdrawn.{ANNOUNCED6}";',
            "ipv6 { table lvs_ipv6; preference 1000; };",
            f"route {ANNOUNCED6}/128 blackhole;",
            "}",
        ],
    ]
    assert bird.withdrawn(announcing(), announcing().hosts["d1"]) == []


def test_services_that_are_looked_at() -> None:
    """All of an address; none where somebody answers in their place, or nobody is to."""
    hosts = {f"d{last}": one_of_three(last, director_manager="ldirectord") for last in (1, 2, 3)}
    nobody = [{"host": "rs1", "weight": 0}]
    marked = {"fwmark": 7, "addresses": ["10.0.0.101"], "address": None, "port": None}
    found = announcing(
        *at_once(),
        service(name="tls", address=ANNOUNCED, **{**HASHED, "port": 443}),
        service(name="marked", **HASHED, **marked),
        service(name="b", address="10.0.0.102", sorry_server={"address": "127.0.0.1"}, **HASHED),
        service(name="c", address="10.0.0.103", **HASHED, real_servers=nobody),
        **hosts,
    )
    assert bird.service_lines(found, found.hosts["d1"]) == [
        f"{ANNOUNCED} -t {ANNOUNCED}:80",
        f"{ANNOUNCED} -t {ANNOUNCED}:443",
        f"{ANNOUNCED6} -t [{ANNOUNCED6}]:80",
        "10.0.0.101 -f 7",
    ]
    told = {f"service {name}" for name in ("web", "six", "tls", "marked")}
    assert bird.tellers(found, found.hosts["d1"]) == told


def test_nothing_where_nobody_announces() -> None:
    """Or nobody knows the addresses yet."""
    found = cluster()
    assert bird.blocks(found, found.hosts["director"]) == []
    unseen = announcing(d1=one_of_three(1, __preflight_host=NOTHING_TOLD))
    assert len(told(unseen)) == 4
