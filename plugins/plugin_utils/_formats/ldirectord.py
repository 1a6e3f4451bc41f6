# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text in the words of ldirectord.cf.

Private to the collection: names and behaviour may change in any release.

Written against read_config of ldirectord in Debian 12 and 13. A line is a word, = and the rest of
it; quotation marks around it are taken off, from the first to the last, so that others may be in
between. Within a section a # begins a comment everywhere, and a tab is four spaces.
"""

from __future__ import annotations

from .text import unsayable

_NAME = "ldirectord.cf"
# The word for a mail server, which is the name of a check, too.
MAIL_SERVER = "smtp"


def setting(word: str, text: str) -> str:
    """Return a line before the sections. Raise ModelError for a text that it cannot say."""
    if not text.isprintable() or text != text.strip():
        raise unsayable(text, _NAME, "give one on one line, without spaces around it")
    return f"{word}={text}"


def plain(word: str, text: str) -> str:
    """Return a line of a section. Raise ModelError for a text that it cannot say."""
    if "#" in text:
        raise unsayable(text, _NAME, "give one without #")
    return setting(word, text)


def quoted(word: str, text: str) -> str:
    """Return a line of a section whose text may begin and end with anything."""
    if not text.isprintable() or "#" in text:
        raise unsayable(text, _NAME, "give one on one line, without #")
    return f'{word}="{text}"'


def quoted_setting(word: str, text: str) -> str:
    """Return a line before the sections that has quotation marks."""
    if not text.isprintable() or '"' in text:
        raise unsayable(text, _NAME, 'give one on one line, without "')
    return f'{word}="{text}"'
