"""What cannot work is told before anything is touched."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import (
    inventory as _cluster_inventory,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import (
    cluster as _preflight_cluster,
)
from described import DIP, GROUPS, VIP, cluster, facts, hostvars, service


def test_nothing_wrong() -> None:
    """The inventory is good, with facts and, as under --limit, without."""
    assert _preflight_cluster.preflight(cluster()) == []
    without: dict[str, Any] = {name: {"ansible_facts": {}} for name in ("director", "rs1", "rs2")}
    assert _preflight_cluster.preflight(cluster(**without)) == []
    assert (
        _preflight_cluster.preflight(
            _cluster_inventory.cluster_of_inventory([], hostvars(), GROUPS)
        )
        == []
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"address": "192.168.0.300"}, "service web: address '192.168.0.300' is not an IPv4"),
        ({"port": 70000}, "port 70000 is out of range; give one from 0 to 65535"),
        ({"scheduler": "rrr"}, "service web: scheduler 'rrr' is not known"),
        ({"port": 0}, "service web: port 0 (all ports) needs persistence"),
        ({"one_packet": True}, "one_packet true would break tcp"),
        ({"fwmark": 10}, "fwmark 10 and address"),
        ({"sheduler": "rr"}, "service web: sheduler is not a field of it"),
        ({"forward": "dnat"}, "forward 'dnat' is not known; use one of nat, dr, tun"),
        ({"persistent_netmask": "255.0.255.0"}, "is not an IPv4 netmask"),
        ({"sorry_server": {"address": "127.0.0.1"}}, "needs a health checker"),
        ({"sorry_server": "127.0.0.1"}, "sorry_server '127.0.0.1' is not a mapping; give"),
        ({"check": {"type": "htp"}}, "service web: check.type 'htp' is not known; use one of"),
        ({"check": {"port": 0}}, "service web: check.port 0 is out of range; give a number"),
        ({"real_servers": "rs1"}, "real_servers 'rs1' is not a list"),
        ({"real_servers": ["rs1"]}, "'rs1' is not a mapping; give host: and its name"),
        ({"real_servers": [{"host": "rs9"}]}, "host rs9 is not in the inventory"),
        ({"real_servers": [{"host": "client"}]}, "host client is not in the group real_servers"),
        ({"real_servers": [{}]}, "it needs host or address, one of the two"),
        ({"real_servers": [{"host": "rs1", "weight": -1}]}, "weight -1 is out of range"),
        ({"real_servers": [{"host": "rs1", "wieght": 1}]}, "wieght is not a field of it"),
        ({"real_servers": [{"host": "rs1"}, {"host": "rs1"}]}, "port 80 is named twice"),
        ({"real_servers": [{"address": VIP}]}, "is the virtual address itself"),
        ({"real_servers": [{"address": DIP}]}, "is lvs_dip of director"),
        (
            {"real_servers": [{"address": "10.9.9.9"}]},
            f"is not in the network of lvs_dip {DIP} of director (192.168.137.0/24)",
        ),
        (
            {"real_servers": [{"host": "rs1", "upper_threshold": 1, "lower_threshold": 2}]},
            "lower_threshold 2 is above upper_threshold 1",
        ),
        (
            {"forward": "dr", "real_servers": [{"host": "rs1", "port": 8080}]},
            "port 8080 differs from the service's, which forward dr cannot change",
        ),
        (
            {"forward": "tun", "real_servers": [{"host": "rs1", "port": 8080}]},
            "port 8080 differs from the service's, which forward tun cannot change",
        ),
        (
            {"forward": "dr", "real_servers": [{"address": "10.9.9.9"}]},
            "its address 10.9.9.9 is on no link of director (192.168.0.0/24, 192.168.137.0/24)",
        ),
        (
            {"address": "fd00::100", "forward": "dr", "real_servers": [{"host": "rs1"}]},
            "host rs1: lvs_rip6 is not given, and service web is IPv6; give",
        ),
        (
            {"forward": "tun", "tunnel_type": "gue", "real_servers": [{"host": "rs1"}]},
            "tunnel_type gue has no tunnel_port",
        ),
        ({"addresses": [VIP]}, "service web: addresses ['192.168.0.111'] is for a firewall mark;"),
        ({"ports": [80]}, "service web: ports [80] is for a firewall mark; give fwmark"),
        (
            {"address": "2001:db8::1", "persistent_timeout": 60, "persistent_netmask": "255.0.0.0"},
            "does not fit an IPv6 service",
        ),
        (
            {"address": "10.1.1.1"},
            "address 10.1.1.1 is on no network of director (192.168.0.0/24, 192.168.137.0/24)",
        ),
    ],
)
def test_service_that_cannot_work(changed: dict[str, Any], told: str) -> None:
    """Each is told once, with the service's name, and with a mend."""
    problems = [p for p in _preflight_cluster.preflight(cluster(service(**changed))) if told in p]
    assert len(problems) == 1
    assert "web" in problems[0]
    assert ";" in problems[0]
    assert problems[0].endswith(".")


