# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tasks do on the controller, they do as its user, however they become root on the hosts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).parents[3] / "roles"


def delegated(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tasks and blocks that say it themselves."""
    inner = [one for task in tasks for one in delegated(task.get("block", []))]
    return [task for task in tasks if task.get("delegate_to") == "localhost"] + inner


TASKS = {
    f"{path.relative_to(ROLES)}: {task['name']}": task
    for path in sorted(ROLES.glob("*/tasks/*.yml"))
    for task in delegated(yaml.safe_load(path.read_text()))
}


def test_there_are_some() -> None:
    assert len(TASKS) > 3


@pytest.mark.parametrize("where", TASKS)
def test_nobody_else_is_become_there(where: str) -> None:
    """A variable of the inventory counts more than the word at the task."""
    assert TASKS[where]["become"] is False
    assert TASKS[where]["vars"]["ansible_become"] is False
