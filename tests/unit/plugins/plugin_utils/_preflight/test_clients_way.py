# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals about checks by the clients' way."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.clients_way import (
    MARKS,
    mark_keys,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.clients_way import (
    clients_way_problems,
    host_problems,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.director import key_arguments
from described import (
    DIRECTOR,
    FLOATING,
    FLOATING6,
    TOLD,
    host_info,
    one_of_two,
    pair,
    problems,
    service,
)
from nft_rules import base, has, is_state, rule, table, told, verdict

WAY = {"type": "http", "clients_way": True}


def asked(**changed: Any) -> dict[str, Any]:
    """A service whose servers are asked so, by direct routing."""
    return service(**{"address": FLOATING, "forward": "dr", "check": WAY, **changed})


def of_services(*services: Any, **hosts: Any) -> list[str]:
    """What is wrong with services."""
    return [str(one) for one in clients_way_problems(pair(*services, **hosts))]


def of_host(
    *services: Any,
    found: dict[str, Any] | None = None,
    live: Any = None,
    settings: dict[str, Any] | None = None,
    **spare: Any,
) -> list[str]:
    """What keeps the second of two directors from asking."""
    described = pair(*services, spare=one_of_two(3, **spare))
    host = described.hosts["spare"]
    own = {**DIRECTOR, **(settings or {})}
    return [str(one) for one in host_problems(described, host, own, found or {}, live)]


# ---- services ----------------------------------------------------------------------------------
def test_what_works() -> None:
    """By direct routing and tunnel, of both families; and what is not asked so."""
    six = one_of_two(
        3, **{TOLD: host_info(eth1=["192.168.0.3/24", "fd00::3/64"], eth2=["192.168.137.3/24"])}
    )
    good = [asked(), asked(port=81, forward="tun"), asked(address=FLOATING6)]
    assert of_services(*good, spare=six) == []
    assert of_host(asked(), asked(port=81, forward="tun")) == []
    assert of_host(service(address=FLOATING)) == []


def test_nat() -> None:
    """Its answer says nothing of the way back."""
    assert of_services(asked(forward="nat", real_servers=[{"host": "rs1"}])) == [
        "real server rs1 of service web: check.clients_way says no more of a real server by nat"
        " than a check without it; leave it out, or forward by dr or tun."
    ]


def test_families_that_differ() -> None:
    """A tunnel of the other family brings packets in, and the answer may have no way back."""
    servers = [{"address": "192.168.137.131"}]
    assert of_services(asked(address=FLOATING6, forward="tun", real_servers=servers)) == [
        "real server 192.168.137.131 of service web: check.clients_way needs addresses of one"
        " family, and that of the service is IPv6, of the real server IPv4; leave it out, or give"
        " the real server an address of that family."
    ]


def test_a_mark_without_addresses() -> None:
    """There is nothing to ask."""
    shop = {"name": "shop", "fwmark": 10, "forward": "dr", "check": {**WAY, "port": 80}}
    assert of_services({**shop, "real_servers": [{"address": "192.168.137.9"}]}) == [
        "service shop: check.clients_way has no address to ask: something else marks the service's"
        " packets; give addresses, or leave it out."
    ]


def test_a_mark_that_checks_have() -> None:
    """Only where there is such a check."""
    shop = {"name": "shop", "fwmark": MARKS[5], "addresses": [FLOATING], "ports": [80]}
    shop = {**shop, "forward": "dr", "real_servers": [{"host": "rs1"}]}
    assert of_services(shop) == []
    assert of_services(shop, asked(port=81)) == [
        "service shop: fwmark 1281359877 is one of 1281359872 to 1282408447, by which a director"
        " asks real servers (check.clients_way); give another one."
    ]


@pytest.mark.parametrize(
    ("manager", "check", "told"),
    [
        ("ldirectord", WAY, "is nothing that ldirectord has for type http; leave it out."),
        (
            "keepalived",
            {"type": "udp", "clients_way": True, "payload": "00"},
            "is nothing that keepalived has for type udp; leave it out.",
        ),
        (
            "keepalived",
            {"type": "ping", "clients_way": True},
            "is nothing that keepalived has for type ping; leave it out.",
        ),
    ],
)
def test_who_does_not_have_it(manager: str, check: dict[str, Any], told: str) -> None:
    """Whatever is not asked by TCP, and ldirectord."""
    own = {"director": {"director_manager": manager}}
    found = map(str, problems(asked(check=check), **own))
    assert f"service web: check.clients_way {told}" in found


def test_without_a_health_checker() -> None:
    """Nobody asks."""
    own = {"director_manager": "static"}
    assert not any("clients_way" in str(one) for one in problems(asked(), director=own))


# ---- hosts -------------------------------------------------------------------------------------
def test_from_nowhere() -> None:
    """Told once for a link."""
    own = host_info(eth1=["192.168.0.3/24", "fd00::3/64"], eth2=["192.168.137.3/24"])
    assert of_host(asked(address=FLOATING6), **{TOLD: own}) == [
        "host spare: it has no IPv6 address that stays with the host, from which it could ask"
        " fd00:137::131 (check.clients_way); give it one, or leave check.clients_way out."
    ]
    own = host_info(eth1=["192.168.0.3/24"], eth2=["192.168.137.3/32", "192.168.137.129/24"])
    assert of_host(asked(), service(address=FLOATING, port=81), **{TOLD: own})[0].startswith(
        "host spare: eth2 has no IPv4 address that stays with the host,"
    )


def test_without_a_route() -> None:
    """Another director has the address, and this one sends nothing at all."""
    own = host_info(eth1=["192.168.0.3/24"], eth2=["192.168.137.3/24"])
    far = asked(address="10.0.0.100")
    assert of_host(far, **{TOLD: own}) == [
        "host spare: it has no route to 10.0.0.100, which it asks (check.clients_way) while another"
        " director has the address; give it a default gateway, or leave check.clients_way out."
    ]
    assert of_host(far, **{TOLD: {**own, "gateways": ["192.168.0.1"]}}) == []


def test_a_mark_of_somebody_else() -> None:
    """Not where it is what an earlier run has made."""
    key = mark_keys(pair(asked()))[0]
    live = {"services": [{"fwmark": key[0], "family": key[1]}, {"virtual_address": FLOATING}]}
    assert of_host(asked(), live=live) == [
        f"host spare: it has a service of the firewall mark {key[0]}, which check.clients_way is to"
        " have; give that one another mark."
    ]
    assert of_host(asked(), live=live, found={"services": [key_arguments(key)]}) == []


INVALID = rule("input", is_state("invalid"), verdict("drop"))


def test_a_firewall_that_drops_the_answers() -> None:
    """They belong to no connection that it knows."""
    found = {"ruleset": told(table(base("input", "accept"), INVALID))}
    (problem,) = of_host(asked(), found=found)
    assert problem.startswith(
        "host spare: its firewall drops real servers' answers to check.clients_way, which belong to"
        " no connection that it knows ("
    )
    assert of_host(asked(), found=found, settings={"firewall_check": False}) == []
    assert of_host(service(address=FLOATING), found=found) == []
    let_in = rule("input", has("ip", "saddr", FLOATING), verdict("accept"))
    before = {"ruleset": told(table(base("input", "accept"), let_in, INVALID))}
    assert of_host(asked(), found=before) == []


def test_a_firewall_that_the_role_opens() -> None:
    """firewalld and ufw drop them before all that is opened."""
    assert of_host(asked(), settings={"firewall": "ufw"}) == [
        "host spare: director_firewall 'ufw' drops real servers' answers to check.clients_way,"
        " which belong to no connection that it knows; leave check.clients_way out, or set none and"
        " accept them yourself (docs/firewall.md)."
    ]
