# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of lines in C(/etc/lvs-cluster), which the units' program reads.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .._values import ModelError
from .owner import write_lines

DIRECTORY = Path("/etc/lvs-cluster")
HEADER = "# Managed by Ansible, collection lvs.cluster"
# What is behind it is no longer declared: the program tries it, and does not fail by it.
FORMER = "# Declared before"
# Which words of a line tell what it is about; all of them where none are named here.
KEYS = {
    "settings": slice(0, 1),
    "daemons": slice(1, 2),
    "host-daemons": slice(1, 2),
    # The server, and the service if it is about one.
    "drained": slice(0, None, 3),
}
# They have one line.
SINGLE = ("gateway", "timeouts")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz-")
OWNERS = ("director", "nat-real-server", "dr-real-server", "tun-real-server")
MAX_CLUSTER = 32
INSTALLED = ("service", "watch_service", "program", "watch_program")
_CLUSTER = re.compile(rf"[a-z0-9](?:[a-z0-9-]{{0,{MAX_CLUSTER - 2}}}[a-z0-9])?")


def parse_cluster(item: object, field: str, value: object) -> str:
    """Read the name of a cluster, which becomes a part of names of files and units."""
    if not isinstance(value, str) or not _CLUSTER.fullmatch(value):
        advice = (
            "give lower-case letters, digits and hyphens between them, in quotes if they are all"
            f" digits, {MAX_CLUSTER} at most"
        )
        raise ModelError(item, field, value, "is not a name for a cluster", advice)
    return str(value)


def parse_unit_owner(owner: object) -> str:
    """Read whose unit it is: a kind of host, and the name of its cluster if it has one."""
    text = owner if isinstance(owner, str) else ""
    for kind in OWNERS:
        if text == kind:
            return text
        if text.startswith(f"{kind}-") and kind != "director":
            parse_cluster("", "owner", text[len(kind) + 1 :])
            return text
    advice = f"give one of {', '.join(OWNERS)}, or of a real server with a cluster's name behind it"
    raise ModelError("", "owner", owner, "is not known", advice)


def parse_lines(given: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the lines of each file; what the program would take for another line is refused."""
    parsed = {}
    for part, lines in given.items():
        if not 1 <= len(part) <= MAX_CLUSTER or set(part) - _NAME:
            raise ModelError("lines", part, None, "is no name of a file", "use letters and hyphens")
        if not isinstance(lines, (list, tuple)):
            raise ModelError("lines", part, lines, "is not a list", "give a list of lines")
        parsed[part] = [_line(part, line) for line in lines]
    return parsed


def parse_contents(owner: str, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of whole files by their names, which have to be the owner's."""
    for name in given:
        if not re.fullmatch(rf"{re.escape(owner)}[a-z.-]*[.][a-z]+", name):
            advice = f"use lower-case letters behind {owner}, as in {owner}.nft"
            raise ModelError("contents", name, None, "is no name of a file of the owner's", advice)
    return _texts("contents", given)


def parse_install(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of the unit and of the programs; all four, or none."""
    if given and set(given) != set(INSTALLED):
        named = sorted(map(str, given))
        advice = f"give {', '.join(INSTALLED)}, and no other"
        raise ModelError("", "install", named, "is not what a unit consists of", advice)
    return _texts("install", given)


def _texts(option: str, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of files; another value than a text is refused."""
    for name, text in given.items():
        if not isinstance(text, str) or "\0" in text:
            raise ModelError(option, name, text, "is no text", "give the text of the file")
    return {name: str(text) for name, text in given.items()}


def parse_addresses(lines: Iterable[object]) -> list[dict[str, str]]:
    """Return what lines of a file of addresses say, as M(lvs.cluster.virtual_ips) takes it."""
    found = []
    for line in lines:
        words = line.split() if isinstance(line, str) else []
        if len(words) != 2:
            why = "is not an address with a prefix length, and an interface"
            raise ModelError("", "addresses", line, why, "give a line such as 192.0.2.1/32 lo")
        found.append({"address": words[0], "interface": words[1]})
    return found


def _line(part: str, line: object) -> str:
    if (
        not isinstance(line, str)
        or not line.strip()
        or line.startswith("#")
        or not (line.isascii() and line.isprintable())
    ):
        advice = "give one of ASCII that is not empty, and does not begin with #"
        raise ModelError("lines", part, line, "is not one line", advice)
    return str(line)


def left_over(part: str, before: Sequence[str], lines: Sequence[str]) -> list[str]:
    """Return those lines of before that are about something else than the lines."""
    if part in SINGLE:
        return []
    about = {_key(part, line) for line in lines}
    return [line for line in before if _key(part, line) not in about]


def _key(part: str, line: str) -> tuple[str, ...]:
    return tuple(line.split()[KEYS.get(part, slice(None))])


class UnitFile:
    """One of the files. One that is missing has no lines."""

    def __init__(self, owner: str, part: str, directory: Path = DIRECTORY) -> None:
        self._path = directory / f"{owner}.{part}"

    def exists(self) -> bool:
        """Tell whether it is there."""
        return self._path.exists()

    def read(self) -> list[str]:
        """Return its lines, without what the program skips."""
        try:
            text = self._path.read_text(encoding="ascii")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeError) as error:
            why = f"cannot be read ({error})"
            raise ModelError(str(self._path), "", None, why, "run with become: true") from error
        return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]

    def write(self, lines: Sequence[str], former: Sequence[str] = ()) -> None:
        """Replace it at once; C(former) are lines that are no longer declared."""
        write_lines(self._path, [HEADER, *lines, *([FORMER, *former] if former else [])])

    def diff(self, before: Sequence[str], after: Sequence[str]) -> dict[str, str]:
        """Return the change as Ansible shows it; of a file that is missing, its head, too."""
        head = [] if self.exists() else [HEADER]
        return {
            "before_header": str(self._path),
            "after_header": str(self._path),
            "before": "".join(f"{line}\n" for line in before),
            "after": "".join(f"{line}\n" for line in [*head, *after]),
        }
