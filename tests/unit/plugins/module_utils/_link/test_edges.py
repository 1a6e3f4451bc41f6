# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that a network has for no host."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._effects import ADD
from ansible_collections.lvs.cluster.plugins.module_utils._link.edges import refuse_edges
from ansible_collections.lvs.cluster.plugins.module_utils._link.model import (
    Address,
    LinkError,
    Step,
)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("192.0.2.0", "is that of the network itself of 192.0.2.1/24"),
        ("192.0.2.255", "is the broadcast address of the network of 192.0.2.1/24"),
        ("192.0.2.254", ""),
        ("198.51.100.0", ""),
        # Somebody has it already, and it comes back after its network's first one.
        ("203.0.113.0", ""),
    ],
)
def test_edges_of_a_network(address: str, why: str) -> None:
    """No host has them, whatever prefix length they are given."""
    have = [
        Address("192.0.2.1", 24, "eth0", "eth0"),
        Address("203.0.113.1", 24, "eth0", "eth0"),
        Address("203.0.113.0", 32, "eth0", "eth0"),
    ]
    steps = [Step(ADD, after=Address(address, 32, "eth0", "eth0"))]
    elsewhere = [Step(ADD, after=Address("192.0.2.0", 32, "eth1", "eth1"))]
    refuse_edges(have, elsewhere)
    if not why:
        refuse_edges(have, steps)
        return
    with pytest.raises(LinkError, match=why):
        refuse_edges(have, steps)
