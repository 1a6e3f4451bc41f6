# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ipvs_table and ipvs_info on a real kernel, with ipvsadm as the witness."""

from __future__ import annotations

from typing import Any

import pytest
from node import ON_NODE, Node
from witness import Ipvs

WEB: dict[str, Any] = {"virtual_address": "192.168.0.111", "virtual_port": 80}
RULES = [
    "-A -t 192.168.0.111:80 -s wrr",
    "-a -t 192.168.0.111:80 -r 192.168.137.130:80 -m -w 2",
    "-a -t 192.168.0.111:80 -r 192.168.137.131:80 -m -w 6",
    "-A -t [fd00:0:0:1::111]:443 -s sh -p 360 -M 64 -b sh-port",
    "-a -t [fd00:0:0:1::111]:443 -r 192.168.137.130:443 -i -w 1 --tun-type ipip",
    "-a -t [fd00:0:0:1::111]:443 -r [fd00:0:0:2::131]:443 -g -w 1",
    "-A -f 10 -s rr -p 360",
    "-a -f 10 -r 192.168.137.131:0 -g -w 1",
]
SERVICES: list[dict[str, Any]] = [
    {
        **WEB,
        "scheduler": "wrr",
        "real_servers": [
            {"address": "192.168.137.131", "weight": 6},
            {"address": "192.168.137.130", "weight": 2},
        ],
    },
    {
        "virtual_address": "fd00:0:0:1::111",
        "virtual_port": 443,
        "scheduler": "sh",
        "scheduler_flags": ["sh-port"],
        "persistent_timeout": 360,
        "persistent_netmask": "64",
        "real_servers": [
            {"address": "fd00:0:0:2::131", "forward": "dr"},
            {"address": "192.168.137.130", "forward": "tun"},
        ],
    },
    {
        "fwmark": 10,
        "scheduler": "rr",
        "persistent_timeout": 360,
        "real_servers": [{"address": "192.168.137.131", "forward": "dr"}],
    },
]
# A server that gets three datagrams of 100 octets each by way of the service.
TALK = """
import socket
server, client = (socket.socket(type=socket.SOCK_DGRAM) for _ in range(2))
server.bind(("192.168.137.129", 5301))
server.settimeout(10)
for _ in range(3):
    client.sendto(b"x" * 72, ("192.168.0.111", 5301))
    server.recv(100)
"""
OTHERS = ["-A -t 192.168.0.112:80 -s rr", "-A -f 11 -s rr"]


def test_whole_table(ipvs: Ipvs) -> None:
    """A table is predicted, made, and left alone; what it replaces goes last."""
    old = "-a -t 192.168.0.111:80 -r 192.168.137.9:80 -m -w 1"
    ipvs.add("-A -t 192.168.0.111:80 -s rr", old, *OTHERS)
    result = ipvs.converge("ipvs_table", services=SERVICES)
    assert set(ipvs.rules()) == {*RULES, *OTHERS}
    actions = [step["action"] for step in result["operations"]]
    assert actions == ["add"] * 7 + ["edit", "delete"]
    assert set(result["diff"]["after"].splitlines()) == set(RULES)


def test_weights_that_somebody_else_sets(ipvs: Ipvs) -> None:
    """With keep_weights an existing real server keeps its weight, a new one gets its own."""
    ipvs.add(RULES[0], "-a -t 192.168.0.111:80 -r 192.168.137.130:80 -m -w 77")
    ipvs.converge("ipvs_table", services=SERVICES[:1], keep_weights=True)
    assert set(ipvs.rules()) == {
        RULES[0],
        "-a -t 192.168.0.111:80 -r 192.168.137.130:80 -m -w 77",
        RULES[2],
    }
    ipvs.run("ipvs_table", services=SERVICES[:1])
    assert set(ipvs.rules()) == set(RULES[:3])


