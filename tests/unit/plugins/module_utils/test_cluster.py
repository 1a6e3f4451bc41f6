# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the description to what each host needs, and what cannot work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _cluster
from ansible_collections.lvs.cluster.plugins.module_utils._cluster import Cluster, Interface

VIP = "192.168.0.111"
DIP = "192.168.137.129"
GROUPS = {"directors": ["director"], "real_servers": ["rs1", "rs2"], "clients": ["client"]}


def facts(**interfaces: list[str]) -> dict[str, Any]:
    """Network facts as setup gathers them."""
    found: dict[str, Any] = {"interfaces": ["lo", *interfaces]}
    for name, addresses in interfaces.items():
        fact: dict[str, Any] = {"device": name}
        for text in addresses:
            address, prefix = text.split("/")
            if ":" in address:
                fact.setdefault("ipv6", []).append(
                    {"address": address, "prefix": prefix, "scope": "global"}
                )
                continue
            netmask = ".".join(
                str((0xFFFFFFFF << (32 - int(prefix)) >> shift) & 0xFF) for shift in (24, 16, 8, 0)
            )
            entry = {"address": address, "netmask": netmask}
            if "ipv4" in fact:
                fact.setdefault("ipv4_secondaries", []).append(entry)
            else:
                fact["ipv4"] = entry
        found[name] = fact
    return found


