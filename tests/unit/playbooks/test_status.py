# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook status: it reads, and goes on where a host does not answer."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from parts import module, tasks

HOUSE = Path(__file__).parents[3]
ROLE = HOUSE / "roles" / "_status" / "tasks"
# They ask, and change nothing on a host; unit does so in check mode.
ASKING = {"host_info", "ipvs_info", "setup", "set_fact", "assert", "debug", "fail"}


@pytest.mark.parametrize("part", sorted(ROLE.glob("*.yml")), ids=lambda part: part.stem)
def test_nothing_is_changed_on_a_host(part: Path) -> None:
    """What writes something is the controller's, once, and by whoever runs it."""
    for task in tasks(part):
        if module(task) == "unit":
            assert task["check_mode"] is True
            assert set(task["lvs.cluster.unit"]) == {"owner", "give"}
        elif module(task) not in ASKING:
            assert task["delegate_to"] == "localhost", task["name"]
            assert task["run_once"], task["name"]
            assert task["vars"]["ansible_become"] is False, task["name"]


def test_no_host_ends_the_run() -> None:
    """Whether it is down, or a module fails."""
    _groups, play = yaml.safe_load((HOUSE / "playbooks" / "status.yml").read_text())
    assert play["ignore_unreachable"]
    assert "any_errors_fatal" not in play
    for task in tasks(ROLE / "ask.yml"):
        assert module(task) == "set_fact" or task["failed_when"] is False


def test_no_address_is_told_but_to_who_watches() -> None:
    """It is said once; the task that has it, and the variables given by -e, shows nothing."""
    (serve,) = [task for task in tasks(ROLE / "watch.yml") if module(task) == "command"]
    assert serve["no_log"]
    assert serve["ansible.builtin.command"]["argv"] == "{{ __status_watch.words }}"


DEAD = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_ssh_common_args": "-F none"}
INVENTORY = {
    "all": {"vars": DEAD},
    "directors": {"hosts": {"director": {"lvs_dip": "192.168.137.129"}}},
    "real_servers": {"hosts": {"rs1": {"lvs_rip": "192.168.137.131"}}},
}
WEB = {
    "name": "web <b>",
    "address": "192.168.0.111",
    "port": 80,
    "forward": "nat",
    "real_servers": [{"host": "rs1"}],
}


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class TestDeadCluster:
    """Nobody answers."""

    def start(
        self, inventory: Path, playbook: str = "status", **given: Any
    ) -> subprocess.Popen[str]:
        """Begin to run a playbook."""
        inventory.write_text(json.dumps(INVENTORY))
        return subprocess.Popen(
            [
                # Who runs the tests may be deaf to Ctrl-C, and so would be what they start.
                *("env", "--default-signal=INT"),
                "ansible-playbook",
                "-i",
                inventory,
                "-e",
                json.dumps(given),
                f"playbooks/{playbook}.yml",
            ],
            cwd=HOUSE,
            env={**os.environ, "ANSIBLE_NOCOLOR": "true", "ANSIBLE_FORCE_COLOR": "false"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(
        self, inventory: Path, playbook: str = "status", **given: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a playbook to its end."""
        process = self.start(inventory, playbook, **given)
        said, wrong = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, said, wrong)

    def test_it_is_shown(self, tmp_path: Path) -> None:
        """On the terminal, as data and as a page, with the name as it is; and once again."""
        services: dict[str, Any] = {"lvs_virtual_services": [WEB]}
        to = tmp_path / "shown"
        done = self.run(tmp_path / "hosts.json", lvs_status_to=str(to), **services)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "0 of 1 directors answered" in done.stdout
        data = json.loads((to / "status.json").read_text())
        assert data["state"] == data["services"][0]["state"] == "unknown"
        assert "refused" in data["directors"][0]["errors"][0]
        assert data["problems"] == []
        page = (to / "status.html").read_text()
        assert "web &lt;b&gt;" in page
        assert "<b>web <b>" not in page
        again = self.run(tmp_path / "hosts.json", lvs_status_to=str(to), **services)
        assert again.returncode == 0, again.stdout + again.stderr

    def test_folder_of_somebody_else(self, tmp_path: Path) -> None:
        """It is refused before any host is asked, and what is there stays."""
        (tmp_path / "status.json").write_text("{}")
        done = self.run(tmp_path / "hosts.json", lvs_status_to=str(tmp_path))
        assert done.returncode == 2
        assert "has another status.json; give a folder of its own" in done.stdout
        assert "Ask for what the host has" not in done.stdout
        assert (tmp_path / "status.json").read_text() == "{}"

    def test_description_that_cannot_be_read(self, tmp_path: Path) -> None:
        """It is told in one sentence, before any host is asked."""
        bad = {**WEB, "name": "web", "port": 99999}
        done = self.run(tmp_path / "hosts.json", lvs_virtual_services=[bad])
        assert done.returncode == 2
        assert "msg: 'service web: port 99999 is out of range; give one from" in done.stdout
        assert "Ask for what the host has" not in done.stdout

    def test_watch(self, tmp_path: Path) -> None:
        """The page is there, in a folder of the user's, until somebody ends it by Ctrl-C."""
        page = tmp_path / "shown" / "status.html"
        given: dict[str, Any] = {"lvs_status_to": str(page.parent), "lvs_watch_port": free_port()}
        run = self.start(tmp_path / "hosts.json", "watch", lvs_virtual_services=[WEB], **given)
        end = time.monotonic() + 300
        try:
            while not page.exists() and run.poll() is None and time.monotonic() < end:
                time.sleep(0.2)
        finally:
            os.killpg(run.pid, signal.SIGINT)
        said, wrong = run.communicate()
        assert f"http://127.0.0.1:{given['lvs_watch_port']}/" in said, said + wrong
        assert 'data-refresh="2"' in page.read_text()

    def test_watch_of_a_description_that_cannot_be_read(self, tmp_path: Path) -> None:
        """It ends, and says why."""
        bad: dict[str, Any] = {
            "lvs_virtual_services": [{**WEB, "port": 99999}],
            "lvs_watch_port": free_port(),
        }
        done = self.run(tmp_path / "hosts.json", "watch", **bad)
        assert done.returncode == 2
        assert "port 99999 is out of range" in done.stdout
