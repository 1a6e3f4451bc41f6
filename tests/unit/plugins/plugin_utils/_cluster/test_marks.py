# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packets get a firewall mark."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import marks as _marks

SHOP: dict[str, Any] = {"name": "shop", "fwmark": 10, "addresses": ["10.0.0.100"]}


def test_rules() -> None:
    """One for each protocol; addresses and ports together; ports that touch are one range."""
    ports = [443, 80, "21/tcp", "20", "10000-10100", "10050-10200/tcp", "53/udp"]
    both = [*SHOP["addresses"], "10.0.0.101", "10.0.0.100"]
    assert _marks.mark_rules([{**SHOP, "addresses": both, "ports": ports}]) == [
        "ip daddr { 10.0.0.100, 10.0.0.101 } tcp dport { 20-21, 80, 443, 10000-10200 }"
        " meta mark set 10",
        "ip daddr { 10.0.0.100, 10.0.0.101 } udp dport { 53 } meta mark set 10",
    ]


def test_rules_without_ports() -> None:
    """Every port of the protocols that IPVS balances."""
    assert _marks.mark_rules([{**SHOP, "addresses": ["FD00:10::0100"]}]) == [
        "ip6 daddr { fd00:10::100 } meta l4proto { tcp, udp, sctp } meta mark set 10"
    ]


def test_nothing_to_mark() -> None:
    """A service by address, and one whose packets somebody else marks."""
    services: list[dict[str, Any]] = [{"address": "10.0.0.100", "port": 80}, {"fwmark": 10}]
    assert _marks.mark_rules(services) == []


def test_one_service_a_family() -> None:
    """Each with its own addresses, servers and name; a host may be a server of both."""
    servers = [{"host": "rs1"}, {"address": "10.0.0.1"}, {"address": "fd00::1"}]
    addresses = ["10.0.0.100", "fd00:10::100", "10.0.0.101"]
    first, second = _marks.by_family({**SHOP, "addresses": addresses, "real_servers": servers})
    assert first["name"] == "shop (IPv4)"
    assert first["family"] == "ipv4"
    assert first["addresses"] == ["10.0.0.100", "10.0.0.101"]
    assert first["real_servers"] == [{"host": "rs1"}, {"address": "10.0.0.1"}]
    assert second["name"] == "shop (IPv6)"
    assert second["family"] == "ipv6"
    assert second["addresses"] == ["fd00:10::100"]
    assert second["real_servers"] == [{"host": "rs1"}, {"address": "fd00::1"}]


@pytest.mark.parametrize(
    ("service", "families"),
    [
        (SHOP, ["ipv4"]),
        ({**SHOP, "addresses": ["fd00::1"]}, ["ipv6"]),
        ({**SHOP, "family": "ipv4"}, ["ipv4"]),
        ({**SHOP, "addresses": None}, [None]),
        ({**SHOP, "addresses": ["10.0.0.300"]}, [None]),
    ],
)
def test_service_that_stays_one(service: dict[str, Any], families: list[Any]) -> None:
    """Under its own name; what does not hold together is left as it is."""
    found = _marks.by_family(service)
    assert [entry.get("family") for entry in found] == families
    assert [entry["name"] for entry in found] == ["shop"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"ports": 80}, "ports 80 is not a list"),
        ({"ports": []}, "ports [] is not a list"),
        ({"ports": [0]}, "ports 0 is not a port"),
        ({"ports": [True]}, "ports True is not a port"),
        ({"ports": [70000]}, "ports 70000 is not a port"),
        ({"ports": ["90-80"]}, "ports '90-80' is not a port"),
        ({"ports": ["80/icmp"]}, "ports '80/icmp' is not a port"),
        ({"ports": ["80/"]}, "ports '80/' is not a port"),
        ({"addresses": "10.0.0.100"}, "addresses '10.0.0.100' is not a list"),
        ({"addresses": ["10.0.0.300"]}, "addresses: '10.0.0.300' is not an IPv4 or IPv6"),
        ({"family": "ipv6"}, "addresses: 10.0.0.100 is not of family ipv6"),
    ],
)
def test_what_cannot_be_marked(changed: dict[str, Any], told: str) -> None:
    """A sentence with field, value and mend."""
    service = {**SHOP, **changed}
    with pytest.raises(ModelError, match=r";.*\.$") as caught:
        _marks.marked_addresses(service)
        _marks.marked_ports(service)
    assert told in str(caught.value)


def test_claims() -> None:
    """What two services may not both have."""
    ((address, ports),) = _marks.claims({"address": "10.0.0.100", "port": 80})
    assert (address, str(ports)) == ("10.0.0.100", "80")
    ((_address, every),) = _marks.claims({"address": "10.0.0.100", "port": 0, "protocol": "udp"})
    assert not ports.overlaps(every)
    assert [str(entry) for _a, entry in _marks.claims({**SHOP, "ports": [80, "81-90"]})] == [
        "80",
        "81-90",
    ]
    assert ports.overlaps(_marks.parse_ports("1-100"))
