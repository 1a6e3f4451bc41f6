# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the variables and facts of a host to what the cluster has to know of it.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.lvs.cluster.plugins.module_utils._link.unit import parse_cluster
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    canonical_address,
    parse_address,
    parse_server_address,
)

from .._problem import Problem, problem_of
from .._settings.kinds import Place
from .._settings.role import Role
from .._settings.roles import DIRECTOR, NAT_REAL_SERVER
from .announce import VARIABLE as ANNOUNCE
from .announce import read_announce
from .model import STATIC, Host, Interface
from .systems import role_problem, system_problem
from .units import gateways_of_before, read_units

SSH_PORT = 22

# Returns a variable of a host, or None where there is none.
Variable = Callable[[str], Any]


def read_host(name: str, variable: Variable) -> tuple[Host, list[Problem]]:
    """Read a host, and say what is wrong with what it says of itself."""
    item = f"host {name}"
    facts = variable("ansible_facts") or {}
    problems = list(filter(None, [system_problem(item, facts)]))

    def address(field: str) -> str:
        given = variable(field)
        if given in (None, ""):
            return ""
        try:
            parse = parse_address if field == "lvs_dip" else parse_server_address
            return parse(item, field, str(given))
        except ModelError as error:
            problems.append(problem_of(error, item))
            return ""

    rip6 = address("lvs_rip6")
    if rip6 and ":" not in rip6:
        problems.append(
            Problem(item, "lvs_rip6", rip6, "is not an IPv6 address", "give one, or leave it out")
        )
        rip6 = ""

    def of_role(role: Role, name: str) -> Any:
        field = role.variable(name)
        given = variable(field)
        if given in (None, ""):
            return None
        return role.variables[name].read(given, Place(item, field), problems)

    found = answer_of(variable)
    units = read_units(found.get("files"))
    cluster = variable("lvs_cluster")
    try:
        cluster = parse_cluster(item, "lvs_cluster", cluster) if cluster not in (None, "") else ""
    except ModelError as error:
        problems.append(problem_of(error, item))
        cluster = ""
    given = variable(ANNOUNCE)
    announce = read_announce(item, given, problems)
    manager = of_role(DIRECTOR, "manager") or STATIC
    needed = [manager, "bird"] if announce is not None else [manager]
    installed = tuple(found.get("packages") or ())
    told = (role_problem(item, role, facts, installed) for role in needed)
    problems += filter(None, told)
    return Host(
        name,
        interfaces=interfaces_of(found),
        gateways=gateways_of_before(units, cluster, tuple(found.get("gateways") or ())),
        cluster=cluster,
        units=units,
        managed_at=managed_at(variable, name),
        dip=address("lvs_dip"),
        rip=address("lvs_rip"),
        rip6=rip6,
        gateway=of_role(NAT_REAL_SERVER, "gateway") or "",
        manager=manager,
        # Where something is wrong with it, too: one sentence says so.
        vip_interface=of_role(DIRECTOR, "vip_interface") or ("lo" if given else ""),
        vip_prefix=of_role(DIRECTOR, "vip_prefix"),
        vip_prefix6=of_role(DIRECTOR, "vip_prefix6"),
        announce=announce,
        kernel_ipvs=_kernel_ipvs(found.get("kernel_ipvs")),
        arp_ignored_on=tuple(sorted({*found.get("arp_ignoring", ())} - {"lo", "default"})),
        refused=frozenset(problem.field for problem in problems),
    ), problems


def answer_of(variable: Variable) -> Mapping[str, Any]:
    """Return what M(lvs.cluster.host_info) has told the role _preflight of a host.

    Nothing where nobody has asked it.
    """
    answer = variable("__preflight_host")
    return answer if isinstance(answer, Mapping) else {}


def interfaces_of(answer: Mapping[str, Any]) -> tuple[Interface, ...]:
    """Return the interfaces that a host has told of, without C(lo)."""
    return tuple(
        Interface(link["name"], tuple(link["addresses"]), link["mtu"])
        for link in answer.get("interfaces") or ()
        if link["name"] != "lo"
    )


def managed_at(variable: Variable, name: str) -> tuple[str, int] | None:
    """Return the address and port by which Ansible is connected to a host.

    The host tells it, in its facts, unless C(sudo) has dropped what SSH said; then the inventory
    does, where it has an address and not a name.
    """
    facts = variable("ansible_facts") or {}
    words = str((facts.get("env") or {}).get("SSH_CONNECTION") or "").split()
    if len(words) != 4:
        if (variable("ansible_connection") or "ssh") not in ("ssh", "smart", "paramiko"):
            return None
        words = ["", "", str(variable("ansible_host") or name)]
        words.append(str(variable("ansible_port") or SSH_PORT))
    address = canonical_address(words[2].split("%")[0])
    return (address, int(words[3])) if address and words[3].isdecimal() else None


def _kernel_ipvs(found: Any) -> frozenset[str] | None:
    """Read what a director's kernel has of IPVS; nothing known is not nothing there."""
    return frozenset(map(str, found)) if found is not None else None
