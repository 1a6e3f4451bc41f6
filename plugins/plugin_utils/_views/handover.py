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

from .._cluster.model import Cluster, Host
from .director import floating_addresses

# While a set has an element, the director is what it is called.
_DRAINING = "meta l4proto @draining drop"
_UNSETTLED = "meta l4proto @unsettled drop"


def hold_syn(cluster: Cluster, host: Host) -> list[str]:
    """Return nftables' rules, for what comes to a director, by which no connection begins."""
    return [
        f"{family} daddr {{ {', '.join(addresses)} }} tcp flags & (syn | ack) == syn {_DRAINING}"
        for family, addresses in _by_family(floating_addresses(cluster, host))
    ]


def hold_rst(cluster: Cluster, host: Host) -> list[str]:
    """Return nftables' rules, for what a director itself sends, by which it refuses nobody."""
    return [
        f"{family} saddr {{ {', '.join(addresses)} }} tcp flags & rst == rst {_UNSETTLED}"
        for family, addresses in _by_family(floating_addresses(cluster, host))
    ]


def hold_answers(cluster: Cluster) -> list[str]:
    """Return nftables' rules, for what a director sends on, by which it leaves answers to IPVS.

    They are of real servers behind NAT; what IPVS knows has the virtual address already.
    """
    rules = []
    for address, port in _behind_nat(cluster):
        source = f"{_word(address)} saddr {address}" + (f" tcp sport {port}" if port else "")
        rules.append(f"{source} tcp flags & (syn | ack) != syn ct state new,invalid {_UNSETTLED}")
    return rules


def _behind_nat(cluster: Cluster) -> list[tuple[str, int]]:
    found = (
        member.server.key
        for service in cluster.services
        if service.service.protocol in ("", "tcp")
        for member in service.members
        if member.server.forward == "nat"
    )
    return list(dict.fromkeys(found))


def _by_family(addresses: Iterable[str]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for address in addresses:
        found.setdefault(_word(address), []).append(address)
    return list(found.items())


def _word(address: str) -> str:
    return "ip6" if ":" in address else "ip"
