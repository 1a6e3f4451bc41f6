"""Has the node measure."""
# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

from node import LAB, NODE, ON_NODE

from lvs_bench import sent
from lvs_bench.builds import Build
from lvs_bench.target import on_node

TOO_SLOW = {"pyroute2, load": 1000, "pyroute2, read": 1000}
"""The largest table that each is asked for: more would take most of an hour."""


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


def of_starts(runs: int, build: Build) -> dict[str, list[float]]:
    """Return the seconds from a process's start to its first message or, of ping, its answer."""
    named = [f"{name}={path}" for name, path in sent.starts(build).items()]
    found: dict[str, list[float]] = of_node("start", str(runs), *named)
    return found


def of_processes(size: int, runs: int, builds: list[Build]) -> dict[str, Any]:
    """Return the seconds of whole processes on the target, side by side."""
    paths = json.dumps(sent.of_tables(size, builds))
    found: dict[str, Any] = of_node("processes", str(size), str(runs), paths)
    return found


def of_memory(size: int, builds: list[Build]) -> dict[str, Any]:
    """Return the most KiB that the module took, by build and form."""
    paths = json.dumps(sent.of_tables(size, builds, changed=False))
    found: dict[str, Any] = of_node("memory", str(size), paths)
    return found


def of_connections(*words: str, clock: Callable[[], float]) -> dict[str, list[dict[str, Any]]]:
    """Return what connections have cost by each way, run by run.

    The clock is looked at where the program says so, which is twice in each run.
    """
    command = [
        LAB, "exec", NODE, "env", f"PYTHONPATH={ON_NODE}", "python3", f"{ON_NODE}/on_node.py",
        "connections", *words,
    ]  # fmt: skip
    marks, told = [], ""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for line in running.stdout:
            if line != "mark\n":
                told = line
                continue
            marks.append(clock())
            running.stdin.write("\n")
            running.stdin.flush()
    if running.returncode:
        raise SystemExit(f"{' '.join(command)}: it ended with {running.returncode}")
    return with_busy(json.loads(told), marks)


def with_busy(
    found: dict[str, list[dict[str, Any]]], marks: list[float]
) -> dict[str, list[dict[str, Any]]]:
    """Put what each run took of the processor beside it; the ways take turns."""
    spent = iter(end - begin for begin, end in zip(marks[::2], marks[1::2], strict=True))
    for turn in zip(*found.values(), strict=True):
        for one in turn:
            one["busy"] = next(spent)
    return found
