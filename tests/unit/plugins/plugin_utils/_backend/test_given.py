# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists and mappings are read as such, and all else is told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.given import (
    entries_of,
    listed,
    mapped,
    unknown_fields,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem


def test_nothing_is_empty() -> None:
    """YAML's null is what nobody gave."""
    assert listed("export /srv", "options", None, "give one") == ((), [])
    assert mapped("php_app_files", None, "give one") == ({}, [])
    assert entries_of("lamp_db_users", None, "user", "name") == ([], [])


@pytest.mark.parametrize("value", ["rw", {"rw": True}, 7, False])
def test_no_list(value: Any) -> None:
    """A text is no list of its letters, and a mapping none of its keys."""
    assert listed("export /srv", "options", ["rw"], "give one") == (["rw"], [])
    assert listed("export /srv", "options", value, "give one") == (
        (),
        [Problem("export /srv", "options", value, "is not a list", "give one")],
    )


def test_no_mapping() -> None:
    """The variable stands for itself."""
    assert mapped("php_app_files", {"a": "b"}, "give one") == ({"a": "b"}, [])
    assert mapped("php_app_files", ["a"], "give one") == (
        {},
        [Problem("", "php_app_files", ["a"], "is not a mapping", "give one")],
    )


def test_entries_keep_their_numbers() -> None:
    """Those that are none are told, by their place in the list."""
    good, problems = entries_of("lamp_db_users", ["a", {"name": "b"}], "user", "name and hosts")
    assert good == [(2, {"name": "b"})]
    assert problems == [
        Problem("user 1 of lamp_db_users", "", "a", "is not a mapping", "give name and hosts")
    ]


def test_unknown_fields() -> None:
    """A key of any type."""
    entry: dict[Any, Any] = {"name": "a", 7: "b"}
    assert unknown_fields("user a", entry, ("name", "hosts")) == [
        Problem("user a", "7", None, "is not a field of it", "use one of name, hosts")
    ]
