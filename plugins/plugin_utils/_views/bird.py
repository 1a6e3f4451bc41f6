# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director announces, and to whom, in the words of BIRD 2's configuration.

Private to the collection: names and behaviour may change in any release.

Written against BIRD 2.0.12 to 2.17. Routes are in tables of their own, so that nobody else's
protocol has them, nor ours anybody else's. What is announced is what C(lo) has of the virtual
addresses; a router is told of nothing else. Pure code.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator

from .._cluster.announce import Announce, Peer
from .._cluster.model import STATIC, Cluster, Host, VirtualService
from .._formats.bird import block, interval, key, option, prefixes, symbol
from .director import all_virtual_addresses, key_arguments, longest_prefix

FAMILIES = ("ipv4", "ipv6")
# What the program lvs-announce enables and disables, and where it says so for the next reload. A
# file that is missing is no mistake to BIRD where there is a wildcard.
ADDRESSES = "lvs_addresses"
_STATE = 'include "/run/lvs-cluste[r]/announce.{name}";'
# What a health checker runs then.
PROGRAM = "/usr/local/sbin/lvs-announce"
# Seconds within which a director has all that it serves with, after its units have started.
PATIENCE = 180
# Above what BIRD gives to routes of interfaces, 240.
_PREFERENCE = 1000
# Seconds after which BIRD tries to reach a router again: by itself 60 to 300.
_AGAIN = ("connect delay time 1;", "connect retry time 5;", "error wait time 1, 5;")
# BFD's, and of a session without it.
_MULTIPLIER = 3
_HOLD_TIME = 9


def blocks(cluster: Cluster, host: Host) -> list[list[str]]:
    """Return the lines of what is announced, and of each session; none where nothing is."""
    if host.announce is None:
        return []
    addresses = {family: _of_family(cluster, family) for family in FAMILIES}
    return [
        list(_head(cluster, host, addresses)),
        block(f"protocol direct {ADDRESSES}", _direct_lines(addresses)),
        *map(_withdrawal, withdrawn(cluster, host)),
        *(
            block(f"protocol bgp {name}", _session(cluster, host, host.announce, peer))
            for name, peer in sessions(cluster, host)
        ),
    ]


def bfd(cluster: Cluster, host: Host) -> list[str]:
    """Return the lines by which BIRD speaks BFD at all; none where no session has it."""
    has_it = any(peer.bfd for _name, peer in sessions(cluster, host))
    return block("protocol bfd lvs_bfd", []) if has_it else []


def device() -> list[str]:
    """Return the lines by which BIRD knows of interfaces at all."""
    return block("protocol device lvs_device", [])


def sessions(cluster: Cluster, host: Host) -> list[tuple[str, Peer]]:
    """Return each router that has something to be told, and the name of the session with it."""
    peers = host.announce.peers if host.announce is not None else ()
    return [
        (f"lvs_peer_{number}", peer)
        for number, peer in enumerate(peers, 1)
        if _of_family(cluster, peer.family)
    ]


def withdrawn(cluster: Cluster, host: Host) -> list[str]:
    """Return each address that a health checker may withdraw."""
    is_checked = host.announce is not None and host.manager != STATIC
    return all_virtual_addresses(cluster) if is_checked else []


def looked_at(cluster: Cluster, host: Host) -> list[tuple[str, VirtualService]]:
    """Return each address that is withdrawn when none of its services has a server left, with each.

    Where a sorry server answers, or all servers have weight 0, which is to be so, an address stays.
    """
    found: list[tuple[str, VirtualService]] = []
    for address in withdrawn(cluster, host):
        own = [service for service in cluster.services if address in service.addresses]
        if all(service.sorry_server is None and _takes_clients(service) for service in own):
            found += [(address, service) for service in own]
    return found


def service_lines(cluster: Cluster, host: Host) -> list[str]:
    """Return the same as lines: the address, and what ipvsadm calls the service."""
    found = looked_at(cluster, host)
    return [f"{address} {key_arguments(service.service.key)}" for address, service in found]


def tellers(cluster: Cluster, host: Host) -> frozenset[str]:
    """Return the names of the services of which a health checker tells when a server goes."""
    return frozenset(service.name for _address, service in looked_at(cluster, host))


