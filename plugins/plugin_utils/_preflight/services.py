# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of services and their real servers, beside the hosts that there are.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import ServiceKey, key_label
from ansible_collections.lvs.cluster.plugins.module_utils._link.edges import is_edge

from .._cluster.model import STATIC, Cluster, Host, Member, Network, VirtualService
from .._problem import Problem
from .schedulers import scheduler_problems

_THE_SERVERS = "give the address of the server"


def services_problems(cluster: Cluster, managers: Sequence[str]) -> Iterator[Problem]:
    """Give what cannot work of each service, whoever owns the tables."""
    directors = [cluster.hosts[name] for name in cluster.directors if name in cluster.hosts]
    inside = [(host, _networks_of_dip(host)) for host in directors]
    keys: dict[ServiceKey, str] = {}
    for service in cluster.services:
        key = service.service.key
        if key in keys:
            yield Problem(
                service.name,
                "",
                None,
                f"{key_label(key).partition(' ')[2]} is already the key of {keys[key]}",
                "leave out one of the two, or give it another port",
            )
        keys.setdefault(key, service.name)
        if service.sorry_server is not None and STATIC in managers:
            yield Problem(
                service.name,
                "sorry_server",
                service.sorry_server.name,
                "needs a health checker, and director_manager static has none",
                "leave it out",
            )
        yield from scheduler_problems(service, managers)
        for host in directors:
            yield from _kernel_problems(service, host)
            for address in service.addresses:
                yield from _vip_problems(service, address, host)
        yield from _members_problems(cluster, service, inside)


def _kernel_problems(service: VirtualService, director: Host) -> Iterator[Problem]:
    # A file is a module; what is built in has no end.
    known = {name.removesuffix(".ko") for name in director.kernel_ipvs or ()}
    scheduler = service.service.scheduler
    if "ip_vs" in known and f"ip_vs_{scheduler}" not in known:
        yield Problem(
            service.name,
            "scheduler",
            scheduler,
            f"is not in the kernel of {director.name}",
            "use another one, or a kernel that has it",
        )


def _vip_problems(service: VirtualService, address: str, director: Host) -> Iterator[Problem]:
    if not director.interfaces or director.holder_of(address) is not None:
        return
    field = "addresses" if service.service.fwmark else "address"
    towards = director.interface_towards(address)
    edge = is_edge(address, towards[1].prefix) if towards is not None else ""
    if towards is not None and edge:
        yield Problem(
            service.name,
            field,
            address,
            f"{edge}, {towards[1]} of {director.name}",
            "give an address that is a host's",
        )
    if director.vip_interface:
        # Nobody answers ARP for an address on lo where these settings are not 0.
        asked_for = director.announce is None and ":" not in address
        if director.vip_interface == "lo" and asked_for and director.arp_ignored_on:
            settings = (f"net.ipv4.conf.{name}.arp_ignore" for name in director.arp_ignored_on)
            yield Problem(
                service.name,
                field,
                address,
                f"would be on lo of {director.name}, where nobody answers ARP for it, because"
                f" {', '.join(settings)} is not 0",
                "set it to 0 there, or name another interface in director_vip_interface",
            )
    elif towards is None:
        yield Problem(
            service.name,
            field,
            address,
            f"is on no network of {director.name} ({director.networks})",
            "give an address on one of them, or name the interface in director_vip_interface and"
            f" the prefix length in director_vip_prefix{'6' if ':' in address else ''} of"
            f" {director.name}",
        )


def _members_problems(
    cluster: Cluster,
    service: VirtualService,
    inside: Sequence[tuple[Host, Sequence[Network] | None]],
) -> Iterator[Problem]:
    seen: set[tuple[str, int]] = set()
    for member in service.served_by:
        server = member.server
        if member.host and member.host not in cluster.real_servers:
            yield Problem(
                service.item(member),
                "host",
                member.host,
                f"is not in the group {cluster.groups.name('real_servers')}",
                "add it there",
            )
        if server.key in seen:
            yield Problem(
                service.item(member),
                "",
                None,
                f"{server.address} port {server.port} is named twice",
                "leave out one of the two",
            )
        seen.add(server.key)
        if not server.port and service.service.port:
            why = (
                f"is no port that a server answers at, and the service takes {service.service.port}"
            )
            yield Problem(service.item(member), "port", 0, why, "give one, or leave it out")
        if member.is_director:
            continue
        yield from _address_problems(cluster, service, member, inside)
        if server.forward == "nat":
            for director, networks in inside:
                yield from _nat_problems(cluster, service, member, director, networks)
            continue
        if member.host and not service.addresses:
            yield Problem(
                service.item(member),
                "forward",
                server.forward,
                "needs the virtual addresses, and the service has only fwmark"
                f" {service.service.fwmark}",
                "give addresses",
            )
        if server.forward == "dr":
            for director, _networks in inside:
                if director.interfaces and director.interface_towards(server.address) is None:
                    yield _of_address(
                        cluster,
                        service,
                        member,
                        f"is on no link of {director.name} ({director.networks}), and forward dr"
                        " reaches no further",
                        "give an address on one of them, or use forward tun",
                    )


def _address_problems(
    cluster: Cluster,
    service: VirtualService,
    member: Member,
    inside: Sequence[tuple[Host, Sequence[Network] | None]],
) -> Iterator[Problem]:
    """Name an address that is no server's, however packets would be sent there."""
    if member.server.address in service.addresses:
        why = "is the virtual address itself"
        yield _of_address(cluster, service, member, why, _THE_SERVERS)
    for director, _networks in inside:
        if director.broadcasts_to(member.server.address):
            why = f"is a broadcast address of {director.name}, which its kernel refuses"
            yield _of_address(cluster, service, member, why, _THE_SERVERS)


def _networks_of_dip(director: Host) -> list[Network] | None:
    """Return the networks in which a director has its C(lvs_dip); None where nobody can tell."""
    holder = director.holder_of(director.dip) if director.dip else None
    if holder is None:
        return None
    return [network for network in holder.networks if network.holds(director.dip)]


def _nat_problems(
    cluster: Cluster,
    service: VirtualService,
    member: Member,
    director: Host,
    networks: Sequence[Network] | None,
) -> Iterator[Problem]:
    address = member.server.address
    if director.dip == address:
        why = f"is lvs_dip of {director.name}"
        yield _of_address(cluster, service, member, why, _THE_SERVERS)
    elif networks is not None and not any(network.holds(address) for network in networks):
        yield _of_address(
            cluster,
            service,
            member,
            f"is not in the network of lvs_dip {director.dip} of {director.name}"
            f" ({', '.join(map(str, networks)) or 'none'}), so that its answers cannot come back"
            " that way",
            "give an address in that network",
        )


def _of_address(
    cluster: Cluster, service: VirtualService, member: Member, why: str, advice: str
) -> Problem:
    """Return a problem of a real server's address, by the name that the user wrote it under."""
    field = cluster.address_field(member)
    return Problem(service.item(member), field, member.server.address, why, advice)
