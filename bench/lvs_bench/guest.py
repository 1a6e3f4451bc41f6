"""What the lab's kernel has taken of the machine's processors.

The guest's own clocks go on while the machine does something else, so that what is busy there is
more with each thing that runs beside it.
"""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _USER = 1, 11
"""Where /proc/PID/stat has it, behind the name."""


def _stat(process: Path) -> list[str]:
    """Return what is told of a process; nothing of one that has ended."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _is_kernel_of(process: Path, state: Path) -> bool:
    try:
        words = (process / "cmdline").read_text().split("\0")
    except OSError:
        return False
    return Path(words[0]).name == "linux" and any(f"ubda={state}/" in word for word in words)


def spent(state: Path) -> float:
    """Return the seconds that the kernel of the lab in a directory has taken.

    Each process of the guest is one of the machine, a child of the kernel's.
    """
    processes = [path for path in PROC.iterdir() if path.name.isdigit()]
    (kernel,) = (path for path in processes if _is_kernel_of(path, state))
    ticks = sum(map(int, _stat(kernel)[_USER : _USER + 4]))
    for found in map(_stat, processes):
        if found and found[_PARENT] == kernel.name:
            ticks += sum(map(int, found[_USER : _USER + 2]))
    return ticks / TICKS
