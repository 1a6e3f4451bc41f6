# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose an exported directory is: owner, group, mode and access control list.

Private to the collection: names and behaviour may change in any release.

Pure code. Where there is an access control list, the group's bits of the mode are its mask. A mode
that would take away what the list gives is refused: the two would undo each other at every run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._problem import Problem
from .._settings.directories import is_of_system
from .accounts import Account, Known, is_name
from .given import listed, unknown_fields
from .nfs_exports import export_name

FIELDS = ("etype", "entity", "permissions", "default", "state")
TYPES = ("user", "group", "mask", "other")
STATES = ("present", "absent")

_MODE = re.compile(r"0?[0-7]{3,4}\Z")
_PERMISSIONS = re.compile(r"(?=.)[r-]?[w-]?[x-]?\Z")


def directories(
    exports: Sequence[Mapping[str, Any]], accounts: Sequence[Account]
) -> list[dict[str, Any]]:
    """Return each exported directory; an owner that is yet to be made is named by number."""
    uids = {account.user: account.uid for account in accounts}
    gids = {account.group: account.gid for account in accounts}
    return [
        {
            "path": export["path"],
            "owner": uids.get(export.get("owner") or "", export.get("owner")),
            "group": gids.get(export.get("group") or "", export.get("group")),
            "mode": export.get("mode"),
        }
        for export in exports
    ]


