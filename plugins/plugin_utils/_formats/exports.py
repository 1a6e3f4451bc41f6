# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of exports(5).

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .octal import escape


def export_line(path: str, clients: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Return the line that exports a directory; raise ModelError for what no line can say.

    C(clients) are hosts, each with its options.
    """
    words = (f"{word(host)}({','.join(map(word, options))})" for host, options in clients)
    return " ".join([directory(path), *words])


def directory(path: str) -> str:
    """Return a directory as the file has it: what would end it is written in octal."""
    if not path.isprintable():
        raise ModelError("", "", path, "has a character that is no part of a line", "leave it out")
    return escape(path, ' \\"#')


def word(text: str) -> str:
    """Return a client or an option, which the file has as it is; raise ModelError if it cannot."""
    if not re.fullmatch(r"[^\s,()\"#\\]+", text) or not text.isprintable():
        raise ModelError("", "", text, "is not one word of exports(5)", "give one an entry")
    return text
