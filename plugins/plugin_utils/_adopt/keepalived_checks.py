# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of keepalived.conf, and which of them becomes that of a service.

Private to the collection: names and behaviour may change in any release.

keepalived asks each real server what its own blocks say, and a service of the description has one
check for all. It is the one that most servers have, of several the first. What a block says is read
by the table of check types, by which the role writes it. Pure code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._cluster.check_fields import OCTETS, Field
from .._cluster.check_types import CHECK_TYPES, Line, Style
from .._cluster.checks import fields_of
from .._cluster.clients_way import is_mark
from .keepalived_syntax import escaped_words
from .statements import NO_PLACE, Ledger, Statement

BY_BLOCK: Mapping[str, str] = {
    kind.keepalived.block: name
    for name, kind in CHECK_TYPES.items()
    if kind.keepalived is not None and kind.keepalived.block
}
OTHER_BLOCKS = ("BFD_CHECK", "FILE_CHECK")
# What may be said of a service or a real server for its checks, too, and in which field.
SHARED: Mapping[str, str] = {
    "connect_timeout": "timeout",
    "retry": "failures",
    "delay_before_retry": "delay_before_retry",
    "warmup": "warmup",
    "delay_loop": "interval",
    "alpha": "alpha",
    "virtualhost": "virtual_host",
}
# What keepalived takes where nothing is said (keepalived.conf(5)).
_INTERVAL = 60
_RETRIES = {"dns": 3, "external": 0}
_RETRIES_ELSE = 1
# What a block of any type may have besides the lines of the table; nb_get_retry is an older word.
_ALSO = {
    "delay_loop": Line("interval", "delay_loop", Style.PLAIN),
    "alpha": Line("alpha", "alpha", Style.FLAG),
    "nb_get_retry": Line("failures", "retry", Style.RETRIES),
}
NO = ("false", "no", "off")
# By which a check that the role writes asks by the clients' way.
_CLIENTS_WAY = ("connect_ip", "bindto", "fwmark")
_ONE_CHECK = "is not asked: a service has one check for all its servers, and it is that of line {}"


class Defaults:
    """What a service or a real server says for its checks, and which of that a check goes by.

    C(else_by) is what the service says, where it is a real server.
    """

    def __init__(self, else_by: Defaults | None = None) -> None:
        self.else_by = else_by
        self._said: dict[str, Statement] = {}
        self._used: set[str] = set()

    def say(self, statement: Statement) -> None:
        """Remember a statement of C(SHARED); the last one counts."""
        self._said[SHARED[statement.name]] = statement

    def get(self, name: str) -> Statement | None:
        """Return the statement that says a field."""
        found = self._said.get(name)
        return found or (self.else_by.get(name) if self.else_by is not None else None)

    def use(self, statement: Statement) -> None:
        """Write down that the check that is carried over goes by a statement."""
        for name, own in self._said.items():
            if own is statement:
                self._used.add(name)
        if self.else_by is not None:
            self.else_by.use(statement)

    def account(self, ledger: Ledger) -> None:
        """Carry over what is used, and leave out the rest."""
        for name, statement in self._said.items():
            if name in self._used:
                ledger.carry(statement, f"check.{name}")
            else:
                ledger.leave(statement, "is for no check that is carried over")


@dataclass
class Candidate:
    """A block that may become the check of a service: its type, its fields, and what said them."""

    type: str
    block: Statement
    fields: dict[str, Any] = field(default_factory=dict)
    said: list[tuple[Statement, str]] = field(default_factory=list)
    # What the description cannot say, which is so whether the block is taken or not.
    left_out: list[tuple[Statement, str, str]] = field(default_factory=list)

    def give(self, name: str, value: Any, statement: Statement) -> None:
        """Set a field."""
        self.fields[name] = value
        self.said.append((statement, f"check.{name}"))

    def leave(self, statement: Statement, why: str, advice: str = "") -> None:
        """Leave out a statement of the block."""
        self.left_out.append((statement, why, advice))

    @property
    def is_whole(self) -> bool:
        """Whether a check of the description can be made of it."""
        return self.type != "external" or "command" in self.fields

    @property
    def same(self) -> tuple[Any, ...]:
        """What is the same of two that ask the same."""
        return self.type, sorted((name, str(value)) for name, value in self.fields.items())


