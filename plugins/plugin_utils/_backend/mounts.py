# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is mounted, and what is to be mounted at boot, as the kernel and fstab(5) write it.

Private to the collection: names and behaviour may change in any release.

Pure code: it is handed the text of /proc/self/mountinfo or /etc/fstab.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .._formats.octal import unescape


class Mount(NamedTuple):
    """A file system at a path; its options are the mount's own and those of the file system."""

    path: str
    source: str
    fstype: str
    options: tuple[str, ...]


def parse_mountinfo(text: str) -> list[Mount]:
    """Read what is mounted; of two at one path the later one hides the other."""
    found = []
    for line in text.splitlines():
        mount, separator, super_block = line.partition(" - ")
        fields, rest = mount.split(" "), super_block.split(" ")
        if separator and len(fields) >= 6 and len(rest) >= 3:
            options = (*fields[5].split(","), *rest[2].split(","))
            found.append(Mount(unescape(fields[4]), unescape(rest[1]), rest[0], options))
    return found


def parse_fstab(text: str) -> list[Mount]:
    """Read what is mounted at boot."""
    found = []
    for line in text.splitlines():
        fields = line.split("#")[0].split()
        if len(fields) >= 3:
            options = tuple((fields[3] if len(fields) > 3 else "defaults").split(","))
            found.append(Mount(unescape(fields[1]), unescape(fields[0]), fields[2], options))
    return found


def mounted_at(mounts: Iterable[Mount], path: str) -> Mount | None:
    """Return what one sees at a path that something is mounted on."""
    found = None
    for mount in mounts:
        if mount.path == path:
            found = mount
    return found


def mount_of(mounts: Iterable[Mount], path: str) -> Mount | None:
    """Return the mount that a path is in, or will be in when it is made."""
    found = None
    for mount in mounts:
        if is_in(path, mount.path) and (found is None or len(mount.path) >= len(found.path)):
            found = mount
    return found


def is_in(path: str, directory: str) -> bool:
    """Tell whether a path is a directory or in it."""
    return path == directory or path.startswith(directory.rstrip("/") + "/")