def hostvars(**changed: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The hosts of inventory nat, some variables changed."""
    hosts: dict[str, dict[str, Any]] = {
        "client": {},
        "director": {
            "lvs_dip": DIP,
            "ansible_facts": facts(eth1=[f"{VIP}/24"], eth2=[f"{DIP}/24"]),
        },
        "rs1": {
            "lvs_rip": "192.168.137.131",
            "ansible_facts": facts(eth1=["192.168.137.131/24"]),
        },
        "rs2": {
            "lvs_rip": "192.168.137.130",
            "ansible_facts": facts(eth1=["192.168.137.130/24"]),
        },
    }
    for name, variables in changed.items():
        hosts[name] = {**hosts.get(name, {}), **variables}
    return hosts


def service(**changed: Any) -> dict[str, Any]:
    """The service of inventory nat, some fields changed."""
    return {
        "name": "web",
        "address": VIP,
        "port": 80,
        "scheduler": "rr",
        "forward": "nat",
        "real_servers": [{"host": "rs1"}, {"host": "rs2"}],
        **changed,
    }


def cluster(*services: Any, groups: Mapping[str, Any] = GROUPS, **hosts: Any) -> Cluster:
    """A cluster of these services, or of the one of inventory nat."""
    return _cluster.cluster_of_inventory(list(services) or [service()], hostvars(**hosts), groups)


# ---- what is derived --------------------------------------------------------------------------


def test_interfaces_of_facts() -> None:
    """Addresses come with prefix length; lo and link-local addresses do not count."""
    found = facts(eth1=["192.0.2.1/24", "192.0.2.9/32", "2001:db8::1/64"])
    found["eth1"]["ipv6"].append({"address": "fe80::1", "prefix": "64", "scope": "link"})
    found["interfaces"].append("br-a")
    found["br_a"] = {"device": "br-a"}
    assert _cluster.interfaces_of_facts(found) == (
        Interface("eth1", ("192.0.2.1/24", "192.0.2.9/32", "2001:db8::1/64")),
        Interface("br-a"),
    )


def test_table_has_every_field() -> None:
    """What the description does not say is at its default, so that it goes back to it."""
    (entry,) = _cluster.ipvs_services(cluster())
    assert entry["virtual_address"] == VIP
    assert entry["virtual_port"] == 80
    assert entry["protocol"] == "tcp"
    assert entry["scheduler"] == "rr"
    assert entry["persistent_timeout"] == 0
    assert "family" not in entry
    assert entry["real_servers"] == [
        {
            "address": rip,
            "port": 80,
            "forward": "nat",
            "weight": 1,
            "upper_threshold": 0,
            "lower_threshold": 0,
        }
        for rip in ("192.168.137.131", "192.168.137.130")
    ]


def test_table_of_real_server_fields() -> None:
    """A server may have a port and a weight of its own, and stand outside the inventory."""
    servers = [{"host": "rs1", "port": 8080, "weight": 6}, {"address": "192.168.137.9"}]
    (entry,) = _cluster.ipvs_services(cluster(service(real_servers=servers)))
    assert [(s["address"], s["port"], s["weight"]) for s in entry["real_servers"]] == [
        ("192.168.137.131", 8080, 6),
        ("192.168.137.9", 80, 1),
    ]


def test_fwmark_service() -> None:
    """A service by mark has no address, and so no virtual address to bring up."""
    marked = {"fwmark": 10, "scheduler": "rr", "real_servers": [{"host": "rs1", "port": 80}]}
    (entry,) = _cluster.ipvs_services(cluster(marked))
    assert (entry["fwmark"], entry["family"]) == (10, "ipv4")
    assert _cluster.virtual_addresses(cluster(marked), "director") == []


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"virtual_address": VIP, "virtual_port": 80, "protocol": "tcp"}, f"-t {VIP}:80"),
        ({"virtual_address": VIP, "virtual_port": 53, "protocol": "udp"}, f"-u {VIP}:53"),
        (
            {"virtual_address": "2001:db8::1", "virtual_port": 80, "protocol": "sctp"},
            "--sctp-service [2001:db8::1]:80",
        ),
        ({"fwmark": 10, "family": "ipv4"}, "-f 10"),
        ({"fwmark": 10, "family": "ipv6"}, "-f 10 -6"),
    ],
)
def test_forgotten_services(entry: dict[str, Any], text: str) -> None:
    """What an earlier run wrote down is read back as the same key, unless it is still declared."""
    assert _cluster.key_arguments(entry) == text
    assert _cluster.forgotten_services([text, ""], []) == [entry]
    assert _cluster.forgotten_services([text], [entry]) == []


def test_vip_that_the_host_has() -> None:
    """An address that is there keeps its interface and prefix length."""
    assert _cluster.virtual_addresses(cluster(), "director") == [
        {"address": VIP, "prefix": 24, "interface": "eth1"}
    ]


def test_vip_goes_where_its_network_is() -> None:
    """A new address is a single host's, on the link of its network."""
    found = _cluster.virtual_addresses(
        cluster(service(address="192.168.0.200"), service(address="192.168.0.200", port=81)),
        "director",
    )
    assert found == [{"address": "192.168.0.200", "prefix": 32, "interface": "eth1"}]


def test_vip_on_a_named_interface() -> None:
    """Host variables name interface and prefix length where no network tells."""
    plan = cluster(
        service(address="172.16.1.143"),
        director={"director_vip_interface": "eth3", "director_vip_prefix": 16},
    )
    assert _cluster.virtual_addresses(plan, "director") == [
        {"address": "172.16.1.143", "prefix": 16, "interface": "eth3"}
    ]
    assert _cluster.masquerading(plan, "director")["interfaces"] == ["eth3"]


def test_masquerading() -> None:
    """The real servers' network, out of the public interface only."""
    assert _cluster.masquerading(cluster(), "director") == {
        "networks": ["192.168.137.0/24"],
        "interfaces": ["eth1"],
    }


def test_no_masquerading_on_one_link() -> None:
    """With all of it on one link, no interface is public."""
    one = facts(eth1=[f"{DIP}/24"])
    plan = cluster(service(address="192.168.137.100"), director={"ansible_facts": one})
    assert _cluster.masquerading(plan, "director")["interfaces"] == []


def test_roles_and_gateway() -> None:
    """A host gets the role of the services that name it, and nothing without one."""
    plan = cluster(service(real_servers=[{"host": "rs1"}]))
    assert _cluster.real_server_roles(plan, "rs1") == ["nat_real_server"]
    assert _cluster.real_server_roles(plan, "rs2") == []
    assert _cluster.nat_gateway(plan) == DIP
    assert _cluster.link_to(plan, "rs1", DIP) == "eth1"
    assert _cluster.schedulers(cluster(service(), service(port=81, scheduler=None))) == [
        "rr",
        "wlc",
    ]


# ---- what cannot work -------------------------------------------------------------------------


def test_nothing_wrong() -> None:
    """The inventory is good, with facts and, as under --limit, without."""
    assert _cluster.preflight(cluster()) == []
    without = {name: {"ansible_facts": {}} for name in ("director", "rs1", "rs2")}
    assert _cluster.preflight(cluster(**without)) == []
    assert _cluster.preflight(_cluster.cluster_of_inventory([], hostvars(), GROUPS)) == []


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
            {"forward": "tun", "real_servers": [{"host": "rs1"}]},
            "forward tun needs a role that this release does not have; use nat",
        ),
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
    problems = [p for p in _cluster.preflight(cluster(service(**changed))) if told in p]
    assert len(problems) == 1
    assert "web" in problems[0]
    assert ";" in problems[0]
    assert problems[0].endswith(".")


