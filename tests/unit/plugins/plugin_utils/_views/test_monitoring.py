# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Prometheus finds the directors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.monitoring import scrape_targets
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.plans import PLANS
from described import asked, hostvars


def monitoring(**given: Any) -> Any:
    """What the director is told."""
    return PLANS["monitoring"](asked("director", hostvars(), given))


def test_where_ansible_connects() -> None:
    """By an address or by name, with whose it is."""
    hosts = {
        "d1": {"ansible_host": "192.0.2.1", "lvs_cluster": "shop"},
        "d2": {"ansible_host": "fd00::2"},
        "lb.example.org": {},
    }
    found = scrape_targets([*hosts, "unknown"], hosts, 9100)
    assert [one["targets"] for one in found] == [
        ["192.0.2.1:9100"], ["[fd00::2]:9100"], ["lb.example.org:9100"],
    ]  # fmt: skip
    assert found[0]["labels"] == {"lvs_cluster": "shop", "lvs_director": "d1"}
    assert found[1]["labels"] == {"lvs_cluster": "", "lvs_director": "d2"}


def test_fine(tmp_path: Path) -> None:
    found = monitoring(lvs_monitoring_to=str(tmp_path), lvs_monitoring_port=9200)
    assert (found["problems"], found["to"]) == ([], str(tmp_path))
    assert json.loads(found["targets"])[0]["targets"] == ["director:9200"]
    assert json.loads(monitoring()["targets"])[0]["targets"] == ["director:9100"]


def test_names_stay_names() -> None:
    """With quotes, brackets, a newline: one label each, and no target more."""
    evil = 'a "b"\n\\ </script> {{ 1 }}: ['
    known = {evil: {"ansible_host": "192.0.2.1", "lvs_cluster": evil}}
    written = json.loads(json.dumps(scrape_targets([evil], known, 9100)))
    assert written == [
        {"targets": ["192.0.2.1:9100"], "labels": {"lvs_cluster": evil, "lvs_director": evil}}
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "lvs_monitoring_to is not given; give the folder"),
        ({"lvs_monitoring_to": "/dev/null"}, "lvs_monitoring_to '/dev/null' is no directory"),
        ({"lvs_monitoring_to": "a", "lvs_monitoring_port": 0}, "lvs_monitoring_port 0 is out of"),
    ],
)
def test_what_cannot_be(given: dict[str, Any], told: str) -> None:
    (problem,) = monitoring(**given)["problems"]
    assert problem["message"].startswith(told)
