"""How the second run of site grows with real servers and with services, with plain Ansible.

All of it is measured in one lab, which has as many real servers as the most that are asked for.
"""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from lvs_bench.builds import Build
from lvs_bench.clusters import Cluster, clusters
from lvs_bench.runs import Seconds, Stopwatch

FEW = 2
"""Real servers while services grow."""

FORKS = "50"
CONNECTION = {
    "ansible_user": "root",
    "ansible_python_interpreter": "/usr/bin/python3",
    "ansible_ssh_common_args": "-F {{ lookup('env', 'LVS_LAB_STATE') }}/ssh_config",
    "ansible_ssh_args": "",
    "lab_installed": True,
    "lab_networks": {"front": {}, "back": {}},
}
"""As inventories/nat has it, of nodes that have the packages already."""

DIRECTOR = {
    "lvs_dip": "192.168.137.1",
    "lab_interfaces": {
        "eth1": {"network": "front", "addresses": ["192.168.0.111/24"]},
        "eth2": {"network": "back", "addresses": ["192.168.137.1/24"]},
    },
}


def inventory(hosts: int, services: int, nodes: int) -> dict[str, Any]:
    """Return inventories/nat with more real servers and services; the lab has all of its nodes.

    Real servers beyond the first `hosts` are hosts of the lab, and none of the cluster.
    """
    names = [f"rs{number}" for number in range(1, nodes + 1)]
    members = [{"host": name} for name in names[:hosts]]
    described = [
        {
            "address": "192.168.0.111",
            "port": 8000 + number,
            "scheduler": "rr",
            "forward": "nat",
            "real_servers": members,
        }
        for number in range(services)
    ]
    return {
        "all": {
            "vars": {**CONNECTION, "lvs_virtual_services": described},
            "hosts": {name: _node(number) for number, name in enumerate(names)},
        },
        "directors": {"hosts": {"director": DIRECTOR}},
        "real_servers": {"hosts": {name: {} for name in names[:hosts]}},
    }


def _node(number: int) -> dict[str, Any]:
    rip = f"192.168.137.{10 + number}"
    return {
        "lvs_rip": rip,
        "lab_interfaces": {"eth1": {"network": "back", "addresses": [f"{rip}/24"]}},
    }


def of_growth(hosts: list[int], services: list[int], runs: int, build: Build) -> Seconds:
    """Return the seconds of second runs with so many real servers, and with so many services."""
    watch = Stopwatch()
    watch.counts = True
    nodes = max(FEW, *hosts)
    sizes = [(f"{count} real servers, 1 service", count, 1) for count in sorted(hosts)[::-1]]
    sizes += [(f"{FEW} real servers, {count} services", FEW, count) for count in services]
    with tempfile.TemporaryDirectory(prefix="lvs-bench-") as directory:
        there = Path(directory)
        paths = {
            name: _write(there / str(number), inventory(count, of_services, nodes))
            for number, (name, count, of_services) in enumerate(sizes)
        }
        with clusters([build], next(iter(paths.values()))) as made:
            for name, path in paths.items():
                _measure(made[0], path, name, runs, watch)
    return watch.seconds


def _write(path: Path, content: dict[str, Any]) -> Path:
    path.mkdir()
    (path / "hosts.yml").write_text(json.dumps(content))
    return path


def _measure(cluster: Cluster, path: Path, name: str, runs: int, watch: Stopwatch) -> None:
    """Measure; a first run, which makes the cluster what the inventory says, does not count."""
    cluster.site(path, "--forks", FORKS)
    for _run in range(runs):
        run = cluster.unchanged(cluster.site(path, "--forks", FORKS))
        watch.add(cluster.build.name, name, run.seconds)
