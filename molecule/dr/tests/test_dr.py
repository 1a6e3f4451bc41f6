"""The cluster of inventory dr: real servers answer past the director, and are quiet about it."""

from __future__ import annotations

import pytest
from nodes import (
    Capture,
    answerers,
    ask,
    fetch,
    hardware_address,
    sent_back,
    table,
    taken_in,
    until,
)
from testinfra.host import Host

VIP, VIP6 = "192.168.137.100", "fd00:137::100"
RS1, RS2 = "192.168.137.131", "192.168.137.130"


@pytest.mark.parametrize("url", [VIP, f"[{VIP6}]"])
def test_answers_alternate(client: Host, url: str) -> None:
    """Round robin over both, by IPv4 and by IPv6."""
    assert fetch(client, url, 6) in (["rs2", "rs1"] * 3, ["rs1", "rs2"] * 3)


def test_udp(client: Host) -> None:
    """A datagram each; the answer comes from the virtual address."""
    assert ask(client, VIP, 4) in (["rs2", "rs1"] * 2, ["rs1", "rs2"] * 2)


def test_table(director: Host) -> None:
    """The seed's service is as ipvsadm -Ln shows it there; the others stand beside it."""
    shown = table(director)
    first = shown.index(["TCP", f"{VIP}:80", "rr"])
    assert shown[first + 1 : first + 3] == [
        ["->", f"{RS2}:80", "Route", "1"],
        ["->", f"{RS1}:80", "Route", "1"],
    ]
    assert sorted(director.check_output("ipvsadm -Sn").splitlines()) == [
        f"-A -t {VIP}:80 -s rr",
        f"-A -t [{VIP6}]:80 -s rr",
        f"-A -u {VIP}:5300 -s rr",
        f"-a -t {VIP}:80 -r {RS2}:80 -g -w 1",
        f"-a -t {VIP}:80 -r {RS1}:80 -g -w 1",
        f"-a -t [{VIP6}]:80 -r [fd00:137::130]:80 -g -w 1",
        f"-a -t [{VIP6}]:80 -r [fd00:137::131]:80 -g -w 1",
        f"-a -u {VIP}:5300 -r {RS2}:5300 -g -w 1",
        f"-a -u {VIP}:5300 -r {RS1}:5300 -g -w 1",
    ]


def test_answers_pass_the_director_by(client: Host, director: Host) -> None:
    """Its counters have nothing that went back, and a capture on it no packet either."""
    before = taken_in(director)
    with Capture(director, f"port 80 and (host {VIP} or host {VIP6})") as capture:
        fetch(client, VIP, 2)
        fetch(client, f"[{VIP6}]", 2)
        until("the requests are captured", lambda: f"> {VIP6}.80" in " ".join(capture.lines()))
    seen = " ".join(capture.lines())
    assert f"> {VIP}.80" in seen
    assert f"{VIP}.80 >" not in seen
    assert f"{VIP6}.80 >" not in seen
    until("the kernel has added up", lambda: taken_in(director) >= before + 4)
    assert sent_back(director) == 0


@pytest.mark.parametrize("address", [VIP, VIP6])
def test_the_director_alone_has_the_address(router: Host, director: Host, address: str) -> None:
    """Asked by ARP or neighbour discovery, nobody else answers."""
    assert answerers(router, "eth2", address) == {hardware_address(director, "eth1")}


def test_director_has_the_addresses(director: Host) -> None:
    """On the link's own interface; the IPv6 one is not what its own packets come from."""
    shown = director.check_output("ip -o address show dev eth1")
    assert f"inet {VIP}/32 " in shown
    assert f"inet6 {VIP6}/128 " in shown
    assert VIP6 not in director.check_output("ip -6 route get fd00:137::131")


def test_director_does_not_forward(director: Host) -> None:
    """Direct routing does not need it, so it is as it was."""
    assert director.sysctl("net.ipv4.ip_forward") == 0
    assert director.sysctl("net.ipv6.conf.all.forwarding") == 0


def test_real_servers(rs1: Host, rs2: Host) -> None:
    """The addresses are on lo, each with its host route, and ARP keeps quiet about them."""
    for server in (rs1, rs2):
        shown = server.check_output("ip -o address show dev lo")
        assert f"inet {VIP}/32 " in shown
        assert f"inet6 {VIP6}/128 " in shown
        routes = server.check_output("ip route show table local")
        assert f"local {VIP} dev lo " in routes
        assert f"local {VIP6} dev lo " in server.check_output("ip -6 route show table local")
        for interface in ("all", "lo"):
            assert server.sysctl(f"net.ipv4.conf.{interface}.arp_ignore") == 1
            assert server.sysctl(f"net.ipv4.conf.{interface}.arp_announce") == 2
        unit = server.service("lvs-dr-real-server")
        assert unit.is_running
        assert unit.is_enabled


def test_nothing_failed(director: Host, rs1: Host) -> None:
    """No unit of the host failed."""
    for host in (director, rs1):
        assert host.check_output("systemctl list-units --failed --quiet --plain") == ""
