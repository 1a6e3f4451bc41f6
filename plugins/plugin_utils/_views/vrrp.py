# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that move between directors, in the words of keepalived.conf.

Private to the collection: names and behaviour may change in any release.

Written against keepalived of Debian 12 and 13. Pure code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import address_family

from .._cluster.model import Cluster, Host, Interface
from .._formats.keepalived import block, command, quoted, word
from .director import floating_addresses, longest_prefix

_INSTANCE = "lvs_{family}_{interface}"
# How keepalived reckons: the octets of the headers, Ethernet's among them, and of an address.
_PACKETS = {"ipv4": (42, 4), "ipv6": (62, 16)}
# The number of addresses is one octet.
_MOST_ADVERTISED = 255
# What keepalived runs when a director begins to serve, or ends.
_HANDOVER = "/usr/local/sbin/lvs-handover"


def global_lines(
    host: Host, settings: Mapping[str, Any], sync_daemon: str, *, beside: bool = False
) -> list[str]:
    """Return the lines of global_defs.

    C(settings) are the role's variables without its name, read, and C(sync_daemon) is the line for
    the daemon, or empty. C(beside) a configuration that goes on, that one says who the router is.
    """
    own = [f"router_id {quoted(host.name)}", f"script_user {word(settings['script_user'])}"]
    lines = ["enable_script_security", *([sync_daemon] if sync_daemon else [])]
    return block("global_defs", lines if beside else [*own, *lines])


def vrrp_blocks(
    cluster: Cluster, host: Host, settings: Mapping[str, Any]
) -> tuple[list[list[str]], list[str]]:
    """Return the blocks for the addresses that move between directors, and the instances' names.

    C(settings) are the role's variables without its name, read. There is one instance for a family
    and an interface, and a group that holds all of them together where there are several.
    """
    instances = _instances(cluster, host, settings)
    blocks = [
        block(f"vrrp_script {script['name']}", _script_lines(script, settings["script_user"]))
        for script in settings["track_scripts"]
    ]
    names = [_INSTANCE.format(family=family, interface=link) for family, link in instances]
    shared = list(_tracking_lines(settings, [link for _family, link in instances]))
    if len(names) > 1:
        blocks.append(
            block("vrrp_sync_group lvs", [*block("group", names), *shared]),
        )
        shared = []
    for name, ((family, link), addresses) in zip(names, instances.items()):
        lines = [
            "state BACKUP",
            *_preempt_lines(settings),
            f"interface {link}",
            f"virtual_router_id {settings['virtual_router_id']}",
            f"priority {settings['priority'] or _priority(cluster, host)}",
            "version 3",
            f"advert_int {settings['advert_int']}",
        ]
        if settings["unicast"]:
            peers = [
                found
                for other in cluster.directors
                if other != host.name
                for found in [peer_address(cluster, host, other, link, family)]
                if found is not None
            ]
            lines.append(f"unicast_src_ip {own_address(cluster, host, link, family)}")
            lines += block("unicast_peer", peers)
        advertised = _advertised(host, link, family)
        lines += block("virtual_ipaddress", addresses[:advertised])
        if addresses[advertised:]:
            # They are given and taken with the others.
            lines += block("virtual_ipaddress_excluded", addresses[advertised:])
        blocks.append(block(f"vrrp_instance {name}", [*lines, *shared]))
    return blocks, names


def addresses(cluster: Cluster, host: Host) -> list[str]:
    """Return the addresses that a director may be given: address, prefix and interface of each."""
    return [
        f"{address}/{prefix_of(host, address)} {interface_of(host, address)}"
        for address in floating_addresses(cluster, host)
    ]


def sync_daemon(names: Sequence[str], daemon: Mapping[str, Any]) -> str:
    """Return the line for the daemon that synchronises connections; empty where there is none."""
    if not daemon or not names:
        return ""
    words = ["lvs_sync_daemon", str(daemon["interface"]), names[0]]
    for field, name in (
        ("sync_id", "id"),
        ("maxlen", "maxlen"),
        ("port", "port"),
        ("ttl", "ttl"),
        ("group", "group"),
    ):
        if daemon.get(field) is not None:
            words += [name, str(daemon[field])]
    return " ".join(words)


