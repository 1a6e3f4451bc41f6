# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How keepalived.conf is written."""

from __future__ import annotations

from typing import Callable

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats import keepalived as _syntax


def test_blocks() -> None:
    """One within another is set in twice."""
    inner = _syntax.block("url", ["path /"])
    assert _syntax.block("HTTP_GET", ["retry 0", *inner]) == [
        "HTTP_GET {",
        "    retry 0",
        "    url {",
        "        path /",
        "    }",
        "}",
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("ok", '"ok"'),
        (r"\d", r'"\\d"'),
        ('"ok"', r'"\x22ok\x22"'),
        (r"\"", r'"\\\x22"'),
        ("^a$_$", r'"^a\x24_$"'),
    ],
)
def test_expressions(text: str, word: str) -> None:
    """keepalived takes a backslash of each pair away, and puts in what has a number."""
    assert _syntax.expression(text) == word


def test_quoted() -> None:
    """As it is, blanks and all."""
    assert _syntax.quoted("a b") == '"a b"'
    assert _syntax.quoted("$(id) {}") == '"$(id) {}"'
    assert _syntax.command("/bin/a 'b c'") == "\"/bin/a 'b c'\""
    assert _syntax.word("root") == "root"


@pytest.mark.parametrize("text", ['a"b', "a\\", "a\n}", "$_PWD", "${_PWD}", "a" * 901, "é" * 450])
@pytest.mark.parametrize("write", [_syntax.quoted, _syntax.command, _syntax.word])
def test_what_it_cannot_say(write: Callable[[str], str], text: str) -> None:
    """It would be the end of the word, a line more, something else, or nothing."""
    with pytest.raises(ModelError, match=r"nothing that keepalived\.conf can say"):
        write(text)


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (_syntax.command, "/bin/a 'b"),
        (_syntax.word, "a b"),
        (_syntax.word, "a{"),
        (_syntax.word, "!a"),
        (_syntax.word, ""),
        (_syntax.expression, "a\nb"),
        (_syntax.expression, "\\" * 450),
    ],
)
def test_what_one_of_them_cannot_say(write: Callable[[str], str], text: str) -> None:
    """What is not closed, several words, and what is too long when it is written."""
    with pytest.raises(ModelError, match=r"nothing that keepalived\.conf can say"):
        write(text)
