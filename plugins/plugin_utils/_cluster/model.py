# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a description says, once it is read: a cluster, its services, their members, its hosts.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer, Service
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    in_network,
    packed_address,
)

from .announce import Announce
from .groups import Groups
from .units import Units

LDIRECTORD = "ldirectord"
KEEPALIVED = "keepalived"
HEALTH_CHECKERS = (LDIRECTORD, KEEPALIVED)
# No health checker: the role director writes the table.
STATIC = "static"


# ---- hosts ---------------------------------------------------------------------------------------
class Network(NamedTuple):
    """A network: its address, packed, and its prefix length."""

    octets: bytes
    prefix: int

    def holds(self, address: str) -> bool:
        """Tell whether an address lies in it."""
        return in_network(packed_address(address), self.octets, self.prefix)

    @property
    def broadcast(self) -> str | None:
        """The address of all of its hosts; None where it has none."""
        if len(self.octets) != 4 or self.prefix > 30:
            return None
        last = int.from_bytes(self.octets, "big") | self._host_bits
        return socket.inet_ntop(socket.AF_INET, last.to_bytes(4, "big"))

    @property
    def _host_bits(self) -> int:
        return (1 << (8 * len(self.octets) - self.prefix)) - 1

    def __str__(self) -> str:
        """Spell it with the bits of its hosts at zero."""
        size = len(self.octets)
        first = int.from_bytes(self.octets, "big") & ~self._host_bits
        family = socket.AF_INET if size == 4 else socket.AF_INET6
        return f"{socket.inet_ntop(family, first.to_bytes(size, 'big'))}/{self.prefix}"


@dataclass(frozen=True)
class Interface:
    """A network interface and the addresses that the facts show on it, with prefix length."""

    name: str
    addresses: tuple[str, ...] = ()
    # In octets; that of Ethernet where the facts do not tell.
    mtu: int = 1500

    @cached_property
    def _prefixes(self) -> Mapping[bytes, int]:
        """The addresses, packed, and the prefix length of each."""
        parted = [address.split("/") for address in self.addresses]
        return {packed_address(address): int(prefix) for address, prefix in parted}

    @cached_property
    def networks(self) -> tuple[Network, ...]:
        """The networks that are on this link; an address with no neighbours makes none."""
        found = self._prefixes.items()
        return tuple(Network(*entry) for entry in found if entry[1] < 8 * len(entry[0]))

    @property
    def own_networks(self) -> tuple[tuple[str, Network], ...]:
        """The addresses that have neighbours on this link, each with its network."""
        parted = [address.split("/") for address in self.addresses]
        found = [(each, Network(packed_address(each), int(prefix))) for each, prefix in parted]
        return tuple(entry for entry in found if entry[1].prefix < 8 * len(entry[1].octets))

    def prefix_of(self, address: str) -> int | None:
        """Return the prefix length that the address has here, or None if it is not here."""
        return self._prefixes.get(packed_address(address))


@dataclass(frozen=True)
class Host:
    """A host of the inventory: its variables, and what its facts say of it.

    Addresses are spelled as the kernel does, and empty where none is given. C(refused) are the
    variables whose values are told as problems already; they stand as if they were not given.
    """

    name: str
    interfaces: tuple[Interface, ...] = ()
    # Those that the host has of its own accord.
    gateways: tuple[str, ...] = ()
    # lvs_cluster, and the files of the units that the host has already.
    cluster: str = ""
    units: Units = field(default_factory=dict)
    # The address and port by which Ansible is connected to it, where that can be known.
    managed_at: tuple[str, int] | None = None
    # lvs_dip, lvs_rip, lvs_rip6, nat_real_server_gateway
    dip: str = ""
    rip: str = ""
    rip6: str = ""
    gateway: str = ""
    # director_manager, director_vip_interface, director_vip_prefix, director_vip_prefix6
    manager: str = STATIC
    vip_interface: str = ""
    vip_prefix: int | None = None
    vip_prefix6: int | None = None
    # lvs_announce; None of one that does not announce its virtual addresses.
    announce: Announce | None = None
    # What its kernel has of IPVS, files of modules among it; None where nobody asked.
    kernel_ipvs: frozenset[str] | None = None
    # The interfaces whose arp_ignore is not 0, "all" among them.
    arp_ignored_on: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()

    @property
    def floats(self) -> bool:
        """Whether VRRP gives it the virtual addresses, and takes them away."""
        return self.manager == KEEPALIVED and self.announce is None

    def holder_of(self, address: str) -> Interface | None:
        """Return the interface that has this address."""
        for interface in self.interfaces:
            if interface.prefix_of(address) is not None:
                return interface
        return None

    def interface_towards(self, address: str) -> tuple[Interface, Network] | None:
        """Return the interface and the network on it that contain this address.

        Of several networks it is the one with the longest prefix, as for the kernel.
        """
        found = [
            (interface, network)
            for interface in self.interfaces
            for network in interface.networks
            if network.holds(address)
        ]
        return max(found, key=lambda entry: entry[1].prefix, default=None)

    def vip_prefix_of(self, address: str) -> int:
        """Return the prefix length for a virtual address that the host does not have yet."""
        given = self.vip_prefix6 if ":" in address else self.vip_prefix
        return 8 * len(packed_address(address)) if given is None else given

    def broadcasts_to(self, address: str) -> bool:
        """Tell whether an address is that of all hosts of one of its networks."""
        networks = (network for interface in self.interfaces for network in interface.networks)
        return any(network.broadcast == address for network in networks)

    @property
    def networks(self) -> str:
        """The networks that it is on, for messages."""
        found = [str(network) for link in self.interfaces for network in link.networks]
        return ", ".join(found) or "it has none"


