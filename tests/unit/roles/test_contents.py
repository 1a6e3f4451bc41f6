# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contents that tasks write by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HOUSE = Path(__file__).parents[3]
TASKS = sorted((HOUSE / "roles").glob("*/tasks/*.yml"))
PLAYBOOKS = sorted((HOUSE / "playbooks").glob("*.yml"))


def contents(tasks: list[dict[str, Any]]) -> list[str]:
    """Return what the tasks of a file write, those in blocks too."""
    found = []
    for task in tasks:
        found += contents([*task.get("block", ()), *task.get("rescue", ())])
        found += [str(task.get("ansible.builtin.copy", {}).get("content", ""))]
    return found


@pytest.mark.parametrize("path", TASKS, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_lines_end_with_a_newline(path: Path) -> None:
    r"""Ansible keeps a backslash and an n as they are, unless YAML has made a newline of them."""
    for content in contents(yaml.safe_load(path.read_text())):
        assert r"\n" not in content


def given(part: Any) -> Iterator[str]:
    """Give the variables that tasks and plays set for what is in them."""
    if isinstance(part, dict):
        yield from part.get("vars") or ()
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from given(one)


def test_nobody_else_sets_what_users_do() -> None:
    """What they give by -e would go before it, and the task would do something else."""
    public: set[str] = set()
    for path in (HOUSE / "roles").glob("[!_]*/defaults/main.yml"):
        public |= {*yaml.safe_load(path.read_text())}
    assert "director_firewall" in public
    for path in (*TASKS, *PLAYBOOKS):
        assert not public & {*given(yaml.safe_load(path.read_text()))}, path
