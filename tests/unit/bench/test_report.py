# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of the seconds that were measured."""

from __future__ import annotations

from lvs_bench.report import PING, growth, markdown, ratio, rows_of_size, rows_of_starts

SECONDS = {
    "floor": [1.0, 2.0, 1.0],
    "ipvsadm -Sn": [1.0, 1.0, 1.0],
    "our difference": [1.2, 2.4, 1.2],
    "our unchanged run": [4.0, 4.0, 4.0],
}


def test_a_ratio_is_of_runs_beside_each_other() -> None:
    """A slow moment of the machine slows both."""
    assert ratio([1.0, 20.0, 1.0], [1.0, 10.0, 1.0]) == 1.0


def test_targets_are_judged_at_their_size_only() -> None:
    """The targets are for 1,000 services."""
    rows = {row[0]: row for row in rows_of_size(1000, SECONDS)}
    assert rows["our difference"][3:] == ["1.20 times floor", "at most 1.25: met"]
    assert rows["our unchanged run"][3:] == ["4.00 times ipvsadm -Sn", "at most 3: missed"]
    assert [row[4] for row in rows_of_size(100, SECONDS)] == [""] * 4


def test_starts_are_judged_beside_ping() -> None:
    """A module may take a quarter more than ping, and ping is not held against itself."""
    seconds = {PING: [1.0, 2.0, 1.0], "quick": [1.2, 2.4, 1.2], "slow": [1.3, 2.0, 1.3]}
    assert [list(row[3:]) for row in rows_of_starts(seconds)] == [
        ["", ""],
        [f"1.20 times {PING}", "at most 1.25: met"],
        [f"1.30 times {PING}", "at most 1.25: missed"],
    ]


def test_growth_counts_services_and_real_servers() -> None:
    """A service of ten real servers has eleven entries; who was left out has no number."""
    sizes = {"1": {"seconds": {"x": [11e-6]}}, "100": {"seconds": {}}}
    assert growth(sizes, "x") == ["1.0", "-"]


def test_columns_are_as_wide_as_they_need_to_be() -> None:
    """A table that is read as text, too."""
    assert markdown(("a", "long"), [("wide", "b")]).splitlines() == [
        "| a    | long |",
        "| ---- | ---- |",
        "| wide | b    |",
    ]
