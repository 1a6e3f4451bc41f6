# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocks of keepalived.conf."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.keepalived_lines import Line
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.keepalived_syntax import (
    escaped_words,
    plain_words,
    read_blocks,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.statements import Statement


def tree(*texts: str) -> list[object]:
    """The words of statements, each with those of its block."""
    lines = [Line("x", number, text) for number, text in enumerate(texts, 1)]
    return [_as_list(one) for one in read_blocks(lines)]


def _as_list(one: Statement) -> object:
    words = " ".join(one.words)
    return words if one.block is None else [words, *map(_as_list, one.block)]


@pytest.mark.parametrize(
    "texts",
    [
        ["virtual_server a 1 {", "real_server b 2 {", "weight 3", "}", "}"],
        ["virtual_server a 1", "{", "real_server b 2", "{", "weight 3", "}", "}"],
        ["virtual_server a 1 { real_server b 2 { weight 3 } }"],
        ["virtual_server a 1{real_server b 2{weight 3}}"],
        ["virtual_server a 1 {", "real_server b 2 { weight 3 }", "}"],
        ["virtual_server a 1 {", "real_server b 2 {", "weight 3 } }"],
    ],
)
def test_wherever_braces_are(texts: list[str]) -> None:
    """On lines of their own, or several on one."""
    assert tree(*texts) == [["virtual_server a 1", ["real_server b 2", "weight 3"]]]


def test_braces_in_quotation_marks() -> None:
    """They are text, as is a parameter that nobody has defined."""
    assert tree('vrrp_script a { script "x { y }" }') == [["vrrp_script a", "script x { y }"]]
    assert tree("instance ${NOBODY}") == ["instance ${NOBODY}"]


def test_places() -> None:
    """Each statement knows its line, and a block where it ends."""
    lines = [Line("x", 3, "SSL {"), Line("y", 1, "ca z"), Line("x", 5, "}")]
    (block,) = read_blocks(lines)
    assert (block.place, block.end) == ("x, line 3", 5)
    assert [inner.place for inner in block.block or ()] == ["y, line 1"]


def test_words() -> None:
    """Those in quotation marks may have spaces, and may be empty."""
    assert plain_words('a "b c" d"e"f ""') == ["a", "b c", "d", "e", "f", ""]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('regex "a\\\\.b"', ["regex", "a\\.b"]),
        ("regex 'a b'c", ["regex", "a bc"]),
        ('regex "\\x22\\x24\\101\\t\\cA"', ["regex", '"$A\t\x01']),
        ("notify \"/bin/x 'a b'\" root", ["notify", "/bin/x 'a b'", "root"]),
        ('regex ""', ["regex", ""]),
        ("regex a\\ b", ["regex", "a b"]),
    ],
)
def test_words_of_scripts_and_expressions(text: str, words: list[str]) -> None:
    """A backslash says what the next character is."""
    assert escaped_words(Statement("", 1, text, ())) == words
