"""Fresh tables on the node that are loaded from the controller, by SSH and by Ansible."""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
from pathlib import Path

from lvs_lab.paths import state_dir
from node import NODE

from lvs_bench.target import WORK, on_node

CURRENT = f"{WORK}/networks/current"
PYTHON = f"{WORK}/python-in-fresh"
CHECKS = 5

IN_FRESH = f"""#!/bin/sh
exec nsenter --net={CURRENT} /usr/bin/python3 "$@"
"""
"""The interpreter by which modules see the table of the newest network namespace."""

FRESH = f"""
mkdir -p {WORK}/networks
network=$(mktemp {WORK}/networks/XXXXXX)
unshare --net=$network ip link set lo up
ln -sfn $network {CURRENT}
"""
"""Those of before are kept: the kernel would clean them away while others are measured."""


def prepare() -> None:
    """Put the interpreter on the node."""
    on_node("tee", PYTHON, given=IN_FRESH.encode())
    on_node("chmod", "755", PYTHON)


def fresh() -> None:
    """Make a network namespace that has never had a table."""
    on_node("sh", "-euc", FRESH)


def table() -> list[str]:
    """Return the rules of the table, sorted."""
    return sorted(on_node("nsenter", f"--net={CURRENT}", "ipvsadm", "-Sn").splitlines())


def check(wanted: str, name: str) -> None:
    """Stop where the kernel has not got the table of these rules: then the time means nothing.

    ipvsadm is asked more than once, for the kernel tells it wrong while it grows its own table.
    """
    rules = sorted(wanted.splitlines())
    if not any(table() == rules for _attempt in range(CHECKS)):
        raise SystemExit(f"bench: {name}: the kernel has not got the table that was wanted")


def restore_by_ssh(rules: Path) -> None:
    """`ssh host ipvsadm -R <file`, by the connection that Ansible shares too."""
    command = ["ssh", "-F", str(state_dir() / "ssh_config"), NODE]
    command += ["nsenter", f"--net={CURRENT}", "ipvsadm", "-R"]
    with rules.open() as given:
        subprocess.run(command, stdin=given, check=True)
