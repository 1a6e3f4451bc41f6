# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which real servers are to be drained or given back, and what is refused of that.

Private to the collection: names and behaviour may change in any release.

A drain is refused where too little would be left of a service, or where its scheduler would go on
giving clients to the server, unless it is forced. Pure code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._cluster.drained import (
    GIVEN_BACK,
    UNDRAINED,
    UPDATED,
    UPDATING,
    Line,
    after,
    merged,
    servers_in,
)
from .._cluster.model import KEEPALIVED, Cluster, Member, VirtualService
from .._problem import Problem
from .._settings.kinds import Place, nearest
from .._settings.roles import CLUSTER
from .._views.director import key_of
from .schedulers import missing_fallback

FORCE = "set lvs_drain_force to true to do it all the same"
_DEFAULTS: Mapping[str, Any] = {
    "host": (),
    "service": "",
    "drain_floor": 50,
    "drain_force": False,
    "drain_timeout": 600,
    "drain_inactive_timeout": 30,
}


class Wish(NamedTuple):
    """What is asked for, by the variables C(lvs_*): C(service) is empty for all of them.

    C(floor) is what has to be left of a service, in percent of its weight; timeouts are seconds.
    """

    servers: tuple[str, ...]
    service: str
    floor: int
    force: bool
    timeout: int
    inactive_timeout: int


def read_variables(
    defaults: Mapping[str, Any], variable: Callable[[str, Any], Any], problems: list[Problem]
) -> list[Any]:
    """Read the variables C(lvs_*) that have these defaults, and say what is wrong with them."""
    found = []
    for name, default in defaults.items():
        whole = CLUSTER.variable(name)
        given = variable(whole, None)
        read = None
        if given not in (None, ""):
            read = CLUSTER.variables[name].read(given, Place("", whole), problems)
        found.append(default if read is None else read)
    return found


def read_wish(variable: Callable[[str, Any], Any]) -> tuple[Wish, list[Problem]]:
    """Read the variables, and say what is wrong with them."""
    problems: list[Problem] = []
    found = read_variables(_DEFAULTS, variable, problems)
    wish = Wish(tuple(found[0]), *found[1:])
    if not wish.servers and not problems:
        why, advice = "is not given", "give real servers: -e lvs_host=rs1, or -e lvs_host=rs1,rs2"
        problems.append(Problem("", "lvs_host", None, why, advice))
    return wish, problems


def targets(cluster: Cluster, wish: Wish) -> list[tuple[VirtualService, Member]]:
    """Return the real servers that are meant, each with its service."""
    return [
        (service, member)
        for service in cluster.services
        if wish.service in ("", service.label)
        for member in service.members
        if member.name in wish.servers
    ]


def name_problems(cluster: Cluster, wish: Wish, hosts: Iterable[str]) -> Iterator[Problem]:
    """Name what is no real server, and no service; C(hosts) are those of the inventory."""
    labels = list(dict.fromkeys(service.label for service in cluster.services))
    if wish.service and wish.service not in labels:
        advice = f"use {nearest(wish.service, labels)}" if labels else "describe it first"
        why = "is no service of the description"
        yield Problem("", "lvs_service", wish.service, why, advice)
        return
    services = [one for one in cluster.services if wish.service in ("", one.label)]
    known = list(dict.fromkeys(member.name for one in services for member in one.members))
    sorry = {one.sorry_server.name: one.name for one in services if one.sorry_server is not None}
    where = f"service {wish.service}" if wish.service else "any service"
    for server in wish.servers:
        if server in known:
            continue
        why = f"is no real server of {where}"
        if server in sorry:
            why = f"is the sorry server of {sorry[server]}, which serves where nobody is left"
        elif server not in hosts and not _is_known(cluster, server):
            why = f"is neither a host of the inventory nor a real server of {where}"
        advice = f"use {nearest(server, known)}" if known else "name one that has real servers"
        yield Problem("", "lvs_host", server, why, advice)


def _is_known(cluster: Cluster, server: str) -> bool:
    return any(member.name == server for one in cluster.services for member in one.members)


def lines_for(
    state: str, cluster: Cluster, before: Sequence[Line], wish: Wish, now: str
) -> tuple[Line, ...]:
    """Return what directors are to remember from now on.

    What is so already is not said again: since when it is so stays. But a rolling update makes a
    real server its own that somebody else has drained.
    """
    since = after(now, before)
    own = servers_in(UPDATING, before)
    new = []
    for server in wish.servers:
        mine = [member for _service, member in targets(cluster, wish) if member.name == server]
        differs = any((member.drain is None) is (state not in GIVEN_BACK) for member in mine)
        if differs or (state == UPDATING and server not in own):
            new.append(Line(server, state, since, wish.service))
    return merged([*before, *new])


def anew(before: Sequence[Line], now: str) -> tuple[Line, ...]:
    """Return the lines for an update that begins: what a former one has done does not count."""
    since = after(now, before)
    done = (Line(server, UNDRAINED, since) for server in servers_in(UPDATED, before))
    return merged([*before, *done])


