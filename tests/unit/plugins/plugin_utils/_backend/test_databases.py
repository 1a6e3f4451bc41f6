# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of databases and users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.databases import (
    database_problems,
    listening_problems,
    option_lines,
    user_problems,
)

USER: dict[str, Any] = {
    "name": "wordpress",
    "hosts": ["192.168.137.%"],
    "password": "secret",
    "privileges": {"wordpress.*": "ALL"},
}


def test_nothing_is_said_of_what_works() -> None:
    databases = [
        {"name": "wordpress"},
        {"name": "lweim", "encoding": "utf8mb4", "collation": "utf8mb4_unicode_ci"},
        {"name": "old", "encoding": "utf8", "collation": "utf8mb3_general_ci"},
        {"name": "new", "collation": "uca1400_ai_ci"},
    ]
    users = [
        USER,
        {"name": "lweim", "hosts": ["127.0.0.1", "localhost", "fd00::%"], "password": "x"},
        {"name": "nets", "hosts": ["10.0.0.0/255.0.0.0"], "password": "x"},
        {"name": "gone", "hosts": ["%"], "state": "absent"},
    ]
    assert list(database_problems(databases)) == []
    assert list(user_problems(users, True)) == []


@pytest.mark.parametrize(
    ("databases", "sentence"),
    [
        (
            [{"name": "a"}, {"name": "a"}],
            "database a: lamp_db_databases.name 'a' is there twice; leave out one of the two.",
        ),
        ([{"name": "mysql"}], "database mysql: lamp_db_databases.name 'mysql' is MariaDB's own;"),
        ([{"name": "Sys"}], "database Sys: lamp_db_databases.name 'Sys' is MariaDB's own;"),
        (
            [{"name": "a", "encoding": "latin1", "collation": "utf8mb4_bin"}],
            "database a: lamp_db_databases.collation 'utf8mb4_bin' is no order of the characters"
            " of latin1; give one that begins with latin1_, or encoding: utf8mb4.",
        ),
    ],
)
def test_databases_refused(databases: list[dict[str, Any]], sentence: str) -> None:
    (problem,) = database_problems(databases)
    assert str(problem).startswith(sentence)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password": None}, "user wordpress: lamp_db_users.password is not given, so that anyone"),
        ({"name": "root"}, "user root: lamp_db_users.name 'root' is MariaDB's own user, which"),
        (
            {"hosts": ["10.0.0.1"] * 2},
            "user wordpress: lamp_db_users.hosts '10.0.0.1' is there twice;",
        ),
        (
            {"hosts": ["web.example.org"]},
            "user wordpress: lamp_db_users.hosts 'web.example.org' is a name, and names are not"
            " looked up; give an address or a pattern of addresses, or set"
            " lamp_db_skip_name_resolve: false.",
        ),
    ],
)
def test_users_refused(change: dict[str, Any], sentence: str) -> None:
    (problem,) = user_problems([{**USER, **change}], True)
    assert str(problem).startswith(sentence)


def test_names_of_hosts_where_they_are_looked_up() -> None:
    user = {**USER, "hosts": ["web.example.org"]}
    assert list(user_problems([user], False)) == []


@pytest.mark.parametrize("address", ["127.0.0.1", "*", "0.0.0.0", "10.0.0.1,::1", "fd00::1"])
def test_addresses_to_listen_at(address: str) -> None:
    assert listening_problems(address, ["10.0.0.1", "fd00::1", "fe80::1%eth0"]) == []


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("db.local", "lamp_db_bind_address 'db.local' is not an address; give one of the"),
        (
            "10.0.0.2",
            "lamp_db_bind_address '10.0.0.2' is not an address of this host, and MariaDB",
        ),
    ],
)
def test_listening_refused(address: str, sentence: str) -> None:
    (problem,) = listening_problems(address, ["10.0.0.1"])
    assert str(problem).startswith(sentence)


def test_option_lines() -> None:
    """As they were before they came out of a function, where nothing has to be quoted."""
    settings: Mapping[str, Any] = {
        "bind_address": "192.0.2.1",
        "port": 3306,
        "skip_name_resolve": False,
        "settings": {"max_connections": 200, "Init_connect": "SET a='b'", "autocommit": True},
    }
    assert option_lines(settings) == [
        "bind-address = 192.0.2.1",
        "port = 3306",
        "skip_name_resolve = OFF",
        "autocommit = ON",
        "Init_connect = \"SET a='b'\"",
        "max_connections = 200",
    ]
