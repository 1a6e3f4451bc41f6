# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of the addresses that move between directors, and of keepalived's variables.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import check_new_daemon
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    address_family,
    family_name,
    parse_integer,
)

from .._cluster.model import Cluster, Host
from .._cluster.problem import Problem, problem_of
from .._views.director import floating_addresses, longest_prefix
from .._views.vrrp import interface_of, own_address, peer_address, prefix_of

_NUMBERS = (("virtual_router_id", 1, 255), ("priority", 1, 254), ("preempt_delay", 0, 1000))


def vrrp_problems(cluster: Cluster, host: Host, settings: Mapping[str, Any]) -> list[Problem]:
    """Return what cannot work of a director's addresses and of the role keepalived's variables.

    C(settings) are those variables without the role's name, and C(director_sync_daemons).
    """
    problems = list(_setting_problems(host, settings))
    if not host.interfaces:
        return problems
    links: dict[tuple[str, str], None] = {}
    for address in floating_addresses(cluster, host):
        interface = interface_of(host, address)
        link = str(settings["interface"] or interface)
        problem = _address_problem(host, address, interface, link)
        if problem is not None:
            problems.append(problem)
        else:
            links[str(address_family(address)), link] = None
    for family, link in links if settings["unicast"] else ():
        problems += _unicast_problems(cluster, host, link, family)
    return problems


def _address_problem(host: Host, address: str, interface: str, link: str) -> Problem | None:
    item = f"host {host.name}"
    holder = host.holder_of(address)
    prefix = holder.prefix_of(address) if holder is not None else None
    if prefix not in (None, prefix_of(host, address), longest_prefix(address)):
        return Problem(
            item,
            "",
            None,
            f"{address}/{prefix} is an address of its own, and VRRP has to be the only one that"
            " gives it to a director",
            "take it out of the host's network configuration, and give the host another one",
        )
    if link == "lo":
        return Problem(
            item,
            "",
            None,
            f"{address} goes to lo, where no other director is heard",
            "name the interface that leads to them in keepalived_interface",
        )
    if not interface:
        return Problem(
            item,
            "",
            None,
            f"{address} is on no network of it",
            "give an address that is, or name the interface in director_vip_interface",
        )
    return None


def _unicast_problems(cluster: Cluster, host: Host, link: str, family: str) -> Iterator[Problem]:
    kind = family_name(family)
    advice = "give it one, or set keepalived_unicast to false"
    item, needs = f"host {host.name}", "and keepalived_unicast needs one"
    if own_address(cluster, host, link, family) is None:
        why = f"{link} has no {kind} address that stays with the host, {needs}"
        yield Problem(item, "", None, why, advice)
        return
    for other in cluster.directors:
        if other != host.name and peer_address(cluster, host, other, link, family) is None:
            why = f"{other} has no {kind} address on the network of {link}, {needs}"
            yield Problem(item, "", None, why, advice)


def _setting_problems(host: Host, settings: Mapping[str, Any]) -> Iterator[Problem]:
    item = f"host {host.name}"
    for name, lowest, highest in _NUMBERS:
        # Without a priority it is the place in the group directors.
        if name != "priority" or settings[name]:
            try:
                parse_integer(item, f"keepalived_{name}", settings[name], lowest, highest)
            except ModelError as error:
                yield problem_of(error, item)
    if not _is_within(settings["advert_int"], 0.01, 40.95):
        yield Problem(
            item,
            "keepalived_advert_int",
            settings["advert_int"],
            "is out of range",
            "give seconds from 0.01 to 40.95",
        )
    names = [link.name for link in host.interfaces]
    used = [
        ("keepalived_interface", settings["interface"]),
        *(("keepalived_track_interfaces", name) for name in settings["track_interfaces"]),
    ]
    for variable, name in used:
        if name and names and name not in names:
            advice = f"use one of {', '.join(names)}"
            yield Problem(item, variable, name, f"is not an interface of {host.name}", advice)
    yield from _daemon_problems(item, names, settings)
    seen: set[str] = set()
    for script in settings["track_scripts"]:
        name = str(script.get("name"))
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or name in seen:
            yield Problem(
                item,
                "keepalived_track_scripts.name",
                name,
                "is not one, or there twice",
                "use letters, digits, - and _",
            )
        seen.add(name)
    commands = [("keepalived_notify", settings["notify"])]
    commands += [
        ("keepalived_track_scripts.command", script.get("command"))
        for script in settings["track_scripts"]
    ]
    for variable, command in commands:
        if command and not re.fullmatch(r"/[^\"\x00-\x1f\x7f]+", str(command)):
            yield Problem(
                item,
                variable,
                command,
                "is not the path of a program",
                "give one such as /usr/local/bin/watch",
            )


def _is_within(value: Any, lowest: float, highest: float) -> bool:
    try:
        return lowest <= float(value) <= highest
    except (TypeError, ValueError):
        return False


def _daemon_problems(
    item: str, names: Sequence[str], settings: Mapping[str, Any]
) -> Iterator[Problem]:
    variable, daemon = "keepalived_sync_daemon", settings["sync_daemon"]
    if not daemon:
        return
    if settings["director_sync_daemons"]:
        yield Problem(
            item,
            variable,
            daemon,
            "is given together with director_sync_daemons, and both would start the same daemons",
            "leave one of the two empty",
        )
    if not daemon.get("interface"):
        yield Problem(
            item,
            f"{variable}.interface",
            None,
            "is not given",
            "give the one that leads to the other directors",
        )
        return
    try:
        # A backup takes what a master may send; without facts any interface may be there.
        check_new_daemon({**daemon, "role": "master"}, names or [daemon["interface"]], ())
    except ModelError as error:
        yield problem_of(error, item, within=variable)
