# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text in the words of BIRD 2's configuration.

Private to the collection: names and behaviour may change in any release.

Written against conf/cf-lex.l of BIRD 2.0.12 to 2.17. A string ends at the next quotation mark, and
nothing stands for one within it. A name has letters, digits and C(_).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .text import unsayable

_INDENT = "    "
_NAME = "BIRD"
# Of a key by TCP MD5 (TCP_MD5SIG_MAXKEYLEN of linux/tcp.h).
MAX_KEY = 80


def block(head: str, lines: Iterable[str]) -> list[str]:
    """Return the lines of a block; those within are set in."""
    return [f"{head} {{", *(_INDENT + line for line in lines), "}"]


def option(head: str, lines: Iterable[str]) -> list[str]:
    """Return the lines of an option that has a block: unlike a block of its own it is ended."""
    *others, last = block(head, lines)
    return [*others, f"{last};"]


def string(text: str) -> str:
    """Return a text as a string. Raise ModelError for one that BIRD cannot be told."""
    if not text.isprintable() or '"' in text:
        raise unsayable(text, _NAME, 'give one on one line, without "')
    return f'"{text}"'


def key(text: str) -> str:
    """Return the password of a BGP session. Raise ModelError for what the kernel takes for none."""
    if len(text.encode()) > MAX_KEY:
        raise unsayable(text, _NAME, f"give one of at most {MAX_KEY} octets")
    return string(text)


def prefixes(found: Iterable[str]) -> str:
    """Return a set of prefixes."""
    return f"[ {', '.join(found)} ]"


def symbol(text: str) -> str:
    """Return a name made of a text whose other characters do not tell it from another one."""
    return re.sub(r"[^A-Za-z0-9]", "_", text)


def interval(seconds: float) -> str:
    """Return a time as BFD counts it, in milliseconds, or microseconds where that is finer."""
    micro = round(seconds * 1_000_000)
    return f"{micro} us" if micro % 1000 else f"{micro // 1000} ms"
