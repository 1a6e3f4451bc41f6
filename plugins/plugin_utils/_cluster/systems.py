# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which distributions the roles know the packages and paths of.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._problem import Problem

# As the fact os_family calls them.
FAMILIES = ("Debian", "RedHat")


def system_problem(item: str, facts: Mapping[str, Any]) -> Problem | None:
    """Return what is wrong with the distribution of a host; nothing where there are no facts."""
    family = facts.get("os_family")
    if not family or family in FAMILIES:
        return None
    name = str(facts.get("distribution") or family)
    release = str(facts.get("distribution_version") or "")
    known = release not in ("", "NA")
    return Problem(
        item,
        "",
        None,
        f"it runs {f'{name} {release}' if known else name}, whose packages and paths the roles do"
        " not know",
        "use Debian, Ubuntu, or a RHEL-like system",
    )
