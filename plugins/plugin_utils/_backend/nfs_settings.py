# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of NFS that there are, and the settings of an NFS server.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    MAX_PORT,
    ModelError,
    parse_integer,
)

from .._problem import Problem, problem_of

VERSIONS = ("3", "4.0", "4.1", "4.2")
# Taken by the server itself, and by rpcbind.
_TAKEN = {2049: "NFS", 111: "rpcbind"}


def parse_version(item: str, field: str, value: object) -> str:
    """Read one version; YAML may have made a number of it."""
    version = str(value)
    if isinstance(value, bool) or version not in VERSIONS:
        advice = f"use one of {', '.join(VERSIONS)}"
        raise ModelError(item, field, value, "is not a version of NFS", advice)
    return version


def setting_problems(versions: Any, ports: Mapping[str, Any]) -> list[Problem]:
    """Return what cannot work of an NFS server's versions and fixed ports, by their variables."""
    problems = []
    if not isinstance(versions, (list, tuple)) or not versions:
        advice = 'give one such as ["3", "4.2"]'
        problems.append(
            Problem("", "nfs_server_versions", versions, "is not a list of versions", advice)
        )
        versions = ()
    for value in versions:
        try:
            parse_version("", "nfs_server_versions", value)
        except ModelError as error:
            problems.append(problem_of(error, ""))
    taken = dict(_TAKEN)
    for variable, value in ports.items():
        if value in (None, ""):
            continue
        try:
            port = parse_integer("", variable, value, 1, MAX_PORT)
        except ModelError as error:
            problems.append(problem_of(error, ""))
            continue
        if port in taken:
            why = f"is taken by {taken[port]}"
            problems.append(Problem("", variable, port, why, "give a port of its own"))
        taken.setdefault(port, variable)
    return problems
