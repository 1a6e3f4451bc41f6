# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check run of site that tells what it would change by what was written.

Private to the collection: names and behaviour may change in any release.

A playbook has the inventory that it was started with, so the check is a run of its own, started as
this one was: by the same Ansible, with the same inventory beside, and the same way to connect.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .._another_run import ANSIBLE, PLAYBOOKS, asks_for_password, handed_on, inventories

SITE = PLAYBOOKS / "site.yml"
# Warnings may come before it, and what other callbacks say after it.
_JSON = re.compile(r"^\{", re.MULTILINE)
_TAKE_OVER = "director_take_over=true"


class CheckRun(NamedTuple):
    """How it is started: the words of the command, and what a person would write.

    No words where it cannot be, because this run has asked for a password.
    """

    words: list[str]
    by_hand: str

    def as_result(self) -> dict[str, Any]:
        """Return it for the playbook, with the directory that relative paths are meant from."""
        return {**self._asdict(), "chdir": str(Path.cwd())}


def check_run(
    options: Mapping[str, Any],
    sources: Sequence[str],
    folder: str,
    hosts: Sequence[str],
    takes_over: bool,
) -> CheckRun:
    """Return the run that checks what is in a folder.

    C(options) are those of Ansible's command line, C(sources) its inventories. With C(takes_over)
    a health checker has a configuration of others, which the first run replaces.
    """
    given = inventories([*sources, folder])
    more = ["--extra-vars", _TAKE_OVER] if takes_over else []
    by_hand = " ".join(
        ["ansible-playbook"]
        + [f"-i {source}" for source in [*sources, folder]]
        + ["lvs.cluster.site --check --diff"]
        + [f"--limit {','.join(hosts)}"]
        + ([f"-e {_TAKE_OVER}"] if takes_over else [])
    )
    if asks_for_password(options):
        return CheckRun([], by_hand)
    words = [*ANSIBLE, "--check", *given, *handed_on(options)]
    return CheckRun([*words, *more, "--limit", ",".join(hosts), str(SITE)], by_hand)


def told_by(text: str) -> dict[str, Any]:
    """Return what a check run has said, by the callback C(ansible.posix.json).

    C(changes) has the names of tasks for each host, C(problems) what has failed.
    """
    begin = _JSON.search(text)
    try:
        plays = json.JSONDecoder().raw_decode(text[begin.start() :] if begin else "")[0]["plays"]
    except (ValueError, KeyError):
        said = text.strip().splitlines() or ["nothing"]
        return {"changes": {}, "problems": [f"the check run said: {said[-1]}"]}
    changes: dict[str, dict[str, None]] = {}
    problems: dict[str, None] = {}
    for task in (task for play in plays for task in play["tasks"]):
        name = task["task"]["name"]
        for host, result in task["hosts"].items():
            if result.get("failed") or result.get("unreachable"):
                problems[f"{host}, {name}: {result.get('msg') or 'it failed'}"] = None
            elif result.get("changed"):
                changes.setdefault(host, {})[name] = None
    return {"changes": {host: list(names) for host, names in changes.items()},
            "problems": list(problems)}  # fmt: skip


def report(told: Mapping[str, Any], hosts: Sequence[str]) -> list[str]:
    """Return what the check run has found, a sentence for each director."""
    changes: Mapping[str, Sequence[str]] = told["changes"]
    unsure = "" if not told["problems"] else ", as far as it came"
    return [
        f"{host}: lvs.cluster.site would change {_several(changes.get(host, ()))}{unsure}."
        for host in dict.fromkeys([*hosts, *changes])
    ]


def _several(names: Sequence[str]) -> str:
    return f"in {len(names)} tasks: {'; '.join(names)}" if names else "nothing"
