"""Whole processes on the target, side by side. Runs on the node.

Of `ipvs_table` it is what Ansible sent, from its start to its end; SENT says where that lies:

    {"ping": PATH, "builds": {BUILD: {FORM: {"wanted": PATH, "changed": PATH}}}}
"""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from typing import Any

from lvs_bench import tables
from lvs_bench.health_checker import WORK, HealthChecker
from lvs_bench.namespaces import check, fresh
from lvs_bench.runs import FIRST, RIVALS, UNCHANGED, WEIGHT, Seconds


def measure(size: int, runs: int, sent: dict[str, Any]) -> Seconds:
    """Return the seconds of each, who take turns, after a turn that does not count."""
    WORK.mkdir(exist_ok=True)
    (WORK / "rules").write_text(tables.as_rules(size))
    found: Seconds = defaultdict(lambda: defaultdict(list))
    for run in range(runs + 1):
        for who, what, seconds in _turn(size, sent):
            if run:
                found[who][what].append(seconds)
    return found


def _turn(size: int, sent: dict[str, Any]) -> list[tuple[str, str, float]]:
    took = [
        (RIVALS, "ping", of_module(sent["ping"])[0]),
        *((RIVALS, what, seconds) for what, seconds in _of_keepalived(size)),
        (RIVALS, f"ipvsadm -R, {FIRST}", _of_restore(size)),
    ]
    for build, forms in sent["builds"].items():
        for form, paths in forms.items():
            took += [
                (build, f"{form}, {what}", seconds)
                for what, seconds in _of_table(size, f"{build}, {form}", paths)
            ]
    return took


def _of_keepalived(size: int) -> list[tuple[str, float]]:
    fresh()
    checker = HealthChecker(size)
    begin = time.perf_counter()
    with checker:
        checker.until_loaded()
        loaded = time.perf_counter() - begin
        check(size, "keepalived")
        checker.want_other_weight()
        begin = time.perf_counter()
        checker.reload()
        reloaded = time.perf_counter() - begin
        check(size, "keepalived", changed=True)
    return [(f"keepalived, {FIRST}", loaded), (f"keepalived, {WEIGHT}", reloaded)]


def _of_restore(size: int) -> float:
    fresh()
    begin = time.perf_counter()
    with (WORK / "rules").open() as rules:
        subprocess.run(["ipvsadm", "-R"], stdin=rules, check=True)
    seconds = time.perf_counter() - begin
    check(size, "ipvsadm -R")
    return seconds


def _of_table(size: int, name: str, paths: dict[str, str]) -> list[tuple[str, float]]:
    fresh()
    took = []
    for what, which in ((FIRST, "wanted"), (UNCHANGED, "wanted"), (WEIGHT, "changed")):
        seconds, _kib, result = of_module(paths[which])
        check(size, name, changed=which == "changed")
        assert result["changed"] is (what != UNCHANGED), (name, what)
        took.append((what, seconds))
    return took


def measure_memory(size: int, sent: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Return the most KiB that each build's process took, by form, in both of two runs."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for build, forms in sent["builds"].items():
        for form, paths in forms.items():
            fresh()
            most = [of_module(paths["wanted"])[1] for _run in (FIRST, UNCHANGED)]
            check(size, f"{build}, {form}")
            found[build][form] = max(most)
    return found


def of_module(path: str) -> tuple[float, int, dict[str, Any]]:
    """Run what Ansible sent; return the seconds, the most KiB of memory, and its result."""
    with (WORK / "result").open("w+b") as answer:
        begin = time.perf_counter()
        process = subprocess.Popen([sys.executable, path], stdin=subprocess.DEVNULL, stdout=answer)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        answer.seek(0)
        told = answer.read()
    assert process.returncode == 0, told
    result: dict[str, Any] = json.loads(told)
    return seconds, usage.ru_maxrss, result
