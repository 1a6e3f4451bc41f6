# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where a description is read."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.description import (
    _MEMBER_FIELDS,
    _SERVICE_FIELDS,
    _SORRY_SERVER_FIELDS,
    read,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.groups import Groups
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.marks import ALL_PORTS
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import (
    MarkedPorts,
    VirtualService,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem
from described import DIP, GROUPS, VIP, cluster, hostvars, read_cluster, service

SHOP: dict[str, Any] = {"name": "shop", "fwmark": 10, "addresses": ["10.0.0.100"]}
DUAL = {"rs1": {"lvs_rip6": "fd00:137::131"}, "rs2": {"lvs_rip6": "fd00:137::130"}}


def only(*services: Any, **hosts: Any) -> VirtualService:
    """The only service of a description that reads without problems."""
    (found,) = cluster(*services, **hosts).services
    return found


def servers(found: VirtualService) -> list[tuple[str, int, int]]:
    """Address, port and weight of each member."""
    return [(m.server.address, m.server.port, m.server.weight) for m in found.members]


# ---- what is read --------------------------------------------------------------------------------
def test_service() -> None:
    """It is complete: fields that are not given are at their defaults."""
    found = only()
    assert found.name == "service web"
    assert found.service.key == ("tcp", VIP, 80)
    assert found.service.scheduler == "rr"
    assert found.service.persistent_timeout == 0
    assert found.check.type == "connect"
    assert found.addresses == (VIP,)
    assert found.ports == (MarkedPorts("tcp", 80, 80),)
    assert [member.host for member in found.members] == ["rs1", "rs2"]
    assert found.members[0].server == RealServer("192.168.137.131", 80, "nat")
    assert found.sorry_server is None


def test_hosts() -> None:
    """Those of the two groups, and those that services name, and no others."""
    hosts = cluster().hosts
    assert set(hosts) == {"director", "rs1", "rs2"}
    assert hosts["director"].dip == DIP
    assert hosts["rs1"].rip == "192.168.137.131"
    assert [link.name for link in hosts["director"].interfaces] == ["eth1", "eth2"]
    found, _problems = read_cluster(service(real_servers=[{"host": "client"}]))
    assert "client" in found.hosts
    assert cluster().directors == ("director",)
    assert cluster().real_servers == ("rs1", "rs2")


def test_host_besides() -> None:
    """Its variables go before those of the inventory, those that are given."""
    also = {"client": {"director_manager": "keepalived", "lvs_dip": None}}
    found, problems = read([], hostvars(client={"lvs_dip": "192.0.2.1"}), Groups(GROUPS), also)
    assert problems == []
    assert (found.hosts["client"].manager, found.hosts["client"].dip) == ("keepalived", "192.0.2.1")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"name": "web"}, "service web"),
        ({"name": None}, f"service {VIP}:80"),
        ({"name": None, "address": None, "port": None, "fwmark": 5}, "service fwmark 5"),
    ],
)
def test_what_messages_call_a_service(given: dict[str, Any], name: str) -> None:
    """Its name, else what names it in the table."""
    assert only(service(**given)).name == name


@pytest.mark.parametrize("name", ["", [], ["a"], 5, "a\nb", "\u202e", {}])
def test_name_that_cannot_be(name: Any) -> None:
    """It is told with what names the service in the table."""
    _found, (told,) = read_cluster(service(name=name))
    assert told[:3] == (f"service {VIP}:80", "name", name)


def test_name_that_two_have() -> None:
    """Nobody could tell them apart."""
    _found, (told,) = read_cluster(service(name="a"), service(name="a", port=81))
    assert told[:3] == ("service a", "name", "a")


def test_tunnel_where_there_is_none() -> None:
    """It is told; where one server has one it is what that server has."""
    _found, (told,) = read_cluster(service(tunnel_port=6080))
    assert told[:3] == ("service web", "tunnel_port", 6080)
    servers = [{"host": "rs1", "forward": "tun"}]
    gue = {"tunnel_type": "gue", "tunnel_port": 6080}
    assert only(service(real_servers=servers, **gue)).members[0].server.tunnel_port == 6080


