# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections that ipvs_info gathers, made by a real client, with ipvsadm as the witness."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from node import Node
from witness import Ipvs

VIP, RIP = "192.168.0.111", "192.168.137.129"
VIP6, RIP6 = "fd00:0:0:1::111", "fd00:0:0:2::129"
MARK = 2**32 - 2
# ipvsadm reads marks as signed numbers.
RULES = f"""
-A -t {VIP}:8101 -s rr
-a -t {VIP}:8101 -r {RIP}:8101 -m
-A -t [{VIP6}]:8102 -s rr
-a -t [{VIP6}]:8102 -r [{RIP6}]:8102 -m
-A -t {VIP}:8103 -s rr -p 60 -M 255.255.255.0
-a -t {VIP}:8103 -r {RIP}:8103 -m
-A -f {MARK} -s rr -p 60
-a -f {MARK} -r {RIP}:0 -m
-A -f 10 -6 -s rr -p 60 -M 64
-a -f 10 -6 -r [{RIP6}]:0 -m
-A -u {VIP}:8106 -s rr
-a -u {VIP}:8106 -r {RIP}:8107 -m
-A -u {VIP}:5060 -s rr -p 60 --pe sip
-a -u {VIP}:5060 -r {RIP}:5060 -m
-A --sctp-service {VIP}:8108 -s rr
-a --sctp-service {VIP}:8108 -r {RIP}:8108 -m
"""
# Opens a connection to each service, and leaves a process behind that holds them open. Prints the
# process's number and the clients' ports.
CLIENTS = """
import json, os, signal, socket, sys

VIP, RIP, VIP6, RIP6, MARK = sys.argv[1:6]
INVITE = (
    b"INVITE sip:b@example.com SIP/2.0\\r\\nVia: SIP/2.0/UDP 192.0.2.1\\r\\n"
    b"From: <sip:a@example.com>\\r\\nTo: <sip:b@example.com>\\r\\nCall-ID: 7f3-1@192.0.2.1\\r\\n"
    b"CSeq: 1 INVITE\\r\\n\\r\\n"
)
opened = []

def stream(virtual, real, port, mark=0, protocol=socket.IPPROTO_TCP):
    family = socket.AF_INET6 if ":" in virtual else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((real, port))
    listener.listen()
    client = socket.socket(family, socket.SOCK_STREAM, protocol)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark.to_bytes(4, sys.byteorder))
    client.connect((virtual, port))
    opened.extend((listener, client))
    return client.getsockname()[1]

def datagram(port, text):
    client = socket.socket(type=socket.SOCK_DGRAM)
    client.connect((VIP, port))
    client.send(text)
    opened.append(client)
    return client.getsockname()[1]

ports = {
    "tcp": stream(VIP, RIP, 8101),
    "tcp6": stream(VIP6, RIP6, 8102),
    "persistent": stream(VIP, RIP, 8103),
    "mark": stream(VIP, RIP, 8104, int(MARK)),
    "mark6": stream(VIP6, RIP6, 8105, 10),
    "udp": datagram(8106, b"x"),
    "sip": datagram(5060, INVITE),
    "sctp": stream(VIP, RIP, 8108, 0, socket.IPPROTO_SCTP),
}
holder = os.fork()
if holder:
    print(json.dumps([holder, ports]))
else:
    for stream in (0, 1, 2):
        os.close(stream)
    signal.pause()
"""


@pytest.fixture
def ports(node: Node, ipvs: Ipvs) -> Iterator[dict[str, int]]:
    """Make the services and a connection to each; give the clients' ports."""
    ipvs.add(*RULES.strip().splitlines())
    shown = node.command("python3", "-c", CLIENTS, VIP, RIP, VIP6, RIP6, str(MARK))
    holder, opened = json.loads(shown)
    yield opened
    node.command("kill", str(holder))


