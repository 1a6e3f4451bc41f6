# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a real server by the clients' way: the node is the director, with a namespace behind it.

Its own address answers in every test: what counts is whether clients would be served.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from node import Node

NAME = "behind"
PORT = 8077
# Of each family: addresses of director, real server and service; the prefix, and a host's.
ADDRESSES = {
    "ipv4": ("10.66.0.1", "10.66.0.11", "10.66.1.100", 24, 32),
    "ipv6": ("fd66::1", "fd66::11", "fd66:1::100", 64, 128),
}
TUNNELS = {"ipv4": "tunl0", "ipv6": "ip6tnl0"}
ACCEPTS = "/proc/sys/net/ipv4/conf/check0/accept_local"
REMOVE = (
    f"ip netns pids {NAME} 2>/dev/null | xargs -r kill; ip netns delete {NAME} 2>/dev/null;"
    " ip link delete check0 2>/dev/null; ipvsadm -C; true"
)
MAKE = f"""
ip netns add {NAME}
ip -n {NAME} link set lo up
ip link add check0 type veth peer name eth1 netns {NAME}
for name in all default eth1; do
    ip netns exec {NAME} sysctl -qw net.ipv4.conf.$name.rp_filter=0 \
        net.ipv4.conf.$name.arp_ignore=1 net.ipv4.conf.$name.arp_announce=2 \
        net.ipv6.conf.$name.accept_dad=0
done
sysctl -qw net.ipv6.conf.check0.accept_dad=0 net.ipv4.conf.check0.rp_filter=0 \
    net.ipv4.conf.check0.accept_local=0 net.ipv4.conf.all.rp_filter=0
ip link set check0 up
ip -n {NAME} link set eth1 up
for name in tunl0 ip6tnl0; do ip -n {NAME} link set $name up; done
ip netns exec {NAME} sysctl -qw net.ipv4.conf.tunl0.rp_filter=0
"""
# It answers at all addresses: with a page, and with a status of 503 at /ill.
SERVE = f"""
import http.server, socket
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if self.path == "/ill" else 200)
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode())
server = Server(("::", {PORT}), Pages)
print("ready", flush=True)
server.serve_forever()
"""


class Behind:
    """The real server, and what the director asks it."""

    def __init__(self, node: Node, family: str) -> None:
        self.node = node
        self.family = family
        self.dip, self.rip, self.vip, prefix, self.whole = ADDRESSES[family]
        node.command("ip", "addr", "add", f"{self.dip}/{prefix}", "dev", "check0")
        node.command("ip", "addr", "add", f"{self.vip}/{self.whole}", "dev", "check0")
        self.ip("addr", "add", f"{self.rip}/{prefix}", "dev", "eth1")
        self.ip("route", "add", "default", "via", self.dip)
        log = "/tmp/behind.log"
        serve = f"ip netns exec {NAME} python3 -c '{SERVE}' >{log} 2>&1 </dev/null &"
        node.command("sh", "-c", serve)
        node.command("sh", "-c", f"until grep -q ready {log}; do sleep 0.1; done")

    def ip(self, *words: str) -> None:
        """Change the links of the real server."""
        self.node.command("ip", "-n", NAME, *words)

    def has_vip(self, forward: str, verb: str = "add") -> None:
        """Give the virtual address to where the forwarding method needs it, or take it away."""
        device = {"dr": "lo", "tun": TUNNELS[self.family]}.get(forward)
        if device:
            self.ip("addr", verb, f"{self.vip}/{self.whole}", "dev", device)

    def check(self, forward: str, **more: Any) -> dict[str, Any]:
        """Ask it."""
        server = {"address": self.rip, "port": PORT, "forward": forward}
        asked = {"virtual_address": self.vip, "virtual_port": PORT, "real_server": server}
        before = self.left()
        result = self.node.module("ipvs_check", {**asked, "timeout": 1, **more})
        assert self.left() == before
        assert result.get("changed", False) is False
        return result

    def left(self) -> str:
        """What must be after a check as it was before."""
        return self.node.command("sh", "-c", f"ipvsadm -Sn; cat {ACCEPTS}")


# Kills what it starts as soon as the setting is 1, and waits until that is 0 again.
KILL = f"""
exec 3<&0
"$@" <&3 &
until grep -qx 1 {ACCEPTS}; do sleep 0.1; done
kill -KILL $!
wait $!
echo killed: $?
until grep -qx 0 {ACCEPTS}; do sleep 0.1; done
"""


@pytest.fixture(params=ADDRESSES)
def behind(node: Node, request: pytest.FixtureRequest) -> Iterator[Behind]:
    """A real server that is up."""
    node.command("sh", "-c", REMOVE)
    node.command("sh", "-ec", MAKE)
    yield Behind(node, request.param)
    node.command("sh", "-c", REMOVE)