@pytest.mark.parametrize(
    ("sorry_server", "told"),
    [
        ({"address": "127.0.0.1", "forward": "nat"}, "forward nat leads nowhere from 127.0.0.1,"),
        ({"address": "127.0.0.1", "port": 8080}, "port 8080 differs from the service's, which"),
        ({"address": "127.0.0.1", "weight": 1}, "weight is not a field of it; use one of host,"),
        ({"address": "::1"}, "address ::1 is IPv6 and the service is IPv4, which forward dr"),
        ({"host": "rs2", "wieght": 1}, "sorry server of service web: wieght is not a field of it"),
        ({"host": "rs1"}, "sorry server rs1 of service web: 192.168.137.131 port 80 is named twic"),
        ({"host": "rs9"}, "sorry server rs9 of service web: host rs9 is not in the inventory;"),
        ({"port": 80}, "sorry server of service web: it needs host or address, one of the two;"),
        ({"address": "10.9.9.9"}, "its address 10.9.9.9 is not in the network of lvs_dip"),
    ],
)
def test_sorry_server_that_cannot_work(sorry_server: dict[str, Any], told: str) -> None:
    """Each is told once, and with a mend."""
    described = service(real_servers=[{"host": "rs1"}], sorry_server=sorry_server)
    checked: Any = {"director_manager": "ldirectord"}
    problems = [
        p for p in _preflight_cluster.preflight(cluster(described, director=checked)) if told in p
    ]
    assert len(problems) == 1
    assert "service web" in problems[0]
    assert ";" in problems[0]


@pytest.mark.parametrize(
    ("hosts", "told"),
    [
        ({"director": {"lvs_dip": None}}, "host director: lvs_dip None is not an address"),
        ({"director": {"lvs_dip": "192.168.137.1"}}, "is on none of its interfaces"),
        ({"director": {"director_manager": "heartbeat"}}, "director_manager 'heartbeat' is not"),
        ({"director": {"director_vip_interface": "eth9"}}, "eth9 is not an interface of it"),
        ({"director": {"director_vip_prefix": "x"}}, "director_vip_prefix 'x' is not a prefix"),
        ({"rs1": {"lvs_rip": None}}, "host rs1: lvs_rip is not given"),
        ({"rs1": {"lvs_rip": "rs1.example"}}, "lvs_rip 'rs1.example' is not an IPv4"),
        ({"rs1": {"lvs_rip": "192.168.137.7"}}, "host rs1: lvs_rip 192.168.137.7 is on none of"),
        (
            {"rs1": {"nat_real_server_gateway": "192.168.137.254"}},
            "nat_real_server_gateway 192.168.137.254 is not the lvs_dip of a director",
        ),
        (
            {"director": {"director_kernel_ipvs": {"stdout_lines": []}}},
            "host director: its kernel has no IPVS",
        ),
        (
            {"director": {"director_kernel_ipvs": {"stdout_lines": ["ip_vs.ko", "ip_vs_wrr.ko"]}}},
            "service web: scheduler rr is not in the kernel of director",
        ),
    ],
)
def test_host_that_cannot_work(hosts: dict[str, Any], told: str) -> None:
    """Each is told once, and with a mend."""
    problems = [p for p in _preflight_cluster.preflight(cluster(**hosts)) if told in p]
    assert len(problems) == 1
    assert ";" in problems[0]


MARKED: dict[str, Any] = {
    "name": "shop",
    "fwmark": 10,
    "addresses": [VIP],
    "ports": [80, 443],
    "forward": "dr",
    "real_servers": [{"host": "rs1"}],
}


