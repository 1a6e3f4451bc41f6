# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.from_ipvsadm import parse_rules
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    parse_services,
    table_of,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.drained import Line, drain
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster, Host
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.director import (
    cluster_lines,
    floating_addresses,
    forgotten_services,
    forwarding_families,
    ipvs_rules,
    ipvs_services,
    key_arguments,
    mark_rules,
    schedulers,
    server_addresses,
    service_keys,
    setting_lines,
    sorry_servers,
    untracked_rules,
    virtual_addresses,
)
from described import DIP, VIP, announcing, cluster, host_info, service

SHOP: dict[str, Any] = {"name": "shop", "fwmark": 10, "addresses": ["10.0.0.100"]}


def on_director(found: Cluster) -> tuple[Cluster, Host]:
    """The cluster, and its director."""
    return found, found.hosts["director"]


def test_table_has_every_field() -> None:
    """What the description does not say is at its default, so that it goes back to it."""
    (entry,) = ipvs_services(cluster())
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
    (entry,) = ipvs_services(cluster(service(real_servers=servers)))
    assert [(s["address"], s["port"], s["weight"]) for s in entry["real_servers"]] == [
        ("192.168.137.131", 8080, 6),
        ("192.168.137.9", 80, 1),
    ]


EVERYTHING: list[dict[str, Any]] = [
    service(
        scheduler="sh",
        scheduler_flags=["sh-port", "sh-fallback"],
        persistent_timeout=300,
        persistent_netmask="255.255.255.0",
        real_servers=[{"host": "rs1", "upper_threshold": 9, "lower_threshold": 3}, {"host": "rs2"}],
    ),
    service(
        address="fd00::1",
        scheduler="mh",
        scheduler_flags=["mh-fallback"],
        persistent_timeout=60,
        persistent_netmask="64",
        forward="tun",
        real_servers=[
            {"address": "fd00::2", "tunnel_type": "gue", "tunnel_port": 6080},
            {"address": "10.0.0.9", "tunnel_type": "gre", "tunnel_checksum": "csum"},
            {"address": "10.0.0.8", "weight": 0},
        ],
    ),
    {
        "fwmark": 2**32 - 1,
        "family": "ipv6",
        "scheduler": "rr",
        "persistent_timeout": 9,
        "persistence_engine": "sip",
        "forward": "dr",
        "real_servers": [{"address": "fd00::3", "port": 8080}],
    },
    service(port=53, protocol="udp", forward="dr", one_packet=True),
    service(port=54, protocol="sctp", real_servers=[]),
]


@pytest.mark.parametrize("number", range(len(EVERYTHING)))
def test_rules_say_all_that_the_services_say(number: int) -> None:
    """The table of the rules is that of the services."""
    found = cluster(EVERYTHING[number])
    rules = parse_rules(ipvs_rules(found))
    services = parse_services(ipvs_services(found))
    assert table_of(rules) == table_of(services)
    # A threshold of 0 is said, so that it takes the place of another.
    assert all(
        "-x " in rule and "-y " in rule for rule in ipvs_rules(found).splitlines() if "-r " in rule
    )


def test_rules_of_a_director_without_services() -> None:
    """There are none; that is no mistake."""
    assert ipvs_rules(Cluster()) == ""


def test_fwmark_service() -> None:
    """A service by mark has no address, and so no virtual address to bring up."""
    marked = {"fwmark": 10, "scheduler": "rr", "real_servers": [{"host": "rs1", "port": 80}]}
    (entry,) = ipvs_services(cluster(marked))
    assert (entry["fwmark"], entry["family"]) == (10, "ipv4")
    assert virtual_addresses(*on_director(cluster(marked))) == []


