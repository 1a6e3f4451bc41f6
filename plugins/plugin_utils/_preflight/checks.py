# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals about checks: what the health checkers of the tables do not have.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .._cluster.check_types import CHECK_TYPES
from .._cluster.checks import fields_of, kind_of
from .._cluster.model import HEALTH_CHECKERS, VirtualService
from .._problem import Problem


def check_problems(service: VirtualService, managers: Iterable[str]) -> Iterator[Problem]:
    """Give what those who own the tables do not have of a service's check.

    Whoever checks nothing takes any check that could be read, for it may have another use.
    """
    for manager in managers:
        if manager in HEALTH_CHECKERS:
            yield from _manager_problems(service, manager)


def _manager_problems(service: VirtualService, manager: str) -> Iterator[Problem]:
    name, check = service.name, service.check
    kind = kind_of(check)
    if manager not in kind.managers:
        had = ", ".join(other for other, row in CHECK_TYPES.items() if manager in row.managers)
        why = f"is not one that {manager} has"
        yield Problem(name, "check.type", check.type, why, f"use one of {had}")
        return
    theirs = kind.fields_for(manager)
    for field, known in fields_of(check.type).items():
        if field not in theirs:
            if field in check.given:
                why = f"is nothing that {manager} has for type {check.type}"
                yield Problem(name, f"check.{field}", None, why, "leave it out")
        elif known.required and field not in check.given:
            why = f"is not given, and {manager} needs it for type {check.type}"
            yield Problem(name, f"check.{field}", None, why, "give it")
    yield from _connection_problems(service, manager)


def _connection_problems(service: VirtualService, manager: str) -> Iterator[Problem]:
    check, own = service.check, service.service
    kind = kind_of(check)
    if kind.by_tcp and own.protocol not in ("", "tcp"):
        others = [
            name
            for name, row in CHECK_TYPES.items()
            if manager in row.managers and row.asks and not row.asks_port
        ]
        why = f"would connect by TCP, and the service is {own.protocol}"
        advice = f"use one of {', '.join(others)}"
        yield Problem(service.name, "check.type", check.type, why, advice)
    if kind.asks_port and kind.port is None and not (check["port"] or own.port):
        why = (
            f"is not given, and the service has no port that a check of type {check.type} could ask"
        )
        yield Problem(service.name, "check.port", None, why, "give one")
