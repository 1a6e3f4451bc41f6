# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocks of keepalived.conf: statements, and statements within these.

Private to the collection: names and behaviour may change in any release.

Written against keepalived.conf(5) and lib/parser.c of keepalived 2.4. Pure code.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .keepalived_lines import Line
from .statements import Statement, refused

# A parameter that nobody has defined, a text in quotation marks, a brace, and all else.
_PIECE = re.compile(r'\$\{[^{}]*\}|"(?:[^"\\]|\\.)*"|[{}]|(?:\\.|[^{}"])')
_WORD = re.compile(r'"([^"]*)"|([^\s"]+)')
_ESCAPED = {
    "a": "\a",
    "b": "\b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|c(.)|([0-7]{1,3})|(.))")

# Each block, with those that it may have within.
Blocks = Mapping[str, Any]
_NONE: Blocks = MappingProxyType({})


def _of(names: str, within: Blocks = _NONE) -> Blocks:
    return dict.fromkeys(names.split(), within)


_TRACKED = _of("track_interface track_script track_file track_process track_bfd")
_CHECKS = {
    **_of("HTTP_GET SSL_GET", _of("url")),
    **_of("SMTP_CHECK", _of("host")),
    **_of("TCP_CHECK DNS_CHECK MISC_CHECK BFD_CHECK UDP_CHECK PING_CHECK FILE_CHECK"),
}
_OF_INSTANCE = _of(
    "unicast_peer authentication auth_hmac virtual_ipaddress virtual_ipaddress_excluded"
    " virtual_routes virtual_rules"
)
BLOCKS: Blocks = {
    **_of("global_defs", _of("notification_email")),
    **_of("vrrp_sync_group", {**_TRACKED, **_of("group")}),
    **_of("vrrp_instance", {**_TRACKED, **_OF_INSTANCE}),
    **_of("virtual_server", _of("real_server", _CHECKS)),
    **_of("track_group", _of("group")),
    **_of("garp_group", _of("interfaces")),
    **_of("vrrp_script virtual_server_group SSL static_ipaddress static_routes static_rules"),
    **_of("linkbeat_interfaces interface_up_down_delays bfd_instance"),
    **_of("track_file vrrp_track_file vrrp_track_process"),
}


def read_blocks(lines: Iterable[Line]) -> list[Statement]:
    """Return the statements outside of any block. Raise ModelError for braces that do not fit."""
    reader = _Reader()
    for line in lines:
        reader.line(line)
    if reader.open:
        last = reader.open[-1]
        why = "begins a block that is not ended"
        raise refused(last.file, last.line, last.text, why, "end it by }")
    for statement in reader.found:
        _check_blocks(statement, BLOCKS)
    return reader.found


class _Reader:
    """Takes lines apart at their braces."""

    def __init__(self) -> None:
        self.found: list[Statement] = []
        self.open: list[Statement] = []

    @property
    def _here(self) -> list[Statement]:
        block = self.open[-1].block if self.open else None
        return self.found if block is None else block

    def line(self, line: Line) -> None:
        text = ""
        for piece in _PIECE.findall(line.text):
            if piece not in ("{", "}"):
                text += piece
                continue
            self._statement(line, text)
            text = ""
            if piece == "{":
                self._begin(line)
            elif not self.open:
                advice = "take it out, or begin the block"
                raise refused(*line, "ends a block where none has begun", advice)
            else:
                self.open.pop().end = line.number
        self._statement(line, text)

    def _statement(self, line: Line, text: str) -> None:
        if text.strip():
            self._here.append(
                Statement(line.file, line.number, text.strip(), tuple(plain_words(text)))
            )

    def _begin(self, line: Line) -> None:
        """Begin the block of the statement before."""
        last = self._here[-1] if self._here else None
        if last is None or last.block is not None:
            advice = "write the block's name before the brace"
            raise refused(*line, "begins a block that has no name", advice)
        last.block = []
        self.open.append(last)


def _check_blocks(statement: Statement, known: Blocks) -> None:
    """Raise ModelError for a block that keepalived does not have there."""
    if statement.block is None:
        return
    inner = known.get(statement.name)
    if inner is None:
        near = difflib.get_close_matches(statement.name, known, 1)
        advice = f"use {near[0]}" if near else "see keepalived.conf(5), or take it out"
        raise _no_block(statement, advice)
    for each in statement.block:
        _check_blocks(each, inner)


def _no_block(statement: Statement, advice: str) -> ModelError:
    why = "is no block that keepalived has there"
    return refused(statement.file, statement.line, statement.name, why, advice)


def plain_words(text: str) -> list[str]:
    """Return the words of a text; those in quotation marks may have spaces."""
    return [quoted or plain for quoted, plain in _WORD.findall(text)]


def escaped_words(statement: Statement) -> list[str]:
    """Return its words as keepalived reads those of scripts and expressions.

    There a backslash says what the next character is, and both kinds of quotation marks count.
    """
    words: list[str] = []
    word, quote, position = "", "", 0
    begun = False
    text = statement.text
    while position < len(text):
        character = text[position]
        escape = _ESCAPE.match(text, position)
        if escape is not None:
            word, begun = word + _unescaped(escape), True
            position = escape.end()
            continue
        if quote and character == quote:
            quote = ""
        elif not quote and character in "\"'":
            quote, begun = character, True
        elif not quote and character in " \t":
            words += [word] if begun else []
            word, begun = "", False
        else:
            word, begun = word + character, True
        position += 1
    return [*words, word] if begun else words


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    if escape[2]:
        return chr(ord(escape[2]) & 0x1F)
    if escape[3]:
        return chr(int(escape[3], 8))
    return _ESCAPED.get(escape[4], escape[4])
