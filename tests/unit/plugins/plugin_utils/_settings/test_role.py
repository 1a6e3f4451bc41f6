# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a role, and its defaults."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings import role, roles
from described import asked, hostvars


def settings(name: str, **given: Any) -> dict[str, Any]:
    """The variables of a role where these are set."""
    return role.settings_of(roles.BY_NAME[name], given.get)


def test_default() -> None:
    """Of the collection's own file, without the role's name."""
    assert settings("keepalived")["virtual_router_id"] == 51
    assert settings("director")["timeouts"] == {}
    assert settings("director")["vip_prefix"] is None


def test_given() -> None:
    """It goes before the default, also where it counts as false; as it is used."""
    found = settings("keepalived", keepalived_priority="0", keepalived_unicast="yes")
    assert (found["priority"], found["unicast"]) == (0, True)
    assert settings("director", director_timeouts=None)["timeouts"] == {}
    assert settings("director", director_vip_prefix="")["vip_prefix"] is None


@pytest.mark.parametrize("name", ["director", "ldirectord", "keepalived"])
def test_templates(name: str) -> None:
    """A default that is one is left out: it hangs on variables of a play."""
    assert "virtual_services" not in settings(name)
    given: dict[str, Any] = {f"{name}_virtual_services": []}
    assert settings(name, **given)["virtual_services"] == []


def test_what_cannot_be_read() -> None:
    """It is at its default, and told; whoever needs it is stopped."""
    given = {"director_masquerade_interfaces": "eth1", "director_masquerade": "perhaps"}
    found, told = role.read_settings(roles.DIRECTOR, given.get, "host d")
    assert (found["masquerade"], found["masquerade_interfaces"]) == (True, [])
    assert [problem[:3] for problem in told] == [
        ("host d", "director_masquerade", "perhaps"),
        ("host d", "director_masquerade_interfaces", "eth1"),
    ]
    with pytest.raises(ModelError, match="is not a boolean"):
        role.settings_of(roles.DIRECTOR, given.get)


def test_rules() -> None:
    """What belongs together is looked at, too."""
    given = {"keepalived_sync_daemon": {"sync_id": 1}}
    (problem,) = role.read_settings(roles.KEEPALIVED, given.get, "host d")[1]
    assert problem[:2] == ("host d", "keepalived_sync_daemon.interface")


def test_misspelt() -> None:
    """Each name that begins as the role's do, with the nearest that there is."""
    names = ["director_masqurade", "director_manager", "director_kernel_ipvs", "masqurade", "lvs_x"]
    (problem,) = role.unknown_variables(roles.DIRECTOR, names, "host d")
    assert str(problem) == (
        "host d: director_masqurade is not a variable of the role director, whose variables begin"
        " with director_; use director_masquerade, or give it another name."
    )
    (problem,) = role.unknown_variables(roles.CLUSTER, names)
    assert problem.why.startswith("is not a variable of this collection")
    assert problem.advice.startswith("use one of lvs_virtual_services, lvs_dip, ")


def test_of_the_host_that_asks() -> None:
    """All of it."""
    within = {"director_masqurade": False, "director_timeouts": 5}
    found, told = role.own_settings(asked("director", hostvars(), within), roles.DIRECTOR)
    assert found["timeouts"] == {}
    assert [problem.field for problem in told] == ["director_masqurade", "director_timeouts"]
