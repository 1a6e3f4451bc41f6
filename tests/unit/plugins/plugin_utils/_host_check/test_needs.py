# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles need on a host."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.names import names_of
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.systems import FAMILIES
from ansible_collections.lvs.cluster.plugins.plugin_utils._host_check.needs import (
    ROLES,
    Wish,
    firewall_of,
    needs_of,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.kinds import Place
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.roles import BY_NAME, CLUSTER

HOUSE = Path(__file__).parents[5]


def test_each_role_can_be_asked_for() -> None:
    """Those that users know, and lvs_check_roles takes them."""
    roles = {path.name for path in HOUSE.glob("roles/[!_]*")}
    assert set(ROLES) == roles == set(BY_NAME)
    problems: list[Problem] = []
    kind = CLUSTER.variables["check_roles"]
    assert kind.read(list(ROLES), Place("", ""), problems) == list(ROLES)
    assert problems == []


@pytest.mark.parametrize("family", FAMILIES)
def test_all_roles_together(family: str) -> None:
    """Each thing once, for the first role that needs it; a unit is of a package that is needed."""
    names = names_of(family)
    needs = needs_of(ROLES, names, Wish(booleans={"keepalived": ["keepalived_connect_any"]}), True)
    assert needs.packages["ipvsadm"] == "director"
    assert set(needs.services.values()) <= set(needs.packages)
    assert {"keepalived.service", "mariadb.service", "nfs-server.service"} <= set(needs.services)
    assert all(path.startswith("/") for path in needs.directories)
    assert needs.booleans == {"keepalived_connect_any": "keepalived"}
    assert set(names["selinux"]["packages"]) <= set(needs.packages)
    options = needs.as_options()
    assert options["services"][-2:] == ["firewalld.service", "ufw.service"]
    assert set(options) == {
        *("packages", "services", "kernel_modules", "booleans", "directories"),
    }


def test_what_a_description_asks_for() -> None:
    """Its schedulers and tunnels, and packages of its checks."""
    wish = Wish(["sh"], ["ip_gre", "fou"], {"director": ["extra"]})
    needs = needs_of(["director", "tun_real_server"], names_of("Debian"), wish)
    assert needs.packages["extra"] == "director"
    assert "ip_vs_sh" in needs.kernel_modules
    assert "ip_vs_rr" not in needs.kernel_modules
    assert needs.kernel_modules["fou"] == "tun_real_server"
    assert needs.booleans == {}


def test_firewalls() -> None:
    """Those that are there, whether or not they run."""
    assert firewall_of({"ufw.service": "loaded", "firewalld.service": "not-found"}) == ["ufw"]
    assert firewall_of({}) == []
