# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the live table a health checker has yet to bring round to the description.

Private to the collection: names and behaviour may change in any release.

A server that is down may be missing, or have weight 0; everything else has to be as it is
described. Pure code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    Service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import WantedService
from ansible_collections.lvs.cluster.plugins.module_utils._values import join_host_port

from .._cluster.model import Cluster, VirtualService
from .._views.director import key_arguments
from .drift import read_service

_SERVICE_FIELDS = ("scheduler", "scheduler_flags", "persistent_timeout", "one_packet")
_SERVER_FIELDS = ("weight", "upper_threshold", "lower_threshold")


def unsettled(cluster: Cluster, live: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what the table still has otherwise, a sentence each.

    C(live) are the services as M(lvs.cluster.ipvs_info) returns them.
    """
    table = dict(read_service(entry) for entry in live)
    found: list[str] = []
    for described in cluster.services:
        key = described.service.key
        if key not in table:
            found.append(f"service {key_arguments(key)} is not in the table yet.")
            continue
        service, servers = table[key]
        found += _of_service(described.service, service)
        found += _of_servers(described, servers)
    return found


def rescheduled(cluster: Cluster, live: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the services of the table that are to have another scheduler.

    Each has the options of M(lvs.cluster.ipvs_service) that give it. C(live) is as above.
    """
    table = {key: had for key, (had, _servers) in map(read_service, live)}
    return [
        WantedService(
            service.key,
            {"scheduler": service.scheduler, "scheduler_flags": service.scheduler_flags},
        ).as_task()
        for service in (described.service for described in cluster.services)
        if service.key in table and table[service.key].scheduler != service.scheduler
    ]


def _of_service(wanted: Service, had: Service) -> Iterator[str]:
    names = list(_SERVICE_FIELDS)
    if wanted.persistent_timeout:
        names.append("persistent_netmask")
    for name in names:
        value = getattr(had, name)
        if value != getattr(wanted, name):
            shown = list(value) if isinstance(value, tuple) else value
            yield f"service {key_arguments(wanted.key)} has {name} {shown} still."


def _of_servers(described: VirtualService, live: Iterable[RealServer]) -> Iterator[str]:
    sorry = [] if described.sorry_server is None else [described.sorry_server]
    wanted = {one.server.key: one.server for one in (*described.in_table, *sorry)}
    for server in live:
        of = key_arguments(described.service.key)
        name = f"real server {join_host_port(*server.key)} of {of}"
        should = wanted.get(server.key)
        if should is None:
            yield f"{name} is in the table still."
            continue
        if server.forward != should.forward:
            yield f"{name} has forward {server.forward} still."
        if server.weight == 0:
            continue
        for field in _SERVER_FIELDS:
            value = getattr(server, field)
            if value != getattr(should, field):
                yield f"{name} has {field} {value} still."
