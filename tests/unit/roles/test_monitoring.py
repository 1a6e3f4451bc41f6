# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alert rules and dashboard ask for metrics that there are, by labels that these have.

What fires when is in alerts/, for promtool; a scenario has it run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.lvs.cluster.plugins.module_utils._metrics.declared import read_declared
from ansible_collections.lvs.cluster.plugins.module_utils._metrics.exposition import (
    PARTS,
    SERVICE_COUNTERS,
    Host,
    exposition,
    sampling,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.metrics import declared_text
from described import VIP, cluster, service

HOUSE = Path(__file__).parents[3]
FILES = HOUSE / "roles" / "_monitoring" / "files"
RULES = yaml.safe_load((FILES / "lvs-alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((FILES / "lvs-dashboard.json").read_text())
TESTS = [
    one
    for path in sorted(Path(__file__).with_name("alerts").glob("*.test.yml"))
    for one in yaml.safe_load(path.read_text())["tests"]
]
# Those of the targets, and what Prometheus itself gives.
LABELS = {"lvs_cluster", "lvs_director", "instance"}


def told() -> dict[str, set[str]]:
    """Each metric that a director has, and its labels."""
    found = cluster(service(sorry_server={"address": "127.0.0.1"}))
    declared = read_declared(declared_text(found, found.hosts["director"], [{"role": "master"}]))
    (one,) = found.services
    counters = dict.fromkeys(SERVICE_COUNTERS, 0)
    servers = [(member.server, 0, 0, 0, 0) for member in one.members]
    host = Host(1.0, frozenset([VIP]), frozenset(), frozenset(PARTS), 1.0)
    table = dict([sampling(declared)(one.service, counters, servers)])
    text = "".join(exposition(declared, table, host))
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    return {re.split(r"[{ ]", line)[0]: set(re.findall(r"(\w+)=\"", line)) for line in samples}


METRICS = told()


def asked(expression: str) -> Iterator[tuple[str, set[str]]]:
    """The metrics of an expression, and the labels by which it asks for each."""
    for name, selected in re.findall(r"\b(lvs_\w+|up)\b(?:\{([^}]*)\})?", expression):
        if name not in LABELS:
            yield name, set(re.findall(r"(\w+)=", selected))


def grouping(expression: str) -> set[str]:
    """The labels by which an expression groups or matches."""
    lists = re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)
    return {label.strip() for some in lists for label in some.split(",")}


def check(expression: str) -> None:
    """Each metric is there, with its labels."""
    names = [name for name, _labels in asked(expression)]
    assert names, expression
    known: set[str] = set(LABELS)
    for name, labels in asked(expression):
        own = set() if name == "up" else METRICS[name]
        known |= own
        assert labels <= own | LABELS, (expression, labels)
    assert grouping(expression) <= known, expression


def test_rules_ask_for_what_there_is() -> None:
    for rule in RULES:
        check(rule["expr"])
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        used = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        carried = LABELS.union(*(METRICS.get(name, set()) for name, _own in asked(rule["expr"])))
        assert used <= carried, rule["alert"]


def test_each_rule_has_its_test_and_its_row() -> None:
    """One in which it fires, and one in which it must not."""
    page = (HOUSE / "docs" / "observe.md").read_text()
    tests = [one for some in TESTS for one in some["alert_rule_test"]]
    for rule in RULES:
        name = rule["alert"]
        fires = {bool(one["exp_alerts"]) for one in tests if one["alertname"] == name}
        assert True in fires, name
        assert False in fires or name == "LvsMetricsOld", name
        assert f"| `{name}` |" in page


def test_dashboard_asks_for_what_there_is() -> None:
    expressions = [one["expr"] for panel in DASHBOARD["panels"] for one in panel["targets"]]
    assert len(expressions) > 10
    for expression in expressions:
        check(expression.replace("[$__rate_interval]", ""))


def test_dashboard_takes_names_as_they_are() -> None:
    """What is chosen of many values Grafana escapes as a pattern: it is asked for as one."""
    variables = [one for one in DASHBOARD["templating"]["list"] if one["type"] == "query"]
    assert [(one["multi"], one["includeAll"]) for one in variables] == [(True, True)] * 2
    names = "|".join(one["name"] for one in variables)
    asked_for = [one["query"]["query"] for one in variables]
    asked_for += [one["expr"] for panel in DASHBOARD["panels"] for one in panel["targets"]]
    for text in asked_for:
        left = re.sub(rf'\b\w+=~"\$({names})"', "", text)
        assert "$" not in left.replace("$__rate_interval", ""), text


def test_panels_do_not_overlap() -> None:
    places: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at: dict[str, Any] = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not places & cells, panel["title"]
        assert at["x"] + at["w"] <= 24
        places |= cells


def test_every_metric_is_documented() -> None:
    page = (HOUSE / "docs" / "observe.md").read_text()
    for name in METRICS:
        assert f"`{name}`" in page, name
