# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of the playbooks as Ansible finds them, by the names that an inventory has for them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HOUSE = Path(__file__).parents[3]
PLAYBOOKS = HOUSE / "playbooks"
IMPORT = "ansible.builtin.import_playbook"
PARTS = ["preflight", "directors_forward", "real_servers", "backends", "nfs_clients", "verify"]

INVENTORY = {
    "printer": ["printer"],
    "lb": ["d1", "d2"],
    # A name of ours, for something else.
    "web_servers": ["r1", "r2"],
    "mounting": ["r2", "c1"],
    "testers": ["c1"],
    "sql": [],
}
NAMES = {
    "directors": "lb",
    "real_servers": "web_servers",
    "web_servers": "",
    "nfs_clients": "mounting",
    "databases": "sql",
    "clients": "testers",
}
HERE = {"name": "Here", "ansible.builtin.debug": {"msg": ""}}
CLUSTER = {"d1", "d2", "r1", "r2", "c1"}
HOSTS = {
    "Look at all hosts": CLUSTER,
    "Directors forward": {"d1", "d2"},
    "Real servers can be reached, and reach the outside": {"r1", "r2"},
    "Applications answer": {"r2"},
    "The other NFS clients mount": {"c1"},
    "Ask the services as a client does": {"c1"},
}


def inventory(folder: Path, names: dict[str, str] | None) -> Path:
    """Write one, with names of groups for all of its hosts, or without."""
    children = {
        group: {"hosts": {name: {"ansible_connection": "local"} for name in members}}
        for group, members in INVENTORY.items()
    }
    folder.joinpath("hosts.yml").write_text(yaml.safe_dump({"all": {"children": children}}))
    if names:
        folder.joinpath("group_vars").mkdir()
        known = yaml.safe_dump({"lvs_groups": names})
        folder.joinpath("group_vars/all.yml").write_text(known)
    return folder / "hosts.yml"


def run(playbook: Path, *words: str | Path) -> tuple[int, dict[str, Any]]:
    """Run a playbook, and return its status and what it did."""
    done = subprocess.run(
        ["ansible-playbook", *words, playbook],
        env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout)


def plays(name: str) -> Iterator[dict[str, Any]]:
    """Give the plays of a playbook and of those that it imports, as they are written."""
    for play in yaml.safe_load((PLAYBOOKS / name).read_text()):
        if IMPORT in play:
            vars_ = play.get("vars", {})
            yield from ({**each, "vars": vars_} for each in plays(play[IMPORT]))
        else:
            yield play


def finding(folder: Path, *names: str) -> Path:
    """Write a playbook that finds the hosts of others, and does nothing else there."""
    found = []
    for play in (play for name in names for play in plays(f"{name}.yml")):
        own = {key: play[key] for key in ("name", "hosts", "vars") if key in play}
        looks = [task for task in play["tasks"] if kept(task) in ("groups", "end_host")]
        tasks = looks if play["name"].startswith("Look which") else [*looks, HERE]
        found.append(own | {"gather_facts": False, "any_errors_fatal": True, "tasks": tasks})
    path = folder / "finding.yml"
    path.write_text(yaml.safe_dump(found))
    return path


def kept(task: dict[str, Any]) -> Any:
    """Return what says which hosts go on: a part of the preflight, or a word for the play."""
    role = task.get("ansible.builtin.import_role") or {}
    return role.get("tasks_from") or task.get("ansible.builtin.meta")


def here(done: dict[str, Any]) -> dict[str, set[str]]:
    """Return the hosts of each play that has some."""
    return {
        play["play"]["name"]: set(task["hosts"])
        for play in done["plays"]
        for task in play["tasks"]
        if task["task"]["name"] == "Here"
    }


@pytest.mark.parametrize("how", ["group_vars", "-e"])
def test_names_of_the_inventory(tmp_path: Path, how: str) -> None:
    """They are found before the first play that hangs on them, whoever says them."""
    hosts = inventory(tmp_path, NAMES if how == "group_vars" else None)
    words = [] if how == "group_vars" else ["-e", json.dumps({"lvs_groups": NAMES})]
    status, done = run(finding(tmp_path, *PARTS), "-i", hosts, *words)
    assert status == 0, done
    found = here(done)
    assert found.pop("Gather facts where there are none") == CLUSTER
    assert found == HOSTS


def test_limit(tmp_path: Path) -> None:
    """It goes on holding, whether the first host is among them or not; verify asks from others."""
    hosts = inventory(tmp_path, NAMES)
    parts = [part for part in PARTS if part != "verify"]
    status, done = run(finding(tmp_path, *parts), "-i", hosts, "--limit", "r2,d2,!printer")
    assert status == 0, done
    limited = {play: found & {"r2", "d2"} for play, found in HOSTS.items()}
    assert here(done).items() >= {play: found for play, found in limited.items() if found}.items()
    assert set.union(*here(done).values()) == {"r2", "d2"}


def test_a_part_alone(tmp_path: Path) -> None:
    """Nothing has told it the names before, and it goes on with the hosts of the cluster alone."""
    status, done = run(finding(tmp_path, "directors_forward"), "-i", inventory(tmp_path, NAMES))
    assert status == 0, done
    assert here(done) == {
        "Gather facts where there are none": CLUSTER,
        "Directors forward": {"d1", "d2"},
    }


@pytest.mark.parametrize(
    ("playbook", "hosts", "names", "told"),
    [
        ("site", "printer,", {}, "inventory: none of the groups directors, real_servers, nfs_serv"),
        ("directors_serve", "/dev/null", {}, "inventory: none of the groups directors, real_serve"),
        ("verify", "printer,", {}, "inventory: the group clients has no host; put hosts into it,"),
        ("retire", "printer,", {"director": "lb"}, "inventory: lvs_groups.director is not a field"),
    ],
)
def test_what_is_refused(playbook: str, hosts: str, names: dict[str, str], told: str) -> None:
    """By the first task, in a sentence; not by plays that find no hosts."""
    words = ["-i", hosts, "-c", "local", "-e", json.dumps({"lvs_groups": names})]
    status, done = run(PLAYBOOKS / f"{playbook}.yml", *words)
    assert status == 2
    ((task,),) = [play["tasks"] for play in done["plays"]]
    (found,) = task["hosts"].values()
    assert found["msg"].startswith(told)


def test_no_name_is_fixed() -> None:
    """Nobody but the lookup asks for a group of the inventory."""
    files = [*PLAYBOOKS.glob("*.yml"), *HOUSE.glob("roles/*/*/*.yml"), *HOUSE.glob("roles/**/*.j2")]
    assert len(files) > 100
    fixed = re.compile(r"\bgroups(\[(?!'all'\])|\.(?!yml))|\bgroup_names\b")
    for path in files:
        assert not fixed.search(path.read_text()), path
    for play in (play for path in PLAYBOOKS.glob("*.yml") for play in plays(path.name)):
        assert "lookup('lvs.cluster.plan', " in play["hosts"] or "groups['all']" in play["hosts"]
