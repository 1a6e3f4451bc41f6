# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Option files of MariaDB: one option a line.

Private to the collection: names and behaviour may change in any release.

MariaDB ends a value at C(#), takes away quotes around it, and reads C(\\n) and its like, in quotes
or not; a value that has none of these is written as it is.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .text import in_quotes, setting

# A dot is that of structured variables, such as hot_cache.key_buffer_size.
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)?")
# MariaDB reads a line in pieces of 4096 octets.
_LONGEST = 4000


def option_line(name: str, value: Any) -> str:
    """Return the line that sets an option; raise ModelError for what no line can say."""
    if not NAME.fullmatch(name):
        advice = "use letters, digits, _ and -"
        raise ModelError("", "", name, "is not the name of an option of MariaDB", advice)
    return f"{name} = {_value(value)}"


def _value(value: Any) -> str:
    text = setting(value, ("OFF", "ON"), "128M or ON")
    if len(text.encode()) > _LONGEST:
        raise ModelError("", "", value, "is too long for a line", f"use at most {_LONGEST} octets")
    if re.search(r"[\"'#\\]", text) or text != text.strip():
        return in_quotes(text)
    return text
