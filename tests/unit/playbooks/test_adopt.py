# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory of a file by the playbook adopt, and what it does on hosts: nothing."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from adopted import ADDRESSES, CASES, PORTS
from parts import module, tasks

HOUSE = Path(__file__).parents[3]
ROLE = HOUSE / "roles" / "_adopt" / "tasks"
# They ask, and change nothing on a host.
ASKING = {"import_role", "host_info", "ipvs_info", "set_fact", "assert", "debug", "fail"}


@pytest.mark.parametrize("part", sorted(ROLE.glob("*.yml")), ids=lambda part: part.stem)
def test_nothing_is_changed_on_a_host(part: Path) -> None:
    """What changes something is the controller's, once, and by whoever runs it."""
    for task in tasks(part):
        if module(task) not in ASKING:
            assert task["delegate_to"] == "localhost", task["name"]
            assert task["run_once"], task["name"]
            assert task["vars"]["ansible_become"] is False, task["name"]


def test_no_secret_is_told() -> None:
    """Neither by a configuration that is read nor by what is made of it."""
    names = {"__adopt_running", "lookup('lvs.cluster.plan', 'adopted", "adopt_check'"}
    names |= {"to_inventory", "files=__adopt_files", "'eq', '0600'"}
    for part in ("director", "file", "write", "check"):
        for task in tasks(ROLE / f"{part}.yml"):
            told = any(name in str(task) for name in names) and "rejectattr" not in str(task)
            assert not told or task.get("no_log"), task["name"]


class TestFile:
    """A file of the controller, without an inventory."""

    def run(self, file: str, to: Path, **more: Any) -> tuple[int, dict[str, Any]]:
        """Run the playbook, and return its status and what it did."""
        given = {"lvs_adopt_file": str(CASES / file), "lvs_adopt_to": str(to),
                 "lvs_adopt_addresses": ADDRESSES, "lvs_adopt_ports": PORTS, **more}  # fmt: skip
        done = subprocess.run(
            ["ansible-playbook", "-e", json.dumps(given), "playbooks/adopt.yml"],
            cwd=HOUSE,
            env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.startswith("{"), done.stdout + done.stderr
        return done.returncode, json.loads(done.stdout)

    def test_written_once(self, tmp_path: Path) -> None:
        """A second run has nothing to do, and nothing that somebody has written is lost."""
        to = tmp_path / "shop"
        status, _done = self.run("3-ldirectord.cf", to)
        assert status == 0
        left_out = (to / "left-out.md").read_text()
        assert "callback=" in left_out
        services = to / "group_vars/all/lvs.yml"
        assert "10.2.0.11" in services.read_text()
        _status, done = self.run("3-ldirectord.cf", to)
        assert done["stats"]["localhost"]["changed"] == 0
        services.write_text("mine: true\n")
        status, done = self.run("3-ldirectord.cf", to)
        assert status != 0
        assert f"has other files already: {services}" in json.dumps(done)
        assert services.read_text() == "mine: true\n"
        self.run("3-ldirectord.cf", to, lvs_adopt_overwrite=True)
        assert "10.2.0.11" in services.read_text()

    def test_passwords(self, tmp_path: Path) -> None:
        """They are in a file that nobody else reads, and nowhere in what the run says."""
        cf = tmp_path / "a.cf"
        cf.write_text(
            'virtual=7\n\treal=10.0.0.1:80 masq\n\tservice=imap\n\tlogin="a"\n\tpasswd="ge{{heim"\n'
        )
        status, done = self.run(str(cf), tmp_path / "shop")
        assert status == 0
        vault = tmp_path / "shop/group_vars/all/vault.yml"
        assert "ge{{heim" in vault.read_text()
        assert vault.stat().st_mode & 0o777 == 0o600
        assert "ge{{heim" not in json.dumps(done)

    def test_a_check_writes_nothing(self, tmp_path: Path) -> None:
        """It shows what is not in the inventory."""
        given = ["-e", f"lvs_adopt_file={CASES}/5-by-hand.sh", "-e", f"lvs_adopt_to={tmp_path}/a"]
        done = subprocess.run(
            ["ansible-playbook", "--check", *given, "playbooks/adopt.yml"],
            cwd=HOUSE,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "ip addr add 203.0.113.21/32 dev lo" in done.stdout
        assert not (tmp_path / "a").exists()
