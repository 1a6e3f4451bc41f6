# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks for, over what is there.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .._values import (
    FAMILIES,
    MAX_PORT,
    ModelError,
    address_family,
    canonical_address,
    join_host_port,
    netmask_of_prefix,
    parse_address,
    parse_boolean,
    parse_choice,
    parse_integer,
)
from .judgement import check_possible, check_real_server, check_service
from .model import (
    FORWARDS,
    GENERIC_SCHEDULER_FLAGS,
    MAX_FWMARK,
    MAX_KEPT,
    MAX_PERSISTENT_TIMEOUT,
    MAX_THRESHOLD,
    MAX_WEIGHT,
    NAMED_SCHEDULER_FLAGS,
    PERSISTENCE_ENGINES,
    PROTOCOLS,
    SCHEDULERS,
    TUNNEL_CHECKSUMS,
    TUNNEL_FIELDS,
    TUNNEL_TYPES,
    RealServer,
    RealServerKey,
    Service,
    ServiceKey,
    Table,
    default_netmask,
    flag_names,
    key_family,
    key_label,
    service_of_key,
)

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

_FLAGS = frozenset((*GENERIC_SCHEDULER_FLAGS, *sum(NAMED_SCHEDULER_FLAGS.values(), ())))
# What does not need forward tun.
_OF_ANY = _SERVER_NAMES.difference(TUNNEL_FIELDS)

_SERVER_CHOICES = (
    ("forward", FORWARDS),
    ("tunnel_type", TUNNEL_TYPES),
    ("tunnel_checksum", TUNNEL_CHECKSUMS),
)
_SERVER_NUMBERS = (
    ("upper_threshold", MAX_THRESHOLD),
    ("lower_threshold", MAX_THRESHOLD),
    ("tunnel_port", MAX_PORT),
)
_NOTHING: Mapping[str, Any] = MappingProxyType({})
# A module of the kernel: IP_VS_SCHEDNAME_MAXLEN and IP_VS_PENAME_MAXLEN of linux/ip_vs.h.
_MODULE = re.compile("[a-z0-9_-]{1,15}")
_LENGTH = re.compile("0|[1-9][0-9]{0,2}")


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


class _ServerItem(NamedTuple):
    """What messages call a real server; put into words only when there is one."""

    host: str
    service: ServiceKey

    def __str__(self) -> str:
        """Return it in words."""
        return " ".join(filter(None, ("real server", self.host, "of", key_label(self.service))))


def parse_netmask(item: object, value: object, family: str) -> str:
    """Return the persistence netmask: dotted for IPv4, a prefix length for IPv6.

    Whether it is one of a prefix length is judged later: the kernel takes any, and may have it.
    """
    name = "persistent_netmask"
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    length = int(text) if _LENGTH.fullmatch(text) else None
    if family == "ipv6":
        if length is not None and 1 <= length <= 128:
            return text
        advice = "give a prefix length from 1 to 128"
        raise ModelError(item, name, value, "does not fit an IPv6 service", advice)
    if length is not None and length <= 32:
        return netmask_of_prefix(length)
    if address_family(text) == "ipv4":
        return canonical_address(text) or text
    advice = "give one such as 255.255.255.0, or a prefix length from 0 to 32"
    raise ModelError(item, name, value, "is not an IPv4 netmask", advice)


def parse_module(item: object, name: str, value: object, known: Iterable[str]) -> str:
    """Return the name of a scheduler or persistence engine; whether it is known is judged later."""
    if isinstance(value, str) and _MODULE.fullmatch(value):
        return value
    raise ModelError(item, name, value, "is not known", f"use one of {', '.join(known)}")


def _kept(item: object, name: str, value: object, highest: int) -> int:
    """Return a number that the kernel may keep; one above C(highest) is judged later."""
    try:
        return parse_integer(item, name, value, 0, MAX_KEPT)
    except ModelError:
        return parse_integer(item, name, value, 0, highest)


def parse_scheduler_flags(item: object, value: object) -> tuple[str, ...]:
    """Return the flags as they were named, without doubles; their scheduler is checked later."""
    field = "scheduler_flags"
    names = value.split(",") if isinstance(value, str) and value else value
    if not isinstance(names, (list, tuple)):
        raise ModelError(item, field, value, "is not a list", "give a list of names")
    for name in names:
        # What is no text may not even be looked up.
        if not isinstance(name, str) or name not in _FLAGS:
            advice = f"use some of {', '.join(sorted(_FLAGS))}, or [] for none"
            raise ModelError(item, field, name, "is not known", advice)
    return tuple(dict.fromkeys(names))


