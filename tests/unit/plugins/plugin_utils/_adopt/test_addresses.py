# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the virtual addresses are."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.addresses import read_addresses
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.found import Found
from described import host_info


def read(*virtual: str, **interfaces: list[str]) -> Found:
    """What is said of virtual addresses on a director with these interfaces."""
    found = Found()
    found.services += [{"address": address, "port": 80} for address in virtual]
    read_addresses(host_info(**interfaces), found)
    return found


def left_out(found: Found) -> dict[str, str]:
    """What is left out, and why."""
    return {entry["text"]: entry["why"] for entry in found.ledger.left_out()}


def test_where_their_network_tells_it() -> None:
    """Nothing has to be said."""
    found = read("192.0.2.1", eth0=["192.0.2.9/24", "192.0.2.1/32"])
    assert (found.variables, left_out(found)) == ({}, {})


def test_of_a_mark() -> None:
    """Its addresses are looked at, too."""
    found = Found()
    found.services.append({"fwmark": 7, "addresses": ["192.0.2.1", "2001:db8::1"]})
    read_addresses(host_info(lo=["192.0.2.1/32", "2001:db8::1/128"]), found)
    assert found.variables == {"director_vip_interface": "lo"}


def test_on_another_interface() -> None:
    """It is named."""
    found = read("198.51.100.1", eth0=["192.0.2.9/24"], eth1=["198.51.100.1/32"])
    assert found.variables == {"director_vip_interface": "eth1"}


def test_on_several() -> None:
    """The role has one: lo, which has no network that would tell it."""
    found = read("198.51.100.1", "198.51.100.2", eth1=["198.51.100.1/32"], lo=["198.51.100.2/32"])
    assert found.variables == {"director_vip_interface": "lo"}
    assert left_out(found) == {
        "198.51.100.1/32 dev eth1": "is on eth1, and one that is missing goes to lo with the role"
    }


def test_prefix_lengths() -> None:
    """Those of all; of several each is its own giver's."""
    found = read("192.0.2.1", "2001:db8::1", eth0=["192.0.2.1/24", "2001:db8::1/64"])
    assert found.variables == {"director_vip_prefix": 24, "director_vip_prefix6": 64}
    found = read("192.0.2.1", "192.0.2.2", eth0=["192.0.2.1/24", "192.0.2.2/32"])
    assert (found.variables, left_out(found)) == ({}, {})


def test_one_that_is_not_there() -> None:
    """The role would add it, and somebody else may have it."""
    found: Any = read("192.0.2.1", eth0=["192.0.2.9/24"])
    assert left_out(found)["192.0.2.1"].startswith("is a virtual address that no interface of")
