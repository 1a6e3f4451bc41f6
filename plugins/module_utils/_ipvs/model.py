# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The things IPVS balances with: virtual services, real servers, tables of them.

Private to the collection: names and behaviour may change in any release.

Values and their validation, nothing else: no socket is opened here and no module is known. Two
kinds of value live side by side. A `Service` or `RealServer` is complete: it is what the kernel
holds. A `WantedService` or `WantedRealServer` is what a task asks for: its key, and only those
fields that the task names. `resolve_service` and `resolve_real_server` put the second over the
first. They are tuples, not data classes: tables of tens of thousands are made of them, and a data
class takes the start of each module a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Union

from .._values import (
    ModelError,
    family_name,
    join_host_port,
    packed_address,
)

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
# The three flag bits have names of their own with these two schedulers only.
NAMED_SCHEDULER_FLAGS: Mapping[str, tuple[str, str, str]] = {
    "sh": ("sh-fallback", "sh-port", "flag-3"),
    "mh": ("mh-fallback", "mh-port", "flag-3"),
}
GENERIC_SCHEDULER_FLAGS = ("flag-1", "flag-2", "flag-3")

DEFAULT_SCHEDULER = "wlc"
DEFAULT_FORWARD = "nat"
MAX_WEIGHT = 65535
MAX_FWMARK = 2**32 - 1
MAX_THRESHOLD = 2**31 - 1
# What ipvsadm takes for -p: 31 days.
MAX_PERSISTENT_TIMEOUT = 31 * 86400

# (protocol, address, port), or (fwmark, family)
ServiceKey = Union[tuple[str, str, int], tuple[int, str]]
# (address, port)
RealServerKey = tuple[str, int]
# What is wrong with a thing: the field, its value, why, and what to do instead
_Wrong = tuple[str, object, str, str]


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

    def only(self, key: ServiceKey) -> Table:
        """Return a table of this one service, or an empty one."""
        if key not in self.services:
            return Table()
        return Table({key: self.services[key]}, {key: self.servers_of(key)})


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


def flag_names(scheduler: str) -> tuple[str, str, str]:
    """Return what the three flag bits are called with this scheduler."""
    return NAMED_SCHEDULER_FLAGS.get(scheduler, GENERIC_SCHEDULER_FLAGS)


def check_service(service: Service) -> None:
    """Raise ModelError for a service whose fields do not go together."""
    problem = _problem_of_service(service)
    if problem is not None:
        raise ModelError(service.label, *problem)


def _problem_of_service(service: Service) -> _Wrong | None:
    """Return the first thing wrong with a service."""
    persistent = service.persistent_timeout > 0
    if not service.fwmark and service.port == 0 and not persistent:
        why = "(all ports) needs persistence, or each connection of a client may go elsewhere"
        return "virtual_port", 0, why, "give persistent_timeout in seconds, or a port"
    if not persistent:
        for field, without in (
            ("persistent_netmask", default_netmask(service.family)),
            ("persistence_engine", "none"),
        ):
            value = getattr(service, field)
            if value != without:
                advice = "give persistent_timeout in seconds, or leave it out"
                return field, value, "has no effect without persistence", advice
    if service.fwmark or service.protocol == "udp":
        return None
    advice = "use protocol udp or a fwmark, or leave it out"
    if service.persistence_engine != "none":
        why = f"reads UDP only, and would refuse {service.protocol}"
        return "persistence_engine", service.persistence_engine, why, advice
    if service.one_packet:
        why = f"would break {service.protocol}, which needs its connections"
        return "one_packet", True, why, advice
    return None


def check_real_server(server: RealServer, service: ServiceKey) -> None:
    """Raise ModelError for a real server that cannot work in this service."""
    problem = _problem_of_real_server(server, service)
    if problem is not None:
        raise ModelError(f"{server.label} of {key_label(service)}", *problem)


def _problem_of_real_server(server: RealServer, service: ServiceKey) -> _Wrong | None:
    """Return the first thing wrong with a real server."""
    forward = server.forward
    is_ipv6 = ":" in server.address
    if forward != "tun" and is_ipv6 != (key_family(service) == "ipv6"):
        family = family_name(key_family(service))
        return (
            "address",
            server.address,
            f"is {family_name(server.family)} and the service is {family}, which forward {forward}"
            " cannot translate",
            f"give an {family} address, or use forward tun",
        )
    if forward in ("dr", "tun") and len(service) == 3 and server.port != service[2]:
        why = f"differs from the service's, which forward {forward} cannot change"
        advice = f"leave port out or use {service[2]}, or use forward nat"
        return "port", server.port, why, advice
    if server.lower_threshold > server.upper_threshold:
        why = f"is above upper_threshold {server.upper_threshold}"
        advice = "give an upper_threshold that is not below it"
        return "lower_threshold", server.lower_threshold, why, advice
    return _problem_of_tunnel(server) if forward == "tun" else None


def _problem_of_tunnel(server: RealServer) -> _Wrong | None:
    if server.tunnel_type == "gue" and not server.tunnel_port:
        advice = "give the UDP port that the real server decapsulates on, from 1 to 65535"
        return "tunnel_type", "gue", "has no tunnel_port", advice
    if server.tunnel_type != "gue" and server.tunnel_port:
        why = f"is for tunnel_type gue only, and tunnel_type is {server.tunnel_type}"
        advice = "leave it out or use tunnel_type gue"
        return "tunnel_port", server.tunnel_port, why, advice
    allowed = {"ipip": ("none",), "gre": ("none", "csum"), "gue": TUNNEL_CHECKSUMS}
    if server.tunnel_checksum not in allowed[server.tunnel_type]:
        why = f"does not exist with tunnel_type {server.tunnel_type}"
        advice = f"use {' or '.join(allowed[server.tunnel_type])}"
        return "tunnel_checksum", server.tunnel_checksum, why, advice
    return None
