# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ipvs_real_server on a real kernel, with ipvsadm as the witness."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from node import Node
from witness import Ipvs

WEB: dict[str, Any] = {"virtual_address": "192.168.0.111", "virtual_port": 80}
WEB6: dict[str, Any] = {"virtual_address": "fd00:0:0:1::111", "virtual_port": 80}
MARK: dict[str, Any] = {"fwmark": 10}
MARK6: dict[str, Any] = {"fwmark": 10, "family": "ipv6"}
SERVICES: dict[str, dict[str, Any]] = {
    "-t 192.168.0.111:80": WEB,
    "-t [fd00:0:0:1::111]:80": WEB6,
    "-u 192.168.0.111:53": {**WEB, "virtual_port": 53, "protocol": "udp"},
    "--sctp-service 192.168.0.111:80": {**WEB, "protocol": "sctp"},
    "-f 10": MARK,
    "-f 10 -6": MARK6,
}
RS1 = "192.168.137.131"
RS6 = "fd00:0:0:2::131"


@pytest.mark.parametrize(
    ("service", "arguments", "rule"),
    [
        ("-t 192.168.0.111:80", {"address": RS1}, f"-r {RS1}:80 -m -w 1"),
        ("-t 192.168.0.111:80", {"address": RS1, "port": 8080}, f"-r {RS1}:8080 -m -w 1"),
        ("-t 192.168.0.111:80", {"address": RS1, "forward": "dr"}, f"-r {RS1}:80 -g -w 1"),
        (
            "-t 192.168.0.111:80",
            {"address": RS1, "forward": "tun", "weight": 0},
            f"-r {RS1}:80 -i -w 0 --tun-type ipip",
        ),
        (
            "-t 192.168.0.111:80",
            {"address": RS6, "forward": "tun"},
            f"-r [{RS6}]:80 -i -w 1 --tun-type ipip",
        ),
        ("-t 192.168.0.111:80", {"address": RS1, "weight": 65535}, f"-r {RS1}:80 -m -w 65535"),
        ("-u 192.168.0.111:53", {"address": RS1}, f"-r {RS1}:53 -m -w 1"),
        ("--sctp-service 192.168.0.111:80", {"address": RS1}, f"-r {RS1}:80 -m -w 1"),
        ("-t [fd00:0:0:1::111]:80", {"address": RS6}, f"-r [{RS6}]:80 -m -w 1"),
        ("-t [fd00:0:0:1::111]:80", {"address": RS6, "forward": "dr"}, f"-r [{RS6}]:80 -g -w 1"),
        (
            "-t [fd00:0:0:1::111]:80",
            {"address": RS6, "forward": "tun"},
            f"-r [{RS6}]:80 -i -w 1 --tun-type ipip",
        ),
        (
            "-t [fd00:0:0:1::111]:80",
            {"address": RS1, "forward": "tun"},
            f"-r {RS1}:80 -i -w 1 --tun-type ipip",
        ),
        ("-f 10", {"address": RS1}, f"-r {RS1}:0 -m -w 1"),
        ("-f 10", {"address": RS1, "port": 8080}, f"-r {RS1}:8080 -m -w 1"),
        ("-f 10", {"address": RS1, "forward": "dr"}, f"-r {RS1}:0 -g -w 1"),
        ("-f 10 -6", {"address": RS6}, f"-r [{RS6}]:0 -m -w 1"),
        (
            "-f 10 -6",
            {"address": RS1, "forward": "tun"},
            f"-r {RS1}:0 -i -w 1 --tun-type ipip",
        ),
        (
            "-t 192.168.0.111:80",
            {"address": RS1, "forward": "tun", "tunnel_type": "gue", "tunnel_port": 6080},
            f"-r {RS1}:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum",
        ),
        (
            "-f 10 -6",
            {
                "address": RS6,
                "forward": "tun",
                "tunnel_type": "gue",
                "tunnel_port": 1,
                "tunnel_checksum": "remcsum",
            },
            f"-r [{RS6}]:0 -i -w 1 --tun-type gue --tun-port 1 --tun-remcsum",
        ),
        (
            "-t 192.168.0.111:80",
            {"address": RS1, "forward": "tun", "tunnel_type": "gre"},
            f"-r {RS1}:80 -i -w 1 --tun-type gre --tun-nocsum",
        ),
        (
            "-t 192.168.0.111:80",
            {"address": RS1, "forward": "tun", "tunnel_type": "gre", "tunnel_checksum": "csum"},
            f"-r {RS1}:80 -i -w 1 --tun-type gre --tun-csum",
        ),
    ],
)
def test_real_server_comes_and_goes(
    ipvs: Ipvs, service: str, arguments: dict[str, Any], rule: str
) -> None:
    """A real server is predicted, added, left alone, and deleted once."""
    key = SERVICES[service]
    ipvs.add(f"-A {service} -s rr")
    result = ipvs.converge("ipvs_real_server", **key, **arguments)
    assert ipvs.rules() == [f"-A {service} -s rr", f"-a {service} {rule}"]
    assert result["diff"]["after"] == f"-A {service} -s rr\n-a {service} {rule}\n"
    server = {name: value for name, value in arguments.items() if name in ("address", "port")}
    gone = ipvs.run("ipvs_real_server", **key, **server, state="absent")
    assert gone["after"]["real_servers"] == []
    assert ipvs.rules() == [f"-A {service} -s rr"]
    assert ipvs.run("ipvs_real_server", **key, **server, state="absent")["operations"] == []


