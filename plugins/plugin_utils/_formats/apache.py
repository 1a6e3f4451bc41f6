# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration of Apache: arguments of directives, and sections.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .text import in_quotes

_PLAIN = re.compile(r"[A-Za-z0-9_.*:/\[\]-]+")
_SECTION = re.compile(r"\s*<\s*(/?)\s*([A-Za-z]+)")


def argument(text: str) -> str:
    """Return one argument of a directive; raise ModelError for what Apache takes otherwise."""
    return text if _PLAIN.fullmatch(text) else quoted(text)


def quoted(text: str) -> str:
    """Return one argument in quotes, as paths are written."""
    _one_line(text)
    if "${" in text:
        advice = "give it without ${"
        raise ModelError("", "", text, "has what Apache puts a variable in place of", advice)
    return in_quotes(text)


def directory(path: str) -> str:
    """Return the argument of a section C(<Directory>), which is that directory alone."""
    if re.search(r"[*?\[\]\\]", path):
        why = "has a character that stands for others in a section of Apache"
        raise ModelError("", "", path, why, "give a directory without any of *, ?, [, ] and \\")
    return quoted(path)


def directive_lines(lines: list[str]) -> list[str]:
    """Return lines of the user's own, which leave the section that they are put in as it is."""
    open_sections: list[str] = []
    for line in lines:
        _one_line(line)
        if line.rstrip().endswith("\\"):
            advice = "leave out the \\ at its end, and give all of it in one entry"
            raise ModelError("", "", line, "goes on in the next line", advice)
        found = _SECTION.match(line)
        if found is None:
            continue
        closes, name = bool(found.group(1)), found.group(2)
        if name.lower() == "virtualhost":
            why = "begins or ends a virtual host, which is an entry of its own"
            raise ModelError("", "", line, why, "leave it out")
        if not closes:
            open_sections.append(name)
        elif not open_sections or open_sections.pop().lower() != name.lower():
            advice = "open it in an entry before"
            raise ModelError("", "", line, "closes a section that is not open", advice)
    if open_sections:
        name = open_sections[-1]
        raise ModelError("", "", f"<{name}>", "is not closed", f"close it by </{name}>")
    return lines


def _one_line(text: str) -> None:
    if not isinstance(text, str):
        raise ModelError("", "", text, "is not text", "put it in quotes, or give some")
    if not text.replace("\t", " ").isprintable():
        why = "has a character that is no part of a line"
        raise ModelError("", "", text, why, "leave it out; give each line by itself")