def parse_service_key(source: Mapping[str, Any], item: str = "service") -> ServiceKey:
    """Read what names a service: address, port and protocol, or fwmark and family."""
    address = source.get("virtual_address")
    port = source.get("virtual_port")
    protocol = source.get("protocol")
    fwmark = source.get("fwmark")
    family = source.get("family")
    if family is not None:
        family = parse_choice(item, "family", family, FAMILIES)
    if fwmark is not None:
        for name, value in (
            ("virtual_address", address),
            ("virtual_port", port),
            ("protocol", protocol),
        ):
            if value is not None:
                why = f"cannot name a service together with fwmark {fwmark}"
                raise ModelError(item, name, value, why, "leave out one of the two")
        return (parse_integer(item, "fwmark", fwmark, 1, MAX_FWMARK), family or "ipv4")
    if address is None:
        why = "is not given, and no fwmark either"
        advice = "name the service by its address, port and protocol, or by fwmark"
        raise ModelError(item, "virtual_address", None, why, advice)
    vip = parse_address(item, "virtual_address", address)
    transport = "tcp"
    if protocol is not None:
        transport = parse_choice(item, "protocol", protocol, PROTOCOLS)
    if port is None:
        advice = "give a port, or 0 for all ports of a persistent service"
        raise ModelError(item, "virtual_port", None, f"is not given for {vip}", advice)
    number = parse_integer(item, "virtual_port", port, 0, MAX_PORT)
    if family is not None and family != address_family(vip):
        advice = "leave family out, it is for services with a fwmark"
        raise ModelError(item, "family", family, f"does not fit the address {vip}", advice)
    return (transport, vip, number)


def _check_names(item: object, source: Mapping[str, Any], known: frozenset[str]) -> None:
    if known.issuperset(source):
        return
    for name in source:
        if name not in known:
            advice = f"use one of {', '.join(sorted(known))}"
            raise ModelError(item, name, None, "is not known", advice)


def parse_service(source: Mapping[str, Any], item: str = "service") -> WantedService:
    """Read one service as users write it; fields that are absent or null are not asked for."""
    key = parse_service_key(source, item)
    label = key_label(key)
    given: dict[str, Any] = {}
    if source.get("scheduler") is not None:
        given["scheduler"] = parse_module(label, "scheduler", source["scheduler"], SCHEDULERS)
    if source.get("scheduler_flags") is not None:
        given["scheduler_flags"] = parse_scheduler_flags(label, source["scheduler_flags"])
    if source.get("persistent_timeout") is not None:
        given["persistent_timeout"] = _kept(
            label, "persistent_timeout", source["persistent_timeout"], MAX_PERSISTENT_TIMEOUT
        )
    if source.get("persistent_netmask") is not None:
        given["persistent_netmask"] = parse_netmask(
            label, source["persistent_netmask"], key_family(key)
        )
    if source.get("persistence_engine") is not None:
        given["persistence_engine"] = parse_module(
            label, "persistence_engine", source["persistence_engine"], PERSISTENCE_ENGINES
        )
    if source.get("one_packet") is not None:
        given["one_packet"] = parse_boolean(label, "one_packet", source["one_packet"])
    real_servers = source.get("real_servers")
    if real_servers is None:
        return WantedService(key, given)
    wanted: dict[RealServerKey, WantedRealServer] = {}
    if not isinstance(real_servers, (list, tuple)):
        raise ModelError(label, "real_servers", real_servers, "is not a list", "give a list")
    for number, entry in enumerate(real_servers, 1):
        if not isinstance(entry, Mapping):
            advice = "give a dictionary with an address"
            raise ModelError(label, "real_servers", entry, "is not a real server", advice)
        server = parse_real_server(entry, key, str(number))
        _check_names(_ServerItem(join_host_port(*server.key), key), entry, _SERVER_NAMES)
        if server.key in wanted:
            why = f"names {join_host_port(*server.key)} twice"
            raise ModelError(label, "real_servers", None, why, "leave out one of the two")
        wanted[server.key] = server
    return WantedService(key, given, tuple(wanted.values()))


def parse_services(sources: Iterable[Mapping[str, Any]]) -> tuple[WantedService, ...]:
    """Read a list of services; no two may have the same key."""
    wanted: dict[ServiceKey, WantedService] = {}
    for number, source in enumerate(sources, 1):
        if not isinstance(source, Mapping):
            advice = "give a dictionary with a virtual_address or a fwmark"
            raise ModelError(f"service {number}", "", source, "is not a service", advice)
        service = parse_service(source, f"service {number}")
        _check_names(key_label(service.key), source, _SERVICE_NAMES)
        if service.key in wanted:
            advice = "leave out one of the two"
            raise ModelError(key_label(service.key), "services", None, "names it twice", advice)
        wanted[service.key] = service
    return tuple(wanted.values())