@pytest.mark.parametrize(
    ("hosts", "told"),
    [
        ({"director": {"lvs_dip": None}}, "host director: lvs_dip None is not an address"),
        ({"director": {"lvs_dip": "192.168.137.1"}}, "is on none of its interfaces"),
        ({"director": {"director_manager": "keepalived"}}, "director_manager 'keepalived'"),
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
    problems = [p for p in _cluster.preflight(cluster(**hosts)) if told in p]
    assert len(problems) == 1
    assert ";" in problems[0]


def test_built_in_kernel_is_not_asked_for_modules() -> None:
    """Where IPVS is built in there is no list of schedulers, and nothing to complain of."""
    built_in = {"director_kernel_ipvs": {"stdout_lines": ["IP Virtual Server"]}}
    assert _cluster.preflight(cluster(director=built_in)) == []


def test_two_services_of_one_key() -> None:
    """The second names the first."""
    (problem,) = _cluster.preflight(cluster(service(), service(name="again")))
    assert problem.startswith(f"service again: tcp {VIP}:80 is already the key of service web;")


def test_two_directors_need_a_named_gateway() -> None:
    """A real server has one gateway."""
    second = {
        "lvs_dip": "192.168.137.128",
        "ansible_facts": facts(eth1=["192.168.0.112/24"], eth2=["192.168.137.128/24"]),
    }
    groups = {**GROUPS, "directors": ["director", "second"]}
    told = _cluster.preflight(cluster(groups=groups, second=second))
    assert len(told) == 1
    assert "name it in nat_real_server_gateway" in told[0]
    chosen = {name: {"nat_real_server_gateway": DIP} for name in ("rs1", "rs2")}
    assert _cluster.preflight(cluster(groups=groups, second=second, **chosen)) == []


@pytest.mark.parametrize("services", [None, "web", {"web": {}}])
def test_description_that_is_no_list(services: Any) -> None:
    """Whatever it is, it is told and not raised."""
    plan = _cluster.cluster_of_inventory(services, hostvars(), GROUPS)
    (problem,) = _cluster.preflight(plan)
    assert "is not a list" in problem


def test_no_director() -> None:
    """A cluster needs one."""
    (problem,) = _cluster.preflight(cluster(groups={"real_servers": ["rs1", "rs2"]}))
    assert problem.startswith("group directors: it has no host")


# ---- how requests are spread ------------------------------------------------------------------


def pages(**counts: int) -> list[str]:
    """So many pages of each server."""
    return [f"{name}\n" for name, count in counts.items() for _ in range(count)]


@pytest.mark.parametrize(
    ("scheduler", "weights", "at_least", "count"),
    [
        ("rr", (1, 1), 5, 6),
        ("wrr", (2, 6), 8, 8),
        ("wrr", (2, 6), 5, 8),
        ("wrr", (1, 2), 8, 9),
        ("rr", (1, 0), 5, 5),
        ("lc", (1, 1), 1, 2),
    ],
)
def test_web_requests(scheduler: str, weights: tuple[int, int], at_least: int, count: int) -> None:
    """Whole turns; a server of weight 0 has no turn."""
    servers = [{"host": f"rs{n}", "weight": w} for n, w in enumerate(weights, 1)]
    plan = cluster(service(scheduler=scheduler, real_servers=servers))
    assert _cluster.web_requests(plan, at_least) == [
        {"name": "service web", "url": f"http://{VIP}:80/", "count": count}
    ]


def test_web_requests_ask_http_only() -> None:
    """Port or check tell what speaks HTTP."""
    plan = cluster(
        service(port=22),
        service(port=8443, check={"type": "https", "path": "/ok"}),
        service(address="2001:db8::1", real_servers=[{"address": "2001:db8::2"}]),
    )
    assert [asked["url"] for asked in _cluster.web_requests(plan, 1)] == [
        f"https://{VIP}:8443/ok",
        "http://[2001:db8::1]:80/",
    ]


@pytest.mark.parametrize(
    ("changed", "counts", "wrong"),
    [
        ({}, {"rs1": 4, "rs2": 4}, ""),
        ({}, {"rs1": 3, "rs2": 5}, ""),
        ({}, {"rs1": 2, "rs2": 6}, "rs1 2, rs2 6 answered, where rr promises rs1 4, rs2 4"),
        ({}, {"rs1": 8}, "rs1 8 answered"),
        ({"scheduler": "lc"}, {"rs1": 7, "rs2": 1}, ""),
        ({"scheduler": "sh"}, {"rs1": 8}, ""),
        ({"scheduler": "sh"}, {"rs1": 7, "rs2": 1}, "2 servers answered, where one alone should"),
        ({"scheduler": "sh", "scheduler_flags": ["sh-port"]}, {"rs1": 7, "rs2": 1}, ""),
        ({"persistent_timeout": 60}, {"rs1": 4, "rs2": 4}, "2 servers answered"),
    ],
)
def test_spread(changed: dict[str, Any], counts: dict[str, int], wrong: str) -> None:
    """Answers beside what scheduler and weights promise."""
    asked = service(**changed)
    found = _cluster.spread(cluster(asked), asked, pages(**counts))
    assert dict(found.answers) == counts
    if wrong:
        assert len(found.problems) == 1
        assert wrong in found.problems[0]
    else:
        assert found.problems == ()


def test_spread_by_weight() -> None:
    """6:2, and the report says so."""
    asked = service(
        scheduler="wrr",
        real_servers=[{"host": "rs1", "weight": 2}, {"host": "rs2", "weight": 6}],
    )
    found = _cluster.spread(cluster(asked), asked, pages(rs1=2, rs2=6))
    assert found.problems == ()
    assert found.lines() == [
        "service web: wrr, 2:6",
        "  rs1: 2 answers, promised 2",
        "  rs2: 6 answers, promised 6",
    ]
    assert _cluster.spread(cluster(asked), asked, pages(rs1=4, rs2=4)).problems


def test_spread_without_an_answer() -> None:
    """A request that failed is told."""
    asked = service()
    (problem,) = _cluster.spread(cluster(asked), asked, [*pages(rs1=2, rs2=1), None]).problems
    assert problem.startswith("service web: 1 of 4 requests had no answer")


def test_page_names_its_server() -> None:
    """By name or address, as a word of its own; else the page's first line stands for it."""
    plan, asked = cluster(), service()
    assert _cluster.server_of_answer(plan, asked, "hello,192.168.137.130\n") == "rs2"
    assert _cluster.server_of_answer(plan, asked, "This is rs1.\n") == "rs1"
    assert _cluster.server_of_answer(plan, asked, "rs11\nmore") == "rs11"
    found = _cluster.spread(plan, asked, ["one", "two", "one", "two"])
    assert found.problems == ()
    assert _cluster.spread(plan, asked, ["one"] * 4).problems
