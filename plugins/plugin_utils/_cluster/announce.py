# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""To whom a director announces the virtual addresses: C(lvs_announce).

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .._problem import Problem
from .._settings.kinds import Place
from .._settings.roles import CLUSTER

VARIABLE = CLUSTER.variable("announce")


class Peer(NamedTuple):
    """A router, with which a director speaks BGP. C(multihop) is 0 for one on a link of its."""

    address: str
    asn: int
    password: str = ""
    multihop: int = 0
    bfd: bool = True

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`: the addresses that it is told of are of the same."""
        return "ipv6" if ":" in self.address else "ipv4"


class Announce(NamedTuple):
    """The director's own number, its routers, and the seconds between two packets of BFD."""

    asn: int
    peers: tuple[Peer, ...]
    interval: float = 0.1

    def peers_of(self, family: str) -> list[Peer]:
        """Return the routers that are told of the addresses of a family."""
        return [peer for peer in self.peers if peer.family == family]


def read_announce(item: str, given: Any, problems: list[Problem]) -> Announce | None:
    """Read what a host says of it. None where it says nothing, or something is wrong with it."""
    if given in (None, ""):
        return None
    place, before = Place(item, VARIABLE), len(problems)
    found = CLUSTER.variables["announce"].read(given, place, problems)
    if len(problems) > before:
        return None
    peers = tuple(Peer(**peer) for peer in found["peers"])
    addresses = [peer.address for peer in peers]
    for address in dict.fromkeys(one for one in addresses if addresses.count(one) > 1):
        why, advice = "is there twice", "leave out one of the two"
        problems.append(place.within("peers.address").problem(address, why, advice))
    if len(problems) > before:
        return None
    return Announce(**{**found, "peers": peers})
