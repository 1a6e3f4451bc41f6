# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of C(ipvsadm-save), and command lines of ipvsadm(8), as the services that they make.

Private to the collection: names and behaviour may change in any release.

What is read is all that C(ipvsadm -S) of versions 1.26 to 1.31 prints, and the command lines that
people type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._values import MAX_PORT, ModelError, canonical_address
from .command_line import (
    COMMANDS,
    SERVERS,
    SERVICES,
    VALUES,
    line_label,
    options_of,
    words_of,
    wrong,
)
from .model import (
    DEFAULT_SCHEDULER,
    RealServerKey,
    ServiceKey,
    default_netmask,
    key_family,
    key_label,
)
from .wanted import (
    WantedRealServer,
    WantedService,
    parse_real_server,
    parse_service,
    parse_service_key,
)

# What ipvsadm takes for what a rule does not say (ipvsadm(8)).
DEFAULT_RULE_FORWARD = "dr"
DEFAULT_RULE_WEIGHT = 1

# In which word the name of a service mostly is, and that of a real server.
_SERVICE, _SERVER = 2, 4
_NAMING = ("service", "protocol", "fwmark", "family")
_OF_A_SERVICE = (
    "scheduler", "scheduler_flags", "persistent_timeout", "persistent_netmask",
    "persistence_engine", "one_packet",
)  # fmt: skip
_OF_A_REAL_SERVER = (
    "forward", "weight", "upper_threshold", "lower_threshold",
    "tunnel_type", "tunnel_port", "tunnel_checksum",
)  # fmt: skip


class Names(NamedTuple):
    """How names in rules are turned into numbers, on a host that knows them.

    `address` takes a host's name and a family and gives its address, `port` takes a service's name
    and its protocol and gives its port; each gives None for a name that it does not know.
    """

    address: Callable[[str, str], str | None]
    port: Callable[[str, str], int | None]


_DIGITS = re.compile("[0-9]{1,20}")
_NEGATIVE = re.compile("-[0-9]{1,10}")
NO_NAMES = Names(lambda _host, _family: None, lambda _service, _protocol: None)

_Source = dict[str, Any]


class _Server:
    """What rules say of a real server besides its address and port; read once for all of them."""

    def __init__(self, said: _Source) -> None:
        self.said = said
        self._given: Mapping[str, Any] | None = None

    def at(self, address: str, port: str, key: ServiceKey) -> WantedRealServer:
        """Return the real server at a canonical address; raises ModelError."""
        number = int(port)
        if self._given is None or number > MAX_PORT:
            source = {"address": address, "port": port, **self.said}
            self._given = parse_real_server(source, key).given
        return WantedRealServer(address, number, self._given)


class _Rules:
    """What the rules so far have made, from an empty table on."""

    def __init__(self) -> None:
        self.services: dict[ServiceKey, _Source] = {}
        # What is needed of the services that rules name, which they do again and again.
        self.named: dict[tuple[object, ...], tuple[ServiceKey, _Source]] = {}
        self.real_servers: dict[ServiceKey, dict[tuple[str, str], _Server]] = {}
        # Rules that say the same of other services and real servers, taken apart.
        self.alike: dict[tuple[str, ...], tuple[str, _Source, _Server]] = {}

    def take_apart(self, words: list[str]) -> tuple[str, _Source, _Server]:
        """Return a rule's command, what it gives, under the fields' names, and of that the server.

        In most rules the second word is what names the service, and the fourth the real server.
        """
        usual = words[0] in COMMANDS and len(words) > _SERVER and words[_SERVICE - 1] in SERVICES
        if not usual:
            command, found = options_of(words)
            return command, found, _Server(_server_fields(found))
        of_server = words[_SERVER - 1] in SERVERS
        shape = tuple(words)
        shape = (*shape[:_SERVICE], *shape[_SERVICE + 1 : _SERVER], *shape[_SERVER + of_server :])
        if shape not in self.alike:
            command, found = options_of(words)
            self.alike[shape] = command, found, _Server(_server_fields(found))
        command, found, server = self.alike[shape]
        found = {**found, VALUES[words[_SERVICE - 1]]: words[_SERVICE]}
        if of_server:
            found["server"] = words[_SERVER]
        return command, found, server

    def check(self, key: ServiceKey | None, name: tuple[str, str] | None) -> None:
        """Read what a rule has said of a service or real server; forget it, if it cannot be."""
        if key not in self.services:
            return
        try:
            if name is None:
                parse_service(self.services[key])
            elif name in self.real_servers[key]:
                self.real_servers[key][name].at(*name, key)
        except ModelError:
            if name is None:
                del self.services[key]
            else:
                del self.real_servers[key][name]
            raise

    def as_wanted(self) -> tuple[WantedService, ...]:
        """Return the services; raises ModelError."""
        return tuple(
            parse_service(service)._replace(
                real_servers=tuple(
                    said.at(address, port, key)
                    for (address, port), said in self.real_servers[key].items()
                )
            )
            for key, service in self.services.items()
        )


