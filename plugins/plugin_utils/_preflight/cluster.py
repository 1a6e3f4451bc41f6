# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All refusals, in order; and services that take each other's packets.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    ServiceKey,
)

from .._cluster.marks import (
    MarkedPorts,
    claims,
)
from .._cluster.model import (
    KEEPALIVED,
    LDIRECTORD,
    Cluster,
    mappings,
)
from .._cluster.services import (
    service_name,
)
from .checks import check_problems
from .hosts import (
    _director_problems,
    _real_server_problems,
)
from .keepalived import (
    keepalived_problems,
)
from .ldirectord import (
    ldirectord_problems,
)
from .services import (
    _service_problems,
)


def preflight(cluster: Cluster, manager: str | None = None) -> list[str]:
    """Return what cannot work, a sentence each: the item, the field, the value, and the mend.

    A manager owns the table where the directors' C(director_manager) does not say who does.
    """
    managers = [manager] if manager is not None else _managers(cluster)
    if not isinstance(cluster.services, (list, tuple)):
        return [
            f"lvs_virtual_services {cluster.services!r} is not a list; give the list of services,"
            " or [] for none."
        ]
    problems: list[str] = []
    keys: dict[ServiceKey, str] = {}
    for number, service in enumerate(cluster.services, 1):
        if not isinstance(service, Mapping):
            problems.append(
                f"service {number} of lvs_virtual_services: {service!r} is not a mapping;"
                " give address, port and real_servers."
            )
            continue
        name = service_name(service, number)
        problems += [f"{name}: {told}" for told in check_problems(service, managers)]
        problems += _service_problems(cluster, service, name, keys, managers)
    if LDIRECTORD in managers:
        problems += ldirectord_problems(cluster)
    if KEEPALIVED in managers:
        problems += keepalived_problems(cluster)
    if not problems:
        problems += _overlap_problems(cluster)
        problems += _connection_problems(cluster)
    problems += _director_problems(cluster)
    problems += _real_server_problems(cluster)
    return list(dict.fromkeys(problems))


def _managers(cluster: Cluster) -> list[str]:
    """Return who owns the tables of the directors, each once."""
    hosts = [cluster.hosts[name] for name in cluster.directors if name in cluster.hosts]
    found = [str(host.variables.get("director_manager") or "static") for host in hosts]
    return list(dict.fromkeys(found))


def _is_emptying(service: Mapping[str, Any]) -> bool:
    """Tell whether a service takes no new connections, and only keeps those that it has."""
    return all(server.get("weight") == 0 for server in mappings(service.get("real_servers")))


def _overlap_problems(cluster: Cluster) -> list[str]:
    """Name the services whose packets another service's mark takes away."""
    problems = []
    for marked in mappings(cluster.services):
        if not marked.get("fwmark"):
            continue
        for other in mappings(cluster.services):
            if other is marked or (other.get("fwmark") and other["fwmark"] == marked["fwmark"]):
                continue
            if not other.get("fwmark") and (not other.get("port") or _is_emptying(other)):
                continue  # it has every other port of the address, or only what is left of it
            common = [
                (address, ports)
                for address, ports in claims(other)
                for its_address, its_ports in claims(marked)
                if address == its_address and ports.overlaps(its_ports)
            ]
            if common:
                address, ports = common[0]
                problems.append(
                    f"{service_name(other)}: {address} port {ports}/{ports.protocol} has"
                    f" fwmark {marked['fwmark']} of {service_name(marked)} already, which then"
                    " takes its packets; leave the port out of one of the two."
                )
    return problems


def _connection_problems(cluster: Cluster) -> list[str]:
    """Name the services that would take the connections by which Ansible reaches a director."""
    problems = []
    for name in cluster.directors:
        host = cluster.hosts.get(name)
        if host is None or host.managed_at is None:
            continue
        ours, port = host.managed_at
        ssh = MarkedPorts("tcp", port, port)
        for service in mappings(cluster.services):
            if any(address == ours and ports.overlaps(ssh) for address, ports in claims(service)):
                problems.append(
                    f"{service_name(service)}: it takes port {port} of {ours} too, by which Ansible"
                    f" is connected to {name}, and which would lead to a real server from then on;"
                    f" connect to another address of {name} (ansible_host), or leave the port out."
                )
    return problems
