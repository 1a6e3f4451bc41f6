# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and default routes: what they are, and what a task asks for.

Private to the collection: names and behaviour may change in any release.

Pure code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from .._effects import ADD, DELETE, DROPS_CONNECTIONS, EDIT, NO_EFFECT
from .._values import ModelError, packed_address

BITS = {"ipv4": 32, "ipv6": 128}
# linux/rtnetlink.h
RT_TABLE_MAIN = 254
# What the kernel gives a route without a metric.
DEFAULT_METRIC = {"ipv4": 0, "ipv6": 1024}
MAX_METRIC = 2**32 - 1
MAX_LABEL = 15

# What is done to an owner's list alone: nothing changes in the kernel.
ADOPT = "adopt"
RELEASE = "release"


class LinkError(ModelError):
    """What cannot be done on this host, why, and what to do instead."""


class Place(NamedTuple):
    """What tells an address from all others of a host."""

    address: str
    prefix: int
    interface: str


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
    def place(self) -> Place:
        """What tells it from all others of the host."""
        return Place(self.address, self.prefix, self.interface)

    @property
    def order(self) -> tuple[Any, ...]:
        """Sort key: by family, address as a number, prefix length, and interface."""
        return (self.family, packed_address(self.address), self.prefix, self.interface)

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
    """One change of an address or a route, or of whose an address is."""

    action: str
    before: Address | DefaultRoute | None = None
    after: Address | DefaultRoute | None = None
    # Whether an owner's list has to know of it.
    owned: bool = False

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
        return DROPS_CONNECTIONS if self.action in (EDIT, DELETE) else NO_EFFECT

    @property
    def is_for_kernel(self) -> bool:
        """Whether it changes anything in the kernel."""
        return self.action in (ADD, EDIT, DELETE)

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