# Is told the number of a line that is no rule, and what is wrong with it.
Refuse = Callable[[int, ModelError], None]


def parse_rules(
    text: str, names: Names = NO_NAMES, refuse: Refuse | None = None
) -> tuple[WantedService, ...]:
    """Return the services that the rules make from an empty table.

    The text is what `ipvsadm -S` and `ipvsadm -Sn` print, or command lines of ipvsadm(8): each line
    may begin with the command's name. Every field of a service and of a real server is named in
    what is returned, with ipvsadm's defaults where a rule is silent; only thresholds are not, for
    `ipvsadm -S` does not tell of them. Raises ModelError, which names the line. With `refuse` a
    line that is wrong is told there, and left out.
    """
    rules = _Rules()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            words = words_of(line, number)
            if not words:
                continue
            key, name = _follow(rules, words, names)
            if refuse is not None:
                rules.check(key, name)
        except ModelError as error:
            if refuse is not None:
                refuse(number, error)
                continue
            if error.item == line_label(line, number):
                raise
            item = ": ".join(filter(None, (line_label(line, number), str(error.item))))
            raise ModelError(item, error.field, error.value, error.why, error.advice) from None
    return rules.as_wanted()


def as_ipvsadm_adds(
    wanted: Iterable[WantedService], have: Mapping[ServiceKey, Container[RealServerKey]]
) -> tuple[WantedService, ...]:
    """Return the services with the ports that ipvsadm gives to their real servers.

    It adds one by dr or tun at the service's port, whatever the rule says. One that is there at
    another port, because somebody else has added it, is the one that the rule means.
    """
    return tuple(
        service
        if service.real_servers is None or len(service.key) == 2
        else service._replace(real_servers=_at_port_of_service(service, have.get(service.key, ())))
        for service in wanted
    )


def _at_port_of_service(
    service: WantedService, have: Container[RealServerKey]
) -> tuple[WantedRealServer, ...]:
    port = service.key[2] if len(service.key) == 3 else 0
    asked = service.real_servers or ()
    if all(server.port == port or server.given.get("forward") == "nat" for server in asked):
        return asked
    servers: dict[RealServerKey, WantedRealServer] = {}
    for server in asked:
        added = server
        if server.given.get("forward") != "nat" and server.key not in have:
            added = server._replace(port=port)
        if added.key in servers:
            why = f"is {port} by dr and tun, and {added.address} is there at {port} already"
            raise ModelError(key_label(service.key), "port", server.port, why, "leave out one")
        servers[added.key] = added
    return tuple(servers.values())


def _follow(
    rules: _Rules, words: list[str], names: Names
) -> tuple[ServiceKey | None, tuple[str, str] | None]:
    """Do what a rule says, and return whom it is about: a service, and a real server of it."""
    command, found, server = rules.take_apart(words)
    if command == "-C":
        rules.services.clear()
        rules.real_servers.clear()
        return None, None
    said = (found.get("service"), found.get("protocol"), found.get("fwmark"), found.get("family"))
    if said not in rules.named:
        service = _service_name(found, names)
        rules.named[said] = (parse_service_key(service), service)
    key, service = rules.named[said]
    there = key in rules.services
    if command == "-A" and there:
        raise wrong(f"{key_label(key)} is there already", "leave out one of the two, or use -E")
    if command != "-A" and not there:
        raise wrong(f"{key_label(key)} is not there", "add it first, by -A")
    if command in ("-A", "-E"):
        _only(found, _OF_A_SERVICE)
        rules.services[key] = {**service, **_service_fields(found, key)}
        rules.real_servers.setdefault(key, {})
    elif command == "-D":
        _only(found, ())
        del rules.services[key]
        del rules.real_servers[key]
    else:
        name = _server_name(rules.real_servers[key], command, found, key, names)
        if command == "-d":
            del rules.real_servers[key][name]
        else:
            rules.real_servers[key][name] = server
        return key, name
    return key, None


