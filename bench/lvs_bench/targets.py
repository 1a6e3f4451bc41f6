"""What the project wants to be true of the ratios, and whether it is. Pure."""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from lvs_bench.runs import (
    ALONE,
    BEFORE,
    FIRST,
    NOW,
    OWN_TASK,
    PLAN_AND_TABLE,
    RIVALS,
    SECOND,
    UNCHANGED,
    WEIGHT,
)

MEMORY_SERVICES = 5000
MEMORY_MIB = 150

FORMS = ("services", "rules")
PLAYBOOK_FORMS = {
    "services": 3,
    "services of group_vars": 3,
    "services by to_ipvsadm": 3,
    "rules": 1.5,
    "src": 1.5,
}
"""How a playbook's task is given the table, and how many times a ping it may take at most."""


@dataclass(frozen=True)
class Target:
    """The most that one may be of another, as a ratio.

    Who is not named is the build in question. `part` and `size` say where in the results both are.
    """

    what: str
    part: str
    size: str
    ours: str
    against: str
    most: float
    beside: str = RIVALS
    """Who is held against: the others, a build, or "" for the build in question itself."""


def _processes(what: str, size: str, ours: str, against: str, most: float) -> Iterator[Target]:
    for form in FORMS:
        yield Target(f"{what}, {form}", "processes", size, f"{form}, {ours}", against, most)


def _targets() -> Iterator[Target]:
    yield from _processes(
        "first load of 1,000, whole process, beside keepalived's", "1000",
        FIRST, f"keepalived, {FIRST}", 0.6,
    )  # fmt: skip
    yield from _processes(
        "one weight of 10,000, whole process, beside keepalived's reload", "1000",
        WEIGHT, f"keepalived, {WEIGHT}", 8,
    )  # fmt: skip
    for form, most in PLAYBOOK_FORMS.items():
        yield Target(
            f"ansible-playbook, 1,000 unchanged, {form}, beside ping",
            "playbooks", "1000", f"{form}, {UNCHANGED}", "ping", most,
        )  # fmt: skip
    yield from _processes(
        "on the target, 1,000 unchanged, beside ping", "1000", UNCHANGED, "ping", 2
    )
    yield from _processes("on the target, 10 unchanged, beside ping", "10", UNCHANGED, "ping", 1.25)
    for ours, name in ((OWN_TASK, "site's own task"), (PLAN_AND_TABLE, "its plan and process too")):
        yield Target(
            f"first load of 1,000, {name}, beside ssh ipvsadm -R",
            "own task", "1000", f"{ours}, {FIRST}", f"ssh ipvsadm -R, {FIRST}", 1,
        )  # fmt: skip
    yield Target(
        "second run of site, nat, beside the build before",
        "site", "nat", SECOND, SECOND, 0.5, BEFORE,
    )  # fmt: skip
    yield Target(
        "second run, the director alone, beside a public keepalived role",
        "site", "nat", ALONE, "evrardjp.keepalived", 1.2,
    )  # fmt: skip
    yield Target(
        "second run of site, 40 real servers, beside 2",
        "growth", "hosts", "40 real servers, 1 service", "2 real servers, 1 service", 4, "",
    )  # fmt: skip


TARGETS = tuple(_targets())


def seconds_in(
    results: Mapping[str, Any], part: str, size: str
) -> Mapping[str, Mapping[str, Sequence[float]]]:
    """Return the seconds of a part, by who and what; none where it was not measured."""
    found = results.get(part, {}).get(size, {})
    seconds: Mapping[str, Mapping[str, Sequence[float]]]
    seconds = found.get("seconds", found) if part == "site" else found
    return seconds


def found(results: Mapping[str, Any], target: Target, build: str) -> float | None:
    """Return the ratio of a build, run by run, in the middle; None where it was not measured."""
    seconds = seconds_in(results, target.part, target.size)
    ours = seconds.get(build, {}).get(target.ours)
    against = seconds.get(target.beside or build, {}).get(target.against)
    if not ours or not against:
        return None
    return median(one / other for one, other in zip(ours, against))


def rows(results: Mapping[str, Any]) -> list[Sequence[str]]:
    """Return a row for each target: what, the ratio before, now, and the verdict."""
    shown = []
    for target in TARGETS:
        before, now = (found(results, target, build) for build in (BEFORE, NOW))
        shown.append((target.what, _ratio(before), _ratio(now), verdict(now, target.most)))
    return [*shown, *_read_rows(results), *_memory_rows(results)]


def _read_rows(results: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    seconds = results.get("sizes", {}).get("1000", {}).get("seconds", {})
    for ours, against in (("our read", "read floor"), ("our first run", "floor")):
        if ours in seconds:
            now = median(one / other for one, other in zip(seconds[ours], seconds[against]))
            yield f"{ours}, 1,000, beside the {against}", "", _ratio(now), verdict(now, 2)


def _memory_rows(results: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    found = results.get("memory", {}).get(str(MEMORY_SERVICES), {})
    for form in FORMS:
        before, now = (
            found[build][form] / 1024 if build in found else None for build in (BEFORE, NOW)
        )
        shown = ["" if mib is None else f"{mib:.0f} MiB" for mib in (before, now)]
        what = f"memory of the module, 5,000 services of 10, {form}"
        yield what, *shown, verdict(now, MEMORY_MIB)


def _ratio(number: float | None) -> str:
    return "" if number is None else f"{number:.2f}"


def verdict(number: float | None, most: float) -> str:
    """Return whether a target is met."""
    if number is None:
        return f"at most {most:g}: not measured"
    return f"at most {most:g}: {'met' if number <= most else 'missed'}"
