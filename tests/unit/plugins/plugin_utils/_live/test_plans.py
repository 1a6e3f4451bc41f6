# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the running cluster."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.plans import PLANS
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.director import (
    ipvs_services,
    sorry_servers,
)
from described import VIP, asked, cluster, hostvars, service

WEB = service(sorry_server={"address": "127.0.0.1"})


def told(term: str, **options: Any) -> Any:
    """What the director is told."""
    return PLANS[term](asked("director", hostvars(), {"lvs_virtual_services": [WEB]}, **options))


def test_unsettled() -> None:
    """The services, with their sorry servers, beside the live table."""
    (live,) = ipvs_services(cluster(WEB))
    sorry = [*live["real_servers"], *sorry_servers(cluster(WEB))]
    table = [{**live, "real_servers": sorry}]
    assert told("unsettled", manager="ldirectord", live=table) == []
    missing = [f"service -t {VIP}:80 is not in the table yet."]
    assert told("unsettled", manager="ldirectord", live=[]) == missing


def test_unsettled_of_a_role() -> None:
    """The description is the health checker's."""
    known = {"lvs_virtual_services": [WEB], "keepalived_virtual_services": []}
    for manager, count in (("keepalived", 0), ("ldirectord", 1)):
        question = asked("director", hostvars(), known, manager=manager, live=[])
        assert len(PLANS["unsettled"](question)) == count


def test_repairs() -> None:
    """What is otherwise, and what is not there."""
    (live,) = ipvs_services(cluster(WEB))
    assert told("repairs", manager="ldirectord", live=[live]) == {"services": [], "missing": []}
    other = {**live, "scheduler": "lc"}
    assert told("repairs", manager="ldirectord", live=[other]) == {
        "services": [live],
        "missing": [],
    }
    assert told("repairs", manager="ldirectord", live=[]) == {"services": [], "missing": [live]}


def test_requests() -> None:
    """One each, rounded up to whole turns."""
    request = {"name": "service web", "url": f"http://{VIP}:80/"}
    assert told("requests", at_least=3) == [request] * 4
    assert told("requests", at_least="4") == [request] * 4


def test_distribution() -> None:
    """Of the pages; what has no status of success is no answer."""
    pages = [{"status": 200, "content": name} for name in ("rs1", "rs2", "rs1", "rs2")]
    found = told("distribution", name="service web", answers=pages)
    assert found == {
        "lines": [
            "service web: rr, 1:1",
            "  rs1: 2 answers, promised 2",
            "  rs2: 2 answers, promised 2",
        ],
        "problems": [],
    }
    failed = [*pages[:3], {"status": -1, "msg": "refused"}]
    (problem,) = told("distribution", name="service web", answers=failed)["problems"]
    assert problem.startswith("service web: 1 of 4 requests had no answer")


def test_service_that_there_is_not() -> None:
    """By its name."""
    with pytest.raises(ModelError, match="name 'service no' is not a service of lvs_virtual"):
        told("distribution", name="service no", answers=[])


@pytest.mark.parametrize(
    ("term", "option"),
    [("unsettled", "manager"), ("requests", "at_least"), ("distribution", "name")],
)
def test_option_that_is_not_given(term: str, option: str) -> None:
    """It is named."""
    with pytest.raises(ModelError, match=f"{option} is not given; give it"):
        told(term)
