# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the node: reads again and again what somebody else changes, and tells what was wrong.

    reader.py servers ADDRESS PORT COUNT READS      of a service: 10.0.0.1 and on have to be there
    reader.py services COUNT READS                  10.0.0.1:1 and on have to be there
    reader.py connections ADDRESS PORT COUNT        makes so many by UDP, and reads them meanwhile

The answer is a line of JSON: how many reads there were of which kind.
"""

from __future__ import annotations

import json
import socket
import sys
from collections import Counter

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.connections import (
    read_connections,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Ipvs

FIRST = 0x0A000001
# How many connections come between two reads: the kernel is often still at work on the table.
EVERY = 100


def numbered(number: int) -> str:
    """Return an address."""
    return socket.inet_ntoa((FIRST + number).to_bytes(4, "big"))


def servers(address: str, port: int, count: int, reads: int) -> Counter[str]:
    """Read the servers of a service, and the last of them by itself."""
    key = ("tcp", address, port)
    lasting = {(numbered(number), port) for number in range(count)}
    last = (numbered(0), port)
    ended: Counter[str] = Counter()
    with Ipvs() as ipvs:
        for _read in range(reads):
            try:
                found = ipvs.read_service(key).servers_of(key)
            except IpvsError:
                ended["given up"] += 1
            else:
                ended["right" if found.keys() >= lasting else "with a gap"] += 1
            ended["there" if ipvs.find_server(key, last) else "taken for gone"] += 1
    return ended


def services(count: int, reads: int) -> Counter[str]:
    """Read a table of services that have no servers, or one."""
    lasting = {("tcp", numbered(number), 1) for number in range(count)}
    ended: Counter[str] = Counter()
    with Ipvs() as ipvs:
        for _read in range(reads):
            try:
                found = ipvs.read().services
            except IpvsError:
                ended["given up"] += 1
            else:
                ended["right" if found.keys() >= lasting else "with a gap"] += 1
    return ended


def connections(address: str, port: int, count: int) -> Counter[str]:
    """Make connections, and read them while the kernel makes its table larger for them."""
    ended: Counter[str] = Counter()
    made: set[int] = set()
    for number in range(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind((address, 20000 + number))
            client.sendto(b"?", (address, port))
            made.add(20000 + number)
        if number % EVERY == EVERY - 1:
            found = [e["client_port"] for e in read_connections() if e.get("virtual_port") == port]
            ended["twice" if len(found) > len(set(found)) else "once"] += 1
            ended["whole" if made <= set(found) else "with a gap"] += 1
    return ended


def main(what: str, *given: str) -> None:
    """Do what the first word says."""
    if what == "servers":
        ended = servers(given[0], *map(int, given[1:]))
    elif what == "services":
        ended = services(*map(int, given))
    else:
        ended = connections(given[0], *map(int, given[1:]))
    print(json.dumps(ended))


if __name__ == "__main__":
    main(*sys.argv[1:])
