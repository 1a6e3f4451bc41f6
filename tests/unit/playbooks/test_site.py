# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the cluster: their order keeps clients served, and each of them also runs alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils._unit.host import SIGNS

PLAYBOOKS = Path(__file__).parents[3] / "playbooks"
IMPORT = "ansible.builtin.import_playbook"
SITE = [
    "preflight.yml",
    "directors_forward.yml",
    "real_servers.yml",
    "backends.yml",
    "directors_serve.yml",
    "nfs_clients.yml",
    "retire.yml",
]


def plays(name: str) -> list[dict[str, Any]]:
    """Return the plays of a playbook, imports too."""
    return list(yaml.safe_load((PLAYBOOKS / name).read_text()))


def test_order() -> None:
    """Nothing is touched before all is checked, and nothing is let go before nobody sends there."""
    assert [play[IMPORT] for play in plays("site.yml")] == SITE


@pytest.mark.parametrize("name", SITE)
def test_each_runs_alone(name: str) -> None:
    """It gathers what it needs of the whole cluster, and one function tells its hosts."""
    first, *others = plays(name)
    if name == "preflight.yml":
        assert first[IMPORT] == "groups.yml"
        assert others[0]["gather_facts"]
    else:
        assert first[IMPORT] == "facts.yml"
    assert others
    for play in others:
        assert re.search(r"lookup\('lvs.cluster.plan', '(groups|hosts)'\)\.", play["hosts"])
        assert play["any_errors_fatal"]


def parts(play: dict[str, Any]) -> list[str]:
    """What a play takes of which role."""
    found = []
    for task in play["tasks"]:
        role = task.get("ansible.builtin.include_role") or task["ansible.builtin.import_role"]
        name = (
            role["name"].removeprefix("lvs.cluster.").replace("{{ director_manager }}", "checker")
        )
        found.append(f"{name} {role['tasks_from']}")
    return found


def test_directors_serve_one_after_the_other() -> None:
    """Where VRRP has several, the others serve meanwhile."""
    _facts, in_turn, *_others = plays("directors_serve.yml")
    assert in_turn["serial"] == 1
    assert in_turn["hosts"].endswith("directors_in_turn }}")
    told = parts(in_turn)
    assert told[:2] == ["director ask", "bird absent"]
    assert told[-1] == "director retire"


def test_directors_that_announce_have_the_same_table() -> None:
    """Each step of it is over on all before the next; what interrupts comes one by one."""
    _facts, _in_turn, *at_once = plays("directors_serve.yml")
    assert all(play["hosts"].endswith("directors_at_once }}") for play in at_once)
    assert [play.get("serial") for play in at_once] == [None, 1, None]
    table, join, retire = map(parts, at_once)
    assert table == ["director ask", "director table", "checker table"]
    leave, bird = join.index("bird leave"), join.index("bird service")
    assert join.index("director interrupts") < leave < join.index("director service") < bird
    assert leave < join.index("{{ site_checker }} absent")
    assert join.index("bird configure") < join.index("checker present") < bird
    assert retire == ["director retire"]


def test_a_director_joins_last() -> None:
    """BIRD has what it is told by then, and one that is drained does not."""
    path = PLAYBOOKS.parent / "roles" / "bird" / "tasks" / "service.yml"
    tasks = yaml.safe_load(path.read_text())
    names = [task["name"] for task in tasks]
    joins = names.index("Join the others")
    assert names.index("Have BIRD run, by the configuration that there is now") < joins
    assert tasks[joins]["when"] == "not __bird_drained.stat.exists"


def test_the_description_is_looked_at_once() -> None:
    """Not once for each host."""
    (_none, play) = plays("preflight.yml")
    (asks,) = [
        task
        for task in play["tasks"]
        if "'lvs.cluster.plan', 'problems'" in str(task.get("ansible.builtin.set_fact"))
    ]
    assert asks["run_once"]


