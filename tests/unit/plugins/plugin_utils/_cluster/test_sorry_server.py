# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answers for a service that has no real server left."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import marks as _marks
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import services as _cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import (
    sorry_server as _sorry_server,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import (
    director as _cluster_director,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import (
    real_server as _cluster_real_server,
)
from described import cluster, service


@pytest.mark.parametrize(
    ("given", "forward"),
    [
        ({"address": "127.0.0.1"}, "dr"),
        ({"address": "::1"}, "dr"),
        ({"address": "127.0.0.1", "forward": "nat"}, "nat"),
        ({"address": "192.168.137.130"}, None),
        ({"host": "rs2"}, None),
    ],
)
def test_the_director_itself(given: dict[str, Any], forward: str | None) -> None:
    """What it answers is given to it as it came; any other server is like a real server."""
    found = _sorry_server.sorry_server_of(service(sorry_server=given))
    assert found is not None
    assert found.get("forward") == forward


def test_none() -> None:
    """A service need not have one."""
    assert _sorry_server.sorry_server_of(service()) is None
    assert _sorry_server.sorry_server_of(service(sorry_server="rs1")) is None
    assert _cluster.resolved_sorry_server(cluster(), service()) is None


def test_as_the_table_has_it() -> None:
    """Port and forward are the service's, except for the director itself."""
    local = service(sorry_server={"address": "127.0.0.1"})
    found = _cluster.resolved_sorry_server(cluster(local), local)
    assert found is not None
    assert (found["address"], found["port"], found["forward"]) == ("127.0.0.1", 80, "dr")
    other = service(real_servers=[{"host": "rs1"}], sorry_server={"host": "rs2", "port": 8080})
    found = _cluster.resolved_sorry_server(cluster(other), other)
    assert found is not None
    assert (found["address"], found["port"], found["forward"]) == ("192.168.137.130", 8080, "nat")


def test_its_host_is_made_ready_like_a_real_server() -> None:
    """By the role that the way to it needs."""
    described = service(real_servers=[{"host": "rs1"}], sorry_server={"host": "rs2"})
    assert _cluster_real_server.real_server_roles(cluster(described), "rs2") == ["nat_real_server"]
    assert _cluster_director.forwarding_families(cluster({**described, "real_servers": []})) == [
        "ipv4"
    ]
    local = service(real_servers=[], sorry_server={"address": "127.0.0.1"})
    assert _cluster_director.forwarding_families(cluster(local)) == []


def test_a_mark_of_both_families() -> None:
    """The director itself serves both; another address is of one family, and a host of both."""
    shop: dict[str, Any] = {"fwmark": 10, "addresses": ["10.0.0.100", "fd00:10::100"]}
    ipv4, ipv6 = _marks.by_family({**shop, "sorry_server": {"address": "127.0.0.1"}})
    assert ipv4["sorry_server"] == {"address": "127.0.0.1"}
    assert ipv6["sorry_server"] == {"address": "::1"}
    ipv4, ipv6 = _marks.by_family({**shop, "sorry_server": {"address": "fd00::1"}})
    assert "sorry_server" not in ipv4
    assert ipv6["sorry_server"] == {"address": "fd00::1"}
    ipv4, ipv6 = _marks.by_family({**shop, "sorry_server": {"host": "rs1"}})
    assert ipv4["sorry_server"] == ipv6["sorry_server"] == {"host": "rs1"}
