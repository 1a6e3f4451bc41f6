# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients meet with the kernel's schedulers and settings, as docs/schedulers.md says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from node import Node

VIP = "10.96.0.1"
CLIENTS = [f"10.96.0.{number}" for number in range(100, 120)]
SERVICE = f"-t {VIP}:80"
# A client and three real servers, each in a network namespace; the node is the director.
NETWORK = """
sysctl -qw net.ipv4.ip_forward=1
connect() {
    ip netns add $1
    ip link add name to-$1 type veth peer name eth0 netns $1
    ip address add $2.1/24 dev to-$1
    ip link set to-$1 up
    ip -n $1 address add $2.2/24 dev eth0
    ip -n $1 link set eth0 up
    ip -n $1 link set lo up
    ip -n $1 route add default via $2.1
}
connect client 10.96.0
for number in $(seq 100 119); do ip -n client address add 10.96.0.$number/24 dev eth0; done
for number in 1 2 3; do connect rs$number 10.96.$number; done
"""
SERVER = """
import socketserver, sys
class Answer(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(sys.argv[1].encode())
        while self.request.recv(1):
            pass
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
    request_queue_size = 128
Server(("", 80), Answer).serve_forever()
"""
# Each connects once: one after the other, or all at once.
CLIENT = """
import json, socket, sys
at_once, port, clients = sys.argv[1] == "at once", int(sys.argv[2]), sys.argv[3:]
answers, open_ones = [], []
for client in clients:
    one = socket.socket()
    one.settimeout(5)
    one.bind((client, 0))
    try:
        one.connect(("10.96.0.1", port))
        answers.append(one.recv(9).decode())
    except ConnectionRefusedError:
        answers.append("refused")
    open_ones.append(one)
    if not at_once:
        one.close()
print(json.dumps(answers))
"""


class Clients:
    """Sets the table by ipvsadm, and asks as clients do."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def table(self, options: str, *weights: int, more: str = "", service: str = SERVICE) -> None:
        """Set one service, with servers of these weights."""
        servers = (
            f"-a {service} -r 10.96.{number}.2:80 -m -w {weight} {more}\n"
            for number, weight in enumerate(weights, 1)
        )
        self.node.command("sh", "-c", "ipvsadm -C; ip netns exec client true")
        self.node.command("ipvsadm", "-R", text=f"-A {service} -s {options}\n{''.join(servers)}")

    def weigh(self, server: str, weight: int) -> None:
        """Change a server's weight."""
        address = f"10.96.{server[-1]}.2:80"
        self.node.command("sh", "-c", f"ipvsadm -e {SERVICE} -r {address} -m -w {weight}")

    def ask(self, *clients: str, at_once: bool = False, port: int = 80) -> list[str]:
        """Return who answers each of the clients."""
        how = "at once" if at_once else "one after the other"
        shown = self.node.command(
            "ip", "netns", "exec", "client", "python3", "-c", CLIENT, how, str(port), *clients
        )
        answers: list[str] = json.loads(shown)
        return answers


@pytest.fixture(scope="module")
def network(node: Node) -> Iterator[None]:
    """Make the client and the real servers."""
    node.command("sh", "-ec", NETWORK)
    for name in ("rs1", "rs2", "rs3"):
        node.command(
            "sh", "-c",
            f"ip netns exec {name} setsid python3 -c '{SERVER}' {name} </dev/null >/dev/null 2>&1 &"
            f" until ip netns exec {name} ss -Hltn | grep -q :80; do :; done",
        )  # fmt: skip
    yield
    for name in ("client", "rs1", "rs2", "rs3"):
        node.command("sh", "-c", f"ip netns pids {name} | xargs -r kill; ip netns del {name}")


@pytest.fixture
def clients(node: Node, network: None) -> Iterator[Clients]:
    """Give clients, of whom the kernel knows nothing yet."""
    yield Clients(node)
    # What they have left behind counts for a server that is added again.
    node.command("sh", "-c", "ipvsadm -C; sysctl -qw net.ipv4.vs.expire_quiescent_template=1")


