# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of a director's own IPVS."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.problem import Problem
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.director import (
    setting_problems,
)
from described import cluster


def problems(facts: bool = True, **settings: Any) -> list[Problem]:
    """What cannot work of these variables of the role."""
    found = cluster() if facts else cluster(director={"ansible_facts": {}})
    given = {"timeouts": {}, "sync_daemons": [], "ipvs_sysctls": {}, **settings}
    return list(setting_problems(found.hosts["director"], given))


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
    sysctl, timeouts, missing, twice, port = problems(
        timeouts={"udp": 0}, sync_daemons=daemons, ipvs_sysctls={"conntrack": "off"}
    )
    assert sysctl[:3] == ("host director", "director_ipvs_sysctls.conntrack", "off")
    assert timeouts[:4] == ("host director", "director_timeouts.udp", 0, "is no time")
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


def test_without_facts() -> None:
    """Any interface may be there."""
    assert problems(False, sync_daemons=[{"role": "master", "interface": "eth9"}]) == []
