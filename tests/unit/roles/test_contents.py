# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contents that tasks write by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

TASKS = sorted((Path(__file__).parents[3] / "roles").glob("*/tasks/*.yml"))


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
