# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPVS's settings: which are of the form that the kernel takes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.sysctls import sysctl_problems


def problems(**sysctls: Any) -> list[str]:
    """What is wrong with settings."""
    return list(map(str, sysctl_problems("host d", sysctls)))


@pytest.mark.parametrize(
    "value", [0, "1", -8, "-8", True, False, "0 0", "3 50", "0-3", "0-3,6"], ids=repr
)
def test_values(value: object) -> None:
    """Numbers, several of them, booleans, and lists of processors."""
    assert problems(conntrack=0, sync_threshold=value) == []


@pytest.mark.parametrize(
    "value", ["", " ", "on", 0.5, [0, 0], "0 x", "0\n", "0  0", "0\nvip 192.0.2.1"], ids=repr
)
def test_what_is_no_number(value: object) -> None:
    """One sentence with variable, name, value and fix."""
    assert problems(conntrack=0, sync_threshold=value) == [
        f"host d: director_ipvs_sysctls.sync_threshold {value!r} is not a number; give one, or"
        " several with a space between them, such as 0 0."
    ]


def test_nothing_is_no_number() -> None:
    """It is told without a value."""
    assert problems(conntrack=None)[0].startswith(
        "host d: director_ipvs_sysctls.conntrack is not a number; give one"
    )


@pytest.mark.parametrize("name", ["net.ipv4.vs.conntrack", "Conntrack", "a b", "a/b", "", "a=1"])
def test_what_is_no_name(name: str) -> None:
    """Whatever its value; each is told."""
    told = (
        f"host d: director_ipvs_sysctls {name!r} is not the name of a setting; give what comes"
        " after net.ipv4.vs, such as conn_reuse_mode."
    )
    assert problems(**{name: "x"}) == [told]
    assert len(problems(**{name: 1, "conntrack": "x"})) == 2
