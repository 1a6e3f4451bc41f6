# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables and clusters that are measured with."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from lvs_bench import growth, own_task, tables
from lvs_bench.builds import CHECKOUT, Build, builds
from lvs_bench.runs import NOW


def test_one_weight_is_another_in_every_form() -> None:
    """The same one for all who load the table."""
    one, other = (tables.as_rules(4, changed=changed).splitlines() for changed in (False, True))
    lines = [(a, b) for a, b in zip(one, other) if a != b]
    assert lines == [
        (
            "-a -t 10.0.2.1:80 -r 10.205.0.3:8005 -m -w 6",
            "-a -t 10.0.2.1:80 -r 10.205.0.3:8005 -m -w 100",
        )
    ]
    services = tables.as_services(4, changed=True)
    assert services[2]["real_servers"][tables.CHANGED]["weight"] == 100
    assert tables.as_keepalived(4, changed=True).count("weight 100\n") == 1


def test_the_rules_are_what_the_description_says() -> None:
    """They are the witness of what the role's own task has loaded."""
    rules = own_task.rules(3).splitlines()
    services = own_task.description(3)
    assert len(rules) == sum(1 + len(service["real_servers"]) for service in services)
    assert rules[12:14] == [
        "-a -t 10.0.1.1:80 -r 192.168.137.1:80 -m -w 1",
        "-a -t 10.0.1.1:80 -r 192.168.137.2:80 -m -w 2",
    ]


def test_the_role_has_the_task_that_is_measured() -> None:
    """It is found by its name; the plan that it writes comes before it."""
    tasks = own_task.own_tasks(Build(NOW, CHECKOUT, Path()))
    assert tasks[-1]["name"] == own_task.TASK
    assert "lvs.cluster.ipvs_table" in tasks[-1]
    assert any("__director_plan" in task.get("ansible.builtin.set_fact", {}) for task in tasks)


def test_a_build_can_be_given_tasks_without_changing_its_checkout() -> None:
    """Its director's role is a copy, and all else is the checkout's own."""
    with builds(None) as made:
        role = made[0].role
        assert (role / "tasks" / "main.yml").exists()
        assert not role.is_symlink()
        assert (role.parent / "keepalived").resolve() == CHECKOUT / "roles" / "keepalived"
    assert not role.exists()


def test_a_growing_cluster_keeps_the_nodes_of_its_lab() -> None:
    """What is not in the cluster is a host all the same."""
    found = growth.inventory(2, 3, 40)
    assert list(found["real_servers"]["hosts"]) == ["rs1", "rs2"]
    nodes = found["all"]["hosts"]
    assert len({node["lvs_rip"] for node in nodes.values()}) == 40
    network = ipaddress.ip_network("192.168.137.0/24")
    assert all(ipaddress.ip_address(node["lvs_rip"]) in network for node in nodes.values())
    services = found["all"]["vars"]["lvs_virtual_services"]
    assert [service["port"] for service in services] == [8000, 8001, 8002]
    assert services[0]["real_servers"] == [{"host": "rs1"}, {"host": "rs2"}]