def _server_name(
    servers: Mapping[tuple[str, str], _Server],
    command: str,
    found: _Source,
    key: ServiceKey,
    names: Names,
) -> tuple[str, str]:
    """Return address and port of the real server that a rule is about."""
    if "server" not in found:
        raise wrong("the real server is not given", "give it by -r")
    _only(found, ("server", *(() if command == "-d" else _OF_A_REAL_SERVER)))
    protocol = key[0] if len(key) == 3 else "tcp"
    address, port = _host_port(found["server"], protocol, names)
    if port is None:
        port = str(key[2]) if len(key) == 3 else "0"
    name = (address, port)
    there = name in servers
    if there == (command == "-a"):
        label = f"real server {address}:{port} of {key_label(key)}"
        if there:
            raise wrong(f"{label} is there already", "leave out one of the two, or use -e")
        raise wrong(f"{label} is not there", "add it first, by -a")
    return name


def _only(found: _Source, fields: Sequence[str]) -> None:
    for field in found:
        if field not in fields and field not in _NAMING and field != "numeric":
            raise ModelError("", field, found[field], "is not for this command", "leave it out")


def _service_name(found: _Source, names: Names) -> _Source:
    if "fwmark" in found:
        if "service" in found:
            raise wrong("it names a service twice, by -f and by address", "leave out one")
        return {"fwmark": _mark(found["fwmark"]), "family": found.get("family", "ipv4")}
    if "service" not in found:
        advice = "give it by -t, -u, --sctp-service or -f"
        raise wrong("the service is not given", advice)
    address, port = _host_port(found["service"], found["protocol"], names)
    return {
        "virtual_address": address,
        "virtual_port": "0" if port is None else port,
        "protocol": found["protocol"],
    }


def _mark(text: str) -> str:
    """Return a mark; ipvsadm prints those from 2^31 on as negative numbers."""
    if _NEGATIVE.fullmatch(text) and 0 < int(text[1:]) <= 1 << 31:
        return str((1 << 32) - int(text[1:]))
    return text


def _host_port(text: str, protocol: str, names: Names) -> tuple[str, str | None]:
    """Return address and port of `host`, `host:port`, `[address]` or `[address]:port`."""
    port: str | None = None
    family = "ipv4"
    if text.startswith("["):
        family = "ipv6"
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ModelError("", "", text, "is no address", "write it as [2001:db8::1]:80")
        port = rest[1:] if rest else None
    elif text.count(":") > 1:
        host = text
    else:
        host, colon, rest = text.partition(":")
        port = rest if colon else None
    return _address_of(host, family, names), None if port is None else _port_of(
        port, protocol, names
    )


def _address_of(host: str, family: str, names: Names) -> str:
    address = canonical_address(host)
    if address is None:
        address = canonical_address(names.address(host, family) or "")
    if address is None:
        why = "is no address, and no host of this name is known here"
        raise ModelError("", "", host, why, "give the address, as ipvsadm -Sn prints it")
    return address


def _port_of(port: str, protocol: str, names: Names) -> str:
    if _DIGITS.fullmatch(port):
        return str(int(port))
    number = names.port(port, protocol)
    if number is None:
        why = f"is no port, and no {protocol} service of this name is known here"
        raise ModelError("", "", port, why, "give the number, as ipvsadm -Sn prints it")
    return str(number)


def _service_fields(found: _Source, key: ServiceKey) -> _Source:
    netmask = {}
    if "persistent_timeout" in found or "persistent_netmask" in found:
        family = key_family(key)
        given = found.get("persistent_netmask", default_netmask(family))
        if family == "ipv4" and "." not in given:
            why = "is no prefix length to ipvsadm, but one number of an address"
            raise ModelError("", "-M", given, why, "give a netmask such as 255.255.255.0")
        netmask = {"persistent_netmask": given}
    return {
        "scheduler": found.get("scheduler", DEFAULT_SCHEDULER),
        "scheduler_flags": [name for name in found.get("scheduler_flags", "").split(",") if name],
        "persistent_timeout": found.get("persistent_timeout", 0),
        **netmask,
        "persistence_engine": found.get("persistence_engine", "none"),
        "one_packet": found.get("one_packet", False),
    }


def _server_fields(found: _Source) -> _Source:
    forward = found.get("forward", DEFAULT_RULE_FORWARD)
    tunnel = {}
    if forward == "tun":
        tunnel = {"tunnel_type": "ipip", "tunnel_port": 0, "tunnel_checksum": "none"}
    said = {n: found[n] for n in _OF_A_REAL_SERVER if n in found and n not in ("forward", "weight")}
    weight = found.get("weight", DEFAULT_RULE_WEIGHT)
    return {"forward": forward, "weight": weight, **tunnel, **said}
