"""Another encapsulation while the cluster runs; strict paths; and back to how it was."""

from __future__ import annotations

from typing import Any

import pytest
from nodes import Capture, Download, Site, ask, established, fetch, until
from testinfra.host import Host

VIP, VIP6 = "192.168.137.100", "fd00:137::100"
UNIT = "lvs-tun-real-server"
TUNNELS: dict[str, dict[str, Any]] = {
    "gue": {"tunnel_type": "gue", "tunnel_port": 6080, "tunnel_checksum": "remcsum"},
    "gre": {"tunnel_type": "gre"},
}


def test_stop_gives_everything_back(client: Host, rs1: Host) -> None:
    """Addresses, devices, routes and settings are as they were before the role first ran."""
    rs1.check_output(f"systemctl stop {UNIT}")
    assert rs1.check_output("lab-snapshot") == rs1.check_output("cat /root/lab-snapshot")
    rs1.check_output(f"systemctl start {UNIT}")
    assert sorted(fetch(client, VIP, 2)) == ["rs1", "rs2"]
    assert sorted(fetch(client, f"[{VIP6}]", 2)) == ["rs1", "rs2"]


def test_strict_paths(client: Host, rs1: Host) -> None:
    """Where the host asks for the way back (rp_filter 1), the tunnel's device alone is settled."""
    rs1.check_output(f"systemctl stop {UNIT}")
    rs1.check_output("sysctl -w net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.eth1.rp_filter=1")
    rs1.check_output("sysctl -w net.ipv4.conf.tunl0.rp_filter=0")
    rs1.check_output(f"systemctl start {UNIT}")
    assert rs1.sysctl("net.ipv4.conf.tunl0.rp_filter") == 2
    assert rs1.sysctl("net.ipv4.conf.all.rp_filter") == 1
    assert rs1.sysctl("net.ipv4.conf.eth1.rp_filter") == 1
    assert sorted(fetch(client, VIP, 2)) == ["rs1", "rs2"]
    rs1.check_output(f"systemctl stop {UNIT}")
    assert rs1.sysctl("net.ipv4.conf.tunl0.rp_filter") == 0
    before = rs1.check_output("cat /root/lab-snapshot").splitlines()
    settings = [line for line in before if "/rp_filter=" in line]
    rs1.check_output(f"sysctl -w {' '.join(settings)}")
    rs1.check_output(f"systemctl start {UNIT}")


@pytest.mark.parametrize("name", TUNNELS)
def test_another_encapsulation(  # noqa: PLR0913, PLR0917 - the nodes that see it
    site: Site,
    client: Host,
    router: Host,
    director: Host,
    rs1: Host,
    services: list[dict[str, Any]],
    name: str,
) -> None:
    """In place, for every service: a download goes on, and a capture shows the new kind."""
    tunnel = TUNNELS[name]
    plain = [{k: v for k, v in s.items() if not k.startswith("tunnel_")} for s in services]
    download = Download(client, VIP)
    until("the download has begun", lambda: established(director))
    site(*[{**service, **tunnel} for service in plain], everywhere=True)
    kind = "proto 47 or ip6 proto 47" if name == "gre" else "udp dst port 6080"
    with Capture(router, kind) as capture:
        assert sorted(fetch(client, VIP, 2)) == ["rs1", "rs2"]
        assert sorted(fetch(client, f"[{VIP6}]", 2)) == ["rs1", "rs2"]
        assert sorted(ask(client, VIP, 2)) == ["rs1", "rs2"]
        until("both families are captured", lambda: "fd00:137::132" in " ".join(capture.lines()))
    assert "192.168.137.132" in " ".join(capture.lines())
    assert download.size() == 20 * 1024 * 1024
    old = "tunl0" if name == "gre" else "gre0"
    assert VIP not in rs1.check_output(f"ip -o address show dev {old}")
