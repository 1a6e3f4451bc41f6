# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which distributions the roles know the packages and paths of.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .._problem import Problem

# As the fact os_family calls them.
FAMILIES = DEBIAN, RED_HAT = ("Debian", "RedHat")


# What a role needs, and a family has not, or of another kind than it was written for.
_FEDORA = "Fedora"
_NO_LDIRECTORD = "has no package of ldirectord in its repositories, and nor has EPEL"
_BIRD_3 = "has BIRD 3 in its repositories, in Fedora as in EPEL, and the role bird is for BIRD 2"


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


def role_problem(
    item: str, role: str, facts: Mapping[str, Any], installed: Collection[str] = ()
) -> Problem | None:
    """Return why a role cannot work with what a distribution has; None where nothing says so.

    C(installed) are packages that the host has already, from wherever.
    """
    if facts.get("os_family") != RED_HAT:
        return None
    name = " ".join(
        str(facts[fact]) for fact in ("distribution", "distribution_version") if facts.get(fact)
    )
    if role == "bird":
        advice = "let directors that announce run Debian or Ubuntu"
        return Problem(item, "lvs_announce", None, f"is given, and {name} {_BIRD_3}", advice)
    if role != "ldirectord" or "ldirectord" in installed or facts.get("distribution") == _FEDORA:
        return None
    advice = "use keepalived, or install a package ldirectord of your own before"
    return Problem(
        item, "director_manager", role, f"is asked for, and {name} {_NO_LDIRECTORD}", advice
    )
