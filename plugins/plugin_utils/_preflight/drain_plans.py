# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookup C(lvs.cluster.plan) is asked by the playbooks drain and undrain.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import key_label
from ansible_collections.lvs.cluster.plugins.module_utils._values import join_host_port

from .._asked import Asked, Plan
from .._cluster.description import described_cluster, remembered_by
from .._cluster.drained import (
    CUT,
    DRAINED,
    GIVEN_BACK,
    UNDRAINED,
    UPDATED,
    UPDATING,
    Line,
    after,
    drain,
    merged,
)
from .._cluster.inventory import answer_of
from .._cluster.model import Cluster, Member, VirtualService
from .._problem import Problem
from .._views.director import key_of
from .drain import (
    Wish,
    anew,
    drain_problems,
    drained_services,
    lines_for,
    name_problems,
    read_wish,
    targets,
)
from .drain_directors import director_problems, meant, report
from .rolling_update import (
    Order,
    checks,
    not_asked,
    order_of,
    read_update,
    update_problems,
)

_VARIABLE = "director_virtual_services"
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_COUNTS = ("active", "inactive", "persistent")
_UNREACHABLE = "unreachable"
"""How the wait ended where a director did not answer any more; roles/_drain says so."""


def _wish(asked: Asked) -> tuple[Wish, list[Problem]]:
    """Return what is asked for; the option C(servers) goes before the variable C(lvs_host)."""
    servers = asked.options.get("servers")
    if not servers:
        return read_wish(asked.variable)

    def variable(name: str, default: Any) -> Any:
        return servers if name == "lvs_host" else asked.variable(name, default)

    return read_wish(variable)


def _told(asked: Asked, state: str) -> dict[str, Any]:
    """Return what this director is told, so that the real servers in C(lvs_host) are in a state."""
    wish, problems = _wish(asked)
    described = described_cluster(asked, _VARIABLE)
    remembered = remembered_by(asked, described)
    before = drain(described, remembered)
    directors = meant(before, wish)
    leave = state not in GIVEN_BACK
    problems += director_problems(before, wish, directors, asked.hostvars, leave=leave)
    whole, wish = (
        wish,
        wish._replace(servers=tuple(name for name in wish.servers if name not in directors)),
    )
    problems += name_problems(before, wish, asked.groups.get("all") or ())
    then, lines = before, before.drained
    if not problems:
        now = str(asked.option("now"))
        known = anew(before.drained, now) if asked.options.get("anew") else before.drained
        lines = lines_for(state, before, known, wish, now)
        then = drain(described, lines)
        problems += _director_problems(asked, before, whole)
        if state not in GIVEN_BACK:
            problems += drain_problems(before, then, wish, _live(asked, before))
    chosen = targets(then, wish)
    return {
        "problems": [problem.as_result() for problem in problems],
        "lines": [str(line) for line in lines],
        "services": drained_services(then, chosen),
        "directors": [*directors],
        "addresses": _addresses(chosen),
        "timeout": wish.timeout,
        "inactive_timeout": wish.inactive_timeout,
        "report": [
            *_report(state, before, then, wish, str(asked.options.get("now") or "")),
            *report(directors, asked.hostvars, leave=leave),
        ],
    }


def _addresses(chosen: Sequence[tuple[VirtualService, Member]]) -> list[str]:
    """Return their virtual addresses; none where those of a service are not known."""
    found = [service.addresses for service, _member in chosen]
    return list(dict.fromkeys(one for some in found for one in some)) if all(found) else []


def _live(asked: Asked, cluster: Cluster) -> dict[str, Any]:
    """Return the services in the table of each director that was asked for it."""
    tables = {
        name: asked.hostvars[name].get("__drain_table")
        for name in cluster.directors
        if name in asked.hostvars
    }
    return {
        name: table["services"] for name, table in tables.items() if table and "services" in table
    }


