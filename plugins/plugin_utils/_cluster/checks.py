# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a health checker looks after the real servers of a service: C(check) of the description.

Private to the collection: names and behaviour may change in any release.

There is one description for both health checkers. What one of the two does not have is refused for
it, and never left out in silence. Pure code: values, their defaults, and what is wrong with them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._values import MAX_PORT, ModelError

from .model import (
    HEALTH_CHECKERS,
    KEEPALIVED,
    LDIRECTORD,
)

# What is asked for where a check says nothing else of a page.
USUAL_WEB_PORTS: Mapping[int, str] = {80: "http", 8080: "http", 443: "https"}


# ---- values of fields: each takes a value, and returns it or says what is wrong with it ----------
def _text(value: object) -> str:
    if isinstance(value, (bool, Mapping, list, tuple)) or value is None or str(value) == "":
        raise ModelError("is no text; give some.")
    if re.search(r"[\x00-\x1f\x7f]", str(value)):
        raise ModelError("has a line break or a control character; leave it out.")
    return str(value)


def _path(value: object) -> str:
    text = _text(value)
    if not text.startswith("/") or " " in text:
        raise ModelError("is not the path of a page; give one such as /index.html.")
    return text


def _url(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise ModelError("is not a whole URL; give one such as http://www.example.com/.")
    return text


def _program(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"/[^\s\"'#;]+", text):
        raise ModelError(
            "is not the path of a program; give one such as /usr/local/bin/check, without"
            " arguments."
        )
    return text


def _seconds(value: object) -> float:
    text = str(value).strip() if not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) or float(text) <= 0:
        raise ModelError("is not a time; give seconds, such as 5.")
    number = float(text)
    return int(number) if number.is_integer() else number


def _number(lowest: int, highest: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        text = str(value).strip() if not isinstance(value, bool) else ""
        if not (text.isdecimal() and text.isascii() and lowest <= int(text) <= highest):
            raise ModelError(f"is out of range; give a number from {lowest} to {highest}.")
        return int(text)

    return parse


def _flag(value: object) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "yes", "false", "no"):
        return value.lower() in ("true", "yes")
    if not isinstance(value, bool):
        raise ModelError("is not a boolean; use true or false.")
    return value


