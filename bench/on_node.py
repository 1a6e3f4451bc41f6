# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures on the node, and prints one line of JSON.

on_node.py size SIZE RUNS LEFT_OUT...    everybody, each on a fresh table
on_node.py cleared SIZE RUNS             who loads a table that was cleared just before
on_node.py start RUNS NAME=PAYLOAD...    a module's way to its first message
on_node.py processes SIZE RUNS SENT      whole processes; SENT says where what Ansible sent lies
on_node.py memory SIZE SENT              the most memory that they take
on_node.py connections DIRECTORS CONNECTIONS RUNS RATE WAY...
                                         what they cost directors that serve at once
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lvs_bench import many_directors, processes
from lvs_bench.health_checker import WORK
from lvs_bench.namespaces import check, clear, fresh
from lvs_bench.rivals import LOADERS, READERS, Rivals, timed

AGENT = str(Path(__file__).with_name("agent.py"))

FIRST_WORD = """
import os, runpy, socket, sys, time
def tell(*_):
    os.write(1, repr(time.monotonic()).encode() + b"\\n")
    raise SystemExit
def heard(event, _arguments):
    if event == "socket.sendto":
        tell()
class Answer:
    write = tell
    def flush(self): pass
sys.addaudithook(heard)
sys.stdout = Answer()
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""
"""Runs what Ansible sent until its first message to the kernel, or its answer; prints when.

What it sends does not reach the kernel. Nothing of it is compiled beforehand, as on any target.
"""


def measure_size(size: int, runs: int, left_out: list[str]) -> dict[str, Any]:
    """Return the seconds of each run of each rival, after one that does not count."""
    held = [fresh()]
    rivals = Rivals(size)
    seconds: dict[str, list[float]] = {}
    for run in range(runs + 1):
        for name, rival in LOADERS.items():
            if name in left_out:
                continue
            held.append(fresh())
            rivals.connect()
            took = timed(rival, rivals)
            check(size, name)
            if run:
                seconds.setdefault(name, []).append(took)
        for name, rival in READERS.items():
            if name in left_out:
                continue
            took = timed(rival, rivals)
            if run:
                seconds.setdefault(name, []).append(took)
            if name == "our one weight":
                seconds.setdefault("writes for one weight", []).append(rivals.writes)
                rivals.our_one_weight()
    held.append(fresh())
    rivals.connect()
    return {"seconds": seconds, "peak_kib": peak_memory(rivals)}


def measure_cleared(size: int, runs: int) -> dict[str, list[float]]:
    """Return the seconds of those who load a table that has just been cleared."""
    held = fresh()
    rivals = Rivals(size)
    seconds: dict[str, list[float]] = {}
    for run in range(runs + 1):
        for name in ("floor", "our difference", "our first run", "keepalived", "ipvsadm -R"):
            clear()
            took = timed(LOADERS[name], rivals)
            check(size, name)
            if run:
                seconds.setdefault(name, []).append(took)
    os.close(held)
    return seconds


def peak_memory(rivals: Rivals) -> dict[str, int]:
    """Return the most memory that the module took, in KiB, as a process of its own."""
    arguments = {"services": rivals.services, "prune": "all", "_ansible_remote_tmp": "/tmp"}
    (WORK / "arguments").write_text(json.dumps(arguments))
    found = {}
    for name in ("first run", "unchanged run"):
        with (WORK / "arguments").open() as given:
            process = subprocess.Popen(
                [sys.executable, AGENT, "ipvs_table"], stdin=given, stdout=subprocess.DEVNULL
            )
        _pid, status, usage = os.wait4(process.pid, 0)
        assert status == 0, name
        found[name] = usage.ru_maxrss
    check(rivals.size, "ipvs_table")
    return found


def measure_starts(runs: int, payloads: dict[str, str]) -> dict[str, list[float]]:
    """Return the seconds from the start of a process until its first word, in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in payloads}
    for run in range(runs + 1):
        for name, payload in payloads.items():
            begin = time.monotonic()
            done = subprocess.run(
                [sys.executable, "-c", FIRST_WORD, payload],
                check=True,
                capture_output=True,
                text=True,
            )
            if run:
                seconds[name].append(float(done.stdout.split()[0]) - begin)
    return seconds


if __name__ == "__main__":
    what, *words = sys.argv[1:]
    if what == "size":
        print(json.dumps(measure_size(int(words[0]), int(words[1]), words[2:])))
    elif what == "cleared":
        print(json.dumps(measure_cleared(int(words[0]), int(words[1]))))
    elif what == "processes":
        print(json.dumps(processes.measure(int(words[0]), int(words[1]), json.loads(words[2]))))
    elif what == "memory":
        print(json.dumps(processes.measure_memory(int(words[0]), json.loads(words[1]))))
    elif what == "connections":
        directors, connections, runs, rate = map(int, words[:4])
        found = many_directors.measure(directors, connections, runs, rate, words[4:])
        print(json.dumps(found))
    else:
        named = dict(word.split("=", 1) for word in words[1:])
        print(json.dumps(measure_starts(int(words[0]), named)))