def test_sorry_server_that_is_empty() -> None:
    """It is not none."""
    _found, (told,) = read_cluster(service(sorry_server={}))
    assert told.item == "sorry server of service web"


@pytest.mark.parametrize(
    "base", [service(), service(forward="tun"), {"fwmark": 1, "real_servers": [{"host": "rs1"}]}]
)
def test_what_is_null_is_not_given(base: dict[str, Any]) -> None:
    """Each field of a service, of a real server and of a sorry server; weight: null is weight 1."""
    for field in _SERVICE_FIELDS:
        without = {name: value for name, value in base.items() if name != field}
        assert read_cluster({**base, field: None}) == read_cluster(without), field
    sorry = {"address": "10.0.0.9"}
    for field in {*_MEMBER_FIELDS} - {"host"}:
        with_null = {**base, "real_servers": [{"host": "rs1", field: None}]}
        without = {**base, "real_servers": [{"host": "rs1"}]}
        assert read_cluster(with_null) == read_cluster(without), field
    for field in {*_SORRY_SERVER_FIELDS} - {"address"}:
        with_null = {**base, "sorry_server": {**sorry, field: None}}
        assert read_cluster(with_null) == read_cluster({**base, "sorry_server": sorry}), field


def test_members_with_fields_of_their_own() -> None:
    """A server may have a port and a weight of its own, and stand outside the inventory."""
    given = [{"host": "rs1", "port": 8080, "weight": 6}, {"address": "192.168.137.9"}]
    found = only(service(real_servers=given))
    assert servers(found) == [("192.168.137.131", 8080, 6), ("192.168.137.9", 80, 1)]
    assert [member.name for member in found.members] == ["rs1", "192.168.137.9"]


def test_forwarding_of_members() -> None:
    """The service says it for all; a member's own goes before; one by NAT takes no tunnel's."""
    given = [
        {"host": "rs1", "tunnel_type": "gre"},
        {"host": "rs2", "forward": "nat"},
        {"address": "192.168.137.9", "forward": None},
    ]
    gue = {"forward": "tun", "tunnel_type": "ipip", "tunnel_checksum": "none"}
    found = only(service(real_servers=given, **gue))
    assert found.forwarding == RealServer("", 0, "tun", tunnel_type="ipip")
    assert [member.server.forward for member in found.members] == ["tun", "nat", "tun"]
    assert [member.server.tunnel_type for member in found.members] == ["gre", "ipip", "ipip"]


def test_a_member_by_tunnel_takes_the_tunnel_of_the_service() -> None:
    """Also where the service itself forwards otherwise."""
    given = [{"host": "rs1", "forward": "tun"}, {"host": "rs2"}]
    found = only(service(tunnel_type="gue", tunnel_port=6080, real_servers=given))
    tun, nat = (member.server for member in found.members)
    assert (tun.tunnel_type, tun.tunnel_port) == ("gue", 6080)
    assert nat.forward == "nat"


@pytest.mark.parametrize(
    ("address", "changed", "hosts", "rip"),
    [
        (VIP, {}, DUAL, "192.168.137.131"),
        ("fd00::100", {}, DUAL, "fd00:137::131"),
        ("fd00::100", {}, {"rs1": {"lvs_rip": "fd00:137::131"}}, "fd00:137::131"),
        # A tunnel may lead to an address of the other family.
        ("fd00::100", {"forward": "tun"}, {}, "192.168.137.131"),
        (VIP, {"forward": "tun"}, {"rs1": {"lvs_rip": "fd00:137::131"}}, "fd00:137::131"),
    ],
)
def test_address_of_a_host(address: str, changed: Any, hosts: Any, rip: str) -> None:
    """The one of the service's family."""
    one = [{"host": "rs1"}]
    found = only(service(address=address, real_servers=one, **changed), **hosts)
    assert found.members[0].server.address == rip


