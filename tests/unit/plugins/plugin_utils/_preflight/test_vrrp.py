# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of addresses that move, and of keepalived's variables."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.vrrp import vrrp_problems
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings import roles
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.role import read_settings
from described import DIRECTOR, FLOATING, NOTHING_TOLD, host_info, one_of_two, pair, service

OWN = [{"role": "master", "interface": "eth2"}]
TOGETHER = {"sync_daemon": {"interface": "eth2"}, "daemons": OWN}


def problems(found: Cluster, daemons: Any = (), **changed: Any) -> list[Problem]:
    """What cannot work of a director's addresses, with these variables of the role."""
    given = {f"keepalived_{name}": value for name, value in changed.items()}
    settings, told = read_settings(roles.KEEPALIVED, given.get, "host director")
    director = {**DIRECTOR, "sync_daemons": daemons}
    return [*told, *vrrp_problems(found, found.hosts["director"], settings, director)]


@pytest.mark.parametrize(
    ("settings", "field", "value", "told"),
    [
        (
            {"virtual_router_id": 0},
            "keepalived_virtual_router_id",
            0,
            "is out of range; give one from 1 to 255.",
        ),
        ({"virtual_router_id": "x"}, "keepalived_virtual_router_id", "x", "is not a whole number"),
        ({"priority": 255}, "keepalived_priority", 255, "is out of range"),
        (
            {"preempt_delay": -1},
            "keepalived_preempt_delay",
            -1,
            "is out of range; give one from 0 to 1000.",
        ),
        ({"preempt_delay": 1001}, "keepalived_preempt_delay", 1001, "is out of range"),
        ({"advert_int": 41}, "keepalived_advert_int", 41, "is out of range"),
        ({"advert_int": "soon"}, "keepalived_advert_int", "soon", "is not a number"),
        ({"interface": "eth9"}, "keepalived_interface", "eth9", "is not an interface of director"),
        (
            {"track_interfaces": ["eth9"]},
            "keepalived_track_interfaces",
            "eth9",
            "is not an interface of director; use one of eth1, eth2.",
        ),
        (
            {"sync_daemon": {"sync_id": 1}},
            "keepalived_sync_daemon.interface",
            None,
            "is not given",
        ),
        (
            TOGETHER,
            "keepalived_sync_daemon",
            {"interface": "eth2"},
            "is given together with director_sync_daemons",
        ),
        ({"notify": "tell"}, "keepalived_notify", "tell", "is not the path of a program"),
        (
            {"track_scripts": [{"name": "a", "command": "look"}]},
            "keepalived_track_scripts.command",
            "look",
            "is not the path of a program",
        ),
        (
            {"track_scripts": [{"name": "a b", "command": "/bin/true"}]},
            "keepalived_track_scripts.name",
            "a b",
            "is not a name of letters, digits, - and _",
        ),
        (
            {"track_scripts": [{"name": "a", "command": "/bin/true"}] * 2},
            "keepalived_track_scripts.name",
            "a",
            "is there twice",
        ),
    ],
)
def test_setting_problems(settings: dict[str, Any], field: str, value: Any, told: str) -> None:
    """Each names the host, the variable, the value and the fix."""
    (problem,) = problems(pair(), **settings)
    assert problem.item.endswith("host director")
    assert (problem.field, problem.value) == (field, value)
    assert f" {told}" in str(problem)
    assert problem.advice


def test_settings_in_order() -> None:
    """Also as a template gives numbers."""
    settings = {"virtual_router_id": "255", "priority": "1", "advert_int": "0.01"}
    assert problems(pair(), **settings) == []
    assert problems(pair(), interface="eth2", track_interfaces=["eth1"]) == []


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("interface", "eth9", "does not exist on this host; use one of"),
        ("sync_id", 256, "is out of range; give one from 0 to 255."),
        ("maxlen", 0, "is out of range"),
        ("port", 65536, "is out of range"),
        ("ttl", 0, "is out of range"),
        ("group", "192.0.2.1", "is no multicast address"),
    ],
)
def test_daemon_problems(field: str, value: Any, told: str) -> None:
    """What the kernel would not start; who knows no facts cannot tell of the interface."""
    daemon = {"interface": "eth2", field: value}
    (problem,) = problems(pair(), sync_daemon=daemon)
    assert problem[:3] == ("host director", f"keepalived_sync_daemon.{field}", value)
    assert told in str(problem)
    unseen = pair(director={**one_of_two(2), "__preflight_host": NOTHING_TOLD})
    assert len(problems(unseen, sync_daemon=daemon)) == (field != "interface")


def test_length_that_a_group_does_not_have() -> None:
    """A packet of IPv6 has less room."""
    daemon = {"interface": "eth2", "maxlen": 65488, "group": "ff02::81"}
    (problem,) = problems(pair(), sync_daemon=daemon)
    assert problem[:3] == ("host director", "keepalived_sync_daemon.maxlen", 65488)


def test_a_daemon_in_order() -> None:
    """keepalived's with all fields, and the director's own without keepalived's."""
    daemon = {"interface": "eth2", "sync_id": 0, "maxlen": 1400, "port": 1, "ttl": 255}
    assert problems(pair(), sync_daemon={**daemon, "group": "ff02::81"}) == []
    assert problems(pair(), daemons=OWN) == []


def test_address_problems() -> None:
    """An address of the host's own, one on lo, and one that no network has."""
    dr = service(address=FLOATING, forward="dr")
    own = one_of_two(2, __preflight_host=host_info(eth1=[f"{FLOATING}/24"]))
    (problem,) = problems(pair(dr, director=own))
    assert str(problem).startswith(f"host director: {FLOATING}/24 is an address of its own, and")
    on_lo = pair(dr, director=one_of_two(2, director_vip_interface="lo"))
    (problem,) = problems(on_lo)
    assert problem.advice.endswith("in keepalived_interface")
    assert problems(on_lo, interface="eth1") == []
    away = pair(service(address="203.0.113.1", forward="dr"))
    (problem,) = problems(away)
    assert str(problem).startswith("host director: 203.0.113.1 is on no network of it; give")


def test_address_that_vrrp_has_given() -> None:
    """With the prefix length that it gives, or alone, an address is VRRP's own."""
    dr = service(address=FLOATING, forward="dr")
    for prefix in (32, 24):
        own = host_info(eth1=["192.168.0.2/24", f"{FLOATING}/{prefix}"])
        given = {"__preflight_host": own, "director_vip_prefix": 24}
        assert problems(pair(dr, director=one_of_two(2, **given))) == []


def test_unicast() -> None:
    """Each director has to have an address of its own where it speaks to the others."""
    dr = service(address=FLOATING, forward="dr")
    far = one_of_two(3, __preflight_host=host_info(eth1=["198.51.100.1/24"]))
    (problem,) = problems(pair(dr, spare=far), unicast=True)
    assert "spare has no IPv4 address on the network of eth1" in str(problem)
    assert problem.advice == "give it one, or set keepalived_unicast to false"
    assert problems(pair(), unicast=True) == []
    alone = one_of_two(
        2, __preflight_host=host_info(eth1=["fd00::2/64"]), director_vip_interface="eth1"
    )
    (problem,) = problems(pair(dr, director=alone), unicast=True)
    assert "eth1 has no IPv4 address that stays with the host" in str(problem)
