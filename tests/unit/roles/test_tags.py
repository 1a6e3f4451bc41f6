# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags: each part of a role has its own, and what looks first is in every run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HOUSE = Path(__file__).parents[3]
ROLES = sorted(path.parent.parent for path in HOUSE.glob("roles/[a-z]*/tasks/main.yml"))
WHOLE = ["main.yml", "present.yml", "table.yml"]
STEPS = [
    "groups", "facts", "preflight", "directors_forward", "real_servers", "backends",
    "directors_serve", "nfs_clients", "retire",
]  # fmt: skip
PARTS: dict[str, list[str]] = {
    "preflight": ["always"],
    "install": ["install"],
    "configure": ["configure"],
    "service": ["service"],
}
CHECKERS = ("keepalived", "ldirectord")
# What playbooks take of a role: the part, and under which tags.
TAKEN: dict[str, list[str]] = {
    **PARTS,
    "ask": ["always"],
    "absent": ["service", "table"],       # who had the table, before another one writes it
    "interrupts": ["service"],
    "leave": ["service"],
    "director table": ["service", "table"],
    "{{ director_manager }} table": ["configure", "service", "table"],
    "{{ director_manager }} present": ["install", "configure", "service", "table"],
    "present": ["install", "configure", "service"],
}  # fmt: skip
# What takes something back is in a run without tags alone.
UNTAGGED = ["bird absent", "{{ site_role }} absent", "retire"]


def loaded(path: Path) -> list[dict[str, Any]]:
    """Read a file of tasks or plays."""
    return list(yaml.safe_load(path.read_text()))


def tags_of_part(role: str, part: str) -> list[str]:
    """A health checker's configuration is what the table is made of."""
    checks = role in CHECKERS and part in ("configure", "service")
    return PARTS[part] + (["table"] if checks else [])


@pytest.mark.parametrize("role", ROLES, ids=lambda role: str(role.name))
@pytest.mark.parametrize("name", WHOLE)
def test_each_part_of_a_role_has_its_tag(role: Path, name: str) -> None:
    """Imported: tasks in the part have it, too."""
    path = role / "tasks" / name
    if name == "present.yml" and not path.exists():
        assert role.name in ("director", "bird", "lamp_web")  # whose parts are taken one by one
        return
    if name == "table.yml" and role.name not in CHECKERS:
        return
    for task in loaded(path):
        part = task["ansible.builtin.import_tasks"].removesuffix(".yml")
        if part in PARTS:
            assert task["tags"] == tags_of_part(role.name, part), part
        else:
            assert "tags" not in task, part


def test_the_directors_table_is_a_part_of_its_service() -> None:
    """Addresses, the table, and what is saved of it for the next boot."""
    first, *others = loaded(HOUSE / "roles/director/tasks/service.yml")
    assert (first["ansible.builtin.import_tasks"], first["tags"]) == ("table.yml", ["table"])
    assert not any("tags" in task for task in others)


def takes() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Give what the steps of the site take of roles: where, whose, which part, and the task."""
    for name in STEPS:
        for play in loaded(HOUSE / "playbooks" / f"{name}.yml"):
            if play.get("tags") == ["always"]:
                continue
            for task in play.get("tasks", ()):
                for kind in ("include", "import"):
                    role = task.get(f"ansible.builtin.{kind}_role")
                    if role:
                        owner = role["name"].removeprefix("lvs.cluster.")
                        yield f"{name}: {task['name']}", owner, role["tasks_from"], task


@pytest.mark.parametrize(("where", "owner", "part", "task"), [*takes()], ids=lambda x: str(x)[:50])
def test_the_steps_of_the_site_take_each_part_under_its_tag(
    where: str, owner: str, part: str, task: dict[str, Any]
) -> None:
    """Tasks that are included have it only if it is applied, or if they are tagged themselves."""
    both = f"{owner} {part}"
    if both in UNTAGGED or part in UNTAGGED:
        assert "tags" not in task
        return
    wanted = TAKEN.get(both) or TAKEN[part]
    assert task["tags"] == wanted
    include = task.get("ansible.builtin.include_role")
    if include and f"{part}.yml" not in WHOLE:
        assert include["apply"] == {"tags": wanted}


@pytest.mark.parametrize("name", ["groups", "facts", "preflight"])
def test_what_looks_first_is_in_every_run(name: str) -> None:
    """No run with tags lacks facts, and none does what cannot work."""
    plays = [
        play
        for play in loaded(HOUSE / "playbooks" / f"{name}.yml")
        if "ansible.builtin.import_playbook" not in play
    ]
    assert [play["tags"] for play in plays] == [["always"]]
