# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ratios out of seconds, and a table of them for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from lvs_bench import targets
from lvs_bench.runs import BEFORE, NOW, RIVALS
from lvs_bench.targets import verdict

FLOOR = "floor"
LISTING = "ipvsadm -Sn"
READ_FLOOR = "read floor"
UNCHANGED = "our unchanged run"

COMPARED = {
    "one by one": FLOOR,
    "our difference": FLOOR,
    "our first run": FLOOR,
    "keepalived": FLOOR,
    "ipvsadm -R": FLOOR,
    "pyroute2, load": FLOOR,
    "our read": READ_FLOOR,
    UNCHANGED: LISTING,
    "our one weight": UNCHANGED,
    "pyroute2, read": LISTING,
}
"""What each is held against."""

TARGET_SIZE = 1000
TARGETS = {
    "our difference": 1.25,
    "our first run": 2.0,
    "our read": 2.0,
    UNCHANGED: 3.0,
    "our one weight": 1.1,
}
"""The most that the ratio may be, with a table of TARGET_SIZE services."""

PING = "ansible.builtin.ping"
START_TARGET = 1.25
"""The most times as long as ping's answer that a module's way to its first message may take."""

TARGET_MIB = 100
HEADINGS = ("what", "median", "spread", "ratio", "target")


def ratio(seconds: Sequence[float], against: Sequence[float]) -> float:
    """Return how many times as long one took as the other, run by run, in the middle."""
    return median(one / other for one, other in zip(seconds, against))


def rows_of_size(size: int, seconds: Mapping[str, Sequence[float]]) -> list[Sequence[str]]:
    """Return the rows for a table of one size."""
    rows: list[Sequence[str]] = []
    for name in (FLOOR, READ_FLOOR, LISTING, *COMPARED):
        if name not in seconds:
            continue
        took = seconds[name]
        row = [name, f"{median(took):.3f} s", f"{min(took):.3f} to {max(took):.3f} s", "", ""]
        if name in COMPARED:
            against = COMPARED[name]
            found = ratio(took, seconds[against])
            row[3] = f"{found:.2f} times {against}"
            row[4] = verdict(found, TARGETS[name]) if _has_target(size, name) else ""
        rows.append(row)
    return rows


def _has_target(size: int, name: str) -> bool:
    return size == TARGET_SIZE and name in TARGETS


def growth(sizes: Mapping[str, Any], name: str) -> list[str]:
    """Return the microseconds an entry that a rival took, one for each size that it was asked for.

    An entry is a service or a real server: a service of ten real servers has eleven.
    """
    return [
        f"{median(found['seconds'][name]) / (int(size) * 11) * 1e6:.1f}"
        if name in found["seconds"]
        else "-"
        for size, found in sizes.items()
    ]


def report(results: Mapping[str, Any]) -> str:
    """Return all of the results for people, as Markdown; what was not measured is left out."""
    parts = [
        f"{name}: " + ", ".join(f"{k} {v}" for k, v in results[key].items())
        for name, key in (("Machine", "machine"), ("Builds", "builds"))
        if key in results
    ]
    headings = ("what", "before", "now", "target")
    parts += ["## What is wanted", markdown(headings, targets.rows(results))]
    parts += _of_tables(results)
    if "starts" in results:
        rows = rows_of_starts(results["starts"])
        parts += ["## A module's way to its first message", markdown(HEADINGS, rows)]
    for part, heading in SIDE_BY_SIDE.items():
        for size in results.get(part, {}):
            seconds = targets.seconds_in(results, part, size)
            parts += [f"## {heading}, {size}", markdown(*side_by_side(seconds))]
    for name, found in results.get("site", {}).items():
        parts += _of_site(name, found)
    return "\n\n".join(parts) + "\n"


SIDE_BY_SIDE = {
    "processes": "Whole processes on the target, services of 10",
    "playbooks": "ansible-playbook of one task, services of 10",
    "own task": "First load by site's own task, services of 10",
    "site": "The second run of site",
    "growth": "The second run of site, growing",
}
"""Parts that have seconds by who and what, and what they are called."""


