# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookup C(lvs.cluster.plan) is asked of preflight.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Callable

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._asked import Asked, Plan
from .._cluster.description import (
    DESCRIPTION,
    cluster_for,
    own_variables,
    read,
    remembered_by,
)
from .._cluster.drained import drain
from .._cluster.groups import Groups, group_problems, groups_of
from .._cluster.inventory import answer_of
from .._cluster.model import HEALTH_CHECKERS, KEEPALIVED, LDIRECTORD, Cluster
from .._problem import Problem, problem_of
from .._settings.role import read_settings, unknown_variables
from .._settings.roles import BY_NAME, CLUSTER, CLUSTER_GROUPS, REAL_SERVERS
from .._views.ldirectord import check_intervals
from . import announce, clients_way, director, ldirectord, take_over
from .cluster import preflight
from .drained import drained_problems
from .firewall import firewall_problems
from .schedulers import warning
from .teardown import left_out_problems, read_teardown
from .vrrp import agreement_problems, vrrp_problems

# A variable that is set within a role, by its defaults, whether or not the inventory sets it.
_SIGNS = {
    "director": "director_masquerade",
    KEEPALIVED: "keepalived_priority",
    LDIRECTORD: "ldirectord_log",
    "bird": "bird_leave_timeout",
}


def _problems(asked: Asked) -> list[dict[str, Any]]:
    """Return all that cannot work of the cluster, each once."""
    within = [role for role in _SIGNS if _is_within(asked, role)]
    try:
        groups = _groups(asked, bool(within))
    except ModelError as error:
        return [problem_of(error, str(error.item)).as_result()]
    services = asked.variable(DESCRIPTION, None)
    if not services and not within and not groups.hosts["directors"]:
        # A real server alone, with its role's own variables, needs no description.
        return []
    own = own_variables(asked)
    if own[asked.host]["director_manager"] is None:
        checkers = [role for role in within if role in HEALTH_CHECKERS]
        own[asked.host]["director_manager"] = checkers[0] if checkers else None
    descriptions = _Descriptions(asked, groups, own)
    if services is None and not within and not _have_their_own(asked, groups.hosts["directors"]):
        why = "is not given"
        advice = "describe the services that clients ask for, or give [] for none"
        descriptions.problems.append(Problem("", DESCRIPTION, None, why, advice))
    cluster = descriptions.cluster([] if services is None else services)
    descriptions.problems += _name_problems(asked, cluster)
    try:
        drained = drain(cluster, remembered_by(asked, cluster))
    except ModelError as error:
        descriptions.problems.append(problem_of(error, str(error.item)))
    else:
        descriptions.problems += drained_problems(drained)
    shared: dict[str, Any] = {}
    for name in cluster.directors:
        if name in cluster.hosts:
            descriptions.problems += _director_problems(asked, descriptions, cluster, name, shared)
    floats = {name: own for name, own in shared.items() if cluster.hosts[name].floats}
    at_once = {name: own for name, own in shared.items() if name not in floats}
    descriptions.problems += agreement_problems(floats)
    descriptions.problems += announce.synchronisation_problems(cluster, at_once)
    once = {str(problem): problem for problem in descriptions.problems}
    return [problem.as_result() for problem in once.values()]


def _have_their_own(asked: Asked, directors: Sequence[str]) -> bool:
    """Tell whether a director has a description of its own."""
    known = [asked.hostvars[name] for name in directors if name in asked.hostvars]
    return any(own.get("director_virtual_services") is not None for own in known)


