# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a configuration says, statement by statement, and what becomes of each.

Private to the collection: names and behaviour may change in any release.

Nothing of a file gets lost in silence: what a reader neither carries over nor leaves out by name is
left out at the end, as something that nobody knows. No secret is ever shown. Pure code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._settings.kinds import Kind

# A word after which the rest of a text is a secret, and names of parameters that may be one.
_SECRETS = re.compile(
    r"(\b(?:auth_pass|passwd|password|secret)\b[\s=]*|^\s*key\s+|^\$\w*(?:pass|secret|key)\w*=\s*)"
    r"\S.*",
    re.IGNORECASE | re.DOTALL,
)
_AS_THEY_ARE: Mapping[str, str] = MappingProxyType({})
HIDDEN = "********"
NO_PLACE = "has no place in the description"


def without_secrets(text: str) -> str:
    """Return a text with what may be a secret hidden."""
    return _SECRETS.sub(rf"\g<1>{HIDDEN}", text)


def refused(file: str, line: int, text: str, why: str, advice: str) -> ModelError:
    """Return what is raised for a file that cannot be read; it names file and line."""
    shown = without_secrets(text) if text else None
    return ModelError(place_of(file, line), "", shown, why, advice)


def check_text(text: Any, path: str) -> str:
    """Return the text of a file. Raise ModelError for what is none, such as a program."""
    if not isinstance(text, str):
        why = "is no text"
        raise ModelError(path, "", type(text).__name__, why, "give the text of a configuration")
    before, nul, _after = text.partition("\0")
    if nul:
        why = "is no text: it has a character U+0000"
        raise refused(path, before.count("\n") + 1, "", why, "give the text of a configuration")
    return text


def place_of(file: str, line: int) -> str:
    """Return what messages call a line; of what has no lines, 0 is given."""
    if not line:
        return file
    return f"{file}, line {line}" if file else f"line {line}"


@dataclass(eq=False)
class Statement:
    """A statement and where it stands: a line, or a part of one, with its block if it has one.

    C(words) are without quotation marks. Of a block, C(end) is the line where it ends.
    """

    file: str
    line: int
    text: str
    words: tuple[str, ...]
    block: list[Statement] | None = None
    end: int = 0

    @property
    def name(self) -> str:
        """Its first word."""
        return self.words[0] if self.words else ""

    @property
    def value(self) -> str:
        """Its second word; empty where it has none."""
        return self.words[1] if len(self.words) > 1 else ""

    @property
    def place(self) -> str:
        """What messages call it."""
        return place_of(self.file, self.line)

    def whole(self) -> Iterator[Statement]:
        """Give it, and all that is in its block."""
        yield self
        for inner in self.block or ():
            yield from inner.whole()


@dataclass
class Ledger:
    """What is carried over, and what is left out and why, in the order of the files."""

    _carried: dict[tuple[int, str], tuple[Statement, str]] = field(default_factory=dict)
    _left_out: dict[tuple[int, str], tuple[Statement, str, str]] = field(default_factory=dict)
    _known: set[int] = field(default_factory=set)

    def carry(self, statement: Statement, into: str) -> None:
        """Write down that a statement has become something; C(into) is what."""
        self._carried[id(statement), into] = statement, into
        self._known.add(id(statement))

    def leave(self, statement: Statement, why: str, advice: str = "") -> None:
        """Write down that a statement, or a part of it, is not carried over."""
        self._left_out[id(statement), why] = statement, why, advice
        self._known.add(id(statement))

    def leave_whole(self, statement: Statement, why: str, advice: str = "") -> None:
        """Leave out a statement with all of its block that nobody has looked at."""
        self.leave(statement, why, advice)
        for inner in statement.block or ():
            self._leave_inner(inner, f"belongs to {statement.name} of line {statement.line}")

    def _leave_inner(self, statement: Statement, why: str) -> None:
        for one in statement.whole():
            if id(one) not in self._known:
                self.leave(one, why)

    def leave_rest(self, statements: Iterable[Statement]) -> None:
        """Leave out what nobody has looked at."""
        for statement in statements:
            self._leave_inner(statement, NO_PLACE)

    def last_ones(
        self,
        statements: Iterable[Statement],
        several: Collection[str] = (),
        called: Mapping[str, str] = _AS_THEY_ARE,
    ) -> Iterator[tuple[str, Statement]]:
        """Give the statements with their names, those that are said again left out.

        The last one counts, but for C(several), which may be there more than once. C(called) has
        what an older word is called now.
        """
        known = [(called.get(one.name, one.name), one) for one in statements]
        last = dict(known)
        for name, statement in known:
            if name in several or last[name] is statement:
                yield name, statement
            else:
                self.leave_whole(statement, f"is said again in line {last[name].line}")

    def take(self, statement: Statement, kind: Kind, value: Any, into: str) -> Any:
        """Return a value as it is used, and carry the statement; None for one that may not be."""
        try:
            read = kind.parse(value)
        except ModelError as error:
            self.leave(statement, error.why, error.advice)
            return None
        self.carry(statement, into)
        return read

    def carried(self) -> list[dict[str, Any]]:
        """Return what is carried over, for users."""
        return [
            {**_shown(statement), "into": into}
            for statement, into in sorted(
                self._carried.values(), key=lambda entry: _order(entry[0])
            )
        ]

    def left_out(self) -> list[dict[str, Any]]:
        """Return what is left out, for users."""
        return [
            {**_shown(statement), "why": why, "advice": advice}
            for statement, why, advice in sorted(
                self._left_out.values(), key=lambda each: _order(each[0])
            )
        ]


def _order(statement: Statement) -> tuple[str, int]:
    return statement.file, statement.line


def _shown(statement: Statement) -> dict[str, Any]:
    text = without_secrets(statement.text)
    return {"file": statement.file, "line": statement.line, "text": text}
