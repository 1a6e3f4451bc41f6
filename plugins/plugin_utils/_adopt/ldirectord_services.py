# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual services of ldirectord.cf in the words of the description.

Private to the collection: names and behaviour may change in any release.

Written against ldirectord(8) and read_config of resource-agents 4.12 to 4.16. Pure code.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    MAX_FWMARK,
    MAX_PERSISTENT_TIMEOUT,
    SCHEDULERS,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    parse_netmask,
    parse_scheduler_flags,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._settings.kinds import TEXT, Kind, number, one_of
from . import ldirectord_checks as checks
from .found import Found, refuses_clients
from .ldirectord_syntax import Section
from .statements import NO_PLACE, Statement

_FORWARDS = {"masq": "nat", "gate": "dr", "ipip": "tun"}
_HOST = r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._+-]+?"
_NAMED = re.compile(rf"({_HOST}):([0-9A-Za-z_-]+)")
_REAL = re.compile(
    rf"(?P<first>{_HOST})(?P<early>:[0-9A-Za-z_-]+)?(?:->(?P<last>{_HOST}))?"
    r"(?::(?P<port>[0-9A-Za-z_-]+))?\s+(?P<forward>gate|masq|ipip)\b(?P<rest>.*)"
)
_REST = re.compile(
    r'(?:\s+(?P<weight>\d+))?(?P<asked>\s+"(?P<request>.*)"[, ]\s*"(?P<receive>.*)")?'
    r"(?:\s+l:(?P<lower>\d+))?(?:\s+u:(?P<upper>\d+))?\s*"
)
_FALLBACK = re.compile(rf"({_HOST})(?::([0-9A-Za-z_-]+))?(?:\s+(\S+))?")
_MOST_ADDRESSES = 1024
_SCHEDULER = "wrr"
_WEIGHT = number(0, 65535)
_YES_OR_NO = one_of("yes", "no")
# Of the role, and the same for all services.
OF_ROLE = ("emailalert", "emailalertfreq", "emailalertstatus", "smtp", "fallbackcommand")
_TABLE = ("scheduler", "schedflags", "persistent", "netmask", "ops", "protocol")
_LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "monitorfile": ("the role has one log for all services", "see ldirectord_log"),
    "comment": (NO_PLACE, "write it as a comment of the inventory"),
    "load": ("is nothing that ldirectord goes by", ""),
}


class Head(NamedTuple):
    """What names a service."""

    address: str = ""
    port: int = 0
    fwmark: int = 0
    family: str = "ipv4"
    protocol: str = "tcp"

    @property
    def slug(self) -> str:
        """It as a part of the name of a variable."""
        name = f"fwmark_{self.fwmark}" if self.fwmark else f"{self.address}_{self.port}"
        return re.sub(r"\W", "_", name)


class Shared(NamedTuple):
    """The settings of all services, and which of them a service goes by."""

    settings: Mapping[str, Statement]
    used: set[str]


def read_service(section: Section, shared: Shared, found: Found) -> None:
    """Read a section; one that has no place in the description is left out as a whole."""
    ledger = found.ledger
    several = ("real", "real6")
    entries = list(ledger.last_ones(section.settings, several))
    own = {name: one for name, one in entries if name not in several}
    try:
        head = _head(section.head, own, found)
    except ModelError as error:
        ledger.leave(section.head, error.why, error.advice)
        for one in section.settings:
            ledger.leave(one, f"belongs to {section.head.name} of line {section.head.line}")
        return
    ledger.carry(section.head, "fwmark" if head.fwmark else "address and port")
    service = _table(head, own, found)
    reals = [one for name, one in entries if name in several]
    servers = [server for one in reals for server in _servers(one, head, found)]
    service["forward"] = _most([server["forward"] for server in servers] or ["dr"])
    ports = {server.get("port", head.port) for server in servers}
    for server in servers:
        if server["forward"] == service["forward"]:
            del server["forward"]
    service["real_servers"] = servers
    asked = checks.Asked(
        own, shared.settings, shared.used, head.protocol, head.port, ports, head.slug
    )
    service["check"] = checks.read_check(asked, found)
    if service["check"]["type"] not in ("always", "never"):
        service["check"].update(_quiescent(asked, service, found))
    fallback = _fallback(own, head, shared, found)
    if fallback:
        service["sorry_server"] = {
            name: value
            for name, value in fallback.items()
            if name != "forward" or value != service["forward"]
        }
    _read_rest(own, shared, found)
    found.services.append(service)


def _most(forwards: list[str]) -> str:
    return max(forwards, key=forwards.count)


