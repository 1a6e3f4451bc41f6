# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts are in the groups of the cluster, by whatever names the inventory has for these.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._asked import Asked
from .._problem import Problem
from .._settings.kinds import Place
from .._settings.roles import CLUSTER, GROUPS

VARIABLE = CLUSTER.variable("groups")
_ITEM = "inventory"


class Groups(NamedTuple):
    """The hosts of each group of the cluster, and what the inventory calls it.

    The name of one that the inventory is not to have is empty, and so it is itself.
    """

    hosts: Mapping[str, Sequence[str]]
    names: Mapping[str, str] = MappingProxyType({})

    def name(self, group: str) -> str:
        """Return what messages call a group."""
        return self.names.get(group) or group


def groups_of(asked: Asked) -> Groups:
    """Return the groups. Raise ModelError where C(lvs_groups) cannot be read."""
    found, problems = read_groups(_given(asked), asked.groups)
    if problems:
        raise ModelError(*problems[0])
    return found


def group_problems(asked: Asked, needed: Sequence[str]) -> list[Problem]:
    """Return what is wrong with C(lvs_groups), and with an inventory that has no host.

    There has to be one in a group of C(needed), unless no group is, and in this run.
    """
    found, problems = read_groups(_given(asked), asked.groups)
    problems += _differences(asked)
    hosts = [host for group in needed for host in found.hosts[group]]
    if needed and not problems:
        groups = [found.names[group] or group for group in needed]
        if not hosts:
            problems.append(_no_host(groups))
        elif not {*hosts} & {*asked.variable("ansible_play_hosts_all", hosts)}:
            problems.append(_none_in_this_run(groups))
    return problems


def _none_in_this_run(groups: Sequence[str]) -> Problem:
    """Without it the plays would say that no hosts matched, and the run would end well."""
    *others, last = groups
    which = f"groups {', '.join(others)} and {last}" if others else f"group {last}"
    why = f"leaves out all hosts of the {which}, and nothing would be done"
    return Problem("", "--limit", None, why, "give one that has them, or none")


def _no_host(groups: Sequence[str]) -> Problem:
    *others, last = groups
    why, into, are = f"the group {last} has no host", "it", "is"
    if others:
        why = f"none of the groups {', '.join(others)} and {last} has a host"
        into, are = "them", "are"
    advice = f"put hosts into {into}, or say in {VARIABLE} what yours {are} called"
    return Problem(_ITEM, "", None, why, f"{advice}, and give the inventory by -i")


def read_groups(given: Any, inventory: Mapping[str, Sequence[str]]) -> tuple[Groups, list[Problem]]:
    """Return the groups, and what is wrong with C(lvs_groups), which is None where nobody sets it.

    C(inventory) has all groups that there are, each with its hosts.
    """
    problems: list[Problem] = []
    own: dict[str, str] = {}
    if given is not None:
        kind = CLUSTER.variables["groups"]
        own = kind.read(given, Place(_ITEM, VARIABLE), problems) or {}
        if not problems:
            problems += _problems(given, own, inventory)
    names = {group: own.get(group, group) for group in GROUPS}
    hosts = {group: tuple(inventory.get(name) or ()) for group, name in names.items()}
    return Groups(hosts, names), problems


def _problems(
    given: Mapping[str, Any], own: Mapping[str, str], inventory: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    """Give what is wrong with names that might be."""
    for group, said in given.items():
        field, name = f"{VARIABLE}.{group}", own.get(group, "")
        if said is None:
            yield Problem(_ITEM, field, None, "is not given", "give a group, '' for none")
        elif name and name not in inventory:
            near = difflib.get_close_matches(name, inventory, 1)
            advice = f"use {near[0]}" if near else "give one that ansible-inventory --graph shows"
            yield Problem(_ITEM, field, name, "is no group of the inventory", advice)
        elif name in GROUPS and name not in own:
            # An inventory may call its real servers web_servers, and want no other Apache there.
            why = f"is what the group {name} of the cluster is called, too"
            yield Problem(_ITEM, field, name, why, f"give {VARIABLE}.{name} as well, '' for none")


def _given(asked: Asked) -> Any:
    """Return C(lvs_groups); the hosts of a play are worked out before there is one to have it."""
    given = asked.variable(VARIABLE, None)
    return _of_inventory(asked) if given is None and not asked.host else given


def _of_inventory(asked: Asked) -> Any:
    """Return that of the first host, which is that of all."""
    first = next(iter(asked.groups.get("all") or ()), "")
    return asked.hostvars[first].get(VARIABLE) if first in asked.hostvars else None


def _differences(asked: Asked) -> Iterator[Problem]:
    """Give the first host that says otherwise than the first of all."""
    first, *others = asked.groups.get("all") or [""]
    said = _of_inventory(asked)
    for name in others:
        own = asked.hostvars[name].get(VARIABLE) if name in asked.hostvars else said
        if own != said:
            why = f"is not that of {first}"
            if own is None:
                why = f"is given for {first}, and not here"
            advice = "give it once, for all hosts: in group_vars/all.yml, or by -e"
            yield Problem(f"host {name}", VARIABLE, own, why, advice)
            return
