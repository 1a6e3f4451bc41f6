# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory and facts to a Cluster.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    canonical_address,
)

from .marks import (
    by_family,
)
from .model import (
    Cluster,
    Host,
    Interface,
    mappings,
)
from .services import served_by

SSH_PORT = 22


def interfaces_of_facts(facts: Mapping[str, Any]) -> tuple[Interface, ...]:
    """Read the interfaces and their addresses out of Ansible's network facts."""
    found = []
    for name in facts.get("interfaces") or ():
        if name == "lo":
            continue
        fact = facts.get(re.sub(r"[^A-Za-z0-9_]", "_", name)) or {}
        addresses = []
        for entry in (fact.get("ipv4"), *(fact.get("ipv4_secondaries") or ())):
            if entry and entry.get("address") and entry.get("netmask"):
                prefix = ipaddress.ip_network(f"0.0.0.0/{entry['netmask']}").prefixlen
                addresses.append(f"{entry['address']}/{prefix}")
        addresses += [
            f"{entry['address']}/{entry['prefix']}"
            for entry in fact.get("ipv6") or ()
            if entry.get("scope") != "link"
        ]
        found.append(Interface(str(name), tuple(addresses)))
    return tuple(found)


def gateways_of_facts(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the default gateways, at most one a family, out of Ansible's network facts."""
    routes = [facts.get(f"default_{family}") or {} for family in ("ipv4", "ipv6")]
    return tuple(str(route["gateway"]) for route in routes if route.get("gateway"))


def managed_at(variables: Mapping[str, Any], name: str) -> tuple[str, int] | None:
    """Return the address and port by which Ansible is connected to a host.

    The host tells it, in its facts, unless C(sudo) has dropped what SSH said; then the inventory
    does, where it has an address and not a name.
    """
    facts = variables.get("ansible_facts") or {}
    words = str((facts.get("env") or {}).get("SSH_CONNECTION") or "").split()
    if len(words) != 4:
        if (variables.get("ansible_connection") or "ssh") not in ("ssh", "smart", "paramiko"):
            return None
        words = ["", "", str(variables.get("ansible_host") or name)]
        words.append(str(variables.get("ansible_port") or SSH_PORT))
    address = canonical_address(words[2].split("%")[0])
    return (address, int(words[3])) if address and words[3].isdecimal() else None


def cluster_of_inventory(
    services: Any, hostvars: Mapping[str, Any], groups: Mapping[str, Sequence[str]]
) -> Cluster:
    """Gather the description and the variables of the hosts that have a part in it."""
    directors = list(groups.get("directors") or ())
    real_servers = list(groups.get("real_servers") or ())
    named = [
        str(server["host"])
        for service in mappings(services)
        for server in served_by(service)
        if server.get("host")
    ]
    hosts = {}
    for name in dict.fromkeys([*directors, *real_servers, *named]):
        if name not in hostvars:
            continue
        variables = hostvars[name]
        hosts[name] = Host(
            name,
            {
                key: variables.get(key)
                for key in (
                    "lvs_dip",
                    "lvs_rip",
                    "lvs_rip6",
                    "director_manager",
                    "director_vip_interface",
                    "director_vip_prefix",
                    "director_kernel_ipvs",
                    "director_arp_ignoring",
                    "nat_real_server_gateway",
                )
            },
            interfaces_of_facts(variables.get("ansible_facts") or {}),
            gateways_of_facts(variables.get("ansible_facts") or {}),
            managed_at(variables, name),
        )
    if isinstance(services, (list, tuple)):
        services = [
            one
            for service in services
            for one in (by_family(service) if isinstance(service, Mapping) else [service])
        ]
    return Cluster(services, hosts, directors, real_servers)