def _director_problems(asked: Asked, cluster: Cluster, wish: Wish) -> Iterator[Problem]:
    """Name the directors that would not be told: those that are left out and answer, and others.

    One that is left out and does not answer is told by the next run.
    """
    beside = asked.variable("__preflight_drained", None) or {}
    for answer in beside.get("results") or () if isinstance(beside, Mapping) else ():
        if not answer.get("unreachable") and "drained" in answer:
            yield Problem(
                f"host {answer['item']}",
                "",
                None,
                "is a director that this run leaves out, and it answers: it would go on as before"
                f" with {', '.join(wish.servers)}",
                "run it without --limit, or with all directors that answer",
            )
    if cluster.services and not answer_of(asked.inventory.get).get("services"):
        why = "no run of lvs.cluster.site has made a director of it yet"
        yield Problem(f"host {asked.host}", "", None, why, "run that first")


def _report(state: str, before: Cluster, then: Cluster, wish: Wish, now: str) -> Iterator[str]:
    """Say of each real server what becomes of it; one that is so already is told, too."""
    was = {(one.label, member.name): member for one, member in targets(before, wish)}
    for server in wish.servers:
        mine = [(one.label, member) for one, member in targets(then, wish) if member.name == server]
        labels = ", ".join(dict.fromkeys(label for label, _member in mine))
        drains = [was[label, server].drain for label, _member in mine]
        since = min((one.since for one in drains if one is not None), default="")
        if not mine:
            continue
        if state not in GIVEN_BACK:
            word = f"is drained since {since} already" if all(drains) else "gets no new clients"
            yield f"{server} {word} (services: {labels})."
        elif since:
            lasted = f", for {_seconds(since, now)} seconds" if now > since else ""
            yield f"{server} was drained since {since}{lasted}, and gets clients again ({labels})."
        else:
            yield f"{server} is not drained (services: {labels})."


def _seconds(since: str, now: str) -> int:
    return int((datetime.strptime(now, _TIME) - datetime.strptime(since, _TIME)).total_seconds())


# ---- the end of a wait ---------------------------------------------------------------------------
def _end(asked: Asked) -> dict[str, Any]:
    """Return what is taken out of the table, and how the wait went, by all directors' results."""
    wish, _problems = _wish(asked)
    described = described_cluster(asked, _VARIABLE)
    remembered = remembered_by(asked, described)
    before = drain(described, remembered)
    results = {
        name: result
        for name in before.directors
        if name in asked.hostvars
        for result in (asked.hostvars[name].get("__drain_waited"),)
        if isinstance(result, Mapping) and "ended" in result
    }
    left = {
        (one["service"], one["real_server"])
        for result in results.values()
        if result["ended"] == "timeout"
        for one in result["servers"]
        if one["open_connections"]
    }
    since = after(str(asked.option("now")), remembered)
    new = [
        Line(member.name, CUT, since, service.label)
        for service, member in targets(before, wish)
        if member.drain is not None and _names(service, member) in left
    ]
    lines = merged([*remembered, *new])
    then = drain(described, lines)
    kept = {
        (service.service.key, member.server.key)
        for service in then.services
        for member in service.in_table
    }
    gone = [
        (service, member)
        for service, member in targets(then, wish)
        if (service.service.key, member.server.key) not in kept and _names(service, member) in left
    ]
    return {
        "problems": [problem.as_result() for problem in _unseen(results, wish)],
        "lines": [str(line) for line in then.drained],
        "services": drained_services(then, gone),
        "report": [
            line for name, result in results.items() for line in _ended(name, result, bool(gone))
        ],
    }


def _unseen(results: Mapping[str, Mapping[str, Any]], wish: Wish) -> Iterator[Problem]:
    """Refuse an end that no director has seen which serves these clients."""
    silent = [name for name, one in results.items() if one["ended"] in ("", _UNREACHABLE)]
    if silent and not any(one["serves"] for name, one in results.items() if name not in silent):
        yield Problem(
            f"host {', '.join(silent)}",
            "",
            None,
            "does not answer any more, and none that answers serves these clients: whether"
            f" {', '.join(wish.servers)} still has some is not known",
            "run it again when directors serve; new clients get others meanwhile",
        )


