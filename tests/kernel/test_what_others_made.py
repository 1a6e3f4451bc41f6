# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables that somebody else made: whatever the kernel holds is read, kept, edited, and deleted."""

from __future__ import annotations

import random
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.filter.from_ipvsadm import from_ipvsadm
from ansible_collections.lvs.cluster.plugins.filter.to_ipvsadm import to_ipvsadm
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import SCHEDULERS
from witness import Ipvs

VIPS = {
    "4": ("192.168.0.111", "10.0.0.1", "0.0.0.0", "224.0.0.18", "255.255.255.255", "127.0.0.1"),
    "6": ("[fd00:0:0:1::111]", "[::]", "[ff02::12]", "[fe80::1]", "[::ffff:10.0.0.1]", "[::1]"),
}
RIPS = {
    "4": ("192.168.137.131", "10.1.0.0", "240.0.0.1", "127.0.0.1", "169.254.1.1", "0.0.0.1"),
    "6": (
        "[fd00:0:0:2::131]",
        "[::1]",
        "[fec0::1]",
        "[2001:db8::]",
        "[::10.0.0.1]",
        "[64:ff9b::1]",
    ),
}
NETMASKS = {
    "4": ("0.0.0.0", "255.0.255.0", "0.0.0.1", "128.0.0.0", "255.255.255.254", "255.255.255.255"),
    "6": ("1", "64", "127", "128"),
}
TUNNELS = (
    "",
    "--tun-type ipip",
    "--tun-type gue --tun-port 1",
    "--tun-type gue --tun-port 65535 --tun-nocsum",
    "--tun-type gue --tun-port 6080 --tun-csum",
    "--tun-type gue --tun-port 6080 --tun-remcsum",
    "--tun-type gre",
    "--tun-type gre --tun-nocsum",
    "--tun-type gre --tun-csum",
)
FLAGS = {
    "sh": ("sh-fallback", "sh-port", "sh-fallback,sh-port", "flag-3", "sh-port,flag-3"),
    "mh": ("mh-fallback", "mh-port", "mh-fallback,mh-port", "flag-3", "mh-port,flag-3"),
}
ANY_FLAGS = ("flag-1", "flag-2", "flag-3", "flag-1,flag-2,flag-3")
WEIGHTS = ("", "-w 0", "-w 1", "-w 65535")


def a_table(seed: int) -> list[str]:
    """Return rules that ipvsadm takes, with all that they can say drawn by chance."""
    chance = random.Random(seed)
    rules: list[str] = []
    seen = set()
    for number in range(1, 61):
        family = chance.choice("46")
        kind = chance.choice(("-t", "-u", "--sctp-service", "-f"))
        persistent = chance.random() < 0.5
        port = 0 if persistent and chance.random() < 0.2 else number
        name = f"{kind} {chance.choice(VIPS[family])}:{port}"
        if kind == "-f":
            mark = chance.choice((number, 2**31 + number, 2**32 - number))
            name = f"-f {mark}" + (" -6" if family == "6" else "")
        if name in seen:
            continue
        seen.add(name)
        scheduler = chance.choice((*SCHEDULERS, "none"))
        words = ["-A", name, "-s", scheduler]
        if persistent:
            words += ["-p", chance.choice(("1", "300", "360", "2678400"))]
            words += ["-M", chance.choice(NETMASKS[family])] if chance.random() < 0.7 else []
        words += ["--pe sip"] if persistent and chance.random() < 0.3 else []
        words += ["-o"] if kind in ("-u", "-f") and chance.random() < 0.4 else []
        if chance.random() < 0.4:
            words += ["-b", chance.choice(FLAGS.get(scheduler, ANY_FLAGS))]
        rules.append(" ".join(words))
        for rip in chance.sample(range(len(RIPS["4"])), chance.randrange(4)):
            forward = chance.choice(("-m", "-g", "-i", ""))
            other = chance.choice("46") if forward == "-i" else family
            its_port = chance.choice(("", f":{port}", ":0", ":8080"))
            address = RIPS[other][rip] + (its_port or (f":{port}" if other == "6" else ""))
            words = ["-a", name, "-r", address, forward, chance.choice(WEIGHTS)]
            words += ["-x 9 -y 3"] if chance.random() < 0.2 else []
            words += [chance.choice(TUNNELS)] if forward == "-i" else []
            rules.append(" ".join(filter(None, words)))
    return rules


