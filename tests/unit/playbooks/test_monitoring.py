# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook monitoring: what it writes, without a host to connect to."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

HOUSE = Path(__file__).parents[3]


def run(to: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run it for the inventory ha."""
    return subprocess.run(
        ["ansible-playbook", "-i", "inventories/ha", "-e", f"lvs_monitoring_to={to}", *more,
         "playbooks/monitoring.yml"],
        cwd=HOUSE,
        env={**os.environ, "ANSIBLE_NOCOLOR": "true", "ANSIBLE_FORCE_COLOR": "false"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def test_three_files(tmp_path: Path) -> None:
    """A second run changes nothing."""
    to = tmp_path / "prometheus"
    done = run(to)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(path.name for path in to.iterdir()) == [
        "lvs-alerts.yml",
        "lvs-dashboard.json",
        "lvs-targets.json",
    ]
    targets = json.loads((to / "lvs-targets.json").read_text())
    assert [one["labels"]["lvs_director"] for one in targets] == ["director1", "director2"]
    assert all(one["targets"][0].endswith(":9100") for one in targets)
    assert "changed=0" in run(to).stdout


def test_no_folder() -> None:
    done = run(Path("/dev/null"))
    assert done.returncode == 2
    assert "lvs_monitoring_to '/dev/null' is no directory" in done.stdout
