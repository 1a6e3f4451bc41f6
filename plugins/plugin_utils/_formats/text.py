# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several formats have in common: what a file cannot say, settings, and quotes.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import math
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


def unsayable(text: str, format_name: str, advice: str) -> ModelError:
    """Return what is raised for a text that files of a format have no way to write."""
    why = f"is nothing that {format_name} can say"
    return ModelError("", "", text, why, advice)


def setting(value: Any, words: tuple[str, str], example: str) -> str:
    """Return the value of a setting as a text without quotes; raise ModelError for what is none.

    C(words) are those for false and true, C(example) is what is advised in place of something else.
    """
    if isinstance(value, bool):
        return words[value]
    if isinstance(value, (int, float)) and math.isfinite(value):
        return str(value)
    if not isinstance(value, str):
        why = "has no value" if value is None else "is neither text, a number nor a boolean"
        raise ModelError("", "", value, why, f"give one such as {example}")
    if not value.isprintable():
        raise ModelError("", "", value, "has a character that is no part of a line", "leave it out")
    if value[:1] in ("'", '"') and value[-1:] == value[0] and len(value) > 1:
        raise ModelError("", "", value, "has quotes of its own", "give it without them")
    return value


def in_quotes(text: str) -> str:
    """Return a text in double quotes, as Apache, MariaDB, php.ini and systemd read it.

    All of them take a backslash before itself, and before a quotation mark, for that alone.
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
