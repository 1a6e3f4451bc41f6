# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Octets written in octal, as the kernel, fstab(5) and exports(5) have those that end a field.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re


def escape(text: str, characters: str) -> str:
    """Write some characters, all of them ASCII, in octal."""
    return "".join(f"\\{ord(one):03o}" if one in characters else one for one in text)


def unescape(text: str) -> str:
    """Read what was written in octal; an octet of UTF-8 may be, too."""
    octets = re.sub(
        rb"\\([0-3][0-7]{2})",
        lambda found: bytes([int(found.group(1), 8)]),
        text.encode(errors="surrogateescape"),
    )
    return octets.decode(errors="surrogateescape")
