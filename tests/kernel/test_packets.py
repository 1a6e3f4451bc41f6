# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets of a director by NAT: a client behind a router, in network namespaces of the node.

client -- router -- link -- director -- behind
                     |                    |
                    near                 far
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster, Host
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.firewall import (
    firewall_problems,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.director import setting_lines
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.masquerading import (
    masquerading_rules,
)
from described import DIRECTOR, cluster, host_info, service
from node import CHECKOUT, Done, Node

NAMES = ["client", "router", "link", "director", "near", "far"]
PORT = 7000
# Of each family: of the link, behind the director, and of the client, with the prefix length.
NETWORKS = {
    "ipv4": ("10.77.0.", "10.99.0.", "10.88.0.", 24),
    "ipv6": ("fd77::", "fd99::", "fd88::", 64),
}
MAKE = f"""
for name in {" ".join(NAMES)}; do
    ip netns add $name
    ip -n $name link set lo up
    ip netns exec $name sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
done
ip -n link link add br0 type bridge
ip -n link link set br0 up
# Packets on a bridge are nobody's to filter.
for name in iptables ip6tables; do
    ip netns exec link sysctl -qw net.bridge.bridge-nf-call-$name=0 || true
done
for name in router director near; do
    ip link add eth1 netns $name type veth peer name $name netns link
    ip -n link link set $name master br0 up
    ip -n $name link set eth1 up
done
ip link add eth2 netns director type veth peer name eth1 netns far
ip link add eth2 netns router type veth peer name eth1 netns client
for pair in "director eth2" "far eth1" "router eth2" "client eth1"; do
    ip -n ${{pair% *}} link set ${{pair#* }} up
done
ip netns exec router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
"""
REMOVE = "; ".join(f"ip netns delete {name} 2>/dev/null" for name in NAMES) + "; true"

# It answers each line with who asks, until there are no more.
ANSWER = """
import socket
family = socket.AF_INET6 if ":" in "{address}" else socket.AF_INET
with socket.socket(family) as door:
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("{address}", {port}))
    door.listen()
    print("ready", flush=True)
    while True:
        asked, who = door.accept()
        with asked, asked.makefile("rw") as lines:
            for line in lines:
                lines.write(who[0] + "\\n")
                lines.flush()
"""
ASK = """
import socket
answers = set()
with socket.create_connection(("{address}", {port}), {seconds}) as asked:
    with asked.makefile("rw") as lines:
        for number in range(20):
            lines.write("who\\n")
            lines.flush()
            answers.add(lines.readline().strip())
print(*answers)
"""

# With pauses: not each packet is redirected, and of the first redirect only a neighbour is made.
SEND = """
import socket, time
family = socket.AF_INET6 if ":" in "{address}" else socket.AF_INET
with socket.socket(family, socket.SOCK_DGRAM) as sender:
    for _ in range(4):
        sender.sendto(b"x", ("{address}", 9))
        time.sleep(0.3)
"""


class Network:
    """The namespaces with the addresses of a family."""

    def __init__(self, node: Node, family: str) -> None:
        self.node = node
        self.link, self.behind, self.outside, self.prefix = NETWORKS[family]
        self.family = family
        self.vip, self.client = f"{self.link}100", f"{self.outside}9"
        self.near, self.far = f"{self.link}11", f"{self.behind}11"
        for name, interface, address, gateway in [
            ("router", "eth1", f"{self.link}254", ""),
            ("router", "eth2", f"{self.outside}254", ""),
            ("client", "eth1", self.client, f"{self.outside}254"),
            ("near", "eth1", self.near, f"{self.link}1"),
            ("far", "eth1", self.far, f"{self.behind}1"),
            ("director", "eth2", f"{self.behind}1", ""),
            ("director", "eth1", f"{self.link}1", f"{self.link}254"),
        ]:
            node.command(
                "ip", "-n", name, "addr", "add", f"{address}/{self.prefix}", "dev", interface
            )
            if gateway:
                node.command("ip", "-n", name, "route", "add", "default", "via", gateway)
        # It is the second one of the interface.
        node.command("ip", "-n", "director", "addr", "add", self.vip, "dev", "eth1")

    def described(self, rip: str) -> tuple[Cluster, Host]:
        """Return a cluster with this real server, and its director."""
        own = host_info(
            eth1=[f"{self.link}1/{self.prefix}"], eth2=[f"{self.behind}1/{self.prefix}"]
        )
        web = service(address=self.vip, port=PORT, real_servers=[{"address": rip}])
        found = cluster(web, director={"__preflight_host": own})
        return found, found.hosts["director"]

    def run(self, name: str, *command: str, text: str = "") -> str:
        """Run a command in a namespace."""
        return self.node.command("ip", "netns", "exec", name, *command, text=text)

    def serve(self, rip: str) -> None:
        """Have the table, and what the director's unit gives besides."""
        vip = f"[{self.vip}]" if ":" in rip else self.vip
        rip = f"[{rip}]" if ":" in rip else rip
        rules = f"-A -t {vip}:{PORT} -s rr\n-a -t {vip}:{PORT} -r {rip}:{PORT} -m\n"
        self.run("director", "ipvsadm", "-R", text=rules)

    def give(self, settings: list[str]) -> None:
        """Have the unit give settings."""
        text = "".join(f"{line}\n" for line in settings)
        self.node.command("sh", "-c", "cat >/etc/lvs-cluster/director.settings", text=text)
        self.run("director", "/usr/local/sbin/lvs-unit", "director", "give", "settings")

    def listen(self, name: str, address: str) -> None:
        """Have somebody in a namespace who answers."""
        script = ANSWER.format(address=address, port=PORT)
        log = f"/tmp/{name}.answers"
        self.run(
            "sh" if False else name, "sh", "-c", f"python3 -c '{script}' >{log} 2>&1 </dev/null &"
        )
        self.node.command("sh", "-c", f"until grep -q ready {log}; do sleep 0.1; done")

    def ask(self, name: str, address: str, seconds: float = 5) -> Done:
        """Ask who answers, twenty times in one connection."""
        script = ASK.format(address=address, port=PORT, seconds=seconds)
        return self.node.try_command("ip", "netns", "exec", name, "python3", "-c", script)

    def way(self, name: str, address: str) -> str:
        """Return the gateway to an address."""
        return self.run(name, "ip", "route", "get", address).split(" via ")[1].split()[0]


@pytest.fixture(params=NETWORKS)
def network(node: Node, request: pytest.FixtureRequest) -> Iterator[Network]:
    """The namespaces, with what the unit needs on the node."""
    clean = f"{REMOVE}; rm -rf /etc/lvs-cluster /run/lvs-cluster; mkdir /etc/lvs-cluster"
    program = "cat >/usr/local/sbin/lvs-unit; chmod 755 /usr/local/sbin/lvs-unit"
    node.command("sh", "-c", clean)
    node.command("sh", "-c", program, text=(CHECKOUT / "roles/_unit/files/lvs-unit").read_text())
    node.command("sh", "-ec", MAKE)
    yield Network(node, request.param)
    stop = f"for name in {' '.join(NAMES)}; do ip netns pids $name | xargs -r kill; done"
    node.command("sh", "-c", f"{stop}; {clean}")


def test_one_link(network: Network) -> None:
    """A real server beside the router goes on answering through the director."""
    described = network.described(network.near)
    network.serve(network.near)
    network.give(setting_lines(*described, {"conntrack": 0}))
    network.listen("near", network.near)
    network.run("near", "python3", "-c", SEND.format(address=network.client))
    for _ in range(3):
        done = network.ask("client", network.vip)
        assert done.out.split() == [network.client], done
    assert network.way("near", network.client) == f"{network.link}1"


def test_what_a_real_server_begins(network: Network) -> None:
    """It comes from the virtual address, which is not the first one of its interface."""
    described = network.described(network.far)
    network.serve(network.far)
    network.give(setting_lines(*described, {"conntrack": 0}))
    rules = "".join(
        f"add rule inet lvs_cluster postrouting {rule}\n"
        for rule in masquerading_rules(*described, DIRECTOR)
    )
    chain = "add chain inet lvs_cluster postrouting { type nat hook postrouting priority srcnat; }"
    network.run("director", "nft", "-f", "-", text=f"add table inet lvs_cluster\n{chain}\n{rules}")
    network.listen("client", network.client)
    network.listen("far", network.far)
    assert network.ask("far", network.client).out.split() == [network.vip]
    # Nor does it take anything from those who ask the service.
    assert network.ask("client", network.vip).out.split() == [network.client]


AT = "type filter hook"
LET_IN = "iif lo accept; ct state established,related accept; meta l4proto { 1, 58 } accept"
# Rules of a table inet filter, and whether a client is served with conntrack 0, and with 1.
FIREWALLS = {
    "none": ("", True, True),
    "input open": (
        f"chain input {{ {AT} input priority 0; policy drop; {LET_IN};"
        f" tcp dport {{ 22, {PORT - 10}-{PORT} }} accept; }}",
        True, True,
    ),
    "input closed": (
        f"chain input {{ {AT} input priority 0; policy drop; {LET_IN};"
        " tcp dport 22 accept; }",
        False, False,
    ),
    "input rejects": (
        "chain no { reject; }\n"
        f"chain input {{ {AT} input priority 0; tcp dport vmap {{ 22 : accept, {PORT} :"
        " jump no }; }",
        False, False,
    ),
    "behind IPVS": (
        f"chain input {{ {AT} input priority 100; policy drop; meta l4proto {{ 1, 58 }} accept; }}",
        True, True,
    ),
    "forward drops what is invalid": (
        f"chain forward {{ {AT} forward priority 0; ct state invalid drop; }}", False, True,
    ),
    "forward knows connections": (
        f"chain forward {{ {AT} forward priority 0; policy drop;"
        " ct state established,related accept; }",
        False, True,
    ),
    "forward by interface": (
        f'chain forward {{ {AT} forward priority 0; policy drop; iifname "eth2" accept; }}',
        True, True,
    ),
    "forward closed": (
        f'chain forward {{ {AT} forward priority 0; policy drop; iifname "eth1" accept; }}',
        False, False,
    ),
    "output closed": (
        f"chain output {{ {AT} output priority 0; policy drop; tcp dport 22 accept; }}",
        False, False,
    ),
}  # fmt: skip


def test_firewalls(network: Network) -> None:
    """Where preflight refuses a host's rules no client is served, and else it is."""
    described = network.described(network.far)
    network.serve(network.far)
    network.listen("far", network.far)
    for name, (rules, *served) in FIREWALLS.items():
        clean = "table inet filter\ndelete table inet filter\n"
        table = f"table inet filter {{\n{rules}\n}}\n"
        network.run("director", "nft", "-f", "-", text=f"{clean}{table}")
        told = {"ruleset": network.run("director", "nft", "--json", "list", "ruleset")}
        for conntrack, is_served in enumerate(served):
            sysctls = {"conntrack": conntrack}
            network.give(setting_lines(*described, sysctls))
            settings = {"firewall": "none", "firewall_check": True, "ipvs_sysctls": sysctls}
            problems = [str(p) for p in firewall_problems(*described, settings, told)]
            done = network.ask("client", network.vip, 1)
            shown = (name, conntrack, done, problems)
            assert (done.out.split() == [network.client]) == is_served, shown
            assert (not problems) == is_served, shown
