"""The host loses one method without harm to the other; then it has NAT, as in the kernel's test."""

from __future__ import annotations

from typing import Any

from nodes import Site, fetch
from testinfra.host import Host

VIP = "207.175.44.110"


def test_without_tunnels(
    site: Site, client: Host, rs1: Host, services: list[dict[str, Any]]
) -> None:
    """Direct routing goes on, and ARP still keeps quiet."""
    site(services[0], everywhere=True)
    assert fetch(client, f"{VIP}:8080", 2) == ["rs1", "rs1"]
    assert VIP not in rs1.check_output("ip -o address show dev tunl0")
    assert rs1.sysctl("net.ipv4.conf.all.arp_ignore") == 1


def test_without_direct_routing(
    site: Site, client: Host, rs1: Host, services: list[dict[str, Any]]
) -> None:
    """The other one alone."""
    site(services[1], everywhere=True)
    assert fetch(client, VIP, 2) == ["rs1", "rs1"]
    assert VIP not in rs1.check_output("ip -o address show dev lo")
    assert rs1.sysctl("net.ipv4.conf.all.arp_ignore") == 1


def test_nat_and_others_at_once(site: Site, services: list[dict[str, Any]]) -> None:
    """The director is the gateway then, and drops what comes from its own address: refused."""
    done = site({**services[0], "forward": "nat"}, services[1], everywhere=True, check=False)
    assert done.returncode != 0
    assert "service direct forwards to it by nat, which makes the director its gateway" in (
        " ".join(done.stdout.split())
    )


def test_nat(site: Site, client: Host, rs1: Host, services: list[dict[str, Any]]) -> None:
    """With the leg in the clients' network down, as in the kernel's test."""
    rs1.check_output("ip link set eth2 down")
    site({**services[0], "forward": "nat"}, everywhere=True)
    assert fetch(client, f"{VIP}:8080", 2) == ["rs1", "rs1"]
    assert rs1.sysctl("net.ipv4.conf.all.arp_ignore") == 0
    assert VIP not in rs1.check_output("ip -o address show")
    rs1.check_output("ip link set eth2 up")
