# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that move between directors in the words of keepalived.conf."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import (
    cluster as _preflight_cluster,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import vrrp as _vrrp_vrrp
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import vrrp as _vrrp
from described import (
    DIP,
    FLOATING,
    FLOATING6,
    KEEPALIVED,
    NET,
    facts,
    one_of_two,
    pair,
    service,
    words,
)

# What each group, or the only instance, runs at a change.
HANDOVER = [
    'notify_master "/sbin/handover settle"',
    'notify_backup "/sbin/handover unsettled"',
    'notify_fault "/sbin/handover unsettled"',
    'notify_stop "/sbin/handover unsettled"',
]


def vrrp(found: Cluster, name: str = "director", **changed: Any) -> list[list[str]]:
    """The blocks of a director's addresses."""
    blocks, _ = _vrrp.vrrp_blocks(found, name, {**KEEPALIVED, **changed})
    return [words(block) for block in blocks]


def vrrp_problems(found: Cluster, **changed: Any) -> list[str]:
    """What cannot work of a director's addresses."""
    return _vrrp_vrrp.vrrp_problems(found, "director", {**KEEPALIVED, **changed})


def test_addresses_move_together() -> None:
    """The gateway of NAT goes with the virtual addresses; each family has its own instance."""
    services = [service(address=FLOATING), service(name="six", address=FLOATING6, forward="dr")]
    group, first, second, third = vrrp(pair(*services))
    assert group == [
        "vrrp_sync_group lvs {",
        "group {",
        "lvs_ipv4_eth1",
        "lvs_ipv6_eth1",
        "lvs_ipv4_eth2",
        "}",
        *HANDOVER,
        "}",
    ]
    assert first == [
        "vrrp_instance lvs_ipv4_eth1 {",
        "state BACKUP",
        "nopreempt",
        "interface eth1",
        "virtual_router_id 51",
        "priority 200",
        "version 3",
        "advert_int 1",
        "virtual_ipaddress {",
        f"{FLOATING}/32 dev eth1",
        "}",
        "}",
    ]
    assert f"{FLOATING6}/128 dev eth1" in second
    assert f"{DIP}/32 dev eth2" in third


def test_one_interface_for_all() -> None:
    """Where one is named, a family has one instance, and no group is needed for one."""
    (only,) = vrrp(pair(), interface="eth2", notify="/bin/tell")
    assert [line for line in only if "dev" in line] == [
        f"{FLOATING}/32 dev eth1",
        f"{DIP}/32 dev eth2",
    ]
    assert only[-6:] == [*HANDOVER, 'notify "/bin/tell"', "}"]


def test_who_comes_back() -> None:
    """By default never takes over; else once it has heard of the connections, or at once."""
    for settings, told in (
        ({}, ["nopreempt"]),
        ({"preempt": True}, ["preempt_delay 30"]),
        ({"preempt": True, "preempt_delay": 0}, []),
    ):
        for block in vrrp(pair(), **settings)[1:]:
            assert [line for line in block if "preempt" in line] == told


def test_priorities() -> None:
    """They follow the group's order, unless one is given."""
    assert "priority 190" in vrrp(pair(), "spare")[1]
    assert "priority 7" in vrrp(pair(), "spare", priority=7)[1]


def test_tracking() -> None:
    """The group has it; an interface that has an instance is looked after already."""
    script = {"name": "web", "command": "/bin/look -a", "interval": 2, "user": "nobody"}
    blocks = vrrp(pair(), track_interfaces=["eth0", "eth1"], track_scripts=[script])
    assert blocks[0] == [
        "vrrp_script web {",
        'script "/bin/look -a"',
        "interval 2",
        "user nobody",
        "}",
    ]
    tracked = ["track_interface {", "eth0", "}", "track_script {", "web", "}"]
    assert blocks[1][5:-1] == [*tracked, *HANDOVER]
    assert not any({"track_script {", HANDOVER[0]} & {*block} for block in blocks[2:])


def test_unicast() -> None:
    """From the address that stays with the host to that of the other, master or not."""
    master = one_of_two(2, ansible_facts=facts(eth1=[f"{FLOATING}/32", f"{NET}.2/24"]))
    found = pair(service(address=FLOATING, forward="dr"), director=master)
    for name, own, other in (("director", 2, 3), ("spare", 3, 2)):
        (block,) = vrrp(found, name, unicast=True)
        start = block.index(f"unicast_src_ip {NET}.{own}")
        assert block[start + 1 : start + 4] == ["unicast_peer {", f"{NET}.{other}", "}"]


def test_sync_daemon() -> None:
    """It follows the first instance."""
    daemon = {"interface": "eth2", "sync_id": 5, "port": None}
    told = _vrrp.sync_daemon(["lvs_ipv4_eth1"], daemon)
    assert told == "lvs_sync_daemon eth2 lvs_ipv4_eth1 id 5"
    assert not _vrrp.sync_daemon(["lvs_ipv4_eth1"], {})
    assert not _vrrp.sync_daemon([], daemon)


