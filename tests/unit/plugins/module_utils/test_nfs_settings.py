# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions and fixed ports of an NFS server."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._nfs_settings import setting_problems


def test_nothing_is_said_of_what_works() -> None:
    assert setting_problems(["3", 4.2], {"nfs_server_mountd_port": 20048, "x": "", "y": None}) == []


@pytest.mark.parametrize(
    ("versions", "ports", "sentence"),
    [
        ([], {}, "nfs_server_versions [] is not a list of versions; give one such as"),
        ("3", {}, "nfs_server_versions '3' is not a list of versions"),
        (
            ["2"],
            {},
            "nfs_server_versions: '2' is not a version of NFS; use one of 3, 4.0, 4.1, 4.2.",
        ),
        (["3"], {"nfs_server_mountd_port": 70000}, "nfs_server_mountd_port 70000 "),
        (["3"], {"nfs_server_mountd_port": 111}, "nfs_server_mountd_port 111 is taken by rpcbind;"),
        (["3"], {"a": 4000, "b": 4000}, "b 4000 is taken by a; give a port of its own."),
    ],
)
def test_refused(versions: Any, ports: Any, sentence: str) -> None:
    (problem,) = setting_problems(versions, ports)
    assert problem.startswith(sentence)
