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

from .._values import ModelError, address_family, canonical_address
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


def parse_virtual_ip(text: str, interface: str, label: str | None) -> WantedAddress:
    """Read what virtual_ip is given."""
    host, slash, length = text.strip().partition("/")
    address = canonical_address(host)
    family = address_family(host)
    if address is None or family is None:
        raise ModelError(
            "",
            "address",
            text,
            "is not an IPv4 or IPv6 address",
            "give one such as 192.0.2.10, 192.0.2.10/24 or 2001:db8::10",
        )
    prefix = None
    if slash:
        if not (length.isdecimal() and length.isascii() and 1 <= int(length) <= BITS[family]):
            raise ModelError(
                "",
                "address",
                text,
                "has no prefix length that fits",
                f"give one from 1 to {BITS[family]}, or leave it out",
            )
        prefix = int(length)
    if label is not None:
        _check_label(address, interface, label)
    return WantedAddress(address, interface, prefix, label)


def _check_label(address: str, interface: str, label: str) -> None:
    item = f"address {address}"
    if ":" in address:
        raise ModelError(item, "label", label, "is for IPv4 only", "leave label out")
    if not label.startswith(interface) or len(label) > MAX_LABEL:
        raise ModelError(
            item,
            "label",
            label,
            "does not fit",
            f"give one that begins with {interface} and has at most {MAX_LABEL} characters,"
            f" such as {interface}:1",
        )


def parse_virtual_ips(
    addresses: Iterable[Mapping[str, Any]], release: Iterable[str], *, prune: bool, adopt: bool
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
    released = frozenset(_parse_released(text) for text in release)
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


def _parse_released(text: str) -> str:
    address = canonical_address(text.strip())
    if address is None:
        raise ModelError(
            "",
            "release",
            text,
            "is not an IPv4 or IPv6 address",
            "give one without a prefix length",
        )
    return address


def parse_default_gateway(text: str, interface: str | None, metric: int | None) -> WantedGateway:
    """Read what default_gateway is given."""
    gateway = canonical_address(text.strip())
    if gateway is None:
        raise ModelError(
            "", "gateway", text, "is not an IPv4 or IPv6 address", "give that of the gateway"
        )
    if metric is not None and not 0 <= metric <= MAX_METRIC:
        raise ModelError(
            f"gateway {gateway}",
            "metric",
            metric,
            "is out of range",
            f"give one from 0 to {MAX_METRIC}",
        )
    if ":" in gateway and metric == 0:
        # The kernel takes 0 to mean its default.
        metric = DEFAULT_METRIC["ipv6"]
    return WantedGateway(gateway, interface, metric)