def test_marks_that_can_work() -> None:
    """Beside services whose packets they do not take."""
    every_other = service(port=0, persistent_timeout=60)
    other_mark = {**MARKED, "name": "other", "fwmark": 11, "ports": ["80/udp", 8080]}
    nat = {**MARKED, "forward": "nat"}
    emptying = service(forward="dr", real_servers=[{"host": "rs1", "weight": 0}])
    assert _preflight_cluster.preflight(cluster(MARKED, emptying)) == []
    assert _preflight_cluster.preflight(cluster(MARKED)) == []
    assert _preflight_cluster.preflight(cluster(nat, every_other)) == []
    assert _preflight_cluster.preflight(cluster(MARKED, other_mark)) == []


@pytest.mark.parametrize(
    ("services", "told"),
    [
        ([{**MARKED, "addresses": None}], "shop: ports [80, 443] has no addresses to go with;"),
        (
            [{**MARKED, "addresses": None, "ports": None}],
            "it needs the virtual addresses, and the service has only fwmark 10; give addresses.",
        ),
        ([{**MARKED, "ports": [0]}], "service shop: ports 0 is not a port"),
        ([{**MARKED, "addresses": ["10.1.1.1"]}], "shop: address 10.1.1.1 is on no network of"),
        (
            [{**MARKED, "addresses": [VIP, "fd00::100"], "real_servers": [{"host": "rs1"}]}],
            "host rs1: lvs_rip6 is not given, and service shop (IPv6) is IPv6;",
        ),
        (
            [{**MARKED, "forward": "nat"}, service()],
            f"service web: {VIP} port 80/tcp has fwmark 10 of service shop already, which then",
        ),
        (
            [MARKED, {**MARKED, "name": "more", "fwmark": 11, "ports": ["400-500"]}],
            f"service more: {VIP} port 400-500/tcp has fwmark 10 of service shop already,",
        ),
    ],
)
def test_marks_that_cannot_work(services: list[dict[str, Any]], told: str) -> None:
    """Each is told, with a mend."""
    problems = [p for p in _preflight_cluster.preflight(cluster(*services)) if told in p]
    assert len(problems) == 1
    assert ";" in problems[0]


def test_way_back_through_the_director() -> None:
    """It drops what comes from its own virtual address, so nothing may send it there."""
    direct = service(address="192.168.137.100", forward="dr", real_servers=[{"host": "rs1"}])
    assert _preflight_cluster.preflight(cluster(direct)) == []
    routed = facts(eth1=["192.168.137.131/24"])
    routed["default_ipv4"] = {"gateway": DIP}
    (problem,) = _preflight_cluster.preflight(cluster(direct, rs1={"ansible_facts": routed}))
    assert problem.startswith(f"host rs1: its default gateway {DIP} is director, which drops")
    (problem,) = _preflight_cluster.preflight(cluster(direct, service()))
    assert problem.startswith("host rs1: service web forwards to it by nat, which makes the")


def told_of(managed: dict[str, Any], **changed: Any) -> list[str]:
    """What is told of a service where Ansible is connected to the director so."""
    described = service(**{"port": 0, "persistent_timeout": 30, **changed})
    known = hostvars()["director"]
    known["ansible_facts"].update(managed.pop("ansible_facts", {}))
    return _preflight_cluster.preflight(cluster(described, director={**known, **managed}))


@pytest.mark.parametrize(
    ("managed", "changed", "port"),
    [
        ({"ansible_facts": {"env": {"SSH_CONNECTION": f"192.0.2.1 5 {VIP} 2222"}}}, {}, 2222),
        ({"ansible_host": VIP}, {}, 22),
        ({"ansible_host": VIP, "ansible_port": 2022}, {}, 2022),
        ({"ansible_host": VIP}, {"port": 22}, 22),
    ],
)
def test_port_that_ansible_is_connected_to(
    managed: dict[str, Any], changed: dict[str, Any], port: int
) -> None:
    """By what SSH says on the host, or the inventory."""
    (problem,) = told_of(managed, **changed)
    assert problem.startswith(f"service web: it takes port {port} of {VIP} too, by which Ansible")
    assert "connect to another address of director (ansible_host)" in problem


