# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a field of a check may be, and how a value of it is read.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Callable, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    parse_boolean,
    parse_choice,
    parse_integer,
)


class Kind(NamedTuple):
    """What a value may be: C(read) returns it or raises ModelError, C(example) is one that may.

    The error has neither item nor field, and for a secret its value is not to be shown.
    """

    read: Callable[[object], Any]
    example: Any


class Field(NamedTuple):
    """A field of a check: what it may be, and what it is where it is not given."""

    kind: Kind
    default: Any = None
    required: bool = False
    # Messages leave its value out.
    secret: bool = False


def _refused(value: object, why: str, advice: str) -> ModelError:
    return ModelError("", "", value, why, advice)


def _text(value: object) -> str:
    if isinstance(value, (bool, Mapping, list, tuple)) or value is None or str(value) == "":
        raise _refused(value, "is no text", "give some")
    if re.search(r"[\x00-\x1f\x7f]", str(value)):
        raise _refused(value, "has a line break or a control character", "leave it out")
    return str(value)


def _path(value: object) -> str:
    text = _text(value)
    if not text.startswith("/") or " " in text:
        raise _refused(value, "is not the path of a page", "give one such as /index.html")
    return text


def _url(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise _refused(value, "is not a whole URL", "give one such as http://www.example.com/")
    return text


def _program(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"/[^\s\"'#;]+", text):
        raise _refused(
            value,
            "is not the path of a program",
            "give one such as /usr/local/bin/check, without arguments",
        )
    return text


def _seconds(value: object) -> float:
    text = str(value).strip() if not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) or float(text) <= 0:
        raise _refused(value, "is not a time", "give seconds, such as 5")
    seconds = float(text)
    return int(seconds) if seconds.is_integer() else seconds


def _statuses(value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, (list, tuple)) else [value]
    found = tuple(str(entry) for entry in entries)
    if not found or not all(re.fullmatch(r"[1-5]\d\d(-[1-5]\d\d)?", entry) for entry in found):
        raise _refused(value, "is not a status of HTTP", "give one such as 200, or [200-299, 304]")
    return found


def _octets(value: object) -> str:
    text = re.sub(r"\s", "", str(value))
    if not re.fullmatch(r"([0-9A-Fa-f]{2})+", text):
        raise _refused(value, "is not hexadecimal", "give pairs of digits such as '0a1b', quoted")
    return text


def _digest(value: object) -> str:
    text = str(value).strip()
    if not re.fullmatch(r"[0-9A-Fa-f]{32}", text):
        raise _refused(value, "is not a digest by MD5", "give its 32 hexadecimal digits, quoted")
    return text


TEXT = Kind(_text, "example")
PATH = Kind(_path, "/index.html")
URL = Kind(_url, "http://www.example.com/")
PROGRAM = Kind(_program, "/usr/local/bin/check")
SECONDS = Kind(_seconds, 5)
FLAG = Kind(partial(parse_boolean, "", ""), True)
STATUSES = Kind(_statuses, ("200-299", "304"))
OCTETS = Kind(_octets, "0a1b")
DIGEST = Kind(_digest, "0cc175b9c0f1b6a831c399e269772661")


def number(lowest: int, highest: int) -> Kind:
    """Return the kind of a whole number within the range."""
    return Kind(lambda value: parse_integer("", "", value, lowest, highest), lowest)


def one_of(*choices: str) -> Kind:
    """Return the kind of a word out of a few."""
    return Kind(lambda value: parse_choice("", "", value, choices), choices[0])


def plain_number(value: object) -> int | None:
    """Return a whole number that is not negative; None for anything else."""
    text = str(value).strip() if value is not None and not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and text.isascii() else None
