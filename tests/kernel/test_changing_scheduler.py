# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""While a service changes its scheduler nobody is refused, on however many processors."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.hold import TABLE, rules_for
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Service
from node import ON_NODE, Node
from witness import Ipvs

VIP, VIP6, RIP = "10.9.1.1", "fd09:1::1", "10.9.2.2"
PORT, PORTS = 8000, 10
CHANGES, REQUESTS = 200, 10_000
CLIENT = f"python3 {ON_NODE}/client.py"
LOG = f"{ON_NODE}/client.log"

# A client and a server, each in a network namespace of its own, and the node between them.
MAKE = """
set -e
for name in client server; do
    ip netns add $name
    ip link add to-$name type veth peer name eth0 netns $name
    ip -n $name link set lo up
    ip -n $name link set eth0 up
    ip link set to-$name up
done
ip address add 10.9.1.1/24 dev to-client
ip address add fd09:1::1/64 dev to-client nodad
ip address add 10.9.2.1/24 dev to-server
ip -n client address add 10.9.1.2/24 dev eth0
ip -n client address add fd09:1::2/64 dev eth0 nodad
ip -n server address add 10.9.2.2/24 dev eth0
ip -n server route add default via 10.9.2.1
sysctl --quiet --write net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
"""
END = """
for name in client server; do
    ip netns pids $name | xargs --no-run-if-empty kill
    ip netns delete $name
    ip link delete to-$name 2>/dev/null
done
sysctl --quiet --write net.ipv4.ip_forward=0
sysctl --quiet --write net.ipv4.icmp_ratelimit=1000 net.ipv6.icmp.ratelimit=1000
"""


@pytest.fixture
def clients(node: Node) -> Iterator[Node]:
    """Give the node, with a client on one side and a server on the other."""
    node.try_command("sh", "-c", END)
    node.command("sh", "-c", MAKE)
    yield node
    node.command("sh", "-c", END)


def services(scheduler: str) -> list[dict[str, Any]]:
    """Return services of one real server, each on a port of its own.

    NAT leaves clients their ports, and a client may use one for two services at once.
    """
    return [
        {
            "virtual_address": VIP,
            "virtual_port": PORT + number,
            "scheduler": scheduler,
            "real_servers": [{"address": RIP, "port": PORT + number}],
        }
        for number in range(PORTS)
    ]


def test_two_processors(node: Node) -> None:
    """On one, the kernel waits for nobody, and none of this could fail."""
    assert int(node.command("nproc")) > 1


