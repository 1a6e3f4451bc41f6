# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How ldirectord looks after the servers of a service, as a check of the description.

Private to the collection: names and behaviour may change in any release.

What a setting means is read by the table of check types, by which the role writes it. Written
against ldirectord of resource-agents 4.12 to 4.16. Pure code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._cluster.check_fields import URL, Field
from .._cluster.check_types import CHECK_TYPES, Line, Style
from .._cluster.checks import fields_of
from .._settings.kinds import number, one_of
from .found import Found
from .ldirectord_syntax import quoted, unquoted, why_not_quoted
from .statements import Statement

_BY_SERVICE: Mapping[str, str] = {
    kind.ldirectord.service: name
    for name, kind in CHECK_TYPES.items()
    if kind.ldirectord is not None and kind.ldirectord.service
}
_BY_CHECKTYPE: Mapping[str, str] = {
    kind.ldirectord.checktype: name
    for name, kind in CHECK_TYPES.items()
    if kind.ldirectord is not None and not kind.ldirectord.service
}
# ld_port_to_service of ldirectord is what the table has, but for two ports.
_BY_PORT: Mapping[int, str] = {
    kind.port: name
    for name, kind in CHECK_TYPES.items()
    if kind.port is not None and name in _BY_SERVICE.values()
}
# What has to be in quotation marks.
_QUOTED = ("request", "receive", "login", "passwd", "database", "secret")
SHARED = ("checktimeout", "negotiatetimeout", "checkinterval", "failurecount", "quiescent")
# Of a section alone, whatever type of check.
OWN = ("checktype", "service", "checkport", "checkcount")
WORDS = (*_QUOTED, *OWN, "checkcommand", "httpmethod", "virtualhost")
_TIMEOUT, _NEGOTIATE_TIMEOUT = 5, 30
_SECONDS = number(1, 3600)
_FAILURES = number(1, 100)
_CONNECTS = number(0, 1000)
_PORT = number(1, 65535)


@dataclass
class Asked:
    """What is said of a service's check: its section's settings, and those of all services.

    C(used) are those of all services that a check goes by.
    """

    own: Mapping[str, Statement]
    shared: Mapping[str, Statement]
    used: set[str]
    protocol: str
    port: int
    # The ports of its servers.
    ports: Collection[int]
    # The service, as a part of the name of a variable.
    slug: str = ""
    fields: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str) -> Statement | None:
        """Return the statement that counts."""
        return self.own.get(name) or self.shared.get(name)


def read_check(asked: Asked, found: Found) -> dict[str, Any]:
    """Return C(check) of a service; what is at its default is left out."""
    check_type = _type(asked, found)
    kind = CHECK_TYPES[check_type]
    known = fields_of(check_type)
    words = kind.ldirectord
    lines = {line.word: line for line in words.lines} if words is not None else {}
    for name, one in asked.own.items():
        if name in lines:
            _read_field(one, lines[name], known[lines[name].field], asked, found)
        elif name in WORDS and name not in ("checktype", "service", "checkport"):
            found.ledger.leave(one, f"is nothing that is asked by a check of type {check_type}")
    _read_port(asked, kind.asks, found)
    if kind.asks:
        _read_times(asked, kind.negotiates, found)
    else:
        for name in set(SHARED) & set(asked.own):
            found.ledger.leave(asked.own[name], "is for a check, and nothing is asked")
    check = {"type": check_type}
    for name, entry in known.items():
        value = asked.fields.get(name)
        if value is not None and (entry.required or value != entry.default):
            check[name] = value
    return check


def _type(asked: Asked, found: Found) -> str:
    """Return the type of check: what ldirectord asks, and by which protocol."""
    ledger = found.ledger
    service = asked.own.get("service")
    by_service = "none" if asked.protocol == "fwm" else _BY_PORT.get(asked.port, "none")
    if service is not None:
        known = [*_BY_SERVICE, "none"]
        name = ledger.take(service, one_of(*known), service.value, "check.type")
        by_service = _BY_SERVICE.get(name or "", "none") if name else by_service
    checktype = asked.own.get("checktype")
    connects: int | None = None
    said = "negotiate"
    if checktype is not None:
        digits = re.match(r"\d+", checktype.value)
        if digits:
            connects = ledger.take(checktype, _CONNECTS, digits[0], "check.connects_between")
        else:
            choices = one_of("negotiate", *_BY_CHECKTYPE)
            said = ledger.take(checktype, choices, checktype.value, "check.type") or said
    if said == "negotiate" and by_service == "none":
        # Servers of a service that nothing is known to ask of are in; between, they are connected.
        return "connect" if connects else "always"
    if said == "negotiate":
        if connects:
            asked.fields["connects_between"] = connects
        return by_service
    if service is not None:
        ledger.leave(service, f"is for checktype negotiate, and this is {said}")
    return "ping" if said == "connect" and asked.protocol == "udp" else _BY_CHECKTYPE[said]


