# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks for.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .._values import (
    ModelError,
    parse_address,
    parse_integer,
    problem_of_address,
)
from .edges import is_edge
from .interface import parse_interface
from .model import BITS, DEFAULT_METRIC, MAX_LABEL, MAX_METRIC, Address, Place


@dataclass(frozen=True)
class WantedAddress:
    """An address as a task asks for it."""

    address: str
    interface: str
    prefix: int | None = None
    label: str | None = None

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`."""
        return "ipv6" if ":" in self.address else "ipv4"

    def is_at(self, found: Address) -> bool:
        """Tell whether an address of the host is this one, whatever its prefix length."""
        return found.address == self.address and found.interface == self.interface

    def fits(self, place: Place) -> bool:
        """Tell whether this one may be at a place."""
        return (
            place.address == self.address
            and place.interface == self.interface
            and self.prefix in (None, place.prefix)
        )


@dataclass(frozen=True)
class WantedAddresses:
    """The addresses of an owner as a task asks for them, and what is to be done about others."""

    addresses: tuple[WantedAddress, ...] = ()
    prune: bool = False
    adopt: bool = False
    release: frozenset[str] = frozenset()


@dataclass(frozen=True)
class WantedGateway:
    """A default route as a task asks for it."""

    gateway: str
    interface: str | None = None
    metric: int | None = None

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`."""
        return "ipv6" if ":" in self.gateway else "ipv4"


def parse_virtual_ip(
    text: object, interface: object, label: object, *, gone: bool = False
) -> WantedAddress:
    """Read what virtual_ip is given; what has to be gone may be an address that no host has."""
    host, slash, length = text.partition("/") if isinstance(text, str) else (text, "", "")
    try:
        address = parse_address("", "address", host)
    except ModelError as error:
        advice = "give one such as 192.0.2.10, 192.0.2.10/24 or 2001:db8::10"
        raise ModelError("", "address", text, error.why, advice) from error
    prefix = _parse_prefix(text, length, address) if slash else None
    if not gone:
        _check_host("address", text, address, prefix)
    link = parse_interface("interface", interface)
    if label is not None:
        _check_label(address, link, label)
    return WantedAddress(address, link, prefix, None if label is None else str(label))


def _parse_prefix(text: object, length: str, address: str) -> int:
    longest = BITS["ipv6" if ":" in address else "ipv4"]
    try:
        return parse_integer("", "address", length, 1, longest)
    except ModelError as error:
        advice = f"give one from 1 to {longest}, or leave it out"
        raise ModelError("", "address", text, "has no prefix length that fits", advice) from error


def _check_host(field: str, text: object, address: str, prefix: int | None = None) -> None:
    """Raise ModelError for an address that no host may have."""
    problem = problem_of_address(address)
    if problem is None and prefix is not None and is_edge(address, prefix):
        problem = is_edge(address, prefix), "give the address of one host"
    if problem is not None:
        raise ModelError("", field, text, *problem)


def _check_label(address: str, interface: str, label: object) -> None:
    item = f"address {address}"
    if ":" in address:
        raise ModelError(item, "label", label, "is for IPv4 only", "leave label out")
    if (
        not isinstance(label, str)
        or not label.startswith(interface)
        or len(label) > MAX_LABEL
        or not (label.isascii() and label.isprintable())
        or " " in label
    ):
        raise ModelError(
            item,
            "label",
            label,
            "does not fit",
            f"give one that begins with {interface} and has at most {MAX_LABEL} characters,"
            f" such as {interface}:1",
        )


def parse_virtual_ips(
    addresses: Iterable[Mapping[str, Any]], release: Iterable[object], *, prune: bool, adopt: bool
) -> WantedAddresses:
    """Read what virtual_ips is given: mappings of C(address), C(interface) and C(label)."""
    wanted: dict[tuple[str, str], WantedAddress] = {}
    for given in addresses:
        entry = parse_virtual_ip(given["address"], given["interface"], given.get("label"))
        if wanted.setdefault((entry.address, entry.interface), entry) is not entry:
            raise ModelError(
                f"address {entry.address}",
                "interface",
                entry.interface,
                "is given twice",
                "give each address once for an interface",
            )
    released = frozenset(parse_address("", "release", text) for text in release)
    for entry in wanted.values():
        if entry.address in released:
            raise ModelError(
                f"address {entry.address}",
                field="",
                value=None,
                why="is in addresses and in release",
                advice="leave it out of one of them",
            )
    return WantedAddresses(tuple(wanted.values()), prune=prune, adopt=adopt, release=released)


def parse_default_gateway(
    text: object, interface: object, metric: object, *, gone: bool = False
) -> WantedGateway:
    """Read what default_gateway is given; one that has to be gone may be what no host has."""
    gateway = parse_address("", "gateway", text)
    if not gone:
        _check_host("gateway", text, gateway)
    link = None if interface is None else parse_interface("interface", interface)
    item = f"gateway {gateway}"
    number = None if metric is None else parse_integer(item, "metric", metric, 0, MAX_METRIC)
    if ":" in gateway and number == 0:
        # The kernel takes 0 to mean its default.
        number = DEFAULT_METRIC["ipv6"]
    return WantedGateway(gateway, link, number)