def _names(service: VirtualService, member: Member) -> tuple[str, str]:
    """Return what M(lvs.cluster.ipvs_drain) calls a real server and its service."""
    key = service.service.key
    return key_label(key).partition(" ")[2], join_host_port(*member.server.key)


def _ended(director: str, result: Mapping[str, Any], is_cut: bool) -> Iterator[str]:
    if result["ended"] == _UNREACHABLE:
        yield f"{director} did not answer at the end, and was not waited for."
        return
    if not result["ended"]:
        yield f"{director} failed while it was waited for; what it still has is not known."
        return
    if not result["serves"]:
        yield f"{director} does not serve these clients now; nothing was waited for there."
        return
    seconds = f"{result['waited']:g} seconds"
    if result["ended"] == "empty":
        yield f"{director}: no connection is left, after {seconds}."
        return
    if result["ended"] == "closing":
        left = ", ".join(f"{result[f'{kind}_connections']} {kind}" for kind in _COUNTS[1:])
        yield f"{director}: after {seconds} what is left is closing, and ends by itself: {left}."
        return
    word = "was cut" if is_cut else "is left; it is the last real server, and stays"
    yield f"{director}: not all connections had ended after {seconds}. This {word}:"
    for one in result["connections"]:
        whom = join_host_port(one["client_address"], one["client_port"])
        to = f"fwmark {one['fwmark']}" if "fwmark" in one else (
            f"{one['protocol']} {join_host_port(one['virtual_address'], one['virtual_port'])}"
        )  # fmt: skip
        server = join_host_port(one["address"], one["port"])
        yield f"  {whom} to {to}, by {server}, {one['state']}"


def _not_back(asked: Asked) -> list[str]:
    """Say which of the real servers take no new clients by the table of this director."""
    wish, _problems = _wish(asked)
    described = described_cluster(asked, _VARIABLE)
    cluster = drain(described, remembered_by(asked, described))
    live = {key_of(entry): entry["real_servers"] for entry in asked.option("live")}
    found = []
    for service, member in targets(cluster, wish):
        servers = live.get(service.service.key, ())
        weights = {(one["address"], one["port"]): one["weight"] for one in servers}
        if member.server.weight and not weights.get(member.server.key):
            found.append(f"{member.name} gets no clients of {service.name} yet.")
    return found


# ---- rolling updates -----------------------------------------------------------------------------
def _rolling_update(asked: Asked) -> dict[str, Any]:
    """Return which real servers are updated together, and what is wrong with what is asked for."""
    update, problems = read_update(asked.variable)
    described = described_cluster(asked, _VARIABLE)
    cluster = drain(described, remembered_by(asked, described))
    problems += update_problems(cluster, update)
    order = Order([], [], False) if problems else order_of(cluster, cluster.drained, update)
    numbered = enumerate(order.batches, 1)
    return {
        "problems": [problem.as_result() for problem in problems],
        "batches": order.batches,
        "goes_on": order.goes_on,
        "tasks": update.tasks,
        "role": update.role,
        "wait": update.wait,
        "watch": update.watch,
        "report": [
            *order.told,
            *not_asked(cluster, order.batches),
            *(f"{number}: {', '.join(batch)}" for number, batch in numbered),
        ],
    }


def _checks(asked: Asked) -> list[dict[str, Any]]:
    """Return how real servers are asked by the clients' way."""
    wish, _problems = _wish(asked)
    described = described_cluster(asked, _VARIABLE)
    return checks(described, targets(described, wish))


PLANS: Mapping[str, Plan] = {
    "drain": partial(_told, state=DRAINED),
    "undrain": partial(_told, state=UNDRAINED),
    "update": partial(_told, state=UPDATING),
    "updated": partial(_told, state=UPDATED),
    "drain_end": _end,
    "rolling_update": _rolling_update,
    "checks": _checks,
    "not_back": _not_back,
}
