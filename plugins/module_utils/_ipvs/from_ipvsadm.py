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
import shlex
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._values import ModelError, canonical_address
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
    parse_service_key,
    parse_services,
)

# What ipvsadm takes for what a rule does not say (ipvsadm(8)).
DEFAULT_PERSISTENT_TIMEOUT = 360
DEFAULT_RULE_FORWARD = "dr"
DEFAULT_RULE_WEIGHT = 1

_COMMANDS = {
    "-A": "-A", "--add-service": "-A",
    "-E": "-E", "--edit-service": "-E",
    "-D": "-D", "--delete-service": "-D",
    "-a": "-a", "--add-server": "-a",
    "-e": "-e", "--edit-server": "-e",
    "-d": "-d", "--delete-server": "-d",
    "-C": "-C", "--clear": "-C",
}  # fmt: skip
_OTHER_COMMANDS = {
    "--set": "use ipvs_timeouts for timeouts",
    "--start-daemon": "use ipvs_sync_daemon for daemons",
    "--stop-daemon": "use ipvs_sync_daemon for daemons",
    **dict.fromkeys(("-L", "-l", "--list", "-S", "--save"), "use ipvs_info to read the table"),
    **dict.fromkeys(("-Z", "--zero", "-R", "--restore"), "leave it out"),
}
_PROTOCOLS = {
    "-t": "tcp", "--tcp-service": "tcp",
    "-u": "udp", "--udp-service": "udp",
    "--sctp-service": "sctp",
}  # fmt: skip
_VALUES = {
    **dict.fromkeys(_PROTOCOLS, "service"),
    "-f": "fwmark", "--fwmark-service": "fwmark",
    "-s": "scheduler", "--scheduler": "scheduler",
    "-M": "persistent_netmask", "--netmask": "persistent_netmask",
    "--pe": "persistence_engine",
    "-b": "scheduler_flags", "--sched-flags": "scheduler_flags",
    "-r": "server", "--real-server": "server",
    "-w": "weight", "--weight": "weight",
    "-x": "upper_threshold", "--u-threshold": "upper_threshold",
    "-y": "lower_threshold", "--l-threshold": "lower_threshold",
    "--tun-type": "tunnel_type",
    "--tun-port": "tunnel_port",
}  # fmt: skip
_PERSISTENT = ("-p", "--persistent")
_SETTINGS: Mapping[str, tuple[str, Any]] = {
    "-m": ("forward", "nat"), "--masquerading": ("forward", "nat"),
    "-i": ("forward", "tun"), "--ipip": ("forward", "tun"),
    "-g": ("forward", "dr"), "--gatewaying": ("forward", "dr"),
    "-6": ("family", "ipv6"), "--ipv6": ("family", "ipv6"),
    "-o": ("one_packet", True), "--ops": ("one_packet", True),
    "--tun-nocsum": ("tunnel_checksum", "none"),
    "--tun-csum": ("tunnel_checksum", "csum"),
    "--tun-remcsum": ("tunnel_checksum", "remcsum"),
    "-n": ("numeric", True), "--numeric": ("numeric", True),
}  # fmt: skip
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


# Whatever stands before it: a prompt, a path, sudo. But not what is commented out.
_COMMAND_LINE = re.compile(r"(?!\s*#)(?:.*[\s/])?ipvsadm\s(.*)")
# What a message shows of a line.
_SHOWN = 200
_DIGITS = re.compile("[0-9]{1,20}")
_NEGATIVE = re.compile("-[0-9]{1,10}")
NO_NAMES = Names(lambda _host, _family: None, lambda _service, _protocol: None)

_Source = dict[str, Any]


class _Rules:
    """What the rules so far have made, from an empty table on."""

    def __init__(self) -> None:
        self.services: dict[ServiceKey, _Source] = {}
        # What is needed of the services that rules name, which they do again and again.
        self.named: dict[tuple[str, ...], tuple[ServiceKey, _Source]] = {}
        self.real_servers: dict[ServiceKey, dict[tuple[str, str], _Source]] = {}

    def as_services(self) -> list[_Source]:
        return [
            {**service, "real_servers": list(self.real_servers[key].values())}
            for key, service in self.services.items()
        ]