def test_sorry_servers() -> None:
    """Beside the services, in their order; they are not among the real servers."""
    found = cluster(service(sorry_server={"address": "127.0.0.1"}), service(port=81))
    first, second = sorry_servers(found)
    assert first is not None
    assert (first["address"], first["port"], first["forward"]) == ("127.0.0.1", 80, "dr")
    assert second is None
    assert [len(entry["real_servers"]) for entry in ipvs_services(found)] == [2, 2]


@pytest.mark.parametrize(
    ("described", "key", "text", "options"),
    [
        (
            service(),
            ("tcp", VIP, 80),
            f"-t {VIP}:80",
            {"virtual_address": VIP, "virtual_port": 80, "protocol": "tcp"},
        ),
        (
            service(protocol="udp", port=53),
            ("udp", VIP, 53),
            f"-u {VIP}:53",
            {"virtual_address": VIP, "virtual_port": 53, "protocol": "udp"},
        ),
        (
            service(address="2001:db8::1", protocol="sctp", real_servers=[]),
            ("sctp", "2001:db8::1", 80),
            "--sctp-service [2001:db8::1]:80",
            {"virtual_address": "2001:db8::1", "virtual_port": 80, "protocol": "sctp"},
        ),
        ({"fwmark": 10}, (10, "ipv4"), "-f 10", {"fwmark": 10, "family": "ipv4"}),
        (
            {"fwmark": 10, "family": "ipv6"},
            (10, "ipv6"),
            "-f 10 -6",
            {"fwmark": 10, "family": "ipv6"},
        ),
    ],
)
def test_forgotten_services(
    described: dict[str, Any], key: ServiceKey, text: str, options: dict[str, Any]
) -> None:
    """What an earlier run wrote down is read back as the same key, unless it is still declared."""
    assert key_arguments(key) == text
    assert forgotten_services([text, "", "# a comment"], []) == [options]
    assert forgotten_services([text], service_keys(*on_director(cluster(described)))) == []


def test_vip_that_the_host_has() -> None:
    """An address that is there keeps its interface and prefix length."""
    assert virtual_addresses(*on_director(cluster())) == [
        {"address": VIP, "prefix": 24, "interface": "eth1"}
    ]


def test_vip_goes_where_its_network_is() -> None:
    """A new address is a single host's, on the link of its network."""
    two = cluster(service(address="192.168.0.200"), service(address="192.168.0.200", port=81))
    assert virtual_addresses(*on_director(two)) == [
        {"address": "192.168.0.200", "prefix": 32, "interface": "eth1"}
    ]


def test_vip_on_a_named_interface() -> None:
    """Host variables name interface and prefix length where no network tells."""
    plan = cluster(
        service(address="172.16.1.143"),
        director={"director_vip_interface": "eth3", "director_vip_prefix": 16},
    )
    assert virtual_addresses(*on_director(plan)) == [
        {"address": "172.16.1.143", "prefix": 16, "interface": "eth3"}
    ]


def test_vip_of_each_family() -> None:
    """A prefix length is that of one family."""
    plan = cluster(
        service(address="172.16.1.143"),
        service(address="2001:db8::1", name="six", real_servers=[]),
        director={
            "director_vip_interface": "eth3",
            "director_vip_prefix": 24,
            "director_vip_prefix6": 64,
        },
    )
    assert virtual_addresses(*on_director(plan)) == [
        {"address": "172.16.1.143", "prefix": 24, "interface": "eth3"},
        {"address": "2001:db8::1", "prefix": 64, "interface": "eth3"},
    ]


def test_vip_goes_to_the_longest_prefix() -> None:
    """Where networks overlap it is the one that the kernel would take, wherever it stands."""
    networks = host_info(eth1=["10.0.0.1/8"], eth2=["10.1.2.1/24"], eth3=["10.1.0.1/16"])
    plan = cluster(
        service(address="10.1.2.200"),
        director={"lvs_dip": "10.0.0.1", "__preflight_host": networks},
    )
    assert virtual_addresses(*on_director(plan)) == [
        {"address": "10.1.2.200", "prefix": 32, "interface": "eth2"}
    ]


