# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directories of a system, which are nobody's to give away or to hide.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import posixpath
import re

# With all that is in them.
_OWN = re.compile(r"/(bin|boot|dev|etc|lib|lib32|lib64|libx32|proc|root|run|sbin|sys)(/.*)?")
# As a whole: a part of them may be an application's.
_WIDE = ("/", "/home", "/tmp", "/usr", "/usr/bin", "/usr/lib", "/usr/sbin", "/usr/share", "/var")
_WIDE_OF_VAR = ("/var/cache", "/var/lib", "/var/log", "/var/spool", "/var/tmp")
# A file system is mounted at some of them all the same.
_TO_MOUNT = ("/home", "/tmp", "/var/tmp", "/var/spool", "/var/cache", "/var/log")


def plain_path(path: str) -> str:
    """Return the one spelling of an absolute path."""
    return posixpath.normpath("/" + path.lstrip("/"))


def is_of_system(path: str) -> bool:
    """Tell whether a path is one that a host cannot do without as it is."""
    plain = plain_path(path)
    return bool(_OWN.fullmatch(plain)) or plain in (*_WIDE, *_WIDE_OF_VAR)


def may_be_hidden(path: str) -> bool:
    """Tell whether something may be mounted there, over what a host has."""
    return may_be_kept_from_others(path) or path in _TO_MOUNT


def may_be_kept_from_others(path: str) -> bool:
    """Tell whether a directory may be there that nobody else gets into."""
    return not is_of_system(path) or plain_path(path).startswith(("/root/", "/run/"))
