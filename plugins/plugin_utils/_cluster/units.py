# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of the roles that a host has already, and of which cluster they are.

Private to the collection: names and behaviour may change in any release.

An owner of files in C(/etc/lvs-cluster) is a kind of host, and the name of its cluster if it has
one: C(dr-real-server), C(dr-real-server-shop). C(OWNER.cluster) has addresses that no other cluster
has; by them two clusters without a name are told apart. C(director.cluster) has the cluster's name,
if there is one, and its real servers' addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import address_family

DIRECTOR = "director"
# By how packets reach the host.
REAL_SERVERS: Mapping[str, str] = {
    "nat": "nat-real-server",
    "dr": "dr-real-server",
    "tun": "tun-real-server",
}

# The lines of files, by the file's name.
Units = Mapping[str, tuple[str, ...]]


def owner_of(kind: str, cluster: str) -> str:
    """Return the owner's name for a kind of host of a cluster, which may have no name."""
    return f"{kind}-{cluster}" if cluster else kind


def read_units(files: Any) -> Units:
    """Read C(files) of M(lvs.cluster.host_info)."""
    found = files if isinstance(files, Mapping) else {}
    return {str(name): tuple(map(str, lines)) for name, lines in found.items()}


def clusters_of(units: Units, kind: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the clusters for which a host is of a kind: the name, or none, and what is theirs."""
    for file, lines in units.items():
        owner, _dot, part = file.rpartition(".")
        if part == "cluster" and (owner == kind or owner.startswith(f"{kind}-")):
            yield owner[len(kind) + 1 :], lines


def directed(units: Units) -> tuple[str | None, frozenset[str], frozenset[str]]:
    """Return what a host directs: the cluster's name, None where it has none, services, servers.

    Services are as ipvsadm names them. Servers are addresses; former releases wrote none down.
    """
    lines = units.get(f"{DIRECTOR}.cluster", ())
    names = [line for line in lines if address_family(line) is None]
    services = frozenset(units.get(f"{DIRECTOR}.services", ()))
    return next(iter(names), None), services, frozenset(lines) - frozenset(names)


def gateways_of_before(units: Units, cluster: str, gateways: tuple[str, ...]) -> tuple[str, ...]:
    """Return the host's own default gateways, where one of them is what our unit has set."""
    owner = owner_of(REAL_SERVERS["nat"], cluster)
    ours = {line.split()[0] for line in units.get(f"{owner}.gateway", ())}
    own: list[str] = []
    for gateway in gateways:
        own += _gateways(units.get(f"{owner}.routes", ())) if gateway in ours else [gateway]
    return tuple(dict.fromkeys(own))


def _gateways(routes: tuple[str, ...]) -> Iterator[str]:
    for route in routes:
        words = route.split()
        yield from (word for before, word in zip(words, words[1:]) if before == "via")
