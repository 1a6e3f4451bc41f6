"""What Ansible sends to a target, kept there to be run again."""
# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from node import INVENTORY, NODE

from lvs_bench import tables
from lvs_bench.builds import Build
from lvs_bench.report import PING
from lvs_bench.target import WORK, on_node

TABLE = "lvs.cluster.ipvs_table"

STARTS: dict[str, dict[str, Any]] = {
    PING: {},
    "lvs.cluster.ipvs_info": {},
    TABLE: {"services": []},
    "lvs.cluster.ipvs_service": {"fwmark": 1, "state": "absent"},
    "lvs.cluster.ipvs_real_server": {"fwmark": 1, "address": "10.0.0.1", "state": "absent"},
    "lvs.cluster.ipvs_timeouts": {"tcp": 900},
    "lvs.cluster.ipvs_sync_daemon": {"role": "backup", "state": "absent"},
}
"""The modules whose start is measured, with arguments that change nothing."""

NO_PYTHON = """#!/bin/sh
echo '{"changed": false}'
"""
"""The interpreter with which what Ansible sends is left there, and not run."""


def starts(build: Build) -> dict[str, str]:
    """Return where the modules lie whose start is measured."""
    return {name: send(build, name, arguments) for name, arguments in STARTS.items()}


def of_tables(size: int, builds: list[Build], *, changed: bool = True) -> dict[str, Any]:
    """Send the table by each build, in each form; return where it lies, for `processes`."""
    which = {"wanted": False, **({"changed": True} if changed else {})}
    return {
        "ping": send(builds[0], PING, {}),
        "builds": {
            build.name: {
                form: {name: send(build, TABLE, _table(size, form, is_changed))
                       for name, is_changed in which.items()}
                for form in ("services", "rules")
            }
            for build in builds
        },
    }  # fmt: skip


def _table(size: int, form: str, changed: bool) -> dict[str, Any]:
    given = tables.as_rules if form == "rules" else tables.as_services
    return {form: given(size, changed=changed), "prune": "all"}


def send(build: Build, module: str, arguments: dict[str, Any]) -> str:
    """Have Ansible send a module to the node, and return where it left what it sent."""
    interpreter = f"{WORK}/no-python"
    on_node("tee", interpreter, given=NO_PYTHON.encode())
    on_node("chmod", "755", interpreter)
    on_node("mkdir", "-p", f"{WORK}/sent")
    directory = on_node("mktemp", "-d", f"{WORK}/sent/XXXXXX").strip()
    variables = {"ansible_remote_tmp": directory, "ansible_python_interpreter": interpreter}
    play = {
        "hosts": NODE,
        "gather_facts": False,
        "tasks": [{"name": "Send it", module: arguments}],
        "vars": variables,
    }
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as playbook:
        json.dump([play], playbook)
        playbook.flush()
        build.play(
            "--inventory", INVENTORY, "--extra-vars", json.dumps(variables), Path(playbook.name),
            ANSIBLE_KEEP_REMOTE_FILES="true", ANSIBLE_PIPELINING="false",
        )  # fmt: skip
    return on_node("find", directory, "-name", "AnsiballZ_*.py").strip()
