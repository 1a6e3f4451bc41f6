# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role nfs_client takes out of /etc/fstab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats.fstab import field_pattern

ROLE = Path(__file__).parents[3] / "roles" / "nfs_client"
OTHERS = """\
nas:/srv /srv/ab nfs ro 0 0
/dev/vdb /srv/a\\040b ext4 ro 0 0
# nas:/x /srv/a\\040b nfs ro
"""


@pytest.mark.parametrize(
    ("path", "written"),
    [("/srv/a b", r"/srv/a\040b"), ("/srv/a.b&c", r"/srv/a.b\046c"), ("/srv/data", "/srv/data")],
)
def test_line_of_a_mount_is_forgotten(tmp_path: Path, path: str, written: str) -> None:
    """As it is written there: with a blank as \\040. Others are left."""
    fstab = tmp_path / "fstab"
    fstab.write_text(f"{OTHERS}nas:/srv/a\\040b {written} nfs4 rw,_netdev 0 0\n")
    tasks = ROLE.joinpath("tasks/forget.yml").read_text()
    assert tasks.count("/etc/fstab") == 1
    tmp_path.joinpath("forget.yml").write_text(tasks.replace("/etc/fstab", str(fstab)))
    step = {"path": path, "fstab_path": field_pattern(path)}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"__nfs_client_step": step, "ansible_python_interpreter": sys.executable},
        "tasks": [{"ansible.builtin.include_tasks": "forget.yml"}],
    }
    book = tmp_path / "book.yml"
    book.write_text(json.dumps([play]))
    done = subprocess.run(
        ["ansible-playbook", "-i", "localhost,", "-c", "local", book],
        env={**os.environ, "ANSIBLE_HOME": str(tmp_path), "ANSIBLE_REMOTE_TEMP": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert fstab.read_text() == OTHERS
