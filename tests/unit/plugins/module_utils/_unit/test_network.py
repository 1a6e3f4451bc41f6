# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of what ip(8) tells; what it tells of a host is in the kernel's tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._unit.network import network

ETH1 = {
    "ifname": "eth1",
    "link": "if9",
    "mtu": 9000,
    "addr_info": [
        {"family": "inet", "local": "192.0.2.1", "prefixlen": 24, "scope": "global"},
        {
            "family": "inet",
            "local": "192.0.2.9",
            "prefixlen": 32,
            "scope": "link",
            "secondary": True,
            "label": "eth1:vip",
        },
        {"family": "inet6", "local": "2001:db8::1", "prefixlen": 64, "scope": "global"},
        {"family": "inet6", "local": "fe80::1", "prefixlen": 64, "scope": "link"},
    ],
}
TO_A_PEER = {
    "ifname": "ppp0",
    "mtu": 1492,
    "addr_info": [
        {"family": "inet", "local": "198.51.100.7", "address": "198.51.100.1", "prefixlen": 32},
    ],
}
LINK = {"ifname": "dummy0", "mtu": 1500, "addr_info": []}


def ip(told: dict[str, Any]) -> dict[str, Any]:
    """Return what is made of what ip says; what it does not know fails."""

    def run(command: Sequence[str]) -> tuple[int, str]:
        words = " ".join(command)
        return (0, json.dumps(told[words])) if words in told else (2, "")

    return network(run)


def test_interfaces() -> None:
    """A label's address is its interface's, one to a peer is the host's end; link-local ones go."""
    assert ip({"ip -json address": [{}, ETH1, TO_A_PEER, LINK]})["interfaces"] == [
        {
            "name": "eth1",
            "mtu": 9000,
            "addresses": ["192.0.2.1/24", "192.0.2.9/32", "2001:db8::1/64"],
        },
        {"name": "ppp0", "mtu": 1492, "addresses": ["198.51.100.7/32"]},
        {"name": "dummy0", "mtu": 1500, "addresses": []},
    ]


def test_gateways() -> None:
    """At most one a family; a network that is on the link has none, and no route is no gateway."""
    four, six = "ip -json route get 8.8.8.8", "ip -json route get 2404:6800:400a:800::1012"
    via = [{"dst": "8.8.8.8", "gateway": "192.0.2.254", "dev": "eth1"}]
    assert ip({four: via, six: [{"gateway": "fe80::1"}]})["gateways"] == ["192.0.2.254", "fe80::1"]
    assert ip({four: via})["gateways"] == ["192.0.2.254"]
    assert ip({four: [{"dst": "8.8.8.8", "dev": "eth1"}]})["gateways"] == []


def test_host_without_ip() -> None:
    """It is installed by roles, and nothing is known until then."""
    assert network(lambda _command: None) == {"interfaces": [], "gateways": []}
