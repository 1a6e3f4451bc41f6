# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that a network has for no host: its own, and the one for broadcast.

Private to the collection: names and behaviour may change in any release.

Pure code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._effects import ADD
from .._values import in_network, packed_address
from .model import Address, LinkError, Step


def is_edge(address: str, prefix: int) -> str:
    """Return why an address of a network is not one of a host; nothing where it may be."""
    octets = packed_address(address)
    host_bits = 8 * len(octets) - prefix
    last = (1 << host_bits) - 1
    host = int.from_bytes(octets, "big") & last
    if host_bits > 1 and host == 0:
        return "is that of the network itself"
    if host_bits > 1 and host == last and len(octets) == 4:
        return "is the broadcast address of the network"
    return ""


def refuse_edges(have: Sequence[Address], steps: Iterable[Step]) -> None:
    """Raise LinkError for a new address that a network of its interface has for no host."""
    for step in steps:
        new = step.item
        if step.action != ADD or not isinstance(new, Address) or new.family == "ipv6":
            continue
        if any(entry.place == new.place for entry in have):
            continue
        for entry in have:
            network = packed_address(entry.address)
            if (
                entry.interface == new.interface
                and entry.family == new.family
                and in_network(packed_address(new.address), network, entry.prefix)
                and is_edge(new.address, entry.prefix)
            ):
                why = f"{is_edge(new.address, entry.prefix)} of {entry.address}/{entry.prefix}"
                advice = "give the address of one host"
                raise LinkError(new.as_line().strip(), "", None, why, advice)
