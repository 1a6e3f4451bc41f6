# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text in the words of systemd's units.

Private to the collection: names and behaviour may change in any release.

systemd.exec(5), "Environment=": a dollar is a character like others, % begins a specifier, and
within quotation marks a backslash begins what C has. systemd.unit(5), "String Escaping for
Inclusion in Unit Names": what of a path is no letter, digit, colon, underscore or dot, and a dot
that it begins with, is in hexadecimal.
"""

from __future__ import annotations

import re

from .text import in_quotes, unsayable


def environment(name: str, text: str) -> str:
    """Return a line that sets a variable of a program. Raise ModelError for what it cannot say."""
    if not text.isprintable():
        raise unsayable(text, "a unit of systemd", "give one on one line")
    told = in_quotes(f"{name}={text}").replace("%", "%%")
    return f"Environment={told}"


def mount_name(path: str) -> str:
    """Return the name of the unit that mounts at an absolute path, without its C(.mount)."""
    told = re.sub(
        rb"^\.|[^A-Za-z0-9:_./]",
        lambda found: b"\\x%02x" % found[0][0],
        path.strip("/").encode(),
    )
    return told.decode().replace("/", "-")
