# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An NFS server's versions and fixed ports."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.nfs_settings import (
    parse_version,
    ports,
    setting_problems,
)

NO_PORTS: dict[str, Any] = {"mountd_port": None, "statd_port": "", "lockd_port": None}


def test_nothing_is_wrong() -> None:
    assert list(setting_problems(NO_PORTS)) == []
    assert list(setting_problems({**NO_PORTS, "mountd_port": 32767})) == []
    assert ports({**NO_PORTS, "mountd_port": 32767}) == {"mountd": 32767}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"mountd_port": 111}, "nfs_server_mountd_port 111 is taken by rpcbind;"),
        (
            {"mountd_port": 4000, "statd_port": 4000},
            "nfs_server_statd_port 4000 is taken by nfs_server_mountd_port; give a port of its own",
        ),
    ],
)
def test_bad_settings(given: dict[str, Any], told: str) -> None:
    """One sentence, that begins with the variable."""
    (problem,) = setting_problems({**NO_PORTS, **given})
    assert str(problem).startswith(told)


def test_versions() -> None:
    """YAML may have made numbers of them."""
    assert [parse_version("", "version", value) for value in ("3", 3, 4.2)] == ["3", "3", "4.2"]
    for value in ("4", True, None, ["3"], "4.2\n"):
        with pytest.raises(ModelError, match="is not a version of NFS"):
            parse_version("", "version", value)