def test_the_gateway_may_be_nobodys_yet() -> None:
    """With VRRP no director has it by itself; without, that is a problem as ever."""
    assert _preflight_cluster.preflight(pair()) == []
    static = {"director_manager": "static"}
    told = _preflight_cluster.preflight(
        pair(director=one_of_two(2, **static), spare=one_of_two(3, **static))
    )
    assert [text for text in told if f"lvs_dip {DIP} is on none of its interfaces" in text]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"virtual_router_id": 0}, "keepalived_virtual_router_id 0 is out of range"),
        ({"priority": 255}, "keepalived_priority 255 is out of range"),
        (
            {"preempt_delay": -1},
            "keepalived_preempt_delay -1 is out of range; give a number from 0 to 1000.",
        ),
        ({"preempt_delay": 1001}, "keepalived_preempt_delay 1001 is out of range"),
        ({"advert_int": 41}, "keepalived_advert_int 41 is out of range"),
        ({"interface": "eth9"}, "keepalived_interface: eth9 is not an interface of director"),
        ({"track_interfaces": ["eth9"]}, "keepalived_track_interfaces: eth9 is not an interface"),
        ({"sync_daemon": {"sync_id": 1}}, "keepalived_sync_daemon: interface is not given"),
        (
            {
                "sync_daemon": {"interface": "eth2"},
                "director_sync_daemons": [{"role": "master", "interface": "eth2"}],
            },
            "keepalived_sync_daemon {'interface': 'eth2'} is given together with"
            " director_sync_daemons",
        ),
        ({"notify": "tell"}, "keepalived_notify: 'tell' is not the path of a program"),
        (
            {"track_scripts": [{"name": "a b", "command": "/bin/true"}]},
            "name 'a b' is not one",
        ),
    ],
)
def test_setting_problems(settings: dict[str, Any], told: str) -> None:
    """Each names the variable, the value and the mend."""
    (problem,) = vrrp_problems(pair(), **settings)
    assert told in problem


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ({"interface": "eth9"}, "interface 'eth9' does not exist on this host; use one of"),
        ({"sync_id": 256}, "sync_id 256 is out of range; give one from 0 to 255."),
        ({"maxlen": 0}, "maxlen 0 is out of range"),
        ({"maxlen": 65488, "group": "ff02::81"}, "maxlen 65488 is out of range"),
        ({"port": 65536}, "port 65536 is out of range"),
        ({"ttl": 0}, "ttl 0 is out of range"),
        ({"group": "192.0.2.1"}, "group 192.0.2.1 is no multicast address"),
    ],
)
def test_daemon_problems(field: dict[str, Any], told: str) -> None:
    """What the kernel would not start; who knows no facts cannot tell of the interface."""
    (problem,) = vrrp_problems(pair(), sync_daemon={"interface": "eth2", **field})
    assert problem.startswith("keepalived_sync_daemon: sync daemon master: ")
    assert told in problem
    unseen = pair(director={**one_of_two(2), "ansible_facts": {}})
    assert len(vrrp_problems(unseen, sync_daemon={"interface": "eth2", **field})) == (
        "interface" not in field
    )


def test_a_daemon_in_order() -> None:
    """keepalived's with all fields, and the director's own without keepalived's."""
    daemon = {"interface": "eth2", "sync_id": 0, "maxlen": 1400, "port": 1, "ttl": 255}
    assert vrrp_problems(pair(), sync_daemon={**daemon, "group": "ff02::81"}) == []
    own = [{"role": "master", "interface": "eth2"}]
    assert vrrp_problems(pair(), director_sync_daemons=own) == []


def test_address_problems() -> None:
    """An address of the host's own, one on lo, and directors that cannot speak to each other."""
    dr = service(address=FLOATING, forward="dr")
    own = one_of_two(2, ansible_facts=facts(eth1=[f"{FLOATING}/24"]))
    (problem,) = vrrp_problems(pair(dr, director=own))
    assert f"host director: {FLOATING}/24 is an address of its own" in problem
    on_lo = pair(dr, director=one_of_two(2, director_vip_interface="lo"))
    (problem,) = vrrp_problems(on_lo)
    assert "keepalived_interface" in problem
    assert vrrp_problems(on_lo, interface="eth1") == []
    far = one_of_two(3, ansible_facts=facts(eth1=["198.51.100.1/24"]))
    (problem,) = vrrp_problems(pair(dr, spare=far), unicast=True)
    assert "spare has no IPv4 address on the network of eth1" in problem
    assert vrrp_problems(pair(), unicast=True) == []