def entries(exports: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries of all access control lists, each with its path.

    Where the mode says what the group may do, an entry of the list says so too: from then on the
    group's bits of the mode are the mask.
    """
    found = []
    for export in exports:
        acl = _acl(export)
        if export.get("mode") and _named_entries(acl) and not _own_group(acl):
            bits = int(str(export["mode"])[-2])
            acl = [*acl, {"etype": "group", "permissions": _letters(bits)}]
        found += [{**entry, "path": export["path"]} for entry in acl]
    return found


def named(exports: Any) -> dict[str, list[str]]:
    """Return the users and groups that the exports name."""
    found: dict[str, list[Any]] = {"user": [], "group": []}
    for export in exports if isinstance(exports, (list, tuple)) else ():
        if not isinstance(export, Mapping):
            continue
        for field, kind in (("owner", "user"), ("group", "group")):
            if export.get(field):
                found[kind].append(export[field])
        for entry in _acl(export):
            if entry.get("entity") and entry.get("etype") in ("user", "group"):
                found[entry["etype"]].append(entry["entity"])
    return {kind: [name for name in names if is_name(name)] for kind, names in found.items()}


def directory_problems(
    exports: Any, accounts: Sequence[Account], known: Known | None
) -> list[Problem]:
    """Return what cannot work; without what a host has, nothing is said of users and groups."""
    problems: list[Problem] = []
    names: dict[str, set[str]] = {}
    if known is not None:
        names = {
            "user": {*known.users, *(account.user for account in accounts)},
            "group": {*known.groups, *(account.group for account in accounts)},
        }
    for number, export in enumerate(exports if isinstance(exports, (list, tuple)) else (), 1):
        if not isinstance(export, Mapping):
            continue
        item = export_name(export, number)
        for field, kind in (("owner", "user"), ("group", "group")):
            problems += _stranger(item, field, kind, export.get(field), names)
        mode = export.get("mode")
        problems += _system_problems(item, export)
        if mode is not None and not (isinstance(mode, str) and _MODE.match(mode)):
            why = "is not octal digits in quotes"
            problems.append(Problem(item, "mode", mode, why, "give one such as '0770'"))
            mode = None
        acl, found = listed(item, "acl", export.get("acl"), "give a list of entries")
        found += [problem for entry in acl for problem in _entry_problems(item, entry, names)]
        problems += found
        if mode is not None and not found:
            problems += _mask_problems(item, mode, _acl(export))
    return problems


def _system_problems(item: str, export: Mapping[str, Any]) -> list[Problem]:
    """Name what would give the directories of a system to others."""
    path = export.get("path")
    if not isinstance(path, str) or not is_of_system(path):
        return []
    why = "would be changed on a directory of the system"
    return [
        Problem(item, field, export[field], why, f"leave {path} as it is, or export another")
        for field in ("owner", "group", "mode", "acl")
        if export.get(field)
    ]


def _acl(export: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    given = export.get("acl")
    return [e for e in given if isinstance(e, Mapping)] if isinstance(given, (list, tuple)) else []


def _stranger(
    item: str, field: str, kind: str, value: Any, names: Mapping[str, set[str]]
) -> list[Problem]:
    """Name a user or a group that the host neither has nor is to have."""
    if value is None or value == "":
        return []
    if not is_name(value):
        return [Problem(item, field, value, f"is no name of a {kind}", "give one")]
    if value in names.get(kind, (value,)):
        return []
    advice = "give one that is, or add it to nfs_server_accounts"
    return [Problem(item, field, value, f"is no {kind} of this host", advice)]


def _entry_problems(item: str, entry: Any, names: Mapping[str, set[str]]) -> list[Problem]:
    if not isinstance(entry, Mapping):
        advice = "give etype, entity and permissions"
        return [Problem(item, "acl", entry, "is not a mapping", advice)]
    etype, entity = entry.get("etype"), entry.get("entity")
    name = entity if is_name(entity) else ""
    where = f"acl entry {etype if etype in TYPES else ''}:{name} of {item}"
    problems = unknown_fields(where, entry, FIELDS)
    if etype not in TYPES:
        advice = f"use one of {', '.join(TYPES)}"
        return [*problems, Problem(where, "etype", etype, "is not known", advice)]
    if entity and etype not in ("user", "group"):
        why = f"is given, and {etype} has none"
        problems.append(Problem(where, "entity", entity, why, "leave it out"))
    else:
        problems += _stranger(where, "entity", str(etype), entity, names)
    default = entry.get("default")
    if default is not None and not isinstance(default, bool):
        why = "is neither true nor false"
        problems.append(Problem(where, "default", default, why, "give one of them"))
    state = entry.get("state", "present")
    if state not in STATES:
        advice = f"use one of {', '.join(STATES)}"
        problems.append(Problem(where, "state", state, "is not known", advice))
    permissions = entry.get("permissions")
    if state == "present" and not _PERMISSIONS.match(str(permissions or "")):
        advice = "give some of r, w and x, such as rwx"
        problems.append(Problem(where, "permissions", permissions, "are none", advice))
    return problems


def _mask_problems(item: str, mode: str, acl: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Compare the group's bits of the mode with the mask that setfacl(1) will make."""
    group_bits = int(mode[-2])
    masks = [_bits(entry) for entry in _effective(acl) if entry["etype"] == "mask"]
    people = _named_entries(acl)
    if not masks and not people:
        return []
    mask = masks[-1] if masks else 0
    if not masks:
        own = [_bits(entry) for entry in _own_group(acl)]
        for bits in (*map(_bits, people), *(own or [group_bits])):
            mask |= bits
    if mask == group_bits:
        return []
    better = f"{mode[:-2]}{mask}{mode[-1]}"
    why = (
        "and acl do not go together, because the group's digit of a mode is the mask of what acl"
        " gives"
    )
    advice = (
        f"give mode '{better}', and what the group itself may do in an entry with etype group and"
        " no entity"
    )
    return [Problem(item, "mode", mode, why, advice)]


def _effective(acl: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the entries for the directory itself, not for what will be made in it."""
    return [e for e in acl if e.get("state", "present") == "present" and not e.get("default")]


def _named_entries(acl: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [entry for entry in _effective(acl) if entry.get("entity")]


def _own_group(acl: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [e for e in _effective(acl) if e["etype"] == "group" and not e.get("entity")]


def _bits(entry: Mapping[str, Any]) -> int:
    text = str(entry.get("permissions") or "")
    return sum(bit for letter, bit in (("r", 4), ("w", 2), ("x", 1)) if letter in text)


def _letters(bits: int) -> str:
    return "".join(letter if bits & bit else "-" for letter, bit in (("r", 4), ("w", 2), ("x", 1)))
