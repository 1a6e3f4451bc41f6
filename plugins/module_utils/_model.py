# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The things IPVS balances with: virtual services, real servers, tables of them.

Private to the collection: names and behaviour may change in any release.

Values and their validation, nothing else: no socket is opened here and no module is known. Two
kinds of value live side by side. A `Service` or `RealServer` is complete: it is what the kernel
holds. A `WantedService` or `WantedRealServer` is what a task asks for: its key, and only those
fields that the task names. `resolve_service` and `resolve_real_server` put the second over the
first. They are tuples, not data classes, because tables of tens of thousands are made of them.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, Union

PROTOCOLS = ("tcp", "udp", "sctp")
FAMILIES = ("ipv4", "ipv6")
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
MAX_PORT = 65535
MAX_WEIGHT = 65535
MAX_FWMARK = 2**32 - 1
MAX_THRESHOLD = 2**31 - 1
# What ipvsadm takes for -p: 31 days.
MAX_PERSISTENT_TIMEOUT = 31 * 86400

# What names a service by its key's parts.
_ADDRESS_NAMES = ("protocol", "virtual_address", "virtual_port")
# What a description of a service or real server may say.
_SERVICE_NAMES = frozenset(
    (
        "virtual_address",
        "virtual_port",
        "protocol",
        "fwmark",
        "family",
        "scheduler",
        "scheduler_flags",
        "persistent_timeout",
        "persistent_netmask",
        "persistence_engine",
        "one_packet",
        "real_servers",
    )
)
_SERVER_NAMES = frozenset(
    (
        "address",
        "port",
        "forward",
        "weight",
        "upper_threshold",
        "lower_threshold",
        "tunnel_type",
        "tunnel_port",
        "tunnel_checksum",
    )
)

_SERVER_CHOICES = (
    ("forward", FORWARDS),
    ("tunnel_type", TUNNEL_TYPES),
    ("tunnel_checksum", TUNNEL_CHECKSUMS),
)
_SERVER_NUMBERS = (
    ("weight", MAX_WEIGHT),
    ("upper_threshold", MAX_THRESHOLD),
    ("lower_threshold", MAX_THRESHOLD),
    ("tunnel_port", MAX_PORT),
)
_NOTHING: Mapping[str, Any] = MappingProxyType({})

# (protocol, address, port), or (fwmark, family)
ServiceKey = Union[tuple[str, str, int], tuple[int, str]]
# (address, port)
RealServerKey = tuple[str, int]


class ModelError(ValueError):
    """One sentence that names the item, the field, the value, and the mend."""


def _octets(address: str) -> bytes | None:
    """Return the 4 or 16 octets of an address, or None for what is no address at all."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_pton(family, address)
        except (OSError, ValueError, UnicodeError):
            continue
    return None


def _spelled_address(octets: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(octets) == 4 else socket.AF_INET6, octets)


def address_family(address: str) -> str | None:
    """Return `ipv4` or `ipv6`, or None for what is no address at all."""
    octets = _octets(address)
    return None if octets is None else "ipv4" if len(octets) == 4 else "ipv6"


def canonical_address(address: str) -> str | None:
    """Return the address in the one way the kernel's tools print it, or None if it is none."""
    octets = _octets(address)
    return None if octets is None else _spelled_address(octets)


def packed_address(address: str) -> bytes:
    """Return the 4 or 16 octets of a valid address."""
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def join_host_port(address: str, port: int) -> str:
    """Return C(192.0.2.1:80) or C([2001:db8::1]:80)."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def netmask_of_prefix(prefix: int) -> str:
    """Return the dotted IPv4 netmask of a prefix length."""
    bits = (0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF
    return socket.inet_ntop(socket.AF_INET, bits.to_bytes(4, "big"))


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


@dataclass(frozen=True)
class Table:
    """Virtual services and their real servers, each under its key."""

    services: Mapping[ServiceKey, Service] = field(default_factory=dict)
    real_servers: Mapping[ServiceKey, Mapping[RealServerKey, RealServer]] = field(
        default_factory=dict
    )

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


class WantedRealServer(NamedTuple):
    """A real server as a task asks for it: its key, and the fields that it names."""

    address: str
    port: int
    given: Mapping[str, Any] = _NOTHING

    @property
    def key(self) -> RealServerKey:
        """What tells it from the other servers of its service."""
        return (self.address, self.port)


class WantedService(NamedTuple):
    """A service as a task asks for it: its key, the fields that it names, and its real servers.

    `real_servers` is None where the task says nothing of them.
    """

    key: ServiceKey
    given: Mapping[str, Any] = _NOTHING
    real_servers: tuple[WantedRealServer, ...] | None = None

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`."""
        return key_family(self.key)

    def as_task(self) -> dict[str, Any]:
        """What a task would say for it: the names of the modules' options."""
        names = ("fwmark", "family") if len(self.key) == 2 else _ADDRESS_NAMES
        task = dict(zip(names, self.key))
        task.update((n, list(v) if isinstance(v, tuple) else v) for n, v in self.given.items())
        if self.real_servers is not None:
            task["real_servers"] = [
                {"address": server.address, "port": server.port, **server.given}
                for server in self.real_servers
            ]
        return task


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


