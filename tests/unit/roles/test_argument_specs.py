# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role's defaults say and what its argument specification says are one and the same.

Roles whose names begin with `_` are parts that the others share; each part has a specification.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ALL_ROLES = sorted(
    path for path in (Path(__file__).parents[3] / "roles").iterdir() if path.is_dir()
)
ROLES = [path for path in ALL_ROLES if not path.name.startswith("_")]
SHARED = [path for path in ALL_ROLES if path.name.startswith("_")]


def load(role: Path, name: str) -> dict[str, Any]:
    """Read one of the role's files."""
    return dict(yaml.safe_load((role / name).read_text()) or {})


def documented(default: Any, option: dict[str, Any]) -> Any:
    """Return a default as a specification has it: what is worked out is no list of mappings."""
    worked_out = isinstance(default, str) and default.startswith("{{")
    return None if worked_out and option.get("elements") == "dict" else default


def tasks_of(path: Path) -> list[dict[str, Any]]:
    """Return the tasks of a file, those in blocks too."""
    found = []
    for task in yaml.safe_load(path.read_text()):
        found += [task, *task.get("block", ()), *task.get("rescue", ())]
    return found


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
        assert options[name].get("default") == documented(default, options[name]), name
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


@pytest.mark.parametrize("role", SHARED, ids=lambda role: str(role.name))
def test_shared_parts_are_named_and_explained(role: Path) -> None:
    """The others include what they need of it, by name: each part is specified."""
    specs = load(role, "meta/argument_specs.yml")["argument_specs"]
    included = {path.stem for path in (role / "tasks").glob("*.yml") if path.stem in specs} | {
        Path(str(task["ansible.builtin.include_tasks"])).stem
        for path in (role / "tasks").glob("*.yml")
        for task in tasks_of(path)
        if "{{" not in str(task.get("ansible.builtin.include_tasks", "{{"))
    }
    assert included == {path.stem for path in (role / "tasks").glob("*.yml")}
    readme = (role / "README.md").read_text()
    for part, spec in specs.items():
        assert f"`{part}`" in readme, part
        for name, option in spec["options"].items():
            assert name.lstrip("_").startswith(f"{role.name.lstrip('_')}_")
            assert option["description"], name


def role_of(task: dict[str, Any]) -> dict[str, Any]:
    """Return what a task includes or imports, if it is a role."""
    found = task.get("ansible.builtin.include_role") or task.get("ansible.builtin.import_role")
    return dict(found or {})


def includes() -> list[tuple[str, dict[str, Any]]]:
    """Return where a role includes or imports a shared one, and the task."""
    return [
        (f"{role.name}/{path.stem}", task)
        for role in ALL_ROLES
        for path in sorted((role / "tasks").glob("*.yml"))
        for task in tasks_of(path)
        if "._" in str(role_of(task).get("name", ""))
    ]


@pytest.mark.parametrize(("where", "task"), includes(), ids=lambda value: str(value)[:40])
def test_shared_parts_are_given_what_they_ask_for(where: str, task: dict[str, Any]) -> None:
    """All that is required, and nothing that they do not have."""
    asked = role_of(task)
    (role,) = [role for role in SHARED if f"lvs.cluster.{role.name}" == asked["name"]]
    specs = load(role, "meta/argument_specs.yml")["argument_specs"]
    options = specs[asked.get("tasks_from", "main")]["options"]
    given = set(task.get("vars", {}))
    assert given <= set(options), where
    assert given >= {name for name, option in options.items() if option.get("required")}, where


@pytest.mark.parametrize("role", ALL_ROLES, ids=lambda role: str(role.name))
def test_templates_lie_at_the_path_of_their_destination(role: Path) -> None:
    """So who looks for what writes a file finds it."""
    templates = [path.relative_to(role / "templates") for path in role.glob("templates/**/*.j2")]
    for path in templates:
        assert path.parts[0] in ("etc", "run"), path
