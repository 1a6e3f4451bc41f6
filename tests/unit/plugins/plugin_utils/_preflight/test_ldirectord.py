# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ldirectord cannot do of a description, and with the settings of its role."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.check_types import CHECK_TYPES
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.cluster import preflight
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.ldirectord import (
    ldirectord_problems,
    setting_problems,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem
from check_examples import SQL, had_by, whole_check_of
from described import LDIRECTORD, cluster, service

VIP6 = "fd00::100"
IPV6_SERVERS = {"rs1": {"lvs_rip6": "fd00:137::131"}, "rs2": {"lvs_rip6": "fd00:137::130"}}


def problems(**changed: Any) -> list[Problem]:
    """What ldirectord cannot do of a service."""
    return list(ldirectord_problems(cluster(service(**changed), **IPV6_SERVERS)))


@pytest.mark.parametrize("check_type", had_by("ldirectord"))
def test_every_type(check_type: str) -> None:
    """Nothing is wrong with any that it has; over IPv6 only with those that it has not there."""
    check = whole_check_of(check_type, "ldirectord")
    assert problems(check=check) == []
    row = CHECK_TYPES[check_type].ldirectord
    assert row is not None
    told = problems(check=check, address=VIP6)
    assert [problem.field for problem in told] == ([] if row.ipv6 else ["check.type"])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"protocol": "sctp"}, "service web: protocol 'sctp' is nothing that ldirectord has; use"),
        (
            {"protocol": "udp", "persistence_engine": "sip", "persistent_timeout": 60},
            "service web: persistence_engine 'sip' is nothing that ldirectord has; leave",
        ),
        (
            {"address": None, "port": None, "fwmark": 10, "one_packet": True, "forward": "tun"},
            "service web: one_packet true is nothing that ldirectord has with a firewall mark;",
        ),
        (
            {"address": VIP6, "real_servers": [], "check": {"type": "ping"}},
            "service web: check.type 'ping' is nothing that ldirectord has for IPv6; use one of co",
        ),
        ({"check": {"timeout": 0.5}}, "check.timeout 0.5 is not a whole number; ldirectord needs"),
        ({"check": {"interval": 1.5}}, "check.interval 1.5 is not a whole number; ldirectord need"),
        (
            {"check": {"path": "/", "expect": "a#b"}},
            "check.expect 'a#b' is nothing that ldirectord.cf",
        ),
        ({"name": "shop #1"}, "service shop #1: name 'shop #1' is nothing that ldirectord.cf can"),
        (
            {"forward": "tun", "real_servers": [{"address": "fd00::1"}]},
            "real server fd00::1 of service web: address 'fd00::1' is of another family than",
        ),
        (
            {"forward": "tun", "tunnel_type": "gre", "real_servers": [{"host": "rs1"}]},
            "real server rs1 of service web: tunnel_type 'gre' is nothing that ldirectord has; use",
        ),
        (
            {"real_servers": [{"host": "rs1", "weight": 0}]},
            "real server rs1 of service web: weight 0 is to let its connections end by themselves",
        ),
    ],
)
def test_what_it_cannot_do(changed: dict[str, Any], told: str) -> None:
    """Each is told once, and with what to do."""
    (problem,) = problems(**changed)
    assert told in str(problem)
    assert ";" in str(problem)


@pytest.mark.parametrize("variable", ["lvs_rip", "lvs_rip6"])
def test_where_an_address_of_another_family_was_written(variable: str) -> None:
    """The variable of the host is named."""
    host = {"lvs_rip": None, "lvs_rip6": None, variable: "fd00::1"}
    tunnelled = service(forward="tun", real_servers=[{"host": "rs1"}])
    (problem,) = ldirectord_problems(cluster(tunnelled, rs1=host))
    assert (problem.item, problem.field) == ("real server rs1 of service web", variable)


def test_secrets_are_not_told() -> None:
    """A password that cannot be is not repeated."""
    (problem,) = problems(check={**SQL, "password": "open#sesame"})
    assert str(problem).startswith("service web: check.password is nothing that ldirectord.cf can")


def test_weight_0_is_kept() -> None:
    """Where a server that is out stays in the table."""
    assert problems(real_servers=[{"host": "rs1", "weight": 0}], check={"quiescent": True}) == []


def test_in_preflight() -> None:
    """It is told with all the rest, and only where ldirectord has the table."""
    described = service(protocol="sctp", check={"type": "ping"})
    for director, told in (({"director_manager": "ldirectord"}, 1), ({}, 0)):
        found = map(str, preflight(cluster(described, director=director)))
        assert len([problem for problem in found if "nothing that ldirectord" in problem]) == told


def test_settings_that_can_work() -> None:
    """The defaults, and all of them."""
    assert list(setting_problems([10], LDIRECTORD)) == []
    everything: dict[str, Any] = {
        "fork": True,
        "email_alert": ["root@example.com"],
        "email_alert_status": ["starting", "running"],
        "smtp": "192.0.2.25",
        "log": "local0",
        "maintenance_dir": "/etc/ha.d/maintenance",
    }
    assert list(setting_problems([1, 10], everything)) == []


@pytest.mark.parametrize(
    ("intervals", "changed", "told"),
    [
        (
            [1, 10],
            {},
            "ldirectord_fork false makes one process, which has one interval, and the services'"
            " checks have 1 and 10 seconds; set",
        ),
        (
            [],
            {"email_alert": ["a@example.com", "b@example.com"], "smtp": "mail"},
            "ldirectord_email_alert ['a@example.com', 'b@example.com'] is 2 addresses, and by",
        ),
        (
            [],
            {"email_alert_status": ["none", "all"]},
            "ldirectord_email_alert_status ['none', 'all'] has none together with others; leave",
        ),
    ],
)
def test_settings_that_cannot_work(
    intervals: list[int], changed: dict[str, Any], told: str
) -> None:
    """Each is told once, and with what to do."""
    (problem,) = setting_problems(intervals, {**LDIRECTORD, **changed})
    assert str(problem).startswith(told)
    assert ";" in str(problem)