# ---- whom clients ask --------------------------------------------------------------------------
def _head(one: Statement, own: Mapping[str, Statement], found: Found) -> Head:
    family = "ipv6" if one.name == "virtual6" else "ipv4"
    named = _NAMED.match(one.value)
    if named is None:
        mark = re.match(r"\d+", one.value)
        if mark is None:
            why = "is neither an address or name with a port, nor a firewall mark"
            raise ModelError("", "", None, why, "write it as 192.0.2.1:80 or [2001:db8::1]:443")
        fwmark = number(1, MAX_FWMARK).parse(mark[0])
        return Head(fwmark=fwmark, family=family, protocol="fwm")
    protocol = "udp" if named[2] in ("53", "domain") else "tcp"
    said = own.get("protocol")
    protocol = said.value if said is not None and said.value in ("tcp", "udp") else protocol
    address = _address(named[1], family, found)
    port = found.names.port(named[2], protocol)
    if port is None:
        why = f"names a service {named[2]}, whose port is not known"
        raise ModelError("", "", None, why, "say it in ports")
    return Head(address, port, 0, family, protocol)


def _address(host: str, family: str, found: Found) -> str:
    address = found.names.address(host, family)
    if address is None:
        why = f"names {host}, which has no known {'IPv6' if family == 'ipv6' else 'IPv4'} address"
        raise ModelError("", "", None, why, "say it in addresses")
    return address


def _table(head: Head, own: Mapping[str, Statement], found: Found) -> dict[str, Any]:
    """Return what the table has of a service itself."""
    ledger = found.ledger
    service: dict[str, Any] = {}
    if "servicename" in own:
        name = ledger.take(own["servicename"], TEXT, own["servicename"].value, "name")
        service.update({"name": name} if name else {})
    if head.fwmark:
        service["fwmark"] = head.fwmark
        service.update({"family": head.family} if head.family == "ipv6" else {})
    else:
        service.update(address=head.address, port=head.port)
        service.update({"protocol": head.protocol} if head.protocol != "tcp" else {})
    if "protocol" in own:
        choices = one_of("fwm") if head.fwmark else one_of("tcp", "udp")
        ledger.take(own["protocol"], choices, own["protocol"].value, "protocol")
    service["scheduler"] = _SCHEDULER
    kinds: Mapping[str, tuple[str, Kind]] = {
        "scheduler": ("scheduler", one_of(*SCHEDULERS)),
        "schedflags": ("scheduler_flags", Kind(_flags, "sh-port")),
        "persistent": ("persistent_timeout", number(0, MAX_PERSISTENT_TIMEOUT)),
        "netmask": (
            "persistent_netmask",
            Kind(lambda value: parse_netmask("", value, head.family), "255.255.255.0"),
        ),
        "ops": ("one_packet", Kind(lambda value: _YES_OR_NO.parse(value) == "yes", "yes")),
    }
    for word, (name, kind) in kinds.items():
        if word in own:
            value = ledger.take(own[word], kind, own[word].value, name)
            service.update({name: value} if value else {})
    if "persistent_netmask" in service and "persistent_timeout" not in service:
        del service["persistent_netmask"]
        ledger.leave(own["netmask"], "is for a service with persistent")
    return service


def _flags(value: Any) -> list[str]:
    return list(parse_scheduler_flags("", str(value).split()[0] if str(value).split() else ""))


# ---- who answers -------------------------------------------------------------------------------
def _servers(one: Statement, head: Head, found: Found) -> Iterator[dict[str, Any]]:
    """Give the real servers of a line, which may be a range of addresses."""
    ledger = found.ledger
    try:
        read = list(_read_real(one, head, found))
    except ModelError as error:
        ledger.leave(one, error.why, error.advice)
        return
    ledger.carry(one, "real_servers")
    yield from read


def _read_real(one: Statement, head: Head, found: Found) -> Iterator[dict[str, Any]]:
    line = _REAL.fullmatch(one.value)
    rest = _REST.fullmatch(line["rest"]) if line is not None else None
    if line is None or rest is None:
        advice = "write it as 192.0.2.1:80 masq 1"
        raise ModelError("", "", None, "is no real server that ldirectord reads", advice)
    if (one.name == "real6") is not (head.family == "ipv6"):
        why = f"is not for {'virtual6' if head.family == 'ipv6' else 'virtual'}"
        raise ModelError("", "", None, why, "write real6 within virtual6, and real within virtual")
    if rest["asked"]:
        why = "has a request and an answer of its own, and a service has one check for all servers"
        advice = "look whether that of the service tells a good server there, too"
        found.ledger.leave(one, why, advice)
    if line["early"] and line["last"]:
        why = "has a port within the range, where ldirectord reads none"
        advice = f"write {line['first']}->{line['last']}:{line['port'] or line['early'][1:]}"
        found.ledger.leave(one, why, advice)
    spelled = line["port"] or (line["early"] or ":0")[1:]
    port = found.names.port(spelled, head.protocol if head.protocol != "fwm" else "tcp")
    if port is None:
        why = f"names a service {spelled}, whose port is not known"
        raise ModelError("", "", None, why, "say it in ports")
    forward = _FORWARDS[line["forward"]]
    if forward != "nat" and not head.fwmark and port not in (0, head.port):
        found.ledger.leave(one, f"by {line['forward']} ldirectord takes the port of the service")
    fields: dict[str, Any] = {"forward": forward}
    if forward == "nat" and port not in (0, head.port):
        fields["port"] = port
    weight = _WEIGHT.parse(rest["weight"] or 1)
    fields.update({"weight": weight} if weight != 1 else {})
    for name in ("upper", "lower"):
        if rest[name] and int(rest[name]):
            fields[f"{name}_threshold"] = int(rest[name])
    may_be_host = not head.fwmark or forward == "nat"
    for address in _range(line["first"], line["last"], head.family, found):
        yield {**found.server(address, may_be_host), **fields}


