# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of databases and users."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.databases import (
    database_problems,
    listening_problems,
)

USER: dict[str, Any] = {
    "name": "wordpress",
    "hosts": ["192.168.137.%"],
    "password": "secret",
    "privileges": {"wordpress.*": "ALL"},
}


def test_nothing_is_said_of_what_works() -> None:
    databases = [{"name": "wordpress"}, {"name": "lweim", "encoding": "utf8mb4"}]
    users = [
        USER,
        {"name": "lweim", "hosts": ["127.0.0.1", "localhost", "fd00::%"], "password": "x"},
        {"name": "nets", "hosts": ["10.0.0.0/255.0.0.0"], "password": "x"},
        {"name": "gone", "hosts": ["%"], "state": "absent"},
    ]
    assert database_problems(databases, users) == []
    assert database_problems(None, None) == []


@pytest.mark.parametrize(
    ("databases", "sentence"),
    [
        ("wordpress", "lamp_db_databases 'wordpress' is not a list; give a list of mappings with"),
        (
            ["wordpress"],
            "database 1 of lamp_db_databases: 'wordpress' is not a mapping; give name.",
        ),
        ([{}], "database 1: name is not given; give one."),
        ([{"name": "a;b"}], "database a;b: name 'a;b' is not one that every program can quote;"),
        (
            [{"name": "a" * 65}],
            f"database {'a' * 65}: name '{'a' * 65}' has 65 characters; use at most 64.",
        ),
        ([{"name": "a"}, {"name": "a"}], "database a: name 'a' is there twice; leave out one"),
    ],
)
def test_databases_refused(databases: Any, sentence: str) -> None:
    (problem,) = database_problems(databases, [])
    assert str(problem).startswith(sentence)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password": ""}, "user wordpress: password is empty, so that anyone could come in;"),
        ({"password": None}, "user wordpress: password is empty"),
        ({"name": ""}, "user 1: name is not given; give one."),
        (
            {"name": "root"},
            "user root: name 'root' is MariaDB's own user, which connects by the socket;",
        ),
        (
            {"hosts": []},
            "user wordpress: hosts [] gives no list of hosts; give a list of addresses",
        ),
        ({"hosts": "10.0.0.1"}, "user wordpress: hosts '10.0.0.1' gives no list of hosts"),
        ({"hosts": ["10.0.0.1"] * 2}, "user wordpress: hosts '10.0.0.1' is there twice;"),
        (
            {"hosts": ["web.example.org"]},
            "user wordpress: hosts 'web.example.org' is a name, and names are not looked up; give"
            " an address or a pattern of addresses, or set lamp_db_skip_name_resolve: false.",
        ),
        (
            {"privileges": {"wordpress": "ALL"}},
            "user wordpress: privileges 'wordpress' is not a database and a table; give them as",
        ),
    ],
)
def test_users_refused(change: dict[str, Any], sentence: str) -> None:
    (problem,) = database_problems([], [{**USER, **change}])
    assert str(problem).startswith(sentence)


def test_names_of_hosts_where_they_are_looked_up() -> None:
    user = {**USER, "hosts": ["web.example.org"]}
    assert database_problems([], [user], skip_name_resolve=False) == []


@pytest.mark.parametrize("address", ["127.0.0.1", "*", "0.0.0.0", "10.0.0.1,::1", "fd00::1"])
def test_addresses_to_listen_at(address: str) -> None:
    assert listening_problems(address, 3306, ["10.0.0.1", "fd00::1", "fe80::1%eth0"]) == []


@pytest.mark.parametrize(
    ("address", "port", "sentence"),
    [
        ("db.local", 3306, "lamp_db_bind_address 'db.local' is not an address; give one of the"),
        (
            "10.0.0.2",
            3306,
            "lamp_db_bind_address '10.0.0.2' is not an address of this host, and MariaDB",
        ),
        ("*", 70000, "lamp_db_port 70000 is out of range; give one from 1 to 65535."),
        ("*", "mysql", "lamp_db_port 'mysql' is not a whole number; give one from 1 to"),
        ("*", 0, "lamp_db_port 0 is out of range"),
    ],
)
def test_listening_refused(address: str, port: int, sentence: str) -> None:
    (problem,) = listening_problems(address, port, ["10.0.0.1"])
    assert str(problem).startswith(sentence)
