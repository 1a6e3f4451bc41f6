# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a role, a row each, and how they are read for a host.

Private to the collection: names and behaviour may change in any release.

Their defaults are those of the role's own file, so that whoever asks has the same values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Callable, NamedTuple

from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._asked import Asked
from .._problem import Problem
from .kinds import Kind, Place, nearest

_ROLES = Path(__file__).parents[3] / "roles"

# Returns a variable of a host, or the second argument where there is none.
Variable = Callable[[str, Any], Any]
# What cannot be of a role's variables together, read and without the role's name.
Rule = Callable[[str, Mapping[str, Any]], Iterator[Problem]]


class Role(NamedTuple):
    """A role's variables by name, without the role's; what cannot be of them together.

    C(registered) are names that its tasks give to what they find out.
    """

    name: str
    variables: Mapping[str, Kind]
    rules: Sequence[Rule] = ()
    registered: Collection[str] = ()

    def variable(self, name: str) -> str:
        """Return what users call a variable."""
        return f"{self.name}_{name}"


def read_settings(
    role: Role, variable: Variable, item: str = ""
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the variables of a role without its name, read, and what is wrong with them.

    C(item) is what messages call whose they are. One that cannot be read is at its default. One
    whose default is a template is left out where nobody sets it: it hangs on variables of a play.
    """
    problems: list[Problem] = []
    found: dict[str, Any] = {}
    for name, kind in role.variables.items():
        whole = role.variable(name)
        default = _defaults(role.name).get(whole)
        given = variable(whole, default)
        # A list or mapping that is left empty in YAML is None, and a template gives nothing as "".
        is_nothing = given == "" and default is None and whole in _defaults(role.name)
        is_given = given is not None and not is_nothing
        read = kind.read(given, Place(item, whole), problems) if is_given else None
        if read is None and default is not None:
            read = kind.read(default, Place(item, whole), [])
        if read is not None or whole in _defaults(role.name):
            found[name] = read
    for rule in role.rules:
        problems += rule(item, found)
    return found, problems


def settings_of(role: Role, variable: Variable, item: str = "") -> dict[str, Any]:
    """Return the variables of a role, read. Raise ModelError for one that cannot be."""
    found, problems = read_settings(role, variable, item)
    if problems:
        raise ModelError(*problems[0])
    return found


def unknown_variables(role: Role, names: Collection[str], item: str = "") -> list[Problem]:
    """Return a problem for each name that begins as the role's variables do, and is none of them.

    C(names) are those of all variables of a host. One that is misspelt would be ignored.
    """
    prefix = role.variable("")
    own = [str(name).removeprefix(prefix) for name in names if str(name).startswith(prefix)]
    return [
        Problem(
            item,
            role.variable(name),
            None,
            f"is not a variable of {_owner(role)}, whose variables begin with {prefix}",
            f"use {nearest(name, role.variables, prefix)}, or give it another name",
        )
        for name in sorted(own)
        if name not in role.variables and name not in role.registered
    ]


def own_settings(asked: Asked, role: Role) -> tuple[dict[str, Any], list[Problem]]:
    """Return the variables of a role for the host that asks, and all that is wrong with them."""
    item = f"host {asked.host}"
    found, problems = read_settings(role, asked.variable, item)
    return found, [*unknown_variables(role, asked.names, item), *problems]


def default_of(role: Role, name: str) -> Any:
    """Return what a variable is where nobody sets it; None where that is a template."""
    default = _defaults(role.name).get(role.variable(name))
    return None if default is None else role.variables[name].read(default, Place("", name), [])


def _owner(role: Role) -> str:
    return "this collection" if role.name == "lvs" else f"the role {role.name}"


@cache
def _defaults(role: str) -> Mapping[str, Any]:
    path = _ROLES / role / "defaults" / "main.yml"
    return {
        name: value
        for name, value in yaml_load(path.read_text(encoding="utf-8")).items()
        if not (isinstance(value, str) and "{{" in value)
    }
