# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which real servers a rolling update takes together, where it goes on, and what it asks them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.drain_plans import PLANS
from described import GROUPS, VIP, asked, hostvars, service

NOW = "2026-11-28T05:00:00Z"
NAMES = ["rs1", "rs2", "rs3"]
ADDRESSES = {"rs1": "192.168.137.131", "rs2": "192.168.137.130", "rs3": "192.168.137.133"}
GROUP = {**GROUPS, "real_servers": NAMES, "all": ["client", "director", *NAMES]}
WEB = service(real_servers=[{"host": name} for name in NAMES])


def plan(term: str, *services: Any, lines: list[str] | None = None, **given: Any) -> Any:
    """What is worked out for a cluster of three real servers."""
    told = {"services": ["-t 192.168.0.111:80"], "drained": lines or []}
    known = hostvars(director={"__preflight_host": told}, rs3={"lvs_rip": ADDRESSES["rs3"]})
    for own in known.values():
        own["lvs_virtual_services"] = list(services) or [WEB]
    options = {name: given.pop(name) for name in ("servers", "now", "anew") if name in given}
    variables = {f"lvs_{name}": value for name, value in given.items()}
    return PLANS[term](asked("director", known, variables, GROUP, **options))


def update(*services: Any, **given: Any) -> dict[str, Any]:
    """The plan of an update by a file of tasks."""
    found: dict[str, Any] = plan("rolling_update", *services, **{"update_tasks": __file__, **given})
    return found


def refused(**given: Any) -> str:
    """What is wrong with it."""
    (problem,) = update(**given)["problems"]
    message: str = problem["message"]
    return message


def test_one_at_a_time() -> None:
    """In the order of the description, each once."""
    found = update(WEB, service(name="more", port=81))
    assert (found["problems"], found["batches"]) == ([], [["rs1"], ["rs2"], ["rs3"]])
    assert found["report"] == ["1: rs1", "2: rs2", "3: rs3"]


@pytest.mark.parametrize(
    ("given", "batches"),
    [
        ({"batch": 2}, [["rs1", "rs2"], ["rs3"]]),
        ({"batch": "9"}, [NAMES]),
        ({"host": "rs3,rs1"}, [["rs1"], ["rs3"]]),
        ({"update_tasks": "", "update_role": "my.role"}, [["rs1"], ["rs2"], ["rs3"]]),
    ],
)
def test_what_is_asked_for(given: dict[str, Any], batches: list[list[str]]) -> None:
    """So many together; only some; by a role."""
    assert update(**given)["batches"] == batches


def test_it_goes_on_where_it_broke_off() -> None:
    """What is out of service comes first, and what it had done is left alone."""
    found = update(lines=[f"rs1 updated {NOW}", f"rs3 updating {NOW}"])
    assert (found["batches"], found["goes_on"]) == ([["rs3"], ["rs2"]], True)
    assert found["report"][:2] == [
        "An update broke off at rs3, and goes on there.",
        "rs1 has been updated by it.",
    ]


def test_what_a_former_one_has_done_does_not_count() -> None:
    """It came to its end: the next one is for all, and forgets it with its first batch."""
    lines = [f"{name} updated {NOW}" for name in NAMES]
    found = update(lines=lines)
    assert (found["batches"], found["goes_on"]) == ([["rs1"], ["rs2"], ["rs3"]], False)
    then = "2026-11-28T06:00:00Z"
    first = plan("update", servers=["rs1"], now=then, anew=True, lines=lines)["lines"]
    assert [line.replace(":01Z", ":00Z") for line in first] == [
        f"rs1 updating {then}",
        f"rs2 undrained {then}",
        f"rs3 undrained {then}",
    ]
    later = plan("update", servers=["rs2"], now=then, lines=[f"rs1 updated {NOW}"])["lines"]
    assert f"rs1 updated {NOW}" in later


def test_one_whose_connections_were_cut_is_gone_on_with() -> None:
    """It is out of the table of a service, and still the update's."""
    lines = [f"rs1 updating {NOW}", "rs1 cut 2026-11-28T05:01:00Z web"]
    assert update(lines=lines)["batches"] == [["rs1"], ["rs2"], ["rs3"]]


