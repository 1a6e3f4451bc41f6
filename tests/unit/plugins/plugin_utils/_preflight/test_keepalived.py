# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived cannot do of a description."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.cluster import preflight
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.keepalived import (
    keepalived_problems,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem
from check_examples import had_by, whole_check_of
from described import FLOATING, cluster, pair, read_cluster, service


def problems(**changed: Any) -> list[Problem]:
    """What keepalived cannot do of a service."""
    return list(keepalived_problems(cluster(service(**changed))))


@pytest.mark.parametrize("check_type", had_by("keepalived"))
def test_every_type(check_type: str) -> None:
    """Nothing is wrong with any that it has."""
    servers = [{"host": "rs1", "weight": 2}]
    check = {**whole_check_of(check_type, "keepalived")}
    assert problems(check=check, real_servers=servers) == []


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ({"quorum": 3}, "check.quorum 3 is more than the 2 that all real servers weigh"),
        ({"hysteresis": 1}, "check.hysteresis 1 is not less than check.quorum 1"),
        ({"path": '/"'}, "check.path '/\"' is nothing that keepalived.conf can say"),
        ({"type": "ftp"}, "check.type 'ftp' is not one that keepalived has"),
    ],
)
def test_in_preflight(check: dict[str, Any], told: str) -> None:
    """What keepalived cannot do comes with the service's name, and each is told once."""
    (problem,) = preflight(pair(service(address=FLOATING, check=check)))
    assert str(problem).startswith(f"service web: {told}")
    assert ";" in str(problem)


def test_only_where_it_has_the_table() -> None:
    """For another manager it is nothing."""
    assert preflight(cluster(service(check={"quorum": 3}))) == []


@pytest.mark.parametrize("path", ['/"', "/\\", "/$_PWD"])
def test_what_it_cannot_be_told(path: str) -> None:
    """It is told with the field and the value."""
    (problem,) = problems(check={"path": path})
    assert (problem.field, problem.value) == ("check.path", path)
    assert problem.why == "is nothing that keepalived.conf can say"


def test_an_expression_may_have_quotation_marks() -> None:
    """They are written so that keepalived leaves them."""
    assert problems(check={"path": "/", "expect": 'say "ok"'}) == []


def test_weights_that_are_not_there() -> None:
    """A service all of whose servers are to get nothing is up with a quorum of 1."""
    assert problems(real_servers=[{"host": "rs1", "weight": 0}]) == []


def test_a_sorry_server_where_all_servers_are_to_be_emptied() -> None:
    """keepalived would put it in their place, and end the connections that they are to keep."""
    sorry: dict[str, Any] = {"sorry_server": {"address": "127.0.0.1"}}
    (problem,) = problems(real_servers=[{"host": "rs1", "weight": 0}], **sorry)
    assert problem[:3] == ("service web", "sorry_server", "127.0.0.1")
    assert problem.advice == "leave it out until they are empty"
    servers = [{"host": "rs1", "weight": 0}, {"host": "rs2"}]
    assert problems(real_servers=servers, **sorry) == []


def test_what_is_no_weight_is_told_once() -> None:
    """By the reader; nothing is said of what the others weigh."""
    servers = [{"host": "rs1", "weight": "much"}]
    for given in (servers, [*servers, {"host": "rs2"}]):
        described = service(real_servers=given, check={"quorum": 2})
        read, (problem,) = read_cluster(described, director={"director_manager": "keepalived"})
        assert problem.field == "weight"
        assert list(keepalived_problems(read)) == []


def test_a_service_without_servers() -> None:
    """keepalived leaves it out, so that it would be missed."""
    (problem,) = problems(real_servers=[], check={"quorum": 3})
    assert str(problem).startswith("service web: real_servers is empty")