def test_all_ports() -> None:
    """A service of port 0 takes every one of its protocol."""
    found = only(service(port=0, persistent_timeout=60, protocol="udp"))
    assert found.claims == [(VIP, MarkedPorts("udp", 0, 65535))]


def test_mark() -> None:
    """It takes its addresses' ports, all of them where none is named."""
    found = only({**SHOP, "ports": [80, "81-90"], "real_servers": []})
    assert found.service.key == (10, "ipv4")
    assert [(address, str(ports)) for address, ports in found.claims] == [
        ("10.0.0.100", "80"),
        ("10.0.0.100", "81-90"),
    ]
    assert only(SHOP).ports == ALL_PORTS
    without = only({"fwmark": 10, "real_servers": [{"host": "rs1", "port": 80}]})
    assert without.addresses == ()
    assert servers(without) == [("192.168.137.131", 80, 1)]


def test_one_service_a_family() -> None:
    """Each with its own addresses, servers and name; a host may be a server of both."""
    given = [{"host": "rs1"}, {"address": "10.0.0.1"}, {"address": "fd00::1"}]
    addresses = ["10.0.0.100", "fd00:10::100", "10.0.0.101"]
    shop = {**SHOP, "forward": "nat", "addresses": addresses, "real_servers": given}
    first, second = cluster(shop, **DUAL).services
    assert first.name == "service shop (IPv4)"
    assert first.service.key == (10, "ipv4")
    assert first.addresses == ("10.0.0.100", "10.0.0.101")
    assert [member.server.address for member in first.members] == ["192.168.137.131", "10.0.0.1"]
    assert second.name == "service shop (IPv6)"
    assert second.service.key == (10, "ipv6")
    assert second.addresses == ("fd00:10::100",)
    assert [member.server.address for member in second.members] == ["fd00:137::131", "fd00::1"]


@pytest.mark.parametrize(
    ("changed", "family"),
    [
        ({}, "ipv4"),
        ({"addresses": ["fd00::1"]}, "ipv6"),
        ({"family": "ipv4"}, "ipv4"),
        ({"addresses": None}, "ipv4"),
        ({"addresses": None, "family": "ipv6"}, "ipv6"),
    ],
)
def test_mark_that_stays_one_service(changed: dict[str, Any], family: str) -> None:
    """Under its own name."""
    found = only({**SHOP, **changed})
    assert (found.name, found.service.family) == ("service shop", family)


# ---- who answers where no real server is left ----------------------------------------------------
@pytest.mark.parametrize(
    ("changed", "server"),
    [
        # What the director answers is given to it as it came, whatever the service's way.
        ({"sorry_server": {"address": "127.0.0.1"}}, RealServer("127.0.0.1", 80, "dr")),
        (
            {"address": "fd00::100", "sorry_server": {"address": "::1"}},
            RealServer("::1", 80, "dr"),
        ),
        (
            {"sorry_server": {"host": "rs2", "port": 8080}},
            RealServer("192.168.137.130", 8080, "nat"),
        ),
        ({"sorry_server": {"address": "192.168.137.9"}}, RealServer("192.168.137.9", 80, "nat")),
    ],
)
def test_sorry_server(changed: dict[str, Any], server: RealServer) -> None:
    """Port and way are the service's, except for the director itself."""
    found = only(service(real_servers=[], **changed))
    assert found.sorry_server is not None
    assert found.sorry_server.server == server
    assert found.served_by == (found.sorry_server,)


@pytest.mark.parametrize("given", [None, ""])
def test_no_sorry_server(given: Any) -> None:
    """A service need not have one."""
    assert only(service(sorry_server=given)).sorry_server is None


