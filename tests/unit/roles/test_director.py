# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role director makes of what the host has told."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLE = Path(__file__).parents[3] / "roles" / "director"
VARIABLES = ROLE / "vars" / "main.yml"
OPTIONS = "etc/modprobe.d/lvs-cluster.conf.j2"


@pytest.mark.parametrize(
    ("told", "modules"),
    [
        (["ip_vs_rr.ko", "ip_vs.ko", "ip_vs_wrr.ko"], ["ip_vs", "ip_vs_rr"]),
        # What is built in is told without an end, and is there.
        (["ip_vs.ko"], ["ip_vs"]),
        (["IP Virtual Server"], []),
        (["ip_vs", "ip_vs_rr.ko"], ["ip_vs_rr"]),
        ([], []),
    ],
)
def test_modules_that_are_loaded(told: list[str], modules: list[str]) -> None:
    """IPVS and its schedulers, where the kernel has them as files; each run in the same order."""
    variables = {
        **yaml.safe_load(VARIABLES.read_text()),
        "__preflight_host": {"kernel_ipvs": told},
        "__director_plan": {"schedulers": ["rr", "sh"]},
    }
    template = trust_as_template(variables["__director_modules"])
    assert Templar(loader=DataLoader(), variables=variables).template(template) == modules


@pytest.mark.parametrize("bits", [16, "16"])
def test_the_size_of_the_table_is_an_option_of_the_module(bits: object) -> None:
    """A number, however the inventory has it."""
    template = trust_as_template((ROLE / "templates" / OPTIONS).read_text())
    variables = {"ansible_managed": "Ansible managed", "director_conn_tab_bits": bits}
    made = Templar(loader=DataLoader(), variables=variables).template(template)
    assert made.splitlines() == ["# Ansible managed", "options ip_vs conn_tab_bits=16"]


@pytest.mark.parametrize(
    ("wanted", "loaded", "said"),
    [
        (16, {"conn_tab_bits": 12}, True),
        ("16", {"conn_tab_bits": 16}, False),
        # It is loaded later in this run, with the option.
        (16, {"conn_tab_bits": None}, False),
        (None, {"conn_tab_bits": 12}, False),
        ("", {"conn_tab_bits": 12}, False),
        # Nobody has asked.
        (16, {}, False),
    ],
)
def test_a_size_that_holds_only_from_the_next_boot_on_is_said(
    wanted: object, loaded: dict[str, object], said: bool
) -> None:
    """Where the module is loaded already, with another one."""
    tasks = yaml.safe_load((ROLE / "tasks" / "install.yml").read_text())
    (task,) = (task for task in tasks if "ansible.builtin.debug" in task)
    variables = {"director_conn_tab_bits": wanted, "__preflight_host": loaded}
    templar = Templar(loader=DataLoader(), variables=variables)
    held = [
        templar.template(trust_as_template("{{ " + condition + " }}")) for condition in task["when"]
    ]
    assert all(held) is said


def test_the_option_is_there_before_the_module() -> None:
    """Of one that is loaded already it holds from the next boot on only."""
    tasks = yaml.safe_load((ROLE / "tasks" / "install.yml").read_text())
    (written,) = (
        number
        for number, task in enumerate(tasks)
        if task.get("ansible.builtin.template", {}).get("src") == OPTIONS
    )
    (loaded,) = (n for n, task in enumerate(tasks) if "ansible.builtin.command" in task)
    assert written < loaded
