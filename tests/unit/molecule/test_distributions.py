# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on distributions leave in the documentation."""

from __future__ import annotations

import pytest
from distributions import RESULTS, RUNS, SUITES, TABLE, VERSIONS, debian, with_row
from lvs_lab.debian import SUITES as OF_THE_LAB

PAGE = f"# Runs\n\n{RESULTS}\nBetween.\n\n{VERSIONS}\nBehind.\n"


def test_all_distributions_of_the_lab_are_run() -> None:
    assert set(SUITES) == set(OF_THE_LAB)
    assert {suites for _name, suites in RUNS} > set(OF_THE_LAB)


@pytest.mark.parametrize(
    ("suites", "words"),
    [
        ("forky", "testing"),
        ("bookworm director2=trixie", "12, director2 13"),
    ],
)
def test_distributions_are_named_as_people_do(suites: str, words: str) -> None:
    assert debian(suites) == words


def test_a_row_is_added_and_replaced() -> None:
    """All else stays as it is."""
    once = with_row(PAGE, RESULTS, 2, ("nat", "12", "**verify failed**", "5", "2026-01-01"))
    twice = with_row(once, RESULTS, 2, ("nat", "12", "all holds", "4", "2026-01-02"))
    both = with_row(twice, RESULTS, 2, ("nat", "13", "all holds", "3", "2026-01-03"))
    rows = "| nat | 12 | all holds | 4 | 2026-01-02 |\n| nat | 13 | all holds | 3 | 2026-01-03 |\n"
    assert both == PAGE.replace(RESULTS, RESULTS + rows)


def test_what_a_run_does_not_know_stays() -> None:
    """A scenario has not every package."""
    known = ["12", *"abcdefgh"]
    page = with_row(PAGE, VERSIONS, 1, known)
    assert with_row(page, VERSIONS, 1, ["12", *[""] * 8]) == page
    assert "| 12 | a | b | c | d | e | f | g | h |" in page


def test_the_page_has_the_tables() -> None:
    """Their heads are the program's."""
    text = TABLE.read_text()
    assert (text.count(RESULTS), text.count(VERSIONS)) == (1, 1)
