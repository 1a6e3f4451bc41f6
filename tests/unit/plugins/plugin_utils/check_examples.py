# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of every type in the table, for the tests: a new row needs nothing here."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.check_fields import PATH, Field
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.check_types import (
    CHECK_TYPES,
    CheckType,
    Keepalived,
    Ldirectord,
    Line,
    Style,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.checks import fields_of

SQL = {
    "type": "mysql",
    "database": "shop",
    "query": "SELECT 1",
    "login": "watch",
    "password": "pass word",
}

# A type that nobody has: what is added for one, without its documentation.
GOPHER, GOPHER_TYPE = (
    "gopher",
    CheckType(
        {"selector": Field(PATH, required=True)},
        Keepalived("GOPHER_CHECK", (Line("selector", "selector"),)),
        Ldirectord(
            "negotiate",
            "gopher",
            (Line("selector", "request", Style.SLASHED),),
            packages={"Debian": "libgopher-perl"},
        ),
        port=70,
    ),
)


def had_by(manager: str) -> list[str]:
    """The types that a health checker has."""
    return [name for name, kind in CHECK_TYPES.items() if manager in kind.managers]


def check_of(check_type: str, manager: str) -> dict[str, Any]:
    """A check of a type, with what it needs for a health checker."""
    theirs = CHECK_TYPES[check_type].fields_for(manager)
    needed = {name for name, field in fields_of(check_type).items() if field.required}
    return {"type": check_type, **_examples(check_type, theirs & needed)}


def whole_check_of(check_type: str, manager: str) -> dict[str, Any]:
    """A check of a type, with all that a health checker has for it."""
    theirs = CHECK_TYPES[check_type].fields_for(manager)
    return {"type": check_type, **_examples(check_type, theirs)}


def _examples(check_type: str, names: frozenset[str]) -> dict[str, Any]:
    known = fields_of(check_type)
    return {name: known[name].kind.example for name in known if name in names}