def _instances(
    cluster: Cluster, host: Host, settings: Mapping[str, Any]
) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for address in floating_addresses(cluster, host):
        interface = interface_of(host, address)
        family = str(address_family(address))
        link = str(settings["interface"] or interface)
        prefix = prefix_of(host, address)
        found.setdefault((family, link), []).append(f"{address}/{prefix} dev {interface}")
    return found


def _advertised(host: Host, link: str, family: str) -> int:
    """Return how many addresses one of keepalived's advertisements has room for on a link."""
    mtu = next((one.mtu for one in host.interfaces if one.name == link), Interface.mtu)
    headers, octets = _PACKETS[family]
    return min((mtu - headers) // octets, _MOST_ADVERTISED)


def interface_of(host: Host, address: str) -> str:
    """Return the interface where a director has an address; empty where no network tells."""
    if host.vip_interface and address != host.dip:
        return host.vip_interface
    towards = host.interface_towards(address)
    return towards[0].name if towards is not None else ""


def prefix_of(host: Host, address: str) -> int:
    """Return the prefix length with which a director has an address."""
    return longest_prefix(address) if address == host.dip else host.vip_prefix_of(address)


def _priority(cluster: Cluster, host: Host) -> int:
    names = cluster.directors
    return max(200 - 10 * names.index(host.name), 1) if host.name in names else 200


def _preempt_lines(settings: Mapping[str, Any]) -> Iterator[str]:
    if not settings["preempt"]:
        yield "nopreempt"
    elif settings["preempt_delay"]:
        yield f"preempt_delay {settings['preempt_delay']}"


def _script_lines(script: Mapping[str, Any], user: str) -> Iterator[str]:
    yield f"script {command(script['command'])}"
    for name in ("interval", "timeout", "fall", "rise"):
        if script.get(name) is not None:
            yield f"{name} {script[name]}"
    yield f"user {word(script.get('user') or user)}"


def _tracking_lines(settings: Mapping[str, Any], links: Sequence[str]) -> Iterator[str]:
    # An instance looks after its own interface by itself, and refuses to be told.
    others = [name for name in settings["track_interfaces"] if name not in links]
    if others:
        yield from block("track_interface", others)
    if settings["track_scripts"]:
        names = [str(script["name"]) for script in settings["track_scripts"]]
        yield from block("track_script", names)
    # As whom, too: script_user may be somebody else's, where keepalived has more to do.
    yield f"notify_master {quoted(_HANDOVER + ' settle')} root"
    for state in ("backup", "fault", "stop"):
        yield f"notify_{state} {quoted(_HANDOVER + ' unsettled')} root"
    if settings["notify"]:
        yield f"notify {command(settings['notify'])} {word(settings['script_user'])}"


def _stay(cluster: Cluster, host: Host, interface: Interface, family: str) -> list[str]:
    """Return the addresses of an interface that stay with the host, and have neighbours."""
    floating = set(floating_addresses(cluster, host))
    own = (entry.split("/") for entry in interface.addresses)
    return [
        address
        for address, prefix in own
        if address_family(address) == family
        and address not in floating
        and int(prefix) < longest_prefix(address)
    ]


def own_address(cluster: Cluster, host: Host, link: str, family: str) -> str | None:
    """Return the address of a family on an interface that stays with the host."""
    for interface in host.interfaces:
        if interface.name == link:
            return next(iter(_stay(cluster, host, interface, family)), None)
    return None


def peer_address(cluster: Cluster, host: Host, other: str, link: str, family: str) -> str | None:
    """Return another director's address on the network of this one's link."""
    own = own_address(cluster, host, link, family)
    towards = host.interface_towards(own) if own is not None else None
    if towards is None or other not in cluster.hosts:
        return None
    peer = cluster.hosts[other]
    for interface in peer.interfaces:
        for address in _stay(cluster, peer, interface, family):
            if towards[1].holds(address):
                return address
    return None
