# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ipvs_drain on a real kernel, with ipvsadm as the witness."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from node import Node
from witness import Ipvs

VIP, RS = "192.168.0.111", "192.168.137.129"
VIP6 = "fd00:0:0:1::111"


@pytest.fixture
def brief(node: Node) -> Iterator[None]:
    """Let a connection of UDP end soon, also for whoever runs the tests again."""
    node.command("ipvsadm", "--set", "900", "120", "4")
    yield
    node.command("ipvsadm", "--set", "900", "120", "300")


def udp(port: int, **server: Any) -> dict[str, Any]:
    """A service of UDP, as the module takes it."""
    return {
        "virtual_address": VIP, "virtual_port": port, "protocol": "udp",
        "real_servers": [{"address": RS, **server}],
    }  # fmt: skip


def answering(ipvs: Ipvs, port: int, options: str = "") -> None:
    """Make a service of UDP whose real server is the node itself, and send it a datagram."""
    ipvs.add(
        f"-A -u {VIP}:{port} -s rr {options}",
        f"-a -u {VIP}:{port} -r {RS}:{port} -m -w 4",
    )
    program = "import socket; s = socket.socket(type=socket.SOCK_DGRAM)"
    ipvs.node.command("python3", "-c", f"{program}; s.sendto(b'x', ('{VIP}', {port}))")


def test_weights_of_several_services(ipvs: Ipvs) -> None:
    """At once, of each kind; what is missing is empty, and other servers are left alone."""
    kinds: dict[str, dict[str, Any]] = {
        f"-t {VIP}:80": {"virtual_address": VIP, "virtual_port": 80},
        f"-t [{VIP6}]:80": {"virtual_address": VIP6, "virtual_port": 80},
        "-f 10": {"fwmark": 10},
    }
    ipvs.add(
        *(f"-A {kind} -s rr" for kind in kinds),
        f"-a -t {VIP}:80 -r 10.0.0.1:80 -m -w 3",
        f"-a -t {VIP}:80 -r 10.0.0.2:80 -m -w 3",
        f"-a -t [{VIP6}]:80 -r [fd00::1]:80 -m -w 3",
        "-a -f 10 -r 10.0.0.1:0 -g -w 3",
    )
    services: list[dict[str, Any]] = [
        {**named, "real_servers": [{"address": "fd00::1" if VIP6 in kind else "10.0.0.1"}]}
        for kind, named in kinds.items()
    ]
    services += [{"fwmark": 99, "real_servers": [{"address": "10.0.0.1"}]}, udp(53)]
    result = ipvs.converge("ipvs_drain", services=services)
    assert [step["changes"] for step in result["operations"]] == [{"weight": [3, 0]}] * 3
    assert [one["effect"] for one in result["operations"]] == ["new connections only"] * 3
    assert (result["ended"], result["connections"]) == ("empty", [])
    assert sorted(rule.split()[-1] for rule in ipvs.rules() if "-r" in rule) == ["0", "0", "0", "3"]
    for service in services[:3]:
        service["real_servers"][0]["weight"] = 3
        service["real_servers"][0]["forward"] = "dr" if "fwmark" in service else "nat"
    ipvs.converge("ipvs_drain", services=services[:3], state="undrained")
    assert [rule.split()[-1] for rule in ipvs.rules() if "-r" in rule] == ["3"] * 4


@pytest.mark.usefixtures("brief")
def test_waits_in_parts(ipvs: Ipvs) -> None:
    """UDP ends when its time is over; each part tells how far it is, and the last one the whole."""
    answering(ipvs, 5400)
    drain: dict[str, Any] = {"services": [udp(5400)], "inactive_timeout": 0, "timeout": 60}
    predicted = ipvs.run("ipvs_drain", check=True, **drain)
    assert (predicted["changed"], predicted["ended"]) == (True, "")
    first = ipvs.run("ipvs_drain", **drain, task_timeout=0)
    assert (first["changed"], first["ended"], first["inactive_connections"]) == (True, "", 1)
    assert first["servers"] == [
        {
            "service": f"udp {VIP}:5400", "real_server": f"{RS}:5400", "active_connections": 0,
            "inactive_connections": 1, "persistent_connections": 0,
            "open_connections": 1,
        }
    ]  # fmt: skip
    last = ipvs.run("ipvs_drain", **drain, waited=7, closing=3)
    assert (last["changed"], last["ended"], last["connections"]) == (False, "empty", [])
    assert last["waited"] > 7
    assert ipvs.rules()[-1].endswith("-w 0")


