# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the variables and facts of a host to what the cluster has to know of it.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    canonical_address,
    parse_address,
    parse_server_address,
)

from .model import STATIC, Host, Interface
from .problem import Problem, problem_of

SSH_PORT = 22

# Returns a variable of a host, or None where there is none.
Variable = Callable[[str], Any]


def read_host(name: str, variable: Variable) -> tuple[Host, list[Problem]]:
    """Read a host, and say what is wrong with what it says of itself."""
    item = f"host {name}"
    facts = variable("ansible_facts") or {}
    problems: list[Problem] = []

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
    vip_prefix = _prefix_length(variable("director_vip_prefix"))
    if vip_prefix is not None and not 1 <= vip_prefix <= 128:
        problems.append(
            Problem(
                item,
                "director_vip_prefix",
                variable("director_vip_prefix"),
                "is not a prefix length",
                "give a number such as 24, or leave it out",
            )
        )
        vip_prefix = None
    return Host(
        name,
        interfaces=interfaces_of_facts(facts),
        gateways=gateways_of_facts(facts),
        managed_at=managed_at(variable, name),
        dip=address("lvs_dip"),
        rip=address("lvs_rip"),
        rip6=rip6,
        gateway=str(variable("nat_real_server_gateway") or ""),
        manager=str(variable("director_manager") or STATIC),
        vip_interface=str(variable("director_vip_interface") or ""),
        vip_prefix=vip_prefix,
        kernel_ipvs=_kernel_ipvs(variable("director_kernel_ipvs")),
        arp_ignored_on=_arp_ignored_on(variable("director_arp_ignoring")),
        refused=frozenset(problem.field for problem in problems),
    ), problems


def interfaces_of_facts(facts: Mapping[str, Any]) -> tuple[Interface, ...]:
    """Read the interfaces and their addresses out of Ansible's network facts."""
    found = []
    for name in facts.get("interfaces") or ():
        if name == "lo":
            continue
        fact = facts.get(re.sub(r"[^A-Za-z0-9_]", "_", name)) or {}
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
        found.append(Interface(str(name), tuple(addresses)))
    return tuple(found)


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


def _prefix_length(value: Any) -> int | None:
    """Read a prefix length; nothing given is None, and what is no number is 0."""
    if value in (None, ""):
        return None
    text = str(value).strip() if not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and text.isascii() else 0


def _kernel_ipvs(answer: Any) -> frozenset[str] | None:
    """Read what the role director was answered when it asked for the kernel's modules."""
    lines = answer.get("stdout_lines") if isinstance(answer, Mapping) else None
    return frozenset(map(str, lines)) if lines is not None else None


def _arp_ignored_on(answer: Any) -> tuple[str, ...]:
    """Read what the role director was answered when it asked where arp_ignore is set."""
    lines = answer.get("stdout_lines") if isinstance(answer, Mapping) else None
    interfaces = {str(path).split("/")[-2] for path in lines or ()} - {"lo", "default"}
    return tuple(sorted(interfaces))
