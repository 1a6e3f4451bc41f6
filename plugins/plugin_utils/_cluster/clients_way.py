# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks by the clients' way: the firewall marks by which a director asks one real server alone.

Private to the collection: names and behaviour may change in any release.

The director connects to the virtual address, and the packets have a mark of which the table has a
service with this one real server. By direct routing and tunnel the real server has to have the
virtual address, and the tunnel, to answer. Pure code.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    ServiceKey,
)

from .model import Cluster, VirtualService

# The marks that checks may have; the one of M(lvs.cluster.ipvs_check) is none of them.
MARKS = range(0x4C600000, 0x4C700000)
# Each has one real server.
MARKS_SCHEDULER = "rr"


class Way(NamedTuple):
    """How packets of clients of a family reach a real server, which has no port and weight 1."""

    family: str
    server: RealServer


def is_mark(text: str) -> bool:
    """Tell whether a text is one of these marks."""
    return bool(re.fullmatch("[0-9]{1,10}", text)) and int(text) in MARKS


def asks_by_it(service: VirtualService) -> bool:
    """Tell whether the real servers of a service are asked by the clients' way."""
    return service.check["clients_way"] is True


def way_to(service: VirtualService, server: RealServer) -> Way:
    """Return the way of a service's clients to one of its real servers."""
    bare = server._replace(port=0, weight=1, upper_threshold=0, lower_threshold=0)
    return Way(service.service.family, bare)


def marks(cluster: Cluster) -> dict[Way, int]:
    """Return the mark of each way by which a real server is asked.

    It goes by the way itself, and not by its place: whoever else comes or goes, it stays, and a
    health checker that reads its configuration again goes on with what it knows of the server.
    """
    found: dict[Way, int] = {}
    taken: set[int] = set()
    for way in dict.fromkeys(way for way, _address in asked_by(cluster)):
        place = zlib.crc32(" ".join(map(str, (way.family, *way.server))).encode())
        while place % len(MARKS) in taken:
            place += 1
        taken.add(place % len(MARKS))
        found[way] = MARKS[place % len(MARKS)]
    return found


def spare_mark(cluster: Cluster) -> int:
    """Return one of the marks by which nobody is asked."""
    taken = {*marks(cluster).values()}
    return next(mark for mark in reversed(MARKS) if mark not in taken)


def mark_keys(cluster: Cluster) -> list[ServiceKey]:
    """Return the keys of the services of these marks."""
    return [(mark, way.family) for way, mark in marks(cluster).items()]


def asked_by(cluster: Cluster) -> Iterator[tuple[Way, str]]:
    """Give each way with each virtual address that is asked by it; a pair may come again."""
    for service in filter(asks_by_it, cluster.services):
        for member in service.members:
            for address in service.addresses:
                yield way_to(service, member.server), address
