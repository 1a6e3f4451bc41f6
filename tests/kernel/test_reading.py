# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's lists, read while somebody else changes them: what nobody touches is in them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from node import ON_NODE, Node
from witness import Ipvs

SERVERS, SERVICES, CHANGING, READS = 300, 300, 100, 200
WEB = "-t 192.168.0.111:80"
PID = f"{ON_NODE}/changer.pid"


@pytest.fixture
def end(node: Node) -> Iterator[None]:
    """End who changes the table."""
    yield
    node.command("sh", "-c", f"kill $(cat {PID}); rm {PID}")


def numbered(number: int) -> str:
    """Return an address."""
    return f"10.0.{(number + 1) // 256}.{(number + 1) % 256}"


def change(node: Node, *rules: str) -> None:
    """Let somebody else carry these out, again and again, with a moment between."""
    node.command("tee", f"{ON_NODE}/rules", text="".join(f"{rule}\n" for rule in rules))
    loop = f"while ipvsadm -R < {ON_NODE}/rules; do sleep 0.1; done"
    node.command("sh", "-c", f"({loop}) > /dev/null 2>&1 & echo $! > {PID}")


def read(node: Node, *words: object) -> dict[str, int]:
    """Return how often what was read was how."""
    command = f"PYTHONPATH={ON_NODE} python3 {ON_NODE}/reader.py {' '.join(map(str, words))}"
    told: dict[str, int] = json.loads(node.command("sh", "-c", command))
    return told


@pytest.mark.usefixtures("end")
def test_servers(ipvs: Ipvs, node: Node) -> None:
    """None is missing while others come and go, and none is taken for gone."""
    servers = [f"{WEB} -r {numbered(number)}:80" for number in range(SERVERS + CHANGING)]
    ipvs.add(f"-A {WEB} -s rr", *(f"-a {server} -m" for server in servers))
    others = servers[SERVERS:]
    change(node, *(f"-d {one}" for one in others), *(f"-a {one} -m" for one in others))
    found = read(node, "servers", "192.168.0.111", 80, SERVERS, READS)
    assert found.pop("right") > 0
    assert found.pop("there") == READS
    assert found.keys() <= {"given up"}, found


@pytest.mark.usefixtures("end")
def test_services(ipvs: Ipvs, node: Node) -> None:
    """None is missing while others come and go."""
    services = [f"-t {numbered(number)}:1" for number in range(SERVICES + CHANGING)]
    ipvs.add(*(f"-A {one} -s rr" for one in services))
    others = services[SERVICES:]
    change(node, *(f"-D {one}" for one in others), *(f"-A {one} -s rr" for one in others))
    found = read(node, "services", SERVICES, 20)
    assert found.pop("right") > 0
    assert found.keys() <= {"given up"}, found


def test_connections(ipvs: Ipvs, node: Node) -> None:
    """Each is told once, while they come and the kernel makes its table larger."""
    ipvs.add("-A -u 192.168.0.111:5300 -s rr", "-a -u 192.168.0.111:5300 -r 192.168.137.1:5300 -m")
    # None ends meanwhile, however long a busy machine takes.
    node.command("ipvsadm", "--set", "0", "0", "3600")
    try:
        found = read(node, "connections", "192.168.0.111", 5300, 5000)
    finally:
        node.command("ipvsadm", "--set", "0", "0", "300")
    assert found == {"once": 50, "whole": 50}


ALL = """
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Ipvs
with Ipvs() as kernel:
    table = kernel.read()
    details = kernel.read_details()
for key, service in table.services.items():
    print(service.label, *(server.label.split()[-1] for server in table.sorted_servers(key)))
assert sorted(len(servers) for *_service, servers in details) == sorted(
    map(len, table.real_servers.values())
)
"""


def test_lists_of_every_length(ipvs: Ipvs, node: Node) -> None:
    """One after the other: without any real server, with few, and with more than a buffer holds."""
    lengths = [0, 250, 1, 0, 0, 300, 10, 10, 400]
    services = [f"-t 192.168.0.111:{port}" for port in range(1, len(lengths) + 1)]
    services[5] = "-f 6"
    wanted = {}
    for service, length in zip(services, lengths):
        servers = sorted(f"{numbered(number)}:80" for number in range(length))
        ipvs.add(f"-A {service} -s rr", *(f"-a {service} -r {server} -m" for server in servers))
        wanted[service] = servers
    told = node.command("env", f"PYTHONPATH={ON_NODE}", "python3", "-c", ALL)
    found = {}
    for line in told.splitlines():
        _service, kind, name, *servers = line.replace(" (ipv4)", "").split()
        found[f"-{kind[0]} {name}"] = sorted(servers)
    assert found == wanted


SILENCE = """
import time
from ansible_collections.lvs.cluster.plugins.module_utils import _netlink
_netlink.ANSWER_SECONDS = 0.2
netlink = _netlink.Netlink(_netlink.NETLINK_GENERIC)
began = time.monotonic()
try:
    netlink._receive()
except TimeoutError as error:
    print(error, 0.1 < time.monotonic() - began < 10, netlink._socket.gettimeout())
"""


def test_an_answer_that_never_comes(node: Node) -> None:
    """The kernel itself ends the wait for it."""
    told = node.command("env", f"PYTHONPATH={ON_NODE}", "python3", "-c", SILENCE)
    assert told.strip() == "timed out True None"
