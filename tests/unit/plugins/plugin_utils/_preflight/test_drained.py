# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Descriptions that do not go with a server that is drained."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.drained import Line, drain
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import plans
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.drained import (
    drained_problems,
)
from described import asked, cluster, hostvars, service

SINCE = "2026-11-28T05:00:00Z"


def problems(state: str = "drained", **changed: Any) -> list[str]:
    """What is told where rs1 is drained."""
    found = drain(cluster(service(**changed)), [Line("rs1", state, SINCE)])
    return [str(problem) for problem in drained_problems(found)]


@pytest.mark.parametrize(
    ("scheduler", "advice"),
    [
        ("mh", "add mh-fallback to scheduler_flags"),
        ("sh", "add sh-fallback to scheduler_flags"),
        ("dh", "use another scheduler"),
    ],
)
def test_schedulers_that_refuse(scheduler: str, advice: str) -> None:
    """They may come into the description while a server is drained."""
    assert problems(scheduler=scheduler) == [
        f"service web: scheduler '{scheduler}' would go on giving rs1 its share of new clients, who"
        f" are refused: it is drained since {SINCE}; {advice}, or give rs1 back first by"
        " lvs.cluster.undrain."
    ]


def test_schedulers_that_do_not() -> None:
    """With the flag, or where the server is out of the table, or takes nobody in any case."""
    assert problems(scheduler="mh", scheduler_flags=["mh-fallback"]) == []
    assert problems(scheduler="wlc") == []
    assert problems("cut", scheduler="mh") == []
    assert problems("undrained", scheduler="mh") == []
    servers = [{"host": "rs1", "weight": 0}, {"host": "rs2", "weight": 0}]
    assert problems(scheduler="sh", real_servers=servers) == []


def told(drained: list[str], **changed: Any) -> list[str]:
    """What preflight says of the cluster, where its director has these lines."""
    hosts = hostvars(director={"__preflight_host": {"drained": drained}})
    known = {"lvs_virtual_services": [service(**changed)]}
    return [one["message"] for one in plans.PLANS["problems"](asked("rs1", hosts, known))]


def test_preflight() -> None:
    """It looks at the description as it is written: a drained server is no weight of 0."""
    assert told([f"rs1 drained {SINCE}"]) == []
    assert len(told([f"rs1 drained {SINCE}"], scheduler="sh")) == 1
    assert "director.drained 'rs1' has a line" in told(["rs1"])[0]
