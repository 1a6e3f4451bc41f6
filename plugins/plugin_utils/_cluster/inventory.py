# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the variables and facts of a host to what the cluster has to know of it.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import ipaddress
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
from .model import STATIC, Host, Interface
from .systems import system_problem
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

    units = read_units(variable("__preflight_units"))
    cluster = variable("lvs_cluster")
    try:
        cluster = parse_cluster(item, "lvs_cluster", cluster) if cluster not in (None, "") else ""
    except ModelError as error:
        problems.append(problem_of(error, item))
        cluster = ""
    return Host(
        name,
        interfaces=interfaces_of_facts(facts),
        gateways=gateways_of_before(units, cluster, gateways_of_facts(facts)),
        cluster=cluster,
        units=units,
        managed_at=managed_at(variable, name),
        dip=address("lvs_dip"),
        rip=address("lvs_rip"),
        rip6=rip6,
        gateway=of_role(NAT_REAL_SERVER, "gateway") or "",
        manager=of_role(DIRECTOR, "manager") or STATIC,
        vip_interface=of_role(DIRECTOR, "vip_interface") or "",
        vip_prefix=of_role(DIRECTOR, "vip_prefix"),
        vip_prefix6=of_role(DIRECTOR, "vip_prefix6"),
        kernel_ipvs=_kernel_ipvs(variable("director_kernel_ipvs")),
        arp_ignored_on=_arp_ignored_on(variable("director_arp_ignoring")),
        refused=frozenset(problem.field for problem in problems),
    ), problems


def interfaces_of_facts(facts: Mapping[str, Any]) -> tuple[Interface, ...]:
    """Read the interfaces and their addresses out of Ansible's network facts.

    Facts have a hyphen of a name as an underscore, and keep all else. What has a label of its own,
    such as C(eth0:vip), they have as one more interface, C(eth0_vip), but with no C(device).
    """
    named = {str(name): _fact_of(facts, name) for name in facts.get("interfaces") or ()}
    found = {name: _addresses_of(fact) for name, fact in named.items() if not _is_label(fact)}
    for label, fact in named.items():
        if _is_label(fact):
            holders = [name for name in found if label.startswith(name)]
            holder = found.setdefault(max(holders, key=len, default=label), [])
            holder += [address for address in _addresses_of(fact) if address not in holder]
    found.pop("lo", None)
    return tuple(
        Interface(name, tuple(addresses), named[name].get("mtu") or Interface.mtu)
        for name, addresses in found.items()
    )


def _fact_of(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = facts.get(str(name).replace("-", "_")) or {}
    return found


def _is_label(fact: Mapping[str, Any]) -> bool:
    return bool(fact) and "device" not in fact


def _addresses_of(fact: Mapping[str, Any]) -> list[str]:
    addresses = []
    for entry in (fact.get("ipv4"), *(fact.get("ipv4_secondaries") or ())):
        if entry and entry.get("address") and entry.get("netmask"):
            prefix = ipaddress.ip_network(f"0.0.0.0/{entry['netmask']}").prefixlen
            addresses.append(f"{entry['address']}/{prefix}")
    addresses += [
        f"{entry['address']}/{entry['prefix']}"
        for entry in fact.get("ipv6") or ()
        if entry.get("scope") != "link"
    ]
    return addresses


def gateways_of_facts(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the default gateways, at most one a family, out of Ansible's network facts."""
    routes = [facts.get(f"default_{family}") or {} for family in ("ipv4", "ipv6")]
    return tuple(str(route["gateway"]) for route in routes if route.get("gateway"))


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


def _kernel_ipvs(answer: Any) -> frozenset[str] | None:
    """Read what the role director was answered when it asked for the kernel's modules."""
    lines = answer.get("stdout_lines") if isinstance(answer, Mapping) else None
    return frozenset(map(str, lines)) if lines is not None else None


def _arp_ignored_on(answer: Any) -> tuple[str, ...]:
    """Read what the role director was answered when it asked where arp_ignore is set."""
    lines = answer.get("stdout_lines") if isinstance(answer, Mapping) else None
    interfaces = {str(path).split("/")[-2] for path in lines or ()} - {"lo", "default"}
    return tuple(sorted(interfaces))
