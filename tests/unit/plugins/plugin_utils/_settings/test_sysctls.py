# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPVS's settings: which there are, and what each may be."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.kinds import Place
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.sysctls import IPVS_SYSCTLS


def read(**sysctls: Any) -> tuple[Any, list[str]]:
    """What is read of settings, and what is told of them."""
    problems: list[Any] = []
    found = IPVS_SYSCTLS.read(sysctls, Place("host d", "director_ipvs_sysctls"), problems)
    return found, list(map(str, problems))


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("conntrack", True, 1),
        ("conntrack", "0", 0),
        ("conn_reuse_mode", False, 0),
        ("sync_threshold", "3 50", "3 50"),
        ("sync_threshold", "0 0", "0 0"),
        ("est_cpulist", "0-3,6", "0-3,6"),
        ("est_cpulist", 2, "2"),
        ("est_nice", -8, -8),
    ],
)
def test_values(name: str, value: Any, found: Any) -> None:
    """Numbers, booleans for 0 and 1, pairs, and lists of processors."""
    assert read(**{name: value}) == ({name: found}, [])


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("conntrack", "on", "'on' is not a whole number; give one from 0 to 1"),
        ("conntrack", 2, "2 is out of range"),
        ("conntrack", "0\nvip 192.0.2.1", "is not a whole number"),
        ("sync_threshold", "3 50 9", "'3 50 9' is not two numbers; give two, such as '3 50'"),
        ("sync_threshold", 3, "3 is not two numbers"),
        ("sync_threshold", [3, 50], "[3, 50] is not two numbers"),
        ("sync_threshold", "50 3", "'50 3' has a first number that is not less; give a lower one"),
        ("sync_threshold", "3 x", "'x' is not a whole number"),
        ("est_cpulist", "a", "'a' is not a list of processors"),
        ("est_cpulist", True, "true is not a list of processors"),
    ],
)
def test_what_may_not_be(name: str, value: Any, told: str) -> None:
    """One sentence with variable, name, value and fix."""
    (sentence,) = read(**{name: value})[1]
    assert sentence.startswith(f"host d: director_ipvs_sysctls.{name} ")
    assert told in sentence


@pytest.mark.parametrize("name", ["conntrak", "net.ipv4.vs.conntrack", "Conntrack", "", "a=1"])
def test_what_is_no_name(name: str) -> None:
    """It is told with the nearest one."""
    (sentence,) = read(**{name: 1})[1]
    assert f"director_ipvs_sysctls.{name} is not a field of it; use " in sentence
    if name.startswith("con"):
        assert "use conntrack." in sentence
