# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From where a director asks by the clients' way, and what its kernel needs for the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster, Host
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.clients_way import (
    setting_lines,
    sources,
)
from described import FLOATING, FLOATING6, TOLD, host_info, one_of_two, pair, service

WAY = {"type": "http", "clients_way": True}
ACCEPT = "net/ipv4/conf/eth2/accept_local 1"


def asked(**changed: Any) -> dict[str, Any]:
    """A service whose servers are asked so, by direct routing."""
    return service(**{"address": FLOATING, "forward": "dr", "check": WAY, **changed})


def of_spare(found: Cluster) -> tuple[Cluster, Host]:
    """The cluster, and the second of its directors."""
    return found, found.hosts["spare"]


def from_where(*services: dict[str, Any], **spare: Any) -> set[str]:
    """The addresses from which the second director asks."""
    return {*sources(*of_spare(pair(*services, spare=one_of_two(3, **spare)))).values()}


def test_an_address_that_stays() -> None:
    """On the real servers' network, and not one that VRRP gives, though it is there now."""
    own = host_info(
        eth1=["192.168.0.3/24", f"{FLOATING}/32"], eth2=["192.168.137.1/32", "192.168.137.3/24"]
    )
    assert from_where(asked(), **{TOLD: own}) == {"192.168.137.3"}


def test_another_family_is_another_address() -> None:
    """Nowhere, where there is none of it."""
    six = asked(address=FLOATING6)
    assert from_where(six) == set()
    own = host_info(eth1=["192.168.0.3/24"], eth2=["fd00:137::3/64"])
    assert from_where(six, **{TOLD: own}) == {"fd00:137::3"}


def test_by_the_gateway() -> None:
    """Where no network of the director's has the real server, as behind a tunnel."""
    own = {**host_info(eth1=["192.168.0.3/24", "fd00::3/64"]), "gateways": ["192.168.0.1"]}
    assert from_where(asked(forward="tun"), **{TOLD: own}) == {"192.168.0.3"}
    own["gateways"] = ["fd00::1"]
    assert from_where(asked(forward="tun"), **{TOLD: own}) == set()


def test_nothing_is_set_for_other_checks() -> None:
    """Nor where nobody asks; nor for IPv6, whose kernel takes it."""
    assert setting_lines(*of_spare(pair())) == []
    own = host_info(eth1=["192.168.0.3/24"], eth2=["fd00:137::3/64"])
    six = pair(asked(address=FLOATING6), spare=one_of_two(3, **{TOLD: own}))
    assert setting_lines(*of_spare(six)) == []
    four, spare = of_spare(pair(asked()))
    assert setting_lines(four, replace(spare, manager="static")) == []


def test_own_address_by_the_link_of_the_answer() -> None:
    """Once; and a strict filter is in the way where the address is on another link."""
    found = of_spare(pair(asked(), asked(port=81)))
    assert setting_lines(*found) == [ACCEPT, "net/ipv4/conf/eth2/rp_filter 2"]
    beside = of_spare(pair(asked(address="192.168.137.100")))
    assert setting_lines(*beside) == [ACCEPT]
