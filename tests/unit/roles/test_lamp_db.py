# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role on a controller that has no community.mysql."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
# As a role of a play, all of whose files are read at the beginning, and as playbooks include it.
PLAYS = {
    "play": "roles: [lvs.cluster.lamp_db]",
    "include": "tasks: [{include_role: {name: lvs.cluster.lamp_db, tasks_from: preflight}}]",
}


@pytest.mark.parametrize("how", PLAYS)
def test_preflight_asks_for_the_collection(how: str, tmp_path: Path) -> None:
    playbook = tmp_path / "play.yml"
    playbook.write_text(f"[{{hosts: localhost, gather_facts: false, {PLAYS[how]}}}]\n")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(PROJECT / ".ansible/collections"),
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
    }
    run = subprocess.run(
        ["ansible-playbook", "--check", "-c", "local", str(playbook)],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
    )
    assert run.returncode == 2
    assert (
        "community.mysql is not installed on the controller, and databases and users are made by"
        " it; run ansible-galaxy collection install 'community.mysql:>=3.8.0' --upgrade."
    ) in run.stdout + run.stderr