def _range(first: str, last: str | None, family: str, found: Found) -> Iterator[str]:
    begin = _address(first, family, found)
    if last is None:
        yield begin
        return
    end = _address(last, family, found)
    if family == "ipv6":
        why = "is a range of IPv6 addresses, which ldirectord does not have"
        raise ModelError("", "", None, why, "write a line for each of them")
    start, stop = int(ipaddress.IPv4Address(begin)), int(ipaddress.IPv4Address(end))
    if not 0 <= stop - start < _MOST_ADDRESSES:
        why = f"is a range from {begin} to {end}, which is not one of 1 to {_MOST_ADDRESSES}"
        raise ModelError("", "", None, why, "write the first address before the last one")
    for one in range(start, stop + 1):
        yield str(ipaddress.IPv4Address(one))


def _fallback(
    own: Mapping[str, Statement], head: Head, shared: Shared, found: Found
) -> dict[str, Any] | None:
    """Return the sorry server: that of the section, or that of all services of a family.

    ldirectord has none of all services for a firewall mark.
    """
    word = "fallback6" if head.family == "ipv6" else "fallback"
    one = own.get(word)
    if one is None and not head.fwmark:
        one = shared.settings.get(word)
        shared.used.update({word} if one is not None else ())
    if one is None:
        return None
    try:
        read = _read_fallback(one, head, found)
    except ModelError as error:
        found.ledger.leave(one, error.why, error.advice)
        return None
    found.ledger.carry(one, "sorry_server")
    return read


def _read_fallback(one: Statement, head: Head, found: Found) -> dict[str, Any]:
    line = _FALLBACK.fullmatch(one.value)
    if line is None or (line[3] or "gate") not in _FORWARDS:
        advice = "write it as 192.0.2.1:80 masq"
        raise ModelError("", "", None, "is no server that ldirectord reads", advice)
    address = _address(line[1], head.family, found)
    protocol = head.protocol if head.protocol != "fwm" else "tcp"
    port = found.names.port(line[2], protocol) if line[2] else head.port
    if port is None:
        why = f"names a service {line[2]}, whose port is not known"
        raise ModelError("", "", None, why, "say it in ports")
    forward = _FORWARDS[line[3] or "gate"]
    is_director = address == "::1" or address.startswith("127.")
    if is_director and forward != "dr":
        why = f"{address} is the director itself, which gets its packets as they came"
        found.ledger.leave(one, why)
    if is_director or forward != "nat":
        if port != head.port and not head.fwmark:
            why = f"port {port}: the director itself, or a server by gate or ipip, answers on the"
            found.ledger.leave(one, f"{why} port of the service")
        return {"address": address, **({} if is_director else {"forward": forward})}
    server = found.server(address)
    return {**server, **({"port": port} if port != head.port else {}), "forward": forward}


# ---- the rest of a section -----------------------------------------------------------------------
def _quiescent(asked: checks.Asked, service: Mapping[str, Any], found: Found) -> dict[str, Any]:
    one = asked.get("quiescent")
    if one is None:
        return {}
    if asked.shared.get("quiescent") is one:
        asked.used.add("quiescent")
    refusal = refuses_clients(service["scheduler"], service.get("scheduler_flags", ()))
    if one.value == "yes" and refusal is not None:
        found.ledger.leave(one, *refusal)
        return {}
    value = found.ledger.take(one, _YES_OR_NO, one.value, "check.quiescent")
    return {"quiescent": True} if value == "yes" else {}


def _read_rest(own: Mapping[str, Statement], shared: Shared, found: Found) -> None:
    """Account for settings of a section that are one for all services, or for nobody."""
    known = ("servicename", "fallback", "fallback6", *_TABLE, *checks.SHARED, *checks.WORDS)
    for name, one in own.items():
        of_all = shared.settings.get(name)
        if name in known:
            continue
        if name in OF_ROLE and of_all is not None and of_all.value == one.value:
            found.ledger.carry(one, "is what all services have")
        elif name in OF_ROLE:
            why = "is of this service alone, and the role has one for all"
            found.ledger.leave(one, why, "give the variable of the role ldirectord, if it fits all")
        elif name == "cleanstop" and one.value == "no":
            found.ledger.carry(one, "is so with the role")
        elif name == "cleanstop":
            found.ledger.leave(one, "the table stays when ldirectord stops")
        elif name in _LEFT_OUT:
            found.ledger.leave(one, *_LEFT_OUT[name])
        else:
            found.ledger.leave(one, "is nothing that ldirectord has in a section")
