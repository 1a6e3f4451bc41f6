# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director that has just taken over is quiet about, in the words of nftables."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.handover import (
    hold_answers,
    hold_rst,
    hold_syn,
)
from described import DIP, VIP, cluster, host_info, service

VIP6 = "fd00::111"
DROP = "meta l4proto @unsettled drop"
# A SYN alone is no answer: with it a real server begins a connection of its own.
ANSWER = f"tcp flags & (syn | ack) != syn ct state new,invalid {DROP}"
IPV6_SERVERS = {
    name: {
        "lvs_rip6": f"fd00:137::{last}",
        "__preflight_host": host_info(eth1=[f"192.168.137.{last}/24", f"fd00:137::{last}/64"]),
    }
    for name, last in (("rs1", 131), ("rs2", 130))
}
ONE = [{"host": "rs1"}]


def answers(*services: Any) -> list[str]:
    """The rules for answers, without what all of them have."""
    rules = hold_answers(cluster(*services, **IPV6_SERVERS))
    assert all(rule.endswith(f" {ANSWER}") for rule in rules)
    return [rule[: -len(ANSWER) - 1] for rule in rules]


def refused(*services: Any) -> list[str]:
    """The addresses of the rules for refusals, without what all of them have."""
    plan = cluster(*services, **IPV6_SERVERS)
    rules = hold_rst(plan, plan.hosts["director"])
    assert all(rule.endswith(f" tcp flags & rst == rst {DROP}") for rule in rules)
    return [rule.split(" tcp ")[0] for rule in rules]


def test_nobody_is_refused() -> None:
    """From no address that moves, the gateway of NAT among them; a rule for each family."""
    six = service(name="six", address=VIP6, forward="dr")
    assert refused(service(), six) == [f"ip saddr {{ {VIP}, {DIP} }}", f"ip6 saddr {{ {VIP6} }}"]
    assert refused(service(forward="dr")) == [f"ip saddr {{ {VIP} }}"]


def test_no_connection_begins() -> None:
    """While the director drains, at any address that moves."""
    plan = cluster()
    assert hold_syn(plan, plan.hosts["director"]) == [
        f"ip daddr {{ {VIP}, {DIP} }} tcp flags & (syn | ack) == syn meta l4proto @draining drop"
    ]


def test_answers_are_left_to_ipvs() -> None:
    """Of each real server behind NAT, by the port that it serves on."""
    assert answers() == [
        "ip saddr 192.168.137.131 tcp sport 80",
        "ip saddr 192.168.137.130 tcp sport 80",
    ]
    assert answers(service(address=VIP6, real_servers=ONE)) == [
        "ip6 saddr fd00:137::131 tcp sport 80"
    ]


def test_another_port() -> None:
    """It is the server's own that its answers come from."""
    servers = [{"host": "rs1", "port": 8080}, {"address": "192.168.137.9", "port": 81}]
    assert answers(service(real_servers=servers)) == [
        "ip saddr 192.168.137.131 tcp sport 8080",
        "ip saddr 192.168.137.9 tcp sport 81",
    ]


def test_a_service_of_all_ports() -> None:
    """Whatever the port."""
    assert answers(service(port=0, persistent_timeout=60, real_servers=ONE)) == [
        "ip saddr 192.168.137.131"
    ]


def test_firewall_marks() -> None:
    """They have no protocol and no port of their own; each family has its addresses."""
    marked = {"name": "shop", "fwmark": 10, "addresses": [VIP, VIP6], "forward": "nat"}
    both = {**marked, "real_servers": ONE}
    assert answers(both) == ["ip saddr 192.168.137.131", "ip6 saddr fd00:137::131"]
    assert refused(both) == [f"ip saddr {{ {VIP}, {DIP} }}", f"ip6 saddr {{ {VIP6} }}"]


@pytest.mark.parametrize(
    "changed",
    [{"protocol": "udp"}, {"protocol": "sctp"}, {"forward": "dr"}, {"forward": "tun"}],
)
def test_what_passes(changed: dict[str, Any]) -> None:
    """What is not TCP, and answers that do not come back through the director."""
    assert answers(service(**changed)) == []


def test_a_server_may_differ_from_its_service() -> None:
    """The server's own way counts; the same one of two services is told once."""
    servers = [{"host": "rs1", "forward": "dr"}, {"host": "rs2"}]
    other = service(name="other", address="192.168.0.112", real_servers=servers)
    assert answers(service(real_servers=servers), other) == [
        "ip saddr 192.168.137.130 tcp sport 80"
    ]
