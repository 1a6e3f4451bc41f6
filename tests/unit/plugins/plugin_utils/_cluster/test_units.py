# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has of the roles already."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.units import (
    clusters_of,
    directed,
    gateways_of_before,
    owner_of,
    read_units,
)

FILES = {
    "dr-real-server.cluster": ["192.0.2.1"],
    "dr-real-server-shop.cluster": ["2001:db8::1", "198.51.100.1"],
    "nat-real-server.gateway": ["10.0.0.1 eth1"],
    "nat-real-server.routes": ["default via 10.0.0.254 dev eth1 proto static"],
}


def test_units() -> None:
    """The lines of each file; nobody asked, or nothing found, is nothing."""
    units = read_units(FILES)
    assert units["dr-real-server-shop.cluster"] == ("2001:db8::1", "198.51.100.1")
    assert units["nat-real-server.gateway"] == ("10.0.0.1 eth1",)
    assert read_units(None) == read_units({}) == {}
    assert list(clusters_of(units, "dr-real-server")) == [
        ("", ("192.0.2.1",)),
        ("shop", ("2001:db8::1", "198.51.100.1")),
    ]
    assert list(clusters_of(units, "tun-real-server")) == []


def test_what_a_host_directs() -> None:
    """A name has neither the dots nor the colons of an address."""
    units = read_units(
        {
            "director.cluster": ["shop", "192.0.2.1", "fd00::1"],
            "director.services": ["-t [2001:db8::1]:80", "-f 1 -6"],
        }
    )
    name, services, servers = directed(units)
    assert name == "shop"
    assert sorted(services) == ["-f 1 -6", "-t [2001:db8::1]:80"]
    assert sorted(servers) == ["192.0.2.1", "fd00::1"]
    assert directed({}) == (None, frozenset(), frozenset())


def test_owner() -> None:
    """Without a name everything is called as it was before there were names."""
    assert owner_of("dr-real-server", "") == "dr-real-server"
    assert owner_of("dr-real-server", "shop") == "dr-real-server-shop"


@pytest.mark.parametrize(
    ("cluster", "gateways", "own"),
    [
        ("", ("10.0.0.1",), ("10.0.0.254",)),
        ("", ("10.0.0.9",), ("10.0.0.9",)),
        ("", ("10.0.0.1", "fd00::1"), ("10.0.0.254", "fd00::1")),
        # That of another cluster stays.
        ("shop", ("10.0.0.1",), ("10.0.0.1",)),
    ],
)
def test_gateways_of_before(cluster: str, gateways: tuple[str, ...], own: tuple[str, ...]) -> None:
    """In place of the one that our unit has set."""
    assert gateways_of_before(read_units(FILES), cluster, gateways) == own
