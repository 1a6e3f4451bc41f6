# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of drain and undrain: their order loses nothing, and a run that breaks off goes on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

HOUSE = Path(__file__).parents[3]
ROLE = HOUSE / "roles" / "_drain" / "tasks"


def tasks(name: str) -> list[dict[str, Any]]:
    """The tasks of a part, imports in their place."""
    found: list[dict[str, Any]] = []
    for task in yaml.safe_load((ROLE / f"{name}.yml").read_text()):
        imported = task.get("ansible.builtin.import_tasks")
        found += tasks(imported.removesuffix(".yml")) if imported else [task]
    return found


def modules(name: str) -> list[str]:
    """Which modules they use."""
    keys = [key for task in tasks(name) for key in task if "." in key]
    return [key.rpartition(".")[2] for key in keys]


@pytest.mark.parametrize("part", ["drain", "undrain"])
def test_remembered_before_it_is_done(part: str) -> None:
    """And in the table before a health checker reads what it is told."""
    assert modules(part)[:4] == ["unit", "ipvs_drain", "include_role", "include_role"]


def test_nothing_is_changed_before_all_is_checked() -> None:
    """By what all directors know together."""
    assert not {"unit", "ipvs_drain"} & {*modules("ask")}
    assert modules("ask")[0] == "import_role"


@pytest.mark.parametrize("name", ["drain", "undrain"])
def test_only_directors_are_connected_to(name: str) -> None:
    """A real server that is dead can be drained; and all directors are told in one go."""
    _groups, play = yaml.safe_load((HOUSE / "playbooks" / f"{name}.yml").read_text())
    assert re.search(r"'groups'\)\.directors", play["hosts"])
    assert play["any_errors_fatal"]
    assert "serial" not in play
    assert play["gather_facts"] is False


def test_one_who_does_not_answer_ends_no_play() -> None:
    """With run_once, or where any error is fatal, Ansible ends the play, and says nothing."""
    path = HOUSE / "roles" / "_preflight" / "tasks" / "drained.yml"
    ask, _say = yaml.safe_load(path.read_text())
    assert ask["ignore_unreachable"]
    assert ask["any_errors_fatal"] is False
    assert "run_once" not in ask


def test_who_reboots_ends_no_wait() -> None:
    """It is asked again in each part, and its module may be killed; another error ends all."""
    wait, stop, keep, *_others = tasks("wait")
    assert wait["ignore_unreachable"]
    assert wait["any_errors_fatal"] is False
    assert wait["failed_when"] is False
    assert stop["ansible.builtin.fail"] == {"msg": "{{ __drain_asked.msg }}"}
    assert "any_errors_fatal" not in stop
    assert "'unreachable'" in keep["ansible.builtin.set_fact"]["__drain_waited"]


def test_no_end_that_nobody_has_seen() -> None:
    """It is refused before anything is taken out of a table."""
    names = modules("end")
    assert names.index("assert") < next(n for n, one in enumerate(tasks("end")) if "block" in one)


def test_site_says_it_once() -> None:
    """Which real servers are drained."""
    _groups, play = yaml.safe_load((HOUSE / "playbooks" / "preflight.yml").read_text())
    (says,) = [task for task in play["tasks"] if "'drained'" in str(task.get("when"))]
    assert says["run_once"]


def test_a_director_that_leaves_stays_so() -> None:
    """It is written down before it is done, by which neither site nor a boot brings it back."""
    bird = HOUSE / "roles" / "bird" / "tasks"
    first, then = yaml.safe_load((bird / "drain.yml").read_text())
    assert first["ansible.builtin.copy"]["dest"] == "{{ __bird_left }}"
    assert first["ansible.builtin.copy"]["force"] is False
    assert then["ansible.builtin.import_tasks"] == "leave.yml"
    first, then = yaml.safe_load((bird / "undrain.yml").read_text())
    assert first["ansible.builtin.file"] == {"path": "{{ __bird_left }}", "state": "absent"}
    assert then["ansible.builtin.import_tasks"] == "join.yml"
    unit = bird.parent / "templates/etc/systemd/system/lvs-announce.service.j2"
    assert "ConditionPathExists=!{{ __bird_left }}" in unit.read_text()


@pytest.mark.parametrize("name", ["drain", "undrain"])
def test_directors_without_real_servers(name: str) -> None:
    """Nothing of the table changes then, and each director does what is meant for it."""
    _groups, play = yaml.safe_load((HOUSE / "playbooks" / f"{name}.yml").read_text())
    _ask, *others, last = play["tasks"]
    assert all("__drain_plan.services | length > 0" in task["when"] for task in others)
    assert last["ansible.builtin.include_role"] == {"name": "lvs.cluster.bird", "tasks_from": name}
    assert last["when"] == "inventory_hostname in __drain_plan.directors"
