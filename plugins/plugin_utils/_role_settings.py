# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a role, with the role's own defaults where nobody sets them.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Callable

from ansible.module_utils.common.yaml import yaml_load

_ROLES = Path(__file__).parents[2] / "roles"


def role_settings(role: str, variable: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Return the variables of a role without its name, as C(variable) or the defaults have them.

    Those whose default is a template are left out: it hangs on variables of a play.
    """
    found = {}
    for name, default in _defaults(role).items():
        given = variable(name, default)
        # A list or mapping that is left empty in YAML is None.
        found[name[len(role) + 1 :]] = default if given is None else given
    return found


@cache
def role_kinds(role: str) -> Mapping[str, tuple[str, str]]:
    """Return what each variable of a role is, by its specification: a type, and one of elements."""
    specification = _read(role, "meta/argument_specs.yml")["argument_specs"]["main"]
    return {
        name[len(role) + 1 :]: (option["type"], option.get("elements", ""))
        for name, option in specification["options"].items()
    }


@cache
def _defaults(role: str) -> Mapping[str, Any]:
    return {
        name: value
        for name, value in _read(role, "defaults/main.yml").items()
        if not (isinstance(value, str) and "{{" in value)
    }


def _read(role: str, file: str) -> Any:
    return yaml_load((_ROLES / role / file).read_text(encoding="utf-8"))
