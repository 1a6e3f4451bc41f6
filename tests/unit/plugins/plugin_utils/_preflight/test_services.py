# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of services and their real servers beside the hosts that there are."""

from __future__ import annotations

from typing import Any

import pytest
from described import DIP, NOTHING_TOLD, VIP, problems, service

MARKED: dict[str, Any] = {
    "name": "shop",
    "fwmark": 10,
    "addresses": [VIP],
    "ports": [80, 443],
    "forward": "dr",
    "real_servers": [{"host": "rs1"}],
}
CHECKED: Any = {"director_manager": "ldirectord"}
NETWORKS = "(192.168.0.0/24, 192.168.137.0/24)"


@pytest.mark.parametrize(
    ("changed", "item", "field", "value", "why"),
    [
        (
            {"address": "10.1.1.1"},
            "service web",
            "address",
            "10.1.1.1",
            f"is on no network of director {NETWORKS}",
        ),
        (
            {"address": "192.168.0.0"},
            "service web",
            "address",
            "192.168.0.0",
            "is that of the network itself, 192.168.0.0/24 of director",
        ),
        (
            {"address": "192.168.0.255"},
            "service web",
            "address",
            "192.168.0.255",
            "is the broadcast address of the network, 192.168.0.0/24 of director",
        ),
        (
            {"sorry_server": {"address": "127.0.0.1"}},
            "service web",
            "sorry_server",
            "127.0.0.1",
            "needs a health checker, and director_manager static has none",
        ),
        (
            {"real_servers": [{"host": "rs1"}, {"host": "rs1"}]},
            "real server rs1 of service web",
            "",
            None,
            "192.168.137.131 port 80 is named twice",
        ),
        (
            {"real_servers": [{"address": VIP}], "forward": "dr"},
            f"real server {VIP} of service web",
            "address",
            VIP,
            "is the virtual address itself",
        ),
        (
            {"real_servers": [{"address": "192.168.137.255"}]},
            "real server 192.168.137.255 of service web",
            "address",
            "192.168.137.255",
            "is a broadcast address of director, which its kernel refuses",
        ),
        (
            {"protocol": "udp", "one_packet": True, "real_servers": [{"host": "rs1"}]},
            "real server rs1 of service web",
            "forward",
            "nat",
            "does not go with one_packet: nothing translates the real server's answers",
        ),
        (
            {"real_servers": [{"address": DIP}]},
            f"real server {DIP} of service web",
            "address",
            DIP,
            "is lvs_dip of director",
        ),
        (
            {"real_servers": [{"address": "10.9.9.9"}]},
            "real server 10.9.9.9 of service web",
            "address",
            "10.9.9.9",
            f"is not in the network of lvs_dip {DIP} of director (192.168.137.0/24), so that its",
        ),
        (
            {"forward": "dr", "real_servers": [{"address": "10.9.9.9"}]},
            "real server 10.9.9.9 of service web",
            "address",
            "10.9.9.9",
            f"is on no link of director {NETWORKS}, and forward dr reaches no further",
        ),
    ],
)
def test_service_that_cannot_work(
    changed: dict[str, Any], item: str, field: str, value: Any, why: str
) -> None:
    """Each is told once, with what the user wrote, and with a fix."""
    (told,) = problems(service(**changed))
    assert (told.item, told.field, told.value) == (item, field, value)
    assert told.why.startswith(why)
    assert told.advice


@pytest.mark.parametrize(
    ("hosts", "forward", "field", "address"),
    [
        (
            {"rs1": {"lvs_rip": "10.9.9.9", "__preflight_host": NOTHING_TOLD}},
            "nat",
            "lvs_rip",
            "10.9.9.9",
        ),
        (
            {"rs1": {"lvs_rip": "10.9.9.9", "__preflight_host": NOTHING_TOLD}},
            "dr",
            "lvs_rip",
            "10.9.9.9",
        ),
        ({"rs1": {"lvs_rip": DIP, "__preflight_host": NOTHING_TOLD}}, "nat", "lvs_rip", DIP),
    ],
)
def test_address_of_a_host_that_cannot_work(
    hosts: Any, forward: str, field: str, address: str
) -> None:
    """It is the variable of the host that is named."""
    one = service(forward=forward, real_servers=[{"host": "rs1"}])
    (told,) = problems(one, **hosts)
    assert told[:3] == ("real server rs1 of service web", field, address)


def test_host_outside_the_group() -> None:
    """It may have all that it needs, but not be in the group."""
    known = {"lvs_rip": "192.168.137.9"}
    (told,) = problems(service(real_servers=[{"host": "client"}]), client=known)
    assert told[:3] == ("real server client of service web", "host", "client")
    assert told.why == "is not in the group real_servers"
    assert told.advice == "add it there"


