# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of the databases and users that a description asks for.

Private to the collection: names and behaviour may change in any release.

Pure code: it is handed a role's variables and gives back sentences.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MAX_DATABASE_NAME = 64
MAX_USER_NAME = 80
MAX_PORT = 65535

# Of all others MariaDB's own programs and Ansible's modules disagree how to quote them.
_NAME = re.compile(r"[0-9A-Za-z_$-]+")
# MariaDB, "Account Names": an address, or a pattern of one with % and _, or one with a netmask.
_NUMERIC_HOST = re.compile(r"[0-9.%_]+(/[0-9.]+)?|[0-9A-Fa-f:%_]*:[0-9A-Fa-f:.%_]*")


def _mapped(kind: str, entries: Any) -> tuple[list[Mapping[str, Any]], list[str]]:
    """Return those entries that are mappings, and a problem for each that is none."""
    good, problems = [], []
    for number, entry in enumerate(entries or (), 1):
        if isinstance(entry, Mapping):
            good.append(entry)
        else:
            problems.append(
                f"{kind} {number}: {entry!r} is not a mapping; give name: and its name."
            )
    return good, problems


def _name_problems(
    kind: str, number: int, entry: Mapping[str, Any], longest: int
) -> tuple[str, list[str]]:
    name = str(entry.get("name") or "")
    if not name:
        return f"{kind} {number}", [f"{kind} {number}: name is not given; give one."]
    item = f"{kind} {name}"
    if not _NAME.fullmatch(name):
        return item, [
            f"{item}: name {name!r} is not one that every program can quote; use letters, digits,"
            " _, $ and -."
        ]
    if len(name) > longest:
        return item, [f"{item}: name has {len(name)} characters; use at most {longest}."]
    return item, []


def database_problems(
    databases: Any,
    users: Any,
    skip_name_resolve: bool = True,
) -> list[str]:
    """Return what cannot work of lamp_db's databases and users, a sentence each."""
    good, problems = _mapped("database", databases)
    seen: set[str] = set()
    for number, database in enumerate(good, 1):
        item, found = _name_problems("database", number, database, MAX_DATABASE_NAME)
        problems += found
        name = str(database.get("name") or "")
        if name and name in seen:
            problems.append(f"{item}: it is named twice; leave out one of the two.")
        seen.add(name)
    good, found = _mapped("user", users)
    problems += found
    for number, user in enumerate(good, 1):
        problems += _user_problems(number, user, skip_name_resolve)
    return problems + _twice(good)


def _twice(users: Iterable[Mapping[str, Any]]) -> list[str]:
    problems = []
    seen: set[tuple[str, str]] = set()
    for user in users:
        hosts = user.get("hosts")
        for host in hosts if isinstance(hosts, (list, tuple)) else ():
            account = (str(user.get("name")), str(host))
            if account in seen:
                problems.append(
                    f"user {account[0]}: host {account[1]} is named twice; leave out one of the"
                    " two."
                )
            seen.add(account)
    return problems


def _user_problems(number: int, user: Mapping[str, Any], skip_name_resolve: bool) -> list[str]:
    item, problems = _name_problems("user", number, user, MAX_USER_NAME)
    if user.get("name") == "root":
        problems.append(
            f"{item}: root is MariaDB's own and connects by the socket; give the application a user"
            " of another name."
        )
    hosts = user.get("hosts")
    if not hosts or not isinstance(hosts, (list, tuple)):
        problems.append(
            f"{item}: hosts is not given; give a list of addresses or patterns that it may come"
            " from, such as 192.168.137.%."
        )
        hosts = ()
    for host in map(str, hosts):
        if skip_name_resolve and host != "localhost" and not _NUMERIC_HOST.fullmatch(host):
            problems.append(
                f"{item}: host {host!r} is a name, and names are not looked up; give an address or"
                " a pattern of addresses, or set lamp_db_skip_name_resolve: false."
            )
    if user.get("state", "present") != "present":
        return problems
    if not user.get("password"):
        problems.append(
            f"{item}: password is empty, so that anyone could come in; give one, from a vault."
        )
    privileges = user.get("privileges") or {}
    for level in privileges if isinstance(privileges, Mapping) else (privileges,):
        if not re.fullmatch(r"[^.]+\.[^.]+", str(level)):
            problems.append(
                f"{item}: privileges {level!r} is not a database and a table; give them as"
                " name.*, name.table or *.*."
            )
    return problems


def listening_problems(bind_address: str, port: int, addresses: Sequence[str]) -> list[str]:
    """Return what cannot work of where MariaDB is to listen.

    C(addresses) are the host's own; without any nothing is said of which of them is meant.
    """
    problems = []
    if not 0 < int(port) <= MAX_PORT:
        problems.append(f"lamp_db_port: {port} is not a port; give a number from 1 to 65535.")
    own = {ipaddress.ip_address(address.split("%")[0]) for address in addresses}
    for text in str(bind_address).split(","):
        if text.strip() == "*":
            continue
        try:
            address = ipaddress.ip_address(text.strip())
        except ValueError:
            problems.append(
                f"lamp_db_bind_address: {text.strip()!r} is not an address; give one of the host's,"
                " or * for all."
            )
            continue
        if own and not (address.is_loopback or address.is_unspecified or address in own):
            problems.append(
                f"lamp_db_bind_address: the host does not have {address}, and MariaDB would not"
                " start; give one that it has, or * for all."
            )
    return problems
