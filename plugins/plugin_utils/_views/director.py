# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director needs.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    DEFAULT_SCHEDULER,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    address_family,
)

from .._cluster.marks import (
    mark_rules,
    virtual_addresses_of,
)
from .._cluster.model import (
    Cluster,
    prefix_length,
)
from .._cluster.services import (
    forward_of,
    rip_of,
    served_by,
    service_family,
)


def key_arguments(service: Mapping[str, Any]) -> str:
    """Return how ipvsadm names a service of the table: C(-t 192.0.2.1:80), C(-f 10 -6)."""
    if service.get("fwmark"):
        return f"-f {service['fwmark']}" + (" -6" if service.get("family") == "ipv6" else "")
    option = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}[service["protocol"]]
    address = service["virtual_address"]
    host = f"[{address}]" if ":" in address else address
    return f"{option} {host}:{service['virtual_port']}"


def forgotten_services(
    former: Iterable[str], services: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the services of an earlier run that the description no longer has.

    C(former) is what C(key_arguments) wrote then, so that nothing goes that was never ours.
    """
    kept = {key_arguments(service) for service in services}
    forgotten: list[dict[str, Any]] = []
    for line in former:
        words = line.split()
        if not words or line.startswith("#") or line in kept:
            continue
        if words[0] == "-f":
            family = "ipv6" if "-6" in words else "ipv4"
            forgotten.append({"fwmark": int(words[1]), "family": family})
            continue
        address, port = words[1].rsplit(":", 1)
        forgotten.append(
            {
                "protocol": {"-t": "tcp", "-u": "udp"}.get(words[0], "sctp"),
                "virtual_address": address.strip("[]"),
                "virtual_port": int(port),
            }
        )
    return forgotten


def virtual_addresses(cluster: Cluster, director: str) -> list[dict[str, Any]]:
    """Return each virtual address, with its interface and prefix length on this director.

    An address that is there already keeps what it has: it may be the host's own.
    """
    host = cluster.hosts[director]
    found: list[dict[str, Any]] = []
    for address in _all_virtual_addresses(cluster):
        holder = host.holder_of(address)
        if holder is not None:
            interface, prefix = holder.name, holder.prefix_of(address)
        else:
            interface = str(host.variables.get("director_vip_interface") or "")
            link = host.link_to(address)
            if not interface and link is not None:
                interface = link[0].name
            prefix = prefix_length(host.variables.get("director_vip_prefix"))
        if prefix is None:
            prefix = ipaddress.ip_address(address).max_prefixlen
        found.append({"address": address, "prefix": prefix, "interface": interface})
    return found


def _all_virtual_addresses(cluster: Cluster) -> list[str]:
    found = [a for service in cluster.services for a in virtual_addresses_of(service)]
    return list(dict.fromkeys(found))


def floating_addresses(cluster: Cluster, director: str) -> list[str]:
    """Return the addresses that move between directors, where a director may die.

    They are the virtual addresses, and for NAT the one that the real servers have as gateway.
    """
    found = _all_virtual_addresses(cluster)
    dip = str(cluster.hosts[director].variables.get("lvs_dip") or "")
    if forwarding_families(cluster) and address_family(dip) is not None:
        found.append(str(ipaddress.ip_address(dip)))
    return list(dict.fromkeys(found))


def forwarding_families(cluster: Cluster) -> list[str]:
    """Return the families whose packets a director has to forward: those of NAT alone."""
    found = {
        service_family(service) or ""
        for service in cluster.services
        for server in served_by(service)
        if forward_of(service, server) == "nat"
    }
    return sorted(found)


def marking(cluster: Cluster) -> list[str]:
    """Return the rules of nftables that give the services' packets their firewall marks."""
    return mark_rules(cluster.services)


def masquerading(cluster: Cluster, director: str) -> dict[str, list[str]]:
    """Return the real servers' networks, and the public interfaces that they may leave by."""
    host = cluster.hosts[director]
    networks: dict[str, None] = {}
    inside: set[str] = set()
    for service in cluster.services:
        for server in served_by(service):
            if forward_of(service, server) != "nat":
                continue
            link = host.link_to(rip_of(cluster, service, server))
            if link is not None:
                inside.add(link[0].name)
                networks[str(link[1])] = None
    translated = {
        address
        for service in cluster.services
        if any(forward_of(service, server) == "nat" for server in served_by(service))
        for address in virtual_addresses_of(service)
    }
    public = {
        vip["interface"]: None
        for vip in virtual_addresses(cluster, director)
        if vip["address"] in translated and vip["interface"] not in ("", "lo", *inside)
    }
    return {"networks": list(networks), "interfaces": list(public)}


def schedulers(cluster: Cluster) -> list[str]:
    """Return the schedulers that the services use."""
    return sorted({str(s.get("scheduler") or DEFAULT_SCHEDULER) for s in cluster.services})
