# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is asked for, beside what /proc and /sys have."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address

import pytest
from node import Node

LINK = (
    "ip link add told0 mtu 1400 type dummy; ip link set told0 up;"
    " ip address add 192.0.2.1/24 dev told0 label told0:vip;"
    " ip address add 192.0.2.9 peer 198.51.100.1/32 dev told0;"
    " ip address add 2001:db8::1/64 dev told0 nodad"
)
LOCAL = "awk '/32 host/ {print last} {last = $2}' /proc/net/fib_trie | sort -u"
SCOPE_LINK = "20"  # of /proc/net/if_inet6


@pytest.fixture
def link(node: Node) -> Iterator[str]:
    """An interface with an address of each kind: with a label, to a peer, of the link alone."""
    node.command("sh", "-c", LINK)
    yield "told0"
    node.command("ip", "link", "delete", "told0")


def test_network(node: Node, link: str) -> None:
    """All interfaces, whose addresses are those that the kernel takes for its own."""
    told = node.module("host_info", {"gather": ["network"]})
    found = {one["name"]: one for one in told["interfaces"]}
    assert sorted(found) == node.command("ls", "/sys/class/net").split()
    assert found[link]["mtu"] == 1400
    assert found[link]["addresses"] == ["192.0.2.1/24", "192.0.2.9/32", "2001:db8::1/64"]
    every = [text.split("/")[0] for one in found.values() for text in one["addresses"]]
    assert sorted(one for one in every if "." in one) == node.command("sh", "-c", LOCAL).split()
    lines = [line.split() for line in node.command("cat", "/proc/net/if_inet6").splitlines()]
    six = {
        f"{IPv6Address(bytes.fromhex(address))}/{int(prefix, 16)}"
        for address, _index, prefix, scope, *_flags in lines
        if scope != SCOPE_LINK
    }
    assert {text for one in found.values() for text in one["addresses"] if ":" in text} == six


def test_gateways(node: Node) -> None:
    """As /proc/net/route has them, of IPv4."""
    told = node.module("host_info", {"gather": ["network"]})
    lines = [line.split() for line in node.command("cat", "/proc/net/route").splitlines()[1:]]
    defaults = [words[2] for words in lines if words[1] == words[7] == "00000000"]
    expected = [".".join(map(str, reversed(bytes.fromhex(one)))) for one in defaults]
    found = [one for one in told["gateways"] if "." in one]
    assert found == [one for one in expected if one != "0.0.0.0"]
