# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What schedulers cannot do with weights, and with how many servers."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import plans
from described import NOTHING_TOLD, asked, hostvars, problems, service

ALL_WEIGHT_0 = [{"host": "rs1", "weight": 0}, {"host": "rs2", "weight": 0}]
ONE_WEIGHT_0 = [{"host": "rs1", "weight": 0}, {"host": "rs2"}]
QUIESCENT: dict[str, Any] = {"check": {"type": "connect", "quiescent": True}}
LDIRECTORD: Any = {"director_manager": "ldirectord"}
# The health checker gives no address to the others then.
KEEPALIVED: Any = {"director_manager": "keepalived", "__preflight_host": NOTHING_TOLD}


@pytest.mark.parametrize(
    ("scheduler", "advice"),
    [
        ("sh", "add sh-fallback to scheduler_flags"),
        ("mh", "add mh-fallback to scheduler_flags"),
        ("dh", "use another scheduler"),
    ],
)
def test_warnings(scheduler: str, advice: str) -> None:
    """It is told before somebody wants to drain a server, and refuses nothing."""
    assert warnings(scheduler=scheduler) == [
        f"service web: scheduler '{scheduler}' goes on giving its clients to a server that is"
        " drained, who would be refused, so that lvs.cluster.drain refuses to drain one;"
        f" {advice}."
    ]
    assert problems(service(scheduler=scheduler)) == []


def test_no_warnings() -> None:
    """With the flag, with one server to whom there is no other, and by any other scheduler."""
    assert warnings() == []
    assert warnings(scheduler="mh", scheduler_flags=["mh-fallback"]) == []
    assert warnings(scheduler="mh", real_servers=ONE_WEIGHT_0) == []
    assert warnings(scheduler="none of them") == []


def warnings(**changed: Any) -> list[str]:
    """What preflight tells of a service, and does not refuse."""
    known = {"lvs_virtual_services": [service(**changed)]}
    return [one["message"] for one in plans.PLANS["warnings"](asked("rs1", hostvars(), known))]


def weighing(*weights: int) -> list[dict[str, Any]]:
    """Servers of these weights."""
    return [
        {"address": f"192.168.137.{number}", "weight": weight}
        for number, weight in enumerate(weights, 1)
    ]


@pytest.mark.parametrize(
    ("scheduler", "advice"),
    [
        ("sh", "add sh-fallback to scheduler_flags, so that they go to the others, or take the"),
        ("mh", "add mh-fallback to scheduler_flags, so that they go to the others, or take the"),
        ("dh", "use another scheduler, so that they go to the others, or take the server out"),
    ],
)
def test_weight_0_by_hash(scheduler: str, advice: str) -> None:
    """Its clients would be refused, where the others could have them."""
    (told,) = problems(service(scheduler=scheduler, real_servers=ONE_WEIGHT_0))
    assert told[:3] == ("real server rs1 of service web", "weight", 0)
    assert "and refuses them" in told.why
    assert told.advice.startswith(advice)


@pytest.mark.parametrize(
    "changed",
    [
        {"scheduler": "sh", "scheduler_flags": ["sh-fallback"], "real_servers": ONE_WEIGHT_0},
        {"scheduler": "mh", "scheduler_flags": ["mh-fallback"], "real_servers": ONE_WEIGHT_0},
        # A service that is to be emptied refuses everybody who is new.
        {"scheduler": "sh", "real_servers": ALL_WEIGHT_0},
        {"scheduler": "dh", "real_servers": ALL_WEIGHT_0},
        {"scheduler": "wrr", "real_servers": ONE_WEIGHT_0},
        {"scheduler": "sh"},
    ],
)
def test_weight_0_that_is_fine(changed: dict[str, Any]) -> None:
    """Somebody stands in, or nobody could."""
    assert problems(service(**changed)) == []


@pytest.mark.parametrize("director", [LDIRECTORD, KEEPALIVED])
@pytest.mark.parametrize("scheduler", ["sh", "mh", "dh"])
def test_quiescent_by_hash(director: dict[str, Any], scheduler: str) -> None:
    """A server that fails would refuse its clients, with either health checker."""
    (told,) = problems(service(scheduler=scheduler, **QUIESCENT), director=director)
    assert told[:3] == ("service web", "check.quiescent", True)
    assert told.advice.endswith("or set it to false")


def test_quiescent_that_is_fine() -> None:
    """Where somebody stands in, or nobody looks after the servers."""
    flags = {"scheduler": "mh", "scheduler_flags": ["mh-fallback"]}
    assert problems(service(**flags, **QUIESCENT), director=LDIRECTORD) == []
    assert problems(service(scheduler="rr", **QUIESCENT), director=LDIRECTORD) == []
    assert problems(service(scheduler="sh", **QUIESCENT)) == []


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ((1, 63), None),
        ((100, 6300), None),
        ((0, 0), None),
        (
            (1, 64),
            "have weights from 1 to 64, and mh keeps them apart by no more than 63 times what"
            " divides all of them, which is 1",
        ),
        ((101, 103), "have weights from 101 to 103,"),
    ],
)
def test_weights_that_mh_cannot_tell_apart(weights: tuple[int, ...], told: str | None) -> None:
    """It has a table, in which each server has places by its weight."""
    found = problems(service(scheduler="mh", real_servers=weighing(*weights)))
    assert [one.why.startswith(told or "?") for one in found] == ([True] if told else [])
    assert all(one[:2] == ("service web", "real_servers") for one in found)


def test_more_servers_than_mh_has_places() -> None:
    """The last ones would never be asked."""
    servers = [
        {"address": f"192.168.{number // 250 + 137}.{number % 250 + 1}"} for number in range(4094)
    ]
    many = service(scheduler="mh", forward="tun", real_servers=servers)
    (told,) = problems(many)
    assert told[:2] == ("service web", "real_servers")
    assert told.why == "are 4094, and mh has places for 4093"
    assert problems({**many, "real_servers": servers[1:]}) == []


def test_more_weight_than_sh_has_places() -> None:
    """The last ones would get nobody; one of weight 0 has a place, too."""
    flags = {"scheduler": "sh", "scheduler_flags": ["sh-fallback"]}
    (told,) = problems(service(**flags, real_servers=weighing(256, 0)))
    assert told[:2] == ("service web", "real_servers")
    assert told.why.startswith("weigh 257 in all, and sh has 256 places")
    assert problems(service(**flags, real_servers=weighing(255, 0))) == []
