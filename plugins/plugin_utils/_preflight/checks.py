# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals about checks.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._cluster.checks import (
    CHECK_TYPES,
    _number_or_none,
    fields_of,
    type_of,
)
from .._cluster.model import HEALTH_CHECKERS


def check_problems(service: Mapping[str, Any], managers: Iterable[str]) -> list[str]:
    """Return what is wrong with a service's check, a sentence each, without the service's name.

    C(managers) are those who own the tables; whoever checks nothing takes any check that holds
    together, for it may have another use.
    """
    given = service.get("check")
    if given is not None and not isinstance(given, Mapping):
        return [f"check {given!r} is not a mapping; give type and its fields."]
    check_type = type_of(service)
    if check_type not in CHECK_TYPES:
        return [
            f"check.type {(given or {}).get('type')!r} is not known; use one of"
            f" {', '.join(CHECK_TYPES)}."
        ]
    problems = []
    known = fields_of(check_type)
    for name, value in (given or {}).items():
        if name == "type" or value is None:
            continue
        if name not in known:
            problems.append(
                f"check.{name} is not a field of a check of type {check_type};"
                f" {_use_one_of(known)}."
            )
            continue
        try:
            known[name].parse(value)
        except ModelError as error:
            shown = "" if known[name].secret else f" {value!r}"
            problems.append(f"check.{name}{shown} {error}")
    for manager in managers:
        if manager in HEALTH_CHECKERS:
            problems += _manager_problems(service, check_type, manager)
    return problems


def _manager_problems(service: Mapping[str, Any], check_type: str, manager: str) -> list[str]:
    given = service.get("check") or {}
    kind = CHECK_TYPES[check_type]
    if manager not in kind.managers:
        had = [name for name, other in CHECK_TYPES.items() if manager in other.managers]
        return [
            f"check.type {check_type} is not one that {manager} has; use one of {', '.join(had)}."
        ]
    problems = []
    for name, known in fields_of(check_type).items():
        if manager not in known.managers:
            if given.get(name) is not None:
                problems.append(
                    f"check.{name} is nothing that {manager} has for type {check_type}; leave it"
                    " out."
                )
        elif known.required and given.get(name) is None:
            problems.append(
                f"check.{name} is not given, and {manager} needs it for type {check_type}; give it."
            )
    if check_type == "connect" and str(service.get("protocol") or "tcp") != "tcp":
        problems.append(
            f"check.type connect would connect by TCP, and the service is {service['protocol']};"
            " use ping or external."
        )
    port = _number_or_none(given.get("port")) or _number_or_none(service.get("port"))
    if kind.asks_port and kind.port is None and not port:
        problems.append(
            f"check.port is not given, and the service has no port that a check of type"
            f" {check_type} could ask; give one."
        )
    return problems


def _use_one_of(known: Iterable[str]) -> str:
    names = ", ".join(known)
    return f"use one of {names}" if names else "leave it out"
