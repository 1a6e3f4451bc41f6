# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packets get a service's firewall mark: its addresses and ports, as rules of nftables.

Private to the collection: names and behaviour may change in any release.

A service of the description that has C(fwmark) may name C(addresses) and C(ports). Pure code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import PROTOCOLS
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    FAMILIES,
    MAX_PORT,
    ModelError,
    address_family,
    canonical_address,
)

from .sorry_server import of_family


class MarkedPorts(NamedTuple):
    """Ports of one protocol, from the first to the last."""

    protocol: str
    first: int
    last: int

    def overlaps(self, other: MarkedPorts) -> bool:
        """Tell whether a packet may be meant by both."""
        return (
            self.protocol == other.protocol
            and self.first <= other.last
            and other.first <= self.last
        )

    def __str__(self) -> str:
        """Spell the ports as nftables does, without the protocol."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


ALL_PORTS = tuple(MarkedPorts(protocol, 0, MAX_PORT) for protocol in PROTOCOLS)


def parse_ports(value: object) -> MarkedPorts:
    """Read one entry of C(ports): C(80), C(53/udp), C(10000-10100/tcp); without a protocol tcp."""
    text = str(value).strip() if not isinstance(value, bool) else ""
    numbers, slash, protocol = text.partition("/")
    first, dash, last = numbers.partition("-")
    ends = [first, last] if dash else [first, first]
    good = all(end.isdecimal() and end.isascii() and 1 <= int(end) <= MAX_PORT for end in ends)
    if not good or int(ends[0]) > int(ends[1]) or (slash and protocol not in PROTOCOLS):
        raise ModelError(
            f"ports {value!r} is not a port, a range of ports, or either with a protocol;"
            " give one such as 443, 53/udp or 10000-10100/tcp."
        )
    return MarkedPorts(protocol if slash else "tcp", int(ends[0]), int(ends[1]))


def marked_ports(service: Mapping[str, Any]) -> tuple[MarkedPorts, ...]:
    """Return the ports whose packets get the mark; none given is every port of every protocol."""
    given = service.get("ports")
    if given is None:
        return ALL_PORTS
    if not isinstance(given, (list, tuple)) or not given:
        raise ModelError(
            f"ports {given!r} is not a list; give one such as [80, 443], or leave it out for all."
        )
    return tuple(parse_ports(entry) for entry in given)


def marked_addresses(service: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the addresses whose packets get the mark; without any nothing is marked here."""
    given = service.get("addresses")
    if given is None:
        return ()
    if not isinstance(given, (list, tuple)) or not given:
        raise ModelError(f"addresses {given!r} is not a list; give one such as [192.0.2.10].")
    found = []
    for entry in given:
        address = canonical_address(str(entry))
        if address is None:
            raise ModelError(f"addresses: {entry!r} is not an IPv4 or IPv6 address; give one.")
        found.append(address)
    family = service.get("family")
    for address in found:
        if family in FAMILIES and address_family(address) != family:
            raise ModelError(
                f"addresses: {address} is not of family {family}; take it out, or leave family out:"
                " there is a service for each family then."
            )
    return tuple(dict.fromkeys(found))


def virtual_addresses_of(service: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the virtual addresses of a service of the description that holds together."""
    if service.get("fwmark"):
        return marked_addresses(service)
    address = canonical_address(str(service.get("address") or ""))
    return (address,) if address is not None else ()


def by_family(service: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a service for each family of the addresses: the kernel has one a family.

    What does not hold together is given back as it is, for preflight to name.
    """
    try:
        addresses = marked_addresses(service)
    except ModelError:
        return [service]
    if not service.get("fwmark") or not addresses or service.get("family"):
        return [service]
    families = list(dict.fromkeys(str(address_family(address)) for address in addresses))
    if len(families) == 1:
        return [{**service, "family": families[0]}]
    return [_of_family(service, family, addresses) for family in families]


def _of_family(
    service: Mapping[str, Any], family: str, addresses: Sequence[str]
) -> Mapping[str, Any]:
    """Return the service without what is an address of another family."""
    servers = service.get("real_servers")
    if isinstance(servers, (list, tuple)):
        servers = [
            server
            for server in servers
            if not isinstance(server, Mapping)
            or address_family(str(server.get("address") or "")) in (None, family)
        ]
    name = service.get("name") or f"fwmark {service['fwmark']}"
    sorry_server = of_family(service.get("sorry_server"), family)
    return {
        **{field: value for field, value in service.items() if field != "sorry_server"},
        **({"sorry_server": sorry_server} if sorry_server is not None else {}),
        "name": f"{name} ({'IPv6' if family == 'ipv6' else 'IPv4'})",
        "family": family,
        "addresses": [a for a in addresses if address_family(a) == family],
        "real_servers": servers,
    }


def mark_rules(services: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the rules of nftables that mark, one for each protocol of each service."""
    rules = []
    for service in services:
        addresses = marked_addresses(service) if service.get("fwmark") else ()
        if not addresses:
            continue
        word = "ip6" if ":" in addresses[0] else "ip"
        where = f"{word} daddr {{ {', '.join(addresses)} }}"
        mark = f"meta mark set {int(service['fwmark'])}"
        ports = marked_ports(service)
        if ports == ALL_PORTS:
            rules.append(f"{where} meta l4proto {{ {', '.join(PROTOCOLS)} }} {mark}")
            continue
        for protocol in dict.fromkeys(entry.protocol for entry in ports):
            spelled = ", ".join(_merged(entry for entry in ports if entry.protocol == protocol))
            rules.append(f"{where} {protocol} dport {{ {spelled} }} {mark}")
    return rules


def _merged(ports: Iterable[MarkedPorts]) -> list[str]:
    """Spell ports as the elements of a set, which must not overlap."""
    merged: list[MarkedPorts] = []
    for entry in sorted(ports):
        if merged and entry.first <= merged[-1].last + 1:
            merged[-1] = merged[-1]._replace(last=max(merged[-1].last, entry.last))
        else:
            merged.append(entry)
    return [str(entry) for entry in merged]


def claims(service: Mapping[str, Any]) -> list[tuple[str, MarkedPorts]]:
    """Return the packets that a service takes: each of its addresses with each of its ports."""
    if service.get("fwmark"):
        ports: Sequence[MarkedPorts] = marked_ports(service)
    else:
        port = int(service.get("port") or 0)
        protocol = str(service.get("protocol") or "tcp")
        ports = [MarkedPorts(protocol, port, port or MAX_PORT)]
    return [(address, entry) for address in virtual_addresses_of(service) for entry in ports]
