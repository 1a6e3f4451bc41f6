# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a teardown: nothing goes that a later one needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

HOUSE = Path(__file__).parents[3]
BACKENDS = ("lamp_db", "lamp_web", "nfs_client", "nfs_server", "php_app")


def roles(play: dict[str, Any]) -> list[str]:
    """What a play has hosts leave, and by which part."""
    named = (
        task.get("ansible.builtin.include_role") or task.get("ansible.builtin.import_role")
        for task in play["tasks"]
    )
    return [f"{one['name'].rpartition('.')[2]} {one['tasks_from']}" for one in named if one]


def test_the_order() -> None:
    """That of site.yml, from the end to the beginning."""
    book = yaml.safe_load((HOUSE / "playbooks" / "teardown.yml").read_text())
    _groups, _facts, asks, clients, serve, applications, databases, exports, servers, forward = book
    assert roles(asks) == ["lamp_db preflight"]
    assert roles(clients) == ["nfs_client absent"]
    assert roles(serve)[:2] == ["director ask", "bird absent"]
    assert roles(serve)[-1] == "director stop"
    (leave,) = applications["tasks"]
    assert [one[0] for one in leave["loop"]] == ["php_app", "lamp_web", "nfs_client"]
    assert roles(databases) == ["lamp_db absent"]
    assert roles(exports) == ["nfs_server absent"]
    assert "real_server" in servers["tasks"][0]["loop"]
    assert roles(forward) == ["director absent"]
    assert all(play["any_errors_fatal"] for play in book[2:])


@pytest.mark.parametrize("role", BACKENDS)
def test_what_was_before_is_known_until_the_end(role: str) -> None:
    """Written down before anything is installed, and forgotten when all is given back."""
    tasks = HOUSE / "roles" / role / "tasks"
    first = yaml.safe_load((tasks / "absent.yml").read_text())[0]
    last = yaml.safe_load((tasks / "absent.yml").read_text())[-1]
    assert first["lvs.cluster.host_before"].get("state") is None
    assert last["lvs.cluster.host_before"] == {"role": role, "state": "absent"}
    if role != "php_app":  # nothing of it runs
        names = [list(task)[1] for task in yaml.safe_load((tasks / "install.yml").read_text())]
        assert names.index("lvs.cluster.host_before") < names.index("ansible.builtin.package")


def test_a_health_checker_that_is_gone_is_forgotten() -> None:
    """When its unit is what it was, before the file by which the next run knows of the role."""
    tasks = HOUSE / "roles" / "_health_checker" / "tasks"
    *_others, goes_on, forget, claimed, _kept = yaml.safe_load((tasks / "absent.yml").read_text())
    assert goes_on["ansible.builtin.systemd_service"]["state"] == "started"
    record = {"role": "{{ health_checker_name }}", "state": "given_back"}
    assert forget["lvs.cluster.host_before"] == record
    assert claimed["ansible.builtin.file"]["path"].endswith(".before-lvs-cluster")