@pytest.mark.parametrize(
    ("managed", "changed"),
    [
        ({"ansible_facts": {"env": {"SSH_CONNECTION": f"192.0.2.1 5 {DIP} 22"}}}, {}),
        # SSH knows better than the inventory, where an address is translated on the way.
        (
            {
                "ansible_host": VIP,
                "ansible_facts": {"env": {"SSH_CONNECTION": f"192.0.2.1 5 {DIP} 22"}},
            },
            {},
        ),
        ({"ansible_host": DIP}, {}),
        ({"ansible_host": "director.example.org"}, {}),
        ({"ansible_host": VIP, "ansible_connection": "local"}, {}),
        ({"ansible_host": VIP}, {"port": 80}),
        ({"ansible_host": VIP}, {"protocol": "udp"}),
    ],
)
def test_port_that_ansible_is_not_connected_to(
    managed: dict[str, Any], changed: dict[str, Any]
) -> None:
    """Another address, port or protocol, or a connection that is none."""
    assert told_of(managed, **changed) == []


def test_mark_that_takes_the_port_that_ansible_is_connected_to() -> None:
    """All ports of an address, by a mark."""
    marked = service(address=None, port=None, fwmark=1, addresses=[VIP])
    (problem,) = _preflight_cluster.preflight(cluster(marked, director={"ansible_host": VIP}))
    assert "it takes port 22 of" in problem


def test_addresses_on_lo() -> None:
    """For an IPv4 address the host has to answer ARP there; an IPv6 one is routed to it."""
    away = service(address="10.0.0.100", forward="dr")
    on_lo = {"director_vip_interface": "lo"}
    assert _preflight_cluster.preflight(cluster(away, director=on_lo)) == []
    quiet = {
        **on_lo,
        "director_arp_ignoring": {"stdout_lines": ["/proc/sys/net/ipv4/conf/all/arp_ignore"]},
    }
    (problem,) = _preflight_cluster.preflight(cluster(away, director=quiet))
    assert "because net.ipv4.conf.all.arp_ignore is not 0; set it to 0 there" in problem
    six = service(address="fd00:10::100", forward="tun")
    assert _preflight_cluster.preflight(cluster(six, director=quiet)) == []


@pytest.mark.parametrize("given", ["192.168.137.7", "rs1.example"])
def test_bad_ipv6_address_of_a_host(given: str) -> None:
    """A name, or an address of the other family."""
    (problem,) = _preflight_cluster.preflight(cluster(rs1={"lvs_rip6": given}))
    assert problem.startswith(f"host rs1: lvs_rip6 {given!r} is not an IPv6 address; give one")


def test_built_in_kernel_is_not_asked_for_modules() -> None:
    """Where IPVS is built in there is no list of schedulers, and nothing to complain of."""
    built_in = {"director_kernel_ipvs": {"stdout_lines": ["IP Virtual Server"]}}
    assert _preflight_cluster.preflight(cluster(director=built_in)) == []


def test_two_services_of_one_key() -> None:
    """The second names the first."""
    (problem,) = _preflight_cluster.preflight(cluster(service(), service(name="again")))
    assert problem.startswith(f"service again: tcp {VIP}:80 is already the key of service web;")


def test_two_directors_need_a_named_gateway() -> None:
    """A real server has one gateway."""
    second = {
        "lvs_dip": "192.168.137.128",
        "ansible_facts": facts(eth1=["192.168.0.112/24"], eth2=["192.168.137.128/24"]),
    }
    groups = {**GROUPS, "directors": ["director", "second"]}
    told = _preflight_cluster.preflight(cluster(groups=groups, second=second))
    assert len(told) == 1
    assert "name it in nat_real_server_gateway" in told[0]
    chosen = {name: {"nat_real_server_gateway": DIP} for name in ("rs1", "rs2")}
    assert _preflight_cluster.preflight(cluster(groups=groups, second=second, **chosen)) == []


@pytest.mark.parametrize("services", [None, "web", {"web": {}}])
def test_description_that_is_no_list(services: Any) -> None:
    """Whatever it is, it is told and not raised."""
    plan = _cluster_inventory.cluster_of_inventory(services, hostvars(), GROUPS)
    (problem,) = _preflight_cluster.preflight(plan)
    assert "is not a list" in problem


def test_no_director() -> None:
    """A cluster needs one."""
    (problem,) = _preflight_cluster.preflight(cluster(groups={"real_servers": ["rs1", "rs2"]}))
    assert problem.startswith("group directors: it has no host")