@pytest.mark.parametrize("forward", ["nat", "dr", "tun"])
def test_one_that_serves_clients(behind: Behind, forward: str) -> None:
    """It answers; that its own address does is not asked."""
    behind.has_vip(forward)
    result = behind.check(forward, type="http", virtual_host="www.example.com")
    assert (result.get("status"), result.get("attempts")) == (200, 1), result
    assert result["source"] == behind.dip
    expected = behind.check(forward, type="http", virtual_host="www.example.com", expect="^www")
    assert not expected.get("failed"), expected
    assert not behind.check(forward).get("failed")


@pytest.mark.parametrize("forward", ["dr", "tun"])
def test_one_without_the_virtual_address(behind: Behind, forward: str) -> None:
    """Its own address answers, and it fails."""
    behind.has_vip(forward)
    assert not behind.check(forward).get("failed")
    behind.has_vip(forward, "del")
    assert not behind.check("nat").get("failed")
    result = behind.check(forward)
    assert result["failed"] is True
    assert "has the virtual address" in result["msg"]
    assert behind.rip in result["msg"]


def test_a_tunnel_that_is_gone(behind: Behind) -> None:
    """The virtual address is there, and packets do not come out of the tunnel."""
    behind.has_vip("dr")
    behind.ip("link", "set", TUNNELS[behind.family], "down")
    assert behind.check("tun")["failed"] is True
    assert not behind.check("dr").get("failed")


def test_what_is_no_good_answer(behind: Behind) -> None:
    """A status, a text; it is asked again for as long as it is told to."""
    ill = behind.check("nat", type="http", path="/ill", wait=1)
    assert "status 503" in ill["msg"]
    assert (ill["status"], ill["failed"]) == (503, True)
    assert ill["attempts"] > 1
    assert not behind.check("nat", type="http", path="/ill", status=["500-599"]).get("failed")
    other = behind.check("nat", type="http", expect="something else")
    assert "does not have 'something else'" in other["msg"]


def test_clients_and_the_table_are_left_alone(behind: Behind) -> None:
    """It stays at weight 0 in its service; what a killed run has left goes."""
    vip = f"[{behind.vip}]" if behind.family == "ipv6" else behind.vip
    rip = f"[{behind.rip}]" if behind.family == "ipv6" else behind.rip
    six = " -6" if behind.family == "ipv6" else ""
    rules = f"-A -t {vip}:{PORT} -s rr\n-a -t {vip}:{PORT} -r {rip}:{PORT} -m -w 0\n"
    behind.node.command("ipvsadm", "-R", text=rules)
    assert not behind.check("nat").get("failed")
    left = f"-A -f 1280725827{six} -s rr\n"
    before = behind.node.command("ipvsadm", "-Sn")
    behind.node.command("ipvsadm", "-R", text=left)
    asked = {
        "virtual_address": behind.vip,
        "virtual_port": PORT,
        "real_server": {"address": behind.rip, "port": PORT},
    }
    assert not behind.node.module("ipvs_check", asked).get("failed")
    assert behind.node.command("ipvsadm", "-Sn") == before


@pytest.mark.parametrize("behind", ["ipv4"], indirect=True)
@pytest.mark.parametrize("forward", ["dr", "tun"])
def test_a_check_that_is_killed(behind: Behind, forward: str) -> None:
    """The kernel takes packets from own addresses no longer; the next one deletes the service."""
    server = {"address": behind.rip, "port": PORT, "forward": forward}
    asked = {"virtual_address": behind.vip, "virtual_port": PORT, "real_server": server}
    before = behind.left()
    launcher = ("timeout", "20", "sh", "-c", KILL, "sh", behind.node.python)
    killed = behind.node.killed_by(launcher, "ipvs_check", {**asked, "wait": 30})
    assert (killed.rc, killed.out) == (0, f"killed: {128 + signal.SIGKILL}\n"), killed
    assert before != behind.left()
    behind.has_vip(forward)
    assert not behind.node.module("ipvs_check", asked).get("failed")
    assert behind.left() == before


def test_the_mark_of_somebody_else(behind: Behind) -> None:
    """Its service stays as it is."""
    six = " -6" if behind.family == "ipv6" else ""
    behind.node.command("ipvsadm", "-R", text=f"-A -f 77{six} -s wrr\n")
    result = behind.check("nat", mark=77)
    assert "mark 77 has a service on this host already" in result["msg"]


def test_check_mode_asks_nobody(behind: Behind) -> None:
    """It would need a change of the table, and nobody has this address."""
    asked = {
        "virtual_address": behind.vip,
        "virtual_port": PORT,
        "real_server": {"address": f"{behind.rip}9", "port": PORT},
    }
    result = behind.node.module("ipvs_check", asked, check=True)
    assert (result.get("failed", False), result["attempts"]) == (False, 0)
