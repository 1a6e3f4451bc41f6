# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of ldirectord.cf: settings, and sections of virtual services.

Private to the collection: names and behaviour may change in any release.

Written against read_config of ldirectord in resource-agents 4.12 to 4.16. A section is what follows
a line C(virtual=) and is set in by a tab or four spaces; there a # begins a comment anywhere.
Statements have the word before the = and what comes after it as their words. Pure code.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .statements import Statement, refused

_HEADS = ("virtual", "virtual6")
_SETTING = re.compile(r"([A-Za-z0-9_-]+)\s*=\s*(.*)")
# Nothing is read of a text that is not in quotation marks, and of these the outermost count.
_QUOTED = re.compile(r'"(.*)"')
_NOT_QUOTED = "is not in quotation marks, without which ldirectord does not read it"
_COMMENT = (
    "has a # in it, which begins a comment there, also in quotation marks: ldirectord does not read"
    " the rest of the line"
)


class Section(NamedTuple):
    """A virtual service, and its settings."""

    head: Statement
    settings: list[Statement]


def read_sections(text: str, path: str) -> tuple[list[Statement], list[Section]]:
    """Return the settings before and between the sections, and these.

    Raise ModelError, with the line, for a text that is no configuration of ldirectord's.
    """
    settings: list[Statement] = []
    sections: list[Section] = []
    section: Section | None = None
    for number, raw in enumerate(re.split(r"\r*\n|\r$", text), 1):
        if re.match(r"\s*#", raw):
            continue
        within = raw.partition("#")[0].replace("\t", "    ")
        if section is not None and re.match(r" {4,}\S", within):
            section.settings.append(_statement(path, number, raw.strip(), within.strip()))
            continue
        section = None
        if not raw.strip():
            continue
        if raw[0] in " \t":
            why = "is set in, and belongs to no virtual service"
            advice = (
                "write it right below the line virtual=, set in by a tab or four spaces, without an"
                " empty line between"
            )
            raise refused(path, number, raw.strip(), why, advice)
        one = _statement(path, number, raw.strip(), raw.strip())
        if one.name in _HEADS:
            section = Section(one, [])
            sections.append(section)
        else:
            settings.append(one)
    return settings, sections


def _statement(path: str, number: int, shown: str, text: str) -> Statement:
    found = _SETTING.fullmatch(text)
    if found is None and text == "supervised":
        return Statement(path, number, shown, ("supervised", "yes"))
    if found is None:
        why, advice = "is no setting", "write it as a word, = and a value, or make it a comment"
        raise refused(path, number, shown, why, advice)
    return Statement(path, number, shown, (found[1], found[2].strip()))


def quoted(one: Statement) -> str | None:
    """Return the text in quotation marks; None where there is none, or it is empty."""
    found = _QUOTED.match(one.value)
    return found[1] or None if found is not None else None


def unquoted(one: Statement) -> str:
    """Return a text that may be in quotation marks."""
    found = _QUOTED.match(one.value)
    return found[1] if found is not None else one.value


def why_not_quoted(one: Statement) -> tuple[str, str]:
    """Return why there is no text in quotation marks, and what to do about it."""
    if "#" in one.text:
        return _COMMENT, "give one without #: ldirectord cannot be told of any other"
    return _NOT_QUOTED, "say it in the inventory, if it is meant"
