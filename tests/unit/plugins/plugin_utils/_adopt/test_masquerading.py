# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With which addresses real servers behind NAT reach the outside."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.found import Found
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.masquerading import (
    read_masquerading,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.packets import read_rules
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.description import read
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.groups import Groups
from described import TOLD, host_info

OWN = "inet lvs_cluster"


def read_of(*rules: str, table: str = OWN, forward: str = "nat") -> Found:
    """What becomes of these rules on a director with one service."""
    chain = "\tchain postrouting {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n"
    text = f"table {table} {{\n{chain}" + "".join(f"\t\t{rule}\n" for rule in rules) + "\t}\n}\n"
    found = Found()
    server: dict[str, Any] = {"address": "10.0.0.1"}
    found.services.append(
        {"address": "192.0.2.1", "port": 80, "forward": forward, "real_servers": [server]}
    )
    told = host_info(eth0=["192.0.2.1/24"], eth1=["10.0.0.254/24"], eth2=["10.1.0.254/24"])
    cluster, problems = read(found.services, {"lb1": {TOLD: told}}, Groups({"directors": ["lb1"]}))
    assert problems == []
    read_masquerading(read_rules({"nft": text}), cluster, cluster.hosts["lb1"], found)
    return found


def why(found: Found) -> list[str]:
    """Why what is left out."""
    return [entry["why"] for entry in found.ledger.left_out()]


SAME = 'ip saddr 10.0.0.0/24 ip daddr != 10.0.0.0/24 oifname "eth0" snat ip to 192.0.2.1'
STAYS = "stays beside the role's own rules, by which real servers leave with a virtual address"
OTHERS = "changes the source of packets of real servers in a way that the role has not"


def test_what_the_role_does_by_itself_is_not_said() -> None:
    """Nor that the role's own rules stay."""
    found = read_of(SAME)
    assert found.variables == {}
    assert why(found) == []


def test_of_two_virtual_addresses_each_has_its_servers() -> None:
    """By rules of the role that are for these servers alone."""
    which = 'ip daddr != 10.0.0.0/24 oifname "eth0"'
    found = read_of(f"ip saddr {{ 10.0.0.1 }} {which} snat ip to 192.0.2.2", SAME)
    assert found.variables == {}
    assert why(found) == []


def test_rules_of_others_stay_beside() -> None:
    """Until somebody takes them out."""
    found = read_of('ip saddr 10.0.0.0/24 oifname "eth0" masquerade', table="ip nat")
    assert found.variables == {}
    assert why(found) == [STAYS]


def test_other_networks_and_interfaces() -> None:
    """They are named."""
    found = read_of('ip saddr 10.0.0.0/16 oifname { "eth0", "eth2" } masquerade', table="ip nat")
    assert found.variables == {
        "director_masquerade_networks": ["10.0.0.0/16"],
        "director_masquerade_interfaces": ["eth0", "eth2"],
    }


def test_no_rule() -> None:
    """They do not reach the outside, and will not."""
    assert read_of().variables == {"director_masquerade": False}
    others = read_of('ip saddr 10.9.0.0/24 oifname "eth0" masquerade', table="ip nat")
    assert others.variables == {"director_masquerade": False}
    assert why(others) == []


@pytest.mark.parametrize(
    "rules",
    [
        ['oifname "eth0" masquerade'],
        ["ip saddr 10.0.0.0/24 masquerade"],
        ['ip saddr 10.0.0.0/24 oifname "eth0" snat to 192.0.2.2'],
        ['ip saddr 10.0.0.0/24 ip daddr 198.51.100.0/24 oifname "eth0" masquerade'],
        ['ip saddr 10.0.0.0/24 tcp dport 25 oifname "eth0" masquerade'],
        [
            'ip saddr 10.0.0.0/24 oifname "eth0" masquerade',
            'ip saddr 10.0.0.0/25 oifname "eth2" masquerade',
        ],
    ],
)
def test_what_the_role_has_not(rules: list[str]) -> None:
    """Then these go on, and the role has none."""
    found = read_of(*rules, table="ip nat")
    assert found.variables == {"director_masquerade": False}
    assert why(found) == [OTHERS] * len(rules)


def test_without_nat_nothing_is_looked_at() -> None:
    """Whatever the host masquerades is its own."""
    found = read_of('oifname "eth0" masquerade', table="ip nat", forward="dr")
    assert found.variables == {}
    assert why(found) == []
