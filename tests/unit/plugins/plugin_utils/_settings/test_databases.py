# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the variables of lamp_db may be."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.databases import LAMP_DB
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.role import read_settings

USER: dict[str, Any] = {"name": "u", "hosts": ["10.0.0.1"], "password": "SECRETu"}


def told(name: str, value: Any) -> list[str]:
    """What is wrong with a value of a variable."""
    return list(map(str, read_settings(LAMP_DB, {f"lamp_db_{name}": value}.get, "host db")[1]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("settings", {"max_connections": 200, "sql-mode": "ANSI", "innodb_file_per_table": True}),
        ("settings", {"loose_max_connectons": 5, "server_audit_logging": "ON", "skip-log-bin": 1}),
        ("settings", {"hot_cache.key_buffer_size": "1M", "my_own_plugin_setting": "x"}),
        ("skip_name_resolve", "no"),
        ("databases", None),
        ("databases", [{"name": "a-b$", "encoding": "latin1", "collation": None}]),
        ("users", [{**USER, "hosts": ["%", "localhost", "10.0.0.0/255.0.0.0", "fd00::%"]}]),
        (
            "users",
            [{**USER, "privileges": {"w.*": "select, INSERT (a, b),SHOW VIEW"}}],
        ),
        ("users", [{"name": "u", "hosts": ["%"], "state": "absent"}]),
    ],
)
def test_what_may_be(name: str, value: Any) -> None:
    assert told(name, value) == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("port", True, "lamp_db_port true is not a whole number;"),
        ("settings", {"a b": 1}, "lamp_db_settings 'a b' is not the name of an option of MariaDB"),
        ("settings", {"x\nskip-grant-tables": 1}, "has a character that is no part of a line"),
        (
            "settings",
            {"max_connections": "5\nskip-grant-tables"},
            "lamp_db_settings.max_connections '5\\nskip-grant-tables' has a character",
        ),
        ("settings", {"max_connections": {"a": 1}}, "is neither text, a number nor a boolean"),
        (
            "settings",
            {"max_connectons": 5},
            "give max_connections, or loose_max_connectons if your MariaDB has it.",
        ),
        ("settings", {"port": 3307}, "lamp_db_settings.port 3307 is what lamp_db_port says; set"),
        ("settings", {"Bind-Address": "::"}, "is what lamp_db_bind_address says;"),
        ("settings", {"disable-skip_name-resolve": 1}, "is what lamp_db_skip_name_resolve says;"),
        ("settings", {"skip_grant_tables": None}, "has no value; give one such as"),
        ("settings", {"loose-skip-grant-tables": True}, "lets everybody in who can connect,"),
        ("settings", {"socket": "/tmp/x"}, "is where the role and the distribution's own"),
        ("settings", {"max-connections": 1, "max_connections": 2}, "is set by max_connections too"),
        ("databases", [{"name": 5}], "database 1 of host db: lamp_db_databases.name 5 is not text"),
        ("databases", [{"name": "a;b"}], "is not the name of a database; give one such as"),
        ("databases", [{"name": "a" * 65}], "is not the name of a database"),
        ("databases", [{}], "database 1 of host db: lamp_db_databases.name is not given;"),
        ("databases", [{"name": "a", "encoding": "utf8; DROP"}], "is not a character set of Mari"),
        ("databases", [{"name": "a", "encoding": "utf8mb5"}], "use utf8mb"),
        ("databases", [{"name": "a", "collation": "x y"}], "'x y' is not a collation;"),
        ("users", [{**USER, "privileges": {"w.*": "EVERYTHING"}}], "is not a privilege of MariaDB"),
        ("users", [{**USER, "privileges": {"w.*": 5}}], "lamp_db_users.privileges.w.* 5 is not te"),
        ("users", [{**USER, "privileges": {"w.*": "ALL/*.*:ALL"}}], "is not a privilege of MariaD"),
        ("users", [{**USER, "privileges": {"w": "ALL"}}], "'w' is not a database and a table;"),
        ("users", [{**USER, "privileges": {"a.b:ALL/*.*": "ALL"}}], "is not a database and a tab"),
        ("users", [{**USER, "hosts": []}], "user u of host db: lamp_db_users.hosts [] is empty;"),
        ("users", [{**USER, "hosts": "10.0.0.1"}], "write it as a list: [10.0.0.1]."),
        ("users", [{**USER, "hosts": ["10.0.0.256"]}], "is not a host or a pattern of hosts"),
        ("users", [{**USER, "hosts": ["10.0.0"]}], "is not a host or a pattern of hosts"),
        ("users", [{**USER, "hosts": ["10.0.0.0/8"]}], "is not a host or a pattern of hosts"),
        ("settings", {"loose_skip_gran": 1}, "is the beginning of skip_grant_tables, and no opt"),
        ("users", [{**USER, "hosts": ["a'b"]}], "is not a host or a pattern of hosts"),
        ("users", [{**USER, "password": 5}], "lamp_db_users.password is not text;"),
        ("users", ["u:SECRETu"], "lamp_db_users is not a mapping; give name, hosts."),
        ("users", [{**USER, "state": "gone"}], "state 'gone' is not known; use one of present,"),
        ("root_socket_only", "perhaps", "is not a boolean; use true or false."),
    ],
)
def test_what_may_not_be(name: str, value: Any, sentence: str) -> None:
    (only,) = told(name, value)
    assert sentence in only
    assert "SECRET" not in only
