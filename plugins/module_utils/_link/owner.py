# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an owner has to give back: addresses that it added, and routes that it displaced.

Private to the collection: names and behaviour may change in any release.

Both are files below /run, gone at a reboot like what they speak of. The units' programs read and
write the same ones: C(OWNER.addresses) has C(ADDRESS/PREFIX INTERFACE) in each line,
C(OWNER.routes) what C(ip route add) takes.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .._values import ModelError, address_family, canonical_address
from .model import BITS, Place

DIRECTORY = Path("/run/lvs-cluster")
# What ip route shows of a route's state, and does not take back; the second has a value.
STATES = ("linkdown", "dead")
STATE_WITH_VALUE = "expires"


class ListError(ModelError):
    """What cannot be read from a list, or written to it, why, and what to do instead."""


class OwnedAddresses:
    """The list of the addresses that an owner has added. No list is an empty one."""

    def __init__(self, owner: str, directory: Path = DIRECTORY) -> None:
        self._path = directory / f"{owner}.addresses"
        self._lock = directory / f"{owner}.lock"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the unit's program from changing them meanwhile; it takes the same flock(2)."""
        try:
            self._lock.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            stream = self._lock.open("w", encoding="ascii")
        except OSError as error:
            why = f"cannot be written ({error.strerror})"
            raise ListError(str(self._lock), "", None, why, "run with become: true") from error
        with stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def read(self) -> list[Place]:
        """Return what the list holds; raise ListError where it cannot be read."""
        try:
            lines = self._path.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeError) as error:
            raise ListError(
                str(self._path),
                field="",
                value=None,
                why=f"cannot be read ({error})",
                advice="run with become: true",
            ) from error
        return [self._place(line) for line in lines if line.strip()]

    def change(self, *, add: Collection[Place] = (), drop: Collection[Place] = ()) -> None:
        """Take addresses into the list and out of it, at once; without any it is removed."""
        held = self.read()
        held += [place for place in sorted(add) if place not in held]
        held = [place for place in held if place not in drop]
        write_lines(self._path, [f"{p.address}/{p.prefix} {p.interface}" for p in held])

    def _place(self, line: str) -> Place:
        words = line.split()
        host, _slash, length = words[0].partition("/")
        address, family = canonical_address(host), address_family(host)
        if len(words) == 2 and address and family and length.isdecimal():
            prefix = int(length)
            if 1 <= prefix <= BITS[family]:
                return Place(address, prefix, words[1])
        raise ListError(
            str(self._path),
            "line",
            line,
            "is not an address with a prefix length, and an interface",
            "correct it, or delete the file where none of its addresses was added by the owner",
        )


def parse_owner(owner: object) -> str:
    """Return the name of an owner, of which files are named."""
    if (
        not isinstance(owner, str)
        or not 1 <= len(owner) <= _MAX_NAME
        or owner[0] == "."
        or set(owner) - set(_NAME)
    ):
        raise ModelError(
            "",
            "owner",
            owner,
            "is not a name for a file",
            "give letters, digits, hyphens, underscores and dots, with no dot at the beginning,"
            f" {_MAX_NAME} at most",
        )
    return str(owner)


_MAX_NAME = 64
_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."


def remember_routes(owner: str, show: Callable[[], str], directory: Path = DIRECTORY) -> None:
    """Write down what C(ip -o route show) shows, unless the owner has done so before."""
    path = directory / f"{owner}.routes"
    if not path.exists():
        write_lines(path, routes_to_add(show()), empty=True)


def routes_to_add(shown: str) -> list[str]:
    r"""Return what C(ip -o route show) shows as C(ip route add) takes it, a route each.

    With C(-o), the next hops of a route are on its line, after C(\).
    """
    routes = []
    for line in shown.splitlines():
        words = iter(line.replace("\\", " ").split())
        kept = []
        for word in words:
            if word == STATE_WITH_VALUE:
                next(words, None)
            elif word not in STATES:
                kept.append(word)
        if kept:
            routes.append(" ".join(kept))
    return routes


def write_lines(path: Path, lines: Sequence[str], *, empty: bool = False) -> None:
    """Replace a file at once; without lines it is deleted, or with C(empty) left empty."""
    try:
        if not lines and not empty:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write("".join(f"{line}\n" for line in lines))
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        raise ListError(
            str(path),
            field="",
            value=None,
            why=f"cannot be written ({error.strerror})",
            advice="run with become: true",
        ) from error
