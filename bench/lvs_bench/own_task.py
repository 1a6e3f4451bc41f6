"""The table's first load by the task that the director's role has for it.

The role's own tasks are run: how it works out its plan, and how it writes the table. All else
that the role does is left out.
"""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from node import INVENTORY, NODE

from lvs_bench import from_controller, tables
from lvs_bench.builds import CHECKOUT, Build
from lvs_bench.runs import FIRST, OWN_TASK, PLAN_AND_TABLE, RIVALS, Seconds, Stopwatch

TASK = "Write the table"
PART = "bench_table"
NETWORK = "192.168.137"
"""The one on which the node is 129; tests/kernel/inventory says so."""


def description(size: int) -> list[dict[str, Any]]:
    """Return the services as an inventory has them."""
    return [
        {
            "address": tables.virtual_address(number),
            "port": tables.PORT,
            "scheduler": "wrr",
            "forward": "nat",
            "real_servers": [
                {"host": f"web{place}", "weight": 1 + place} for place in range(tables.SERVERS)
            ],
        }
        for number in range(size)
    ]


def rules(size: int) -> str:
    """Return the same for `ipvsadm -R`."""
    return "".join(_rules(size))


def _rules(size: int) -> Iterator[str]:
    for number in range(size):
        service = f"-t {tables.virtual_address(number)}:{tables.PORT}"
        yield f"-A {service} -s wrr\n"
        for place in range(tables.SERVERS):
            yield f"-a {service} -r {NETWORK}.{1 + place}:{tables.PORT} -m -w {1 + place}\n"


def inventory(size: int) -> dict[str, Any]:
    """Return an inventory with the node as the director; nobody connects to the others."""
    servers = {
        f"web{place}": {"lvs_rip": f"{NETWORK}.{1 + place}"} for place in range(tables.SERVERS)
    }
    director = {"lvs_dip": f"{NETWORK}.129", "director_vip_interface": "eth1"}
    return {
        "directors": {"hosts": {NODE: director}},
        "real_servers": {"hosts": servers},
        "all": {"vars": {"lvs_virtual_services": description(size)}},
    }


def own_tasks(build: Build) -> list[dict[str, Any]]:
    """Return the role's tasks, out of the files that it has them in."""
    tasks = build.checkout / "roles" / "director" / "tasks"
    plan = tasks / "plan.yml"
    before = yaml.safe_load(plan.read_text()) if plan.exists() else []
    parts = (tasks / "table.yml", tasks / "service.yml")
    found = [task for part in parts if part.exists() for task in yaml.safe_load(part.read_text())]
    return [*before, *(task for task in found if task["name"] == TASK)]


def of_own_task(size: int, runs: int, builds: list[Build]) -> Seconds:
    """Return the seconds of each, who take turns, after a turn that does not count."""
    from_controller.prepare()
    watch = Stopwatch()
    with tempfile.TemporaryDirectory(prefix="lvs-bench-") as directory:
        there = Path(directory)
        (there / "rules").write_text(rules(size))
        (there / "hosts.yml").write_text(yaml.safe_dump(inventory(size)))
        _write_playbooks(there)
        for build in builds:
            (build.role / "tasks" / f"{PART}.yml").write_text(json.dumps(own_tasks(build)))
            # Those of the host, whose interfaces are not in the new network namespaces.
            _play(build, there, "facts.yml", python="/usr/bin/python3")
        for run in range(runs + 1):
            watch.counts = run > 0
            _turn(there, builds, watch)
    return watch.seconds


def _write_playbooks(there: Path) -> None:
    role = {"name": "lvs.cluster.director", "tasks_from": PART, "rolespec_validate": False}
    tasks: dict[str, dict[str, Any]] = {
        "facts": {"ansible.builtin.setup": {}},
        "table": {"ansible.builtin.import_role": role},
    }
    for name, task in tasks.items():
        play = {"hosts": NODE, "gather_facts": False, "tasks": [{"name": name, **task}]}
        (there / f"{name}.yml").write_text(json.dumps([{"name": name, **play}]))


def _turn(there: Path, builds: list[Build], watch: Stopwatch) -> None:
    wanted = (there / "rules").read_text()
    from_controller.fresh()
    restore = partial(from_controller.restore_by_ssh, there / "rules")
    watch.time(RIVALS, f"ssh ipvsadm -R, {FIRST}", restore)
    from_controller.check(wanted, "ssh ipvsadm -R")
    for build in builds:
        from_controller.fresh()
        told = there / "durations"
        told.write_text("")
        run = partial(_play, build, there, "table.yml")
        watch.time(build.name, f"{PLAN_AND_TABLE}, {FIRST}", run)
        for line in map(json.loads, told.read_text().splitlines()):
            if line["task"].endswith(TASK):
                watch.add(build.name, f"{OWN_TASK}, {FIRST}", line["seconds"])
        from_controller.check(wanted, build.name)


def _play(
    build: Build, there: Path, playbook: str, *, python: str = from_controller.PYTHON
) -> None:
    build.play(
        "--inventory", INVENTORY, "--inventory", there / "hosts.yml", "--extra-vars",
        f"ansible_python_interpreter={python}", there / playbook,
        ANSIBLE_CACHE_PLUGIN="ansible.builtin.jsonfile",
        ANSIBLE_CACHE_PLUGIN_CONNECTION=str(there / f"facts-{build.name}"),
        ANSIBLE_CALLBACK_PLUGINS=str(CHECKOUT / "bench" / "callback"),
        ANSIBLE_CALLBACKS_ENABLED="durations",
        LVS_DURATIONS=str(there / "durations"),
    )  # fmt: skip
