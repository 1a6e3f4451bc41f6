"""The cluster of inventory debian12: each way to forward, with that distribution's own packages."""

from __future__ import annotations

import pytest
from nodes import Capture, fetch, until
from testinfra.host import Host

DIP, VIP = "10.0.0.1", "207.175.44.110"


def test_hosts_are_debian_12(client: Host, director: Host, rs1: Host, rs2: Host) -> None:
    """All of them."""
    for host in (client, director, rs1, rs2):
        assert (host.system_info.distribution, host.system_info.codename) == ("debian", "bookworm")


def test_packages_are_the_distributions_own(director: Host, rs1: Host, rs2: Host) -> None:
    """pyroute2 among them, which does not say its version there."""
    for host in (director, rs1, rs2):
        assert host.check_output("dpkg-query --show python3-pyroute2").split()[1] == "0.7.2-2"
        assert host.check_output("python3 -c 'import pyroute2; print(pyroute2.__version__)'") == (
            "unknown"
        )
    assert director.package("ipvsadm").version.startswith("1:1.31")


@pytest.mark.parametrize(("url", "server"), [(DIP, "rs1"), (f"{VIP}:8080", "rs2"), (VIP, "rs2")])
def test_client_is_served(client: Host, url: str, server: str) -> None:
    """By NAT, directly, and by a tunnel."""
    assert fetch(client, url, 3) == [server] * 3


@pytest.mark.parametrize(
    ("url", "kind"),
    [(DIP, "dst 172.16.0.2 and tcp"), (f"{VIP}:8080", f"dst {VIP}"), (VIP, "proto 4")],
)
def test_packets_go_the_way_of_the_method(
    client: Host, director: Host, url: str, kind: str
) -> None:
    """With another destination, as they are, and inside others."""
    with Capture(director, f"ip and {kind}") as capture:
        fetch(client, url, 1)
        until("the request is captured", capture.lines)


def test_rules(director: Host) -> None:
    """What ipvsadm -Sn says."""
    assert sorted(director.check_output("ipvsadm -Sn").splitlines()) == [
        f"-A -t {DIP}:80 -s rr",
        f"-A -t {VIP}:80 -s rr",
        f"-A -t {VIP}:8080 -s rr",
        f"-a -t {DIP}:80 -r 172.16.0.2:80 -m -w 1",
        f"-a -t {VIP}:80 -r 172.16.0.3:80 -i -w 1 --tun-type ipip",
        f"-a -t {VIP}:8080 -r 172.16.0.3:8080 -g -w 1",
    ]


def test_real_servers_have_what_their_method_asks_for(rs1: Host, rs2: Host) -> None:
    """A gateway; the address on lo and on the tunnel's device, and ARP that keeps quiet."""
    assert rs1.check_output("ip route show default").split()[:3] == ["default", "via", "172.16.0.1"]
    for device in ("lo", "tunl0"):
        assert f"inet {VIP}/32 " in rs2.check_output(f"ip -o address show dev {device}")
    assert rs2.sysctl("net.ipv4.conf.all.arp_ignore") == 1


def test_units_are_up_and_start_at_boot(director: Host, rs1: Host, rs2: Host) -> None:
    """And nothing has failed."""
    units = [
        (director, "lvs-director"),
        (rs1, "lvs-nat-real-server"),
        (rs2, "lvs-dr-real-server"),
        (rs2, "lvs-tun-real-server"),
    ]
    for host, name in units:
        unit = host.service(name)
        assert (unit.is_running, unit.is_enabled) == (True, True), name
        assert host.check_output("systemctl list-units --failed --quiet --plain") == ""