def read_candidate(
    block: Statement, defaults: Defaults, whom: Sequence[str], port: int
) -> Candidate | None:
    """Read a block of a real server; None for one that no check of the description can be.

    C(whom) is what the role tells a program: virtual address and port, the server's address and
    port. C(port) is the one that keepalived asks where the block names none.
    """
    check_type = BY_BLOCK.get(block.name)
    if check_type is None:
        return None
    words = CHECK_TYPES[check_type].keepalived
    found = Candidate(check_type, block)
    found.said.append((block, "check.type"))
    lines = {line.word: line for line in (*words.lines, *words.url)} if words is not None else {}
    lines.update(_ALSO)
    url_lines = {line.word for line in words.url} if words is not None else set()
    inner = block.block or []
    by_clients_way = (
        words is not None
        and words.clients_way
        and any(each.name == "fwmark" and is_mark(each.value) for each in inner)
    )
    urls = [each for each in inner if each.name == "url"]
    for url in urls:
        _read_url(found, url, lines, url_lines, url is urls[0])
    for statement in inner:
        if statement.name == "virtualhost" and "virtual_host" in found.fields:
            found.leave(statement, "is not asked for: that of url is")
        elif statement.name in lines and statement.name not in url_lines - {"virtualhost"}:
            _read_field(found, statement, lines[statement.name], whom)
        elif by_clients_way and statement.name in _CLIENTS_WAY:
            found.give("clients_way", True, statement)
        elif statement.name != "url":
            found.leave(statement, NO_PLACE)
    _read_defaults(found, defaults)
    if found.fields.get("port") == port:
        del found.fields["port"]
    for statement in inner:
        if statement.name == "enable_sni" and found.fields.get("virtual_host") is None:
            found.said.remove((statement, "check.virtual_host"))
            found.leave(statement, "is for a check with virtual_host", "give check.virtual_host")
    return found


def _read_url(
    found: Candidate,
    url: Statement,
    lines: Mapping[str, Line],
    known: set[str],
    first: bool,
) -> None:
    inner = url.block or []
    if not first:
        why = "is one more page, and a check asks for one"
        found.left_out += [(each, why, "choose the one that tells most") for each in url.whole()]
        return
    found.said.append((url, "check"))
    names = {each.name for each in inner}
    for statement in inner:
        if statement.name == "regex" and "regex_no_match" in names:
            why = "is what the page must not have, which a check cannot say"
            found.leave(statement, why, "use a check of type external")
        elif statement.name in known:
            _read_field(found, statement, lines[statement.name], ())
            if statement.name == "regex":
                _read_anchors(found, statement, inner)
        elif statement.name == "regex_options":
            others = [word for word in statement.words[1:] if word != "multiline"]
            if others:
                found.leave(statement, f"{', '.join(others)}: {NO_PLACE}")
            if "multiline" in statement.words:
                found.said.append((statement, "check.expect"))
        else:
            found.leave(statement, NO_PLACE)


def _read_anchors(found: Candidate, regex: Statement, inner: Sequence[Statement]) -> None:
    options = {word for each in inner if each.name == "regex_options" for word in each.words}
    if "multiline" not in options and re.search(r"[\^$]", str(found.fields.get("expect", ""))):
        why = (
            "is asked with multiline: ^ and $ are the ends of any line, and not only of the answer"
        )
        found.leave(regex, why, "look whether that still tells a good answer")


def _read_field(found: Candidate, statement: Statement, line: Line, whom: Sequence[str]) -> None:
    known = fields_of(found.type).get(line.field)
    if line.field == "port" and known is None:
        found.leave(statement, f"is nothing that a check of type {found.type} asks")
        return
    if line.word == "enable_sni":
        found.said.append((statement, "check.virtual_host"))
        return
    if known is None:
        found.leave(statement, NO_PLACE)
        return
    try:
        value = _value(found, statement, line, known, whom)
    except ModelError as error:
        found.leave(statement, error.why, error.advice)
        return
    if value is not None:
        found.give(line.field, value, statement)


def _value(
    found: Candidate, statement: Statement, line: Line, known: Field, whom: Sequence[str]
) -> Any:
    """Return the value of a field; None where it is left out already."""
    value: Any = statement.value
    if line.style is Style.FLAG:
        return value not in NO
    if line.style is Style.PROGRAM:
        return _program(found, statement, known, whom)
    if line.style is Style.EXPRESSION:
        escaped = escaped_words(statement)
        value = escaped[1] if len(escaped) > 1 else ""
    elif known.kind is OCTETS:
        value = _octets(statement.words[1:])
        if not value:
            why = "asks for any answer, whatever it is, which a check cannot say"
            found.leave(statement, why, "give check.reply with what has to come")
            return None
    elif isinstance(known.default, tuple):
        value = list(statement.words[1:])
    elif line.field == "failures":
        value = known.kind.parse(_more(statement.value))
    if statement.name == "user" and len(statement.words) > 2:
        found.leave(statement, f"the group {' '.join(statement.words[2:])}: {NO_PLACE}")
    read = known.kind.parse(value)
    return list(read) if isinstance(read, tuple) else read


