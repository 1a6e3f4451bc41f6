# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role nfs_client takes out of /etc/fstab, and of systemd's units."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats.fstab import field_pattern

ROLE = Path(__file__).parents[3] / "roles" / "nfs_client"
OTHERS = """\
nas:/srv /srv/ab nfs ro 0 0
/dev/vdb /srv/a\\040b ext4 ro 0 0
# nas:/x /srv/a\\040b nfs ro
"""


def run(tmp_path: Path, part: str, where: str, instead: Path, variables: dict[str, Any]) -> str:
    """Run a part of the role on other files than the host's, and return what Ansible tells."""
    tasks = ROLE.joinpath("tasks", part).read_text()
    assert where in tasks
    tmp_path.joinpath(part).write_text(tasks.replace(where, str(instead)))
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {**variables, "ansible_python_interpreter": sys.executable},
        "tasks": [{"ansible.builtin.include_tasks": part}],
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
    return done.stdout


@pytest.mark.parametrize(
    ("path", "written"),
    [("/srv/a b", r"/srv/a\040b"), ("/srv/a.b&c", r"/srv/a.b\046c"), ("/srv/data", "/srv/data")],
)
def test_line_of_a_mount_is_forgotten(tmp_path: Path, path: str, written: str) -> None:
    """As it is written there: with a blank as \\040. Others are left."""
    fstab = tmp_path / "fstab"
    fstab.write_text(f"{OTHERS}nas:/srv/a\\040b {written} nfs4 rw,_netdev 0 0\n")
    step = {"path": path, "fstab_path": field_pattern(path)}
    run(tmp_path, "forget.yml", "/etc/fstab", fstab, {"__nfs_client_step": step})
    assert fstab.read_text() == OTHERS


def test_units_of_mounts_are_left(tmp_path: Path) -> None:
    """With what is somebody else's in their directories; once."""
    mine, shared = (tmp_path / f"{name}.mount.d" for name in (r"srv-a\x20b", "srv-shared"))
    for directory in (mine, shared):
        directory.mkdir()
        directory.joinpath("lvs-cluster.conf").touch()
    shared.joinpath("own.conf").touch()
    left = {"__nfs_client_left": [r"srv-a\x20b", "srv-shared", "srv-never"]}
    assert " changed=2 " in run(tmp_path, "leave.yml", "/etc/systemd/system", tmp_path, left)
    assert not mine.exists()
    assert [path.name for path in shared.iterdir()] == ["own.conf"]
    assert " changed=0 " in run(tmp_path, "leave.yml", "/etc/systemd/system", tmp_path, left)
