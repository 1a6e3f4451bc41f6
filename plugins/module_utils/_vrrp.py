# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that move between directors, in the words of keepalived.conf, and what cannot work.

Private to the collection: names and behaviour may change in any release.

Written against keepalived of Debian 12 and 13. Pure code.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._cluster import (
    Cluster,
    Host,
    Interface,
    floating_addresses,
    prefix_length,
)
from ansible_collections.lvs.cluster.plugins.module_utils._daemon import check_new_daemon
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_syntax import block, quoted
from ansible_collections.lvs.cluster.plugins.module_utils._model import ModelError, address_family

_INSTANCE = "lvs_{family}_{interface}"


def vrrp_blocks(
    cluster: Cluster, director: str, settings: Mapping[str, Any]
) -> tuple[list[list[str]], list[str]]:
    """Return the blocks for the addresses that move between directors, and the instances' names.

    Settings are the role's variables without its name. There is one instance for a family and an
    interface, and a group that holds all of them together where there are several.
    """
    host = cluster.hosts[director]
    instances = _instances(cluster, host, settings)
    blocks = [
        block(f"vrrp_script {script['name']}", _script_lines(script))
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
            f"priority {settings['priority'] or _priority(cluster, director)}",
            "version 3",
            f"advert_int {settings['advert_int']}",
        ]
        if settings["unicast"]:
            peers = [
                found
                for other in cluster.directors
                if other != director
                for found in [_peer_address(cluster, host, other, link, family)]
                if found is not None
            ]
            lines.append(f"unicast_src_ip {_own_address(cluster, host, link, family)}")
            lines += block("unicast_peer", peers)
        lines += block("virtual_ipaddress", addresses)
        blocks.append(block(f"vrrp_instance {name}", [*lines, *shared]))
    return blocks, names


def addresses(cluster: Cluster, director: str) -> list[str]:
    """Return the addresses that a director may be given: address, prefix and interface of each."""
    host = cluster.hosts[director]
    return [
        f"{address}/{_prefix_of(host, address)} {_interface_of(host, address)}"
        for address in floating_addresses(cluster, director)
    ]


def sync_daemon(names: Sequence[str], daemon: Mapping[str, Any]) -> str:
    """Return the line for the daemon that synchronises connections; empty where there is none."""
    if not daemon or not names:
        return ""
    words = ["lvs_sync_daemon", str(daemon["interface"]), names[0]]
    for field, word in (
        ("sync_id", "id"),
        ("maxlen", "maxlen"),
        ("port", "port"),
        ("ttl", "ttl"),
        ("group", "group"),
    ):
        if daemon.get(field) is not None:
            words += [word, str(daemon[field])]
    return " ".join(words)


def _instances(
    cluster: Cluster, host: Host, settings: Mapping[str, Any]
) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for address in floating_addresses(cluster, host.name):
        interface = _interface_of(host, address)
        family = str(address_family(address))
        link = str(settings["interface"] or interface)
        prefix = _prefix_of(host, address)
        found.setdefault((family, link), []).append(f"{address}/{prefix} dev {interface}")
    return found


def _is_dip(host: Host, address: str) -> bool:
    dip = str(host.variables.get("lvs_dip") or "")
    return address_family(dip) is not None and ipaddress.ip_address(dip) == ipaddress.ip_address(
        address
    )


def _interface_of(host: Host, address: str) -> str:
    chosen = str(host.variables.get("director_vip_interface") or "")
    if chosen and not _is_dip(host, address):
        return chosen
    link = host.link_to(address)
    return link[0].name if link is not None else ""


def _prefix_of(host: Host, address: str) -> int:
    chosen = prefix_length(host.variables.get("director_vip_prefix"))
    longest = ipaddress.ip_address(address).max_prefixlen
    return longest if chosen is None or chosen > longest or _is_dip(host, address) else chosen


def _priority(cluster: Cluster, director: str) -> int:
    names = list(cluster.directors)
    return max(200 - 10 * names.index(director), 1) if director in names else 200


def _preempt_lines(settings: Mapping[str, Any]) -> Iterator[str]:
    if not settings["preempt"]:
        yield "nopreempt"
    elif settings["preempt_delay"]:
        yield f"preempt_delay {settings['preempt_delay']}"


def _script_lines(script: Mapping[str, Any]) -> Iterator[str]:
    yield f"script {quoted(script['command'])}"
    for name in ("interval", "timeout", "fall", "rise", "user"):
        if script.get(name) is not None:
            yield f"{name} {script[name]}"


def _tracking_lines(settings: Mapping[str, Any], links: Sequence[str]) -> Iterator[str]:
    # An instance looks after its own interface by itself, and refuses to be told.
    others = [name for name in settings["track_interfaces"] if name not in links]
    if others:
        yield from block("track_interface", others)
    if settings["track_scripts"]:
        names = [str(script["name"]) for script in settings["track_scripts"]]
        yield from block("track_script", names)
    yield f"notify_master {quoted(settings['handover'] + ' settle')}"
    for state in ("backup", "fault", "stop"):
        yield f"notify_{state} {quoted(settings['handover'] + ' unsettled')}"
    if settings["notify"]:
        yield f"notify {quoted(settings['notify'])}"


def _stay(cluster: Cluster, host: Host, interface: Interface, family: str) -> list[str]:
    """Return the addresses of an interface that stay with the host, with their networks."""
    floating = set(floating_addresses(cluster, host.name))
    return [
        address
        for address in interface.addresses
        if address_family(address.split("/")[0]) == family
        and address.split("/")[0] not in floating
        and ipaddress.ip_interface(address).network.num_addresses > 1
    ]


