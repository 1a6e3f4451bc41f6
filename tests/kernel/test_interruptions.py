# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed, and runs that meet: the table is never worse than before or after."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from node import ON_NODE, Node, as_sent
from witness import Ipvs

ROUNDS = 5
SERVICES = 40


def _server(number: int, weight: int) -> dict[str, Any]:
    return {"address": f"192.168.137.{number}", "weight": weight}


def _service(number: int, *servers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "virtual_address": "192.168.0.111",
        "virtual_port": number,
        "scheduler": "wrr",
        "real_servers": list(servers),
        **fields,
    }


BEFORE = [
    # All servers are exchanged for others.
    *(_service(port, _server(1, 1), _server(2, 1)) for port in (81, 82, 83, 84)),
    # The weight moves from one to the other, either way.
    _service(85, _server(1, 5), _server(2, 0)),
    _service(86, _server(1, 0), _server(2, 5)),
    # One of two goes, one comes, one stays.
    *(_service(port, _server(1, 1), _server(2, 1)) for port in (87, 88)),
    # The service itself is edited.
    _service(89, _server(1, 1), scheduler="rr"),
    # A mark, and another family.
    {"fwmark": 7, "scheduler": "rr", "real_servers": [{"address": "192.168.137.1"}]},
    {
        "virtual_address": "fd00:0:0:1::111",
        "virtual_port": 80,
        "real_servers": [{"address": "fd00:0:0:2::1"}],
    },
    # It goes, with its server.
    _service(90, _server(1, 1)),
]
AFTER = [
    *(_service(port, _server(3, 1), _server(4, 1)) for port in (81, 82, 83, 84)),
    _service(85, _server(1, 0), _server(2, 5)),
    _service(86, _server(1, 5), _server(2, 0)),
    *(_service(port, _server(2, 1), _server(3, 1)) for port in (87, 88)),
    _service(89, _server(1, 1), scheduler="sh", persistent_timeout=60),
    {"fwmark": 7, "scheduler": "rr", "real_servers": [{"address": "192.168.137.3"}]},
    {
        "virtual_address": "fd00:0:0:1::111",
        "virtual_port": 80,
        "real_servers": [{"address": "fd00:0:0:2::3"}],
    },
    # It comes, with its server.
    _service(91, _server(1, 1)),
]


def working(rules: list[str]) -> dict[str, set[str]]:
    """Return each service's servers that get connections, from ipvsadm's rules."""
    found: dict[str, set[str]] = {}
    for rule in rules:
        words = rule.split()
        service = " ".join(words[1:3])
        found.setdefault(service, set())
        if words[0] == "-a" and words[words.index("-w") + 1] != "0":
            found[service].add(words[words.index("-r") + 1])
    return found


def _table(services: list[dict[str, Any]]) -> dict[str, Any]:
    return {"services": services, "prune": "all"}


def test_killed_at_every_write(ipvs: Ipvs, node: Node) -> None:
    """The next run converges, and no service that works before and after stood without a server."""
    plan = []
    for services in (BEFORE, AFTER):
        plan = ipvs.run("ipvs_table", **_table(services))["operations"]
        if services is BEFORE:
            before = ipvs.rules()
    after = ipvs.rules()
    assert len(plan) >= 30
    served = {s for s, servers in working(before).items() if servers} & {
        s for s, servers in working(after).items() if servers
    }
    assert len(served) == 11
    for writes in range(len(plan)):
        node.command("ipvsadm", "-C")
        ipvs.add(*before)
        done = node.killed_module("ipvs_table", _table(AFTER), writes=writes)
        assert done.rc == -signal.SIGKILL, done
        now = working(ipvs.rules())
        assert [s for s in served if not now[s]] == [], f"after {writes} writes"
        result = ipvs.run("ipvs_table", **_table(AFTER))
        assert len(result["operations"]) == len(plan) - writes
        assert ipvs.rules() == after


def _together(node: Node, *tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run ipvs_table with each of the tables, all at once, and return the results."""
    start = []
    for number, services in enumerate(tables):
        arguments = json.dumps(as_sent(_table(services), check=False))
        node.command("tee", f"{ON_NODE}/{number}.json", text=arguments)
        run = f"python3 {ON_NODE}/agent.py ipvs_table < {ON_NODE}/{number}.json"
        start.append(f"{run} > {ON_NODE}/{number}.out &")
    node.command("sh", "-c", " ".join([*start, "wait"]))
    return [
        json.loads(node.command("cat", f"{ON_NODE}/{number}.out")) for number in range(len(tables))
    ]


def test_two_runs_at_once(ipvs: Ipvs, node: Node) -> None:
    """Both end well, one after the other: the table is what one of the two wanted, whole."""
    tables = [
        [
            _service(81 + number, _server(first, 1), _server(first + 1, 2))
            for number in range(SERVICES)
        ]
        for first in (1, 11)
    ]
    wanted = []
    for table in tables:
        ipvs.run("ipvs_table", **_table(table))
        wanted.append(ipvs.rules())
    for _round in range(ROUNDS):
        node.command("ipvsadm", "-C")
        results = _together(node, *tables)
        assert [result.get("failed", False) for result in results] == [False, False], results
        assert ipvs.rules() in wanted
        # The second saw what the first had done.
        first, second = sorted(results, key=lambda result: len(result["before"]))
        assert first["before"] == []
        assert second["before"] == first["after"]


@pytest.fixture
def holder(ipvs: Ipvs, node: Node) -> Iterator[str]:
    """Have somebody hold the table; gives the command that ends it."""
    hold = "flock --exclusive --no-fork /proc/self/ns/net sleep infinity"
    node.command("sh", "-c", f"{hold} > /dev/null 2>&1 & echo $! > {ON_NODE}/holder")
    ipvs.wait_for(lambda: node.try_command("flock", "-n", "/proc/self/ns/net", "true").rc != 0)
    end = f"kill -KILL $(cat {ON_NODE}/holder)"
    yield end
    node.try_command("sh", "-c", end)


def test_a_table_that_somebody_else_holds(ipvs: Ipvs, node: Node, holder: str) -> None:
    """A run waits for the one before it, and goes on when that has ended, however it ends."""
    check = ipvs.run("ipvs_table", check=True, **_table(AFTER))
    assert check["changed"] is True
    arguments = json.dumps(as_sent(_table(AFTER), check=False))
    node.command("tee", f"{ON_NODE}/0.json", text=arguments)
    run = f"python3 {ON_NODE}/agent.py ipvs_table < {ON_NODE}/0.json"
    node.command("sh", "-c", f"{run} > {ON_NODE}/0.out 2>&1 & echo $! > {ON_NODE}/waiter")
    waits = f"readlink /proc/$(cat {ON_NODE}/waiter)/fd/* | grep -q '^net:'"
    ipvs.wait_for(lambda: node.try_command("sh", "-c", waits).rc == 0)
    assert ipvs.rules() == []
    node.command("sh", "-c", holder)
    ended = f"! kill -0 $(cat {ON_NODE}/waiter) 2>/dev/null"
    ipvs.wait_for(lambda: node.try_command("sh", "-c", ended).rc == 0)
    assert json.loads(node.command("cat", f"{ON_NODE}/0.out"))["changed"] is True
    assert len(working(ipvs.rules())) == len(AFTER)
