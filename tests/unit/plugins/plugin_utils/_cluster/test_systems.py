# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which distributions are known."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.systems import (
    FAMILIES,
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