# ---- input ----------------------------------------------------------------------------------


class _ServerItem(NamedTuple):
    """What messages call a real server; put into words only when there is one."""

    host: str
    service: ServiceKey

    def __str__(self) -> str:
        """Return it in words."""
        return " ".join(filter(None, ("real server", self.host, "of", key_label(self.service))))


def parse_integer(item: object, name: str, value: object, lowest: int, highest: int) -> int:
    """Return a whole number within the range."""
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = int(value)
    elif isinstance(value, str):
        text = value.strip()
        if text.removeprefix("-").isdecimal() and text.isascii():
            number = int(text)
    if number is None:
        raise ModelError(
            f"{item}: {name} {value!r} is not a whole number; give one from {lowest} to {highest}."
        )
    if not lowest <= number <= highest:
        raise ModelError(
            f"{item}: {name} {number} is out of range; give one from {lowest} to {highest}."
        )
    return number


def _choice(item: object, name: str, value: object, choices: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise ModelError(f"{item}: {name} {value!r} is not known; use one of {', '.join(choices)}.")
    return str(value)


def _boolean(item: object, name: str, value: object) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "yes", "false", "no"):
        return value.lower() in ("true", "yes")
    if not isinstance(value, bool):
        raise ModelError(f"{item}: {name} {value!r} is not a boolean; use true or false.")
    return value


def parse_address(item: object, name: str, value: object) -> str:
    """Return an address in the one way the kernel's tools print it."""
    return _spelled_address(_address_octets(item, name, value))


def _address_octets(item: object, name: str, value: object) -> bytes:
    octets = _octets(value.strip()) if isinstance(value, str) else None
    if octets is None:
        raise ModelError(
            f"{item}: {name} {value!r} is not an IPv4 or IPv6 address;"
            " give one without brackets, prefix length, or zone."
        )
    return octets


def _server_address(item: object, name: str, value: object) -> str:
    octets = _address_octets(item, name, value)
    address = _spelled_address(octets)
    if not any(octets):
        raise ModelError(f"{item}: {name} {address} stands for no host; give the address of one.")
    is_ipv6 = len(octets) == 16
    if (is_ipv6 and octets[0] == 0xFF) or (not is_ipv6 and 224 <= octets[0] <= 239):
        raise ModelError(
            f"{item}: {name} {address} is a multicast address; give the address of one host."
        )
    return address


def parse_netmask(item: object, value: object, family: str) -> str:
    """Return the persistence netmask: dotted for IPv4, a prefix length for IPv6."""
    name = "persistent_netmask"
    text = str(value).strip() if not isinstance(value, bool) else ""
    if family == "ipv6":
        if text.isdecimal() and text.isascii() and 1 <= int(text) <= 128:
            return str(int(text))
        raise ModelError(
            f"{item}: {name} {value!r} does not fit an IPv6 service;"
            " give a prefix length from 1 to 128."
        )
    if text.isdecimal() and text.isascii() and 1 <= int(text) <= 32:
        return netmask_of_prefix(int(text))
    if address_family(text) == "ipv4":
        bits = int.from_bytes(packed_address(text), "big")
        inverse = bits ^ 0xFFFFFFFF
        if bits and inverse & (inverse + 1) == 0:
            return text
    raise ModelError(
        f"{item}: {name} {value!r} is not an IPv4 netmask;"
        " give one such as 255.255.255.0, or a prefix length from 1 to 32."
    )


