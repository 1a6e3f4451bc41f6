# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text in the words of nftables.

Private to the collection: names and behaviour may change in any release.

Its scanner (src/scanner.l) ends a string at the next quotation mark, and knows no way to write one.
"""

from __future__ import annotations

from collections.abc import Iterable

from .text import unsayable


def string(text: str) -> str:
    """Return a text as a string. Raise ModelError for one that nftables cannot say."""
    if not text.isprintable() or '"' in text or "\\" in text or text.endswith("*"):
        raise unsayable(text, "nftables", "use letters, digits, . _ and -")
    return f'"{text}"'


def strings(texts: Iterable[str]) -> str:
    """Return texts as the elements of a set."""
    return f"{{ {', '.join(map(string, texts))} }}"
