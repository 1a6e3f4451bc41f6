# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that a service has not read is read in the next run, whoever wrote it.

Beside a stand-in for systemctl.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

HOUSE = Path(__file__).parents[3]
LONG_AGO, SINCE = 1_000_000_000, "Sat 2020-01-04 10:00:00.000000 UTC"
PYTHON = ["-e", f"ansible_python_interpreter={sys.executable}"]
# It writes down what it is asked to do, and knows of a unit what the test says.
SYSTEMCTL = """#!/bin/sh
case "$*" in
*daemon-reload* | reload* | restart*) echo "$*" >>"{told}" ;;
*show*) cat "{shown}" ;;
esac
"""


class Service:
    """A service with a file, on a host whose systemctl is a stand-in."""

    def __init__(self, root: Path) -> None:
        """Have a service that runs and has read its file."""
        self.root, self.file = root, root / "service.conf"
        self.told, self.shown = root / "told", root / "shown"
        self.told.write_text("")
        self.said = ""
        self.knows()
        self.written(LONG_AGO)
        stand_in = root / "bin" / "systemctl"
        stand_in.parent.mkdir()
        stand_in.write_text(SYSTEMCTL.format(told=self.told, shown=self.shown))
        stand_in.chmod(0o755)

    def knows(self, state: str = "active", reload: str = "no") -> None:
        """Say what systemd knows of it."""
        self.shown.write_text(
            f"LoadState=loaded\nActiveState={state}\nNeedDaemonReload={reload}\n"
            f"StateChangeTimestamp={SINCE}\nInactiveExitTimestamp={SINCE}\n"
        )

    def written(self, when: float) -> None:
        """Have the file written then."""
        self.file.write_text("")
        os.utime(self.file, (when, when))

    def run(self, *words: str, ended: int = 0, **variables: Any) -> list[str]:
        """Have the role look at it, and return what systemctl was asked to do."""
        given = {
            "effect_units": ["lab.service"],
            "effect_files": [str(self.file), str(self.root / "missing")],
            "effect_state": "reloaded",
            **variables,
        }
        include = {"name": "lvs.cluster._effect", "tasks_from": "configuration"}
        task = {"ansible.builtin.include_role": include, "vars": given}
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
        book = self.root / "book.yml"
        book.write_text(json.dumps([play]))
        done = subprocess.run(
            ["ansible-playbook", "-i", "localhost,", "-c", "local", *PYTHON, *words, book],
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(HOUSE / ".ansible" / "collections"),
                "ANSIBLE_HOME": str(self.root / "home"),
                "ANSIBLE_LOCAL_TEMP": str(self.root / "temp"),
                "ANSIBLE_REMOTE_TEMP": str(self.root / "remote"),
                "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        self.said = done.stdout
        assert done.returncode == ended, done.stdout + done.stderr
        return [line.replace(".service", "") for line in self.told.read_text().splitlines()]


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """A service that has read its file."""
    return Service(tmp_path)


def test_what_has_been_read_is_left(service: Service) -> None:
    """No reload, and nothing fails for a file that is not there."""
    assert service.run() == []


def test_what_has_not_been_read_is_read(service: Service) -> None:
    """Although this run has not changed it."""
    service.written(time.time())
    assert service.run() == ["reload lab"]


def test_several_are_restarted_in_order(service: Service) -> None:
    """The last one tells when they were."""
    service.written(time.time())
    units = ["helper.service", "lab.service"]
    restarted = service.run(effect_units=units, effect_state="restarted")
    assert restarted == ["restart helper", "restart lab"]


def test_what_does_not_run_is_not_started(service: Service) -> None:
    """That is another task's, which says so."""
    service.written(time.time())
    service.knows(state="inactive")
    assert service.run() == []


def test_systemd_reads_the_units_files(service: Service) -> None:
    """Before the service does, in case its own are among them."""
    service.knows(reload="yes")
    assert service.run() == ["daemon-reload"]


DROP_IN = "/etc/systemd/system/lab.service.d/lvs-cluster.conf"


def test_a_drop_in_that_systemd_does_not_know_is_read(service: Service) -> None:
    """systemd before 257 says that nothing is to be read of a directory that is new."""
    files = [DROP_IN]
    told = service.run(effect_files=files, effect_state="restarted")
    assert told == ["daemon-reload", "restart lab"]


def test_a_drop_in_that_systemd_knows_is_left(service: Service) -> None:
    service.shown.write_text(service.shown.read_text() + f"DropInPaths=/run/a.conf {DROP_IN}\n")
    assert service.run(effect_files=[DROP_IN], effect_state="restarted") == []


def test_what_would_not_be_taken_is_not_read(service: Service) -> None:
    """The service goes on with what it has."""
    service.written(time.time())
    assert service.run(ended=2, effect_test=["false"]) == []
    assert "Test what it is to read" in service.said


def test_check_mode_shows_it(service: Service) -> None:
    """And changes nothing."""
    service.written(time.time())
    assert service.run("--check") == []
    assert " changed=1 " in service.said