def test_what_somebody_has_drained_stays_so() -> None:
    """Unless it is named: then it is the update's, which gives it back."""
    found = update(lines=[f"rs1 drained {NOW}"])
    assert found["batches"] == [["rs2"], ["rs3"]]
    assert found["report"][0] == "rs1 is drained, and is left as it is."
    assert update(lines=[f"rs1 drained {NOW}"], host="rs1")["batches"] == [["rs1"]]
    then = "2026-11-28T06:00:00Z"
    own = plan("update", servers=["rs1"], now=then, lines=[f"rs1 drained {NOW}"])["lines"]
    assert own == [f"rs1 updating {then}"]


def test_what_is_refused() -> None:
    """Each by one sentence, and nobody is updated."""
    assert "are both not given; give one" in refused(update_tasks="")
    assert "/no/such.yml' is no file" in refused(update_tasks="/no/such.yml")
    assert "are given both; give one" in refused(update_role="my.role")
    assert "lvs_host 'rs9' is no host of the inventory" in refused(host="rs9")
    assert "lvs_batch" in refused(batch=0)
    assert "lvs_update_role" in refused(update_tasks="", update_role="a b")
    assert "lvs_service" in refused(service="web")
    assert update(host="rs9")["batches"] == []


def test_by_address_is_nobody_to_connect_to() -> None:
    """Only hosts of the inventory can be updated."""
    found = update(service(real_servers=[{"address": "192.168.137.9"}]))
    assert "has no real server" in found["problems"][0]["message"]


def test_drained_by_the_update() -> None:
    """It is remembered whose drain it is; the servers are those of the batch."""
    found = plan("update", servers=["rs2"], now=NOW, host="rs1,rs2")
    assert found["problems"] == []
    assert found["lines"] == [f"rs2 updating {NOW}"]
    again = plan("updated", servers=["rs2"], now="2026-11-28T06:00:00Z", lines=found["lines"])
    assert again["lines"] == ["rs2 updated 2026-11-28T06:00:00Z"]
    assert again["services"][0]["real_servers"][0]["weight"] == 1


def test_the_clients_way() -> None:
    """The page of the check, by the virtual address; a connection where there is no page."""
    page = {"type": "http", "path": "/ok", "virtual_host": "www.example.com", "expect": "fine"}
    (found,) = plan("checks", {**WEB, "check": page}, servers=["rs1"])
    assert found == {
        "virtual_address": VIP,
        "virtual_port": 80,
        "real_server": {"address": ADDRESSES["rs1"], "port": 80, "forward": "nat"},
        "label": "rs1, web",
        **page,
        "method": "GET",
        "status": ["200-299"],
    }
    (plain,) = plan("checks", servers=["rs2"])
    assert plain["label"] == "rs2, web"
    assert "type" not in plain


def test_the_port_of_the_check() -> None:
    """Where it is one of the service's it is asked there; otherwise it is only connected to."""
    page = {"type": "https", "port": 443}
    pair = {
        "name": "pair", "fwmark": 5, "addresses": [VIP], "ports": [80, 443],
        "scheduler": "rr", "forward": "nat", "real_servers": [{"host": "rs1"}], "check": page,
    }  # fmt: skip
    (found,) = plan("checks", pair, servers=["rs1"])
    assert (found["virtual_port"], found["type"]) == (443, "https")
    (other,) = plan("checks", {**WEB, "check": {"type": "http", "port": 9200}}, servers=["rs1"])
    assert other["virtual_port"] == 80
    assert "type" not in other


def test_who_is_not_asked_is_told() -> None:
    """Before anything is done."""
    found = update(WEB, {**WEB, "name": "dns", "protocol": "udp", "port": 53}, host="rs1")
    assert found["report"][0].startswith("rs1 is not asked for dns: that cannot be done by TCP")


def test_no_seconds_are_seconds_too() -> None:
    """Zero is no default."""
    found = update(update_wait=0, update_watch=0)
    assert (found["wait"], found["watch"]) == (0, 0)
    assert (update()["wait"], update()["watch"]) == (120, 10)


def test_what_cannot_be_asked() -> None:
    """UDP has no answer of its own; all ports have none that is meant, but for the check's."""
    assert plan("checks", {**WEB, "protocol": "udp"}, servers=["rs1"]) == []
    every = {**WEB, "port": 0, "persistent_timeout": 60}
    assert plan("checks", every, servers=["rs1"]) == []
    (found,) = plan("checks", {**every, "check": {"type": "connect", "port": 443}}, servers=["rs1"])
    assert (found["virtual_port"], found["real_server"]["port"]) == (443, 443)
