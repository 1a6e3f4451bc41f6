# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of what was measured of directors that serve at once."""

from __future__ import annotations

from typing import Any

from lvs_bench.many_directors import ALONE, ROUTED, SYNCHRONISED
from lvs_bench.scale_report import of_experiments, of_growth, of_processor, report


def cost(**changed: Any) -> dict[str, Any]:
    """What a run of three directors and a thousand connections has cost."""
    own = {
        "sent": 0.5, "heard": 2.5, "busy": 0.1, "known": [1000, 1000, 1000], "lost": 0,
        "kib": 3000, "bytes": 90_000, "packets": 60,
    }  # fmt: skip
    return {**own, **changed}


def test_an_experiment_is_a_row_and_a_way_a_column() -> None:
    """What was not done by a way yet is left empty."""
    became = {"cut": 3, "downloads": 300, "failed": 1, "requests": 700}
    lines = of_experiments({"it leaves": {"rr": became, "mh": became}, "it joins": {"rr": became}})
    assert lines[0] == "| cut, failed | rr | mh |"
    assert lines[2] == "| it leaves | 3 of 300, 1 of 700 | 3 of 300, 1 of 700 |"
    assert lines[3] == "| it joins | 3 of 300, 1 of 700 |  |"


def test_growth_is_by_connection_and_director() -> None:
    """The middle run counts; memory is of all that all directors know."""
    slow = cost(sent=9.0, heard=9.0, bytes=900_000)
    lines = of_growth({"3 1000": {SYNCHRONISED: [cost(), slow, cost()]}})
    assert lines[2] == "| 3 | 1,000 | 0.50 s | 2.50 s | 0.0 % | 1024 B | 90 B | 60 |"


def test_what_was_not_heard_of_is_said() -> None:
    """It is a part of what the others had to hear of."""
    lines = of_growth({"3 1000": {SYNCHRONISED: [cost(known=[1000, 900, 900])]}})
    assert "| 10.0 % |" in lines[2]
    assert "|  |" in of_growth({"1 1000": {SYNCHRONISED: [cost(known=[1000])]}})[2]


def test_each_part_of_the_processors_work_is_what_is_more_with_it() -> None:
    """By others a connection is heard of as often as there are others."""
    one = {ROUTED: [cost(busy=0.02)], ALONE: [cost(busy=0.05)], SYNCHRONISED: [cost(busy=0.06)]}
    three = {ALONE: [cost(busy=0.05)], SYNCHRONISED: [cost(busy=0.08)]}
    lines = of_processor({"1 1000": one, "3 1000": three})
    found = [line.split(" | ")[1:] for line in lines[2:]]
    assert found == [["20.0", "0.40 |"], ["30.0", "0.60 |"], ["10.0", "0.20 |"], ["10.0", "0.20 |"]]


def test_what_is_more_is_of_runs_beside_each_other() -> None:
    """While others work on the machine all takes longer; the middle difference counts."""
    busy = {ROUTED: [0.02, 0.04, 0.02], ALONE: [0.05, 0.08, 0.04], SYNCHRONISED: [0.06, 0.09, 0.09]}
    one = {way: [cost(busy=spent) for spent in runs] for way, runs in busy.items()}
    lines = of_processor({"1 1000": one})
    assert [line.split(" | ")[1] for line in lines[2:]] == ["20.0", "30.0", "10.0"]


def test_a_report_has_what_was_measured() -> None:
    """Parts can be measured one after the other."""
    growth = {"3 1000": {SYNCHRONISED: [cost()]}}
    found = {"growth": growth, "machine": {"kernel": "7.2"}}
    assert report(found) == "\n".join(of_growth(growth))