def parse_scheduler_flags(item: object, value: object) -> tuple[str, ...]:
    """Return the flags as they were named, without doubles; their scheduler is checked later."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)):
        raise ModelError(f"{item}: scheduler_flags {value!r} is not a list; give a list of names.")
    known = {*GENERIC_SCHEDULER_FLAGS, *(n for f in NAMED_SCHEDULER_FLAGS.values() for n in f)}
    found: list[str] = []
    for entry in names:
        name = entry.strip() if isinstance(entry, str) else entry
        if name == "":
            continue
        if name not in known:
            raise ModelError(
                f"{item}: scheduler_flags {entry!r} is not known;"
                f" use one of {', '.join(sorted(known))}."
            )
        if name not in found:
            found.append(name)
    return tuple(found)


def _given(source: Mapping[str, Any], name: str) -> object:
    value = source.get(name)
    return None if value == "" else value


def parse_service_key(source: Mapping[str, Any], item: str = "service") -> ServiceKey:
    """Read what names a service: address, port and protocol, or fwmark and family."""
    address = _given(source, "virtual_address")
    port = _given(source, "virtual_port")
    protocol = _given(source, "protocol")
    fwmark = _given(source, "fwmark")
    family = _given(source, "family")
    if family is not None:
        family = _choice(item, "family", family, FAMILIES)
    if fwmark is not None:
        for name, value in (
            ("virtual_address", address),
            ("virtual_port", port),
            ("protocol", protocol),
        ):
            if value is not None:
                raise ModelError(
                    f"{item}: fwmark {fwmark} and {name} {value} cannot name a service together;"
                    f" leave out one of the two."
                )
        return (parse_integer(item, "fwmark", fwmark, 1, MAX_FWMARK), family or "ipv4")
    if address is None:
        raise ModelError(
            f"{item}: neither virtual_address nor fwmark is given;"
            " name the service by virtual_address, virtual_port and protocol, or by fwmark."
        )
    vip = _server_address(item, "virtual_address", address)
    transport = _choice(item, "protocol", protocol or "tcp", PROTOCOLS)
    if port is None:
        raise ModelError(
            f"{item}: virtual_address {vip} has no virtual_port;"
            " give a port, or 0 for all ports of a persistent service."
        )
    number = parse_integer(item, "virtual_port", port, 0, MAX_PORT)
    if family is not None and family != address_family(vip):
        raise ModelError(
            f"{item}: family {family} does not fit virtual_address {vip};"
            " leave family out, it is for services with a fwmark."
        )
    return (transport, vip, number)


def _check_names(item: object, source: Mapping[str, Any], known: frozenset[str]) -> None:
    if known.issuperset(source):
        return
    for name in source:
        if name not in known:
            raise ModelError(f"{item}: {name} is not known; use one of {', '.join(sorted(known))}.")


def parse_service(source: Mapping[str, Any], item: str = "service") -> WantedService:
    """Read one service as users write it; fields that are absent or null are not asked for."""
    key = parse_service_key(source, item)
    label = key_label(key)
    given: dict[str, Any] = {}
    if source.get("scheduler") is not None:
        given["scheduler"] = _choice(label, "scheduler", source["scheduler"], SCHEDULERS)
    if source.get("scheduler_flags") is not None:
        given["scheduler_flags"] = parse_scheduler_flags(label, source["scheduler_flags"])
    if source.get("persistent_timeout") is not None:
        given["persistent_timeout"] = parse_integer(
            label, "persistent_timeout", source["persistent_timeout"], 0, MAX_PERSISTENT_TIMEOUT
        )
    if source.get("persistent_netmask") is not None:
        given["persistent_netmask"] = parse_netmask(
            label, source["persistent_netmask"], key_family(key)
        )
    if source.get("persistence_engine") is not None:
        given["persistence_engine"] = _choice(
            label, "persistence_engine", source["persistence_engine"] or "none", PERSISTENCE_ENGINES
        )
    if source.get("one_packet") is not None:
        given["one_packet"] = _boolean(label, "one_packet", source["one_packet"])
    real_servers = source.get("real_servers")
    if real_servers is None:
        return WantedService(key, given)
    wanted: dict[RealServerKey, WantedRealServer] = {}
    if not isinstance(real_servers, (list, tuple)):
        raise ModelError(f"{label}: real_servers {real_servers!r} is not a list; give a list.")
    for number, entry in enumerate(real_servers, 1):
        if not isinstance(entry, Mapping):
            raise ModelError(
                f"{label}: real_servers has {entry!r}, which is no real server;"
                " give a dictionary with an address."
            )
        server = parse_real_server(entry, key, str(number))
        _check_names(_ServerItem(join_host_port(*server.key), key), entry, _SERVER_NAMES)
        if server.key in wanted:
            raise ModelError(
                f"{label}: real_servers names {join_host_port(*server.key)} twice;"
                " leave out one of the two."
            )
        wanted[server.key] = server
    return WantedService(key, given, tuple(wanted.values()))


def parse_services(sources: Iterable[Mapping[str, Any]]) -> tuple[WantedService, ...]:
    """Read a list of services; no two may have the same key."""
    wanted: dict[ServiceKey, WantedService] = {}
    for number, source in enumerate(sources, 1):
        service = parse_service(source, f"service {number}")
        _check_names(key_label(service.key), source, _SERVICE_NAMES)
        if service.key in wanted:
            raise ModelError(
                f"{key_label(service.key)}: services names it twice; leave out one of the two."
            )
        wanted[service.key] = service
    return tuple(wanted.values())


def parse_real_server(
    source: Mapping[str, Any], service: ServiceKey, number: str = ""
) -> WantedRealServer:
    """Read one real server as users write it; its port is the service's where it is not given.

    `number` says which of a list it is, for messages about one without an address.
    """
    item = _ServerItem(number, service)
    if _given(source, "address") is None:
        raise ModelError(f"{item}: address is not given; give the real server's address.")
    address = _server_address(item, "address", source["address"])
    port = service[2] if len(service) == 3 else 0
    if _given(source, "port") is not None:
        port = parse_integer(_ServerItem(address, service), "port", source["port"], 0, MAX_PORT)
    item = _ServerItem(join_host_port(address, port), service)
    given: dict[str, Any] = {}
    for name, choices in _SERVER_CHOICES:
        if source.get(name) is not None:
            given[name] = _choice(item, name, source[name], choices)
    for name, highest in _SERVER_NUMBERS:
        if source.get(name) is not None:
            given[name] = parse_integer(item, name, source[name], 0, highest)
    return WantedRealServer(address, port, given)


# ---- what is asked for, over what is there ----------------------------------------------------


def resolve_service(wanted: WantedService, have: Service | None = None) -> Service:
    """Put what is asked for over what is there, and check that the whole makes sense.

    What hangs on a value goes with it: the flags of a scheduler that is changed, the netmask and
    engine of a persistence that is ended.
    """
    given = dict(wanted.given)
    base = have if have is not None else service_of_key(wanted.key)
    if given.get("scheduler", base.scheduler) != base.scheduler:
        given.setdefault("scheduler_flags", ())
    if given.get("persistent_timeout") == 0:
        given.setdefault("persistent_netmask", default_netmask(base.family))
        given.setdefault("persistence_engine", "none")
    service = base._replace(**given)
    if "scheduler_flags" in given:
        service = service._replace(scheduler_flags=_flags_of_scheduler(service))
    check_service(service)
    return service


def resolve_real_server(
    wanted: WantedRealServer, service: ServiceKey, have: RealServer | None = None
) -> RealServer:
    """Put what is asked for over what is there, and check that the whole makes sense."""
    given = wanted.given
    if have is None:
        server = RealServer(wanted.address, wanted.port, **given)
    else:
        server = _changed_real_server(have, given)
    if server.forward != "tun":
        for name in TUNNEL_FIELDS:
            if name in given:
                raise ModelError(
                    f"{server.label} of {key_label(service)}: {name} {given[name]} is for forward"
                    f" tun only, and forward is {server.forward}; leave it out or use forward tun."
                )
    check_real_server(server, service)
    return server


def _changed_real_server(have: RealServer, given: Mapping[str, Any]) -> RealServer:
    server = have._replace(**given)
    if have.forward == "tun" and server.forward != "tun":
        server = server._replace(tunnel_type=given.get("tunnel_type", "ipip"))
    if server.tunnel_type != have.tunnel_type:
        server = server._replace(
            tunnel_port=given.get("tunnel_port", 0),
            tunnel_checksum=given.get("tunnel_checksum", "none"),
        )
    if server.upper_threshold == 0 and "upper_threshold" in given:
        server = server._replace(lower_threshold=given.get("lower_threshold", 0))
    return server


def _flags_of_scheduler(service: Service) -> tuple[str, ...]:
    names = flag_names(service.scheduler)
    bits = set()
    for flag in service.scheduler_flags:
        if flag in names:
            bits.add(names.index(flag))
        elif flag in GENERIC_SCHEDULER_FLAGS:
            bits.add(GENERIC_SCHEDULER_FLAGS.index(flag))
        else:
            raise ModelError(
                f"{service.label}: scheduler_flags {flag} does not belong to scheduler"
                f" {service.scheduler}; use scheduler {flag.split('-', 1)[0]} or leave it out."
            )
    return tuple(names[bit] for bit in sorted(bits))


def check_service(service: Service) -> None:
    """Raise ModelError for a service whose fields do not go together."""
    problem = _problem_of_service(service)
    if problem is not None:
        raise ModelError(f"{service.label}: {problem}")


def _problem_of_service(service: Service) -> str | None:
    """Return the rest of the sentence that names the first thing wrong with a service."""
    persistent = service.persistent_timeout > 0
    if not service.fwmark and service.port == 0 and not persistent:
        return (
            "virtual_port 0 (all ports) needs persistence, or each connection of a client"
            " may go elsewhere; give persistent_timeout in seconds, or a port."
        )
    if not persistent and service.persistent_netmask != default_netmask(service.family):
        return (
            f"persistent_netmask {service.persistent_netmask} has no effect without"
            " persistence; give persistent_timeout in seconds, or leave it out."
        )
    if service.persistence_engine != "none":
        if not persistent:
            return (
                f"persistence_engine {service.persistence_engine} has no effect without"
                " persistence; give persistent_timeout in seconds, or leave it out."
            )
        if not service.fwmark and service.protocol != "udp":
            return (
                f"persistence_engine {service.persistence_engine} reads UDP only, and would"
                f" refuse {service.protocol}; use protocol udp or a fwmark, or leave it out."
            )
    if service.one_packet and not service.fwmark and service.protocol != "udp":
        return (
            f"one_packet true would break {service.protocol}, which needs its connections;"
            " use protocol udp or a fwmark, or leave it out."
        )
    return None


def check_real_server(server: RealServer, service: ServiceKey) -> None:
    """Raise ModelError for a real server that cannot work in this service."""
    problem = _problem_of_real_server(server, service)
    if problem is not None:
        raise ModelError(f"{server.label} of {key_label(service)}: {problem}")


def _problem_of_real_server(server: RealServer, service: ServiceKey) -> str | None:
    """Return the rest of the sentence that names the first thing wrong with a real server."""
    forward = server.forward
    is_ipv6 = ":" in server.address
    if forward != "tun" and is_ipv6 != (key_family(service) == "ipv6"):
        family = _spelled(key_family(service))
        return (
            f"address {server.address} is {_spelled(server.family)} and the service is"
            f" {family}, which forward {server.forward} cannot translate;"
            f" give an {family} address, or use forward tun."
        )
    if forward in ("dr", "tun") and len(service) == 3 and server.port != service[2]:
        return (
            f"port {server.port} differs from the service's, which forward {server.forward}"
            f" cannot change; leave port out or use {service[2]}, or use forward nat."
        )
    if server.lower_threshold > server.upper_threshold:
        return (
            f"lower_threshold {server.lower_threshold} is above upper_threshold"
            f" {server.upper_threshold}; give an upper_threshold that is not below it."
        )
    return _problem_of_tunnel(server) if forward == "tun" else None


def _problem_of_tunnel(server: RealServer) -> str | None:
    if server.tunnel_type == "gue" and not server.tunnel_port:
        return (
            "tunnel_type gue has no tunnel_port; give the UDP port that the real server"
            " decapsulates on, from 1 to 65535."
        )
    if server.tunnel_type != "gue" and server.tunnel_port:
        return (
            f"tunnel_port {server.tunnel_port} is for tunnel_type gue only, and"
            f" tunnel_type is {server.tunnel_type}; leave it out or use tunnel_type gue."
        )
    allowed = {"ipip": ("none",), "gre": ("none", "csum"), "gue": TUNNEL_CHECKSUMS}
    if server.tunnel_checksum not in allowed[server.tunnel_type]:
        return (
            f"tunnel_checksum {server.tunnel_checksum} does not exist with tunnel_type"
            f" {server.tunnel_type}; use {' or '.join(allowed[server.tunnel_type])}."
        )
    return None


def _spelled(family: str) -> str:
    return "IPv4" if family == "ipv4" else "IPv6"
