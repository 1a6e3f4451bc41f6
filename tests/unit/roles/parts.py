# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the parts of a role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


def tasks(part: Path) -> Iterator[dict[str, Any]]:
    """The tasks of a part, those of blocks with what their block says."""
    for task in yaml.safe_load(part.read_text()):
        block = task.pop("block", None)
        yield from [{**task, **each} for each in block] if block else [task]


def module(task: dict[str, Any]) -> str:
    """Which module a task uses."""
    (name,) = (key for key in task if "." in key)
    return name.rpartition(".")[2]
