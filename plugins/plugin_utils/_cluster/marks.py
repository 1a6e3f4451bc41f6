# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packets get a service's firewall mark: its C(addresses) and C(ports), read.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import PROTOCOLS
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    FAMILIES,
    MAX_PORT,
    ModelError,
    address_family,
    canonical_address,
)

from .model import MarkedPorts

ALL_PORTS = tuple(MarkedPorts(protocol, 0, MAX_PORT) for protocol in PROTOCOLS)


def parse_ports(item: str, value: object) -> MarkedPorts:
    """Read one entry of C(ports): C(80), C(53/udp), C(10000-10100/tcp); without a protocol tcp."""
    text = str(value).strip() if not isinstance(value, bool) else ""
    numbers, slash, protocol = text.partition("/")
    first, dash, last = numbers.partition("-")
    ends = [first, last] if dash else [first, first]
    good = all(end.isdecimal() and end.isascii() and 1 <= int(end) <= MAX_PORT for end in ends)
    if not good or int(ends[0]) > int(ends[1]) or (slash and protocol not in PROTOCOLS):
        raise ModelError(
            item,
            "ports",
            value,
            "is not a port, a range of ports, or either with a protocol",
            "give one such as 443, 53/udp or 10000-10100/tcp",
        )
    return MarkedPorts(protocol if slash else "tcp", int(ends[0]), int(ends[1]))


def parse_marked_ports(item: str, given: object) -> tuple[MarkedPorts, ...]:
    """Read the ports whose packets get the mark; None is every port of every protocol."""
    if given is None:
        return ALL_PORTS
    if not isinstance(given, (list, tuple)) or not given:
        raise ModelError(
            item,
            "ports",
            given,
            "is not a list",
            "give one such as [80, 443], or leave it out for all",
        )
    return tuple(parse_ports(item, entry) for entry in given)


def parse_marked_addresses(item: str, given: object, family: object) -> tuple[str, ...]:
    """Read the addresses whose packets get the mark; with None nothing is marked here.

    All of them have to be of the family, where one is given.
    """
    if given is None:
        return ()
    if not isinstance(given, (list, tuple)) or not given:
        raise ModelError(item, "addresses", given, "is not a list", "give one such as [192.0.2.10]")
    found = []
    for entry in given:
        address = canonical_address(str(entry))
        if address is None:
            raise ModelError(item, "addresses", entry, "is not an IPv4 or IPv6 address", "give one")
        found.append(address)
    for address in found:
        if family in FAMILIES and address_family(address) != family:
            raise ModelError(
                item,
                "addresses",
                address,
                f"is not of family {family}",
                "take it out, or leave family out: there is a service for each family then",
            )
    return tuple(dict.fromkeys(found))
