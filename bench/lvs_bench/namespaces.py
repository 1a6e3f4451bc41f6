"""Tables of the kernel on the node: a fresh one, and whether it is the one that was wanted."""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess

from lvs_bench import tables

CHECKS = 5


def fresh() -> int:
    """Enter a network namespace that has never had a table; gives a descriptor that holds it.

    As long as that is open the kernel does not clean it away, while others are measured.
    """
    os.unshare(os.CLONE_NEWNET)  # type: ignore[attr-defined]  # Python 3.12, which the node has
    # Before the first address there is no table of local ones, and IPVS takes no real server.
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    return os.open("/proc/self/ns/net", os.O_RDONLY)


def clear() -> None:
    """Empty the table. The kernel keeps its servers for two minutes, and searches them."""
    subprocess.run(["ipvsadm", "-C"], check=True)


def check(size: int, name: str, *, changed: bool = False) -> None:
    """Stop where the kernel has not got the table: then the time means nothing.

    ipvsadm is asked more than once, for the kernel tells it wrong while it grows its own table.
    """
    wanted = sorted(tables.as_rules(size, changed=changed).splitlines())
    for _attempt in range(CHECKS):
        done = subprocess.run(["ipvsadm", "-Sn"], check=True, capture_output=True, text=True)
        if sorted(done.stdout.splitlines()) == wanted:
            return
    raise SystemExit(f"{name}: the kernel has not got the table of {size} services")
