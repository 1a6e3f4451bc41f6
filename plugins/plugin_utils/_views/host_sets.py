# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts do what, by the groups of the inventory.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._cluster.announce import VARIABLE as ANNOUNCE
from .._settings.roles import CLUSTER_GROUPS


def host_sets(
    groups: Mapping[str, Sequence[str]], hostvars: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[str]]:
    """Return the hosts of each step of C(lvs.cluster.site), in the order of their groups.

    C(directors_in_turn) serve one after the other, C(directors_at_once) are those that announce
    their addresses.

    C(unknown) are those of whom nobody has gathered facts yet, or asked a director's kernel.

    C(applications) are made ready before the directors serve, and C(other_nfs_clients) mount
    through a virtual address when they do: together they have every NFS client, and none twice.
    """
    members = {name: list(groups.get(name) or ()) for name in CLUSTER_GROUPS}
    behind = {*members["real_servers"]}
    clients, web_servers = members["nfs_clients"], members["web_servers"]
    applications = _each_once([host for host in clients if host in behind], web_servers)
    cluster = _each_once(*members.values())
    at_once = [
        name
        for name in members["directors"]
        if (hostvars.get(name) or {}).get(ANNOUNCE) not in (None, "")
    ]
    return {
        "cluster": cluster,
        "unknown": [
            host
            for host in cluster
            if not _is_known(hostvars.get(host) or {}, host in members["directors"])
        ],
        "directors": members["directors"],
        "directors_in_turn": [name for name in members["directors"] if name not in at_once],
        "directors_at_once": at_once,
        "real_servers": members["real_servers"],
        "nfs_servers": members["nfs_servers"],
        "databases": members["databases"],
        "applications": applications,
        "other_nfs_clients": [host for host in clients if host not in applications],
    }


def _is_known(variables: Mapping[str, Any], is_director: bool) -> bool:
    facts = variables.get("ansible_facts") or {}
    answer = variables.get("__preflight_host") or {}
    asked = "kernel_ipvs" if is_director else "files"
    return "os_family" in facts and "interfaces" in answer and asked in answer


def _each_once(*names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name for some in names for name in some))
