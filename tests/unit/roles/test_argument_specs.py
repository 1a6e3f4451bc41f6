# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role's defaults say and what its argument specification says are one and the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = sorted((Path(__file__).parents[3] / "roles").glob("[!_]*/"))


def load(role: Path, name: str) -> dict[str, Any]:
    """Read one of the role's files."""
    return dict(yaml.safe_load((role / name).read_text()) or {})


@pytest.mark.parametrize("role", ROLES, ids=lambda role: str(role.name))
def test_defaults_and_specification_agree(role: Path) -> None:
    """Each variable is in both, with the same default, and carries the role's name."""
    defaults = load(role, "defaults/main.yml")
    specs = load(role, "meta/argument_specs.yml")["argument_specs"]
    options = specs["main"]["options"]
    assert set(defaults) == set(options)
    assert specs["preflight"]["options"] == options
    for name, default in defaults.items():
        assert name.startswith(f"{role.name}_")
        assert options[name].get("default") == default, name
        assert options[name]["description"]


@pytest.mark.parametrize("role", ROLES, ids=lambda role: str(role.name))
def test_readme_explains_every_variable(role: Path) -> None:
    """A variable that the documentation does not name is one that nobody finds."""
    readme = (role / "README.md").read_text()
    for name in load(role, "defaults/main.yml"):
        assert f"`{name}`" in readme, name


@pytest.mark.parametrize("role", ROLES, ids=lambda role: str(role.name))
def test_role_is_dispatched_in_parts(role: Path) -> None:
    """Every role has the same shape; some take back at the end what is no longer declared."""
    tasks = yaml.safe_load((role / "tasks/main.yml").read_text())
    parts = [task["ansible.builtin.import_tasks"] for task in tasks]
    assert parts[:4] == ["preflight.yml", "install.yml", "configure.yml", "service.yml"]
    assert parts[4:] in ([], ["retire.yml"])
