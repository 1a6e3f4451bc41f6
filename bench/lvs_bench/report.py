# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ratios out of seconds, and a table of them for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

FLOOR = "floor"
LISTING = "ipvsadm -Sn"
UNCHANGED = "our unchanged run"

COMPARED = {
    "one by one": FLOOR,
    "our difference": FLOOR,
    "our first run": FLOOR,
    "keepalived": FLOOR,
    "ipvsadm -R": FLOOR,
    "pyroute2, load": FLOOR,
    UNCHANGED: LISTING,
    "our one weight": UNCHANGED,
    "pyroute2, read": LISTING,
}
"""What each is held against."""

TARGET_SIZE = 1000
TARGETS = {
    "our difference": 1.25,
    "our first run": 2.0,
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
    for name in (FLOOR, LISTING, *COMPARED):
        if name not in seconds:
            continue
        took = seconds[name]
        row = [name, f"{median(took):.3f} s", f"{min(took):.3f} to {max(took):.3f} s", "", ""]
        if name in COMPARED:
            against = COMPARED[name]
            found = ratio(took, seconds[against])
            row[3] = f"{found:.2f} times {against}"
            row[4] = _verdict(found, TARGETS[name]) if _has_target(size, name) else ""
        rows.append(row)
    return rows


def _has_target(size: int, name: str) -> bool:
    return size == TARGET_SIZE and name in TARGETS


def _verdict(found: float, most: float) -> str:
    return f"at most {most:g}: {'met' if found <= most else 'missed'}"


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
    """Return all of the results for people, as Markdown."""
    parts = ["Machine: " + ", ".join(f"{k} {v}" for k, v in results["machine"].items())]
    for size, found in results["sizes"].items():
        rows = rows_of_size(int(size), found["seconds"])
        parts += [f"## {size} services of 10 real servers", markdown(HEADINGS, rows)]
        memory = ", ".join(f"{k} {v / 1024:.0f} MiB" for k, v in found["peak_kib"].items())
        verdict = ""
        if int(size) == TARGET_SIZE:
            most = max(found["peak_kib"].values()) / 1024
            verdict = f" ({_verdict(most, TARGET_MIB)})"
        writes = max(found["seconds"]["writes for one weight"])
        parts.append(
            f"Peak memory of the module: {memory}{verdict}. Writes for one weight: {writes}."
        )
    heading = f"## {results['task_size']} services, in a table that was cleared just before"
    parts += [heading, markdown(HEADINGS, rows_of_size(results["task_size"], results["cleared"]))]
    sizes = results["sizes"]
    names = [FLOOR, *COMPARED, LISTING]
    parts += [
        "## Microseconds an entry",
        markdown(("what", *sizes), [(name, *growth(sizes, name)) for name in names]),
        "## A module's way to its first message",
        markdown(HEADINGS, rows_of_starts(results["starts"])),
        f"## A whole task through Ansible, {results['task_size']} services, unchanged",
        markdown(HEADINGS[:3], _plain_rows(results["tasks"])),
    ]
    return "\n\n".join(parts) + "\n"


def rows_of_starts(seconds: Mapping[str, Sequence[float]]) -> list[Sequence[str]]:
    """Return the rows for the starts of modules, each held against ping's."""
    rows: list[Sequence[str]] = []
    for plain, took in zip(_plain_rows(seconds), seconds.values()):
        found = ratio(took, seconds[PING])
        held = (
            ("", "")
            if took is seconds[PING]
            else (f"{found:.2f} times {PING}", _verdict(found, START_TARGET))
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