def test_nobody_is_refused(ipvs: Ipvs, clients: Node) -> None:
    """200 changes of a scheduler under 10,000 requests: each one is served."""
    ipvs.run("ipvs_table", services=services("rr"))
    serve = f"ip netns exec server {CLIENT} serve {RIP} {PORT} {PORTS} > {LOG}.server 2>&1 &"
    clients.command("sh", "-c", serve)
    served = f"""ip netns exec server {CLIENT} ask {RIP} {PORT} {PORTS} {PORTS} |
        grep --line-regexp '{json.dumps({"served": PORTS})}'"""
    ipvs.wait_for(lambda: clients.try_command("sh", "-c", served).rc == 0)
    ask = f"ip netns exec client {CLIENT} ask {VIP} {PORT} {PORTS} {REQUESTS}"
    clients.command("sh", "-c", f"{ask} > {LOG} 2>&1 & echo $! > {LOG}.pid")
    changes = 0
    asking = f"kill -0 $(cat {LOG}.pid) 2>/dev/null"
    while changes < CHANGES or clients.try_command("sh", "-c", asking).rc == 0:
        scheduler = ("wrr", "lc")[changes // PORTS % 2]
        result = clients.module("ipvs_table", {"services": services(scheduler)})
        effects = {step["effect"] for step in result["operations"]}
        assert effects == {"delays new connections"}, result
        changes += len(result["operations"])
    ended = json.loads(clients.command("cat", LOG))
    assert ended == {"served": REQUESTS}, clients.command("cat", f"{LOG}.server")
    assert clients.command("nft", "list", "tables") == ""


def is_refused(node: Node, protocol: str, address: str, port: int) -> bool:
    """Tell whether the client is refused."""
    told: bool = json.loads(
        node.command(
            "sh", "-c", f"ip netns exec client {CLIENT} refused {protocol} {address} {port}"
        )
    )
    return told


@pytest.mark.parametrize(
    ("rule", "service", "packet"),
    [
        (f"-t {VIP}:81", Service("tcp", VIP, 81), ("tcp", VIP, 81)),
        (f"-u {VIP}:81", Service("udp", VIP, 81), ("udp", VIP, 81)),
        (f"-t [{VIP6}]:81", Service("tcp", VIP6, 81, family="ipv6"), ("tcp", VIP6, 81)),
        (f"-t {VIP}:0 -p 60", Service("tcp", VIP, 0), ("tcp", VIP, 81)),
        ("-f 7", Service(fwmark=7), ("tcp", VIP, 81)),
        ("-f 7 -6", Service(fwmark=7, family="ipv6"), ("tcp", VIP6, 81)),
    ],
    ids=["tcp", "udp", "ipv6", "all ports", "mark", "mark of ipv6"],
)
def test_what_is_held_back(
    ipvs: Ipvs, clients: Node, rule: str, service: Service, packet: tuple[str, str, int]
) -> None:
    """The refusals of that service, and of no other; until the table is gone."""
    mark = "add table inet t; add chain inet t c { type filter hook prerouting priority -150; };"
    clients.command("nft", f"{mark} add rule inet t c th dport 81 meta mark set 7")
    other = (packet[0], packet[1], 82)
    name = f"[{VIP6}]" if ":" in packet[1] else VIP
    ipvs.add(f"-A {rule} -s rr", f"-A {'-u' if packet[0] == 'udp' else '-t'} {name}:82 -s rr")
    try:
        assert is_refused(clients, *packet)
        clients.command("nft", "-f", "-", text=rules_for([service], 60))
        assert not is_refused(clients, *packet)
        if service.port:
            assert is_refused(clients, *other)
        clients.command("nft", "delete", "table", "inet", TABLE)
        assert is_refused(clients, *packet)
    finally:
        clients.command("nft", "delete", "table", "inet", "t")


def test_a_run_that_is_killed(ipvs: Ipvs, clients: Node) -> None:
    """What holds refusals back ends by itself, and the next run takes the rules away."""
    ipvs.add(f"-A -t {VIP}:81 -s rr")
    service: dict[str, Any] = {"virtual_address": VIP, "virtual_port": 81, "scheduler": "wrr"}
    done = clients.killed_module("ipvs_service", service, writes=0)
    assert done.rc == -signal.SIGKILL, done
    left = json.loads(clients.command("nft", "-j", "list", "table", "inet", TABLE))["nftables"]
    (held,) = [entry["set"]["elem"] for entry in left if "set" in entry]
    assert all(element["elem"]["expires"] <= 11 for element in held), held
    assert len(held) == 2
    rules = [entry["rule"]["expr"] for entry in left if "rule" in entry]
    assert all("@held" in json.dumps(rule[-2]) for rule in rules), rules
    assert ipvs.run("ipvs_service", **service)["changed"] is True
    assert clients.command("nft", "list", "tables") == ""


def test_a_host_without_nftables(ipvs: Ipvs, node: Node) -> None:
    """The scheduler is changed, and the result says what that does."""
    ipvs.add(f"-A -t {VIP}:81 -s rr")
    service: dict[str, Any] = {"virtual_address": VIP, "virtual_port": 81, "scheduler": "wrr"}
    nft = node.command("readlink", "-f", "/usr/sbin/nft").strip()
    node.command("mv", nft, f"{nft}.away")
    try:
        for check in (True, False):
            (step,) = ipvs.run("ipvs_service", check=check, **service)["operations"]
            assert step["effect"] == "refuses new connections"
    finally:
        node.command("mv", f"{nft}.away", nft)


def test_nothing_is_held_back_for_other_changes(ipvs: Ipvs, node: Node) -> None:
    """What changes no scheduler needs no rules, and says what it said before."""
    ipvs.add(f"-A -t {VIP}:81 -s rr")
    service: dict[str, Any] = {"virtual_address": VIP, "virtual_port": 81}
    (step,) = ipvs.run("ipvs_service", **service, persistent_timeout=60)["operations"]
    assert step["effect"] == "new connections only"
