"""The cluster of inventory dr_and_tun: one host by both methods, in the kernel's own topology."""

from __future__ import annotations

import pytest
from nodes import Capture, fetch, sent_back, until
from testinfra.host import Host

VIP = "207.175.44.110"


@pytest.mark.parametrize(("port", "kind"), [(8080, f"ip dst {VIP}"), (80, "proto 4")])
def test_both_ways(client: Host, director: Host, port: int, kind: str) -> None:
    """8080 by direct routing, 80 by a tunnel; the answers come by the server's other leg."""
    with Capture(director, kind) as capture:
        assert fetch(client, f"{VIP}:{port}", 2) == ["rs1", "rs1"]
        until("the requests are captured", lambda: f"> {VIP}.{port}" in " ".join(capture.lines()))
    assert sent_back(director) == 0


def test_rules(director: Host) -> None:
    """What ipvsadm -Sn says."""
    assert sorted(director.check_output("ipvsadm -Sn").splitlines()) == [
        f"-A -t {VIP}:80 -s rr",
        f"-A -t {VIP}:8080 -s rr",
        f"-a -t {VIP}:80 -r 172.16.0.2:80 -i -w 1 --tun-type ipip",
        f"-a -t {VIP}:8080 -r 172.16.0.2:8080 -g -w 1",
    ]


def test_address_is_on_both(rs1: Host) -> None:
    """On lo for direct routing, and on the tunnel's device."""
    for device in ("lo", "tunl0"):
        assert f"inet {VIP}/32 " in rs1.check_output(f"ip -o address show dev {device}")
