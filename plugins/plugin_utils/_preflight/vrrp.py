# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals about addresses that move.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import check_new_daemon
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError, address_family

from .._cluster.model import (
    Cluster,
    Host,
)
from .._views.director import floating_addresses
from .._views.vrrp import (
    _interface_of,
    _own_address,
    _peer_address,
    _prefix_of,
)


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