def side_by_side(
    seconds: Mapping[str, Mapping[str, Sequence[float]]],
) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Return headings, and a row for each that was measured: the middle and the spread of each."""
    rows: list[Sequence[str]] = []
    builds = [who for who in (BEFORE, NOW) if who in seconds]
    for what, took in seconds.get(RIVALS, {}).items():
        rows.append((what, _shown(took), *([""] * len(builds))))
    for what in dict.fromkeys(what for build in builds for what in seconds[build]):
        shown = (_shown(seconds[build].get(what, ())) for build in builds)
        rows.append((what, "", *shown))
    return ("what", "others", *builds), rows


def _shown(took: Sequence[float]) -> str:
    return f"{median(took):.3f} s ({min(took):.3f} to {max(took):.3f})" if took else ""


def _of_site(name: str, found: Mapping[str, Any]) -> list[str]:
    """Return the starts on each host, and the seconds of each task on each, of each build."""
    parts = []
    hosts = sorted({host for starts in found["starts"].values() for host in starts})
    rows = [
        (build, *(str(starts.get(host, "")) for host in hosts))
        for build, starts in found["starts"].items()
    ]
    parts += [f"### {name}, starts of Python", markdown(("build", *hosts), rows)]
    for build, tasks in found["tasks"].items():
        hosts = sorted({host for of_task in tasks.values() for host in of_task})
        rows = [
            (task, *(f"{of_task[host]:.2f}" if host in of_task else "" for host in hosts))
            for task, of_task in tasks.items()
        ]
        heading = f"### {name}, seconds of each task, {build}"
        parts += [heading, markdown(("task", *hosts), rows)]
    return parts


def _of_tables(results: Mapping[str, Any]) -> list[str]:
    parts = []
    sizes = results.get("sizes", {})
    for size, found in sizes.items():
        rows = rows_of_size(int(size), found["seconds"])
        parts += [f"## {size} services of 10 real servers", markdown(HEADINGS, rows)]
        memory = ", ".join(f"{k} {v / 1024:.0f} MiB" for k, v in found["peak_kib"].items())
        judged = ""
        if int(size) == TARGET_SIZE:
            most = max(found["peak_kib"].values()) / 1024
            judged = f" ({verdict(most, TARGET_MIB)})"
        writes = max(found["seconds"]["writes for one weight"])
        parts.append(
            f"Peak memory of the module: {memory}{judged}. Writes for one weight: {writes}."
        )
    if "cleared" in results:
        size = results["task_size"]
        rows = rows_of_size(size, results["cleared"])
        heading = f"## {size} services, in a table that was cleared just before"
        parts += [heading, markdown(HEADINGS, rows)]
    if sizes:
        names = [FLOOR, *COMPARED, LISTING, READ_FLOOR]
        rows = [(name, *growth(sizes, name)) for name in names]
        parts += ["## Microseconds an entry", markdown(("what", *sizes), rows)]
    return parts


def rows_of_starts(seconds: Mapping[str, Sequence[float]]) -> list[Sequence[str]]:
    """Return the rows for the starts of modules, each held against ping's."""
    rows: list[Sequence[str]] = []
    for plain, took in zip(_plain_rows(seconds), seconds.values()):
        found = ratio(took, seconds[PING])
        held = (
            ("", "")
            if took is seconds[PING]
            else (f"{found:.2f} times {PING}", verdict(found, START_TARGET))
        )
        rows.append((*plain, *held))
    return rows


def _plain_rows(seconds: Mapping[str, Sequence[float]]) -> list[Sequence[str]]:
    return [
        (name, f"{median(took):.3f} s", f"{min(took):.3f} to {max(took):.3f} s")
        for name, took in seconds.items()
    ]


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose columns are as wide as they need to be."""
    widths = [max(map(len, column)) for column in zip(headings, *rows)]
    lines = [headings, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |"
        for line in lines
    )
