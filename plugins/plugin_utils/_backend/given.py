# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a variable gives, read as the list or the mapping that it has to be.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._problem import Problem


def listed(item: str, field: str, value: Any, advice: str) -> tuple[Sequence[Any], list[Problem]]:
    """Return a list, which is empty where nothing is given, or what is wrong with it."""
    if value is None:
        return (), []
    if isinstance(value, (list, tuple)):
        return value, []
    return (), [Problem(item, field, value, "is not a list", advice)]


def mapped(field: str, value: Any, advice: str) -> tuple[Mapping[str, Any], list[Problem]]:
    """Return a mapping, which is empty where nothing is given, or what is wrong with it."""
    if value is None or isinstance(value, Mapping):
        return value or {}, []
    return {}, [Problem("", field, value, "is not a mapping", advice)]


def entries_of(
    variable: str, entries: Any, kind: str, fields: str
) -> tuple[list[tuple[int, Mapping[str, Any]]], list[Problem]]:
    """Return a variable's mappings, numbered from 1, and a problem for all that is none.

    C(kind) is what one is called where it has no name, such as C(user), and C(fields) what it has
    at the least.
    """
    given, problems = listed(
        "", variable, entries, f"give a list of mappings with {fields}, or [] for none"
    )
    good = []
    for number, entry in enumerate(given, 1):
        if isinstance(entry, Mapping):
            good.append((number, entry))
        else:
            item = f"{kind} {number} of {variable}"
            problems.append(Problem(item, "", entry, "is not a mapping", f"give {fields}"))
    return good, problems


def unknown_fields(item: str, entry: Mapping[str, Any], fields: Sequence[str]) -> list[Problem]:
    """Name the fields that such an entry does not have."""
    return [
        Problem(item, str(name), None, "is not a field of it", f"use one of {', '.join(fields)}")
        for name in entry
        if name not in fields
    ]
