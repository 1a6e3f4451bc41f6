# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role lamp_db, a row each.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import MAX_PORT

from .._formats import my_cnf
from .._problem import Problem
from .kinds import (
    BOOLEAN,
    TEXT,
    Kind,
    list_of,
    mapping_of,
    matching,
    nearest,
    number,
    one_of,
    record,
    refused,
    secret,
)
from .mariadb_options import canonical, in_full, is_loose, meant
from .role import Role

# Of all others MariaDB's own programs and Ansible's modules disagree how to quote them.
DATABASE = matching(r"[0-9A-Za-z_$][0-9A-Za-z_$-]{0,63}", "the name of a database", "wordpress")
USER = matching(r"[0-9A-Za-z_$][0-9A-Za-z_$-]{0,79}", "the name of a user of MariaDB", "wordpress")
_CHARACTER_SETS = """
armscii8 ascii big5 binary cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 cp932 dec8 eucjpms euckr
gb2312 gbk geostd8 greek hebrew hp8 keybcs2 koi8r koi8u latin1 latin2 latin5 latin7 macce macroman
sjis swe7 tis620 ucs2 ujis utf16 utf16le utf32 utf8 utf8mb3 utf8mb4
"""
_ENCODINGS = tuple(_CHARACTER_SETS.split())
_GRANTS = """
ALL, ALL PRIVILEGES, ALTER, ALTER ROUTINE, BINLOG ADMIN, BINLOG MONITOR, BINLOG REPLAY,
CONNECTION ADMIN, CREATE, CREATE ROUTINE, CREATE TABLESPACE, CREATE TEMPORARY TABLES, CREATE USER,
CREATE VIEW, DELETE, DELETE HISTORY, DELETE VERSIONING ROWS, DROP, EVENT, EXECUTE, FEDERATED ADMIN,
FILE, GRANT, GRANT OPTION, INDEX, INSERT, LOCK TABLES, PROCESS, PROXY, READ_ONLY ADMIN, REFERENCES,
RELOAD, REPLICA MONITOR, REPLICATION CLIENT, REPLICATION MASTER ADMIN, REPLICATION REPLICA,
REPLICATION REPLICA ADMIN, REPLICATION SLAVE, REPLICATION SLAVE ADMIN, REQUIRESSL, SELECT,
SET USER, SHOW CREATE ROUTINE, SHOW DATABASES, SHOW VIEW, SHUTDOWN, SLAVE MONITOR, SUPER, TRIGGER,
UPDATE, USAGE
"""
_PRIVILEGES = tuple(re.split(r",\s+", _GRANTS.strip()))
# Options that are not the user's to set here.
_NAMES_LOOKED_UP = ("is what lamp_db_skip_name_resolve says", "set lamp_db_skip_name_resolve")
_OPEN_TO_ALL = ("lets everybody in who can connect, without a password", "leave it out")
_TAKEN: Mapping[str, tuple[str, str]] = {
    "bind_address": ("is what lamp_db_bind_address says", "set lamp_db_bind_address"),
    "port": ("is what lamp_db_port says", "set lamp_db_port"),
    **dict.fromkeys(("skip_name_resolve", "name_resolve"), _NAMES_LOOKED_UP),
    **dict.fromkeys(("skip_grant_tables", "grant_tables"), _OPEN_TO_ALL),
    "socket": ("is where the role and the distribution's own programs connect", "leave it out"),
}
_OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_IPV4 = rf"{_OCTET}(\.{_OCTET}){{3}}"
# What has digits and dots alone is an address, and nobody comes from one that there is not.
_HOST_PATTERN = matching(
    rf"{_IPV4}(/{_IPV4})?|(?![0-9.]+(/|$))[0-9A-Za-z_.%:-]+",
    "a host or a pattern of hosts",
    "192.168.137.%",
)
_HOSTS_NEEDED = "give addresses or patterns that it may come from, such as 192.168.137.%"
_LEVEL = matching(
    r"((FUNCTION|PROCEDURE) )?(\*|[0-9A-Za-z_$%\\-]+)\.(\*|[0-9A-Za-z_$-]+)",
    "a database and a table",
    "wordpress.*",
)


def _privileges(value: Any) -> str:
    text = str(TEXT.parse(value))
    for one in re.split(r",(?![^(]*\))", text):
        found = re.fullmatch(r"([A-Z_ ]+?) *(\([0-9A-Za-z_$, ]+\))?", one.strip().upper())
        if found is None or found.group(1) not in _PRIVILEGES:
            near = nearest(one.strip().upper(), _PRIVILEGES)
            raise refused(value, "is not a privilege of MariaDB", f"use {near}")
    return text


def _option(value: Any) -> Any:
    my_cnf.option_line("option", value)
    return value


def _option_name(value: Any) -> str:
    name = str(TEXT.parse(value))
    my_cnf.option_line(name, True)
    whole = in_full(name)
    if whole:
        why = f"is the beginning of {' and '.join(whole[:2])}, and no option itself"
        raise refused(value, why, f"give the whole name, such as {whole[0]}")
    other = meant(name)
    if other is not None and not is_loose(name):
        why = "is an option that MariaDB does not know, and would not start with"
        advice = f"give {other}, or loose_{name} if your MariaDB has it"
        raise refused(value, why, advice)
    return name


def _encoding(value: Any) -> str:
    text = str(TEXT.parse(value))
    if text.lower() not in _ENCODINGS:
        near = nearest(text.lower(), _ENCODINGS)
        raise refused(value, "is not a character set of MariaDB", f"use {near}")
    return text


def _lamp_db_rules(item: str, settings: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in settings["settings"].items():
        plain = canonical(name)
        field = f"lamp_db_settings.{name}"
        if plain in _TAKEN:
            why, advice = _TAKEN[plain]
            yield Problem(item, field, value, why, advice)
        others = [n for n in settings["settings"] if n != name and canonical(n) == plain]
        if others and name < others[0]:
            advice = "leave out one of the two"
            yield Problem(item, field, value, f"is set by {others[0]} too", advice)


LAMP_DB = Role(
    "lamp_db",
    {
        "bind_address": TEXT,
        "port": number(1, MAX_PORT),
        "skip_name_resolve": BOOLEAN,
        "settings": mapping_of(
            Kind(_option_name, "max_connections"), Kind(_option, 200, type="raw")
        ),
        "databases": list_of(
            record(
                "database",
                {
                    "name": DATABASE,
                    "encoding": Kind(_encoding, "utf8mb4"),
                    "collation": matching(r"[0-9A-Za-z_]+", "a collation", "utf8mb4_unicode_ci"),
                },
                required=("name",),
            ),
            unique=False,
        ),
        "users": list_of(
            record(
                "user",
                {
                    "name": USER,
                    "hosts": list_of(_HOST_PATTERN, needed=_HOSTS_NEEDED),
                    "password": secret(TEXT),
                    "privileges": mapping_of(_LEVEL, Kind(_privileges, "ALL")),
                    "state": one_of("present", "absent"),
                },
                required=("name", "hosts"),
            ),
            unique=False,
        ),
        "root_socket_only": BOOLEAN,
    },
    rules=(_lamp_db_rules,),
)
