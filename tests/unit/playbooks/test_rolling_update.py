# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a rolling update: nobody gets clients who has not shown that it serves them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

HOUSE = Path(__file__).parents[3]
BATCH = HOUSE / "roles" / "_rolling_update" / "tasks" / "batch.yml"


def steps() -> list[dict[str, Any]]:
    """The tasks of a batch, those in blocks in their place."""
    found: list[dict[str, Any]] = []
    for task in yaml.safe_load(BATCH.read_text()):
        found += task.get("block") or []
    return found


def test_the_order() -> None:
    """Out of service, updated, asked, given back, watched."""
    ask, drain, wait, end, *update, asked, back, given_back, watched = steps()
    taken_out = [ask, drain, wait, end]
    parts = [task["ansible.builtin.include_role"]["tasks_from"] for task in taken_out]
    assert parts == ["ask", "drain", "wait", "end"]
    assert taken_out[0]["vars"]["drain_term"] == "update"
    assert update[-1]["ansible.builtin.meta"] == "flush_handlers"
    assert asked["ansible.builtin.include_tasks"] == "check.yml"
    assert back["vars"]["drain_term"] == "updated"
    assert given_back["ansible.builtin.include_role"]["tasks_from"] == "undrain"
    assert watched["ansible.builtin.include_tasks"] == "check.yml"
    assert "rolling_update_wait" in asked["vars"]
    assert "rolling_update_steady" in watched["vars"]


def test_the_first_error_ends_it() -> None:
    """On whichever host: the next batch is not begun."""
    *_others, play = yaml.safe_load((HOUSE / "playbooks" / "rolling_update.yml").read_text())
    assert play["any_errors_fatal"] is True
    assert play["gather_facts"] is False
    text = (HOUSE / "roles" / "_rolling_update" / "tasks" / "batch.yml").read_text()
    assert "ignore_errors" not in text


def test_what_is_run_is_loaded_before_anything_is_changed() -> None:
    """In the play that works out the batches."""
    tasks = yaml.safe_load(BATCH.with_name("plan.yml").read_text())
    included = [task.get("ansible.builtin.include_tasks") for task in tasks]
    assert "read.yml" in included
    _groups, plan, _update = yaml.safe_load((HOUSE / "playbooks/rolling_update.yml").read_text())
    assert plan["tasks"][0]["ansible.builtin.import_role"]["tasks_from"] == "plan"