def _own_address(cluster: Cluster, host: Host, link: str, family: str) -> str | None:
    for interface in host.interfaces:
        if interface.name == link:
            for address in _stay(cluster, host, interface, family):
                return address.split("/")[0]
    return None


def _peer_address(cluster: Cluster, host: Host, other: str, link: str, family: str) -> str | None:
    """Return another director's address on the network of this one's link."""
    own = _own_address(cluster, host, link, family)
    holder = host.link_to(own) if own is not None else None
    if holder is None or other not in cluster.hosts:
        return None
    peer = cluster.hosts[other]
    for interface in peer.interfaces:
        for address in _stay(cluster, peer, interface, family):
            if ipaddress.ip_address(address.split("/")[0]) in holder[1]:
                return address.split("/")[0]
    return None


# ---- what cannot work ---------------------------------------------------------------------------


def vrrp_problems(cluster: Cluster, director: str, settings: Mapping[str, Any]) -> list[str]:
    """Return what cannot work of a director's virtual addresses and of the role's variables."""
    host = cluster.hosts[director]
    names = [link.name for link in host.interfaces]
    problems = list(_setting_problems(host, names, settings))
    if not host.interfaces:
        return problems
    links: dict[tuple[str, str], None] = {}
    for address in floating_addresses(cluster, director):
        interface = _interface_of(host, address)
        link = str(settings["interface"] or interface)
        holder = host.holder_of(address)
        prefix = holder.prefix_of(address) if holder is not None else None
        if prefix is not None and prefix not in (
            _prefix_of(host, address),
            ipaddress.ip_address(address).max_prefixlen,
        ):
            problems.append(
                f"host {director}: {address}/{prefix} is an address of its own, and VRRP has to be"
                " the only one that gives it to a director; take it out of the host's network"
                " configuration, and give the host another one."
            )
        elif link == "lo":
            problems.append(
                f"host {director}: {address} goes to lo, where no other director is heard; name"
                " the interface that leads to them in keepalived_interface."
            )
        elif not interface:
            problems.append(
                f"host {director}: {address} is on no network of it; give an address that is, or"
                " name the interface in director_vip_interface."
            )
        else:
            links[str(address_family(address)), link] = None
    for family, link in links if settings["unicast"] else ():
        problems += _unicast_problems(cluster, host, link, family)
    return problems


def _unicast_problems(cluster: Cluster, host: Host, link: str, family: str) -> Iterator[str]:
    kind = "IPv6" if family == "ipv6" else "IPv4"
    if _own_address(cluster, host, link, family) is None:
        yield (
            f"host {host.name}: {link} has no {kind} address that stays with the host, and"
            " keepalived_unicast needs one; give it one, or set keepalived_unicast to false."
        )
        return
    for other in cluster.directors:
        if other != host.name and _peer_address(cluster, host, other, link, family) is None:
            yield (
                f"host {host.name}: {other} has no {kind} address on the network of {link}, and"
                " keepalived_unicast needs one; give it one, or set keepalived_unicast to false."
            )


def _setting_problems(
    host: Host, names: Sequence[str], settings: Mapping[str, Any]
) -> Iterator[str]:
    numbers = (("virtual_router_id", 1, 255), ("priority", 1, 254), ("preempt_delay", 0, 1000))
    for name, lowest, highest in numbers:
        value = settings[name]
        # Without a priority it is the place in the group directors.
        if name == "priority" and not value:
            continue
        if not lowest <= int(value) <= highest:
            yield (
                f"keepalived_{name} {value} is out of range; give a number from {lowest} to"
                f" {highest}."
            )
    if not 0.01 <= float(settings["advert_int"]) <= 40.95:
        yield (
            f"keepalived_advert_int {settings['advert_int']} is out of range; give seconds from"
            " 0.01 to 40.95."
        )
    used = [
        ("keepalived_interface", settings["interface"]),
        *(("keepalived_track_interfaces", name) for name in settings["track_interfaces"]),
    ]
    for variable, name in used:
        if name and names and name not in names:
            yield (
                f"{variable}: {name} is not an interface of {host.name}; use one of"
                f" {', '.join(names)}."
            )
    yield from _daemon_problems(names, settings)
    seen: set[str] = set()
    for script in settings["track_scripts"]:
        name = str(script.get("name"))
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or name in seen:
            yield (
                f"keepalived_track_scripts: name {name!r} is not one, or there twice; use letters,"
                " digits, - and _."
            )
        seen.add(name)
    commands = [("keepalived_notify", settings["notify"])]
    commands += [("keepalived_track_scripts", s.get("command")) for s in settings["track_scripts"]]
    for variable, command in commands:
        if command and not re.fullmatch(r"/[^\"\x00-\x1f\x7f]+", str(command)):
            yield (
                f"{variable}: {command!r} is not the path of a program; give one such as"
                " /usr/local/bin/watch."
            )


def _daemon_problems(names: Sequence[str], settings: Mapping[str, Any]) -> Iterator[str]:
    daemon = settings["sync_daemon"]
    if not daemon:
        return
    if settings["director_sync_daemons"]:
        yield (
            f"keepalived_sync_daemon {daemon!r} is given together with director_sync_daemons, and"
            " both would start the same daemons; leave one of the two empty."
        )
    if not daemon.get("interface"):
        yield (
            "keepalived_sync_daemon: interface is not given; give the one that leads to the other"
            " directors."
        )
        return
    try:
        # A backup takes what a master may send; without facts any interface may be there.
        check_new_daemon({**daemon, "role": "master"}, names or [daemon["interface"]], ())
    except ModelError as error:
        yield f"keepalived_sync_daemon: {error}"
