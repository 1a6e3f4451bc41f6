# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules by which a director keeps quiet about connections that it does not know yet.

Private to the collection: names and behaviour may change in any release.

IPVS holds back a message about connections for up to two seconds (IPVS_SYNC_FLUSH_TIME in the
kernel's ip_vs_sync.c). A director that takes over meanwhile would refuse the client's next packet
by a reset, or send the real server's answer on with an address that the client does not know.
Either ends a connection that the director is about to hear of. Pure code.
"""

from __future__ import annotations

from collections.abc import Iterable

from .._cluster.model import Cluster, mappings
from .._cluster.services import (
    forward_of,
    resolved_server,
    resolved_service,
    rip_of,
)
from .director import floating_addresses

# While a set has an element, the director is what it is called.
_DRAINING = "meta l4proto @draining drop"
_UNSETTLED = "meta l4proto @unsettled drop"


def beginning_rules(cluster: Cluster, director: str) -> list[str]:
    """Return nftables' rules, for what comes to a director, by which no connection begins."""
    return [
        f"{family} daddr {{ {', '.join(addresses)} }} tcp flags & (syn | ack) == syn {_DRAINING}"
        for family, addresses in _by_family(floating_addresses(cluster, director))
    ]


def refusal_rules(cluster: Cluster, director: str) -> list[str]:
    """Return nftables' rules, for what a director itself sends, by which it refuses nobody."""
    return [
        f"{family} saddr {{ {', '.join(addresses)} }} tcp flags & rst == rst {_UNSETTLED}"
        for family, addresses in _by_family(floating_addresses(cluster, director))
    ]


def answer_rules(cluster: Cluster) -> list[str]:
    """Return nftables' rules, for what a director sends on, by which it leaves answers to IPVS.

    They are of real servers behind NAT; what IPVS knows has the virtual address already.
    """
    rules = []
    for server, port in _behind_nat(cluster):
        family = "ip6" if ":" in server else "ip"
        source = f"{family} saddr {server}" + (f" tcp sport {port}" if port else "")
        rules.append(f"{source} tcp flags & (syn | ack) != syn ct state new,invalid {_UNSETTLED}")
    return rules


def _behind_nat(cluster: Cluster) -> list[tuple[str, int]]:
    found: dict[tuple[str, int], None] = {}
    for service in cluster.services:
        resolved = resolved_service(service)
        for server in mappings(service.get("real_servers")):
            if forward_of(service, server) == "nat" and resolved.protocol in ("", "tcp"):
                rip = rip_of(cluster, service, server)
                entry = resolved_server(service, resolved.key, server, rip)
                found[entry["address"], entry["port"]] = None
    return list(found)


def _by_family(addresses: Iterable[str]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for address in addresses:
        found.setdefault("ip6" if ":" in address else "ip", []).append(address)
    return list(found.items())
