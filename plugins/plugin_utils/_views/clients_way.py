# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks by the clients' way: from where a director asks, and what its kernel needs for the answer.

Private to the collection: names and behaviour may change in any release.

The answer comes from the virtual address. A director that has that address itself takes it with
C(accept_local) only, and where the address is on another interface, with an C(rp_filter) that is
not strict (Documentation/networking/ip-sysctl.rst, fib_validate_source in the kernel). Of IPv6 it
takes it in any case. Pure code.
"""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils._values import address_family

from .._cluster.clients_way import Way, asked_by, marks
from .._cluster.model import KEEPALIVED, Cluster, Host
from .vrrp import interface_of, own_address


def sources(cluster: Cluster, host: Host) -> dict[Way, str]:
    """Return the director's address from which it asks by each way; none where it has none.

    It is one that stays with it: the real server would take a packet from the virtual address for
    its own.
    """
    places = {way: (link_towards(host, way), way.family) for way in marks(cluster)}
    own = {place: own_address(cluster, host, *place) for place in {*places.values()}}
    found = ((way, own[place]) for way, place in places.items())
    return {way: source for way, source in found if source is not None}


def link_towards(host: Host, way: Way) -> str:
    """Return the interface by which a director reaches a real server; empty where nobody knows."""
    address = way.server.address
    family = address_family(address)
    gateways = (gateway for gateway in host.gateways if address_family(gateway) == family)
    for near in (address, *gateways):
        towards = host.interface_towards(near)
        if towards is not None:
            return towards[0].name
    return ""


def setting_lines(cluster: Cluster, host: Host) -> list[str]:
    """Return a path below C(/proc/sys) and a value for each setting, a line each.

    The program that sets them leaves an C(rp_filter) alone that is not strict.
    """
    if host.manager != KEEPALIVED:
        return []
    known = sources(cluster, host)
    found: dict[str, None] = {}
    for way, address in asked_by(cluster):
        if way in known and way.family == "ipv4":
            link = link_towards(host, way)
            found[f"net/ipv4/conf/{link}/accept_local 1"] = None
            if interface_of(host, address) != link:
                found[f"net/ipv4/conf/{link}/rp_filter 2"] = None
    return [*found]