class _Descriptions:
    """Reads each description once: a director's may differ from C(lvs_virtual_services)."""

    def __init__(
        self,
        asked: Asked,
        groups: Groups,
        own: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.asked, self.groups, self.own = asked, groups, own
        self.problems: list[Problem] = []
        self._read: list[tuple[Any, Cluster]] = []

    def cluster(self, services: Any, variable: str = DESCRIPTION) -> Cluster:
        """Return the cluster of a description; its problems are gathered the first time.

        C(variable) is the one that has it.
        """
        for known, cluster in self._read:
            if known == services:
                return cluster
        cluster, problems = read(services, self.asked.hostvars, self.groups, self.own, variable)
        self.problems += [*problems, *preflight(cluster)]
        self._read.append((services, cluster))
        return cluster


def _director_problems(
    asked: Asked,
    descriptions: _Descriptions,
    cluster: Cluster,
    name: str,
    shared: dict[str, Any],
) -> Iterator[Problem]:
    """Give what cannot work of a director's own variables, and of its own description.

    C(shared) gets the variables of one that shares addresses with others, by VRRP or at once.
    """
    host, variable = cluster.hosts[name], _variable_of(asked, name)
    roles = ["director", *(role for role in HEALTH_CHECKERS if role == host.manager)]
    for role in roles:
        services = variable(f"{role}_virtual_services", None)
        if services is not None:
            cluster = descriptions.cluster(services, f"{role}_virtual_services")
    settings, refused = {}, []
    for role in [*roles, *(["bird"] if host.announce is not None else [])]:
        settings[role], problems = read_settings(BY_NAME[role], variable, f"host {name}")
        refused += problems
    yield from refused
    yield from director.setting_problems(host, settings["director"])
    found = answer_of(lambda name: variable(name, None))
    yield from firewall_problems(cluster, host, settings["director"], found)
    live = variable("__director_probed_table", None)
    yield from clients_way.host_problems(cluster, host, settings["director"], found, live)
    if not settings["director"]["take_over"]:
        yield from take_over.table_problems(cluster, host, found, live)
        yield from take_over.checker_problems(cluster, host, settings.get(KEEPALIVED, {}), found)
    yield from announce.setting_problems(host, settings)
    if host.announce is not None and not refused:
        shared[name] = announce.NO_DAEMON, settings["director"]
    if host.floats:
        if not refused:
            shared[name] = settings[KEEPALIVED], settings["director"]
        given = take_over.vrrp_addresses(found)
        yield from vrrp_problems(cluster, host, settings[KEEPALIVED], settings["director"], given)
    if host.manager == LDIRECTORD:
        for problem in ldirectord.setting_problems(check_intervals(cluster), settings[LDIRECTORD]):
            yield problem._replace(item=f"host {name}")


def _name_problems(asked: Asked, cluster: Cluster) -> Iterator[Problem]:
    """Give the variables of hosts that are named like those of their roles, and are none.

    And what cannot be of those that real servers have of their own.
    """
    for name in cluster.hosts:
        roles = [CLUSTER]
        if name in cluster.directors:
            roles += [BY_NAME[role] for role in _SIGNS]
        if name in cluster.real_servers:
            roles += REAL_SERVERS
            # What nobody sets is worked out from the description.
            own = asked.hostvars[name]
            for role in REAL_SERVERS:
                yield from read_settings(role, own.get, f"host {name}")[1]
        names = {*asked.hostvars[name], *(asked.names if name == asked.host else ())}
        for role in roles:
            yield from unknown_variables(role, names, f"host {name}")


def _is_within(asked: Asked, role: str) -> bool:
    """Tell whether a role asks, which has defaults where the inventory has nothing."""
    sign = _SIGNS[role]
    return sign not in asked.inventory and asked.variable(sign, None) is not None


def _groups(asked: Asked, is_director: bool) -> Groups:
    """Return directors and real servers; a host that is in no group is what its role is for."""
    hosts, names = groups_of(asked)
    groups = {name: [*hosts[name]] for name in ("directors", "real_servers")}
    if not any(asked.host in members for members in groups.values()):
        groups["directors" if is_director else "real_servers"].append(asked.host)
    return Groups(groups, names)


def _variable_of(asked: Asked, host: str) -> Callable[[str, Any], Any]:
    """Return by what to read a director's variables: its own, then those of the play."""
    if host == asked.host:
        return asked.variable
    own = asked.hostvars[host]
    inventory = asked.inventory

    def variable(name: str, default: Any) -> Any:
        if name in own:
            return own[name]
        return default if name in inventory else asked.variable(name, default)

    return variable


def _group_problems(asked: Asked) -> list[dict[str, Any]]:
    needed = asked.options.get("needed")
    problems = group_problems(asked, CLUSTER_GROUPS if needed is None else needed)
    return [problem.as_result() for problem in problems]


def _warnings(asked: Asked) -> list[dict[str, Any]]:
    """Return what works now, and keeps something else from working later."""
    try:
        found = map(warning, cluster_for(asked).services)
        return [problem.as_result() for problem in found if problem]
    except ModelError:
        return []


def _teardown(asked: Asked) -> dict[str, Any]:
    """Return which data goes with the cluster, and what is wrong with what is asked for."""
    groups = groups_of(asked).hosts
    hosts = dict.fromkeys(host for group in CLUSTER_GROUPS for host in groups[group])
    data, problems = read_teardown(asked.variable, list(hosts))
    beside = asked.variable("__teardown_directors", None) or {}
    problems += left_out_problems(beside.get("results") or ())
    return {"problems": [problem.as_result() for problem in problems], "data": data}


PLANS: Mapping[str, Plan] = {
    "problems": _problems,
    "warnings": _warnings,
    "group_problems": _group_problems,
    "teardown": _teardown,
}
