# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What does not go with directors that serve at once, and announce their addresses.

Private to the collection: names and behaviour may change in any release.

A router sends a connection to any of them, and to another one as soon as one comes or goes. Each
has to send it on to the same real server: because it has heard of it, or because the scheduler,
which reckons with nothing but the client, comes to the same. Pure code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import ROLES
from ansible_collections.lvs.cluster.plugins.module_utils._values import family_name

from .._cluster.announce import VARIABLE, Peer
from .._cluster.model import KEEPALIVED, LDIRECTORD, Cluster, Host, VirtualService
from .._problem import Problem
from .._settings.role import default_of
from .._settings.roles import KEEPALIVED as KEEPALIVED_ROLE
from .._views.bird import local_address
from .._views.director import all_virtual_addresses, ipvs_sysctls, longest_prefix
from .vrrp import Settings, daemon_problems

# Of the role keepalived, what it has besides VRRP.
_NOT_VRRP = ("virtual_services", "script_user")
# What stands for its variables where VRRP starts no synchronisation daemon.
NO_DAEMON: Mapping[str, Any] = {"sync_daemon": {}}
# By these a scheduler reckons with the client's port, and goes past a server that takes nobody.
_FLAGS: Mapping[str, tuple[str, str]] = {
    "mh": ("mh-port", "mh-fallback"),
    "sh": ("sh-port", "sh-fallback"),
}


def announce_problems(cluster: Cluster) -> Iterator[Problem]:
    """Give what cannot work of the description and its directors, where they announce."""
    directors = [cluster.hosts[name] for name in cluster.directors if name in cluster.hosts]
    announcing = [host for host in directors if host.announce is not None]
    if not announcing:
        return
    for host in directors:
        told = any(field.startswith(VARIABLE) for field in host.refused)
        if host.announce is None and not told:
            why = f"is not given, and {announcing[0].name} has it, with the same virtual addresses"
            advice = "give it to all directors, or to none"
            yield Problem(f"host {host.name}", VARIABLE, None, why, advice)
    for service in cluster.services:
        yield from _service_problems(service)
    for host in announcing:
        yield from _address_problems(cluster, host)
        yield from _peer_problems(cluster, host)


def _service_problems(service: VirtualService) -> Iterator[Problem]:
    behind = [one for one in service.served_by if one.server.forward == "nat"]
    behind = [one for one in behind if not one.is_director]
    if behind:
        yield Problem(
            service.item(behind[0]),
            "forward",
            "nat",
            f"sends answers back by one director, and with {VARIABLE} the packets of a connection"
            " may come by another one",
            "use dr or tun",
        )
    if not service.addresses:
        why = f"are not given, and {VARIABLE} has nothing to announce for it"
        yield Problem(service.name, "addresses", None, why, "give them")


def _address_problems(cluster: Cluster, host: Host) -> Iterator[Problem]:
    """Name what keeps virtual addresses from being on lo as those of one host."""
    item = f"host {host.name}"
    if host.vip_interface != "lo":
        why = f"is not lo, and {VARIABLE} announces what is there"
        yield Problem(item, "director_vip_interface", host.vip_interface, why, "leave it out")
    prefixes = (("", host.vip_prefix, 32), ("6", host.vip_prefix6, 128))
    for number, prefix, longest in prefixes:
        if prefix not in (None, longest):
            why = f"is not that of a single host, which is all that {VARIABLE} announces"
            yield Problem(item, f"director_vip_prefix{number}", prefix, why, "leave it out")
    for address in all_virtual_addresses(cluster):
        holder = host.holder_of(address)
        if holder is not None:
            yield Problem(
                item,
                "",
                None,
                f"{address}/{holder.prefix_of(address) or longest_prefix(address)} is on"
                f" {holder.name}, and {VARIABLE} announces what is on lo",
                "take it away there first",
            )


