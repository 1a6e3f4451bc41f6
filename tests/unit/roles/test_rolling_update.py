# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rolling update is told to run is loaded before anything is changed, and not run then."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

HOUSE = Path(__file__).parents[3]
BOOK = [
    {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {
                "name": "Read it",
                "ansible.builtin.include_role": {
                    "name": "lvs.cluster._rolling_update",
                    "tasks_from": "read",
                },
            }
        ],
    }
]
GOOD = """
- name: Touch
  ansible.builtin.command: touch ran
  tags: [always]
- name: Nothing is known of this yet
  ansible.builtin.debug:
    msg: "{{ item }}"
  loop: "{{ nowhere }}"
- name: End
  ansible.builtin.meta: end_play
"""
NO_ROLE = """
- name: Another role
  ansible.builtin.import_role:
    name: no.such.role
"""


def read(tmp_path: Path, **plan: str) -> tuple[int, str]:
    """Read what a plan names, and return how that ended."""
    tmp_path.joinpath("book.json").write_text(json.dumps(BOOK))
    told: dict[str, Any] = {"rolling_update_plan": {"tasks": "", "role": "", **plan}}
    done = subprocess.run(
        ["ansible-playbook", "-i", "localhost,", "-clocal", "-e", json.dumps(told), "book.json"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_CONFIG": str(HOUSE / "ansible.cfg"), "ANSIBLE_NOCOLOR": "true",
             "ANSIBLE_ROLES_PATH": str(tmp_path / "roles")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert not tmp_path.joinpath("ran").exists()
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def role(tmp_path: Path, text: str) -> str:
    """Make a role with these tasks."""
    path = tmp_path / "roles" / "update" / "tasks" / "main.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return "update"


def test_what_can_be_run(tmp_path: Path) -> None:
    """It is not, whatever it is."""
    tasks = tmp_path / "update.yml"
    tasks.write_text(GOOD)
    status, told = read(tmp_path, tasks=str(tasks), role=role(tmp_path, GOOD))
    assert status == 0, told
    assert "fatal" not in told


@pytest.mark.parametrize(
    ("text", "said"),
    [("- name: x\n - y: [\n", "update.yml"), (NO_ROLE, "role 'no.such.role' was not found")],
)
def test_tasks_that_cannot(tmp_path: Path, text: str, said: str) -> None:
    """What is no YAML, or names what there is not."""
    tasks = tmp_path / "update.yml"
    tasks.write_text(text)
    status, told = read(tmp_path, tasks=str(tasks))
    assert status != 0
    assert said in told


def test_a_role_that_is_not_there(tmp_path: Path) -> None:
    """It is named, and so is what has become of the cluster."""
    status, told = read(tmp_path, role="no.such.role")
    assert status != 0
    assert "lvs_update_role no.such.role cannot be loaded" in told
    assert "Nothing has been changed." in told
