"""Whole runs of ansible-playbook that have one task, `ipvs_table`, side by side.

The table is given as people give it: `services` in YAML, as one of the play's `vars_files` and in
`group_vars`, as they are and by the filter `to_ipvsadm`; `rules` in a file next to the playbook,
`src` in a file on the target.
"""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml
from node import INVENTORY, NODE

from lvs_bench import from_controller, tables
from lvs_bench.builds import Build
from lvs_bench.runs import FIRST, RIVALS, UNCHANGED, WEIGHT, Seconds, Stopwatch
from lvs_bench.target import WORK, on_node

WHICH = {"wanted": False, "changed": True}
STEPS = ((FIRST, "wanted"), (UNCHANGED, "wanted"), (WEIGHT, "changed"))
RECAP = re.compile(r"changed=(\d+)")


@dataclass(frozen=True)
class Form:
    """How a table is given: the option of the task, and where the variables are that it names."""

    given: str
    variables: str | None = None


FORMS = {
    "services": Form("services: '{{{{ bench_services }}}}'", "vars_files/services.yml"),
    "services of group_vars": Form("services: '{{{{ bench_services }}}}'", "group_vars/all.yml"),
    "services by to_ipvsadm": Form(
        "rules: '{{{{ bench_services | lvs.cluster.to_ipvsadm }}}}'", "group_vars/all.yml"
    ),
    "rules": Form('rules: \'{{{{ lookup("ansible.builtin.file", "table.rules") }}}}\''),
    "src": Form("src: {work}/{which}.rules"),
}

PLAYBOOK = """
- name: Hold the table
  hosts: {node}
  gather_facts: false
  vars_files: {files}
  tasks:
    - name: Hold the table
      lvs.cluster.ipvs_table:
        {given}
        prune: all
"""

PING = f"""
- name: Ping
  hosts: {NODE}
  gather_facts: false
  tasks:
    - name: Ping
      ansible.builtin.ping:
"""


def of_playbooks(size: int, runs: int, builds: list[Build]) -> Seconds:
    """Return the seconds of each, who take turns, after a turn that does not count."""
    from_controller.prepare()
    watch = Stopwatch()
    with tempfile.TemporaryDirectory(prefix="lvs-bench-") as directory:
        there = Path(directory)
        _write(there, size)
        for run in range(runs + 1):
            watch.counts = run > 0
            _turn(there, builds, watch)
    return watch.seconds


def _write(there: Path, size: int) -> None:
    (there / "ping.yml").write_text(PING)
    for which, changed in WHICH.items():
        rules = tables.as_rules(size, changed=changed)
        on_node("tee", f"{WORK}/{which}.rules", given=rules.encode())
        variables = {"bench_services": tables.as_services(size, changed=changed)}
        for name, form in FORMS.items():
            directory = there / which / name
            directory.mkdir(parents=True)
            (directory / "table.rules").write_text(rules)
            if form.variables:
                (directory / form.variables).parent.mkdir()
                (directory / form.variables).write_text(yaml.safe_dump(variables))
            files = [str(path) for path in directory.glob("vars_files/*")]
            given = form.given.format(which=which, work=WORK)
            (directory / "playbook.yml").write_text(
                PLAYBOOK.format(node=NODE, files=files, given=given)
            )


def _turn(there: Path, builds: list[Build], watch: Stopwatch) -> None:
    from_controller.fresh()
    watch.time(RIVALS, "ping", lambda: play(builds[0], there / "ping.yml"))
    wanted = there / "wanted" / "rules" / "table.rules"
    restore = partial(from_controller.restore_by_ssh, wanted)
    watch.time(RIVALS, f"ssh ipvsadm -R, {FIRST}", restore)
    from_controller.check(wanted.read_text(), "ssh ipvsadm -R")
    for build in builds:
        for form in FORMS:
            from_controller.fresh()
            for what, which in STEPS:
                directory = there / which / form
                expected = "0" if what == UNCHANGED else "1"
                run = partial(play, build, directory / "playbook.yml", changes=expected)
                watch.time(build.name, f"{form}, {what}", run)
                name = f"{build.name}, {form}, {what}"
                from_controller.check((directory / "table.rules").read_text(), name)


def play(build: Build, playbook: Path, *, changes: str = "0") -> None:
    """Run a playbook in the newest network namespace; it has to change so many things."""
    told = build.play(
        "--inventory", INVENTORY, "--extra-vars",
        f"ansible_python_interpreter={from_controller.PYTHON}", playbook,
    )  # fmt: skip
    assert RECAP.findall(told) == [changes], told
