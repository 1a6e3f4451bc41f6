# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ratios beside what is wanted of them."""

from __future__ import annotations

from typing import Any

from lvs_bench.report import report, side_by_side
from lvs_bench.targets import rows

RESULTS: dict[str, Any] = {
    "processes": {
        "1000": {
            "rivals": {"keepalived, first load": [1.0, 2.0, 1.0], "ping": [0.5, 0.5, 0.5]},
            "now": {"rules, first load": [0.5, 1.0, 0.5], "rules, unchanged": [1.5, 1.5, 1.5]},
            "before": {"rules, first load": [2.0, 4.0, 2.0]},
        }
    },
    "site": {
        "nat": {
            "seconds": {"now": {"second run": [40.0]}, "before": {"second run": [100.0]}},
            "starts": {"now": {"rs1": 5}, "before": {"rs1": 26}},
            "tasks": {"now": {"Ask": {"rs1": 1.5}}, "before": {"Ask": {"rs1": 2.5}}},
        }
    },
    "growth": {
        "hosts": {
            "now": {"40 real servers, 1 service": [50.0], "2 real servers, 1 service": [10.0]}
        }
    },
    "memory": {"5000": {"now": {"services": 153600, "rules": 153601}}},
}


def _row(what: str) -> list[str]:
    return next(list(row[1:]) for row in rows(RESULTS) if row[0] == what)


def test_each_build_is_held_against_the_others_of_its_run() -> None:
    """Run by run, the middle one."""
    what = "first load of 1,000, whole process, beside keepalived's, rules"
    assert _row(what) == ["2.00", "0.50", "at most 0.6: met"]


def test_a_target_that_is_missed_says_so() -> None:
    """And what there is of one build alone is judged as well."""
    what = "on the target, 1,000 unchanged, beside ping, rules"
    assert _row(what) == ["", "3.00", "at most 2: missed"]


def test_what_was_not_measured_is_not_met() -> None:
    """A part of the bench can run alone."""
    what = "first load of 1,000, whole process, beside keepalived's, services"
    assert _row(what) == ["", "", "at most 0.6: not measured"]


def test_second_runs_are_held_against_the_build_before() -> None:
    """Which is not held against itself as if that were a result."""
    what = "second run of site, nat, beside the build before"
    assert _row(what) == ["1.00", "0.40", "at most 0.5: met"]


def test_growth_is_of_one_build() -> None:
    """Forty real servers beside two."""
    what = "second run of site, 40 real servers, beside 2"
    assert _row(what) == ["", "5.00", "at most 4: missed"]


def test_memory_is_judged_by_the_mebibyte() -> None:
    """As exactly as it was measured, and not as it is shown."""
    what = "memory of the module, 5,000 services of 10, "
    assert _row(f"{what}services") == ["", "150 MiB", "at most 150: met"]
    assert _row(f"{what}rules") == ["", "150 MiB", "at most 150: missed"]


def test_what_was_measured_is_shown_side_by_side() -> None:
    """The others have a column, and each build."""
    headings, shown = side_by_side(RESULTS["processes"]["1000"])
    assert headings == ("what", "others", "before", "now")
    assert shown[0] == ("keepalived, first load", "1.000 s (1.000 to 2.000)", "", "")
    assert shown[2][2:] == ("2.000 s (2.000 to 4.000)", "0.500 s (0.500 to 1.000)")


def test_parts_that_were_not_measured_are_left_out_of_the_report() -> None:
    """Those that were are in it: here the seconds of tasks, and the starts."""
    told = report(RESULTS)
    assert "in a table that was cleared" not in told
    assert "### nat, starts of Python" in told
    assert "### nat, seconds of each task, before" in told
