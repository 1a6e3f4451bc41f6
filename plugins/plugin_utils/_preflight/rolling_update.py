# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which real servers a rolling update takes out together, and what is asked of them afterwards.

Private to the collection: names and behaviour may change in any release.

Where an update has broken off, the real servers that it had taken out, and those that it had given
back, are remembered as such: the next one begins with the former, and leaves the latter alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Callable, NamedTuple

from .._cluster.checks import kind_of
from .._cluster.drained import UPDATED, UPDATING, Line, servers_in
from .._cluster.model import Cluster, Member, VirtualService
from .._problem import Problem
from .._settings.kinds import nearest
from .drain import read_variables

_TUNNEL = ("tunnel_type", "tunnel_port", "tunnel_checksum")
_PAGE = ("path", "virtual_host", "method", "status", "expect")


class Update(NamedTuple):
    """What is asked for.

    C(servers) is empty for all; C(batch) is how many at a time. C(tasks) is the whole path of a
    file, or empty where C(role) updates them. C(wait) and C(watch) are seconds.
    """

    servers: tuple[str, ...]
    batch: int
    tasks: str
    role: str
    wait: int
    watch: int


_DEFAULTS: Mapping[str, Any] = {
    "host": (),
    "batch": 1,
    "update_tasks": "",
    "update_role": "",
    "update_wait": 120,
    "update_watch": 10,
}


def read_update(variable: Callable[[str, Any], Any]) -> tuple[Update, list[Problem]]:
    """Read the variables C(lvs_*) of a rolling update, and say what is wrong with them.

    The path of the file of tasks is taken from where Ansible runs.
    """
    problems: list[Problem] = []
    found = read_variables(_DEFAULTS, variable, problems)
    update = Update(tuple(found[0]), *found[1:])
    if update.tasks:
        path = Path(update.tasks).expanduser().absolute()
        update = update._replace(tasks=str(path))
        if not path.is_file():
            advice = "give the path of a file of tasks, from where the command runs"
            problems.append(Problem("", "lvs_update_tasks", str(path), "is no file", advice))
    if not problems and bool(update.tasks) is bool(update.role):
        why = "are given both" if update.tasks else "are both not given"
        advice = "give one: a file of tasks, or the name of a role, that updates a real server"
        problems.append(Problem("", "lvs_update_tasks, lvs_update_role", None, why, advice))
    service = variable("lvs_service", None)
    if not problems and service not in (None, ""):
        why = "is given, and a real server is updated for all of its services"
        problems.append(Problem("", "lvs_service", service, why, "leave it out"))
    return update, problems


def update_problems(cluster: Cluster, update: Update) -> Iterator[Problem]:
    """Name what is no real server that can be updated."""
    known = real_servers(cluster)
    for server in update.servers:
        if server not in known:
            why = "is no host of the inventory that is a real server of the description"
            advice = f"use {nearest(server, known)}" if known else "describe its service first"
            yield Problem("", "lvs_host", server, why, advice)
    if not known:
        why, advice = "has no real server that is a host of the inventory", "describe one by host"
        yield Problem("", "lvs_virtual_services", None, why, advice)


def real_servers(cluster: Cluster) -> list[str]:
    """Return the hosts that are real servers, in the order of the description."""
    found = (member for one in cluster.services for member in one.members)
    return list(dict.fromkeys(member.host for member in found if member.host))


class Order(NamedTuple):
    """Who is updated together, one batch after the other, and what to say of it.

    C(goes_on) tells whether it does so where another one broke off.
    """

    batches: list[list[str]]
    told: list[str]
    goes_on: bool


def order_of(cluster: Cluster, lines: Sequence[Line], update: Update) -> Order:
    """Return who is taken out when, and say who is left out.

    C(cluster) is with what is drained. Whoever has drained a real server has a reason: it is left
    as it is, unless it is named, or an update has drained it that broke off. Such an update goes
    on, with those first; what it had done is left alone.
    """
    begun = servers_in(UPDATING, lines)
    chosen = [one for one in real_servers(cluster) if one in (update.servers or (one,))]
    goes_on = any(server in begun for server in chosen)
    done = servers_in(UPDATED, lines) if goes_on else frozenset()
    drained = {
        member.host
        for service in cluster.services
        for member in service.members
        if member.drain is not None and member.host not in (*begun, *update.servers)
    }
    told = [f"{one} is drained, and is left as it is." for one in chosen if one in drained]
    if goes_on:
        first = ", ".join(one for one in chosen if one in begun)
        told.append(f"An update broke off at {first}, and goes on there.")
    told += [f"{one} has been updated by it." for one in chosen if one in done]
    left = [one for one in chosen if one not in drained and one not in done]
    rest = sorted(left, key=lambda server: server not in begun)
    size = update.batch
    return Order([rest[n : n + size] for n in range(0, len(rest), size)], told, goes_on)


def not_asked(cluster: Cluster, batches: Sequence[Sequence[str]]) -> Iterator[str]:
    """Say of which services nobody can tell whether a real server serves their clients."""
    servers = {server for batch in batches for server in batch}
    for service in cluster.services:
        mine = [member for member in service.members if member.host in servers]
        for member in mine:
            if not checks(cluster, [(service, member)]):
                yield (
                    f"{member.name} is not asked for {service.label}: that cannot be done by TCP"
                    " and addresses of one family."
                )


def checks(
    cluster: Cluster, chosen: Sequence[tuple[VirtualService, Member]]
) -> list[dict[str, Any]]:
    """Return how real servers are asked by the clients' way, as M(lvs.cluster.ipvs_check) takes it.

    Only TCP can tell whether somebody answers. Of a service of many ports the first one is asked,
    of one for all ports that of its check.
    """
    return [
        {
            "virtual_address": address,
            "virtual_port": port,
            "real_server": _server(member, port),
            "label": f"{member.name}, {service.label}",
            **_asked_for(service, port),
        }
        for service, member in chosen
        for address, port in _asked_at(service)
        if (":" in address) == (":" in member.server.address)
    ]


def _asked_at(service: VirtualService) -> Iterator[tuple[str, int]]:
    """Return an address and a port of each address, that of the check where it is one of them."""
    wanted = service.check["port"] or 0
    found: dict[str, int] = {}
    for address, ports in service.claims:
        if ports.protocol != "tcp":
            continue
        if wanted and (not ports.first or ports.first <= wanted <= ports.last):
            found[address] = wanted
        elif ports.first:
            found.setdefault(address, ports.first)
    yield from found.items()


def _server(member: Member, port: int) -> dict[str, Any]:
    server = member.server
    tunnel = {name: getattr(server, name) for name in _TUNNEL} if server.forward == "tun" else {}
    return {
        "address": server.address,
        "port": server.port or port,
        "forward": server.forward,
        **tunnel,
    }


def _asked_for(service: VirtualService, port: int) -> dict[str, Any]:
    """Return what is asked for; at another port than the check's it is only connected to."""
    check = service.check
    if not kind_of(check).web_ports or (check["port"] or port) != port:
        return {}
    fields: Mapping[str, Any] = {name: check[name] for name in _PAGE}
    page = {name: value for name, value in fields.items() if value is not None}
    if "status" in page:
        page["status"] = list(page["status"])
    return {"type": check.type, **page}
