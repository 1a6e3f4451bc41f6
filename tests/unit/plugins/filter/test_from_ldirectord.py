# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter from_ldirectord."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.from_ldirectord import FilterModule

from_ldirectord = FilterModule().filters()["from_ldirectord"]
TEXT = "virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n"


def test_a_text() -> None:
    """It becomes what an inventory says."""
    result = from_ldirectord(TEXT, path="x", addresses={"rs1": "10.0.0.1"}, as_hosts=True)
    (service,) = result["variables"]["lvs_virtual_services"]
    assert service["address"] == "192.0.2.1"
    assert service["real_servers"] == [{"host": "rs1"}]
    assert result["hosts"] == {"rs1": {"lvs_rip": "10.0.0.1"}}
    assert {entry["file"] for entry in result["carried_over"]} == {"x"}
    assert [problem["field"] for problem in result["problems"]] == ["lvs_dip"]


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("what is this", {}, "line 1: "),
        (["a"], {}, "is no text"),
        (TEXT, {"what": 1}, "what is no option"),
        (TEXT, {"addresses": 3}, "addresses 3 is not a mapping"),
    ],
)
def test_bad_input(text: Any, options: dict[str, Any], told: str) -> None:
    """It is told in one sentence."""
    with pytest.raises(AnsibleFilterError, match=f"^from_ldirectord: .*{told}"):
        from_ldirectord(text, **options)


def test_secrets_only_for_whom_asks() -> None:
    """Else only their names are returned."""
    text = f'{TEXT}\tservice=imap\n\tlogin="a"\n\tpasswd="geheim"\n'
    assert "geheim" not in str(from_ldirectord(text))
    assert from_ldirectord(text, secrets=True)["secrets"][0]["value"] == "geheim"
