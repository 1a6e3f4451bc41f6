# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of keepalived.conf, as keepalived itself comes to see them.

Private to the collection: names and behaviour may change in any release.

Written against keepalived.conf(5) and lib/parser.c of keepalived 2.4: comments, files that are
included, lines for one director of several, parameters, and lines that stand for several. Pure
code: other files are texts that are given.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .statements import Ledger, Statement, refused

_DEFINITION = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)=\s*(.*)")
# With braces anywhere, without them before white space, a comma, a bracket or the end.
_PARAMETER = re.compile(
    r"\$(?:\{(?P<braced>[A-Za-z_]\w*)(?:[ \t][ \t\w]*)?\}|(?P<bare>[A-Za-z_]\w*)(?=[ \t,)]|$))"
)
_INCLUDE = re.compile(r"include[rmwba]?\s+(.*)")
_SEQUENCE = re.compile(r"~SEQ(x?)\(([^)]*)\)\s*(.*)")
_LIST = re.compile(r"~LST\(((?:[^(){}]|\{[^{}]*\})*)\)\s*(.*)")
_ITEM = re.compile(r"\{([^{}]*)\}|[^,{}\s]+")
# These would begin a comment.
_SPELLED = {"_HASH": "#", "_BANG": "!"}
_MOST = 1000


class Line(NamedTuple):
    """A line that says something, without its comment, and where it stands."""

    file: str
    number: int
    text: str


class Lines:
    """Reads files, one within the other; C(files) are their texts by whole path.

    C(config_id) is what the director is called in lines that are for some directors alone.
    """

    def __init__(self, files: Mapping[str, str], config_id: str, ledger: Ledger) -> None:
        self.files, self.config_id, self.ledger = files, config_id, ledger
        self.parameters: dict[str, list[str]] = {}
        self.open: list[str] = []

    def read(self, path: str) -> Iterator[Line]:
        """Give the lines of a file, and of those that it includes, in their order."""
        self.open.append(path)
        begun: list[str] | None = None
        for number, raw in enumerate(re.split(r"\r*\n|\r$", self.files[path]), 1):
            text = _without_comment(path, number, raw)
            if begun is not None:
                self._carry(Line(path, number, text), "a parameter")
                begun += [text.rstrip("\\").rstrip()] if text.rstrip("\\").rstrip() else []
                begun = begun if text.endswith("\\") or (raw and not text) else None
                continue
            definition = _DEFINITION.fullmatch(text)
            if definition and text.endswith("\\"):
                begun = [value] if (value := definition[2].rstrip("\\").rstrip()) else []
                self.parameters[definition[1]] = begun
                self._carry(Line(path, number, text), "a parameter")
            elif text:
                yield from self._expanded(Line(path, number, text), 0)
        self.open.pop()

    def _carry(self, line: Line, into: str) -> None:
        if line.text:
            self.ledger.carry(_as_statement(line), into)

    def _expanded(self, line: Line, depth: int) -> Iterator[Line]:
        """Give the lines that one stands for."""
        if depth > _MOST:
            raise refused(
                *line, "has a parameter that goes in a circle", "define it without itself"
            )
        text = line.text.strip()
        line = line._replace(text=text)
        definition = _DEFINITION.fullmatch(text)
        if text.startswith("@"):
            yield from self._conditional(line, depth)
        elif definition:
            self.parameters[definition[1]] = [definition[2]]
            self._carry(line, "a parameter")
        elif text.startswith(("~SEQ", "~LST")):
            self._carry(line, "several lines")
            for names, values, rest in _repeated(line):
                for name, value in zip(names, values):
                    self.parameters[name] = [value]
                yield from self._expanded(line._replace(text=rest), depth + 1)
        else:
            yield from self._substituted(line, depth)

    def _conditional(self, line: Line, depth: int) -> Iterator[Line]:
        word, _space, rest = line.text.partition(" ")
        own, negated = word.lstrip("@^").strip(), word.startswith("@^")
        if not rest.strip():
            self.ledger.leave(_as_statement(line), "says nothing after the name of a director")
        elif not self.config_id:
            why = f"is for {'all but ' if negated else ''}the director {own} alone"
            advice = "say by config_id which director this is"
            self.ledger.leave(_as_statement(line), why, advice)
        elif (own == self.config_id) is negated:
            why = f"is not for the director {self.config_id}"
            self.ledger.leave(_as_statement(line), why, "read the file once more for the other one")
        else:
            yield from self._expanded(line._replace(text=rest), depth + 1)

    def _substituted(self, line: Line, depth: int) -> Iterator[Line]:
        text = line.text
        for _each in range(_MOST):
            found = next(filter(self._is_known, _PARAMETER.finditer(text)), None)
            if found is None:
                break
            values = self._values(found, line.file)
            first, *others = values or [""]
            text = text[: found.start()] + first + text[found.end() :]
            if others:
                yield from self._expanded(line._replace(text=text), depth + 1)
                for other in others:
                    yield from self._expanded(line._replace(text=other), depth + 1)
                return
        else:
            raise refused(
                *line, "has a parameter that goes in a circle", "define it without itself"
            )
        if text != line.text:
            text = _without_comment(line.file, line.number, text)
            if text and text[0] in "@$~":
                yield from self._expanded(line._replace(text=text), depth + 1)
                return
        for name, character in _SPELLED.items():
            text = text.replace(f"${{{name}}}", character)
        include = _INCLUDE.fullmatch(text)
        if include:
            yield from self._included(line, include[1].strip())
        elif text:
            yield line._replace(text=text)

    def _is_known(self, found: re.Match[str]) -> bool:
        name = found["braced"] or found["bare"]
        multiline = len(self.parameters.get(name, ())) > 1
        if name in self.parameters:
            return not multiline or found.end() == len(found.string)
        return name == "_PWD" or (name == "_INSTANCE" and bool(self.config_id))

    def _values(self, found: re.Match[str], file: str) -> list[str]:
        name = found["braced"] or found["bare"]
        own = {"_PWD": [posixpath.dirname(file)], "_INSTANCE": [self.config_id]}
        return self.parameters[name] if name in self.parameters else own[name]

    def _included(self, line: Line, pattern: str) -> Iterator[Line]:
        whole = posixpath.join(posixpath.dirname(line.file), pattern.strip("\"'"))
        parts = [posixpath.normpath(one).split("/") for one in _without_braces(whole)]
        paths = [path for path in sorted(self.files) if any(_matches(path, one) for one in parts)]
        statement = _as_statement(line)
        if not paths:
            advice = (
                "give the texts of these files in files, or leave the line out if there are none"
            )
            self.ledger.leave(statement, "includes files whose text is not given", advice)
            return
        self.ledger.carry(statement, f"what is read of {', '.join(paths)}")
        for path in paths:
            if path in self.open:
                raise refused(*line, f"includes {path} within itself", "take one of the lines out")
            yield from self.read(path)


