# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook check_host: it asks, and changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from parts import module, tasks

HOUSE = Path(__file__).parents[3]
ROLE = HOUSE / "roles" / "_check_host" / "tasks"
ASKING = {"host_check", "setup", "set_fact", "assert", "debug"}


@pytest.mark.parametrize("part", sorted(ROLE.glob("*.yml")), ids=lambda part: part.stem)
def test_nothing_is_changed_on_a_host(part: Path) -> None:
    """By modules that only look."""
    assert {module(task) for task in tasks(part)} <= ASKING


def test_host_without_an_inventory() -> None:
    """It is asked by its own package manager, and nothing on it is said to have changed."""
    done = subprocess.run(
        [
            *("ansible-playbook", "-i", "lb1,", "-c", "local", "playbooks/check_host.yml"),
            *("-e", json.dumps({"ansible_python_interpreter": sys.executable})),
        ],
        cwd=HOUSE,
        env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["stats"]["lb1"]["changed"] == 0
    results = [task["hosts"].get("lb1", {}) for play in told["plays"] for task in play["tasks"]]
    facts = [result.get("ansible_facts", {}) for result in results]
    (found,) = [fact["__check_host_found"] for fact in facts if "__check_host_found" in fact]
    assert found["lines"][0].startswith("host lb1: for director, nat_real_server")
    assert any(line.startswith("packages: ") for line in found["lines"])
    # This machine may be of any kind: what is missing is told, and ends the run.
    assert (done.returncode == 0) == (found["problems"] == [])
