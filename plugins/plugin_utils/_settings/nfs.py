# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the roles nfs_server and nfs_client, a row each.

Private to the collection: names and behaviour may change in any release.

Exports, mounts and accounts have readers of their own in C(_backend).
"""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import MAX_PORT

from .kinds import SERVICES, TEXT, Kind, list_of, number, optional, refused
from .role import Role

VERSIONS = ("3", "4.0", "4.1", "4.2")
_PORT = optional(number(1, MAX_PORT))
_ENTRIES = SERVICES


def _version(value: Any) -> str:
    """Read a version, of which YAML may have made a number."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    version = str(value) if is_number else value
    if version not in VERSIONS:
        raise refused(value, "is not a version of NFS", f"use one of {', '.join(VERSIONS)}")
    return str(version)


VERSION = Kind(_version, "4.2")

NFS_SERVER = Role(
    "nfs_server",
    {
        "exports": _ENTRIES,
        "options": list_of(TEXT, unique=False),
        "accounts": _ENTRIES,
        "versions": list_of(VERSION, needed='give one such as ["3", "4.2"]'),
        "mountd_port": _PORT,
        "statd_port": _PORT,
        "lockd_port": _PORT,
    },
)
NFS_CLIENT = Role("nfs_client", {"mounts": _ENTRIES, "accounts": _ENTRIES})