@pytest.mark.parametrize(
    ("given", "addresses"),
    [
        ({"address": "127.0.0.1"}, ["127.0.0.1", "::1"]),
        ({"address": "fd00::1"}, [None, "fd00::1"]),
        ({"host": "rs1"}, ["192.168.137.131", "fd00:137::131"]),
    ],
)
def test_sorry_server_of_both_families(given: Any, addresses: list[Any]) -> None:
    """The director itself serves both; another address is of one family, and a host of both."""
    both = {**SHOP, "addresses": ["10.0.0.100", "fd00:10::100"], "sorry_server": given}
    found = [one.sorry_server for one in cluster(both, **DUAL).services]
    assert [one and one.server.address for one in found] == addresses


# ---- what is told --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changed", "field", "value", "why"),
    [
        ({"address": "192.168.0.300"}, "address", "192.168.0.300", "is not an IPv4 or IPv6 addre"),
        ({"address": "224.0.0.5"}, "address", "224.0.0.5", "is a multicast address"),
        ({"address": None}, "address", None, "is not given, and no fwmark either"),
        ({"address": "0.0.0.0"}, "address", "0.0.0.0", "stands for no host"),
        ({"address": f"{VIP}\n"}, "address", f"{VIP}\n", "has white space around it"),
        ({"address": ""}, "address", "", "is not an IPv4 or IPv6 address"),
        ({"port": ""}, "port", "", "is not a whole number"),
        ({"port": "80\n"}, "port", "80\n", "is not a whole number"),
        ({"protocol": ""}, "protocol", "", "is not known"),
        ({"port": 70000}, "port", 70000, "is out of range"),
        ({"port": "http"}, "port", "http", "is not a whole number"),
        ({"port": None}, "port", None, f"is not given for {VIP}"),
        ({"port": 0}, "port", 0, "(all ports) needs persistence"),
        ({"protocol": "icmp"}, "protocol", "icmp", "is not known"),
        ({"scheduler": "rrr"}, "scheduler", "rrr", "is not known"),
        ({"scheduler_flags": ["sh-port"]}, "scheduler_flags", "sh-port", "does not belong to"),
        ({"one_packet": True}, "one_packet", True, "would break tcp"),
        ({"fwmark": 10}, "address", VIP, "cannot name a service together with fwmark 10"),
        ({"family": "ipv6"}, "family", "ipv6", f"does not fit the address {VIP}"),
        ({"forward": "dnat"}, "forward", "dnat", "is not known"),
        ({"tunnel_port": 70000, "forward": "tun"}, "tunnel_port", 70000, "is out of range"),
        ({"persistent_netmask": "255.0.255.0"}, "persistent_netmask", "255.0.255.0", "is not an"),
        (
            {"address": "fd00::1", "persistent_timeout": 60, "persistent_netmask": "255.0.0.0"},
            "persistent_netmask",
            "255.0.0.0",
            "does not fit an IPv6 service",
        ),
        ({"addresses": ["10.0.0.300"]}, "addresses", "10.0.0.300", "is not an IPv4 or IPv6 addr"),
        ({"ports": [0]}, "ports", 0, "is not a port, a range of ports"),
    ],
)
def test_service_that_cannot_be_read(
    changed: dict[str, Any], field: str, value: Any, why: str
) -> None:
    """It is told under the name that the user wrote, and left out; the others stay."""
    found, (problem,) = read_cluster(service(**changed), service(name="other", port=81))
    assert (problem.item, problem.field, problem.value) == ("service web", field, value)
    assert problem.why.startswith(why)
    assert problem.advice
    assert [one.name for one in found.services] == ["service other"]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"sheduler": "rr"}, ("service web", "sheduler", None, "is not a field of it")),
        (
            {"addresses": [VIP]},
            ("service web", "addresses", [VIP], "is for a firewall mark"),
        ),
        ({"ports": [80]}, ("service web", "ports", [80], "is for a firewall mark")),
        (
            {"address": None, "port": None, "fwmark": 5, "ports": [80]},
            ("service web", "ports", [80], "has no addresses to go with"),
        ),
        ({"check": "http"}, ("service web", "check", "http", "is not a mapping")),
        ({"check": {"type": "htp"}}, ("service web", "check.type", "htp", "is not known")),
        ({"check": {"port": 0}}, ("service web", "check.port", 0, "is out of range")),
        (
            {"real_servers": "rs1"},
            ("service web", "real_servers", "rs1", "is not a list"),
        ),
        (
            {"sorry_server": "127.0.0.1"},
            ("service web", "sorry_server", "127.0.0.1", "is not a mapping"),
        ),
    ],
)
def test_part_that_cannot_be_read(changed: dict[str, Any], problem: tuple[Any, ...]) -> None:
    """The service stays, so that whatever else is wrong with it is told, too."""
    found, (told,) = read_cluster(service(**changed))
    assert told[:4] == problem
    assert told.advice
    assert [one.name for one in found.services] == ["service web"]


