# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How keepalived.conf is written."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import keepalived_syntax as _syntax


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
    [("ok", '"ok"'), (r"\d", r'"\\d"'), ('"ok"', r'"\"ok\""'), (r"\"", r'"\\\""')],
)
def test_expressions(text: str, word: str) -> None:
    """keepalived takes a backslash of each pair away, and leaves the quotation mark behind one."""
    assert _syntax.expression(text) == word


def test_quoted() -> None:
    """As it is, blanks and all."""
    assert _syntax.quoted("a b") == '"a b"'
