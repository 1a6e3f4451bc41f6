# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter to_inventory."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.from_ldirectord import from_ldirectord
from ansible_collections.lvs.cluster.plugins.filter.to_inventory import FilterModule

to_inventory = FilterModule().filters()["to_inventory"]


def test_files() -> None:
    """Each with its path, its mode and its text."""
    found = from_ldirectord("virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n")
    files = to_inventory([{"found": found, "name": "lb1", "addresses": ["10.0.0.254/24"]}])
    assert {file["path"]: file["mode"] for file in files} == {
        "hosts.yml": "0644",
        "group_vars/all/lvs.yml": "0644",
        "group_vars/directors.yml": "0644",
        "left-out.md": "0644",
    }
    assert "lb1:" in files[0]["text"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"found": {}}, "the directors are not a list"),
        ([{}], "is nothing that a filter has found"),
        ([], "no director is given"),
    ],
)
def test_bad_input(given: Any, told: str) -> None:
    """It is told in one sentence."""
    with pytest.raises(AnsibleFilterError, match=f"^to_inventory: .*{told}"):
        to_inventory(given)
