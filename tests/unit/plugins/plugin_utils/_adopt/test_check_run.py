# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the check run is started, and what is made of what it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.check_run import (
    SITE,
    check_run,
    report,
    told_by,
)

OPTIONS: dict[str, Any] = {
    "remote_user": "admin",
    "become": True,
    "vault_ids": ["shop@secret"],
    "extra_vars": ("lvs_adopt_to=shop", "@more.yml"),
    "inventory": ["lb.yml"],
    "ask_pass": False,
}


class TestStart:
    """As this run was."""

    def test_what_is_handed_on(self) -> None:
        run = check_run(OPTIONS, ["/a/lb.yml", "lb2,"], "/a/shop", ["lb1", "lb2"], False)
        words = " ".join(run.words[1:])
        assert words == (
            "-m ansible playbook --check --inventory /a/lb.yml --inventory lb2,"
            " --inventory /a/shop --user admin --vault-id shop@secret"
            " --extra-vars lvs_adopt_to=shop --extra-vars @more.yml --become"
            f" --limit lb1,lb2 {SITE}"
        )
        assert SITE.is_file()
        assert run.by_hand == (
            "ansible-playbook -i /a/lb.yml -i lb2, -i /a/shop lvs.cluster.site --check --diff"
            " --limit lb1,lb2"
        )

    def test_a_configuration_of_others(self) -> None:
        run = check_run({}, ["lb1,"], "/a/shop", ["lb1"], True)
        assert run.words[-5:-3] == ["--extra-vars", "director_take_over=true"]
        assert run.by_hand.endswith(" -e director_take_over=true")

    @pytest.mark.parametrize("name", ["ask_pass", "become_ask_pass", "ask_vault_pass"])
    def test_a_password_that_was_typed(self, name: str) -> None:
        assert check_run({name: True}, ["lb1,"], "/a/shop", ["lb1"], False).words == []


def said(**results: dict[str, Any]) -> str:
    """What a run says of a task on hosts."""
    tasks = [{"task": {"name": "Write the table"}, "hosts": results}]
    told = json.dumps({"plays": [{"tasks": tasks * 2}], "stats": {}})
    return f"[WARNING]: about {{it}}\n{told}\nPlaybook run took 3 seconds\n"


class TestEnd:
    """Names of tasks, a host each."""

    def test_changes(self) -> None:
        told = told_by(said(lb1={"changed": True}, lb2={"changed": False}))
        assert told == {"changes": {"lb1": ["Write the table"]}, "problems": []}
        assert report(told, ["lb1", "lb2"]) == [
            "lb1: lvs.cluster.site would change in 1 tasks: Write the table.",
            "lb2: lvs.cluster.site would change nothing.",
        ]

    def test_failures(self) -> None:
        told = told_by(said(lb1={"failed": True, "msg": "no"}, lb2={"unreachable": True}))
        assert told["problems"] == ["lb1, Write the table: no", "lb2, Write the table: it failed"]
        assert report(told, ["lb1"]) == [
            "lb1: lvs.cluster.site would change nothing, as far as it came."
        ]

    @pytest.mark.parametrize("text", ["", "ERROR! no such file\n", "{}", "{a"])
    def test_one_that_says_something_else(self, text: str) -> None:
        (problem,) = told_by(text)["problems"]
        assert problem.startswith("the check run said: ")