def parse_rules(text: str, names: Names = NO_NAMES) -> tuple[WantedService, ...]:
    """Return the services that the rules make from an empty table.

    The text is what `ipvsadm -S` and `ipvsadm -Sn` print, or command lines of ipvsadm(8): each line
    may begin with the command's name. Every field of a service and of a real server is named in
    what is returned, with ipvsadm's defaults where a rule is silent; only thresholds are not, for
    `ipvsadm -S` does not tell of them. Raises ModelError, which names the line.
    """
    rules = _Rules()
    for number, line in enumerate(text.splitlines(), 1):
        words = _words(line, number)
        if not words:
            continue
        try:
            _follow(rules, words, names)
        except ModelError as error:
            item = ": ".join(filter(None, (_line_label(line, number), str(error.item))))
            raise ModelError(item, error.field, error.value, error.why, error.advice) from None
    return parse_services(rules.as_services())


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
    servers: dict[RealServerKey, WantedRealServer] = {}
    for server in service.real_servers or ():
        added = server
        if server.given.get("forward") != "nat" and server.key not in have:
            added = server._replace(port=port)
        if added.key in servers:
            why = f"is {port} by dr and tun, and {added.address} is there at {port} already"
            raise ModelError(key_label(service.key), "port", server.port, why, "leave out one")
        servers[added.key] = added
    return tuple(servers.values())


def _line_label(line: str, number: int) -> str:
    """Return what messages call a line of rules."""
    rule = line.strip()
    return f"rules, line {number} ({rule if len(rule) <= _SHOWN else f'{rule[:_SHOWN]}...'})"


def _words(line: str, number: int) -> list[str]:
    command_line = _COMMAND_LINE.match(line) if "ipvsadm" in line else None
    rule = command_line[1] if command_line else line
    if not any(mark in rule for mark in "\"'\\#"):
        return rule.split()
    try:
        return shlex.split(rule, comments=True)
    except ValueError as error:
        item = _line_label(line, number)
        raise ModelError(item, "", None, str(error), "close what is open") from error


def _wrong(why: str, advice: str) -> ModelError:
    """Return what is wrong with a whole line; C(parse_rules) says which."""
    return ModelError("", "", None, why, advice)


def _follow(rules: _Rules, words: list[str], names: Names) -> None:
    command, found = _options(words)
    if command == "-C":
        rules.services.clear()
        rules.real_servers.clear()
        return
    said = tuple(found.get(name, "") for name in _NAMING)
    if said not in rules.named:
        service = _service_name(found, names)
        rules.named[said] = (parse_service_key(service), service)
    key, service = rules.named[said]
    there = key in rules.services
    if command == "-A" and there:
        raise _wrong(f"{key_label(key)} is there already", "leave out one of the two, or use -E")
    if command != "-A" and not there:
        raise _wrong(f"{key_label(key)} is not there", "add it first, by -A")
    if command in ("-A", "-E"):
        _only(found, _OF_A_SERVICE)
        rules.services[key] = {**service, **_service_fields(found, key)}
        rules.real_servers.setdefault(key, {})
    elif command == "-D":
        _only(found, ())
        del rules.services[key]
        del rules.real_servers[key]
    else:
        _follow_for_a_server(rules.real_servers[key], command, found, key, names)


