# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts whose numbers are the same on every host, as files shared by NFS need them.

Private to the collection: names and behaviour may change in any release.

An account is C(user), C(uid), C(group) and C(gid). Pure code: what a host has already is handed
over as getent(1) prints it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError, parse_integer

from .._problem import Problem

FIELDS = ("user", "uid", "group", "gid")
MAX_ID = 2**32 - 2
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,30}\$?\Z")


class Account(NamedTuple):
    """A user with its primary group."""

    user: str
    uid: int
    group: str
    gid: int


class Known(NamedTuple):
    """The users and groups that a host has: their numbers, by name."""

    users: Mapping[str, int] = {}
    groups: Mapping[str, int] = {}
    primary: Mapping[str, int] = {}


def parse_account(source: Any, item: str) -> Account:
    """Read an account; a group that is not named is called and numbered like the user."""
    if not isinstance(source, Mapping):
        raise ModelError(item, "", source, "is not a mapping", "give user and uid")
    for name in source:
        if name not in FIELDS:
            advice = f"use one of {', '.join(FIELDS)}"
            raise ModelError(item, str(name), None, "is not a field of it", advice)
    for name in ("user", "uid"):
        if source.get(name) is None:
            raise ModelError(item, name, None, "is missing", "give it")
    for name in ("user", "group"):
        value = source.get(name)
        if value is not None and not is_name(value):
            raise ModelError(item, name, value, f"is no name of a {name}", "give one")
    user = str(source["user"])
    item = f"account {user}"
    uid = parse_integer(item, "uid", source["uid"], 0, MAX_ID)
    given = source.get("gid")
    gid = uid if given is None else parse_integer(item, "gid", given, 0, MAX_ID)
    return Account(user, uid, str(source.get("group") or user), gid)


def is_name(value: Any) -> bool:
    """Tell whether a value can be the name of a user or a group."""
    return isinstance(value, str) and _NAME.match(value) is not None


def parse_accounts(sources: Any, variable: str) -> list[Account]:
    """Read a host's accounts, of which no two may take each other's name or number."""
    if not isinstance(sources, (list, tuple)):
        advice = "give a list of user, uid, group and gid, or [] for none"
        raise ModelError("", variable, sources, "is not a list", advice)
    found: list[Account] = []
    for number, source in enumerate(sources, 1):
        account = parse_account(source, f"account {number} of {variable}")
        item = f"account {account.user} of {variable}"
        for other in found:
            if account.user == other.user or account.uid == other.uid:
                raise ModelError(
                    item,
                    "uid",
                    account.uid,
                    f"and that of {other.user}, {other.uid}, do not go together",
                    "give each user one number, and once",
                )
            if (account.group == other.group) != (account.gid == other.gid):
                raise ModelError(
                    item,
                    "group",
                    account.group,
                    f"with gid {account.gid} and {other.group!r} with gid {other.gid} of"
                    f" {other.user} do not go together",
                    "give each group one number",
                )
        found.append(account)
    return found


def look_ups(
    accounts: Sequence[Account], users: Sequence[str], groups: Sequence[str]
) -> dict[str, list[str]]:
    """Return which users and groups a host is to be asked for, by name and number."""
    return {
        "passwd": list(
            dict.fromkeys([*users, *(word for a in accounts for word in (a.user, str(a.uid)))])
        ),
        "group": list(
            dict.fromkeys([*groups, *(word for a in accounts for word in (a.group, str(a.gid)))])
        ),
    }


def parse_known(passwd: Sequence[str], group: Sequence[str]) -> Known:
    """Read what getent has printed."""
    people = [f for f in (line.split(":") for line in passwd) if _numbers(f[2:4]) == 2]
    teams = [f for f in (line.split(":") for line in group) if _numbers(f[2:3]) == 1]
    return Known(
        {fields[0]: int(fields[2]) for fields in people},
        {fields[0]: int(fields[2]) for fields in teams},
        {fields[0]: int(fields[3]) for fields in people},
    )


def _numbers(fields: Sequence[str]) -> int:
    return sum(field.isdecimal() for field in fields)


def account_problems(accounts: Sequence[Account], known: Known) -> list[Problem]:
    """Name the accounts that a host cannot have beside those that it has: none is renumbered."""
    problems = []
    for account in accounts:
        item = f"account {account.user}"
        for kind, name, number, have in (
            ("uid", account.user, account.uid, known.users),
            ("gid", account.group, account.gid, known.groups),
        ):
            if have.get(name, number) != number:
                why = f"is not that of {name} on this host, which is {have[name]}"
                advice = "give that number on every host, or renumber it here, with its files"
                problems.append(Problem(item, kind, number, why, advice))
                continue
            holder = next((other for other, taken in have.items() if taken == number), name)
            if name not in have and holder != name:
                advice = f"give {name} a number that is free on every host"
                problems.append(Problem(item, kind, number, f"is {holder}'s on this host", advice))
        primary = known.primary.get(account.user, account.gid)
        if primary != account.gid:
            why = f"is not that of its primary group on this host, which is {primary}"
            advice = "give that one, with its name"
            problems.append(Problem(item, "gid", account.gid, why, advice))
    return problems


def missing(accounts: Sequence[Account], known: Known) -> dict[str, list[dict[str, Any]]]:
    """Return the groups and users that a host does not have yet."""
    groups = {a.group: a.gid for a in accounts if a.group not in known.groups}
    return {
        "groups": [{"name": name, "gid": gid} for name, gid in groups.items()],
        "users": [
            {"name": a.user, "uid": a.uid, "group": a.group}
            for a in accounts
            if a.user not in known.users
        ],
    }


def unequal(accounts: Mapping[str, Sequence[Account]]) -> list[Problem]:
    """Name the users and groups that have one number on one host and another on the next."""
    problems = []
    seen: dict[tuple[str, str], tuple[int, str]] = {}
    for host, theirs in accounts.items():
        for account in theirs:
            for kind, name, number in (
                ("uid", account.user, account.uid),
                ("gid", account.group, account.gid),
            ):
                first, there = seen.setdefault((kind, name), (number, host))
                if first != number:
                    item = f"account {account.user} of host {host}"
                    why = f"of {name} is {first} on {there}"
                    advice = "give one number on all hosts that share files"
                    problems.append(Problem(item, kind, number, why, advice))
    return problems
