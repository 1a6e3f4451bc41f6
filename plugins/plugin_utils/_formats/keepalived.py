# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text in the words of keepalived.conf.

Private to the collection: names and behaviour may change in any release.

Written against lib/parser.c of keepalived 2.2.7 to 2.4. Within quotation marks a backslash means
something to some of its keywords and not to others, and the names of its own definitions are put in
everywhere. What is longer than its buffer it leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .text import unsayable

_INDENT = "    "
# Of 1024, with what comes before it on its line.
MAX_OCTETS = 900
_NAME = "keepalived.conf"


def block(head: str, lines: Iterable[str]) -> list[str]:
    """Return the lines of a block; those within are set in."""
    return [f"{head} {{", *(_INDENT + line for line in lines), "}"]


def word(text: str) -> str:
    """Return a text that is one plain word. Raise ModelError for any other."""
    if not re.fullmatch(r"[A-Za-z0-9._/@:%+-]+", text) or len(text) > MAX_OCTETS:
        raise unsayable(text, _NAME, "use letters, digits and . _ - / @")
    return text


def quoted(text: str) -> str:
    """Return a text as one word. Raise ModelError for one that keepalived cannot be told."""
    if not text.isprintable() or re.search(r'["\\]|\$\{?_', text):
        raise unsayable(text, _NAME, 'give one without ", \\ and $_')
    return _short(f'"{text}"')


def command(text: str) -> str:
    """Return a program with its arguments, which keepalived takes apart at spaces and quotes."""
    if text.count("'") % 2:
        raise unsayable(text, _NAME, "close the quotation mark, or leave it out")
    return quoted(text)


def expression(text: str) -> str:
    """Return a regular expression as one word.

    Its backslashes are keepalived's own, before they are the expression's; of a quotation mark and
    of a dollar it gets the number.
    """
    if not text.isprintable():
        raise unsayable(text, _NAME, "give one on one line")
    told = text.replace("\\", "\\\\").replace('"', "\\x22")
    return _short('"' + re.sub(r"\$(?=\{?_)", r"\\x24", told) + '"')


def _short(text: str) -> str:
    if len(text.encode()) > MAX_OCTETS:
        raise unsayable(text, _NAME, f"give one of at most {MAX_OCTETS} octets")
    return text