@pytest.mark.parametrize(
    ("prune", "scope", "left"),
    [
        ("none", None, [*RULES[:3], "-a -t 192.168.0.111:80 -r 192.168.137.9:80 -m -w 1", *OTHERS]),
        ("real_servers", None, [*RULES[:3], *OTHERS]),
        ("all", None, RULES[:3]),
        ("all", ["192.168.0.0/24"], [*RULES[:3], OTHERS[1]]),
        ("all", ["192.168.0.111", "11"], [*RULES[:3], OTHERS[0]]),
        (
            "all",
            ["fd00::/8", "12"],
            [*RULES[:3], "-a -t 192.168.0.111:80 -r 192.168.137.9:80 -m -w 1", *OTHERS],
        ),
    ],
)
def test_pruning(ipvs: Ipvs, prune: str, scope: list[str] | None, left: list[str]) -> None:
    """What is deleted is what prune says, and never what is out of scope."""
    former = [RULES[0], "-a -t 192.168.0.111:80 -r 192.168.137.9:80 -m -w 1"]
    ipvs.add(*former, *OTHERS)
    result = ipvs.converge("ipvs_table", services=SERVICES[:1], prune=prune, scope=scope)
    assert set(ipvs.rules()) == set(left)
    # A service to which nothing is done is told of in neither.
    alone = {rule for rule in OTHERS if rule in left}
    assert set(result["diff"]["before"].splitlines()) == {*former, *OTHERS} - alone
    assert set(result["diff"]["after"].splitlines()) == {*left} - alone
    assert len(result["before"]) == 1 + len(OTHERS) - len(alone)


def test_real_servers_that_are_not_spoken_of(ipvs: Ipvs) -> None:
    """A service without real_servers keeps those that it has; an empty list is none."""
    ipvs.add(*RULES[:3])
    ipvs.converge("ipvs_table", services=[{**WEB, "scheduler": "rr"}], prune="all")
    assert ipvs.rules() == ["-A -t 192.168.0.111:80 -s rr", *RULES[1:3]]
    ipvs.converge("ipvs_table", services=[{**WEB, "real_servers": []}])
    assert ipvs.rules() == ["-A -t 192.168.0.111:80 -s rr"]


def test_more_than_a_batch(ipvs: Ipvs) -> None:
    """Hundreds of operations go through, in several batches."""
    services = [
        {
            "virtual_address": "192.168.0.111",
            "virtual_port": port,
            "real_servers": [{"address": f"10.0.0.{i}", "weight": i} for i in range(1, 11)],
        }
        for port in range(1000, 1040)
    ]
    ipvs.converge("ipvs_table", services=services)
    assert len(ipvs.rules()) == 40 * 11
    ipvs.run("ipvs_table", services=[], prune="all")
    assert ipvs.rules() == []


# In a fresh network namespace the kernel's own table of services is small, and it grows a moment
# after they were added: whoever reads just then is told some of them twice, and others not at all.
READ_WHILE_IT_GROWS = """
import os, subprocess
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Ipvs
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import Policy, plan_table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import parse_services
wanted = parse_services(
    {"virtual_address": f"10.0.{i // 200}.{i % 200 + 1}", "virtual_port": 80} for i in range(1000)
)
plan = plan_table(Table(), wanted, Policy())
for _round in range(100):
    os.unshare(os.CLONE_NEWNET)
    with Ipvs() as kernel:
        kernel.apply(plan.operations)
        print(len(kernel.read().services))
"""


def test_a_table_is_read_whole_while_the_kernel_grows_it(node: Node) -> None:
    """Every service, each time."""
    command = ("env", f"PYTHONPATH={ON_NODE}", "python3", "-c", READ_WHILE_IT_GROWS)
    assert node.command(*command).split() == ["1000"] * 100


