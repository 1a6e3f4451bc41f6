# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks for.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._values import (
    ModelError,
    address_family,
    canonical_address,
)
from .model import (
    BITS,
    DEFAULT_METRIC,
    MAX_LABEL,
    MAX_METRIC,
)


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
            f"address {text!r} is not an IPv4 or IPv6 address;"
            " give one such as 192.0.2.10, 192.0.2.10/24 or 2001:db8::10."
        )
    prefix = None
    if slash:
        if not (length.isdecimal() and length.isascii() and 1 <= int(length) <= BITS[family]):
            raise ModelError(
                f"address {text!r} has no prefix length that fits;"
                f" give one from 1 to {BITS[family]}, or leave it out."
            )
        prefix = int(length)
    if label is not None:
        if family == "ipv6":
            raise ModelError(
                f"address {address}: label {label!r} is for IPv4 only; leave label out."
            )
        if not label.startswith(interface) or len(label) > MAX_LABEL:
            raise ModelError(
                f"address {address}: label {label!r} does not fit; give one that begins with"
                f" {interface} and has at most {MAX_LABEL} characters, such as {interface}:1."
            )
    return WantedAddress(address, interface, prefix, label)


def parse_default_gateway(text: str, interface: str | None, metric: int | None) -> WantedGateway:
    """Read what default_gateway is given."""
    gateway = canonical_address(text.strip())
    if gateway is None:
        raise ModelError(
            f"gateway {text!r} is not an IPv4 or IPv6 address; give that of the gateway."
        )
    if metric is not None and not 0 <= metric <= MAX_METRIC:
        raise ModelError(
            f"gateway {gateway}: metric {metric} is out of range; give one from 0 to {MAX_METRIC}."
        )
    if ":" in gateway and metric == 0:
        # The kernel takes 0 to mean its default.
        metric = DEFAULT_METRIC["ipv6"]
    return WantedGateway(gateway, interface, metric)
