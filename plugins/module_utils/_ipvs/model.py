# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The things IPVS balances with: virtual services, real servers, tables of them.

Private to the collection: names and behaviour may change in any release.

Values, nothing else: no socket is opened here and no module is known. Two
kinds of value live side by side. A `Service` or `RealServer` is complete: it is what the kernel
holds. A `WantedService` or `WantedRealServer` is what a task asks for: its key, and only those
fields that the task names. `resolve_service` and `resolve_real_server` put the second over the
first. They are tuples, not data classes: tables of tens of thousands are made of them, and a data
class takes the start of each module a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Union

from .._values import join_host_port, packed_address

PROTOCOLS = ("tcp", "udp", "sctp")
FORWARDS = ("nat", "dr", "tun")
TUNNEL_TYPES = ("ipip", "gue", "gre")
TUNNEL_CHECKSUMS = ("none", "csum", "remcsum")
TUNNEL_FIELDS = ("tunnel_type", "tunnel_port", "tunnel_checksum")
PERSISTENCE_ENGINES = ("none", "sip")
SCHEDULERS = (
    "rr",
    "wrr",
    "lc",
    "wlc",
    "lblc",
    "lblcr",
    "dh",
    "sh",
    "sed",
    "nq",
    "fo",
    "ovf",
    "mh",
    "twos",
)
# The flag bits have names of their own with these two schedulers only. Neither reads the third bit,
# and ipvsadm -S does not print it for them: it is not told apart from none.
NAMED_SCHEDULER_FLAGS: Mapping[str, tuple[str, ...]] = {
    "sh": ("sh-fallback", "sh-port"),
    "mh": ("mh-fallback", "mh-port"),
}
GENERIC_SCHEDULER_FLAGS = ("flag-1", "flag-2", "flag-3")

DEFAULT_SCHEDULER = "wlc"
DEFAULT_FORWARD = "nat"
MAX_WEIGHT = 65535
MAX_FWMARK = 2**32 - 1
MAX_THRESHOLD = 2**31 - 1
# What ipvsadm takes for -p: 31 days.
MAX_PERSISTENT_TIMEOUT = 31 * 86400
# What the kernel keeps of a weight and of a timeout, whoever has set it.
MAX_KEPT = 2**31 - 1

# (protocol, address, port), or (fwmark, family)
ServiceKey = Union[tuple[str, str, int], tuple[int, str]]
# (address, port)
RealServerKey = tuple[str, int]


