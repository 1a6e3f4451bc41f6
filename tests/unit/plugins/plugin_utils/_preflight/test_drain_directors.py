# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directors that leave the others, and join them again, by the playbooks drain and undrain."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.drain_plans import PLANS
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.plans import PLANS as VIEWS
from described import ANNOUNCED, GROUPS, THREE, asked, at_once, hostvars, three

NOW, SINCE = "2026-11-28T06:00:00Z", "2026-11-28T05:00:00Z"
ALL = {**THREE, "all": ["client", "d1", "d2", "d3", "rs1", "rs2"]}


def hosts(*left: str) -> dict[str, Any]:
    """Three directors after a run of site, some of them drained."""
    found = hostvars(**three())
    for name in THREE["directors"]:
        told = {"services": [f"-t {ANNOUNCED}:80"], "left": [SINCE] if name in left else []}
        found[name]["__preflight_host"] = {**found[name]["__preflight_host"], **told}
    for own in found.values():
        own["lvs_virtual_services"] = [*at_once()]
    return found


def plan(term: str, host: Any, *left: str, **given: Any) -> dict[str, Any]:
    """What a director is told."""
    variables = {f"lvs_{name}": value for name, value in {"host": host, **given}.items()}
    found: dict[str, Any] = PLANS[term](asked("d1", hosts(*left), variables, ALL, now=NOW))
    return found


def refused(host: Any, *left: str, **given: Any) -> list[str]:
    """The sentences by which it is refused."""
    return [one["message"] for one in plan("drain", host, *left, **given)["problems"]]


def test_a_director_leaves() -> None:
    """Nothing else is changed by it."""
    found = plan("drain", "d2")
    assert found["problems"] == []
    assert found["directors"] == ["d2"]
    assert (found["services"], found["lines"]) == ([], [])
    assert found["report"] == ["d2 withdraws its addresses."]
    assert plan("drain", "d2", "d2")["report"] == [f"d2 is drained since {SINCE} already."]


def test_with_a_real_server() -> None:
    """Both in one run."""
    found = plan("drain", "d2,rs1")
    assert found["problems"] == []
    assert found["directors"] == ["d2"]
    assert found["lines"] == [f"rs1 drained {NOW}"]
    assert [len(one["real_servers"]) for one in found["services"]] == [1, 1]


def test_it_joins() -> None:
    """And says for how long it was away."""
    found = plan("undrain", ["d2"], "d2")
    assert found["directors"] == ["d2"]
    assert found["report"] == [f"d2 was drained since {SINCE}, and joins the others again."]
    assert plan("undrain", ["d2"])["report"] == ["d2 is not drained."]


def test_site_says_so() -> None:
    """Beside the real servers."""
    known = {"lvs_virtual_services": [*at_once()]}
    (told,) = VIEWS["drained"](asked("d1", hosts("d2"), known, ALL))
    assert told["server"] == "d2"
    assert told["message"] == (
        f"d2 is drained since {SINCE}, and announces no address; lvs.cluster.undrain -e lvs_host=d2"
    )


def test_the_last_one() -> None:
    """It stays, unless it is forced; and may come back at any time."""
    (told,) = refused("d3", "d1", "d2")
    assert told.startswith("lvs_host 'd3' is the last director that announces, and nobody would be")
    assert refused("d1,d2,d3")[0].startswith("lvs_host 'd1' is the last director")
    assert refused("d3", "d1", "d2", drain_force=True) == []
    assert refused("d1,d2") == []
    assert plan("undrain", "d3", "d1", "d2", "d3")["problems"] == []


def test_one_service() -> None:
    """A director serves all of them."""
    (told,) = refused("d2", service="web")
    assert told == "lvs_service 'web' is for real servers, and d2 is a director; leave it out."


@pytest.mark.parametrize("term", ["drain", "undrain"])
def test_a_director_that_announces_nothing(term: str) -> None:
    """Nobody stands in for it by that."""
    groups = {**GROUPS, "all": ["director"]}
    known = hostvars(director={"__preflight_host": {"services": [f"-t {ANNOUNCED}:80"]}})
    for own in known.values():
        own["lvs_virtual_services"] = [*at_once()][:1]
    found = PLANS[term](asked("director", known, {"lvs_host": "director"}, groups, now=NOW))
    (told,) = [one["message"] for one in found["problems"]]
    assert told.startswith("lvs_host 'director' is a director without lvs_announce: no other one")