def sayable_of(printed: list[str]) -> list[str]:
    """Return rules of ipvsadm as it takes them, with marks from 2^31 on as the numbers they are."""
    rules = []
    for rule in printed:
        words = rule.removesuffix(" -b ").split(" ")
        if words[1] == "-f":
            words[2] = str(int(words[2]) % 2**32)
        rules.append(" ".join(words))
    return sorted(rules)


@pytest.mark.parametrize("seed", range(8))
def test_any_table_goes_through(ipvs: Ipvs, seed: int) -> None:
    """What ipvsadm -Sn prints is the table as it is, to us, and what we print is it to ipvsadm."""
    asked = a_table(seed)
    ipvs.add(*asked)
    printed = ipvs.rules()
    services = sum(rule.startswith("-A") for rule in asked)
    assert sum(rule.startswith("-A") for rule in printed) == services
    text = "".join(f"{rule}\n" for rule in printed)
    described = from_ipvsadm(text)
    both: tuple[dict[str, Any], ...] = ({"rules": text}, {"services": described})
    for arguments in both:
        result = ipvs.run("ipvs_table", prune="all", **arguments)
        assert result["operations"] == []
    # Where -b has nothing behind it, ipvsadm does not take back what it has printed itself.
    sayable = sayable_of(printed)
    assert sorted(to_ipvsadm(described).splitlines()) == sayable
    whole = ipvs.run("ipvs_info")["rules"]
    thresholds = without_order(ipvs.listed("--thresholds"))
    ipvs.add("-C")
    ipvs.add(*whole)
    assert sayable_of(ipvs.rules()) == sayable
    assert without_order(ipvs.listed("--thresholds")) == thresholds


def without_order(rows: list[list[str]]) -> list[list[str]]:
    """Return a listing by which tables can be compared: the kernel has its own order.

    A flag that a scheduler does not use is () in it, and cannot be said.
    """
    return sorted([word for word in row if word != "()"] for row in rows)


# What ipvsadm itself does not make, and the kernel takes from others.
MADE = """
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Ipvs
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer, Service
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import Operation

def add(kernel, service, *servers):
    kernel.apply([Operation("add", service.key, after=service)])
    for server in servers:
        kernel.apply([Operation("add", service.key, server.key, after=server)])

with Ipvs() as kernel:
    add(kernel, Service("tcp", "10.0.0.1", 0), RealServer("10.1.0.1", 0))
    add(kernel, Service("tcp", "10.0.0.2", 80, one_packet=True), RealServer("10.1.0.1", 80))
    add(
        kernel,
        Service("tcp", "10.0.0.3", 80),
        RealServer("10.1.0.1", 8080, "dr"),
        RealServer("10.1.0.2", 8080, "tun", tunnel_type="gue", tunnel_port=6080),
        RealServer("10.1.0.3", 80, "tun", tunnel_port=9, tunnel_checksum="csum"),
        RealServer("10.1.0.4", 80, "tun", tunnel_type="7"),
        RealServer("10.1.0.5", 80, "local"),
        RealServer("10.1.0.6", 80, weight=70000),
    )
    add(kernel, Service("tcp", "10.0.0.4", 80, persistent_timeout=3000000))
    add(kernel, Service("50", "10.0.0.5", 80), RealServer("10.1.0.1", 80))
"""


@pytest.fixture
def odd(ipvs: Ipvs) -> Ipvs:
    """Give a table that no ipvsadm makes."""
    node = ipvs.node
    node.command("env", f"PYTHONPATH={node.path}", "python3", "-c", MADE)
    return ipvs


