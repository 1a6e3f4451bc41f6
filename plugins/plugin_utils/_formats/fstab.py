# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of fstab(5).

Private to the collection: names and behaviour may change in any release.

M(ansible.posix.mount) writes them, and writes three characters in octal. It takes a C(#) for the
beginning of a comment, and a field for ended where Python finds a blank of any kind.
"""

from __future__ import annotations

import re

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .octal import escape


def field(text: str) -> str:
    """Return a field as the file has it; raise ModelError for what no field can be."""
    if not text.isprintable():
        raise ModelError("", "", text, "has a character that is no part of a line", "leave it out")
    if "#" in text:
        raise ModelError("", "", text, "has a #, which begins a comment", "give one without it")
    if not text:
        raise ModelError("", "", text, "is empty", "give it")
    return escape(text, " &\\")


def field_pattern(text: str) -> str:
    """Return a regular expression for a field that says so, whatever is in octal there.

    Programs differ in what they write so: ansible.posix.mount an ampersand, and no tabulator.
    """
    return "".join(
        character if re.match(r"[\w/]", character) else _plain_or_octal(character)
        for character in text
    )


def _plain_or_octal(character: str) -> str:
    octets = "".join(f"\\\\{octet:03o}" for octet in character.encode())
    return f"(?:{re.escape(character)}|{octets})"
