# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With which address real servers behind NAT reach the outside, as rules of nftables.

Private to the collection: names and behaviour may change in any release.

It is the virtual address: a client knows no other, and takes what a real server begins itself, such
as the answer to a lock of NFSv3 that is free now, for a stranger's where it comes from another.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._cluster.model import Cluster, Host
from .._formats import nftables
from .director import uses_nat, virtual_addresses


def masquerading_rules(cluster: Cluster, host: Host, settings: Mapping[str, Any]) -> list[str]:
    """Return a rule of the chain C(postrouting) for each way out of each network.

    C(settings) are the role director's variables without its name.
    """
    leaving = settings["masquerade_interfaces"] or public_interfaces(cluster, host)
    return [
        rule
        for network in masqueraded_networks(cluster, host, settings)
        for rule in _rules(cluster, host, leaving, network)
    ]


def masqueraded_networks(cluster: Cluster, host: Host, settings: Mapping[str, Any]) -> list[str]:
    """Return the networks that may reach the outside: those that the user names, if any."""
    if not settings["masquerade"]:
        return []
    return list(settings["masquerade_networks"]) or real_server_networks(cluster, host)


def real_server_networks(cluster: Cluster, host: Host) -> list[str]:
    """Return the networks that the director reaches real servers behind NAT by."""
    found: dict[str, None] = {}
    for _address, rip in _pairs(cluster):
        towards = host.interface_towards(rip)
        if towards is not None:
            found[str(towards[1])] = None
    return list(found)


def public_interfaces(cluster: Cluster, host: Host) -> list[str]:
    """Return the interfaces of the virtual addresses that no real server behind NAT is on."""
    translated = {address for address, _rip in _pairs(cluster)}
    inside = {
        towards[0].name
        for _address, rip in _pairs(cluster)
        if (towards := host.interface_towards(rip)) is not None
    }
    places = (
        place["interface"]
        for place in virtual_addresses(cluster, host)
        if place["address"] in translated
    )
    return [name for name in dict.fromkeys(places) if name not in ("", "lo", *inside)]


def _rules(cluster: Cluster, host: Host, interfaces: Sequence[str], network: str) -> Iterator[str]:
    family = "ip6" if ":" in network else "ip"
    without = []
    for interface in interfaces:
        serves = _served_as(cluster, host, interface, network)
        if not serves:
            without.append(interface)
            continue
        leaving = f"{family} daddr != {network} oifname {nftables.string(interface)}"
        first, *others = serves
        for address in others:
            if serves[address]:
                own = f"{family} saddr {{ {', '.join(serves[address])} }}"
                yield f"{own} {leaving} snat {family} to {address}"
        yield f"{family} saddr {network} {leaving} snat {family} to {first}"
    if without:
        leaving = f"{family} daddr != {network} oifname {nftables.strings(without)}"
        yield f"{family} saddr {network} {leaving} masquerade"


def _served_as(cluster: Cluster, host: Host, interface: str, network: str) -> dict[str, list[str]]:
    """Return the virtual addresses of an interface, and which real servers have each.

    One that serves several has the one that is described first.
    """
    holds = ipaddress.ip_network(network, strict=False)
    there = {
        place["address"]
        for place in virtual_addresses(cluster, host)
        if place["interface"] == interface
        and ipaddress.ip_address(place["address"]).version == holds.version
    }
    found: dict[str, list[str]] = {}
    placed: set[str] = set()
    for address, rip in _pairs(cluster):
        if address not in there:
            continue
        served = found.setdefault(address, [])
        if rip not in placed and ipaddress.ip_address(rip) in holds:
            placed.add(rip)
            served.append(rip)
    return found


def _pairs(cluster: Cluster) -> Iterator[tuple[str, str]]:
    """Give each virtual address with each real server that is behind NAT of it, in order."""
    for service in filter(uses_nat, cluster.services):
        for address in service.addresses:
            for member in service.served_by:
                if member.server.forward == "nat":
                    yield address, member.server.address
