# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the one description of a cluster to what each host needs.

Private to the collection: names and behaviour may change in any release.

The description is C(lvs_virtual_services) and the hosts' own variables. Everything else is
derived here: the director's table, virtual addresses, marks and masquerading, the real servers'
gateway and addresses. Pure code: the filter plugins hand it the inventory and facts, and it hands
back values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    DEFAULT_FORWARD,
    TUNNEL_FIELDS,
    Service,
    ServiceKey,
    check_service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    parse_real_server,
    parse_service,
    resolve_real_server,
    resolve_service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    address_family,
)

from .model import (
    _NOT_THE_TABLES,
    MODULE_NAMES,
    Cluster,
    mappings,
)
from .sorry_server import (
    sorry_server_of,
)


def served_by(service: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return all to whom a service may be forwarded: its real servers and its sorry server."""
    servers = mappings(service.get("real_servers"))
    sorry_server = sorry_server_of(service)
    return servers if sorry_server is None else [*servers, sorry_server]


def service_name(service: Mapping[str, Any], number: int = 0) -> str:
    """Return what messages and reports call a service of the description."""
    if service.get("name"):
        return f"service {service['name']}"
    if service.get("address"):
        return f"service {service['address']}:{service.get('port', '')}"
    if service.get("fwmark"):
        return f"service fwmark {service['fwmark']}"
    return f"service {number}" if number else "service"


# ---- the director's table ---------------------------------------------------------------------
def _wanted(service: Mapping[str, Any]) -> dict[str, Any]:
    return {
        MODULE_NAMES.get(name, name): value
        for name, value in service.items()
        if name not in _NOT_THE_TABLES
    }


def resolved_service(service: Mapping[str, Any]) -> Service:
    """Return a service of the description as the table has it."""
    wanted = parse_service(_wanted(service))
    resolved = resolve_service(wanted)
    check_service(resolved)
    return resolved


def resolved_server(
    service: Mapping[str, Any], key: ServiceKey, server: Mapping[str, Any], address: str
) -> dict[str, Any]:
    """Return a server of a service as the table has it, at this address."""
    wanted = {name: value for name, value in server.items() if name != "host"}
    wanted["address"] = address
    wanted.setdefault("forward", service.get("forward") or DEFAULT_FORWARD)
    if wanted["forward"] == "tun":
        for name in TUNNEL_FIELDS:
            if service.get(name) is not None:
                wanted.setdefault(name, service[name])
    return resolve_real_server(parse_real_server(wanted, key), key).as_result()


def ipvs_services(cluster: Cluster) -> list[dict[str, Any]]:
    """Return the services as M(lvs.cluster.ipvs_table) takes them.

    Every field is spelled out: one that is taken out of the description goes back to its default.
    """
    table = []
    for service in cluster.services:
        resolved = resolved_service(service)
        entry = resolved.as_result()
        if not resolved.fwmark:
            del entry["family"]
        entry["real_servers"] = [
            resolved_server(service, resolved.key, server, rip_of(cluster, service, server))
            for server in service.get("real_servers") or ()
        ]
        table.append(entry)
    return table


def resolved_sorry_server(cluster: Cluster, service: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a service's sorry server as the table would have it; None where it has none."""
    given = sorry_server_of(service)
    if given is None:
        return None
    key = resolved_service(service).key
    return resolved_server(service, key, given, rip_of(cluster, service, given))


def service_family(service: Mapping[str, Any]) -> str | None:
    """Return the family of a service's clients; None where its address is none."""
    if service.get("fwmark"):
        return str(service.get("family") or "ipv4")
    return address_family(str(service.get("address") or ""))


def rip_of(cluster: Cluster, service: Mapping[str, Any], server: Mapping[str, Any]) -> str:
    """Return the address by which the director reaches a server of a service.

    It is the host's of the service's family; a tunnel may lead to one of the other family.
    """
    if server.get("address"):
        return str(server["address"])
    name = str(server.get("host"))
    host = cluster.hosts.get(name)
    variables = host.variables if host is not None else {}
    given = [str(variables[key]) for key in ("lvs_rip", "lvs_rip6") if variables.get(key)]
    if not given:
        raise ModelError(
            f"host {name}: lvs_rip is not given; give the host's address on the real servers'"
            " network."
        )
    family = service_family(service)
    fitting = [rip for rip in given if address_family(rip) == family]
    # One of no family at all is for the model to name.
    if (
        not fitting
        and forward_of(service, server) != "tun"
        and all(map(address_family, given))
        and family is not None
    ):
        wanted = "lvs_rip6" if family == "ipv6" else "lvs_rip"
        raise ModelError(
            f"host {name}: {wanted} is not given, and {service_name(service)} is"
            f" {'IPv6' if family == 'ipv6' else 'IPv4'}; give the host's address of that family."
        )
    return (fitting or given)[0]


def forward_of(service: Mapping[str, Any], server: Mapping[str, Any]) -> str:
    """Return by which method a service's packets reach a server."""
    return str(server.get("forward") or service.get("forward") or DEFAULT_FORWARD)
