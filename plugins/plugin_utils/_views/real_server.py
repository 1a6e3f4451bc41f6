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

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer

from .._cluster.model import Cluster, VirtualService
from .._cluster.units import REAL_SERVERS, owner_of

# The role that a host needs for being a real server of a service that forwards so.
REAL_SERVER_ROLES: Mapping[str, str] = {
    "nat": "nat_real_server",
    "dr": "dr_real_server",
    "tun": "tun_real_server",
}


def real_server_roles(cluster: Cluster, host: str) -> list[str]:
    """Return the roles that a host needs for the services that name it."""
    needed = {REAL_SERVER_ROLES[server.forward] for _service, server in _servers_on(cluster, host)}
    return sorted(needed)


def owners(cluster: Cluster, host: str) -> dict[str, str]:
    """Return whose units a real server's are, by how packets reach it."""
    name = cluster.hosts[host].cluster
    return {forward: owner_of(kind, name) for forward, kind in REAL_SERVERS.items()}


def cluster_addresses(cluster: Cluster) -> list[str]:
    """Return the addresses that tell this cluster from others that have the same real servers.

    They are the virtual addresses, and those of the directors on networks where there are virtual
    addresses or real servers. There are none while facts of a director are missing.
    """
    found = {address for service in cluster.services for address in service.addresses}
    servers = {member.server.address for each in cluster.services for member in each.served_by}
    directors = [cluster.hosts[name] for name in cluster.directors if name in cluster.hosts]
    if not all(director.interfaces for director in directors):
        return []
    near = (*found, *servers)
    for director in directors:
        found |= {director.dip} - {""}
        for interface in director.interfaces:
            for address, network in interface.own_networks:
                if any(network.holds(other) for other in near):
                    found.add(address)
    return sorted(found)


def nat_gateway(cluster: Cluster) -> str:
    """Return the director's address that the real servers behind NAT have to answer through."""
    dips = {cluster.hosts[name].dip for name in cluster.directors if name in cluster.hosts}
    return min(dips, default="")


def interface_towards(cluster: Cluster, host: str, address: str) -> str:
    """Return the host's interface whose network contains the address; empty where there is none."""
    found = cluster.hosts[host].interface_towards(address) if host in cluster.hosts else None
    return found[0].name if found is not None else ""


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


def tunnel_of(inner_family: str, server: RealServer) -> Tunnel:
    """Return the tunnel to a real server of the table, for clients of a family."""
    outer = server.family
    if server.tunnel_type == "gre":
        device, module = _GRE_DEVICES[outer]
    else:
        device, module = _DEVICES[outer, inner_family]
    return Tunnel(device, module, outer, server.tunnel_port)


def dr_addresses(cluster: Cluster, host: str) -> list[str]:
    """Return the virtual addresses that a real server by direct routing has on C(lo)."""
    found = [
        address
        for service, server in _servers_on(cluster, host)
        if server.forward == "dr"
        for address in service.addresses
    ]
    return list(dict.fromkeys(found))


def tun_settings(cluster: Cluster, host: str) -> dict[str, Any]:
    """Return devices, GUE ports and virtual addresses of a real server behind tunnels."""
    devices: dict[str, str] = {}
    ports: dict[tuple[str, int], None] = {}
    addresses: dict[tuple[str, str], None] = {}
    for service, server in _servers_on(cluster, host):
        if server.forward != "tun":
            continue
        tunnel = tunnel_of(service.service.family, server)
        devices[tunnel.device] = tunnel.module
        if tunnel.gue_port:
            ports[tunnel.outer_family, tunnel.gue_port] = None
        for address in service.addresses:
            addresses[address, tunnel.device] = None
    return {
        "devices": [{"name": name, "module": module} for name, module in devices.items()],
        "ports": [{"family": family, "port": port} for family, port in ports],
        "addresses": [{"address": address, "interface": device} for address, device in addresses],
    }


def _servers_on(cluster: Cluster, host: str) -> Iterator[tuple[VirtualService, RealServer]]:
    for service in cluster.services:
        for member in service.served_by:
            if member.host == host:
                yield service, member.server