def test_what_no_ipvsadm_makes_is_kept(odd: Ipvs) -> None:
    """It is read, left as it is, and edited beside."""
    told = odd.run("ipvs_info")
    assert len(told["services"]) == 5
    kept = [service for service in told["services"] if service["protocol"] == "tcp"]
    servers = [server for service in kept for server in service["real_servers"]]
    for server in servers:
        for name in ("active_connections", "inactive_connections", "persistent_connections"):
            del server[name]
    nameable = [
        {**service, "real_servers": [s for s in service["real_servers"] if is_nameable(s)]}
        for service in kept
    ]
    assert sum(len(service["real_servers"]) for service in nameable) == len(servers) - 2
    result = odd.run("ipvs_table", services=nameable, prune="none")
    assert result["operations"] == []
    rules = [r for r in told["rules"] if "10.0.0.5" not in r and "10.1.0.4" not in r]
    # Of IPIP ipvsadm has no word for a port.
    rules = [rule for rule in rules if "10.1.0.3" not in rule and "10.1.0.5" not in rule]
    assert sum(":8080" in rule for rule in rules) == 2
    text = "\n".join(rules)
    both: tuple[dict[str, Any], ...] = ({"rules": text}, {"services": from_ipvsadm(text)})
    for arguments in both:
        assert odd.run("ipvs_table", **arguments, prune="none")["operations"] == []
    web: dict[str, Any] = {"virtual_address": "10.0.0.3", "virtual_port": 80}
    for address, port in (("10.1.0.1", 8080), ("10.1.0.4", 80), ("10.1.0.5", 80)):
        done = odd.converge("ipvs_real_server", **web, address=address, port=port, weight=5)
        assert [step["action"] for step in done["operations"]] == ["edit"]
    all_ports: dict[str, Any] = {"virtual_address": "10.0.0.1", "virtual_port": 0}
    odd.converge("ipvs_service", **all_ports, scheduler="rr")
    odd.converge("ipvs_real_server", **all_ports, address="10.1.0.2", port=0)
    odd.refuse("ipvs_real_server", "port 81", **web, address="10.1.0.9", port=81, forward="dr")


def test_another_port_is_added_as_ipvsadm_adds_it(ipvs: Ipvs) -> None:
    """A rule of a server by dr that is not there means the service's port."""
    rules = ["-A -t 10.0.0.3:80 -s rr", "-a -t 10.0.0.3:80 -r 10.1.0.1:8080 -g"]
    ipvs.converge("ipvs_table", rules="\n".join(rules))
    added = ipvs.rules()
    ipvs.add("-C", *rules)
    assert added == ipvs.rules()
    ipvs.refuse(
        "ipvs_table", "port 8081", services=from_ipvsadm("\n".join(rules).replace("8080", "8081"))
    )


def is_nameable(server: dict[str, Any]) -> bool:
    """Tell whether options have a word for it."""
    return server["forward"] != "local" and server.get("tunnel_type") != "7"


def test_what_no_ipvsadm_makes_is_deleted(odd: Ipvs) -> None:
    """One by one, and all at once."""
    web: dict[str, Any] = {"virtual_address": "10.0.0.3", "virtual_port": 80}
    odd.converge("ipvs_real_server", **web, address="10.1.0.1", port=8080, state="absent")
    odd.run("ipvs_real_server", **web, address="10.1.0.2", port=8080, state="drained")
    for address, port in (("10.0.0.1", 0), ("10.0.0.3", 80)):
        key: dict[str, Any] = {"virtual_address": address, "virtual_port": port}
        odd.converge("ipvs_service", **key, state="absent")
    odd.converge("ipvs_table", services=[], prune="all")
    assert odd.rules() == []


