"""The second run of a public role that sets up keepalived, on a director.

None of it is in the project: it is installed when it is measured, and removed then.
"""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lvs_bench.clusters import Cluster, Run

NAME = "evrardjp.keepalived"
SOURCE = f"{NAME},8.2.0"
"""What ansible-galaxy installs, with the version."""

PLAY: dict[str, Any] = {
    "name": "Set up keepalived",
    "hosts": "directors",
    "roles": [NAME],
    "vars": {
        "keepalived_virtual_servers": [
            {
                "ip": "192.168.0.111",
                "port": 80,
                "delay_loop": 10,
                "lvs_sched": "rr",
                "lvs_method": "NAT",
                "protocol": "TCP",
                "real_servers": [
                    {"ip": address, "port": 80, "weight": 1, "tcp_checks": [{"connect_port": 80}]}
                    for address in ("192.168.137.131", "192.168.137.130")
                ],
            }
        ],
    },
}
"""The service of inventories/nat, with a check."""


@contextlib.contextmanager
def installed(source: str) -> Iterator[Path | None]:
    """Give the directory of roles where it is installed meanwhile; None for the source `none`."""
    if source == "none":
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="lvs-bench-") as directory:
        install(source, Path(directory))
        yield Path(directory)


def second_runs(cluster: Cluster, inventory: Path, roles: Path, runs: int) -> list[Run]:
    """Return runs of the role that have nothing to change.

    The first after its first may still have, and does not count.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as playbook:
        json.dump([PLAY], playbook)
        playbook.flush()

        def run() -> Run:
            path = Path(playbook.name)
            return cluster.play(inventory, path, ANSIBLE_ROLES_PATH=str(roles))

        for _warm in range(2):
            run()
        return [cluster.unchanged(run()) for _run in range(runs)]


def install(source: str, roles: Path) -> None:
    """Install the role: SOURCE, or the address of a git repository with a comma and the version."""
    address, _, version = source.partition(",")
    wanted = {
        "src": address if address == NAME else f"git+{address}",
        "version": version,
        "name": NAME,
    }
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as requirements:
        json.dump([wanted], requirements)
        requirements.flush()
        done = subprocess.run(
            ["ansible-galaxy", "role", "install", "--role-file", requirements.name,
             "--roles-path", str(roles)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(
            f"bench: {source} cannot be installed; name another source with --keepalived-role,"
            f" or leave it out with --keepalived-role none: {done.stdout}{done.stderr}"
        )
