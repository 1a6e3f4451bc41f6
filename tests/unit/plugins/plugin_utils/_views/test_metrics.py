# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director's metrics are compared with. That it is read back is in test_declared."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._views.metrics import declared_text
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.plans import PLANS
from described import asked, cluster, hostvars, service


def test_a_line_for_each_service() -> None:
    """So a diff shows which one is another."""
    found = cluster(service(), service(port=81))
    header, head, *services, end = declared_text(found, found.hosts["director"], []).splitlines()
    # A text that begins like data would be made data of, by older Ansible.
    assert header.startswith("# Managed by Ansible")
    assert json.loads(f"{head}]}}")["services"] == []
    assert [json.loads(line.rstrip(","))["name"] for line in services] == ["web", "web 2"]
    assert end == "]}"


def test_only_where_they_are_wanted() -> None:
    """Without a directory there are none."""
    known: dict[str, Any] = {"lvs_virtual_services": [service()]}
    hosts = hostvars()
    assert PLANS["director"](asked("director", hosts, known))["metrics"] == ""
    known |= {"director_metrics_directory": "/var/lib/prometheus/node-exporter"}
    assert '"name": "web"' in PLANS["director"](asked("director", hosts, known))["metrics"]
