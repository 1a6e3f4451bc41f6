# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is carried over, and what is left out."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.statements import (
    Ledger,
    Statement,
    without_secrets,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.kinds import number


def one(text: str, line: int = 1, block: list[Statement] | None = None) -> Statement:
    """A statement."""
    return Statement("x", line, text, tuple(text.split()), block)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("auth_pass geheim", "auth_pass ********"),
        ("auth_type PASS auth_pass geheim", "auth_type PASS auth_pass ********"),
        ('passwd = "ge heim"', "passwd = ********"),
        ("secret=geheim", "secret=********"),
        ("key 1 hex:geheim", "key ********"),
        ("$MY_PASS=geheim", "$MY_PASS=********"),
        ("path /keys/a", "path /keys/a"),
        ("passwd", "passwd"),
    ],
)
def test_no_secret_is_shown(text: str, shown: str) -> None:
    """Neither of keepalived nor of ldirectord."""
    assert without_secrets(text) == shown


def test_a_value_that_may_not_be_is_left_out() -> None:
    """And one that may be is carried over."""
    ledger, good, bad = Ledger(), one("a 1", 2), one("a x", 1)
    assert ledger.take(good, number(0, 9), "1", "a") == 1
    assert ledger.take(bad, number(0, 9), "x", "a") is None
    assert ledger.carried() == [{"file": "x", "line": 2, "text": "a 1", "into": "a"}]
    assert [(each["line"], each["why"]) for each in ledger.left_out()] == [
        (1, "is not a whole number")
    ]


def test_a_block_is_left_out_with_all_of_it() -> None:
    """But for what has been looked at already."""
    ledger, inner, known = Ledger(), one("b", 2, [one("c", 3)]), one("d", 4)
    ledger.leave(known, "is known")
    ledger.leave_whole(one("a", 1, [inner, known]), "is not known")
    assert [(each["line"], each["why"]) for each in ledger.left_out()] == [
        (1, "is not known"),
        (2, "belongs to a of line 1"),
        (3, "belongs to a of line 1"),
        (4, "is known"),
    ]


def test_what_nobody_has_looked_at_is_left_out() -> None:
    """Nothing gets lost."""
    ledger, known, inner = Ledger(), one("a", 1), one("c", 3)
    ledger.carry(known, "a")
    ledger.leave_rest([known, one("b", 2, [inner])])
    assert [each["line"] for each in ledger.left_out()] == [2, 3]


def test_the_last_one_counts() -> None:
    """Those before it are left out, but for what may be there several times."""
    ledger = Ledger()
    statements = [one("a 1"), one("b 1", 2), one("old 2", 3), one("b 2", 4)]
    found = [each.text for _name, each in ledger.last_ones(statements, ["b"], {"old": "a"})]
    assert found == ["b 1", "old 2", "b 2"]
    assert ledger.left_out()[0]["why"] == "is said again in line 3"
