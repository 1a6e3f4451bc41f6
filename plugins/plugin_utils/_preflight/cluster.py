# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is refused of a cluster, in order; and services that take each other's packets.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator

from .._cluster.model import KEEPALIVED, LDIRECTORD, Cluster, MarkedPorts, VirtualService
from .._problem import Problem
from .announce import announce_problems
from .checks import check_problems
from .clients_way import clients_way_problems
from .hosts import cluster_name_problems, director_problems, real_server_problems
from .keepalived import keepalived_problems
from .ldirectord import ldirectord_problems
from .services import services_problems


def preflight(cluster: Cluster) -> list[Problem]:
    """Return what cannot work of a description that could be read."""
    managers = managers_of(cluster)
    problems: list[Problem] = []
    for service in cluster.services:
        problems += check_problems(service, managers)
    problems += services_problems(cluster, managers)
    if LDIRECTORD in managers:
        problems += ldirectord_problems(cluster)
    if KEEPALIVED in managers:
        problems += keepalived_problems(cluster)
        problems += clients_way_problems(cluster)
    problems += announce_problems(cluster)
    problems += _overlap_problems(cluster)
    problems += _connection_problems(cluster)
    problems += cluster_name_problems(cluster)
    problems += director_problems(cluster)
    problems += real_server_problems(cluster)
    return problems


def managers_of(cluster: Cluster) -> list[str]:
    """Return who owns the tables of the directors, each once."""
    found = (cluster.hosts[name].manager for name in cluster.directors if name in cluster.hosts)
    return list(dict.fromkeys(found))


def _overlap_problems(cluster: Cluster) -> Iterator[Problem]:
    """Name the services whose packets another service's mark takes away."""
    claimed: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    for number, service in enumerate(cluster.services):
        if service.service.fwmark or _has_packets_to_lose(service):
            for address, ports in service.claims:
                where = claimed.setdefault((address, ports.protocol), [])
                where.append((ports.first, ports.last, number))
    told: set[tuple[int, int]] = set()
    for (address, protocol), claims in claimed.items():
        before: list[tuple[int, int, int]] = []
        for claim in sorted(claims):
            before = [other for other in before if other[1] >= claim[0]]
            for other in before:
                pair = (min(other[2], claim[2]), max(other[2], claim[2]))
                marked, loser = (cluster.services[number] for number in pair)
                if pair in told or marked.service.fwmark == loser.service.fwmark:
                    continue
                told.add(pair)
                if not marked.service.fwmark:
                    marked, loser = loser, marked
                first, last, _number = claim if cluster.services[claim[2]] is loser else other
                ports = MarkedPorts(protocol, first, last)
                yield Problem(
                    loser.name,
                    "ports" if loser.service.fwmark else "port",
                    f"{ports}/{protocol}",
                    f"of {address} has fwmark {marked.service.fwmark} of {marked.name} already,"
                    " which then takes its packets",
                    "leave the port out of one of the two",
                )
            before.append(claim)


def _has_packets_to_lose(service: VirtualService) -> bool:
    """Tell whether a mark may not take packets of a service by address.

    One of all ports has every other port of the address, and one whose servers all have weight 0
    takes no new connections: it only keeps those that it has.
    """
    emptying = all(member.server.weight == 0 for member in service.members)
    return service.service.port > 0 and not emptying


def _connection_problems(cluster: Cluster) -> Iterator[Problem]:
    """Name the services that would take the connections by which Ansible reaches a director."""
    for name in cluster.directors:
        host = cluster.hosts.get(name)
        if host is None or host.managed_at is None:
            continue
        ours, port = host.managed_at
        ssh = MarkedPorts("tcp", port, port)
        for service in cluster.services:
            if any(address == ours and ports.overlaps(ssh) for address, ports in service.claims):
                yield Problem(
                    service.name,
                    "",
                    None,
                    f"it takes port {port} of {ours} too, by which Ansible is connected to {name},"
                    " and which would lead to a real server from then on",
                    f"connect to another address of {name} (ansible_host), or leave the port out",
                )
