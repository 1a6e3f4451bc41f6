# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a role, and its defaults."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._role_settings import (
    role_kinds,
    role_settings,
)


def settings(role: str, **given: Any) -> dict[str, Any]:
    """The variables of a role where these are set."""
    return role_settings(role, given.get)


def test_default() -> None:
    """Of the collection's own file, without the role's name."""
    assert settings("keepalived")["virtual_router_id"] == 51
    assert settings("director")["timeouts"] == {}


def test_given() -> None:
    """It goes before the default, also where it counts as false."""
    found = settings("keepalived", keepalived_advert_int=0, keepalived_unicast=True)
    assert (found["advert_int"], found["unicast"]) == (0, True)
    assert settings("director", director_timeouts=None)["timeouts"] == {}


def test_kinds() -> None:
    """As the role's specification has them."""
    kinds = role_kinds("keepalived")
    assert kinds["track_scripts"] == ("list", "dict")
    assert kinds["advert_int"] == ("float", "")


@pytest.mark.parametrize("role", ["director", "ldirectord", "keepalived"])
def test_templates(role: str) -> None:
    """They are left out: they hang on variables of a play."""
    given: dict[str, Any] = {f"{role}_virtual_services": []}
    assert "virtual_services" not in settings(role, **given)
    assert settings(role).keys() <= role_kinds(role).keys()
