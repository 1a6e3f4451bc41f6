# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How keepalived.conf is written: blocks and quotes.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable

_INDENT = "    "


def block(head: str, lines: Iterable[str]) -> list[str]:
    """Return the lines of a block; those within are set in."""
    return [f"{head} {{", *(_INDENT + line for line in lines), "}"]


def quoted(text: str) -> str:
    """Return a text that has no quotation mark as one word."""
    return f'"{text}"'


def expression(text: str) -> str:
    """Return a regular expression as one word.

    Within quotes a backslash is keepalived's own, before it is the expression's.
    """
    return quoted(text.replace("\\", "\\\\").replace('"', '\\"'))
