# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which option of MariaDB is meant."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.mariadb_options import (
    canonical,
    in_full,
    meant,
    options,
)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("max_connections", "max_connections"),
        ("Max-Connections", "max_connections"),
        ("loose_max_connections", "max_connections"),
        ("skip-name-resolve", "skip_name_resolve"),
        ("loose-skip-grant-tables", "skip_grant_tables"),
        ("maximum-sort_buffer_size", "sort_buffer_size"),
    ],
)
def test_spellings(name: str, plain: str) -> None:
    assert canonical(name) == plain


def test_meant() -> None:
    """A misspelling, and none of what is another option, or a plugin's."""
    assert meant("max_connectons") == "max_connections"
    assert meant("inodb-buffer-pool-size") == "innodb_buffer_pool_size"
    assert meant("server_audit_logging") is None
    assert meant("something_else") is None
    assert [name for name in options() if meant(name)] == []


def test_beginnings() -> None:
    """MariaDB takes them, so that they are no way around what is refused by its name."""
    assert in_full("skip-grant") == ["skip_grant_tables"]
    assert in_full("loose_Skip_Grant") == ["skip_grant_tables"]
    assert "bind_address" in in_full("bind_a")
    assert len(in_full("innodb_buffer")) > 1
    assert in_full("server_audit") == []
    assert in_full("something_else") == []
    assert [name for name in options() if in_full(name)] == []