def test_ipv6_address_on_no_link() -> None:
    """By direct routing, of which lvs_rip6 is the variable."""
    six = service(address="fd00::100", forward="dr", real_servers=[{"host": "rs1"}])
    on_lo = {"director_vip_interface": "lo"}
    (told,) = problems(
        six, director=on_lo, rs1={"lvs_rip6": "fd00:9::1", "__preflight_host": NOTHING_TOLD}
    )
    assert told[:3] == ("real server rs1 of service web", "lvs_rip6", "fd00:9::1")


@pytest.mark.parametrize(
    ("sorry_server", "item", "field", "why"),
    [
        (
            {"host": "rs1"},
            "sorry server rs1 of service web",
            "",
            "192.168.137.131 port 80 is named twice",
        ),
        (
            {"address": "10.9.9.9"},
            "sorry server 10.9.9.9 of service web",
            "address",
            "is not in the network of lvs_dip",
        ),
    ],
)
def test_sorry_server_that_cannot_work(
    sorry_server: dict[str, Any], item: str, field: str, why: str
) -> None:
    """Each is told once, and with a fix."""
    described = service(real_servers=[{"host": "rs1"}], sorry_server=sorry_server)
    (told,) = problems(described, director=CHECKED)
    assert (told.item, told.field) == (item, field)
    assert told.why.startswith(why)
    assert told.advice


def test_sorry_server_that_is_the_director() -> None:
    """It is on no network of real servers, and needs none."""
    local = service(sorry_server={"address": "127.0.0.1"})
    assert problems(local, director=CHECKED) == []


@pytest.mark.parametrize(
    ("changed", "item", "field", "value", "why"),
    [
        (
            {"addresses": None, "ports": None},
            "real server rs1 of service shop",
            "forward",
            "dr",
            "needs the virtual addresses, and the service has only fwmark 10",
        ),
        (
            {"addresses": ["10.1.1.1"]},
            "service shop",
            "addresses",
            "10.1.1.1",
            f"is on no network of director {NETWORKS}",
        ),
    ],
)
def test_mark_that_cannot_work(
    changed: dict[str, Any], item: str, field: str, value: Any, why: str
) -> None:
    """By the names that a mark's service has."""
    plan = {**MARKED, **changed, "real_servers": [{"host": "rs1"}]}
    told = [one for one in problems(plan) if one.item == item]
    assert [(one.field, one.value, one.why) for one in told] == [(field, value, why)]
    assert told[0].advice


@pytest.mark.parametrize(
    "files", [["ip_vs.ko", "ip_vs_wrr.ko"], ["ip_vs", "ip_vs_wrr"], ["ip_vs", "ip_vs_wrr.ko"]]
)
def test_scheduler_that_the_kernel_does_not_have(files: list[str]) -> None:
    """Where the kernel names what it has, as files or built in, there is a list of schedulers."""
    modules = {"__preflight_host": {"kernel_ipvs": files}}
    (told,) = problems(director=modules)
    assert told[:4] == ("service web", "scheduler", "rr", "is not in the kernel of director")
    assert problems(service(scheduler="wrr"), director=modules) == []


def test_built_in_kernel_is_not_asked_for_modules() -> None:
    """Where IPVS is built in there is no list of schedulers, and nothing to complain of."""
    built_in = {"__preflight_host": {"kernel_ipvs": ["IP Virtual Server"]}}
    assert problems(director=built_in) == []


def test_two_services_of_one_key() -> None:
    """The second names the first."""
    (told,) = problems(service(), service(name="again"))
    assert str(told).startswith(
        f"service again: tcp {VIP}:80 is already the key of service web; leave out one of the two"
    )


def test_two_services_of_one_key_and_one_name() -> None:
    """Nor may a service stand twice in the description."""
    named, key = problems(service(name="a"), service(name="a"))
    assert str(named) == (
        "service a: name 'a' is that of another service; give one of them another."
    )
    assert "is already the key of service a" in key.why


def test_port_of_a_server() -> None:
    """Nobody answers at 0, where the service takes one port."""
    none = [{"host": "rs1", "port": 0}]
    (told,) = problems(service(real_servers=none))
    assert told[:3] == ("real server rs1 of service web", "port", 0)
    assert problems(service(port=0, persistent_timeout=60, real_servers=none)) == []


def test_addresses_on_lo() -> None:
    """For an IPv4 address the host has to answer ARP there; an IPv6 one is routed to it."""
    away = service(address="10.0.0.100", forward="dr")
    on_lo = {"director_vip_interface": "lo"}
    assert problems(away, director=on_lo) == []
    quiet = {**on_lo, "__preflight_host": {"arp_ignoring": ["all"]}}
    (told,) = problems(away, director=quiet)
    assert told[:3] == ("service web", "address", "10.0.0.100")
    assert "because net.ipv4.conf.all.arp_ignore is not 0" in told.why
    assert told.advice.startswith("set it to 0 there, or name another interface")
    six = service(address="fd00:10::100", forward="tun")
    assert problems(six, director=quiet) == []
