# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a database server is told, and what cannot work of it.

Private to the collection: names and behaviour may change in any release.

Pure code: it is handed lamp_db's variables, read and without the role's name.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._formats.my_cnf import option_line
from .._problem import Problem

# MariaDB, "Account Names": an address, or a pattern of one with % and _, or one with a netmask.
_NUMERIC_HOST = re.compile(r"[0-9.%_]+(/[0-9.]+)?|[0-9A-Fa-f:%_]*:[0-9A-Fa-f:.%_]*")
_OF_MARIADB = ("information_schema", "mysql", "performance_schema", "sys")
# One character set has two names.
_SAME = {"utf8": "utf8mb3"}


def option_lines(settings: Mapping[str, Any]) -> list[str]:
    """Return the lines of the role's file of options."""
    own = {
        "bind-address": settings["bind_address"],
        "port": settings["port"],
        "skip_name_resolve": settings["skip_name_resolve"],
    }
    further = sorted(settings["settings"].items(), key=lambda item: str(item[0]).lower())
    return [option_line(name, value) for name, value in (*own.items(), *further)]


def database_problems(databases: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Give what cannot work of databases whose fields are read."""
    seen: set[str] = set()
    for database in databases:
        name, field = database.get("name", ""), "lamp_db_databases"
        item = f"database {name}"
        if name.lower() in _OF_MARIADB:
            why, advice = "is MariaDB's own", "give the application's data a name of its own"
            yield Problem(item, f"{field}.name", name, why, advice)
        if name in seen:
            yield _twice(item, f"{field}.name", name)
        seen.add(name)
        encoding = str(database.get("encoding") or "utf8mb4").lower()
        collation = str(database.get("collation") or "").lower()
        begins = collation.partition("_")[0]
        if begins not in ("", "uca1400") and _same(begins) != _same(encoding):
            why = f"is no order of the characters of {encoding}"
            advice = f"give one that begins with {encoding}_, or encoding: {begins}"
            yield Problem(item, f"{field}.collation", database["collation"], why, advice)


def _same(encoding: str) -> str:
    return _SAME.get(encoding, encoding)


def user_problems(users: Sequence[Mapping[str, Any]], skip_name_resolve: bool) -> Iterator[Problem]:
    """Give what cannot work of users whose fields are read."""
    seen: set[tuple[str, str]] = set()
    field = "lamp_db_users"
    for user in users:
        name, hosts = user.get("name", ""), user.get("hosts", ())
        item = f"user {name}"
        if name == "root":
            why = "is MariaDB's own user, which connects by the socket"
            advice = "give the application a user of another name"
            yield Problem(item, f"{field}.name", "root", why, advice)
        for host in hosts:
            if (name, host) in seen:
                yield _twice(item, f"{field}.hosts", host)
            seen.add((name, host))
            is_name = host != "localhost" and not _NUMERIC_HOST.fullmatch(host)
            if skip_name_resolve and is_name:
                why = "is a name, and names are not looked up"
                advice = (
                    "give an address or a pattern of addresses, or set"
                    " lamp_db_skip_name_resolve: false"
                )
                yield Problem(item, f"{field}.hosts", host, why, advice)
        if user.get("state", "present") == "present" and not user.get("password"):
            why = "is not given, so that anyone could come in"
            yield Problem(item, f"{field}.password", None, why, "give one, from a vault")


def accounts(users: Iterable[Mapping[str, Any]], state: str) -> list[str]:
    """Return the accounts of users that are there, or are not, C(NAME@HOST) each."""
    return [
        f"{user['name']}@{host}"
        for user in users
        if user.get("state", "present") == state
        for host in user["hosts"]
    ]


def _twice(item: str, field: str, value: str) -> Problem:
    return Problem(item, field, value, "is there twice", "leave out one of the two")


def listening_problems(bind_address: str, addresses: Sequence[str]) -> list[Problem]:
    """Return what cannot work of where MariaDB is to listen.

    C(addresses) are the host's own; without any nothing is said of which of them is meant.
    """
    problems = []
    own = {ipaddress.ip_address(address) for address in addresses}
    for text in map(str.strip, bind_address.split(",")):
        if text == "*":
            continue
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            why, advice = "is not an address", "give one of the host's, or * for all"
            problems.append(Problem("", "lamp_db_bind_address", text, why, advice))
            continue
        everywhere = address.is_loopback or address.is_unspecified or address.is_link_local
        if own and not everywhere and address not in own:
            why = "is not an address of this host, and MariaDB would not start"
            advice = "give one that it has, or * for all"
            problems.append(Problem("", "lamp_db_bind_address", text, why, advice))
    return problems
