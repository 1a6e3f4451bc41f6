# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has the node measure, and measures whole tasks from the controller's side."""

from __future__ import annotations

import io
import json
import os
import platform
import subprocess
import tarfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyroute2
from node import CHECKOUT, INVENTORY, LAB, NODE, ON_NODE, Node

from lvs_bench import tables
from lvs_bench.report import PING

BENCH = Path(__file__).resolve().parents[1]
PACKAGES = ("keepalived",)
TOO_SLOW = {"pyroute2, load": 1000, "pyroute2, read": 1000}
"""The largest table that each is asked for: more would take most of an hour."""

STARTS: dict[str, dict[str, Any]] = {
    PING: {},
    "lvs.cluster.ipvs_info": {},
    "lvs.cluster.ipvs_table": {"services": []},
    "lvs.cluster.ipvs_service": {"fwmark": 1, "state": "absent"},
    "lvs.cluster.ipvs_real_server": {"fwmark": 1, "address": "10.0.0.1", "state": "absent"},
    "lvs.cluster.ipvs_timeouts": {"tcp": 900},
    "lvs.cluster.ipvs_sync_daemon": {"role": "backup", "state": "absent"},
}
"""The modules whose start is measured, with arguments that change nothing."""

TASKS = {"Ping": "ansible.builtin.ping", "Hold the table": "lvs.cluster.ipvs_table"}
WORK = "/var/tmp/lvs-bench"

TIMED_PYTHON = """#!/bin/sh
begin=$(date +%s.%N)
/usr/bin/python3 "$@"
status=$?
echo "$begin $(date +%s.%N)" >> /var/tmp/lvs-bench/target
exit $status
"""
"""The interpreter by which the target's share of a task is told from the controller's."""


def on_node(*words: str, given: bytes = b"") -> str:
    """Run a command on the node and return what it printed."""
    done = subprocess.run(
        [LAB, "exec", NODE, *words], input=given, stdout=subprocess.PIPE, check=True
    )
    return done.stdout.decode()


def prepare() -> None:
    """Bring up the node, with the rivals and the code on it."""
    with Node():
        pass
    on_node(
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-qqy",
        "install",
        "--no-install-recommends",
        *PACKAGES,
    )
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name in ("on_node.py", "pyroute2_calls.py"):
            archive.add(BENCH / name, name)
        for path in sorted((BENCH / "lvs_bench").glob("*.py")):
            archive.add(path, f"lvs_bench/{path.name}")
        archive.add(Path(pyroute2.__file__).parent, "pypi/pyroute2", filter=_source_only)
    on_node("mkdir", "-p", WORK)
    on_node("tar", "-xzC", ON_NODE, given=buffer.getvalue())
    on_node("rm", "-rf", f"{WORK}/pypi")
    on_node("mv", f"{ON_NODE}/pypi", WORK)


def _source_only(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in member.name else member


def of_node(*words: str) -> Any:
    """Run the measuring program on the node and return what it found."""
    program = f"{ON_NODE}/on_node.py"
    return json.loads(on_node("env", f"PYTHONPATH={ON_NODE}", "python3", program, *words))


def of_size(size: int, runs: int) -> dict[str, Any]:
    """Return the seconds of each run of each rival with a table of this size."""
    left_out = [name for name, largest in TOO_SLOW.items() if size > largest]
    found: dict[str, Any] = of_node("size", str(size), str(runs), *left_out)
    return found


def of_cleared(size: int, runs: int) -> dict[str, list[float]]:
    """Return the seconds of those who load a table that was cleared just before."""
    found: dict[str, list[float]] = of_node("cleared", str(size), str(runs))
    return found


def of_starts(runs: int) -> dict[str, list[float]]:
    """Return the seconds from a process's start to its first message or, of ping, its answer."""
    named = [f"{name}={payload(name, arguments)}" for name, arguments in STARTS.items()]
    found: dict[str, list[float]] = of_node("start", str(runs), *named)
    return found


def payload(module: str, arguments: dict[str, Any]) -> str:
    """Have Ansible send a module to the node, and return where there it left what it sent."""
    directory = f"{WORK}/sent/{module}"
    on_node("rm", "-rf", directory)
    given = ["--args", json.dumps(arguments)] if arguments else []
    subprocess.run(
        ["ansible", NODE, "--inventory", INVENTORY, "--module-name", module, *given,
         "--extra-vars", f"ansible_remote_tmp={directory}"],
        cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL,
        env={**os.environ, "ANSIBLE_KEEP_REMOTE_FILES": "true", "ANSIBLE_PIPELINING": "false"},
    )  # fmt: skip
    return on_node("find", directory, "-name", "AnsiballZ_*.py").strip()


def of_tasks(size: int, runs: int) -> dict[str, list[float]]:
    """Return the seconds of whole tasks, and of their share on the target."""
    on_node("rm", "-f", f"{WORK}/target")
    on_node("tee", f"{WORK}/python", given=TIMED_PYTHON.encode())
    on_node("chmod", "755", f"{WORK}/python")
    variables = CHECKOUT / ".build" / "bench-services.json"
    variables.write_text(
        json.dumps({"bench_services": tables.as_services(size), "bench_runs": runs})
    )
    done = subprocess.run(
        ["ansible-playbook", "--inventory", INVENTORY, "--extra-vars", f"@{variables}",
         "--extra-vars", f"ansible_python_interpreter={WORK}/python",
         BENCH / "ansible" / "unchanged.yml"],
        cwd=CHECKOUT, check=True, stdout=subprocess.PIPE,
        env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
             "ANSIBLE_FORCE_COLOR": "0"},
    )  # fmt: skip
    variables.unlink()
    shares = [
        float(end) - float(begin)
        for begin, end in map(str.split, on_node("cat", f"{WORK}/target").splitlines())
    ]
    return _pairs(json.loads(done.stdout), shares)


def _pairs(report: dict[str, Any], shares: Sequence[float]) -> dict[str, list[float]]:
    """Put the tasks' times and their shares on the target together; the first pair is a warm-up."""
    tasks = [
        t for t in report["plays"][0]["tasks"] if t["task"]["name"] in ("Ping", "Hold the table")
    ]
    assert len(tasks) == len(shares)
    assert not any(host["changed"] for task in tasks[2:] for host in task["hosts"].values())
    found: dict[str, list[float]] = {}
    for task, share in list(zip(tasks, shares))[2:]:
        moments = [
            datetime.fromisoformat(task["task"]["duration"][name].replace("Z", "+00:00"))
            for name in ("start", "end")
        ]
        name = TASKS[task["task"]["name"]]
        found.setdefault(f"{name}, whole", []).append((moments[1] - moments[0]).total_seconds())
        found.setdefault(f"{name}, on the target", []).append(share)
    return found


def machine() -> dict[str, str]:
    """Return what was measured on."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    versions = on_node("dpkg-query", "--show", "ipvsadm", "keepalived")
    return {
        "processor": models[0] if models else platform.processor(),
        "processors": str(len(models)),
        "kernel": on_node("uname", "-r").strip(),
        "kernel's processors": on_node("nproc").strip(),
        "python": on_node("python3", "--version").split()[1],
        "pyroute2": pyroute2.__version__,
        **dict(line.split("\t") for line in versions.splitlines()),
    }
