# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of the databases and users that a description asks for.

Private to the collection: names and behaviour may change in any release.

Pure code: it is handed a role's variables and gives back problems.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    MAX_PORT,
    ModelError,
    parse_integer,
)

from .._problem import Problem, problem_of
from .given import entries_of

MAX_DATABASE_NAME = 64
MAX_USER_NAME = 80

# Of all others MariaDB's own programs and Ansible's modules disagree how to quote them.
_NAME = re.compile(r"[0-9A-Za-z_$-]+")
# MariaDB, "Account Names": an address, or a pattern of one with % and _, or one with a netmask.
_NUMERIC_HOST = re.compile(r"[0-9.%_]+(/[0-9.]+)?|[0-9A-Fa-f:%_]*:[0-9A-Fa-f:.%_]*")


def _name_problems(
    kind: str, number: int, entry: Mapping[str, Any], longest: int
) -> tuple[str, list[Problem]]:
    name = str(entry.get("name") or "")
    if not name:
        item = f"{kind} {number}"
        return item, [Problem(item, "name", None, "is not given", "give one")]
    item = f"{kind} {name}"
    if not _NAME.fullmatch(name):
        why = "is not one that every program can quote"
        return item, [Problem(item, "name", name, why, "use letters, digits, _, $ and -")]
    if len(name) > longest:
        why = f"has {len(name)} characters"
        return item, [Problem(item, "name", name, why, f"use at most {longest}")]
    return item, []


def database_problems(
    databases: Any,
    users: Any,
    skip_name_resolve: bool = True,
) -> list[Problem]:
    """Return what cannot work of lamp_db's databases and users."""
    good, problems = entries_of("lamp_db_databases", databases, "database", "name")
    seen: set[str] = set()
    for number, database in good:
        item, found = _name_problems("database", number, database, MAX_DATABASE_NAME)
        problems += found
        name = str(database.get("name") or "")
        if name and name in seen:
            problems.append(_twice(item, "name", name))
        seen.add(name)
    good, found = entries_of("lamp_db_users", users, "user", "name, hosts and password")
    problems += found
    for number, user in good:
        problems += _user_problems(number, user, skip_name_resolve)
    return problems + _accounts_twice(user for _number, user in good)


def _twice(item: str, field: str, value: str) -> Problem:
    return Problem(item, field, value, "is there twice", "leave out one of the two")


def _accounts_twice(users: Iterable[Mapping[str, Any]]) -> list[Problem]:
    problems = []
    seen: set[tuple[str, str]] = set()
    for user in users:
        hosts = user.get("hosts")
        for host in hosts if isinstance(hosts, (list, tuple)) else ():
            account = (str(user.get("name")), str(host))
            if account in seen:
                problems.append(_twice(f"user {account[0]}", "hosts", account[1]))
            seen.add(account)
    return problems


def _user_problems(number: int, user: Mapping[str, Any], skip_name_resolve: bool) -> list[Problem]:
    item, problems = _name_problems("user", number, user, MAX_USER_NAME)
    if user.get("name") == "root":
        why = "is MariaDB's own user, which connects by the socket"
        advice = "give the application a user of another name"
        problems.append(Problem(item, "name", "root", why, advice))
    problems += _host_problems(item, user.get("hosts"), skip_name_resolve)
    if user.get("state", "present") != "present":
        return problems
    if not user.get("password"):
        why = "is empty, so that anyone could come in"
        problems.append(Problem(item, "password", None, why, "give one, from a vault"))
    privileges = user.get("privileges") or {}
    for level in privileges if isinstance(privileges, Mapping) else (privileges,):
        if not re.fullmatch(r"[^.]+\.[^.]+", str(level)):
            why = "is not a database and a table"
            advice = "give them as name.*, name.table or *.*"
            problems.append(Problem(item, "privileges", level, why, advice))
    return problems


def _host_problems(item: str, hosts: Any, skip_name_resolve: bool) -> list[Problem]:
    if not hosts or not isinstance(hosts, (list, tuple)):
        advice = "give a list of addresses or patterns that it may come from, such as 192.168.137.%"
        return [Problem(item, "hosts", hosts, "gives no list of hosts", advice)]
    if not skip_name_resolve:
        return []
    why = "is a name, and names are not looked up"
    advice = "give an address or a pattern of addresses, or set lamp_db_skip_name_resolve: false"
    return [
        Problem(item, "hosts", host, why, advice)
        for host in map(str, hosts)
        if host != "localhost" and not _NUMERIC_HOST.fullmatch(host)
    ]


def listening_problems(bind_address: Any, port: Any, addresses: Sequence[str]) -> list[Problem]:
    """Return what cannot work of where MariaDB is to listen.

    C(addresses) are the host's own; without any nothing is said of which of them is meant.
    """
    problems = []
    try:
        parse_integer("", "lamp_db_port", port, 1, MAX_PORT)
    except ModelError as error:
        problems.append(problem_of(error, ""))
    own = {ipaddress.ip_address(address.split("%")[0]) for address in addresses}
    for text in map(str.strip, str(bind_address).split(",")):
        if text == "*":
            continue
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            why, advice = "is not an address", "give one of the host's, or * for all"
            problems.append(Problem("", "lamp_db_bind_address", text, why, advice))
            continue
        if own and not (address.is_loopback or address.is_unspecified or address in own):
            why = "is not an address of this host, and MariaDB would not start"
            advice = "give one that it has, or * for all"
            problems.append(Problem("", "lamp_db_bind_address", text, why, advice))
    return problems