def test_an_item_that_the_kernel_refuses(node: Node, ipvs: Ipvs) -> None:
    """The error names the item, and the result has what was done; nothing follows the batch."""
    # A route that makes a group of an address, which nobody but the kernel looks for.
    route = ("multicast", "198.51.100.7", "dev", "eth2", "table", "local")
    node.command("ip", "route", "replace", *route)
    services = [
        {"virtual_address": "192.168.0.111", "virtual_port": 1, "real_servers": []},
        {
            "virtual_address": "192.168.0.111",
            "virtual_port": 2,
            "real_servers": [{"address": "198.51.100.7"}, {"address": "192.168.137.131"}],
        },
    ]
    result = node.module("ipvs_table", {"services": services})
    node.command("ip", "route", "del", *route)
    assert result["failed"] is True
    assert result["msg"].startswith(
        "real server 198.51.100.7:2 of service tcp 192.168.0.111:2: the kernel refuses"
    )
    assert result["changed"] is True
    assert [step.get("real_server") for step in result["operations"]] == [
        None,
        None,
        "192.168.137.131:2",
    ]
    assert ipvs.rules() == [
        "-A -t 192.168.0.111:1 -s wlc",
        "-A -t 192.168.0.111:2 -s wlc",
        "-a -t 192.168.0.111:2 -r 192.168.137.131:2 -m -w 1",
    ]


def test_info(node: Node, ipvs: Ipvs) -> None:
    """What is read is what ipvsadm set, and reads the same when it is set by it."""
    ipvs.add(*RULES)
    info = ipvs.run("ipvs_info", gather=["services", "stats", "timeouts", "daemons"])
    assert set(info["rules"]) == set(RULES)
    assert [service["scheduler"] for service in info["services"]] == ["wrr", "sh", "rr"]
    assert info["services"][0]["real_servers"][1]["weight"] == 6
    assert info["services"][1]["persistent_netmask"] == "64"
    assert "stats" not in ipvs.run("ipvs_info")["services"][0]
    again = ipvs.run("ipvs_table", services=SERVICES, prune="all")
    assert again["changed"] is False
    assert info["daemons"] == []
    node.command("ipvsadm", "--set", "901", "121", "301")
    assert ipvs.run("ipvs_info", gather=["timeouts"])["timeouts"] == {
        "tcp": 901,
        "tcp_fin": 121,
        "udp": 301,
    }
    node.command("ipvsadm", "--set", "900", "120", "300")


def test_daemons_are_seen(node: Node, ipvs: Ipvs) -> None:
    """The daemons that ipvsadm starts are in the result."""
    node.command(
        "ipvsadm", "--start-daemon", "master", "--mcast-interface", "eth1", "--syncid", "7"
    )
    try:
        daemons = ipvs.run("ipvs_info", gather=["daemons"])["daemons"]
    finally:
        node.command("ipvsadm", "--stop-daemon", "master")
    assert [(d["role"], d["interface"], d["sync_id"]) for d in daemons] == [("master", "eth1", 7)]
    assert daemons[0]["group"] == "224.0.0.81"
    assert daemons[0]["port"] == 8848


def test_counters(node: Node, ipvs: Ipvs) -> None:
    """Connections and packets are counted, as ipvsadm says too."""
    service = "-u 192.168.0.111:5301"
    ipvs.add(f"-A {service} -s rr", f"-a {service} -r 192.168.137.129:5301 -m -w 1")
    # The connection outlives the counting, and is gone when the test is run again.
    node.command("ipvsadm", "--set", "900", "120", "30")
    node.command("python3", "-c", TALK)
    # The kernel adds its processors' counters up once in a while.
    ipvs.wait_for(lambda: ipvs.listed("--stats")[0][2] != "0")
    (found,) = ipvs.run("ipvs_info", gather=["stats"])["services"]
    (server,) = found["real_servers"]
    for stats in (found["stats"], server["stats"]):
        assert (stats["connections"], stats["incoming_packets"]) == (1, 3)
        assert stats["incoming_bytes"] == 300
    assert server["inactive_connections"] == 1
    assert ipvs.listed("--stats")[0][2:6] == ["1", "3", "0", "300"]
    node.command("ipvsadm", "--set", "900", "120", "300")
