# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of keepalived.conf, as keepalived comes to see them."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.keepalived_lines import Line, Lines
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.statements import Ledger


def lines(text: str, config_id: str = "", **files: str) -> list[str]:
    """The lines that say something."""
    return [line.text for line in read(text, config_id, Ledger(), **files)]


def read(text: str, config_id: str, ledger: Ledger, **files: str) -> list[Line]:
    """The lines with their places; files have _ for / in their names here."""
    known = {f"/etc/{name.replace('_', '/')}.conf": each for name, each in files.items()}
    return list(Lines({**known, "/etc/main.conf": text}, config_id, ledger).read("/etc/main.conf"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a # b\n! c\n\td ! e # f\n", ["a", "d"]),
        ('a "b # c" # d', ['a "b # c"']),
        ("a \\# b", ["a # b"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("$A=1\nb $A ${A}2 $AB", ["b 1 12 $AB"]),
        ("$A=1.${B}\n$B=2\nx ${A}\n$B=3\nx ${A}", ["x 1.2", "x 1.3"]),
        ("$A=\nx ${A}y", ["x y"]),
        ("$A= \\\n a {\\\n b \\ \n }\nx\n$A\n", ["x", "a {", "b", "}"]),
        ("$A= \\\n  $B=2 \\\n  y $B\n$A", ["y 2"]),
        ("x ${_PWD}/y", ["x /etc/y"]),
        ("x ${_HASH}y", ["x #y"]),
        ("~SEQ(N, 1, 3) x $N", ["x 1", "x 2", "x 3"]),
        ("~SEQ(N, 5, -2, 1) x $N", ["x 5", "x 3", "x 1"]),
        ("~SEQx(N, 0x9, 1, 0xb) x ${N}", ["x 9", "x a", "x b"]),
        ("~SEQ(N, 2) x $N", ["x 1", "x 2"]),
        ("~LST(N, a, b) ~SEQ(M, 1, 2) x ${N}${M}", ["x a1", "x a2", "x b1", "x b2"]),
        ("~LST({N, M}, {a, 1}, {b, 2}) x ${N}${M}", ["x a1", "x b2"]),
    ],
)
def test_a_text(text: str, found: list[str]) -> None:
    """Comments, parameters, and lines that stand for several."""
    assert lines(text) == found


class TestDirectors:
    """Lines that are for some directors alone."""

    TEXT = "@one a\n@^one b\n@two c\nd\n$X=@one\n$X e"

    def test_this_one(self) -> None:
        assert lines(self.TEXT, "one") == ["a", "d", "e"]
        assert lines(self.TEXT, "two") == ["b", "c", "d"]

    def test_the_others_are_told(self) -> None:
        ledger = Ledger()
        read(self.TEXT, "one", ledger)
        assert [(one["line"], one["why"]) for one in ledger.left_out()] == [
            (2, "is not for the director one"),
            (3, "is not for the director one"),
        ]

    def test_where_nobody_says_which_one_it_is(self) -> None:
        ledger = Ledger()
        read("@one a\n@^one b", "", ledger)
        assert [one["why"] for one in ledger.left_out()] == [
            "is for the director one alone",
            "is for all but the director one alone",
        ]


class TestFiles:
    """Files that are included."""

    def test_where_they_stand(self) -> None:
        assert lines("a\ninclude sub/*.conf\nb", sub_x="c", sub_y="d", sub_deep_z="e") == [
            "a",
            "c",
            "d",
            "b",
        ]

    def test_relative_to_the_file(self) -> None:
        assert lines("include sub/x.conf", sub_x="include y.conf", sub_y="a", y="b") == ["a"]

    def test_in_braces_and_by_its_whole_path(self) -> None:
        assert lines("includea /etc/{x,y}.conf", x="a", y="b", z="c") == ["a", "b"]

    def test_what_is_not_given_is_left_out(self) -> None:
        ledger = Ledger()
        assert read("include other/*.conf", "", ledger, x="a") == []
        assert ledger.left_out()[0]["why"] == "includes files whose text is not given"

    def test_what_they_define_counts_afterwards(self) -> None:
        assert lines("include x.conf\na $A", x="$A=1") == ["a 1"]

    def test_in_a_circle(self) -> None:
        with pytest.raises(ModelError, match=r"x\.conf, line 1: .* within itself"):
            lines("include x.conf", x="include main.conf")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('a "b', "line 1: .* quotation mark"),
        ("$A=x $A\n$A", "line 2: .* circle"),
        ("$A=~SEQ(N,1,1) $A\n$A", "circle"),
        ("~SEQ(N) x", "line 1: .* is no ~SEQ or ~LST"),
        ("~SEQ(N, 1, 0, 2) x", "is no ~SEQ"),
        ("~LST({A, B}, {1}) x", "is no ~SEQ or ~LST"),
        ("~SEQ(N, 1, 100000) x", "stands for more than 1000 lines"),
    ],
)
def test_bad_input(text: str, told: str) -> None:
    """It is told with its line."""
    with pytest.raises(ModelError, match=told):
        lines(text)