@pytest.mark.parametrize(
    ("before", "arguments", "after", "effect"),
    [
        ("-m -w 3", {"weight": 6}, "-m -w 6", "new connections only"),
        ("-m -w 3", {"weight": 0}, "-m -w 0", "new connections only"),
        ("-m -w 3", {"forward": "dr"}, "-g -w 3", "new connections only"),
        ("-g -w 3", {"forward": "tun"}, "-i -w 3 --tun-type ipip", "new connections only"),
        (
            "-i -w 3",
            {"tunnel_type": "gue", "tunnel_port": 9},
            "-i -w 3 --tun-type gue --tun-port 9 --tun-nocsum",
            "drops connections",
        ),
        (
            "-i -w 3 --tun-type gue --tun-port 9 --tun-csum",
            {"tunnel_port": 10},
            "-i -w 3 --tun-type gue --tun-port 10 --tun-csum",
            "drops connections",
        ),
        (
            "-i -w 3 --tun-type gue --tun-port 9 --tun-csum",
            {"tunnel_type": "gre"},
            "-i -w 3 --tun-type gre --tun-nocsum",
            "drops connections",
        ),
        (
            "-i -w 3 --tun-type gue --tun-port 9",
            {"forward": "nat"},
            "-m -w 3",
            "new connections only",
        ),
        ("-m -w 3", {}, "-m -w 3", None),
    ],
)
def test_edits_in_place(
    ipvs: Ipvs, before: str, arguments: dict[str, Any], after: str, effect: str | None
) -> None:
    """What is named changes, what is not stays, and the other real servers live through it."""
    service = "-A -t 192.168.0.111:80 -s wrr"
    other = "-a -t 192.168.0.111:80 -r 192.168.137.130:80 -m -w 2"
    server = f"-a -t 192.168.0.111:80 -r {RS1}:80"
    ipvs.add(service, other, f"{server} {before}")
    result = ipvs.converge("ipvs_real_server", **WEB, address=RS1, **arguments)
    assert set(ipvs.rules()) == {service, other, f"{server} {after}"}
    assert [step["effect"] for step in result["operations"]] == ([effect] if effect else [])
    assert [step["action"] for step in result["operations"]] == (["edit"] if effect else [])


def test_thresholds(ipvs: Ipvs) -> None:
    """Thresholds, which ipvsadm-save forgets, are set, stay, and go."""

    def thresholds() -> list[str]:
        return ipvs.listed("--thresholds")[1][2:4]

    ipvs.add("-A -t 192.168.0.111:80 -s rr")
    server = {**WEB, "address": RS1}
    ipvs.converge("ipvs_real_server", **server, upper_threshold=500, lower_threshold=400)
    assert thresholds() == ["500", "400"]
    ipvs.converge("ipvs_real_server", **server, weight=5)
    assert thresholds() == ["500", "400"]
    ipvs.converge("ipvs_real_server", **server, lower_threshold=0)
    assert thresholds() == ["500", "0"]
    ipvs.converge("ipvs_real_server", **server, upper_threshold=2**31 - 1, lower_threshold=9)
    assert thresholds() == [str(2**31 - 1), "9"]
    ipvs.converge("ipvs_real_server", **server, upper_threshold=0)
    assert thresholds() == ["0", "0"]


def test_tunnel_info(ipvs: Ipvs) -> None:
    """The kernel reads the tunnel's port as the network does."""
    ipvs.add("-A -t 192.168.0.111:80 -s rr")
    server = {**WEB, "address": RS1, "forward": "tun", "tunnel_type": "gue"}
    ipvs.run("ipvs_real_server", **server, tunnel_port=6081, tunnel_checksum="csum")
    # This is how ipvsadm prints "with a checksum".
    assert ipvs.listed("--tun-info")[1][1:4] == [f"{RS1}:80", "Tunnel", "gue:6081:+c"]


@pytest.fixture
def brief(node: Node) -> Iterator[None]:
    """Let UDP connections be forgotten after four seconds."""
    node.command("ipvsadm", "--set", "900", "120", "4")
    yield
    node.command("ipvsadm", "--set", "900", "120", "300")


