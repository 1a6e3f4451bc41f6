# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookup C(lvs.cluster.plan) is asked by the playbook check_host.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._asked import Asked, Plan
from .._backend.php_app import packages as application_packages
from .._backend.virtual_hosts import packages as web_packages
from .._cluster.announce import VARIABLE as ANNOUNCE
from .._cluster.description import cluster_for
from .._cluster.groups import groups_of
from .._cluster.model import HEALTH_CHECKERS, STATIC, Cluster
from .._cluster.names import names_of
from .._cluster.systems import role_problem, system_problem
from .._problem import Problem, problem_of
from .._settings.kinds import Place
from .._settings.role import read_settings
from .._settings.roles import BY_NAME, CLUSTER, DIRECTOR
from .._views import director, ldirectord, real_server
from .judgement import Asked as Answered
from .judgement import lacks, notes
from .needs import Needs, Wish, needs_of

_VARIABLE = CLUSTER.variable("check_roles")
_REAL_SERVERS = ("nat_real_server", "dr_real_server", "tun_real_server")
# Of a host that is in no group, and of which nobody says more.
_ANYWHERE = ("director", *_REAL_SERVERS)
_BY_GROUP = {
    "nfs_servers": ("nfs_server",),
    "nfs_clients": ("nfs_client",),
    "databases": ("lamp_db",),
    "web_servers": ("lamp_web", "php_app"),
}


def _host_needs(asked: Asked) -> dict[str, Any]:
    """Return what this host is asked for, and what is wrong before it is."""
    facts = asked.variable("ansible_facts", {})
    item = f"host {asked.host}"
    problem = system_problem(item, facts)
    try:
        roles, problems = _roles(asked)
    except ModelError as error:
        return {"problems": [problem_of(error, str(error.item)).as_result()]}
    if problem is not None or problems:
        return {"problems": [one.as_result() for one in (*problems, *filter(None, [problem]))]}
    needs = _needs(asked, roles, facts)
    return {"problems": [], "roles": roles, "ask": needs.as_options()}


def _host_lacks(asked: Asked) -> dict[str, Any]:
    """Return what the host lacks by what it has answered, and what it has, a line each."""
    facts = asked.variable("ansible_facts", {})
    roles, _problems = _roles(asked)
    answer = asked.option("answer")
    answered = Answered(asked.host, facts, _needs(asked, roles, facts), answer)
    installed = answer["packages"]["installed"]
    not_yet = (role_problem(f"host {asked.host}", role, facts, installed) for role in roles)
    return {
        "problems": [one.as_result() for one in (*filter(None, not_yet), *lacks(answered))],
        "lines": [f"host {asked.host}: for {', '.join(roles)}", *notes(answered)],
    }


def _roles(asked: Asked) -> tuple[list[str], list[Problem]]:
    """Return the roles that are asked about: those of C(lvs_check_roles), else by its groups."""
    problems: list[Problem] = []
    given = asked.variable(_VARIABLE, None)
    if given not in (None, "", []):
        words = given.replace(",", " ").split() if isinstance(given, str) else given
        read = CLUSTER.variables["check_roles"].read(words, Place("", _VARIABLE), problems)
        return list(read or ()), problems
    groups = [name for name, hosts in groups_of(asked).hosts.items() if asked.host in hosts]
    roles = [role for group in groups for role in _of_group(asked, group)]
    return list(dict.fromkeys(roles)) or list(_ANYWHERE), problems


def _of_group(asked: Asked, group: str) -> Sequence[str]:
    if group == "directors":
        manager = asked.variable(DIRECTOR.variable("manager"), STATIC)
        announces = asked.variable(ANNOUNCE, None) not in (None, "")
        checker = [manager] if manager in HEALTH_CHECKERS else []
        return ["director", *checker, *(["bird"] if announces else [])]
    if group == "real_servers":
        cluster = _cluster(asked)
        # One that no service names yet may become each of them.
        named = real_server.real_server_roles(cluster, asked.host) if cluster else []
        return named or _REAL_SERVERS
    return _BY_GROUP.get(group, ())


def _cluster(asked: Asked) -> Cluster | None:
    """Return the cluster; None where it cannot be read, which lvs.cluster.preflight tells."""
    try:
        return cluster_for(asked)
    except ModelError:
        return None


def _needs(asked: Asked, roles: Sequence[str], facts: Mapping[str, Any]) -> Needs:
    family = str(facts.get("os_family") or "")
    selinux = (facts.get("selinux") or {}).get("status") == "enabled"
    return needs_of(roles, names_of(family), _wish(asked, roles, family), selinux)


def _wish(asked: Asked, roles: Sequence[str], family: str) -> Wish:
    """Return what description and variables ask for; of what cannot be read, the usual."""
    cluster = _cluster(asked)
    settings = {role: read_settings(BY_NAME[role], asked.variable)[0] for role in roles}
    wish = Wish(
        packages=_packages(settings, cluster, family),
        booleans={role: own.get("selinux_booleans") or () for role, own in settings.items()},
    )
    if cluster is None or not cluster.services:
        return wish
    host = cluster.hosts[asked.host]
    devices = real_server.tun_settings(cluster, asked.host)
    tunnels = [device["module"] for device in devices["devices"]]
    return wish._replace(
        schedulers=director.schedulers(cluster, host),
        tunnels=[*dict.fromkeys([*tunnels, *(["fou"] if devices["ports"] else [])])]
        or wish.tunnels,
    )


def _packages(
    settings: Mapping[str, Mapping[str, Any]], cluster: Cluster | None, family: str
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    web = settings.get("lamp_web")
    if web is not None:
        hosts, extensions = web.get("virtual_hosts") or (), web.get("php_extensions") or ()
        found["lamp_web"] = web_packages(hosts, web.get("php") or "none", extensions, family)
    if settings.get("php_app"):
        found["php_app"] = application_packages(settings["php_app"], family)
    if "ldirectord" in settings and cluster is not None:
        found["ldirectord"] = ldirectord.perl_packages(cluster, family)
    return found


PLANS: Mapping[str, Plan] = {"host_needs": _host_needs, "host_lacks": _host_lacks}
