# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a health checker has brought the live table round to the description.

Private to the collection: names and behaviour may change in any release.

A server that is down may be missing, or have weight 0; everything else has to be as it is
described. Pure code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import join_host_port

from .._views.director import key_arguments

_SERVICE_FIELDS = ("scheduler", "scheduler_flags", "persistent_timeout", "one_packet")
_SERVER_FIELDS = ("weight", "upper_threshold", "lower_threshold")


def unsettled(
    services: Iterable[Mapping[str, Any]],
    sorry_servers: Iterable[Mapping[str, Any] | None],
    live: Iterable[Mapping[str, Any]],
) -> list[str]:
    """Return what the table still has otherwise, a sentence each.

    C(services) are as M(lvs.cluster.ipvs_table) takes them, with the sorry server of each beside
    them; C(live) are as M(lvs.cluster.ipvs_info) returns them.
    """
    table = {key_arguments(service): service for service in live}
    found: list[str] = []
    for service, sorry_server in zip(services, sorry_servers):
        key = key_arguments(service)
        if key not in table:
            found.append(f"service {key} is not in the table yet.")
            continue
        found += _of_service(key, service, table[key])
        found += _of_servers(key, service, sorry_server, table[key]["real_servers"])
    return found


def _of_service(key: str, wanted: Mapping[str, Any], had: Mapping[str, Any]) -> Iterator[str]:
    names = list(_SERVICE_FIELDS)
    if wanted["persistent_timeout"]:
        names.append("persistent_netmask")
    for name in names:
        if had[name] != wanted[name]:
            yield f"service {key} has {name} {had[name]} still."


def _of_servers(
    key: str,
    service: Mapping[str, Any],
    sorry_server: Mapping[str, Any] | None,
    live: Iterable[Mapping[str, Any]],
) -> Iterator[str]:
    wanted = {(server["address"], server["port"]): server for server in service["real_servers"]}
    if sorry_server is not None:
        wanted[sorry_server["address"], sorry_server["port"]] = sorry_server
    for server in live:
        name = f"real server {join_host_port(server['address'], server['port'])} of {key}"
        described = wanted.get((server["address"], server["port"]))
        if described is None:
            yield f"{name} is in the table still."
            continue
        if server["forward"] != described["forward"]:
            yield f"{name} has forward {server['forward']} still."
        if server["weight"] == 0:
            continue
        for field in _SERVER_FIELDS:
            if server[field] != described[field]:
                yield f"{name} has {field} {server[field]} still."