def joined(address: str, port: int) -> str:
    """Return an address and a port as ipvsadm prints them."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def as_listed(connection: dict[str, Any]) -> str:
    """Return a connection as ipvsadm -Lnc --persistent-conn prints it, but for its time."""
    if "fwmark" in connection:
        # It takes the mark for an address.
        mark = connection["fwmark"].to_bytes(4, "big")
        virtual = joined(
            socket.inet_ntop(socket.AF_INET, mark)
            if connection["family"] == "ipv4"
            else socket.inet_ntop(socket.AF_INET6, mark + bytes(12)),
            0,
        )
    else:
        virtual = joined(connection["virtual_address"], connection["virtual_port"])
    words = [
        connection.get("protocol", "ip").upper(),
        connection["state"],
        joined(connection["client_address"], connection["client_port"]),
        virtual,
        joined(connection["address"], connection["port"]),
    ]
    if connection["persistence_engine"] != "none":
        words += [connection["persistence_engine"], connection["persistence_data"]]
    return " ".join(words)


def listed(node: Node) -> set[str]:
    """Return the connections as ipvsadm prints them, but for their times."""
    lines = node.command("ipvsadm", "-Lnc", "--persistent-conn").splitlines()[2:]
    words = [line.split() for line in lines]
    return {" ".join([first, *rest]) for first, _expires, *rest in words}


@pytest.mark.usefixtures("ports")
def test_connections_are_what_ipvsadm_lists(node: Node, ipvs: Ipvs) -> None:
    """All of them, whatever their protocol, family and kind.

    Those of the tests before may end meanwhile.
    """
    before = listed(node)
    found = ipvs.run("ipvs_info", gather=["connections"])["connections"]
    after = listed(node)
    ours = {as_listed(connection) for connection in found}
    assert before & after <= ours <= before | after
    assert len(before & after) >= 8 + 4


def test_each_kind_of_connection(ipvs: Ipvs, ports: dict[str, int]) -> None:
    """What a connection is, field by field."""
    found = ipvs.run("ipvs_info", gather=["connections"])["connections"]

    def of(kind: str) -> dict[str, Any]:
        # Other tests' connections take their time to end.
        ours = [one for one in found if one["client_address"] in (VIP, VIP6)]
        (one,) = [one for one in ours if one["client_port"] == ports[kind]]
        assert 0 < one["expires"] <= 900
        return {**one, "expires": 0}

    def template(**fields: Any) -> dict[str, Any]:
        (one,) = [
            one
            for one in found
            if one["template"] and all(one.get(name) == value for name, value in fields.items())
        ]
        assert 0 <= one["expires"] <= 60
        return {**one, "expires": 0}

    common = {
        "expires": 0,
        "template": False,
        "synchronised": False,
        "persistence_engine": "none",
        "persistence_data": "",
    }
    first = {
        "protocol": "tcp",
        "virtual_address": VIP,
        "virtual_port": 8101,
        "family": "ipv4",
        "client_address": VIP,
        "client_port": ports["tcp"],
        "address": RIP,
        "port": 8101,
        "state": "ESTABLISHED",
        **common,
    }
    assert of("tcp") == first
    sixth = {**first, "family": "ipv6", "virtual_address": VIP6, "client_address": VIP6}
    sixth.update(address=RIP6, virtual_port=8102, port=8102, client_port=ports["tcp6"])
    assert of("tcp6") == sixth
    udp = {**first, "protocol": "udp", "state": "UDP", "virtual_port": 8106, "port": 8107}
    assert of("udp") == {**udp, "client_port": ports["udp"]}
    sctp = of("sctp")
    assert (sctp["protocol"], sctp["virtual_port"]) == ("sctp", 8108)
    # A connection of a mark is as it came in; the mark is in its template only.
    assert (of("mark")["protocol"], of("mark")["virtual_port"]) == ("tcp", 8104)

    memory = {**common, "template": True, "state": "ASSURED", "client_port": 0}
    assert template(virtual_port=8103) == {
        **first,
        **memory,
        "virtual_port": 8103,
        "port": 8103,
        "client_address": "192.168.0.0",
    }
    assert template(fwmark=MARK) == {
        "fwmark": MARK,
        "family": "ipv4",
        "client_address": VIP,
        "address": RIP,
        "port": 0,
        **memory,
    }
    assert template(fwmark=10) == {
        "fwmark": 10,
        "family": "ipv6",
        "client_address": "fd00:0:0:1::",
        "address": RIP6,
        "port": 0,
        **memory,
    }
    sip = template(persistence_data="7f3-1@192.0.2.1")
    assert (sip["persistence_engine"], sip["virtual_port"]) == ("sip", 5060)


def test_only_what_is_asked_for(ipvs: Ipvs) -> None:
    """Connections may be many: who does not ask for them does not get them."""
    assert "connections" not in ipvs.run("ipvs_info", gather=["services", "timeouts", "daemons"])
    assert "services" not in ipvs.run("ipvs_info", gather=["connections"])