class RealServer(NamedTuple):
    """One server behind a virtual service."""

    address: str
    port: int
    forward: str = DEFAULT_FORWARD
    weight: int = 1
    upper_threshold: int = 0
    lower_threshold: int = 0
    tunnel_type: str = "ipip"
    tunnel_port: int = 0
    tunnel_checksum: str = "none"

    @property
    def key(self) -> RealServerKey:
        """What tells it from the other servers of its service."""
        return (self.address, self.port)

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`."""
        return "ipv6" if ":" in self.address else "ipv4"

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"real server {join_host_port(self.address, self.port)}"

    def as_result(self) -> dict[str, Any]:
        """What modules return for it: the names of their options."""
        result: dict[str, Any] = {
            "address": self.address,
            "port": self.port,
            "forward": self.forward,
            "weight": self.weight,
            "upper_threshold": self.upper_threshold,
            "lower_threshold": self.lower_threshold,
        }
        if self.forward == "tun":
            result["tunnel_type"] = self.tunnel_type
            result["tunnel_port"] = self.tunnel_port
            result["tunnel_checksum"] = self.tunnel_checksum
        return result


class Service(NamedTuple):
    """One virtual service: an address, a port and a protocol, or a firewall mark and a family."""

    protocol: str = ""
    address: str = ""
    port: int = 0
    fwmark: int = 0
    family: str = "ipv4"
    scheduler: str = DEFAULT_SCHEDULER
    scheduler_flags: tuple[str, ...] = ()
    persistent_timeout: int = 0
    persistent_netmask: str = "255.255.255.255"
    persistence_engine: str = "none"
    one_packet: bool = False

    @property
    def key(self) -> ServiceKey:
        """What tells it from the other services of a table."""
        if self.fwmark:
            return (self.fwmark, self.family)
        return (self.protocol, self.address, self.port)

    @property
    def label(self) -> str:
        """What messages call it."""
        return key_label(self.key)

    def as_result(self) -> dict[str, Any]:
        """What modules return for it: the names of their options."""
        result: dict[str, Any] = (
            {"fwmark": self.fwmark, "family": self.family}
            if self.fwmark
            else {
                "protocol": self.protocol,
                "virtual_address": self.address,
                "virtual_port": self.port,
                "family": self.family,
            }
        )
        result.update(
            scheduler=self.scheduler,
            scheduler_flags=list(self.scheduler_flags),
            persistent_timeout=self.persistent_timeout,
            persistent_netmask=self.persistent_netmask,
            persistence_engine=self.persistence_engine,
            one_packet=self.one_packet,
        )
        return result


class Table(NamedTuple):
    """Virtual services and their real servers, each under its key."""

    services: Mapping[ServiceKey, Service] = MappingProxyType({})
    real_servers: Mapping[ServiceKey, Mapping[RealServerKey, RealServer]] = MappingProxyType({})

    def servers_of(self, key: ServiceKey) -> Mapping[RealServerKey, RealServer]:
        """Return the real servers of one service; none where there is no such service."""
        return self.real_servers.get(key, {})

    def sorted_services(self) -> list[Service]:
        """Return the services in an order that does not depend on the kernel's hashing."""
        return sorted(self.services.values(), key=service_order)

    def sorted_servers(self, key: ServiceKey) -> list[RealServer]:
        """Return the real servers of one service in a stable order."""
        return sorted(self.servers_of(key).values(), key=real_server_order)

    def as_result(self) -> list[dict[str, Any]]:
        """What modules return for it."""
        return [
            dict(
                service.as_result(),
                real_servers=[server.as_result() for server in self.sorted_servers(service.key)],
            )
            for service in self.sorted_services()
        ]

    def only(self, keys: Iterable[ServiceKey]) -> Table:
        """Return a table of those of these services that there are, with their real servers."""
        there = [key for key in keys if key in self.services]
        return Table(
            {key: self.services[key] for key in there}, {key: self.servers_of(key) for key in there}
        )


def key_label(key: ServiceKey) -> str:
    """Return what messages call the service of this key."""
    if len(key) == 2:
        return f"service fwmark {key[0]} ({key[1]})"
    return f"service {key[0]} {join_host_port(key[1], key[2])}"


def key_family(key: ServiceKey) -> str:
    """Return the address family of the service of this key."""
    if len(key) == 2:
        return key[1]
    return "ipv6" if ":" in key[1] else "ipv4"


def service_of_key(key: ServiceKey) -> Service:
    """Return a service of this key with every other field at its default."""
    family = key_family(key)
    netmask = default_netmask(family)
    if len(key) == 2:
        return Service(fwmark=key[0], family=family, persistent_netmask=netmask)
    return Service(
        protocol=key[0], address=key[1], port=key[2], family=family, persistent_netmask=netmask
    )


def service_order(service: Service) -> tuple[Any, ...]:
    """Sort key: marks last, then by protocol, family, address as a number, and port."""
    if service.fwmark:
        return (1, service.fwmark, service.family)
    return (0, service.protocol, service.family, packed_address(service.address), service.port)


def real_server_order(server: RealServer) -> tuple[Any, ...]:
    """Sort key: by family, address as a number, and port."""
    return (server.family, packed_address(server.address), server.port)


def default_netmask(family: str) -> str:
    """Return the netmask that tells every client from every other."""
    return "255.255.255.255" if family == "ipv4" else "128"


def flag_names(scheduler: str) -> tuple[str, ...]:
    """Return what the flag bits are called that this scheduler has."""
    return NAMED_SCHEDULER_FLAGS.get(scheduler, GENERIC_SCHEDULER_FLAGS)
