# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts do what."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._views.host_sets import host_sets

GROUPS = {
    "directors": ["d1", "d2"],
    "real_servers": ["rs1", "rs2"],
    "nfs_servers": ["nfs"],
    "nfs_clients": ["client", "rs2", "web", "rs1"],
    "databases": ["db"],
    "web_servers": ["web", "rs1"],
    "others": ["other"],
}


def test_each_set() -> None:
    """In the order of the groups, and each host once."""
    assert host_sets(GROUPS, {}) == {
        "cluster": ["d1", "d2", "rs1", "rs2", "nfs", "client", "web", "db"],
        "unknown": ["d1", "d2", "rs1", "rs2", "nfs", "client", "web", "db"],
        "directors": ["d1", "d2"],
        "directors_in_turn": ["d1", "d2"],
        "directors_at_once": [],
        "real_servers": ["rs1", "rs2"],
        "nfs_servers": ["nfs"],
        "databases": ["db"],
        "applications": ["rs2", "rs1", "web"],
        "other_nfs_clients": ["client"],
    }


def test_who_serves_at_once() -> None:
    """Whoever announces its addresses, and nobody twice."""
    found = host_sets(GROUPS, {"d1": {"lvs_announce": {"asn": 1}}, "d2": {"lvs_announce": ""}})
    assert found["directors_at_once"] == ["d1"]
    assert found["directors_in_turn"] == ["d2"]


def test_who_is_unknown() -> None:
    """Who has no facts yet, or was not asked for what it has; and a director for its kernel."""
    facts = {"ansible_facts": {"os_family": "Debian"}}
    roles = {**facts, "__preflight_host": {"interfaces": [], "files": {}}}
    asked = {**facts, "__preflight_host": {"interfaces": [], "files": {}, "kernel_ipvs": []}}
    groups = {"directors": ["d1", "d2"], "real_servers": ["rs1", "rs2", "rs3"]}
    known: dict[str, dict[str, Any]] = {
        "d1": asked,
        "d2": roles,
        "rs1": roles,
        "rs2": {"__preflight_host": roles["__preflight_host"]},
        "rs3": facts,
    }
    assert host_sets(groups, known)["unknown"] == ["d2", "rs2", "rs3"]


def test_every_nfs_client_mounts_once() -> None:
    """Before the directors serve or after that, whichever other groups it is in."""
    for real_servers in ([], ["a"], ["a", "b", "c"]):
        for web_servers in ([], ["b"], ["b", "c", "d"]):
            found = host_sets(
                {
                    "nfs_clients": ["a", "b", "c"],
                    "real_servers": real_servers,
                    "web_servers": web_servers,
                },
                {},
            )
            before, after = {*found["applications"]}, {*found["other_nfs_clients"]}
            assert before & after == set()
            assert {"a", "b", "c"} <= before | after
            assert before <= {"a", "b", "c", *web_servers}


def test_no_groups() -> None:
    """Nobody does anything."""
    assert set(map(len, host_sets({}, {}).values())) == {0}
