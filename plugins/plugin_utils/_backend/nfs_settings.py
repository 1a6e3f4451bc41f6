# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of an NFS server beside its exports.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._problem import Problem
from .._settings.nfs import VERSION

# Taken by the server itself, and by rpcbind.
_TAKEN = {2049: "NFS", 111: "rpcbind"}
_DAEMONS = ("mountd", "statd", "lockd")


def parse_version(item: str, field: str, value: object) -> str:
    """Read one version; YAML may have made a number of it."""
    try:
        return str(VERSION.parse(value))
    except ModelError as error:
        raise ModelError(item, field, value, error.why, error.advice) from error


def ports(settings: Mapping[str, Any]) -> dict[str, int]:
    """Return the ports that stay the same, by their daemons."""
    found = {daemon: settings[f"{daemon}_port"] for daemon in _DAEMONS}
    return {daemon: port for daemon, port in found.items() if port not in (None, "")}


def setting_problems(settings: Mapping[str, Any]) -> Iterator[Problem]:
    """Give what cannot work of an NFS server's fixed ports."""
    taken = dict(_TAKEN)
    for daemon, port in ports(settings).items():
        variable = f"nfs_server_{daemon}_port"
        if port in taken:
            why = f"is taken by {taken[port]}"
            yield Problem("", variable, port, why, "give a port of its own")
        taken.setdefault(port, variable)