def test_hosts_that_are_no_directors_are_not_taken_for_some() -> None:
    """By the defaults of a role that is imported, which are there for all hosts of its play."""
    (_none, play) = plays("preflight.yml")
    imported = {task.get("ansible.builtin.import_role", {}).get("name") for task in play["tasks"]}
    assert imported - {None} == {"lvs.cluster._preflight"}


def test_backends_are_refused_in_sentences_of_their_own() -> None:
    """And not by Ansible, which compares variables with a specification before a role's tasks."""
    (_none, play) = plays("preflight.yml")
    roles = [task.get("ansible.builtin.include_role", {}) for task in play["tasks"]]
    (backends,) = [role for role in roles if role.get("name") == "lvs.cluster.{{ site_role }}"]
    assert backends["rolespec_validate"] is False


@pytest.mark.parametrize("name", ["keepalived", "ldirectord"])
def test_health_checker_is_known_from_its_first_file_to_its_last(name: str) -> None:
    """What was there before is kept first and given up last, and by that it is found."""
    roles = PLAYBOOKS.parent / "roles"
    plan, first, *_ = yaml.safe_load((roles / name / "tasks/configure.yml").read_text())
    assert plan["name"] == "Plan"
    assert first["ansible.builtin.include_role"]["tasks_from"] == "claim"
    *_, last, kept_beside = yaml.safe_load((roles / "_health_checker/tasks/absent.yml").read_text())
    # Alone it means nothing to the next run.
    assert kept_beside["ansible.builtin.file"]["path"].endswith(".kept")
    path = last["ansible.builtin.file"]["path"]
    variables = yaml.safe_load((roles / name / "vars/main.yml").read_text())
    conf = variables.get("__keepalived_conf") or variables["__ldirectord_cf"]
    assert path == "{{ health_checker_conf }}.before-lvs-cluster"
    kept = path.replace("{{ health_checker_conf }}", conf)
    assert kept.lstrip("/") in SIGNS[name]


def test_addresses_are_known_while_keepalived_has_not_read_its_configuration() -> None:
    """Those of before too: it gives them until then."""
    path = PLAYBOOKS.parent / "roles" / "keepalived" / "tasks" / "configure.yml"
    tasks = yaml.safe_load(path.read_text())
    parts = [task.get("ansible.builtin.include_role", {}).get("tasks_from") for task in tasks]
    reads = parts.index("configure")
    before, after = (
        [
            task["ansible.builtin.copy"]["content"]
            for task in some
            if "__keepalived_addresses" in str(task.get("ansible.builtin.copy"))
        ]
        for some in (tasks[:reads], tasks[reads:])
    )
    assert len(before) == len(after) == 1
    assert "__keepalived_given_up" in before[0]
    assert "__keepalived_given_up" not in after[0]


def test_keepalived_ends_in_good_order_after_it_was_not_left() -> None:
    """What absent writes first lasts until the next boot; configure takes it back."""
    tasks = PLAYBOOKS.parent / "roles" / "keepalived" / "tasks"
    written, removed = (
        [task for task in yaml.safe_load((tasks / f"{part}.yml").read_text()) if part_of in task]
        for part, part_of in (
            ("absent", "ansible.builtin.template"),
            ("configure", "ansible.builtin.file"),
        )
    )
    (leave,) = [task["ansible.builtin.template"]["dest"] for task in written]
    assert {"path": leave, "state": "absent"} in [task["ansible.builtin.file"] for task in removed]


def test_no_daemon_of_before_is_started_again() -> None:
    """A unit that starts gives all that is written down, and would give what has been stopped."""
    path = PLAYBOOKS.parent / "roles" / "director" / "tasks" / "service.yml"
    tasks = yaml.safe_load(path.read_text())
    names = [task["name"] for task in tasks]
    stops = names.index("Stop the synchronisation daemons that are no longer declared")
    (starts,) = [n for n, task in enumerate(tasks) if task.get("vars", {}).get("unit_give")]
    assert stops < starts
    assert tasks[starts]["vars"]["unit_lines"]["daemons"] == "{{ __director_plan.daemons }}"