def test_vip_that_no_network_has() -> None:
    """It has nowhere to go, and an IPv6 address is one of 128 bits."""
    far = cluster(service(address="2001:db8::1", forward="tun"))
    assert virtual_addresses(*on_director(far)) == [
        {"address": "2001:db8::1", "prefix": 128, "interface": ""}
    ]


def test_floating_addresses() -> None:
    """The gateway of NAT goes with the virtual addresses."""
    both = cluster(service(), service(port=81))
    assert floating_addresses(*on_director(both)) == [VIP, DIP]
    assert floating_addresses(*on_director(cluster(service(forward="dr")))) == [VIP]
    without = cluster(director={"lvs_dip": None})
    assert floating_addresses(*on_director(without)) == [VIP]


def test_forwarding_is_for_nat() -> None:
    """With direct routing the director forwards nothing."""
    plan = cluster(service(address="192.168.137.100", forward="dr"))
    assert forwarding_families(plan) == []
    assert forwarding_families(cluster()) == ["ipv4"]


REDIRECTS = ["net/ipv4/conf/eth2/send_redirects 0", "net/ipv4/conf/all/send_redirects 0"]


@pytest.mark.parametrize(
    ("described", "settings"),
    [
        (service(), []),
        (service(address="192.168.137.100"), REDIRECTS),
        (service(address="192.168.137.100", forward="dr"), []),
        # Not to be known by what a request comes.
        ({"fwmark": 1, "real_servers": [{"host": "rs1", "port": 80}]}, REDIRECTS),
        (service(address="10.0.0.100"), REDIRECTS),
    ],
)
def test_no_redirects_on_one_link(described: dict[str, Any], settings: list[str]) -> None:
    """Where requests come in and go out by one interface real servers keep their gateway."""
    hosts = {"director": {"director_vip_interface": "lo"}}
    plan = cluster(described, **(hosts if described.get("address") == "10.0.0.100" else {}))
    found = setting_lines(*on_director(plan), {})
    assert [line for line in found if "redirects" in line] == settings


def test_redirects_of_ipv6() -> None:
    """There is no such setting."""
    own = host_info(eth2=["fd00::1/64"])
    six = service(address="fd00::100", real_servers=[{"address": "fd00::9"}])
    plan = cluster(six, director={"__preflight_host": own, "lvs_dip": "fd00::1"})
    assert setting_lines(*on_director(plan), {}) == ["net/ipv6/conf/all/forwarding 1"]


def test_settings_of_directors_that_serve_at_once() -> None:
    """By themselves; what the inventory names goes before them."""
    own = {"conntrack": 0, "sync_refresh_period": 30}
    found = setting_lines(announcing(), announcing().hosts["d1"], own)
    assert [line.removeprefix("net/ipv4/vs/") for line in found] == [
        "conn_reuse_mode 1",
        "conntrack 0",
        "expire_nodest_conn 1",
        "expire_quiescent_template 1",
        "schedule_icmp 1",
        "sloppy_sctp 1",
        "sloppy_tcp 1",
        "sync_refresh_period 30",
        "sync_retries 1",
        "sync_threshold 0 0",
    ]


def test_forwarding_to_a_sorry_server() -> None:
    """One behind NAT needs it as a real server does; the director itself does not."""
    alone = {"real_servers": [], "sorry_server": {"host": "rs2"}}
    assert forwarding_families(cluster(service(**alone))) == ["ipv4"]
    local = service(real_servers=[], sorry_server={"address": "127.0.0.1"})
    assert forwarding_families(cluster(local)) == []


def test_schedulers() -> None:
    """Each once, the kernel's default among them."""
    plan = cluster(service(), service(port=81, scheduler=None))
    assert schedulers(*on_director(plan)) == ["rr", "wlc"]


