# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which distributions are known."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.systems import (
    FAMILIES,
    role_problem,
    system_problem,
)
from described import problems


@pytest.mark.parametrize(
    ("facts", "called"),
    [
        (
            {
                "os_family": "Suse",
                "distribution": "openSUSE Leap",
                "distribution_version": "15.6",
            },
            "openSUSE Leap 15.6",
        ),
        (
            {"os_family": "Alpine", "distribution": "Alpine", "distribution_version": "3.22"},
            "Alpine 3.22",
        ),
        (
            {"os_family": "Archlinux", "distribution": "Archlinux", "distribution_version": "NA"},
            "Archlinux",
        ),
    ],
)
def test_a_distribution_that_nobody_knows(facts: dict[str, Any], called: str) -> None:
    """It is told by its name, of a director and of a real server."""
    told = system_problem("host rs1", facts)
    assert told is not None
    assert told.item == "host rs1"
    assert told.why == f"it runs {called}, whose packages and paths the roles do not know"
    for host in ("director", "rs1"):
        (told,) = problems(**{host: {"ansible_facts": facts, "lvs_dip": ""}})[:1]
        assert told.item == f"host {host}"
        assert called in told.why


def test_what_is_known() -> None:
    """And a host of which there are no facts."""
    for family in FAMILIES:
        assert system_problem("host rs1", {"os_family": family}) is None
    assert system_problem("host rs1", {}) is None


def red_hat(name: str, release: str) -> dict[str, Any]:
    """Facts of a host of that family."""
    return {"os_family": "RedHat", "distribution": name, "distribution_version": release}


ROCKY, FEDORA = red_hat("Rocky", "9.6"), red_hat("Fedora", "43")


@pytest.mark.parametrize(
    ("role", "facts", "installed", "told"),
    [
        (
            "ldirectord",
            ROCKY,
            [],
            "director_manager 'ldirectord' is asked for, and Rocky 9.6 has no package of ldirectord"
            " in its repositories, and nor has EPEL; use keepalived, or install a package"
            " ldirectord of your own before.",
        ),
        ("ldirectord", ROCKY, ["ldirectord"], ""),
        ("ldirectord", FEDORA, [], ""),
        (
            "bird",
            FEDORA,
            ["bird"],
            "lvs_announce is given, and Fedora 43 has BIRD 3 in its repositories, in Fedora as in"
            " EPEL, and the role bird is for BIRD 2; let directors that announce run Debian or"
            " Ubuntu.",
        ),
        ("keepalived", ROCKY, [], ""),
        ("bird", {"os_family": "Debian"}, [], ""),
        ("ldirectord", {"os_family": "Debian"}, [], ""),
        ("ldirectord", {}, [], ""),
    ],
)
def test_role_that_a_distribution_has_nothing_for(
    role: str, facts: dict[str, Any], installed: list[str], told: str
) -> None:
    """In one sentence, with what to do."""
    problem = role_problem("host lb1", role, facts, installed)
    assert str(problem) == f"host lb1: {told}" if told else problem is None


def test_it_is_refused_of_a_director() -> None:
    """Before anything is touched, by its manager."""
    own = {"ansible_facts": ROCKY, "director_manager": "ldirectord"}
    (told,) = (one for one in problems(director=own) if one.field == "director_manager")
    assert (told.item, told.value) == ("host director", "ldirectord")
    assert not [one for one in problems(director={"ansible_facts": ROCKY}) if "Rocky" in one.why]