def _one_of(*choices: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in choices:
            raise ModelError(f"is not known; use one of {', '.join(choices)}.")
        return str(value)

    return parse


def _statuses(value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, (list, tuple)) else [value]
    found = tuple(str(entry) for entry in entries)
    if not found or not all(re.fullmatch(r"[1-5]\d\d(-[1-5]\d\d)?", entry) for entry in found):
        raise ModelError("is not a status of HTTP; give one such as 200, or [200-299, 304].")
    return found


def _octets(value: object) -> str:
    text = re.sub(r"\s", "", str(value))
    if not re.fullmatch(r"([0-9A-Fa-f]{2})+", text):
        raise ModelError("is not hexadecimal; give pairs of digits such as '0a1b', quoted.")
    return text


class Field(NamedTuple):
    """A field of a check: how its value is read, what it is by default, and who has it."""

    parse: Callable[[object], Any]
    default: Any = None
    managers: tuple[str, ...] = HEALTH_CHECKERS
    required: bool = False
    # Messages leave its value out.
    secret: bool = False


class CheckType(NamedTuple):
    """A kind of check: its own fields, who has it, and which port it asks."""

    fields: Mapping[str, Field] = {}
    managers: tuple[str, ...] = HEALTH_CHECKERS
    # The port where neither check nor service have one.
    port: int | None = None
    asks_port: bool = True


_ONLY_LDIRECTORD = (LDIRECTORD,)
_ONLY_KEEPALIVED = (KEEPALIVED,)

# What every check has that does check.
COMMON_FIELDS: Mapping[str, Field] = {
    "interval": Field(_seconds, 10),
    "timeout": Field(_seconds, 5),
    "failures": Field(_number(1, 100), 1),
    "port": Field(_number(1, MAX_PORT)),
    "quiescent": Field(_flag, False),
    "delay_before_retry": Field(_seconds, managers=_ONLY_KEEPALIVED),
    "warmup": Field(_seconds, managers=_ONLY_KEEPALIVED),
    "alpha": Field(_flag, False, _ONLY_KEEPALIVED),
    "quorum": Field(_number(1, 2**31 - 1), 1, _ONLY_KEEPALIVED),
    "hysteresis": Field(_number(0, 2**31 - 1), 0, _ONLY_KEEPALIVED),
}
_CONNECTS = Field(_number(1, 1000), managers=_ONLY_LDIRECTORD)
_EXPECT = Field(_text)
_LOGIN = Field(_text)
_PASSWORD = Field(_text, secret=True)
_PAGE: Mapping[str, Field] = {
    "path": Field(_path, "/"),
    "expect": _EXPECT,
    "virtual_host": Field(_text),
    "method": Field(_one_of("GET", "HEAD"), "GET", _ONLY_LDIRECTORD),
    "connects_between": _CONNECTS,
    "status": Field(_statuses, managers=_ONLY_KEEPALIVED),
    "digest": Field(_octets, managers=_ONLY_KEEPALIVED),
}
_ACCOUNT: Mapping[str, Field] = {
    "login": _LOGIN,
    "password": _PASSWORD,
    "connects_between": _CONNECTS,
}
_SQL: Mapping[str, Field] = {
    "database": Field(_text, required=True),
    "query": Field(_text, required=True),
    "login": Field(_text, required=True),
    "password": _PASSWORD,
    "connects_between": _CONNECTS,
}
_DIRECTORY: Mapping[str, Field] = {
    "base": Field(_text, required=True),
    "expect": _EXPECT,
    **_ACCOUNT,
}
_GREETING: Mapping[str, Field] = {"connects_between": _CONNECTS}

CHECK_TYPES: Mapping[str, CheckType] = {
    "connect": CheckType(),
    "http": CheckType(_PAGE, port=80),
    "https": CheckType(_PAGE, port=443),
    "smtp": CheckType({**_GREETING, "helo_name": Field(_text, managers=_ONLY_KEEPALIVED)}, port=25),
    "dns": CheckType(
        {
            "name": Field(_text, required=True),
            "expect": Field(_text, managers=_ONLY_LDIRECTORD, required=True),
            "record": Field(
                _one_of("A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA"), "SOA", _ONLY_KEEPALIVED
            ),
            "connects_between": _CONNECTS,
        },
        port=53,
    ),
    "ping": CheckType(
        {"attempts": Field(_number(1, 100), 1, _ONLY_LDIRECTORD)},
        asks_port=False,
    ),
    "external": CheckType(
        {
            "command": Field(_program, required=True),
            "user": Field(_text, managers=_ONLY_KEEPALIVED),
            "dynamic": Field(_flag, False, _ONLY_KEEPALIVED),
        },
        asks_port=False,
    ),
    "always": CheckType(asks_port=False),
    # What ldirectord alone has.
    "never": CheckType(managers=_ONLY_LDIRECTORD, asks_port=False),
    "external_perl": CheckType(
        {"command": Field(_program, required=True)}, _ONLY_LDIRECTORD, asks_port=False
    ),
    "http_proxy": CheckType(
        {"url": Field(_url, required=True), "expect": _EXPECT, "connects_between": _CONNECTS},
        _ONLY_LDIRECTORD,
        3128,
    ),
    "simpletcp": CheckType(
        {
            "request": Field(_text, required=True),
            "expect": Field(_text, required=True),
            "connects_between": _CONNECTS,
        },
        _ONLY_LDIRECTORD,
    ),
    "submission": CheckType(_GREETING, _ONLY_LDIRECTORD, 587),
    "ftp": CheckType(
        {"path": Field(_path, required=True), "expect": Field(_text, required=True), **_ACCOUNT},
        _ONLY_LDIRECTORD,
        21,
    ),
    "nntp": CheckType(_GREETING, _ONLY_LDIRECTORD, 119),
    "imap": CheckType(_ACCOUNT, _ONLY_LDIRECTORD, 143),
    "imaps": CheckType(_ACCOUNT, _ONLY_LDIRECTORD, 993),
    "pop": CheckType(_ACCOUNT, _ONLY_LDIRECTORD, 110),
    "pops": CheckType(_ACCOUNT, _ONLY_LDIRECTORD, 995),
    "ldap": CheckType(_DIRECTORY, _ONLY_LDIRECTORD, 389),
    "ldaps": CheckType(_DIRECTORY, _ONLY_LDIRECTORD, 636),
    "mysql": CheckType(_SQL, _ONLY_LDIRECTORD, 3306),
    "pgsql": CheckType(_SQL, _ONLY_LDIRECTORD, 5432),
    "oracle": CheckType(_SQL, _ONLY_LDIRECTORD, 1521),
    "radius": CheckType(
        {
            "login": Field(_text, required=True),
            "password": Field(_text, required=True, secret=True),
            "secret": Field(_text, required=True, secret=True),
            "connects_between": _CONNECTS,
        },
        _ONLY_LDIRECTORD,
        1812,
    ),
    "sip": CheckType({"login": _LOGIN, "connects_between": _CONNECTS}, _ONLY_LDIRECTORD, 5060),
    # What keepalived alone has.
    "udp": CheckType({"payload": Field(_octets), "reply": Field(_octets)}, _ONLY_KEEPALIVED),
}
# Nothing is asked at all, so that there is nothing to say of when and how.
_UNCHECKED = ("always", "never")


@dataclass(frozen=True)
class Check:
    """A check that holds together: its type, and every field of it, given or by default."""

    type: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        """Return a field's value; a field that the type does not have is None."""
        return self.fields.get(name)


def fields_of(check_type: str) -> Mapping[str, Field]:
    """Return the fields of a type of check, its own ones first."""
    if check_type in _UNCHECKED:
        return {}
    return {**CHECK_TYPES[check_type].fields, **COMMON_FIELDS}


def type_of(service: Mapping[str, Any]) -> str:
    """Return the type of a service's check; where none is given, what can be told from the service.

    What speaks of a page asks for one, on the ports where pages are. Else a connection by TCP is
    enough, and where there is nothing to connect to, an answer to a ping.
    """
    given = service.get("check")
    check = given if isinstance(given, Mapping) else {}
    if check.get("type") is not None:
        return str(check["type"])
    port = _number_or_none(check.get("port")) or _number_or_none(service.get("port"))
    if port and port in USUAL_WEB_PORTS and any(name in check for name in _PAGE):
        return USUAL_WEB_PORTS[port]
    tcp = str(service.get("protocol") or "tcp") == "tcp"
    return "connect" if tcp and port else "ping"


def check_of(service: Mapping[str, Any]) -> Check:
    """Return the check of a service that has no problems."""
    given = service.get("check") or {}
    check_type = type_of(service)
    return Check(
        check_type,
        {
            name: known.parse(given[name]) if given.get(name) is not None else known.default
            for name, known in fields_of(check_type).items()
        },
    )


def asked_port(service: Mapping[str, Any], server: Mapping[str, Any]) -> int | None:
    """Return the port of a real server that is asked; None where the check asks none."""
    check = check_of(service)
    kind = CHECK_TYPES[check.type]
    if not kind.asks_port:
        return None
    return check["port"] or server.get("port") or kind.port


def secrets_of(service: Mapping[str, Any]) -> list[str]:
    """Return the secrets in a service's check."""
    check = check_of(service)
    known = fields_of(check.type)
    return [check[name] for name in known if known[name].secret and check[name] is not None]


def _number_or_none(value: object) -> int | None:
    text = str(value).strip() if value is not None and not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and text.isascii() else None