def _read_field(one: Statement, line: Line, known: Field, asked: Asked, found: Found) -> None:
    ledger = found.ledger
    text = quoted(one) if one.name in _QUOTED else unquoted(one)
    if text is None:
        ledger.leave(one, *why_not_quoted(one))
        return
    if line.style is Style.SLASHED:
        text = text.removeprefix("/")
    elif one.name == "request" and known.kind is not URL and not text.startswith("/"):
        text = f"/{text}"
    elif one.name == "httpmethod":
        text = text.upper()
    try:
        value = known.kind.parse(text)
    except ModelError as error:
        ledger.leave(one, error.why, error.advice)
        return
    if known.secret:
        name = f"vault_{asked.slug}_{line.field}"
        value = found.secret(name, str(value), one)
    asked.fields[line.field] = value
    ledger.carry(one, f"check.{line.field}")


def _read_port(asked: Asked, asks: bool, found: Found) -> None:
    one = asked.own.get("checkport")
    if one is None:
        return
    if not asks:
        found.ledger.leave(one, "is for a check, and nothing is asked")
        return
    port = found.ledger.take(one, _PORT, one.value, "check.port")
    if port is not None and set(asked.ports) != {port}:
        asked.fields["port"] = port


def _read_times(asked: Asked, negotiates: bool, found: Found) -> None:
    if negotiates:
        order = (
            asked.own.get("negotiatetimeout"),
            asked.own.get("checktimeout"),
            asked.shared.get("negotiatetimeout"),
            asked.shared.get("checktimeout"),
        )
    else:
        order = (
            asked.own.get("checktimeout"),
            asked.shared.get("checktimeout"),
            asked.shared.get("negotiatetimeout"),
            None,
        )
    timeout = _first(order, asked, found)
    asked.fields["timeout"] = timeout or (_NEGOTIATE_TIMEOUT if negotiates else _TIMEOUT)
    asked.fields["failures"] = _value("failurecount", "failures", asked, found) or 1
    forks = asked.shared.get("fork")
    if "checkinterval" in asked.own and (forks is None or forks.value != "yes"):
        why = "counts for a process of its own alone, which there is with fork=yes"
        found.ledger.leave(asked.own["checkinterval"], why, "set ldirectord_fork to true")
        interval = _first([asked.shared.get("checkinterval")], asked, found, "check.interval")
    else:
        interval = _value("checkinterval", "interval", asked, found)
    asked.fields["interval"] = interval or 10
    # The role has one time for both.
    counts = next(filter(None, order), None)
    for name in ("checktimeout", "negotiatetimeout"):
        other = asked.get(name)
        if other is not None and counts is not None and other.value == counts.value:
            _first([other], asked, found)
        elif other is asked.own.get(name) and other is not None and other is not counts:
            found.ledger.leave(other, "is not what this type of check waits")


def _value(word: str, name: str, asked: Asked, found: Found) -> int | None:
    return _first([asked.get(word)], asked, found, f"check.{name}")


def _first(
    order: Sequence[Statement | None], asked: Asked, found: Found, into: str = "check.timeout"
) -> int | None:
    """Return the number of the first statement that there is, and carry it over."""
    one = next(filter(None, order), None)
    if one is None:
        return None
    kind = _FAILURES if one.name == "failurecount" else _SECONDS
    value: int | None = found.ledger.take(one, kind, one.value, into)
    of_all = asked.shared.get(one.name)
    if of_all is not None and of_all.value == one.value:
        asked.used.add(one.name)
        if value is not None:
            found.ledger.carry(of_all, into)
    return value
