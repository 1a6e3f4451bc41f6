"""The cluster of inventory tun: packets reach the real servers inside others."""

from __future__ import annotations

import pytest
from nodes import (
    Capture,
    answerers,
    ask,
    fetch,
    hardware_address,
    sent_back,
    taken_in,
    until,
)
from testinfra.host import Host

VIP, VIP6 = "192.168.137.100", "fd00:137::100"
RS1, RS2 = "192.168.138.131", "192.168.138.130"


@pytest.mark.parametrize("url", [VIP, f"[{VIP6}]"])
def test_answers_alternate(client: Host, url: str) -> None:
    """Round robin over both, by IPv4 and by IPv6."""
    assert fetch(client, url, 6) in (["rs2", "rs1"] * 3, ["rs1", "rs2"] * 3)


def test_udp(client: Host) -> None:
    """A datagram each; the answer comes from the virtual address."""
    assert ask(client, VIP, 4) in (["rs2", "rs1"] * 2, ["rs1", "rs2"] * 2)


def test_rules(director: Host) -> None:
    """What ipvsadm -Sn says."""
    assert sorted(director.check_output("ipvsadm -Sn").splitlines()) == [
        f"-A -t {VIP}:80 -s rr",
        f"-A -t [{VIP6}]:80 -s rr",
        f"-A -u {VIP}:5300 -s rr",
        f"-a -t {VIP}:80 -r {RS2}:80 -i -w 1 --tun-type ipip",
        f"-a -t {VIP}:80 -r {RS1}:80 -i -w 1 --tun-type ipip",
        f"-a -t [{VIP6}]:80 -r [fd00:138::130]:80 -i -w 1 --tun-type ipip",
        f"-a -t [{VIP6}]:80 -r [fd00:138::131]:80 -i -w 1 --tun-type ipip",
        f"-a -u {VIP}:5300 -r {RS2}:5300 -i -w 1 --tun-type ipip",
        f"-a -u {VIP}:5300 -r {RS1}:5300 -i -w 1 --tun-type ipip",
    ]


def test_requests_come_inside_others(client: Host, director: Host, router: Host) -> None:
    """IP in IP on the way to the real server; the answer passes the director by."""
    before = taken_in(director)
    with Capture(director, "") as at_director, Capture(router, "proto 4 or ip6 proto 41") as seen:
        fetch(client, VIP, 2)
        fetch(client, f"[{VIP6}]", 2)
        until("both are captured", lambda: f"> {VIP6}.80" in " ".join(seen.lines()))
    packets = " ".join(seen.lines())
    assert f"192.168.137.132 > {RS1}" in packets
    assert "fd00:137::132 > fd00:138::13" in packets
    assert "192.168.0.109." in packets
    answers = " ".join(at_director.lines())
    assert f"{VIP}.80 >" not in answers
    assert f"{VIP6}.80 >" not in answers
    until("the kernel has added up", lambda: taken_in(director) >= before + 4)
    assert sent_back(director) == 0


@pytest.mark.parametrize("address", [VIP, VIP6])
def test_the_director_alone_has_the_address(router: Host, director: Host, address: str) -> None:
    """On its link; and nobody has it on that of the real servers."""
    assert answerers(router, "eth2", address) == {hardware_address(director, "eth1")}
    assert answerers(router, "eth3", address) == set()


def test_real_servers(rs1: Host, rs2: Host) -> None:
    """The addresses are on the tunnels' devices, and ARP keeps quiet about them."""
    for server in (rs1, rs2):
        assert f"inet {VIP}/32 " in server.check_output("ip -o address show dev tunl0")
        assert f"inet6 {VIP6}/128 " in server.check_output("ip -o address show dev ip6tnl0")
        assert server.sysctl("net.ipv4.conf.all.arp_ignore") == 1
        assert server.sysctl("net.ipv4.conf.all.arp_announce") == 2
        unit = server.service("lvs-tun-real-server")
        assert unit.is_running
        assert unit.is_enabled
        assert server.check_output("systemctl list-units --failed --quiet --plain") == ""
