# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With which address real servers behind NAT reach the outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.masquerading import (
    masquerading_rules,
)
from described import DIP, DIRECTOR, VIP, cluster, host_info, service

NETWORK = "192.168.137.0/24"
AWAY = f"ip saddr {NETWORK} ip daddr != {NETWORK}"
RS1, RS2 = "192.168.137.131", "192.168.137.130"


def rules(
    *services: Any,
    settings: Mapping[str, Any] = DIRECTOR,
    **director: Any,
) -> list[str]:
    """The rules of the director of inventory nat, with some variables changed."""
    found = cluster(*services, director=director)
    return masquerading_rules(found, found.hosts["director"], settings)


def test_virtual_address() -> None:
    """The real servers' network, out of the public interface, with the address clients know."""
    assert rules() == [f'{AWAY} oifname "eth1" snat ip to {VIP}']


def test_virtual_address_that_is_not_the_interfaces_first() -> None:
    """Masquerading would take the first one."""
    own = host_info(eth1=["192.168.0.2/24"], eth2=[f"{DIP}/24"])
    assert rules(__preflight_host=own) == [f'{AWAY} oifname "eth1" snat ip to {VIP}']
    named: dict[str, Any] = {
        "director_vip_interface": "eth3",
        "__preflight_host": host_info(eth2=[f"{DIP}/24"]),
    }
    assert rules(**named) == [f'{AWAY} oifname "eth3" snat ip to {VIP}']


def test_several_virtual_addresses_on_one_interface() -> None:
    """Each real server has that of its own service, the first of them, and the others have one."""
    described = [
        service(name="a", real_servers=[{"host": "rs1"}]),
        service(name="b", address="192.168.0.200"),
        service(name="c", address="192.168.0.201", real_servers=[{"host": "rs2"}]),
    ]
    assert rules(*described) == [
        f'ip saddr {{ {RS2} }} ip daddr != {NETWORK} oifname "eth1" snat ip to 192.168.0.200',
        f'{AWAY} oifname "eth1" snat ip to {VIP}',
    ]


def test_each_family_has_its_own() -> None:
    """IPv6 real servers have the virtual address of IPv6."""
    own = host_info(eth1=[f"{VIP}/24", "2001:db8::2/64"], eth2=[f"{DIP}/24", "fd00::1/64"])
    six = service(name="six", address="2001:db8::100", real_servers=[{"address": "fd00::9"}])
    assert rules(service(), six, __preflight_host=own) == [
        f'{AWAY} oifname "eth1" snat ip to {VIP}',
        'ip6 saddr fd00::/64 ip6 daddr != fd00::/64 oifname "eth1" snat ip6 to 2001:db8::100',
    ]


def test_interface_without_a_virtual_address() -> None:
    """One that the user names has whatever address it has."""
    assert rules(settings={**DIRECTOR, "masquerade_interfaces": ["eth3", "eth1", "eth4.2"]}) == [
        f'{AWAY} oifname "eth1" snat ip to {VIP}',
        f'{AWAY} oifname {{ "eth3", "eth4.2" }} masquerade',
    ]


def test_networks_that_the_user_names() -> None:
    """A real server that is in none of them has no rule."""
    described = [
        service(name="a", real_servers=[{"host": "rs1"}]),
        service(name="b", address="192.168.0.200", real_servers=[{"host": "rs2"}]),
    ]
    assert rules(
        *described, settings={**DIRECTOR, "masquerade_networks": ["192.168.137.131/32"]}
    ) == [
        "ip saddr 192.168.137.131/32 ip daddr != 192.168.137.131/32"
        f' oifname "eth1" snat ip to {VIP}'
    ]


@pytest.mark.parametrize(
    ("described", "director"),
    [
        # With all of it on one link, no interface is public.
        (service(address="192.168.137.100"), {"__preflight_host": host_info(eth1=[f"{DIP}/24"])}),
        # An address on lo says nothing of the public interface; the host's variable does.
        (service(address="10.0.0.100"), {"director_vip_interface": "lo"}),
        (service(address="192.168.137.100", forward="dr"), {}),
    ],
)
def test_nothing_to_masquerade(described: dict[str, Any], director: Mapping[str, Any]) -> None:
    """No way out that is public, or nobody behind NAT."""
    assert rules(described, **director) == []


def test_not_wanted() -> None:
    """By the role's variable."""
    assert rules(settings={**DIRECTOR, "masquerade": False}) == []
