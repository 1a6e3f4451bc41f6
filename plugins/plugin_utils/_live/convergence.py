# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the live table a health checker has yet to bring round to the description.

Private to the collection: names and behaviour may change in any release.

A server that is down may be missing, or have weight 0; everything else has to be as it is
described. What stays otherwise somebody else has changed: a health checker does not look at that.
Pure code.
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

from .._cluster.clients_way import mark_keys
from .._cluster.model import Cluster, Member, VirtualService
from .._views.director import ipvs_service, key_arguments
from .drift import read_service, read_table

_SERVICE_FIELDS = ("scheduler", "scheduler_flags", "persistent_timeout", "one_packet")
_SERVER_FIELDS = ("weight", "upper_threshold", "lower_threshold")


def unsettled(cluster: Cluster, live: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what the table still has otherwise, a sentence each.

    C(live) are the services as M(lvs.cluster.ipvs_info) returns them.
    """
    table = read_table(live)
    keys = [*(one.service.key for one in cluster.services), *mark_keys(cluster)]
    found = [
        f"service {key_arguments(key)} is not in the table yet." for key in keys if key not in table
    ]
    for described in cluster.services:
        if described.service.key in table:
            found += _of_entry(described, *table[described.service.key])
    return found


def corrections(cluster: Cluster, live: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the services of the table that are otherwise, as they are to be.

    Each is as M(lvs.cluster.ipvs_table) takes it, with those of its real servers that are in the
    table, where the health checker has put them; one of weight 0 is down, and stays so. C(live) is
    as above.
    """
    table = read_table(live)
    found = []
    for described in cluster.services:
        service, servers = table.get(described.service.key, (None, []))
        if service is None or not [*_of_entry(described, service, servers)]:
            continue
        weights = {server.key: server.weight for server in servers}
        wanted = (one.server for one in _wanted(described) if one.server.key in weights)
        entry = ipvs_service(described)
        entry["real_servers"] = [
            (server if weights[server.key] else server._replace(weight=0)).as_result()
            for server in wanted
        ]
        found.append(entry)
    return found


def missing(cluster: Cluster, live: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the services that are not in the table, with all that they have when all is up.

    Each is as M(lvs.cluster.ipvs_table) takes it. Those of checks' marks are among them, by their
    names alone. C(live) is as above.
    """
    table = read_table(live)
    return [
        *(ipvs_service(one) for one in cluster.services if one.service.key not in table),
        *({"fwmark": key[0], "family": key[1]} for key in mark_keys(cluster) if key not in table),
    ]


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


def _of_entry(
    described: VirtualService, service: Service, servers: Iterable[RealServer]
) -> Iterator[str]:
    yield from _of_service(described.service, service)
    yield from _of_servers(described, servers)


def _of_service(wanted: Service, had: Service) -> Iterator[str]:
    names = list(_SERVICE_FIELDS)
    if wanted.persistent_timeout:
        names.append("persistent_netmask")
    for name in names:
        value = getattr(had, name)
        if value != getattr(wanted, name):
            shown = list(value) if isinstance(value, tuple) else value
            yield f"service {key_arguments(wanted.key)} has {name} {shown} still."


def _wanted(described: VirtualService) -> Iterator[Member]:
    """Give each real server that a health checker may have in the table, and the sorry server."""
    yield from described.in_table
    if described.sorry_server is not None:
        yield described.sorry_server


def _of_servers(described: VirtualService, live: Iterable[RealServer]) -> Iterator[str]:
    wanted = {one.server.key: one.server for one in _wanted(described)}
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
