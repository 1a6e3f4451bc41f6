# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An NFS server's versions and fixed ports."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.nfs_settings import (
    setting_problems,
)

NO_PORTS: dict[str, Any] = {"nfs_server_mountd_port": None, "nfs_server_statd_port": ""}


def test_nothing_is_wrong() -> None:
    """Also where YAML has made numbers of the versions."""
    assert setting_problems(["3", "4.0", "4.1", "4.2"], NO_PORTS) == []
    assert setting_problems([3, 4.2], {"nfs_server_mountd_port": "32767"}) == []


@pytest.mark.parametrize(
    ("versions", "ports", "told"),
    [
        ([], {}, "nfs_server_versions [] is not a list of versions; give one such as"),
        (["4"], {}, "nfs_server_versions '4' is not a version of NFS; use one of 3, 4.0, 4.1,"),
        ([True], {}, "nfs_server_versions true is not a version of NFS"),
        (["3"], {"nfs_server_mountd_port": 70000}, "nfs_server_mountd_port 70000 is out of range"),
        (["3"], {"nfs_server_mountd_port": 111}, "nfs_server_mountd_port 111 is taken by rpcbind;"),
        (
            ["3"],
            {"nfs_server_mountd_port": 4000, "nfs_server_statd_port": 4000},
            "nfs_server_statd_port 4000 is taken by nfs_server_mountd_port; give a port of its own",
        ),
    ],
)
def test_bad_settings(versions: Any, ports: dict[str, Any], told: str) -> None:
    """One sentence, that begins with the variable."""
    (problem,) = setting_problems(versions, ports)
    assert str(problem).startswith(told)
