# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cluster, Host, Interface; the fields of a description.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Union

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    TUNNEL_FIELDS,
    RealServer,
    Service,
)

LDIRECTORD = "ldirectord"
KEEPALIVED = "keepalived"
HEALTH_CHECKERS = (LDIRECTORD, KEEPALIVED)

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

SERVICE_FIELDS = (
    "name",
    "address",
    "port",
    "protocol",
    "fwmark",
    "family",
    "addresses",
    "ports",
    "scheduler",
    "scheduler_flags",
    "persistent_timeout",
    "persistent_netmask",
    "persistence_engine",
    "one_packet",
    "forward",
    *TUNNEL_FIELDS,
    "real_servers",
    "check",
    "sorry_server",
)
REAL_SERVER_FIELDS = (
    "host",
    "address",
    "port",
    "forward",
    "weight",
    "upper_threshold",
    "lower_threshold",
    *TUNNEL_FIELDS,
)
# What the description calls otherwise than the modules do.
MODULE_NAMES = {"address": "virtual_address", "port": "virtual_port"}
_NOT_THE_TABLES = (
    "name",
    "addresses",
    "ports",
    "forward",
    *TUNNEL_FIELDS,
    "real_servers",
    "check",
    "sorry_server",
)


@dataclass(frozen=True)
class Interface:
    """A network interface and the addresses that the facts show on it, with prefix length."""

    name: str
    addresses: tuple[str, ...] = ()

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks that are on this link; an address with no neighbours makes none."""
        found = [ipaddress.ip_interface(address).network for address in self.addresses]
        return tuple(network for network in found if network.prefixlen < network.max_prefixlen)

    def prefix_of(self, address: str) -> int | None:
        """Return the prefix length that the address has here, or None if it is not here."""
        for own in map(ipaddress.ip_interface, self.addresses):
            if own.ip == ipaddress.ip_address(address):
                return int(own.network.prefixlen)
        return None


@dataclass(frozen=True)
class Host:
    """A host of the inventory: its variables, and what its facts say of it."""

    name: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    interfaces: tuple[Interface, ...] = ()
    gateways: tuple[str, ...] = ()
    # The address and port by which Ansible is connected to it, where that can be known.
    managed_at: tuple[str, int] | None = None

    def holder_of(self, address: str) -> Interface | None:
        """Return the interface that has this address."""
        for interface in self.interfaces:
            if interface.prefix_of(address) is not None:
                return interface
        return None

    def link_to(self, address: str) -> tuple[Interface, Network] | None:
        """Return the interface and the network on it that contain this address."""
        for interface in self.interfaces:
            for network in interface.networks:
                if ipaddress.ip_address(address) in network:
                    return interface, network
        return None


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


@dataclass(frozen=True)
class Check:
    """A check that holds together: its type, and every field of it, given or by default.

    C(given) are the fields that the description names, for what only one health checker has.
    """

    type: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    given: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Any:
        """Return a field's value; a field that the type does not have is None."""
        return self.fields.get(name)


class Member(NamedTuple):
    """To whom a virtual service may be forwarded, complete as the table has it.

    C(host) is its name in the inventory, empty where the description gives an address.
    """

    host: str
    server: RealServer

    @property
    def name(self) -> str:
        """What messages and reports call it."""
        return self.host or self.server.address


@dataclass(frozen=True)
class VirtualService:
    """A service of the description, read once: what every view of it is made from.

    C(name) is what messages call it (C(service web)). C(addresses) are its virtual addresses: its
    own, or those whose packets get its firewall mark on C(ports). C(sorry_server) answers where no
    member is left.
    """

    name: str
    service: Service
    check: Check
    addresses: tuple[str, ...] = ()
    ports: tuple[MarkedPorts, ...] = ()
    members: tuple[Member, ...] = ()
    sorry_server: Member | None = None

    @property
    def served_by(self) -> tuple[Member, ...]:
        """All to whom it may be forwarded: its members and its sorry server."""
        return self.members if self.sorry_server is None else (*self.members, self.sorry_server)


@dataclass(frozen=True)
class Cluster:
    """The description, and the hosts that it speaks of."""

    services: Sequence[Mapping[str, Any]]
    hosts: Mapping[str, Host]
    directors: Sequence[str]
    real_servers: Sequence[str]


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """Return those entries of a list that are mappings; what is none is for preflight to name."""
    if not isinstance(value, (list, tuple)):
        return []
    return [entry for entry in value if isinstance(entry, Mapping)]


def prefix_length(value: Any) -> int | None:
    """Read a prefix length; nothing given is None, and so is what is no number."""
    text = str(value).strip() if value is not None and not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and text.isascii() else None


# Who may own the live table of a director.
MANAGERS = ("static", LDIRECTORD, KEEPALIVED)