@pytest.mark.parametrize(
    ("member", "problem"),
    [
        ("rs1", ("real server 1 of service web", "", "rs1", "is not a mapping")),
        (
            {},
            ("real server 1 of service web", "", None, "it needs host or address, one of the two"),
        ),
        (
            {"host": "rs1", "address": "192.168.137.131"},
            ("real server 1 of service web", "", None, "it needs host or address, one of the two"),
        ),
        ({"host": "rs9"}, ("real server rs9 of service web", "host", "rs9", "is not in the inve")),
        (
            {"host": "rs1", "weight": -1},
            ("real server rs1 of service web", "weight", -1, "is out of range"),
        ),
        (
            {"host": "rs1", "forward": "dnat"},
            ("real server rs1 of service web", "forward", "dnat", "is not known"),
        ),
        (
            {"host": "rs1", "upper_threshold": 1, "lower_threshold": 2},
            ("real server rs1 of service web", "lower_threshold", 2, "is above upper_threshold 1"),
        ),
        (
            {"host": "rs1", "forward": "dr", "port": 8080},
            ("real server rs1 of service web", "port", 8080, "differs from the service's, which f"),
        ),
        (
            {"host": "rs1", "forward": "tun", "port": 8080},
            ("real server rs1 of service web", "port", 8080, "differs from the service's, which f"),
        ),
        (
            {"host": "rs1", "forward": "tun", "tunnel_type": "gue"},
            ("real server rs1 of service web", "tunnel_type", "gue", "has no tunnel_port"),
        ),
        (
            {"address": "fd00::1"},
            (
                "real server 1 of service web",
                "address",
                "fd00::1",
                "is IPv6 and the service is IPv",
            ),
        ),
        (
            {"address": "224.0.0.5"},
            ("real server 1 of service web", "address", "224.0.0.5", "is a multicast address"),
        ),
    ],
)
def test_member_that_cannot_be_read(member: Any, problem: tuple[Any, ...]) -> None:
    """It is left out, and the service keeps the others."""
    found, (told,) = read_cluster(service(real_servers=[member, {"host": "rs2"}]))
    assert told[:3] == problem[:3]
    assert told.why.startswith(problem[3])
    assert told.advice
    assert [one.host for one in found.services[0].members] == ["rs2"]


def test_field_of_a_member_that_there_is_not() -> None:
    """The member stays."""
    found, (told,) = read_cluster(service(real_servers=[{"host": "rs1", "wieght": 1}]))
    assert told[:2] == ("real server 1 of service web", "wieght")
    assert told.advice == "use weight"
    assert [one.host for one in found.services[0].members] == ["rs1"]


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"lvs_rip": "224.0.0.5"}, ("host rs1", "lvs_rip", "224.0.0.5", "is a multicast address")),
        ({"lvs_rip": "rs1.example"}, ("host rs1", "lvs_rip", "rs1.example", "is not an IPv4 or I")),
        ({"lvs_rip": None}, ("host rs1", "lvs_rip", None, "is not given")),
    ],
)
def test_address_of_a_host_that_cannot_be_read(variables: Any, problem: tuple[Any, ...]) -> None:
    """It is the variable that is named, once for all services of the host."""
    described = [service(), service(name="more", port=81)]
    found, (told,) = read_cluster(*described, rs1=variables)
    assert told[:3] == problem[:3]
    assert told.why.startswith(problem[3])
    assert [[one.host for one in each.members] for each in found.services] == [["rs2"], ["rs2"]]