# ---- services ------------------------------------------------------------------------------------
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


class Drain(NamedTuple):
    """That a real server is to take no new clients: since when, and what weight it is to get back.

    C(since) is a time in UTC, as C(2026-11-28T05:00:00Z). C(is_cut) tells that it is out of the
    table, because some of its connections did not end.
    """

    since: str
    weight: int
    is_cut: bool = False


class Member(NamedTuple):
    """To whom a virtual service may be forwarded, complete as the table has it.

    C(host) is its name in the inventory, empty where the description gives an address. While it is
    drained it has weight 0, and C(drain) the weight of the description.
    """

    host: str
    server: RealServer
    drain: Drain | None = None

    @property
    def name(self) -> str:
        """What messages and reports call it."""
        return self.host or self.server.address

    @property
    def described_weight(self) -> int:
        """The weight that the description gives it, drained or not."""
        return self.server.weight if self.drain is None else self.drain.weight

    @property
    def is_director(self) -> bool:
        """Whether it is the director itself, by an address of its loopback interface."""
        return self.server.address == "::1" or self.server.address.startswith("127.")


_BY_DEFAULT = RealServer("", 0)


@dataclass(frozen=True)
class VirtualService:
    """A service of the description, read once: what every view of it is made from.

    C(name) is what messages call it (C(service web)). C(addresses) are its virtual addresses: its
    own, or those whose packets get its firewall mark; C(ports) are the ports that it takes there.
    C(forwarding) is how packets reach a member that says nothing else of it, at no address.
    C(sorry_server) answers where no member is left.
    """

    name: str
    service: Service
    check: Check
    addresses: tuple[str, ...] = ()
    ports: tuple[MarkedPorts, ...] = ()
    forwarding: RealServer = _BY_DEFAULT
    members: tuple[Member, ...] = ()
    sorry_server: Member | None = None
    # False where a member is refused already, and left out of the members.
    is_whole: bool = True
    # The name that the user gave it, for all families that are made of one entry.
    label: str = ""

    @property
    def in_table(self) -> tuple[Member, ...]:
        """The members that the table is to have: all but those whose connections were cut.

        Of a service for which that would be nobody it has all of them.
        """
        kept = (one for one in self.members if one.drain is None or not one.drain.is_cut)
        return tuple(kept) or self.members

    @property
    def is_draining(self) -> bool:
        """Whether one of those in the table is drained."""
        return any(member.drain is not None for member in self.in_table)

    @property
    def served_by(self) -> tuple[Member, ...]:
        """All to whom it may be forwarded: its members and its sorry server."""
        return self.members if self.sorry_server is None else (*self.members, self.sorry_server)

    @property
    def claims(self) -> list[tuple[str, MarkedPorts]]:
        """The packets that it takes: each of its addresses with each of its ports."""
        return [(address, ports) for address in self.addresses for ports in self.ports]

    def item(self, member: Member) -> str:
        """Return what messages call one of those that serve it."""
        kind = "sorry server" if member is self.sorry_server else "real server"
        return f"{kind} {member.name} of {self.name}"


_NO_GROUPS = Groups(MappingProxyType({}))


@dataclass(frozen=True)
class Cluster:
    """The description, and the hosts that it speaks of."""

    services: tuple[VirtualService, ...] = ()
    hosts: Mapping[str, Host] = field(default_factory=dict)
    directors: tuple[str, ...] = ()
    real_servers: tuple[str, ...] = ()
    groups: Groups = _NO_GROUPS
    # What its directors remember of real servers that are or were drained, as lines.
    drained: tuple[Any, ...] = ()

    def address_field(self, member: Member) -> str:
        """Return the name under which the description says a member's address."""
        if not member.host:
            return "address"
        return "lvs_rip" if member.server.address == self.hosts[member.host].rip else "lvs_rip6"