def test_marks_of_checks() -> None:
    """They are ours where keepalived makes them, and have a scheduler."""
    way = {"type": "http", "clients_way": True}
    direct = service(forward="dr", scheduler="wlc", real_servers=[{"host": "rs1"}], check=way)
    plan, host = on_director(cluster(direct, director={"director_manager": "keepalived"}))
    assert service_keys(plan, host) == [f"-t {VIP}:80", "-f 1281645646"]
    assert schedulers(plan, host) == ["rr", "wlc"]
    static = replace(host, manager="static")
    assert service_keys(plan, static) == [f"-t {VIP}:80"]
    assert schedulers(plan, static) == ["wlc"]
    assert forgotten_services(["-f 1281645646"], service_keys(plan, host)) == []
    assert forgotten_services(["-f 1281645646"], service_keys(plan, static)) == [
        {"fwmark": 1281645646, "family": "ipv4"}
    ]


def test_mark_rules() -> None:
    """One for each protocol; addresses and ports together; ports that touch are one range."""
    ports = [443, 80, "21/tcp", "20", "10000-10100", "10050-10200/tcp", "53/udp"]
    both = [*SHOP["addresses"], "10.0.0.101", "10.0.0.100"]
    assert mark_rules(cluster({**SHOP, "addresses": both, "ports": ports})) == [
        "ip daddr { 10.0.0.100, 10.0.0.101 } tcp dport { 20-21, 80, 443, 10000-10200 }"
        " meta mark set 10",
        "ip daddr { 10.0.0.100, 10.0.0.101 } udp dport { 53 } meta mark set 10",
    ]


def test_untracked_rules() -> None:
    """Of services whose answers the director does not see; each with its ports."""
    marked = {**SHOP, "forward": "dr", "ports": ["443"]}
    ranged = service(address="fd00::100", port=0, forward="tun", persistent_timeout=30)
    assert untracked_rules(cluster(service(), marked, ranged)) == [
        "ip daddr { 10.0.0.100 } tcp dport { 443 } notrack",
        "ip6 daddr { fd00::100 } tcp dport { 0-65535 } notrack",
    ]
    assert untracked_rules(cluster({"fwmark": 10, "scheduler": "rr", "forward": "dr"})) == []


def test_mark_rules_without_ports() -> None:
    """Every port of the protocols that IPVS balances."""
    assert mark_rules(cluster({**SHOP, "addresses": ["FD00:10::0100"]})) == [
        "ip6 daddr { fd00:10::100 } meta l4proto { tcp, udp, sctp } meta mark set 10"
    ]


def test_nothing_to_mark() -> None:
    """A service by address, and one whose packets somebody else marks."""
    assert mark_rules(cluster(service(), {"fwmark": 10})) == []


@pytest.mark.parametrize(("name", "first"), [("", []), ("shop", ["shop"])])
def test_what_a_cluster_is_known_by(name: str, first: list[str]) -> None:
    """Its name, and each real server once."""
    found, host = on_director(cluster(service(), service(name="tls", port=443)))
    assert cluster_lines(found, replace(host, cluster=name)) == [
        *first,
        "192.168.137.130",
        "192.168.137.131",
    ]


def test_drained_servers() -> None:
    """The rules are what a boot restores, too."""
    described = cluster(service(real_servers=[{"host": "rs1", "weight": 6}, {"host": "rs2"}]))
    since = "2026-11-28T05:00:00Z"
    quiet = drain(described, [Line("rs1", "drained", since)])
    weights = [one.split("-w ")[1].split()[0] for one in ipvs_rules(quiet).splitlines()[1:]]
    assert weights == ["0", "1"]
    assert [one["weight"] for one in ipvs_services(quiet)[0]["real_servers"]] == [0, 1]
    gone = drain(described, [Line("rs1", "cut", since)])
    assert "192.168.137.131" not in ipvs_rules(gone)
    assert len(ipvs_services(gone)[0]["real_servers"]) == 1
    assert server_addresses(gone) == server_addresses(described)
