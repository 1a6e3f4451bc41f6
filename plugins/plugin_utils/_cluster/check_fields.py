# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a field of a check may be, and how a value of it is read.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .._settings.kinds import TEXT, Kind, matching, refused, seconds

_STATUS = "[1-5][0-9]{2}(-[1-5][0-9]{2})?"


class Field(NamedTuple):
    """A field of a check: what it may be, and what it is where it is not given."""

    kind: Kind
    default: Any = None
    required: bool = False
    # Messages leave its value out.
    secret: bool = False


def _path(value: object) -> str:
    text = str(TEXT.parse(value))
    if not text.startswith("/") or " " in text:
        raise refused(value, "is not the path of a page", "give one such as /index.html")
    return text


def _url(value: object) -> str:
    text = str(TEXT.parse(value))
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise refused(value, "is not a whole URL", "give one such as http://www.example.com/")
    return text


def _program(value: object) -> str:
    text = str(TEXT.parse(value))
    if not re.fullmatch(r"/[^\s\"'#;]+", text):
        raise refused(
            value,
            "is not the path of a program",
            "give one such as /usr/local/bin/check, without arguments",
        )
    return text


def _statuses(value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, (list, tuple)) else [value]
    found = tuple(str(entry) for entry in entries)
    if not found or not all(re.fullmatch(_STATUS, entry) for entry in found):
        raise refused(value, "is not a status of HTTP", "give one such as 200, or [200-299, 304]")
    return found


def _octets(value: object) -> str:
    text = re.sub(r"\s", "", str(value))
    if not re.fullmatch(r"([0-9A-Fa-f]{2})+", text):
        raise refused(value, "is not hexadecimal", "give pairs of digits such as '0a1b', quoted")
    return text


def _digest(value: object) -> str:
    text = str(value).strip()
    if not re.fullmatch(r"[0-9A-Fa-f]{32}", text):
        raise refused(value, "is not a digest by MD5", "give its 32 hexadecimal digits, quoted")
    return text


PATH = Kind(_path, "/index.html")
URL = Kind(_url, "http://www.example.com/")
PROGRAM = Kind(_program, "/usr/local/bin/check")
SECONDS = seconds(0.001, 3600, 5)
STATUSES = Kind(_statuses, ("200-299", "304"))
OCTETS = Kind(_octets, "0a1b")
HOST_NAME = matching(
    r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?(:[0-9]+)?|\[[0-9A-Fa-f:]+\](:[0-9]+)?",
    "the name of a host",
    "www.example.com",
)
DOMAIN = matching(r"[A-Za-z0-9_.-]+", "the name of a domain", "www.example.com")
DIGEST = Kind(_digest, "0cc175b9c0f1b6a831c399e269772661")


def plain_number(value: object) -> int | None:
    """Return a whole number that is not negative; None for anything else."""
    text = str(value).strip() if value is not None and not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and text.isascii() else None
