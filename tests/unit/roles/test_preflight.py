# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What preflight asks the hosts for is what the roles go by."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.check_types import CHECK_TYPES
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.names import names_of
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.systems import FAMILIES

ROLES = Path(__file__).parents[3] / "roles"
ASKED = ["bird", "director", "keepalived", "lamp_db", "ldirectord"]
ASKED += [f"{kind}_real_server" for kind in ("nat", "dr", "tun")]


def test_every_package_is_asked_for() -> None:
    """One that is not would have its package manager started in every run."""
    task, _root, _drained = yaml.safe_load((ROLES / "_preflight/tasks/host.yml").read_text())
    asked = task["lvs.cluster.host_info"]["packages"]
    wanted = {
        name
        for kind in CHECK_TYPES.values()
        if kind.ldirectord
        for packages in (kind.ldirectord.packages, kind.ldirectord.ipv6_packages)
        for name in packages.values()
    }
    for family in FAMILIES:
        wanted.update(names_of(family)["lamp_db"]["packages"])
    # What each other role has by itself is in its variables.
    own = {"ipvsadm", "iproute", "iproute2", "keepalived", "kmod", "ldirectord", "nftables"}
    wanted |= {*own, "bird", "bird2", "python3-pyroute2"}
    assert set(asked) == wanted


def test_every_package_of_nfs_is_asked_for() -> None:
    """By the roles themselves, and acl with them, which some exports need."""
    for role, more in (("nfs_client", []), ("nfs_server", ["acl"])):
        tasks = yaml.safe_load((ROLES / role / "tasks/preflight.yml").read_text())
        (asked,) = [
            task["lvs.cluster.host_info"] for task in tasks if "lvs.cluster.host_info" in task
        ]
        own = {name for family in FAMILIES for name in names_of(family)[role]["packages"]}
        assert asked["packages"] == sorted({*own, *more})


def test_a_package_is_only_installed_where_one_is_missing() -> None:
    """By what the host has told. Those of backends are asked for by their own roles."""
    told = dict.fromkeys(ASKED, "__preflight_host.packages | default([])")
    own = ("lamp_web", "nfs_client", "nfs_server")
    told |= {role: f"__{role}_host.packages" for role in own}
    told |= {"php_app": "__php_app_host.packages | default([])"}
    for role, packages in told.items():
        tasks = yaml.safe_load((ROLES / role / "tasks/install.yml").read_text())
        (task,) = [task for task in tasks if "ansible.builtin.package" in task]
        assert f"is subset({packages})" in task["when"]
