# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that change the table return: as much as there is to say."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.ipvsadm import print_table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.module import (
    Task,
    result_of,
    server_task,
    service_task,
    table_task,
    texts_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Plan,
    Policy,
    plan_real_server,
    plan_real_server_absent,
    plan_service,
    plan_service_absent,
    plan_table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    parse_real_server,
    parse_service,
    parse_services,
    table_of,
)

SERVERS = [{"address": f"10.0.0.{host}", "weight": host} for host in range(1, 21)]
HAVE = table_of(
    parse_services(
        [
            {"virtual_address": "192.0.2.1", "virtual_port": port, "real_servers": SERVERS}
            for port in range(1, 101)
        ]
    )
)
WEB: dict[str, Any] = {"virtual_address": "192.0.2.1", "virtual_port": 80}
KEY = ("tcp", "192.0.2.1", 80)


def told(task: Task, plan: Plan) -> dict[str, Any]:
    """Return the result, whose diff has to say the same."""
    result = result_of(task, plan, plan.operations)
    assert "diff" not in result
    for name, text in zip(("before", "after"), texts_of(task, plan)):
        shown = result[name] if isinstance(result[name], list) else [result[name]]
        services = parse_services([entry for entry in shown if entry is not None])
        assert print_table(table_of(services)) == text
    return result


def table_result(*services: dict[str, Any], have: Table = HAVE, **policy: Any) -> dict[str, Any]:
    """Return what ipvs_table returns for these services."""
    plan = plan_table(have, parse_services(services), Policy(**policy))
    return told(table_task(lambda _have: plan), plan)


def test_a_table_to_which_nothing_is_done_is_not_told() -> None:
    """However long it is."""
    result = table_result(*HAVE.as_result())
    assert result == {"changed": False, "before": [], "after": [], "operations": []}


def test_what_is_told_of_a_table_is_what_is_touched() -> None:
    """A service of which a real server changes has all of them, so that it can be given again."""
    servers = [*SERVERS[:-1], {**SERVERS[-1], "weight": 99}]
    result = table_result({**WEB, "real_servers": servers})
    (before,), (after,) = result["before"], result["after"]
    assert before == HAVE.only([KEY]).as_result()[0]
    assert [server["weight"] for server in after["real_servers"]] == [*range(1, 20), 99]
    back = table_result(before, have=table_of(parse_services([after])))
    assert back["after"] == [before]


def test_what_comes_and_what_goes_is_told_once() -> None:
    """A service that is added is in one of the two, and one that is deleted in the other."""
    new = {"fwmark": 7, "real_servers": [SERVERS[0]]}
    rest = [entry for entry in HAVE.as_result() if entry["virtual_port"] != 80]
    result = table_result(new, *rest, prune="all")
    assert [entry["virtual_port"] for entry in result["before"]] == [80]
    assert len(result["before"][0]["real_servers"]) == len(SERVERS)
    assert [entry["fwmark"] for entry in result["after"]] == [7]


def test_an_operation_that_somebody_else_did_is_still_told() -> None:
    """Of a plan to delete, the service was there and is not."""
    plan = plan_table(HAVE, (), Policy(prune="all"))
    result = result_of(table_task(lambda _have: plan), plan, ())
    assert (result["changed"], result["operations"]) == (False, [])
    assert len(result["before"]) == 100
    assert result["after"] == []


@pytest.mark.parametrize("scheduler", ["wlc", "rr"])
def test_a_service_is_told_without_what_is_left_alone(scheduler: str) -> None:
    """It is told whether it changes or not; its real servers stay in any case."""
    plan = plan_service(HAVE, parse_service({**WEB, "scheduler": scheduler}))
    result = told(service_task(KEY, lambda _have: plan, deletes=False), plan)
    assert result["before"]["scheduler"] == "wlc"
    assert result["after"]["scheduler"] == scheduler
    assert "real_servers" not in {**result["before"], **result["after"]}


def test_a_service_that_goes_is_told_with_its_real_servers() -> None:
    """They go with it."""
    plan = plan_service_absent(HAVE, KEY)
    result = told(service_task(KEY, lambda _have: plan, deletes=True), plan)
    assert [server["weight"] for server in result["before"]["real_servers"]] == [*range(1, 21)]
    assert result["after"] is None


@pytest.mark.parametrize("deletes", [False, True])
def test_a_service_that_there_is_not_is_null(deletes: bool) -> None:
    """Before and after, in either state."""
    plan = plan_service_absent(Table(), KEY)
    result = told(service_task(KEY, lambda _have: plan, deletes=deletes), plan)
    assert (result["before"], result["after"]) == (None, None)


@pytest.mark.parametrize("weight", [5, 6])
def test_a_real_server_is_told_alone(weight: int) -> None:
    """Its service has others, which may be thousands with a task each."""
    wanted = parse_real_server({"address": "10.0.0.5", "weight": weight}, KEY)
    plan = plan_real_server(HAVE, KEY, wanted)
    result = told(server_task(KEY, wanted.key, lambda _have: plan), plan)
    assert [s["weight"] for s in result["before"]["real_servers"]] == [5]
    assert [s["weight"] for s in result["after"]["real_servers"]] == [weight]
    assert result["after"]["scheduler"] == "wlc"


def test_a_real_server_comes_and_goes() -> None:
    """The service is told without it, before and after."""
    wanted = parse_real_server({"address": "10.0.0.99"}, KEY)
    plan = plan_real_server(HAVE, KEY, wanted)
    came = told(server_task(KEY, wanted.key, lambda _have: plan), plan)
    plan = plan_real_server_absent(plan.after, KEY, wanted.key)
    gone = told(server_task(KEY, wanted.key, lambda _have: plan), plan)
    assert came["before"]["real_servers"] == gone["after"]["real_servers"] == []
    assert came["after"] == gone["before"]


def test_a_real_server_of_no_service() -> None:
    """There is nothing to tell."""
    plan = plan_real_server_absent(Table(), KEY, ("10.0.0.1", 80))
    result = told(server_task(KEY, ("10.0.0.1", 80), lambda _have: plan), plan)
    assert (result["before"], result["after"]) == (None, None)
