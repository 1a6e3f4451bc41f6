# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a director that runs has its virtual addresses.

Private to the collection: names and behaviour may change in any release. Pure code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._values import canonical_address

from .._cluster.inventory import interfaces_of
from .._cluster.model import Host
from .._settings.roles import DIRECTOR
from .found import Found
from .statements import Statement

OWN = "the director's addresses"
_LONGEST = {"vip_prefix": 32, "vip_prefix6": 128}


class Place(NamedTuple):
    """An address, with its prefix length, on an interface."""

    address: str
    prefix: int
    interface: str


def places_of(answer: Mapping[str, Any]) -> dict[str, Place]:
    """Return where the director has which address, C(lo) too."""
    found: dict[str, Place] = {}
    for link in answer.get("interfaces") or ():
        for entry in link["addresses"]:
            address, _slash, prefix = entry.partition("/")
            found.setdefault(address, Place(address, int(prefix), link["name"]))
    return found


def read_addresses(answer: Mapping[str, Any], found: Found) -> None:
    """Say where the virtual addresses go where no interface has them yet.

    It is for a director that has them all the time; with keepalived VRRP gives them.
    """
    places = places_of(answer)
    virtual = [canonical_address(one) or one for one in _virtual(found.services)]
    for address in virtual:
        if address not in places:
            why = "is a virtual address that no interface of the director has, and the role adds it"
            advice = "look who has it: if it moves between directors, use keepalived"
            found.ledger.leave(Statement(OWN, 0, address, ()), why, advice)
    there = [places[address] for address in virtual if address in places]
    _name_interface(there, Host("", interfaces=interfaces_of(answer)), found)
    _name_prefixes(there, found)


def _virtual(services: Sequence[Mapping[str, Any]]) -> list[str]:
    found = (
        address
        for service in services
        for address in service.get("addresses") or [service.get("address")]
        if address
    )
    return list(dict.fromkeys(found))


def _name_interface(places: Sequence[Place], host: Host, found: Found) -> None:
    """Name the interface of those addresses whose network does not tell it; C(lo) before others."""
    apart = []
    for one in places:
        towards = host.interface_towards(one.address)
        if towards is None or towards[0].name != one.interface:
            apart.append(one)
    names = dict.fromkeys(one.interface for one in apart)
    if not names:
        return
    chosen = "lo" if "lo" in names else next(iter(names))
    found.variables[DIRECTOR.variable("vip_interface")] = chosen
    for one in apart:
        if one.interface != chosen:
            why = f"is on {one.interface}, and one that is missing goes to {chosen} with the role"
            advice = f"have the host's own network configuration give it on {one.interface}"
            found.ledger.leave(_statement(one), why, advice)


def _name_prefixes(places: Sequence[Place], found: Found) -> None:
    """Name the prefix length that all have; of several each is left to who has given it."""
    for name, longest in _LONGEST.items():
        own = [one for one in places if (":" in one.address) == (longest == 128)]
        prefixes = {one.prefix for one in own}
        if len(prefixes) == 1 and prefixes != {longest}:
            found.variables[DIRECTOR.variable(name)] = prefixes.pop()


def _statement(one: Place) -> Statement:
    return Statement(OWN, 0, f"{one.address}/{one.prefix} dev {one.interface}", ())