def _takes_clients(service: VirtualService) -> bool:
    return any(member.server.weight for member in service.in_table)


def router_id(cluster: Cluster, host: Host) -> str:
    """Return the number by which routers know the director: an address that is its alone.

    By itself BIRD takes the lowest that the host has, which may be a virtual address, the same on
    all directors. One without an address of IPv4 has a number made of its name.
    """
    own = own_addresses(cluster, host, "ipv4")
    if own:
        return own[0]
    octets = hashlib.sha256(host.name.encode()).digest()[:4]
    return str(ipaddress.IPv4Address(int.from_bytes(octets, "big") or 1))


def own_addresses(cluster: Cluster, host: Host, family: str) -> list[str]:
    """Return the addresses of a family that are the host's alone, those towards a router first.

    After them come those on the network of a default gateway.
    """
    virtual = {*all_virtual_addresses(cluster)}
    found = [
        (address.split("/")[0], network)
        for link in host.interfaces
        for address, network in link.own_networks
        if (":" in address) == (family == "ipv6") and address.split("/")[0] not in virtual
    ]
    peers = host.announce.peers if host.announce is not None else ()
    near = [peer.address for peer in peers]
    order = [*near, *host.gateways]
    ranks = {
        address: next((n for n, one in enumerate(order) if network.holds(one)), len(order))
        for address, network in found
    }
    return sorted(ranks, key=lambda address: ranks[address])


def local_address(cluster: Cluster, host: Host, peer: Peer) -> str | None:
    """Return the address from which a director speaks to a router that is on no link of its."""
    return next(iter(own_addresses(cluster, host, peer.family)), None)


def _of_family(cluster: Cluster, family: str) -> list[str]:
    found = all_virtual_addresses(cluster)
    return [one for one in found if (":" in one) == (family == "ipv6")]


def _head(cluster: Cluster, host: Host, addresses: dict[str, list[str]]) -> Iterator[str]:
    if not own_addresses(cluster, host, "ipv4"):
        # BIRD does not start without one.
        yield f"router id {router_id(cluster, host)};"
    for family, found in addresses.items():
        if found:
            yield f"{family} table lvs_{family};"
            exact = (f"{address}/{longest_prefix(address)}" for address in found)
            yield f"define lvs_addresses_{family} = {prefixes(exact)};"


def _direct_lines(addresses: dict[str, list[str]]) -> Iterator[str]:
    yield "disabled;"
    yield _STATE.format(name="joined")
    yield 'interface "lo";'
    for family, found in addresses.items():
        if found:
            lines = [f"table lvs_{family};", f"import where net ~ lvs_addresses_{family};"]
            yield from option(family, lines)


def _withdrawal(address: str) -> list[str]:
    """Return a route that takes the place of one of an interface, and is told to nobody."""
    family = "ipv6" if ":" in address else "ipv4"
    lines = ["disabled;", _STATE.format(name=f"withdrawn.{address}")]
    lines += [f"{family} {{ table lvs_{family}; preference {_PREFERENCE}; }};"]
    lines += [f"route {address}/{longest_prefix(address)} blackhole;"]
    return block(f"protocol static lvs_withdrawn_{symbol(address)}", lines)


def _session(cluster: Cluster, host: Host, announce: Announce, peer: Peer) -> Iterator[str]:
    yield f"router id {router_id(cluster, host)};"
    yield f"local as {announce.asn};"
    yield f"neighbor {peer.address} as {peer.asn};"
    if peer.multihop:
        yield f"multihop {peer.multihop};"
        local = local_address(cluster, host, peer)
        if local is not None:
            yield f"source address {local};"
    else:
        yield "direct;"
    if peer.password:
        yield f"password {key(peer.password)};"
    if peer.bfd:
        yield f"bfd {{ interval {interval(announce.interval)}; multiplier {_MULTIPLIER}; }};"
    else:
        yield f"hold time {_HOLD_TIME};"
    # A router would keep the routes of a director that is dead.
    yield "graceful restart off;"
    yield "long lived graceful restart off;"
    yield from _AGAIN
    lines = [f"table lvs_{peer.family};", "import none;", "export where source = RTS_DEVICE;"]
    yield from option(peer.family, [*lines, "next hop self;"])