def _follow_for_a_server(
    servers: dict[tuple[str, str], _Source],
    command: str,
    found: _Source,
    key: ServiceKey,
    names: Names,
) -> None:
    if "server" not in found:
        raise _wrong("the real server is not given", "give it by -r")
    _only(found, ("server", *(() if command == "-d" else _OF_A_REAL_SERVER)))
    protocol = key[0] if len(key) == 3 else "tcp"
    address, port = _host_port(found["server"], protocol, names)
    fields = _server_fields(found)
    if port is None:
        port = str(key[2]) if len(key) == 3 else "0"
    name = (address, port)
    there = name in servers
    if there == (command == "-a"):
        label = f"real server {address}:{port} of {key_label(key)}"
        if there:
            raise _wrong(f"{label} is there already", "leave out one of the two, or use -e")
        raise _wrong(f"{label} is not there", "add it first, by -a")
    if command == "-d":
        del servers[name]
    else:
        servers[name] = {"address": address, "port": port, **fields}


def _options(words: list[str]) -> tuple[str, _Source]:
    """Take the words of a rule apart: its command, and what it gives, under the fields' names."""
    command = ""
    found: _Source = {}
    waiting = words[::-1]
    while waiting:
        switch, value = _switch(waiting)
        if switch in _COMMANDS:
            if command:
                raise _wrong(f"{command} and {switch} are two commands", "give one a line")
            command = _COMMANDS[switch]
        elif switch in _SETTINGS:
            field, setting = _SETTINGS[switch]
            _give(found, field, setting, switch)
        elif switch in _PERSISTENT:
            if value is None and waiting and not waiting[-1].startswith("-"):
                value = waiting.pop()
            timeout = DEFAULT_PERSISTENT_TIMEOUT if value is None else value
            _give(found, "persistent_timeout", timeout, switch)
        elif switch in _VALUES:
            _give(found, _VALUES[switch], _value(switch, value, waiting), switch)
            if switch in _PROTOCOLS:
                found["protocol"] = _PROTOCOLS[switch]
        elif switch in _OTHER_COMMANDS:
            advice = _OTHER_COMMANDS[switch]
            raise ModelError("", switch, None, "does not describe a table", advice)
        else:
            raise ModelError("", switch, None, "is no option of a rule", "see ipvsadm(8)")
    if not command:
        advice = "begin it with -A for a service, -a for a real server"
        raise _wrong("it has no command", advice)
    return command, found


def _switch(waiting: list[str]) -> tuple[str, str | None]:
    """Take the next switch off, with its value where the two are one word (popt(3))."""
    word = waiting.pop()
    if word.startswith("--"):
        switch, equals, value = word.partition("=")
        return switch, value if equals else None
    if len(word) <= 2 or not word.startswith("-"):
        return word, None
    switch, rest = word[:2], word[2:]
    if switch in _VALUES or switch in _PERSISTENT:
        return switch, rest[1:] if rest.startswith("=") else rest
    if switch in _SETTINGS or switch in _COMMANDS or switch in _OTHER_COMMANDS:
        waiting.append(f"-{rest}")
        return switch, None
    return word, None


def _value(switch: str, value: str | None, waiting: list[str]) -> str:
    """Return what is given for a switch, in the same word or in the next one."""
    if value is None and waiting:
        value = waiting.pop()
    # ipvsadm -S prints -b and nothing behind it where it has no name for the flag that is set.
    if value is None and _VALUES[switch] != "scheduler_flags":
        raise ModelError("", switch, None, "has no value", "give one")
    return value or ""


def _give(found: _Source, field: str, value: object, switch: str) -> None:
    if field in found and field != "numeric":
        raise ModelError("", switch, None, "says once more what was said already", "say it once")
    found[field] = value


def _only(found: _Source, fields: Sequence[str]) -> None:
    for field in found:
        if field not in fields and field not in _NAMING and field != "numeric":
            raise ModelError("", field, found[field], "is not for this command", "leave it out")


def _service_name(found: _Source, names: Names) -> _Source:
    if "fwmark" in found:
        if "service" in found:
            raise _wrong("it names a service twice, by -f and by address", "leave out one")
        return {"fwmark": _mark(found["fwmark"]), "family": found.get("family", "ipv4")}
    if "service" not in found:
        advice = "give it by -t, -u, --sctp-service or -f"
        raise _wrong("the service is not given", advice)
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
        address = names.address(host, family)
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
