# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of a director's own IPVS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.director import (
    setting_problems,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings import roles
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.role import read_settings
from described import NOTHING_TOLD, cluster


def problems(
    facts: bool = True, kernel: Sequence[str] | None = None, **settings: Any
) -> list[Problem]:
    """What cannot work of these variables of the role."""
    told_of = {"kernel_ipvs": kernel} if facts else NOTHING_TOLD
    found = cluster(director={"__preflight_host": told_of})
    given = {f"director_{name}": value for name, value in settings.items()}
    read, told = read_settings(roles.DIRECTOR, given.get, "host director")
    return [*told, *setting_problems(found.hosts["director"], read)]


def test_nothing_is_wrong() -> None:
    """With nothing, and with one daemon of each role."""
    assert problems() == []
    both = [{"role": role, "interface": "eth2", "sync_id": 1} for role in ("master", "backup")]
    sysctls = {"conntrack": False, "sync_threshold": "0 0"}
    assert problems(timeouts={"tcp": 7200}, sync_daemons=both, ipvs_sysctls=sysctls) == []


def test_every_problem_is_told() -> None:
    """Each with the variable in it."""
    daemons: list[dict[str, Any]] = [
        {"role": "master", "interface": "eth9"},
        {"role": "master", "interface": "eth1"},
        {"role": "backup", "interface": "eth1", "port": 0},
    ]
    sysctl, timeouts, port, missing, twice = problems(
        timeouts={"udp": 0}, sync_daemons=daemons, ipvs_sysctls={"conntrack": "off"}
    )
    assert sysctl[:3] == ("host director", "director_ipvs_sysctls.conntrack", "off")
    assert timeouts[:4] == ("host director", "director_timeouts.udp", 0, "is out of range")
    assert str(missing) == (
        "sync daemon master of host director: director_sync_daemons.interface 'eth9' does not"
        " exist on this host; use one of eth1, eth2, lo."
    )
    assert twice[:4] == (
        "sync daemon master of host director",
        "director_sync_daemons.role",
        "master",
        "is there twice",
    )
    assert port[:3] == (
        "sync daemon backup of host director",
        "director_sync_daemons.port",
        0,
    )


@pytest.mark.parametrize(
    ("name", "value"), [("vip_interface", "eth9"), ("masquerade_interfaces", ["eth1", "eth9"])]
)
def test_interface_that_is_not_there(name: str, value: Any) -> None:
    """It is told with those that are."""
    (problem,) = problems(**{name: value})
    assert str(problem) == (
        f"host director: director_{name} 'eth9' is not an interface of it; use one of lo, eth1,"
        " eth2."
    )


def test_without_facts() -> None:
    """Any interface may be there."""
    assert problems(False, sync_daemons=[{"role": "master", "interface": "eth9"}]) == []


@pytest.mark.parametrize("kernel", [["ip_vs.ko", "ip_vs_rr.ko"], [], None])
def test_another_size_of_the_table(kernel: list[str] | None) -> None:
    """Where IPVS is a module, or nobody knows."""
    assert problems(kernel=kernel, conn_tab_bits=20) == []


@pytest.mark.parametrize("kernel", [["IP Virtual Server"], ["ip_vs", "ip_vs_rr.ko"]])
def test_another_size_where_ipvs_is_built_in(kernel: list[str]) -> None:
    """An option of a module would do nothing, whether or not the kernel names what it has."""
    assert problems(kernel=kernel) == []
    (problem,) = problems(kernel=kernel, conn_tab_bits=16)
    assert problem[:3] == ("host director", "director_conn_tab_bits", 16)
    assert problem.advice.endswith("add ip_vs.conn_tab_bits=16 to the kernel's command line")
