# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a health checker looks after the real servers of a service: C(check) of the description.

Private to the collection: names and behaviour may change in any release.

There is one description for both health checkers. What one of the two does not have is refused for
it, and never left out in silence. Pure code: what the description says, and what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Service
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._problem import Problem
from .._settings.kinds import plain
from .check_fields import Field, plain_number
from .check_types import (
    CHECK_TYPES,
    COMMON_FIELDS,
    NEGOTIATED_FIELDS,
    UNREAD,
    WITH_PORT,
    WITHOUT_PORT,
    CheckType,
)
from .model import Check


def read_check(item: str, given: object, service: Service | None) -> tuple[Check, list[Problem]]:
    """Return the check of a service, and what is wrong with it, whoever checks.

    C(item) is what messages call the service; C(service) is None where it could not be read. The
    check can be used even so: what is wrong with it is at its default.
    """
    if given is None:
        return _default_check(_type_of({}, service)), []
    if not isinstance(given, Mapping):
        why, advice = "is not a mapping", "give type and its fields"
        return _default_check(UNREAD), [Problem(item, "check", given, why, advice)]
    # What is null is not given.
    own = {name: value for name, value in given.items() if value is not None}
    check_type = _type_of(own, service)
    if check_type not in CHECK_TYPES:
        advice = f"use one of {', '.join(CHECK_TYPES)}"
        problem = Problem(item, "check.type", given["type"], "is not known", advice)
        return _default_check(UNREAD), [problem]
    known = fields_of(check_type)
    values = {**_default_check(check_type).fields}
    problems = []
    own.pop("type", None)
    for name, value in own.items():
        field = f"check.{name}"
        if name not in known:
            why = f"is not a field of a check of type {check_type}"
            problems.append(Problem(item, field, None, why, _use_one_of(known)))
            continue
        try:
            values[name] = known[name].kind.parse(plain(value))
        except ModelError as error:
            shown = None if known[name].secret else value
            problems.append(Problem(item, field, shown, error.why, error.advice))
    return Check(check_type, values, frozenset(own.keys() & known.keys())), problems


def kind_of(check: Check) -> CheckType:
    """Return the row of a check's type."""
    return CHECK_TYPES[check.type]


@cache
def fields_of(check_type: str) -> Mapping[str, Field]:
    """Return the fields of a type of check, its own ones first."""
    kind = CHECK_TYPES[check_type]
    if not kind.asks:
        return {}
    negotiated = NEGOTIATED_FIELDS if kind.negotiates else {}
    return {**kind.fields, **negotiated, **COMMON_FIELDS}


def asked_port(check: Check, port: int) -> int | None:
    """Return the port that is asked of a server with this one; None where none is."""
    kind = kind_of(check)
    if not kind.asks_port:
        return None
    return check["port"] or port or kind.port


def has_secrets(check: Check) -> bool:
    """Tell whether a check has something that nobody else should read."""
    known = fields_of(check.type)
    return any(field.secret and check[name] is not None for name, field in known.items())


def web_type(port: int) -> str | None:
    """Return the type of check that asks for a page on this port where none is named."""
    return next((name for name, kind in CHECK_TYPES.items() if port in kind.web_ports), None)


def _type_of(given: Mapping[Any, Any], service: Service | None) -> str:
    """Return the type of a check; where none is given, what can be told from the service.

    What speaks of a page asks for one, on the ports where pages are. Else a connection by TCP is
    enough, and where there is nothing to connect to, an answer to a ping.
    """
    if given.get("type") is not None:
        return str(given["type"])
    if service is None:
        return _type_of_fields(given)
    port = plain_number(given.get("port")) or service.port
    web = web_type(port) if given else None
    if web is not None and not CHECK_TYPES[web].fields.keys().isdisjoint(given):
        return web
    return WITH_PORT if port and service.protocol in ("", "tcp") else WITHOUT_PORT


def _type_of_fields(given: Mapping[Any, Any]) -> str:
    """Return the first type that may be meant, and has all these fields."""
    web = [name for name, kind in CHECK_TYPES.items() if kind.web_ports]
    meant = [WITH_PORT, WITHOUT_PORT, *web]
    return next((name for name in meant if given.keys() <= fields_of(name).keys()), WITH_PORT)


@cache
def _default_check(check_type: str) -> Check:
    known = fields_of(check_type)
    return Check(check_type, {name: field.default for name, field in known.items()})


def _use_one_of(known: Iterable[str]) -> str:
    names = ", ".join(known)
    return f"use one of {names}" if names else "leave it out"
