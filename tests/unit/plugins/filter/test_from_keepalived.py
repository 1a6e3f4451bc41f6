# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter from_keepalived."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.from_keepalived import FilterModule

from_keepalived = FilterModule().filters()["from_keepalived"]
TEXT = "virtual_server 192.0.2.1 80 {\n real_server 10.0.0.1 80 { }\n}\n"


def test_a_text() -> None:
    """It becomes what an inventory says."""
    result = from_keepalived(TEXT, path="x", addresses={"rs1": "10.0.0.1"}, as_hosts=True)
    (service,) = result["variables"]["lvs_virtual_services"]
    assert service["address"] == "192.0.2.1"
    assert service["real_servers"] == [{"host": "rs1"}]
    assert result["hosts"] == {"rs1": {"lvs_rip": "10.0.0.1"}}
    assert {entry["file"] for entry in result["carried_over"]} == {"x"}
    assert [problem["field"] for problem in result["problems"]] == ["lvs_dip"]


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("virtual_server {", {}, "line 1: "),
        (["a"], {}, "is no text"),
        (TEXT, {"what": 1}, "what is no option"),
        (TEXT, {"addresses": 3}, "addresses 3 is not a mapping"),
    ],
)
def test_bad_input(text: Any, options: dict[str, Any], told: str) -> None:
    """It is told in one sentence."""
    with pytest.raises(AnsibleFilterError, match=f"^from_keepalived: .*{told}"):
        from_keepalived(text, **options)


def test_files_that_are_included() -> None:
    """Their texts come by their paths."""
    files = {"/etc/keepalived/conf.d/a.conf": TEXT}
    result = from_keepalived("include conf.d/*.conf", files=files)
    assert len(result["variables"]["lvs_virtual_services"]) == 1
    assert from_keepalived("@a include conf.d/*", files=files, config_id="a")["left_out"] != []
