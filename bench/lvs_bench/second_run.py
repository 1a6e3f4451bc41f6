"""Runs of site that have nothing to change, with plain Ansible, side by side."""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

from lvs_bench import public_role
from lvs_bench.builds import CHECKOUT, Build
from lvs_bench.clusters import Cluster, Run, clusters
from lvs_bench.runs import ALONE, RIVALS, SECOND, Stopwatch

DIRECTOR = "director"


def of_inventory(name: str, runs: int, builds: list[Build], roles: Path | None) -> dict[str, Any]:
    """Return the seconds of second runs, the starts of Python, and the seconds of each task.

    With roles, also those of the director alone, and of the public one on the director.
    """
    inventory = CHECKOUT / "inventories" / name
    watch = Stopwatch()
    watch.counts = True
    tasks: dict[str, list[Run]] = defaultdict(list)
    with clusters(builds, inventory) as made:
        for cluster in made:
            cluster.prepare(inventory)
            cluster.site(inventory)
        for _run in range(runs):
            for cluster in made:
                run = cluster.unchanged(cluster.site(inventory))
                _take_down(watch, cluster, SECOND, run)
                tasks[cluster.build.name].append(run)
        starts = {cluster.build.name: cluster.starts(inventory) for cluster in made}
        if roles is not None:
            _alone(made, inventory, runs, roles, watch)
    by_task = {build: _by_task(found) for build, found in tasks.items()}
    return {"seconds": watch.seconds, "starts": starts, "tasks": by_task}


def _take_down(watch: Stopwatch, cluster: Cluster, what: str, run: Run) -> None:
    watch.add(cluster.build.name, what, run.seconds)
    by_host: dict[str, float] = defaultdict(float)
    for entry in run.tasks:
        by_host[entry["host"]] += entry["seconds"]
    for host, seconds in by_host.items():
        watch.add(cluster.build.name, f"{what}, tasks on {host}", seconds)


def _by_task(runs: list[Run]) -> dict[str, dict[str, float]]:
    """Return the seconds of each task on each host, in the middle of the runs."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        sums: dict[tuple[str, str], float] = defaultdict(float)
        for entry in run.tasks:
            sums[entry["task"], entry["host"]] += entry["seconds"]
        for (task, host), seconds in sums.items():
            found[task][host].append(seconds)
    return {
        task: {host: median(seconds) for host, seconds in hosts.items()}
        for task, hosts in found.items()
    }


def _alone(made: list[Cluster], inventory: Path, runs: int, roles: Path, watch: Stopwatch) -> None:
    """Measure the director alone beside a public role on the same node.

    The role comes last, for then the node is its.
    """
    for _run in range(runs):
        for cluster in made:
            run = cluster.unchanged(cluster.site(inventory, "--limit", DIRECTOR))
            watch.add(cluster.build.name, ALONE, run.seconds)
    for run in public_role.second_runs(made[0], inventory, roles, runs):
        watch.add(RIVALS, public_role.NAME, run.seconds)
