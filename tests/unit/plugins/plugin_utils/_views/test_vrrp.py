# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that move between directors in the words of keepalived.conf."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import vrrp as _vrrp
from described import (
    DIP,
    FLOATING,
    FLOATING6,
    KEEPALIVED,
    NET,
    host_info,
    one_of_two,
    pair,
    service,
    words,
)

# What each group, or the only instance, runs at a change.
HANDOVER = [
    'notify_master "/usr/local/sbin/lvs-handover settle" root',
    'notify_backup "/usr/local/sbin/lvs-handover unsettled" root',
    'notify_fault "/usr/local/sbin/lvs-handover unsettled" root',
    'notify_stop "/usr/local/sbin/lvs-handover unsettled" root',
]


def vrrp(found: Cluster, name: str = "director", **changed: Any) -> list[list[str]]:
    """The blocks of a director's addresses."""
    blocks, _ = _vrrp.vrrp_blocks(found, found.hosts[name], {**KEEPALIVED, **changed})
    return [words(block) for block in blocks]


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


@pytest.mark.parametrize(
    ("address", "mtu", "room"),
    [
        ("192.168.0", 1500, 255),
        ("192.168.0", 576, 133),
        ("fd00::", 1500, 89),
        ("fd00::", 1280, 76),
        ("fd00::", 9000, 255),
    ],
)
def test_more_addresses_than_an_advertisement_takes(address: str, mtu: int, room: int) -> None:
    """The others are given and taken with them, and not advertised."""
    six = address.endswith(":")
    own = host_info(eth1=["fd00::ffff/64" if six else "192.168.0.2/16"])
    own["interfaces"][-1]["mtu"] = mtu
    many = [
        f"{address}{number:x}" if six else f"192.168.{number // 250 + 1}.{number % 250 + 1}"
        for number in range(1, 301)
    ]
    shop = {
        "name": "shop",
        "fwmark": 1,
        "addresses": many,
        "forward": "dr",
        "real_servers": [{"address": "fd00::fffe" if six else "192.168.0.3"}],
    }
    found = pair(shop, director={"director_manager": "keepalived", "__preflight_host": own})
    (block,) = vrrp(found)
    start, end = block.index("virtual_ipaddress {"), block.index("virtual_ipaddress_excluded {")
    prefix = 128 if six else 32
    told = [f"{one}/{prefix} dev eth1" for one in many]
    assert block[start + 1 : end] == [*told[:room], "}"]
    assert block[end + 1 : end + 1 + len(told[room:])] == told[room:]


def test_globals() -> None:
    """Whom programs are run as, and the daemon where there is one."""
    host = pair().hosts["director"]
    assert words(_vrrp.global_lines(host, KEEPALIVED, "")) == [
        "global_defs {",
        'router_id "director"',
        "script_user root",
        "enable_script_security",
        "}",
    ]
    assert _vrrp.global_lines(host, KEEPALIVED, "lvs_sync_daemon x")[-2:] == [
        "    lvs_sync_daemon x",
        "}",
    ]


def test_one_interface_for_all() -> None:
    """Where one is named, a family has one instance, and no group is needed for one."""
    (only,) = vrrp(pair(), interface="eth2", notify="/bin/tell")
    assert [line for line in only if "dev" in line] == [
        f"{FLOATING}/32 dev eth1",
        f"{DIP}/32 dev eth2",
    ]
    assert only[-6:] == [*HANDOVER, 'notify "/bin/tell" root', "}"]


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
    master = one_of_two(2, __preflight_host=host_info(eth1=[f"{FLOATING}/32", f"{NET}.2/24"]))
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


def test_addresses() -> None:
    """Of each its prefix length and interface; the gateway's are not those of virtual addresses."""
    given = {"director_vip_interface": "eth9", "director_vip_prefix": 24}
    found = pair(director=one_of_two(2, **given))
    assert _vrrp.addresses(found, found.hosts["director"]) == [
        f"{FLOATING}/24 eth9",
        f"{DIP}/32 eth2",
    ]


def test_prefix_of_each_family() -> None:
    """One for IPv6 addresses is none for the others."""
    servers = [{"host": "rs1"}]
    both = [service(address=each, real_servers=servers) for each in (FLOATING, FLOATING6)]
    found = pair(*both, director=one_of_two(2, director_vip_prefix6=64))
    assert _vrrp.addresses(found, found.hosts["director"])[:2] == [
        f"{FLOATING}/32 eth1",
        f"{FLOATING6}/64 eth1",
    ]
