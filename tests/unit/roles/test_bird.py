# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role bird does with bird.conf, which is the package's, the user's, or not there."""

from __future__ import annotations

import grp
import json
import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLE = Path(__file__).parents[3] / "roles" / "bird"
VARIABLES = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
LINE = VARIABLES["__bird_line"]
OURS = VARIABLES["__bird_own_conf"].replace("{{ __bird_line }}", LINE)
THEIRS = "router id 10.0.0.1;\nprotocol device {}\n"


class Host:
    """A host with a directory of BIRD, and a stand-in for systemctl."""

    def __init__(self, root: Path) -> None:
        """There is no bird.conf, and BIRD runs."""
        self.root = root
        self.conf = root / "bird.conf"
        self.told = root / "told"
        stand_in = root / "bin" / "systemctl"
        stand_in.parent.mkdir()
        shown = "echo Id=bird.service; echo LoadState=loaded; echo ActiveState=active"
        cases = f'*show*) {shown} ;;\nstop*) echo "$*" >>{self.told} ;;'
        stand_in.write_text(f'#!/bin/sh\ncase "$*" in\n{cases}\nesac\n')
        stand_in.chmod(0o755)

    def run(self, part: str, *words: str, **variables: Any) -> str:
        """Run a part of the role, and return what Ansible tells."""
        tasks = (ROLE / "tasks" / f"{part}.yml").read_text()
        # Who runs the tests has no user of BIRD.
        tasks = tasks.replace("owner: bird", f"owner: {pwd.getpwuid(os.getuid()).pw_name}")
        tasks = tasks.replace("group: bird", f"group: {grp.getgrgid(os.getgid()).gr_name}")
        self.root.joinpath("part.yml").write_text(tasks)
        given = {**VARIABLES, "__bird_conf": str(self.conf), **variables}
        given["ansible_python_interpreter"] = sys.executable
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": given,
            "tasks": [{"ansible.builtin.include_tasks": "part.yml"}],
        }
        book = self.root / "book.yml"
        book.write_text(json.dumps([play]))
        done = subprocess.run(
            ["ansible-playbook", "-i", "localhost,", "-c", "local", *words, book],
            env={
                **os.environ,
                "ANSIBLE_HOME": str(self.root / "home"),
                "ANSIBLE_REMOTE_TEMP": str(self.root / "remote"),
                "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """One without a bird.conf."""
    return Host(tmp_path)


def test_one_is_made_where_there_is_none_and_goes_again(host: Host) -> None:
    """BIRD is stopped before, which could not read one without a protocol."""
    assert " changed=1 " in host.run("include")
    assert host.conf.read_text() == OURS
    assert host.conf.stat().st_mode & 0o777 == 0o640
    assert " changed=2 " in host.run("exclude")
    assert not host.conf.exists()
    assert host.told.read_text() == "stop bird.service\n"


def test_what_somebody_has_added_stays(host: Host) -> None:
    """And BIRD goes on."""
    host.conf.write_text(f"{OURS}{THEIRS}")
    host.run("exclude")
    assert host.conf.read_text() == THEIRS
    assert not host.told.exists()


def test_one_that_is_there_stays(host: Host) -> None:
    """With its mode, but for the line."""
    host.conf.write_text(THEIRS)
    host.conf.chmod(0o604)
    host.run("include")
    assert host.conf.read_text() == f"{THEIRS}{LINE}\n"
    assert host.conf.stat().st_mode & 0o777 == 0o604
    host.run("exclude")
    assert host.conf.read_text() == THEIRS
    assert not host.told.exists()


def test_check_mode_makes_none(host: Host) -> None:
    """And fails neither where BIRD is there nor where it would be installed."""
    assert " changed=1 " in host.run("include", "--check")
    installed = {"__bird_installed": {"changed": True}}
    assert " changed=0 " in host.run("include", "--check", **installed)
    assert not host.conf.exists()
