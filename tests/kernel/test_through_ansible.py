# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules as users run them: by Ansible, over SSH, in a playbook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from node import CHECKOUT, INVENTORY
from witness import Ipvs

PLAYBOOK = """
- hosts: all
  gather_facts: false
  module_defaults:
    group/lvs.cluster.ipvs:
      virtual_address: 192.168.0.111
      virtual_port: 80
  tasks:
    - name: Service
      lvs.cluster.ipvs_service:
        scheduler: wrr

    - name: Real server
      lvs.cluster.ipvs_real_server:
        address: 192.168.137.131
        weight: "{{ 2 * 3 }}"
      tags: real_server

    - name: Mistake
      lvs.cluster.ipvs_real_server:
        address: 192.168.137.131
        weight: 65536
      register: mistake
      failed_when: "'weight 65536 is out of range' not in mistake.msg"
      when: not ansible_check_mode
"""
# In check mode, the second task would miss what the first would have made.
WITHOUT = ("--skip-tags", "real_server")
RULES = [
    "-A -t 192.168.0.111:80 -s wrr",
    "-a -t 192.168.0.111:80 -r 192.168.137.131:80 -m -w 6",
]


def play(path: Path, *options: str) -> str:
    """Run the playbook and return what Ansible printed."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "-i", INVENTORY, path, *options],
        cwd=CHECKOUT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_playbook(ipvs: Ipvs, tmp_path: Path) -> None:
    """A playbook makes the table, says so in its diff, and finds nothing to do after."""
    path = tmp_path / "playbook.yml"
    path.write_text(PLAYBOOK)
    assert f"+{RULES[0]}" in play(path, "--check", "--diff", *WITHOUT)
    assert ipvs.rules() == []
    assert "changed=2" in play(path, "--diff")
    assert ipvs.rules() == RULES
    assert "changed=0" in play(path)
