# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of the addresses that move between directors, and of keepalived's variables.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import check_new_daemon
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    address_family,
    family_name,
    shown,
)

from .._cluster.model import Cluster, Host
from .._problem import Problem, problem_of
from .._settings.kinds import Place
from .._views.director import floating_addresses, longest_prefix
from .._views.vrrp import interface_of, own_address, peer_address, prefix_of


def vrrp_problems(
    cluster: Cluster,
    host: Host,
    settings: Mapping[str, Any],
    director: Mapping[str, Any],
    given: Container[str] = (),
) -> list[Problem]:
    """Return what cannot work of a director's addresses and of the role keepalived's variables.

    C(settings) are those variables without the role's name, read, and C(director) those of the
    role director. C(given) are addresses that keepalived gives already: they go with it when it
    stops.
    """
    problems = list(_setting_problems(host, settings, director))
    if not host.interfaces:
        return problems
    links: dict[tuple[str, str], None] = {}
    for address in floating_addresses(cluster, host):
        interface = interface_of(host, address)
        link = str(settings["interface"] or interface)
        problem = _address_problem(host, address, interface, link, given)
        if problem is not None:
            problems.append(problem)
        else:
            links[str(address_family(address)), link] = None
    for family, link in links if settings["unicast"] else ():
        problems += _unicast_problems(cluster, host, link, family)
    return problems


# What has to be the same on all directors, and what it would be where it is not.
_SHARED = {
    "virtual_router_id": "and each of them would serve by itself",
    "advert_int": "and those that hear nothing for so long would serve beside the others",
    "unicast": "and those that speak otherwise are not heard",
}
_DAEMON = ("sync_id", "group", "port")


# Variables of the roles keepalived and director without their names, read.
Settings = tuple[Mapping[str, Any], Mapping[str, Any]]


def agreement_problems(
    settings: Mapping[str, Settings],
) -> Iterator[Problem]:
    """Give what directors that share addresses have not the same.

    C(settings) are those of each such director by name.
    """
    hosts = list(settings)
    for name in hosts[1:]:
        first, own = settings[hosts[0]][0], settings[name][0]
        for field, why in _SHARED.items():
            if first[field] != own[field]:
                place = Place(f"host {name}", f"keepalived_{field}")
                yield _differs(place, own[field], hosts[0], first[field], why)
    yield from daemon_problems(settings)


def daemon_problems(settings: Mapping[str, Settings]) -> Iterator[Problem]:
    """Give what keeps directors from hearing of each other's connections."""
    for sender in settings:
        for receiver in settings:
            if sender != receiver:
                yield from _daemon_agreement(sender, receiver, settings)


def _daemon_agreement(
    sender: str,
    receiver: str,
    settings: Mapping[str, Settings],
) -> Iterator[Problem]:
    """Give what keeps a director from hearing of another one's connections."""
    sends = [_daemon_of(settings[sender], "master"), _daemon_of(settings[receiver], "backup")]
    (variable, sent), (_variable, heard) = sends
    for field in _DAEMON if sent and heard else ():
        if sent.get(field) != heard.get(field):
            why = "and connections that one of them sends are not heard by the other"
            place = Place(f"host {sender}", f"{variable}.{field}")
            yield _differs(place, sent.get(field), receiver, heard.get(field), why)


def _daemon_of(settings: Settings, role: str) -> tuple[str, Mapping[str, Any]]:
    keepalived, director = settings
    for daemon in director["sync_daemons"]:
        if daemon.get("role") == role:
            return "director_sync_daemons", daemon
    return "keepalived_sync_daemon", keepalived["sync_daemon"]


def _differs(place: Place, value: Any, other: str, others: Any, why: str) -> Problem:
    told = "nothing" if others in (None, "") else shown(others)
    why = f"is not what {other} has, which is {told}, {why}"
    return place.problem(value, why, "give the same to all directors")


def _address_problem(
    host: Host, address: str, interface: str, link: str, given: Container[str]
) -> Problem | None:
    item = f"host {host.name}"
    holder = host.holder_of(address)
    prefix = holder.prefix_of(address) if holder is not None else None
    own = prefix not in (None, prefix_of(host, address), longest_prefix(address))
    if own and address not in given:
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


def _setting_problems(
    host: Host, settings: Mapping[str, Any], director: Mapping[str, Any]
) -> Iterator[Problem]:
    item = f"host {host.name}"
    names = [link.name for link in host.interfaces]
    used = [
        ("keepalived_interface", settings["interface"]),
        *(("keepalived_track_interfaces", name) for name in settings["track_interfaces"]),
    ]
    for variable, name in used:
        if name and names and name not in names:
            advice = f"use one of {', '.join(names)}"
            yield Problem(item, variable, name, f"is not an interface of {host.name}", advice)
    variable, daemon = "keepalived_sync_daemon", settings["sync_daemon"]
    if daemon and director["sync_daemons"]:
        yield Problem(
            item,
            variable,
            daemon,
            "is given together with director_sync_daemons, and both would start the same daemons",
            "leave one of the two empty",
        )
    if not daemon.get("interface"):
        return
    try:
        # A backup takes what a master may send; without facts any interface may be there.
        check_new_daemon({**daemon, "role": "master"}, names or [daemon["interface"]], ())
    except ModelError as error:
        yield problem_of(error, item, within=variable)