def parse_real_server(
    source: Mapping[str, Any], service: ServiceKey, number: str = ""
) -> WantedRealServer:
    """Read one real server as users write it; its port is the service's where it is not given.

    `number` says which of a list it is, for messages about one without an address.
    """
    item = _ServerItem(number, service)
    if source.get("address") is None:
        advice = "give the real server's address"
        raise ModelError(item, "address", None, "is not given", advice)
    address = parse_address(item, "address", source["address"])
    port = service[2] if len(service) == 3 else 0
    if source.get("port") is not None:
        port = parse_integer(_ServerItem(address, service), "port", source["port"], 0, MAX_PORT)
    item = _ServerItem(join_host_port(address, port), service)
    given: dict[str, Any] = {}
    for name, choices in _SERVER_CHOICES:
        if source.get(name) is not None:
            given[name] = parse_choice(item, name, source[name], choices)
    for name, highest in _SERVER_NUMBERS:
        if source.get(name) is not None:
            given[name] = parse_integer(item, name, source[name], 0, highest)
    if source.get("weight") is not None:
        given["weight"] = _kept(item, "weight", source["weight"], MAX_WEIGHT)
    return WantedRealServer(address, port, given)


def resolve_service(wanted: WantedService, have: Service | None = None) -> Service:
    """Put what is asked for over what is there, and judge what is new of it.

    What hangs on a value goes with it: the flags of a scheduler that is changed, the netmask and
    engine of a persistence that is ended.
    """
    service = _service_over(wanted, have)
    if service != have:
        check_service(service, have)
    return service


def _service_over(wanted: WantedService, have: Service | None) -> Service:
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
    return service


def resolve_real_server(
    wanted: WantedRealServer,
    service: Service,
    have: RealServer | None = None,
    had: Service | None = None,
) -> RealServer:
    """Put what is asked for over what is there, and judge what is new of it.

    C(have) is the real server that there is, C(had) its service as it is until then.
    """
    if have is not None and _is_already(have, wanted.given):
        return have
    server = _server_over(wanted, service, have)
    if server != have:
        check_real_server(server, service, have, had)
    return server


def _is_already(have: RealServer, given: Mapping[str, Any]) -> bool:
    """Tell whether all that is given is so, where nothing else hangs on what is given.

    Of a large table that is so of nearly all.
    """
    for name, value in given.items():
        if getattr(have, name) != value:
            return False
    return have.forward == "tun" or _OF_ANY.issuperset(given)


def _server_over(wanted: WantedRealServer, service: Service, have: RealServer | None) -> RealServer:
    given = wanted.given
    if have is None:
        server = RealServer(wanted.address, wanted.port, **given)
    else:
        server = _changed_real_server(have, given)
    if server.forward != "tun":
        for name in TUNNEL_FIELDS:
            if name in given:
                raise ModelError(
                    f"{server.label} of {key_label(service.key)}",
                    name,
                    given[name],
                    f"is for forward tun only, and forward is {server.forward}",
                    "leave it out or use forward tun",
                )
    return server


def table_of(wanted: Iterable[WantedService]) -> Table:
    """Return the table that these services are, all that the kernel may hold included.

    Raise ModelError for what it does not hold: nobody is asked here whether it should.
    """
    services = {}
    real_servers = {}
    for one in wanted:
        services[one.key] = service = _service_over(one, None)
        servers = [_server_over(server, service, None) for server in one.real_servers or ()]
        for server in servers:
            check_possible(server, service)
        real_servers[one.key] = {server.key: server for server in servers}
    return Table(services, real_servers)


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
        elif flag in GENERIC_SCHEDULER_FLAGS[: len(names)]:
            bits.add(GENERIC_SCHEDULER_FLAGS.index(flag))
        elif flag in GENERIC_SCHEDULER_FLAGS:
            why = f"means nothing to scheduler {service.scheduler}"
            advice = f"use {' or '.join(names)}, or leave it out"
            raise ModelError(service.label, "scheduler_flags", flag, why, advice)
        else:
            why = f"does not belong to scheduler {service.scheduler}"
            advice = f"use scheduler {flag.split('-', 1)[0]} or leave it out"
            raise ModelError(service.label, "scheduler_flags", flag, why, advice)
    return tuple(names[bit] for bit in sorted(bits))