def answering(ipvs: Ipvs, port: int, options: str = "") -> dict[str, Any]:
    """Make a UDP service whose real server is the node itself, and send it a datagram.

    Each test has a port of its own, for connections outlive the service that they were made by.
    """
    ipvs.add(
        f"-A -u 192.168.0.111:{port} -s rr {options}",
        f"-a -u 192.168.0.111:{port} -r 192.168.137.129:{port} -m -w 4",
    )
    program = "import socket; s = socket.socket(type=socket.SOCK_DGRAM)"
    ipvs.node.command("python3", "-c", f"{program}; s.sendto(b'x', ('192.168.0.111', {port}))")
    return {
        "virtual_address": "192.168.0.111",
        "virtual_port": port,
        "protocol": "udp",
        "address": "192.168.137.129",
    }


@pytest.mark.usefixtures("brief")
def test_drained_waits_for_connections(ipvs: Ipvs) -> None:
    """Draining waits until the connection's time is over, then deletes, and says so."""
    server = answering(ipvs, 5300)
    predicted = ipvs.run("ipvs_real_server", check=True, **server, state="drained")
    assert predicted["drain"]["finished"] is False
    result = ipvs.run("ipvs_real_server", **server, state="drained", drain_timeout=60)
    assert result["drain"].pop("seconds") > 0
    assert result["drain"] == {
        "finished": True,
        "active_connections": 0,
        "inactive_connections": 0,
        "persistent_connections": 0,
    }
    assert [(s["action"], s["effect"]) for s in result["operations"]] == [
        ("edit", "new connections only"),
        ("delete", "none"),
    ]
    assert ipvs.rules() == ["-A -u 192.168.0.111:5300 -s rr"]
    again = ipvs.run("ipvs_real_server", **server, state="drained")
    assert (again["changed"], again["operations"]) == (False, [])


@pytest.mark.usefixtures("brief")
def test_drained_gives_up(ipvs: Ipvs) -> None:
    """When the time is up the real server goes with its connections, and the result says so."""
    server = answering(ipvs, 5302, "-p 300")
    result = ipvs.run("ipvs_real_server", **server, state="drained", drain_timeout=0)
    assert result["drain"]["finished"] is False
    assert result["drain"]["inactive_connections"] == 1
    assert result["drain"]["persistent_connections"] == 1
    assert result["operations"][-1]["effect"] == "drops connections"
    assert ipvs.rules() == ["-A -u 192.168.0.111:5302 -s rr -p 300"]


def once_it_drains(ipvs: Ipvs, command: str) -> None:
    """Let somebody else do something as soon as the weight of the only real server is 0."""
    wait = "while ! ipvsadm -Sn | grep -q -e '-w 0$'; do :; done"
    ipvs.node.command("sh", "-c", f"({wait}; {command}) > /dev/null 2>&1 &")


@pytest.mark.usefixtures("brief")
def test_drained_and_given_back(ipvs: Ipvs) -> None:
    """A real server that somebody else gives its weight again stays, with its connections."""
    server = answering(ipvs, 5303, "-p 300")
    rule = "-u 192.168.0.111:5303 -r 192.168.137.129:5303"
    once_it_drains(ipvs, f"ipvsadm -e {rule} -m -w 4")
    result = ipvs.node.module(
        "ipvs_real_server", {**server, "state": "drained", "drain_timeout": 60}
    )
    assert result["failed"] is True, result
    assert result["msg"] == (
        "real server 192.168.137.129:5303 of service udp 192.168.0.111:5303: weight 4 was given"
        " back by somebody else while it drained, so that it stays; find out who, and drain again."
    )
    assert [step["action"] for step in result["operations"]] == ["edit"]
    assert f"-a {rule} -m -w 4" in ipvs.rules()


@pytest.mark.parametrize(
    ("command", "left"),
    [
        ("-d -u 192.168.0.111:{} -r 192.168.137.129:{}", ["-A -u 192.168.0.111:{} -s rr -p 300"]),
        ("-D -u 192.168.0.111:{}", []),
    ],
    ids=["server", "service"],
)
@pytest.mark.usefixtures("brief")
def test_drained_and_deleted_by_somebody_else(ipvs: Ipvs, command: str, left: list[str]) -> None:
    """It is gone, as was asked for; the result has only what this run has done."""
    port = 5304 if left else 5305
    server = answering(ipvs, port, "-p 300")
    once_it_drains(ipvs, f"ipvsadm {command.replace('{}', str(port))}")
    result = ipvs.run("ipvs_real_server", **server, state="drained", drain_timeout=60)
    assert [step["action"] for step in result["operations"]] == ["edit"]
    assert result["drain"]["finished"] is False
    assert ipvs.rules() == [rule.format(port) for rule in left]
