# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of each role's variables say what its files say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings import role, roles
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.kinds import Place

ROLES = Path(__file__).parents[5] / "roles"
LOOKED_AT = ("type", "elements", "choices", "no_log", "required")


def specified(option: dict[str, Any]) -> dict[str, Any]:
    """What a specification says of a variable or a field, as far as rows do."""
    found = {name: option[name] for name in LOOKED_AT if option.get(name)}
    if "options" in option:
        found["options"] = {name: specified(inner) for name, inner in option["options"].items()}
    return found


def options(name: str) -> dict[str, Any]:
    """The specification of a role's variables."""
    read = yaml.safe_load((ROLES / name / "meta/argument_specs.yml").read_text())
    return dict(read["argument_specs"]["main"]["options"])


@pytest.mark.parametrize("name", roles.BY_NAME)
def test_rows_agree_with_the_specification(name: str) -> None:
    """The same variables, each with the same type, choices and fields."""
    rows = {
        roles.BY_NAME[name].variable(variable): kind.specification
        for variable, kind in roles.BY_NAME[name].variables.items()
    }
    assert rows == {variable: specified(option) for variable, option in options(name).items()}


@pytest.mark.parametrize("name", roles.BY_NAME)
def test_defaults_may_be(name: str) -> None:
    """Each is read, and nothing is wrong with all of them together."""
    assert role.read_settings(roles.BY_NAME[name], lambda _name, default: default)[1] == []


@pytest.mark.parametrize("name", roles.BY_NAME)
def test_examples_may_be(name: str) -> None:
    """They are what messages advise."""
    for variable, kind in roles.BY_NAME[name].variables.items():
        problems: list[Any] = []
        kind.read(kind.example, Place("", variable), problems)
        assert problems == []