@pytest.mark.usefixtures("brief")
def test_names_what_is_left(ipvs: Ipvs) -> None:
    """When the time for all is up; the server stays in the table, and nothing is cut."""
    answering(ipvs, 5401, "-p 4")
    result = ipvs.run("ipvs_drain", services=[udp(5401)], timeout=0)
    assert result["ended"] == "timeout"
    assert (result["inactive_connections"], result["persistent_connections"]) == (1, 1)
    (one,) = [found for found in result["connections"] if found["client_port"]]
    assert {name: one[name] for name in ("protocol", "virtual_port", "address", "port")} == {
        "protocol": "udp", "virtual_port": 5401, "address": RS, "port": 5401,
    }  # fmt: skip
    assert one["client_address"]
    assert len(result["connections"]) == 2
    assert len(ipvs.rules()) == 2


def test_what_is_only_closing(ipvs: Ipvs) -> None:
    """A template holds nobody where the kernel leaves it aside, and has the shorter limit."""
    ipvs.node.command("ipvsadm", "--set", "900", "120", "1")
    try:
        answering(ipvs, 5402, "-p 300")
        ipvs.wait_for(lambda: ipvs.listed("--stats") != [] and not ipvs_inactive(ipvs))
        drain: dict[str, Any] = {"services": [udp(5402)], "timeout": 1, "inactive_timeout": 0}
        for expire, ended in (("1", "closing"), ("0", "timeout")):
            path = "/proc/sys/net/ipv4/vs/expire_quiescent_template"
            ipvs.node.command("sh", "-c", f"echo {expire} >{path}")
            result = ipvs.run("ipvs_drain", **drain)
            assert (result["ended"], result["persistent_connections"]) == (ended, 1)
    finally:
        ipvs.node.command("ipvsadm", "--set", "900", "120", "300")


def ipvs_inactive(ipvs: Ipvs) -> int:
    """Return how many inactive connections the only real server has."""
    return int(ipvs.listed()[-1][-1])


def test_one_packet_has_nothing_to_wait_for(ipvs: Ipvs) -> None:
    """Each packet is scheduled by itself."""
    ipvs.add(f"-A -u {VIP}:5403 -s rr -o", f"-a -u {VIP}:5403 -r {RS}:5403 -g -w 4")
    result = ipvs.run("ipvs_drain", services=[udp(5403)], timeout=0)
    assert (result["changed"], result["ended"]) == (True, "empty")


@pytest.mark.usefixtures("brief")
def test_another_director_serves(ipvs: Ipvs) -> None:
    """Its connections are not waited for here, where they are only known."""
    answering(ipvs, 5404)
    elsewhere: dict[str, Any] = {
        "services": [udp(5404)],
        "addresses": ["192.0.2.99", "2001:db8::99"],
    }
    result = ipvs.run("ipvs_drain", **elsewhere)
    assert (result["changed"], result["ended"], result["serves"]) == (True, "empty", False)
    here = ipvs.run("ipvs_drain", services=[udp(5404)], addresses=["::1", "127.0.0.1"], timeout=0)
    assert (here["ended"], here["serves"]) == ("timeout", True)


@pytest.mark.usefixtures("brief")
def test_given_back_by_somebody_else(ipvs: Ipvs) -> None:
    """The wait ends, and says so; what they did stays."""
    answering(ipvs, 5405)
    rule = f"-u {VIP}:5405 -r {RS}:5405"
    wait = "while ! ipvsadm -Sn | grep -q -e '-w 0$'; do :; done"
    ipvs.node.command("sh", "-c", f"({wait}; ipvsadm -e {rule} -m -w 4) >/dev/null 2>&1 &")
    result = ipvs.node.module("ipvs_drain", {"services": [udp(5405)]})
    assert result["failed"] is True, result
    assert result["msg"] == (
        f"real server {RS}:5405 of service udp {VIP}:5405: weight 4 was given back by somebody else"
        " while it drained; find out who, and repeat."
    )
    assert f"-a {rule} -m -w 4" in ipvs.rules()


@pytest.mark.usefixtures("brief")
def test_given_back_where_it_has_connections(ipvs: Ipvs) -> None:
    """Those that have none are left to a health checker; so are those that are missing."""
    answering(ipvs, 5406)
    ipvs.node.command("ipvsadm", "-e", "-u", f"{VIP}:5406", "-r", f"{RS}:5406", "-m", "-w", "0")
    idle = udp(5407, weight=4)
    ipvs.node.command("ipvsadm", "-A", "-u", f"{VIP}:5407", "-s", "rr")
    ipvs.node.command("ipvsadm", "-a", "-u", f"{VIP}:5407", "-r", f"{RS}:5407", "-m", "-w", "0")
    ipvs._left = None
    back: dict[str, Any] = {"services": [udp(5406, weight=4), idle], "state": "undrained"}
    result = ipvs.run("ipvs_drain", **back, only_with_connections=True)
    assert [step["real_server"] for step in result["operations"]] == [f"{RS}:5406"]
    ipvs.converge("ipvs_drain", **back)
    missing: dict[str, Any] = {"services": [udp(5408, weight=4)], "state": "undrained"}
    ipvs.refuse("ipvs_drain", "service udp 192.168.0.111:5408 does not exist", **missing)