@pytest.mark.parametrize("scheduler", ["sh", "mh"])
def test_weight_0_refuses_its_share(clients: Clients, scheduler: str) -> None:
    """Whoever had that server is refused, and nobody else; with the flag nobody is."""
    clients.table(scheduler, 1, 1)
    before = clients.ask(*CLIENTS)
    assert set(before) == {"rs1", "rs2"}
    clients.weigh("rs1", 0)
    assert clients.ask(*CLIENTS) == ["refused" if one == "rs1" else one for one in before]
    clients.node.command("sh", "-c", f"ipvsadm -E {SERVICE} -s {scheduler} -b {scheduler}-fallback")
    assert set(clients.ask(*CLIENTS)) == {"rs2"}


def test_weight_0_from_the_beginning(clients: Clients) -> None:
    """A server that never had another weight has a place with sh, and none with mh."""
    clients.table("sh", 0, 1)
    assert set(clients.ask(*CLIENTS)) == {"refused", "rs2"}
    clients.table("mh", 0, 1)
    assert set(clients.ask(*CLIENTS)) == {"rs2"}


def test_weight_0_by_virtual_address(clients: Clients) -> None:
    """dh has one server for all clients, and nobody stands in for it."""
    clients.table("dh", 1, 1)
    (server,) = set(clients.ask(*CLIENTS))
    clients.weigh(server, 0)
    assert set(clients.ask(*CLIENTS)) == {"refused"}


@pytest.mark.parametrize(
    "scheduler", ["rr", "wlc", "lblc", "lblcr", "sed", "nq", "fo", "ovf", "twos"]
)
def test_weight_0_with_the_others(clients: Clients, scheduler: str) -> None:
    """Nobody is refused."""
    clients.table(scheduler, 1, 1)
    clients.ask(*CLIENTS[:2])
    clients.weigh("rs1", 0)
    assert set(clients.ask(*CLIENTS[:4])) == {"rs2"}


def test_ovf_refuses(clients: Clients) -> None:
    """Each server gets one connection more than its weight, and then nobody gets one."""
    clients.table("ovf", 1, 2)
    answers = clients.ask(*CLIENTS[:8], at_once=True)
    assert answers == ["rs2"] * 3 + ["rs1"] * 2 + ["refused"] * 3


@pytest.mark.parametrize("scheduler", ["nq", "sed"])
def test_the_idle_server_that_was_added_last(clients: Clients, scheduler: str) -> None:
    """One after the other all go there; at once they are spread."""
    clients.table(scheduler, 1, 1, 1)
    assert set(clients.ask(*CLIENTS[:6])) == {"rs3"}
    assert set(clients.ask(*CLIENTS[:6], at_once=True)) == {"rs1", "rs2", "rs3"}


def test_upper_threshold_counts_what_is_closed(clients: Clients) -> None:
    """A server is full of connections that have ended; on a port that no other test has used."""
    clients.table("rr", 1, more="-x 2", service=f"-t {VIP}:81")
    answers = clients.ask(*CLIENTS[:4], port=81)
    assert answers == ["rs1", "rs1", "refused", "refused"]


@pytest.mark.parametrize("expire", [0, 1])
def test_persistence_and_weight_0(clients: Clients, expire: int) -> None:
    """Without expire_quiescent_template a client stays where it is."""
    clients.node.command("sysctl", "-qw", f"net.ipv4.vs.expire_quiescent_template={expire}")
    clients.table("rr -p 60", 1, 1)
    (server,) = clients.ask(CLIENTS[0])
    clients.weigh(server, 0)
    other = "rs2" if server == "rs1" else "rs1"
    assert set(clients.ask(*CLIENTS[:1] * 3)) == {other if expire else server}