@pytest.mark.parametrize("address", ["0.0.0.0", "224.0.0.18", "ff02::12", "255.255.255.255"])
def test_a_service_at_no_address_of_a_host(ipvs: Ipvs, address: str) -> None:
    """Somebody's is edited, and deleted; nobody gets a new one."""
    key: dict[str, Any] = {"virtual_address": address, "virtual_port": 80, "protocol": "udp"}
    ipvs.refuse("ipvs_service", f"virtual_address '{address}'", **key)
    shown = f"[{address}]" if ":" in address else address
    ipvs.add(f"-A -u {shown}:80 -s rr")
    ipvs.converge("ipvs_service", **key, scheduler="wrr")
    assert ipvs.rules() == [f"-A -u {shown}:80 -s wrr"]
    ipvs.converge("ipvs_service", **key, state="absent")
    assert ipvs.rules() == []


def test_all_clients_as_one(ipvs: Ipvs) -> None:
    """A netmask of no bits, which the kernel takes."""
    service = {"virtual_address": "192.168.0.111", "virtual_port": 80, "persistent_timeout": 9}
    ipvs.converge("ipvs_service", **service, scheduler="rr", persistent_netmask="0.0.0.0")
    assert ipvs.rules() == ["-A -t 192.168.0.111:80 -s rr -p 9 -M 0.0.0.0"]


# ---- what the kernel refuses -------------------------------------------------------------------
NO_SERVERS = (
    ("fe80::1", "is a link-local address"),
    ("ff02::1", "is a multicast address"),
    ("::", "stands for no host"),
    ("::ffff:10.0.0.1", "is an IPv4 address in the form of IPv6; write it as 10.0.0.1"),
    ("0.0.0.0", "stands for no host"),
    ("224.0.0.5", "is a multicast address"),
    ("255.255.255.255", "is the broadcast address of every network"),
    ("127.255.255.255", "is a broadcast address of this host's networks"),
    ("{broadcast}", "is a broadcast address of this host's networks"),
)


@pytest.mark.parametrize(("address", "why"), NO_SERVERS)
def test_what_the_kernel_refuses_is_known_before(ipvs: Ipvs, address: str, why: str) -> None:
    """No service is left behind, and check mode says it too; the kernel is asked beside."""
    routes = ipvs.node.command("ip", "route", "show", "table", "local", "type", "broadcast")
    own = [line.split()[1] for line in routes.splitlines() if "eth" in line]
    address = address.format(broadcast=own[0])
    family = "6" if ":" in address else "4"
    vip = {"4": "192.168.0.111", "6": "fd00:0:0:1::111"}[family]
    shown = (f"[{vip}]:80", f"[{address}]:80") if family == "6" else (f"{vip}:80", f"{address}:80")
    ipvs.add(f"-A -t {shown[0]} -s rr")
    done = ipvs.node.try_command("ipvsadm", "-a", "-t", shown[0], "-r", shown[1], "-i")
    assert done.rc != 0, done
    assert len(ipvs.rules()) == 1
    ipvs.add("-C")
    servers = [{"address": address, "forward": "tun"}]
    services = [{"virtual_address": vip, "virtual_port": 80, "real_servers": servers}]
    for check in (True, False):
        message = ipvs.refuse("ipvs_table", why, address, check=check, services=services)
        assert message.startswith(f"real server {shown[1]} of service tcp {shown[0]}: address ")
    assert ipvs.rules() == []


def test_a_server_of_the_other_family_beside_a_daemon(ipvs: Ipvs) -> None:
    """The synchronisation daemon's protocol has no such thing."""
    node = ipvs.node
    server = {"address": "fd00::5", "forward": "tun"}
    service = {"virtual_address": "192.168.0.111", "virtual_port": 80, "real_servers": [server]}
    node.command("ipvsadm", "--start-daemon", "master", "--mcast-interface", "eth1")
    try:
        for check in (True, False):
            ipvs.refuse(
                "ipvs_table", "fd00::5", "synchronisation daemon", check=check, services=[service]
            )
        assert ipvs.rules() == []
    finally:
        node.command("ipvsadm", "--stop-daemon", "master")
    ipvs.converge("ipvs_table", services=[service])