def test_address_of_the_other_family() -> None:
    """The variable of the family is named, and only where the way needs it."""
    one = [{"host": "rs1"}]
    _found, (told,) = read_cluster(service(address="fd00::100", real_servers=one, forward="dr"))
    assert told == Problem(
        "host rs1",
        "lvs_rip6",
        None,
        "is not given, and service web is IPv6",
        "give the host's address of that family",
    )
    shop = {**SHOP, "addresses": [VIP, "fd00::100"], "forward": "dr", "real_servers": one}
    _found, (told,) = read_cluster(shop)
    assert told.why == "is not given, and service shop (IPv6) is IPv6"


def test_address_of_the_other_family_that_cannot_be_read() -> None:
    """What is wrong is told; that it is missing, too, would be none."""
    described = service(address="fd00::100", real_servers=[{"host": "rs1"}])
    _found, (told,) = read_cluster(described, rs1={"lvs_rip6": "192.168.137.7"})
    assert told[:4] == ("host rs1", "lvs_rip6", "192.168.137.7", "is not an IPv6 address")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"address": "127.0.0.1", "forward": "nat"},
            (
                "sorry server of service web",
                "forward",
                "nat",
                "leads nowhere from 127.0.0.1, which",
            ),
        ),
        (
            {"address": "127.0.0.1", "port": 8080},
            ("sorry server of service web", "port", 8080, "differs from the service's, which"),
        ),
        (
            {"address": "127.0.0.1", "weight": 1},
            ("sorry server of service web", "weight", None, "is not a field of it"),
        ),
        (
            {"address": "::1"},
            ("sorry server of service web", "address", "::1", "is IPv6 and the service is IPv4"),
        ),
        (
            {"host": "rs2", "wieght": 1},
            ("sorry server of service web", "wieght", None, "is not a field of it"),
        ),
        ({"host": "rs9"}, ("sorry server rs9 of service web", "host", "rs9", "is not in the inv")),
        ({"port": 80}, ("sorry server of service web", "", None, "it needs host or address, one")),
    ],
)
def test_sorry_server_that_cannot_be_read(given: Any, problem: tuple[Any, ...]) -> None:
    """Each is told once, and with a fix."""
    _found, (told,) = read_cluster(service(sorry_server=given))
    assert told[:3] == problem[:3]
    assert told.why.startswith(problem[3])
    assert told.advice


@pytest.mark.parametrize("services", [None, "web", {"web": {}}])
def test_description_that_is_no_list(services: Any) -> None:
    """Whatever it is, it is told and not raised; the hosts are read all the same."""
    found, (problem,) = read(services, hostvars(), Groups(GROUPS))
    assert problem[:4] == ("", "lvs_virtual_services", services, "is not a list")
    assert found.services == ()
    assert set(found.hosts) == {"director", "rs1", "rs2"}


def test_service_that_is_no_mapping() -> None:
    """It has a number for its name."""
    _found, (problem,) = read_cluster(service(), "web")
    assert problem[:3] == ("service 2 of lvs_virtual_services", "", "web")


def test_everything_is_told_at_once() -> None:
    """Of a check as well, though the service has no port that it could ask."""
    wrong = service(port=70000, check={"failures": 0}, sheduler="rr")
    _found, problems = read_cluster(wrong, service(name="more", real_servers=[{}, {"host": "a"}]))
    assert [(problem.item, problem.field) for problem in problems] == [
        ("service web", "sheduler"),
        ("service web", "port"),
        ("service web", "check.failures"),
        ("real server 1 of service more", ""),
        ("real server a of service more", "host"),
    ]
