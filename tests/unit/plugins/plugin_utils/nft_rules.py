# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rulesets as nft tells them in JSON, for tests; the pieces are nft 1.1.3's own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

Entry = dict[str, Any]
LO = {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "lo"}}
COUNTER = {"counter": {"packets": 3, "bytes": 180}}


def table(
    *entries: Entry,
    family: str = "inet",
    name: str = "filter",
    sets: Mapping[str, list[Any]] = MappingProxyType({}),
) -> list[Entry]:
    """A table with chains and rules, in it."""
    where = {"family": family, "table": name}
    found = [{kind: {**where, **value} for kind, value in entry.items()} for entry in entries]
    named = [{"set": {**where, "name": key, "elem": value}} for key, value in sets.items()]
    return [{"table": {"family": family, "name": name}}, *named, *found]


def base(hook: str, policy: str = "drop", priority: int = 0) -> Entry:
    """A chain at a hook, with the hook's name."""
    given = {"type": "filter", "hook": hook, "prio": priority, "policy": policy}
    return {"chain": {"name": hook, **given}}


def chain(name: str) -> Entry:
    """A chain that others jump to."""
    return {"chain": {"name": name}}


def rule(where: str, *statements: Entry) -> Entry:
    """A rule of a chain."""
    return {"rule": {"chain": where, "handle": 9, "expr": list(statements)}}


def verdict(kind: str, target: str = "") -> Entry:
    """What becomes of a packet."""
    return {kind: {"target": target} if target else None}


def is_state(*states: str) -> Entry:
    """The match of a connection's state."""
    return {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": list(states)}}


def is_meta(key: str, value: Any, op: str = "==") -> Entry:
    """The match of what the host knows of a packet."""
    return {"match": {"op": op, "left": {"meta": {"key": key}}, "right": value}}


def has(protocol: str, field: str, value: Any, op: str = "==") -> Entry:
    """The match of a header's field."""
    left = {"payload": {"protocol": protocol, "field": field}}
    return {"match": {"op": op, "left": left, "right": value}}


def told(*tables: list[Entry]) -> str:
    """What nft prints."""
    head: list[Entry] = [{"metainfo": {"version": "1.1.3", "json_schema_version": 1}}]
    return json.dumps({"nftables": sum(tables, head)})
