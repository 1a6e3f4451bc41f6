# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packets get the mark of a service."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.found import Found
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.marks import read_marks
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.packets import read_rules

OWN = ["192.0.2.1", "192.0.2.2", "2001:db8::1"]


def read(*rules: str, table: str = "inet lvs_cluster", **service: Any) -> Found:
    """What becomes of a service of mark 7, by these rules."""
    chain = "\tchain marks {\n\t\ttype filter hook prerouting priority mangle; policy accept;\n"
    text = f"table {table} {{\n{chain}" + "".join(f"\t\t{rule}\n" for rule in rules) + "\t}\n}\n"
    found = Found()
    found.services.append({"fwmark": 7, **service, "scheduler": "rr", "real_servers": []})
    read_marks(read_rules({"nft": text}), OWN, found)
    return found


def why(found: Found) -> list[str]:
    """Why what is left out."""
    return [entry["why"] for entry in found.ledger.left_out()]


def test_addresses_and_ports() -> None:
    """One rule for each protocol; they stand beside the mark."""
    where = "ip daddr { 192.0.2.1, 192.0.2.2 }"
    found = read(
        f"{where} tcp dport {{ 80, 443, 8000-8080 }} meta mark set 0x00000007",
        f"{where} udp dport 443 meta mark set 0x00000007",
    )
    (service,) = found.services
    assert list(service) == ["fwmark", "addresses", "ports", "scheduler", "real_servers"]
    assert service["addresses"] == ["192.0.2.1", "192.0.2.2"]
    assert service["ports"] == [80, 443, "8000-8080", "443/udp"]
    assert why(found) == []


def test_all_ports() -> None:
    """They are not named."""
    found = read("ip daddr 192.0.2.1 meta l4proto { tcp, udp, sctp } meta mark set 7")
    assert found.services[0]["addresses"] == ["192.0.2.1"]
    assert "ports" not in found.services[0]


def test_all_ports_of_one_protocol() -> None:
    """They are a range."""
    found = read("ip daddr 192.0.2.1 meta l4proto tcp meta mark set 7")
    assert found.services[0]["ports"] == ["1-65535"]


def test_the_other_family_is_another_service() -> None:
    """Its rules do not count."""
    rules = ("ip daddr 192.0.2.1 tcp dport 80 meta mark set 7",
             "ip6 daddr 2001:db8::1 tcp dport 80 meta mark set 7")  # fmt: skip
    assert read(*rules).services[0]["addresses"] == ["192.0.2.1"]
    assert read(*rules, family="ipv6").services[0]["addresses"] == ["2001:db8::1"]


def test_a_rule_of_others_stays() -> None:
    """What it says is carried over, and it is said that there are two then."""
    found = read("ip daddr 192.0.2.1 tcp dport 80 meta mark set 7", table="ip shop")
    assert found.services[0]["ports"] == [80]
    assert why(found) == ["stays beside the role's own rule, which says the same"]
    assert found.ledger.carried()[0]["into"] == "addresses and ports of fwmark 7"


@pytest.mark.parametrize(
    "rules",
    [
        ["tcp dport 80 meta mark set 7"],
        ["ip daddr 192.0.2.9 tcp dport 80 meta mark set 7"],
        ["ip daddr 192.0.2.0/24 tcp dport 80 meta mark set 7"],
        ["ip daddr 192.0.2.1 meta l4proto icmp meta mark set 7"],
        ["iifname eth0 ip daddr 192.0.2.1 tcp dport 80 meta mark set 7"],
        [
            "ip daddr 192.0.2.1 tcp dport 80 meta mark set 7",
            "ip daddr 192.0.2.2 tcp dport 81 meta mark set 7",
        ],
    ],
)
def test_what_the_description_has_not(rules: list[str]) -> None:
    """Then nothing is said, not even a part of it, and each rule is named."""
    found = read(*rules)
    assert "addresses" not in found.services[0]
    assert len(why(found)) == len(rules)
    assert why(found)[0].startswith("marks packets in a way, or for an address, that")


def test_no_rule() -> None:
    """Something else marks, and has to go on."""
    found = read("ip daddr 192.0.2.1 tcp dport 80 meta mark set 8")
    assert why(found) == [
        "no rule of this director marks its packets, as far as its rules were read"
    ]