def _more(text: str) -> str:
    """Return how many failures it takes: keepalived counts those after the first."""
    return str(int(text) + 1) if text.isdecimal() and len(text) < 10 else text


def _program(found: Candidate, statement: Statement, known: Field, whom: Sequence[str]) -> Any:
    """Return a program without arguments: the role gives it the same for each real server."""
    escaped = escaped_words(statement)
    words = escaped[1].split() if len(escaped) > 1 else []
    program, arguments = (words[0] if words else ""), words[1:]
    if arguments == list(whom):
        return known.kind.parse(program)
    if arguments:
        why = (
            "has arguments of its own, and a program of a check is given virtual address and port,"
            " and the server's address and port"
        )
        found.leave(statement, why, "have a program of its own that makes of these what it needs")
        return None
    value = known.kind.parse(program)
    why = "is given virtual address and port, and the server's address and port, as arguments"
    found.leave(statement, why, "look whether it minds them")
    return value


def _octets(words: Sequence[str]) -> str:
    """Return hexadecimal digits as pairs: keepalived takes an odd last one by itself."""
    pairs = [word[at : at + 2].zfill(2) for word in words for at in range(0, len(word), 2)]
    return "".join(pairs)


def _read_defaults(found: Candidate, defaults: Defaults) -> None:
    """Give the fields that a block does not have: by real server or service, or keepalived's."""
    known = fields_of(found.type)
    for word, name in SHARED.items():
        statement = defaults.get(name)
        if name not in known or name in found.fields:
            continue
        if word == "connect_timeout" and found.type == "external":
            statement = None
        if statement is None:
            continue
        style = Style.FLAG if name == "alpha" else Style.PLAIN
        before = len(found.said)
        _read_field(found, statement, Line(name, word, style), ())
        if len(found.said) > before:
            # The statement is not the block's own: it is accounted for by whoever said it.
            found.said[-1] = (statement, "")
    if found.type == "dns":
        found.fields.setdefault("name", ".")
    found.fields.setdefault("interval", _INTERVAL)
    found.fields.setdefault("failures", _RETRIES.get(found.type, _RETRIES_ELSE) + 1)
    if found.type == "external":
        # keepalived waits for a program until the next time.
        found.fields.setdefault("timeout", found.fields["interval"])


def choose(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the one that most real servers have; of several the first."""
    whole = [one for one in candidates if one.is_whole]
    counted = [
        (sum(other.same == one.same for other in whole), -place) for place, one in enumerate(whole)
    ]
    return whole[-max(counted)[1]] if counted else None


def account(
    candidates: Sequence[Candidate],
    chosen: Candidate | None,
    defaults: Sequence[Defaults],
    ledger: Ledger,
) -> None:
    """Carry over what the chosen check and its like say, and leave out what others do."""
    for candidate in candidates:
        if chosen is not None and candidate.is_whole and candidate.same == chosen.same:
            for statement, into in candidate.said:
                if into:
                    ledger.carry(statement, into)
                for each in () if into else defaults:
                    each.use(statement)
            for left_out in candidate.left_out:
                ledger.leave(*left_out)
        else:
            for left_out in () if candidate.is_whole else candidate.left_out:
                ledger.leave(*left_out)
            leave_block(candidate.block, chosen, ledger)


def leave_block(block: Statement, chosen: Candidate | None, ledger: Ledger) -> None:
    """Leave out a block that is not the check of the service, for another one may be."""
    if chosen is None:
        ledger.leave_whole(block, "is nothing that a check of the description can be")
        return
    advice = "look whether that tells a good server there, too"
    ledger.leave_whole(block, _ONE_CHECK.format(chosen.block.line), advice)


def as_check(candidate: Candidate | None) -> dict[str, Any]:
    """Return C(check) of a service; what is at its default is left out."""
    if candidate is None:
        return {"type": "always"}
    known = fields_of(candidate.type)
    found = {"type": candidate.type}
    for name, own in known.items():
        value = candidate.fields.get(name)
        default = list(own.default) if isinstance(own.default, tuple) else own.default
        if value is not None and (own.required or value != default):
            found[name] = value
    return found
