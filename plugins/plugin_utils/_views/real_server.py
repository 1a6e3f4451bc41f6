# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real server has to have of its own: virtual addresses, tunnel devices, ports for tunnels.

Private to the collection: names and behaviour may change in any release.

Pure code. A tunnel comes in by the device that the kernel has for its kind, which takes packets
from any director: C(tunl0) and its like.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    address_family,
)

from .._cluster.marks import (
    virtual_addresses_of,
)
from .._cluster.model import Cluster
from .._cluster.services import (
    forward_of,
    resolved_server,
    resolved_service,
    rip_of,
    served_by,
    service_family,
)

# The role that a host needs for being a real server of a service that forwards so.
REAL_SERVER_ROLES: Mapping[str, str] = {
    "nat": "nat_real_server",
    "dr": "dr_real_server",
    "tun": "tun_real_server",
}


def real_server_roles(cluster: Cluster, host: str) -> list[str]:
    """Return the roles that a host needs for the services that name it."""
    needed = {
        REAL_SERVER_ROLES[forward_of(service, server)]
        for service in cluster.services
        for server in served_by(service)
        if server.get("host") == host and forward_of(service, server) in REAL_SERVER_ROLES
    }
    return sorted(needed)


def nat_gateway(cluster: Cluster) -> str:
    """Return the director's address that the real servers behind NAT have to answer through."""
    dips = {str(cluster.hosts[name].variables.get("lvs_dip") or "") for name in cluster.directors}
    return min(dips) if dips else ""


def link_to(cluster: Cluster, host: str, address: str) -> str:
    """Return the host's interface whose network contains the address; empty where there is none."""
    link = cluster.hosts[host].link_to(address) if host in cluster.hosts else None
    return link[0].name if link is not None else ""


class Tunnel(NamedTuple):
    """How a real server takes the packets of a service out of a tunnel."""

    device: str
    module: str
    outer_family: str
    gue_port: int = 0


# The kernel's device for packets of the inner family that come in packets of the outer one, and the
# module that brings it. GUE is taken off by a UDP port, and leaves what these devices read.
_DEVICES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("ipv4", "ipv4"): ("tunl0", "ipip"),
    ("ipv4", "ipv6"): ("sit0", "sit"),
    ("ipv6", "ipv4"): ("ip6tnl0", "ip6_tunnel"),
    ("ipv6", "ipv6"): ("ip6tnl0", "ip6_tunnel"),
}
_GRE_DEVICES: Mapping[str, tuple[str, str]] = {
    "ipv4": ("gre0", "ip_gre"),
    "ipv6": ("ip6gre0", "ip6_gre"),
}


def tunnel_of(inner_family: str, server: Mapping[str, Any]) -> Tunnel:
    """Return the tunnel to a real server of the table, for clients of a family."""
    outer = address_family(server["address"]) or "ipv4"
    if server["tunnel_type"] == "gre":
        device, module = _GRE_DEVICES[outer]
    else:
        device, module = _DEVICES[outer, inner_family]
    return Tunnel(device, module, outer, int(server.get("tunnel_port") or 0))


def dr_addresses(cluster: Cluster, host: str) -> list[str]:
    """Return the virtual addresses that a real server by direct routing has on C(lo)."""
    found = [
        address
        for service, _server in _servers_on(cluster, host, "dr")
        for address in virtual_addresses_of(service)
    ]
    return list(dict.fromkeys(found))


def tun_settings(cluster: Cluster, host: str) -> dict[str, Any]:
    """Return devices, GUE ports and virtual addresses of a real server behind tunnels."""
    devices: dict[str, str] = {}
    ports: dict[tuple[str, int], None] = {}
    addresses: dict[tuple[str, str], None] = {}
    for service, server in _servers_on(cluster, host, "tun"):
        key = resolved_service(service).key
        entry = resolved_server(service, key, server, rip_of(cluster, service, server))
        tunnel = tunnel_of(service_family(service) or "ipv4", entry)
        devices[tunnel.device] = tunnel.module
        if tunnel.gue_port:
            ports[tunnel.outer_family, tunnel.gue_port] = None
        for address in virtual_addresses_of(service):
            addresses[address, tunnel.device] = None
    return {
        "devices": [{"name": name, "module": module} for name, module in devices.items()],
        "ports": [{"family": family, "port": port} for family, port in ports],
        "addresses": [{"address": address, "interface": device} for address, device in addresses],
    }


def _servers_on(
    cluster: Cluster, host: str, forward: str
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for service in cluster.services:
        for server in served_by(service):
            if server.get("host") == host and forward_of(service, server) == forward:
                yield service, server
