# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that a health checker does not have."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.check_types import CHECK_TYPES
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import HEALTH_CHECKERS
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.checks import check_problems
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem
from check_examples import SQL, check_of, whole_check_of
from described import cluster, read_cluster, service


def problems(described: dict[str, Any], *managers: str) -> list[Problem]:
    """What those who own the tables do not have of a service that could be read."""
    (read,) = cluster(described).services
    return list(check_problems(read, managers))


@pytest.mark.parametrize("manager", HEALTH_CHECKERS)
@pytest.mark.parametrize("check_type", CHECK_TYPES)
def test_types(check_type: str, manager: str) -> None:
    """Each type is good for those who have it, and refused for the other one, with a way out."""
    if manager in CHECK_TYPES[check_type].managers:
        for check in (check_of(check_type, manager), whole_check_of(check_type, manager)):
            assert problems(service(check=check), manager) == []
        return
    other = next(name for name in HEALTH_CHECKERS if name != manager)
    (problem,) = problems(service(check=check_of(check_type, other)), manager)
    assert (problem.item, problem.field, problem.value) == ("service web", "check.type", check_type)
    assert problem.why == f"is not one that {manager} has"
    assert "connect" in problem.advice


def test_nobody_checks() -> None:
    """Without a health checker any check that could be read will do: verify reads it, too."""
    assert problems(service(check={"type": "mysql"}), "static") == []
    assert problems(service(check={"type": "udp", "payload": "00"}), "static") == []
    assert problems(service(), "static", "ldirectord", "keepalived") == []


@pytest.mark.parametrize(
    ("check", "manager", "told"),
    [
        ({"quorum": 2}, "ldirectord", "check.quorum is nothing that ldirectord has for type conn"),
        ({"quorum": 1}, "ldirectord", "check.quorum is nothing that ldirectord has for type conn"),
        ({"path": "/", "method": "HEAD"}, "keepalived", "check.method is nothing that keepalived"),
        ({"type": "ping", "attempts": 3}, "keepalived", "check.attempts is nothing that keepal"),
        ({"path": "/", "connects_between": 3}, "keepalived", "check.connects_between is nothing"),
        ({**SQL, "query": None}, "ldirectord", "check.query is not given, and"),
        ({"type": "dns", "name": "a"}, "ldirectord", "check.expect is not given, and ldirectord"),
    ],
)
def test_what_one_has_and_the_other_has_not(check: dict[str, Any], manager: str, told: str) -> None:
    """Each is refused for the one, and never left out in silence."""
    (problem,) = problems(service(check=check), manager)
    assert str(problem).startswith(f"service web: {told}")
    assert ";" in str(problem)


def test_what_could_not_be_read_is_not_missed() -> None:
    """A field that is there and cannot be is told by the reader alone."""
    described = service(check={**SQL, "query": ["SELECT"]})
    read, (problem,) = read_cluster(described)
    assert problem.field == "check.query"
    assert list(check_problems(read.services[0], ["ldirectord"])) == []
    read, (problem,) = read_cluster(service(check={"type": "htp"}))
    assert problem.field == "check.type"
    assert list(check_problems(read.services[0], HEALTH_CHECKERS)) == []


@pytest.mark.parametrize("manager", HEALTH_CHECKERS)
def test_what_there_is_to_connect_to(manager: str) -> None:
    """A check by TCP needs a port, and a service by TCP."""
    marked = {"fwmark": 10, "check": {"type": "connect"}}
    (problem,) = problems(marked, manager)
    assert str(problem).startswith(
        "service fwmark 10: check.port is not given, and the service has no port that a check"
    )
    assert problems({"fwmark": 10, "check": {"type": "connect", "port": 80}}, manager) == []
    udp = service(protocol="udp", check={"type": "connect"})
    (problem,) = problems(udp, manager)
    assert str(problem).startswith(
        "service web: check.type 'connect' would connect by TCP, and the service is udp; use one"
        " of ping, external"
    )