def _peer_problems(cluster: Cluster, host: Host) -> Iterator[Problem]:
    announce = host.announce
    if announce is None:
        return
    item = f"host {host.name}"
    for family in ("ipv4", "ipv6"):
        lost = [one for one in all_virtual_addresses(cluster) if (":" in one) == (family == "ipv6")]
        if lost and not announce.peers_of(family):
            kind = family_name(family)
            why = f"has no {kind} address, and nobody is told of {lost[0]}"
            advice = f"give the routers by their {kind} addresses, too"
            yield Problem(item, f"{VARIABLE}.peers", None, why, advice)
    for peer in announce.peers:
        found = _peer_problem(cluster, host, peer)
        if found is not None:
            yield Problem(item, f"{VARIABLE}.peers.address", peer.address, *found)


def _peer_problem(cluster: Cluster, host: Host, peer: Peer) -> tuple[str, str] | None:
    """Return why a director does not reach a router, and what to do."""
    if peer.address in all_virtual_addresses(cluster):
        return "is a virtual address", "give the router's own"
    if not host.interfaces:
        return None
    if host.holder_of(peer.address) is not None:
        return f"is {host.name} itself", "give the router's"
    if not peer.multihop and host.interface_towards(peer.address) is None:
        return (
            f"is on no link of it ({host.networks})",
            "give one that is, or multihop, the number of links between them",
        )
    if peer.multihop and local_address(cluster, host, peer) is None:
        kind = family_name(peer.family)
        return f"is to be spoken to from an {kind} address of the host's own", "give it one"
    return None


# ---- variables of the roles --------------------------------------------------------------------
def setting_problems(host: Host, settings: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Give what does not go with announcing of a director's variables.

    C(settings) are those of its roles, by the role, without its name, read.
    """
    if host.announce is None:
        return
    item, own = f"host {host.name}", settings["director"]
    period = ipvs_sysctls(host, own["ipvs_sysctls"])["sync_refresh_period"]
    if own["sync_daemons"] and not period:
        why = (
            "has connections told when they begin, and no more: a director that joins the others"
            " would not know them"
        )
        advice = "give seconds, such as 10, or leave it out"
        yield Problem(item, "director_ipvs_sysctls.sync_refresh_period", period, why, advice)
    command = settings.get(LDIRECTORD, {}).get("fallback_command")
    if command:
        why = f"would not be run: by its place {VARIABLE} is told which address has no server left"
        yield Problem(item, "ldirectord_fallback_command", command, why, "leave it out")
    if host.manager == KEEPALIVED:
        for name, value in settings[KEEPALIVED].items():
            if name not in _NOT_VRRP and value != default_of(KEEPALIVED_ROLE, name):
                why = f"is for VRRP, which would give the addresses that {VARIABLE} announces"
                advice = "leave out one of the two"
                yield Problem(item, KEEPALIVED_ROLE.variable(name), value, why, advice)


def synchronisation_problems(
    cluster: Cluster, settings: Mapping[str, Settings]
) -> Iterator[Problem]:
    """Give what directors would not know of each other's connections.

    C(settings) are those of each that announces.
    """
    yield from daemon_problems(settings)
    deaf = [name for name, own in settings.items() if not _tells_and_hears(own[1]["sync_daemons"])]
    if not deaf:
        return
    for service in cluster.services:
        own = service.service
        if own.one_packet or _is_worked_out(service):
            continue
        field: str = "scheduler"
        value: Any = own.scheduler
        why = (
            f"gives connections that come by another director to another real server, and {deaf[0]}"
            " neither tells the others of its connections nor hears of theirs"
        )
        advice = "use mh with mh-port and mh-fallback in scheduler_flags"
        if own.persistent_timeout:
            field, value, advice = "persistent_timeout", own.persistent_timeout, "leave it out"
        both = "give all directors a master and a backup in director_sync_daemons"
        yield Problem(service.name, field, value, why, f"{both}, or {advice}")


def _tells_and_hears(daemons: Any) -> bool:
    return {daemon.get("role") for daemon in daemons} >= {*ROLES}


def _is_worked_out(service: VirtualService) -> bool:
    """Tell whether all directors come to the same server, whatever they have heard."""
    own = service.service
    flags = _FLAGS.get(own.scheduler)
    return flags is not None and not own.persistent_timeout and {*flags} <= {*own.scheduler_flags}