def _as_statement(line: Line) -> Statement:
    return Statement(line.file, line.number, line.text, tuple(line.text.split()))


def _without_comment(file: str, number: int, raw: str) -> str:
    """Return a line without comment, and without white space around it."""
    text, position, quoted = raw.strip(" \t"), 0, False
    while position < len(text):
        character = text[position]
        if character == '"':
            quoted = not quoted
        elif character == "\\" and position + 1 < len(text):
            if not quoted and text[position + 1] in "#!":
                text = text[:position] + text[position + 1 :]
            else:
                position += 1
        elif character in "#!" and not quoted:
            text = text[:position]
        position += 1
    if quoted:
        raise refused(
            file, number, raw.strip(), "has a quotation mark that is not closed", "close it"
        )
    return text.rstrip(" \t")


def _repeated(line: Line) -> Iterator[tuple[list[str], list[str], str]]:
    """Give names and values of parameters for each line that one stands for, and the line."""
    sequence, listed = _SEQUENCE.fullmatch(line.text), _LIST.fullmatch(line.text)
    if sequence:
        name, *words = (word.strip() for word in sequence[2].split(","))
        try:
            numbers = [int(word, 0) for word in words]
            end = numbers[-1]
            first = numbers[0] if len(numbers) > 1 else (1 if end > 0 else -1)
            step = numbers[1] if len(numbers) > 2 else (1 if end >= first else -1)
            steps = range(first, end + (1 if step > 0 else -1), step)
        except (ValueError, IndexError):
            raise _bad_repetition(line) from None
        if len(steps) > _MOST:
            raise refused(*line, f"stands for more than {_MOST} lines", "write fewer")
        for number in steps:
            yield [name], [f"{number:x}" if sequence[1] else str(number)], sequence[3]
    elif listed:
        names, *values = (_items(item) for item in _ITEM.finditer(listed[1]))
        for own in values:
            if len(own) != len(names):
                raise _bad_repetition(line)
            yield names, own, listed[2]
    else:
        raise _bad_repetition(line)


def _bad_repetition(line: Line) -> ModelError:
    advice = "write it as keepalived.conf(5) has it, or write the lines themselves"
    return refused(*line, "is no ~SEQ or ~LST", advice)


def _items(found: re.Match[str]) -> list[str]:
    inner = found[1]
    return [word.strip() for word in inner.split(",")] if inner is not None else [found[0]]


def _without_braces(pattern: str) -> Iterator[str]:
    """Give the patterns that one with alternatives in braces stands for."""
    found = re.search(r"\{([^{}]*)\}", pattern)
    if found is None:
        yield pattern
        return
    for choice in found[1].split(","):
        yield from _without_braces(pattern[: found.start()] + choice + pattern[found.end() :])


def _matches(path: str, pattern: list[str]) -> bool:
    """Tell whether a pattern is that of a path; as in a shell, no star goes over a slash."""
    parts = posixpath.normpath(path).split("/")
    return len(parts) == len(pattern) and all(
        fnmatch.fnmatchcase(part, own) and (own.startswith(".") or not part.startswith("."))
        for part, own in zip(parts, pattern)
    )
