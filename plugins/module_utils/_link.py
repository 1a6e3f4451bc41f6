# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and default routes: what they are, and what a task asks for.

Private to the collection: names and behaviour may change in any release.

Pure code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._model import (
    ModelError,
    address_family,
    canonical_address,
    packed_address,
)
from ansible_collections.lvs.cluster.plugins.module_utils._plan import (
    ADD,
    DROPS_CONNECTIONS,
    NO_EFFECT,
)

BITS = {"ipv4": 32, "ipv6": 128}
# linux/rtnetlink.h
RT_TABLE_MAIN = 254
# What the kernel gives a route without a metric.
DEFAULT_METRIC = {"ipv4": 0, "ipv6": 1024}
MAX_METRIC = 2**32 - 1
MAX_LABEL = 15


class LinkError(Exception):
    """One sentence: what cannot be done, and the mend."""


@dataclass(frozen=True)
class Address:
    """An address on an interface."""

    address: str
    prefix: int
    interface: str
    label: str = ""
    secondary: bool = False

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`."""
        return "ipv6" if ":" in self.address else "ipv4"

    @property
    def order(self) -> tuple[Any, ...]:
        """Sort key: by family, address as a number, and prefix length."""
        return (self.family, packed_address(self.address), self.prefix)

    def as_result(self) -> dict[str, Any]:
        """What modules return for it."""
        return {
            "address": self.address,
            "prefix": self.prefix,
            "interface": self.interface,
            "label": self.label,
        }

    def as_line(self) -> str:
        """Return it as `ip address` would print it."""
        word = "inet6" if self.family == "ipv6" else "inet"
        label = f" {self.label}" if self.label else ""
        return f"{word} {self.address}/{self.prefix} dev {self.interface}{label}\n"


@dataclass(frozen=True)
class DefaultRoute:
    """A default route of the main table. A route without a gateway has an empty one."""

    gateway: str
    interface: str
    metric: int
    family: str

    @property
    def order(self) -> tuple[Any, ...]:
        """Sort key: the route that is used first comes first."""
        return (self.metric, self.gateway, self.interface)

    def as_result(self) -> dict[str, Any]:
        """What modules return for it."""
        return {"gateway": self.gateway, "interface": self.interface, "metric": self.metric}

    def as_line(self) -> str:
        """Return it as `ip route` would print it."""
        via = f" via {self.gateway}" if self.gateway else ""
        metric = f" metric {self.metric}" if self.metric else ""
        return f"default{via} dev {self.interface}{metric}\n"


@dataclass(frozen=True)
class Match:
    """The route that the kernel takes to an address."""

    prefix: int
    gateway: str
    interface: str
    table: int = RT_TABLE_MAIN
    metric: int = 0
    local: bool = False
    source: str = ""


@dataclass(frozen=True)
class Connection:
    """The SSH connection that the task came by, and the route back, if it takes one."""

    client: str
    server: str
    route: Match | None


@dataclass(frozen=True)
class Step:
    """One change of an address or a route."""

    action: str
    before: Address | DefaultRoute | None = None
    after: Address | DefaultRoute | None = None

    @property
    def item(self) -> Address | DefaultRoute:
        """What is changed: as it will be, or where it is deleted as it was."""
        item = self.after or self.before
        if item is None:
            raise ValueError("a step without an item")
        return item

    @property
    def effect(self) -> str:
        """What it does to connections that are established."""
        return NO_EFFECT if self.action == ADD else DROPS_CONNECTIONS

    def as_result(self) -> dict[str, Any]:
        """What modules return for it."""
        item = self.item
        result = {
            "action": self.action,
            "item": "address" if isinstance(item, Address) else "default_route",
            **item.as_result(),
            "effect": self.effect,
        }
        if self.before is not None and self.after is not None:
            old, new = self.before.as_result(), self.after.as_result()
            result["changes"] = {n: [old[n], new[n]] for n in new if old[n] != new[n]}
        return result


# ---- what is asked for --------------------------------------------------------------------------


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