# ---- what is refused -----------------------------------------------------------------------------
def drain_problems(
    before: Cluster, then: Cluster, wish: Wish, live: Mapping[str, Iterable[Mapping[str, Any]]]
) -> Iterator[Problem]:
    """Name the services of which too little would be left, and those that would refuse clients.

    C(before) and C(then) are the cluster without the drain and with it. C(live) are the services of
    each director, as M(lvs.cluster.ipvs_info) returns them: a server that a health checker has
    taken out serves nobody. What is drained already is not looked at again.
    """
    if wish.force:
        return
    tables = {
        director: {key_of(entry): entry["real_servers"] for entry in entries}
        for director, entries in live.items()
    }
    for old, new in zip(before.services, then.services):
        quiet = [
            member
            for was, member in zip(old.members, new.members)
            if was.drain is None and member.drain is not None and member.drain.weight
        ]
        if quiet:
            names = ", ".join(member.name for member in quiet)
            yield from _refusals(old, quiet, names)
            yield from _too_little(then, new, names, wish.floor, tables)


def _refusals(service: VirtualService, quiet: Sequence[Member], names: str) -> Iterator[Problem]:
    flag = missing_fallback(service)
    if flag is None:
        return
    scheduler = service.service.scheduler
    total = sum(member.server.weight for member in service.members)
    share = round(100 * sum(member.described_weight for member in quiet) / total)
    what = f"about {share} % of new clients, those of {names}, would be refused"
    if scheduler == "dh":
        what = f"all new clients of an address that {names} serves would be refused"
    yield Problem(
        service.name,
        "scheduler",
        scheduler,
        f"goes on giving its clients to a server of weight 0: {what}",
        f"{flag} and run lvs.cluster.site, which cuts no connection, or {FORCE}",
    )


def _too_little(
    cluster: Cluster,
    service: VirtualService,
    names: str,
    floor: int,
    tables: Mapping[str, Mapping[Any, Iterable[Mapping[str, Any]]]],
) -> Iterator[Problem]:
    total = sum(member.described_weight for member in service.members)
    left = {"": sum(member.server.weight for member in service.members)}
    for director, table in tables.items():
        if service.service.key in table:
            left[director] = _weight_left(service, table[service.service.key])
    director = min(left, key=lambda name: left[name])
    weight = left[director]
    seen = f" in the table of {director}" if director and weight < left[""] else ""
    if not weight:
        why = f"nobody would be left for new clients without {names}"
        others = [one.name for one in service.members if one.server.weight]
        if others:
            why += f", for {', '.join(others)} would take none either, as now{seen}"
        yield Problem(service.name, "", None, why, f"bring another one back first, or {FORCE}")
        return
    if weight * 100 < floor * total:
        yield Problem(
            service.name,
            "lvs_drain_floor",
            floor,
            f"is the percentage of its weight that has to be left, and without {names} it would be"
            f" {weight} of {total}{seen}, which is {100 * weight // total} %",
            f"drain less at a time, give a lower lvs_drain_floor, or {FORCE}",
        )
    yield from _quorum_problems(cluster, service, names, weight)


def _weight_left(service: VirtualService, live: Iterable[Mapping[str, Any]]) -> int:
    has = {(server["address"], server["port"]): server["weight"] for server in live}
    return sum(
        min(member.server.weight, has.get(member.server.key, 0)) for member in service.members
    )


def _quorum_problems(
    cluster: Cluster, service: VirtualService, names: str, weight: int
) -> Iterator[Problem]:
    """Name a quorum that would be lost: keepalived then takes all servers out."""
    managers = {cluster.hosts[name].manager for name in cluster.directors if name in cluster.hosts}
    quorum, hysteresis = service.check["quorum"], service.check["hysteresis"] or 0
    if KEEPALIVED in managers and quorum is not None and weight < quorum + hysteresis:
        yield Problem(
            service.name,
            "check.quorum",
            quorum,
            f"would be lost without {names}, by which the weight is {weight}: keepalived then takes"
            " all servers out, with their connections",
            f"give a lower one, or {FORCE}",
        )


# ---- what is done --------------------------------------------------------------------------------
def drained_services(
    cluster: Cluster, chosen: Iterable[tuple[VirtualService, Member]]
) -> list[dict[str, Any]]:
    """Return real servers as M(lvs.cluster.ipvs_drain) takes them, whole, in their services."""
    members: dict[str, list[Member]] = {}
    for service, member in chosen:
        members.setdefault(str(service.service.key), []).append(member)
    found = []
    for service in cluster.services:
        mine = members.get(str(service.service.key))
        if mine:
            key = service.service.as_result()
            names = ("fwmark", "family") if service.service.fwmark else (
                "virtual_address", "virtual_port", "protocol",
            )  # fmt: skip
            servers = [member.server.as_result() for member in mine]
            found.append({**{name: key[name] for name in names}, "real_servers": servers})
    return found
