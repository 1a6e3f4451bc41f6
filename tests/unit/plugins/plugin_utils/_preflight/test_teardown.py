# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a teardown is meant, and which data is named."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.plans import PLANS
from described import GROUPS, asked, hostvars


def plan(**given: Any) -> tuple[list[str], list[str]]:
    """Which data goes, and what is wrong."""
    groups = {**GROUPS, "databases": ["rs1", "client"]}
    found = PLANS["teardown"](asked("rs1", hostvars(), given, groups))
    return found["data"], [problem["message"] for problem in found["problems"]]


def test_it_has_to_be_meant() -> None:
    """It says whom it would be for."""
    for given in ({}, {"lvs_teardown": "false"}, {"lvs_teardown": False}):
        data, (message,) = plan(**given)
        assert data == []
        assert "the cluster of director, rs1, rs2, client would serve nobody after that" in message
        assert message.endswith("; give -e lvs_teardown=true if that is meant.")


@pytest.mark.parametrize(
    ("given", "data"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("databases", ["databases"]),
        ("sites, exports,sites", ["sites", "exports"]),
        (["exports", "databases"], ["exports", "databases"]),
    ],
)
def test_data_that_is_named(given: Any, data: list[str]) -> None:
    assert plan(lvs_teardown="true", lvs_teardown_data=given) == (data, [])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("all", "lvs_teardown_data 'all' is not known; use databases, exports, sites."),
        ("sites,", "lvs_teardown_data '' is not known; use databases, exports, sites."),
        ([5], "lvs_teardown_data 5 is not known; use databases, exports, sites."),
        (True, "lvs_teardown_data true is no list; give names with commas between."),
    ],
)
def test_data_that_nobody_knows(given: Any, sentence: str) -> None:
    """It deletes nothing, and that is all that is said."""
    assert plan(lvs_teardown=True, lvs_teardown_data=given) == ([], [sentence])


def test_directors_that_are_left_out() -> None:
    """One that serves is named; one that does not, or does not answer, keeps nobody."""
    answers = [
        {"item": "d1", "services": ["-t 192.0.2.1:80"]},
        {"item": "d2", "services": []},
        {"item": "d3", "unreachable": True},
        {"item": "d4", "skipped": True},
    ]
    _data, (message,) = plan(lvs_teardown=True, __teardown_directors={"results": answers})
    assert message.startswith("host d1: is a director that this run leaves out, and it would go on")
    assert plan(lvs_teardown=True, __teardown_directors={"results": answers[1:]}) == ([], [])
    assert plan(lvs_teardown=True, __teardown_directors={"skipped": True}) == ([], [])
