# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""molecule/shared/playbooks, asked by molecule/shared/bin/ansible-playbook."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "molecule" / "shared"
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.command:
        argv: [sh, -c, "echo $PPID; exit {{ lookup('env', 'TO_END_WITH') }}"]
      register: done
    - ansible.builtin.debug:
        msg: "it is {{ done.stdout }}, for {{ lookup('env', 'ASKED_BY') }}"
"""
WORDS = ["-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """That of who asks, while there is somebody to ask."""
    folder = tmp_path_factory.mktemp("playbooks")
    (folder / "ansible.cfg").write_text("[defaults]\n")
    (folder / "play.yml").write_text(PLAY)
    given = {
        **os.environ,
        "PATH": f"{SHARED / 'bin'}:{os.environ['PATH']}",
        "LVS_PLAYBOOKS": str(folder / "socket"),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_STRATEGY": "mitogen_unpinned",
        "ANSIBLE_STRATEGY_PLUGINS": str(SHARED / "strategy"),
    }
    with subprocess.Popen([SHARED / "playbooks", given["LVS_PLAYBOOKS"]], env=given) as server:
        while not (folder / "socket").exists():
            assert server.poll() is None
            time.sleep(0.05)
        yield given
        server.terminate()


def play(
    environment: dict[str, str], *options: str, who: str = "one", status: int = 0
) -> tuple[int, str]:
    """Run the playbook, and return its status and what it says."""
    done = subprocess.run(
        ["ansible-playbook", *WORDS, *options, "play.yml"],
        cwd=Path(environment["ANSIBLE_CONFIG"]).parent,
        env={**environment, "ASKED_BY": who, "TO_END_WITH": str(status)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_another_playbook_finds_the_python_of_the_one_before(environment: dict[str, str]) -> None:
    """What else it has is its own."""
    (status, first), (other, second) = (play(environment, who=who) for who in ("one", "another"))
    assert (status, other) == (0, 0)
    (found,) = re.findall(r"it is (\d+), for one", first)
    assert f"it is {found}, for another" in second


def test_one_that_fails_says_so(environment: dict[str, str]) -> None:
    status, told = play(environment, status=3)
    assert status == 2
    assert "failed=1" in told
