# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A description in the words of keepalived.conf, and what keepalived cannot do of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import (
    _checks,
    _keepalived,
    _preflight,
)
from ansible_collections.lvs.cluster.plugins.module_utils._cluster import Cluster
from described import CHECKS, DIP, GROUPS, KEEPALIVED, cluster, facts, service

VIP = "192.168.0.100"
VIP6 = "fd00::100"
NET = "192.168.0"
# What each group, or the only instance, runs at a change.
HANDOVER = [
    'notify_master "/sbin/handover settle"',
    'notify_backup "/sbin/handover unsettled"',
    'notify_fault "/sbin/handover unsettled"',
    'notify_stop "/sbin/handover unsettled"',
]
IPV6_SERVERS = {
    name: {
        "lvs_rip6": f"fd00:137::{last}",
        "ansible_facts": facts(eth1=[f"192.168.137.{last}/24", f"fd00:137::{last}/64"]),
    }
    for name, last in (("rs1", 131), ("rs2", 130))
}


def director(last: int, **changed: Any) -> dict[str, Any]:
    """One of two directors, without the addresses that move between them."""
    return {
        "lvs_dip": DIP,
        "director_manager": "keepalived",
        "ansible_facts": facts(
            eth1=[f"{NET}.{last}/24", f"fd00::{last}/64"], eth2=[f"192.168.137.{last}/24"]
        ),
        **changed,
    }


def pair(*services: Any, **hosts: Any) -> Cluster:
    """Two directors that share a service by NAT."""
    groups = {**GROUPS, "directors": ["director", "spare"]}
    named = {"director": director(2), "spare": director(3), **IPV6_SERVERS, **hosts}
    return cluster(*(services or (service(address=VIP),)), groups=groups, **named)


def words(block: list[str]) -> list[str]:
    """The lines of a block, without how they are set in."""
    return [line.strip() for line in block]


def server_block(**changed: Any) -> list[str]:
    """The lines for one service."""
    (block,) = _keepalived.virtual_servers(cluster(service(**changed), **IPV6_SERVERS))
    return words(block)


def check_block(**check: Any) -> list[str]:
    """The lines of the check of the first real server."""
    lines = server_block(check=check, real_servers=[{"host": "rs1"}])
    return lines[lines.index("weight 1") + 2 : -2]


def vrrp(found: Cluster, name: str = "director", **changed: Any) -> list[list[str]]:
    """The blocks of a director's addresses."""
    blocks, _ = _keepalived.vrrp(found, name, {**KEEPALIVED, **changed})
    return [words(block) for block in blocks]


def vrrp_problems(found: Cluster, **changed: Any) -> list[str]:
    """What cannot work of a director's addresses."""
    return _keepalived.vrrp_problems(found, "director", {**KEEPALIVED, **changed})


def test_service() -> None:
    """Every field is spelled out, and each server has its check."""
    assert server_block(
        address=VIP,
        real_servers=[{"host": "rs1", "weight": 2, "upper_threshold": 9, "lower_threshold": 3}],
        check={"type": "connect", "interval": 1, "timeout": 3, "quiescent": True, "alpha": True},
        sorry_server={"address": "127.0.0.1"},
    ) == [
        f"virtual_server {VIP} 80 {{",
        "protocol TCP",
        "lvs_sched rr",
        "lvs_method NAT",
        "delay_loop 1",
        "quorum 1",
        "hysteresis 0",
        "alpha",
        "sorry_server 127.0.0.1 80",
        "sorry_server_lvs_method DR",
        "real_server 192.168.137.131 80 {",
        "weight 2",
        "lvs_method NAT",
        "uthreshold 9",
        "lthreshold 3",
        "inhibit_on_failure",
        "TCP_CHECK {",
        "connect_port 80",
        "connect_timeout 3",
        "retry 0",
        "}",
        "}",
        "}",
    ]


def test_what_the_table_has() -> None:
    """Persistence, flags, one packet, tunnels; what is left at its default is left out."""
    lines = server_block(
        protocol="udp",
        one_packet=True,
        scheduler="sh",
        scheduler_flags=["sh-port"],
        persistent_timeout=360,
        persistent_netmask="255.255.255.0",
    )
    assert lines[1:7] == [
        "protocol UDP",
        "lvs_sched sh",
        "sh-port",
        "persistence_timeout 360",
        "persistence_granularity 255.255.255.0",
        "ops",
    ]
    assert "persistence_timeout 360" in server_block(persistent_timeout=360)
    assert "granularity" not in " ".join(server_block(persistent_timeout=360))
    assert "lvs_method TUN" in server_block(forward="tun")
    gue = {"tunnel_type": "gue", "tunnel_port": 6080, "tunnel_checksum": "csum"}
    assert "lvs_method TUN type gue port 6080 csum" in server_block(forward="tun", **gue)


def test_marks_of_both_families() -> None:
    """A service each; its servers are asked on the port of the check."""
    marked = {"name": "shop", "fwmark": 10, "addresses": [VIP, VIP6], "forward": "dr"}
    both = {**marked, "real_servers": [{"host": "rs1"}], "check": {"port": 80}}
    ipv4, ipv6 = map(words, _keepalived.virtual_servers(cluster(both, **IPV6_SERVERS)))
    assert ipv4[:2] == ["virtual_server fwmark 10 {", "ip_family inet"]
    assert ipv6[:2] == ["virtual_server fwmark 10 {", "ip_family inet6"]
    assert "real_server fd00:137::131 0 {" in ipv6
    assert "connect_port 80" in ipv6


@pytest.mark.parametrize(
    ("check", "lines"),
    [
        ({"type": "always"}, []),
        ({"type": "ping"}, ["PING_CHECK {", "connect_timeout 5", "retry 0", "}"]),
        (
            {"type": "https", "path": "/a", "expect": r'"ok" \d', "virtual_host": "www.a.org"},
            [
                "SSL_GET {",
                "connect_port 80",
                "connect_timeout 5",
                "retry 0",
                "enable_sni",
                "url {",
                'path "/a"',
                'virtualhost "www.a.org"',
                "status_code 200-299",
                "regex_options multiline",
                r'regex "\"ok\" \\d"',
                "}",
                "}",
            ],
        ),
        (
            {
                "type": "http",
                "status": [200, "301-302"],
                "digest": "0a" * 16,
                "failures": 3,
                "delay_before_retry": 2,
                "warmup": 1,
            },
            [
                "HTTP_GET {",
                "connect_port 80",
                "connect_timeout 5",
                "retry 2",
                "delay_before_retry 2",
                "warmup 1",
                "url {",
                'path "/"',
                "status_code 200 301-302",
                f"digest {'0a' * 16}",
                "}",
                "}",
            ],
        ),
        (
            {"type": "external", "command": "/bin/check", "user": "nobody", "dynamic": True},
            [
                "MISC_CHECK {",
                'misc_path "/bin/check 192.168.0.111 80 192.168.137.131 80"',
                "misc_timeout 5",
                "misc_dynamic",
                "user nobody",
                "retry 0",
                "}",
            ],
        ),
    ],
)
def test_checks(check: dict[str, Any], lines: list[str]) -> None:
    """Each type of check in keepalived's words."""
    assert check_block(**check) == lines


@pytest.mark.parametrize(
    ("check", "line"),
    [
        ({"type": "smtp", "helo_name": "lvs.a.org"}, 'helo_name "lvs.a.org"'),
        ({"type": "dns", "name": "www.a.org", "record": "A"}, "type A"),
        ({"type": "dns", "name": "www.a.org"}, "name www.a.org"),
        ({"type": "udp", "payload": "0a0b"}, "payload 0a0b"),
        ({"type": "udp", "reply": "0c"}, "require_reply 0c"),
    ],
)
def test_fields_of_checks(check: dict[str, Any], line: str) -> None:
    """What a type has of its own."""
    assert line in check_block(**check)


def test_every_type_is_known() -> None:
    """None that the description lets keepalived have is left out in silence."""
    had = [name for name, kind in _checks.CHECK_TYPES.items() if "keepalived" in kind.managers]
    assert set(_keepalived._BLOCKS) == {*had} - {"always"}
    for name in had:
        given = {key: value for key, value in CHECKS.get(name, {}).items() if key != "expect"}
        assert bool(check_block(type=name, **given)) == (name != "always"), name


def test_addresses_move_together() -> None:
    """The gateway of NAT goes with the virtual addresses; each family has its own instance."""
    services = [service(address=VIP), service(name="six", address=VIP6, forward="dr")]
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
        f"{VIP}/32 dev eth1",
        "}",
        "}",
    ]
    assert f"{VIP6}/128 dev eth1" in second
    assert f"{DIP}/32 dev eth2" in third


def test_one_interface_for_all() -> None:
    """Where one is named, a family has one instance, and no group is needed for one."""
    (only,) = vrrp(pair(), interface="eth2", notify="/bin/tell")
    assert [line for line in only if "dev" in line] == [f"{VIP}/32 dev eth1", f"{DIP}/32 dev eth2"]
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
    master = director(2, ansible_facts=facts(eth1=[f"{VIP}/32", f"{NET}.2/24"]))
    found = pair(service(address=VIP, forward="dr"), director=master)
    for name, own, other in (("director", 2, 3), ("spare", 3, 2)):
        (block,) = vrrp(found, name, unicast=True)
        start = block.index(f"unicast_src_ip {NET}.{own}")
        assert block[start + 1 : start + 4] == ["unicast_peer {", f"{NET}.{other}", "}"]


def test_sync_daemon() -> None:
    """It follows the first instance."""
    daemon = {"interface": "eth2", "sync_id": 5, "port": None}
    told = _keepalived.sync_daemon(["lvs_ipv4_eth1"], daemon)
    assert told == "lvs_sync_daemon eth2 lvs_ipv4_eth1 id 5"
    assert not _keepalived.sync_daemon(["lvs_ipv4_eth1"], {})
    assert not _keepalived.sync_daemon([], daemon)


def test_the_gateway_may_be_nobodys_yet() -> None:
    """With VRRP no director has it by itself; without, that is a problem as ever."""
    assert _preflight.preflight(pair()) == []
    static = {"director_manager": "static"}
    told = _preflight.preflight(pair(director=director(2, **static), spare=director(3, **static)))
    assert [text for text in told if f"lvs_dip {DIP} is on none of its interfaces" in text]


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ({"quorum": 3}, "check.quorum 3 is more than the 2 that all real servers weigh"),
        ({"hysteresis": 1}, "check.hysteresis 1 is not less than check.quorum 1"),
        ({"path": '/"'}, "has a quotation mark"),
        ({"type": "ftp"}, "check.type ftp is not one that keepalived has"),
    ],
)
def test_problems(check: dict[str, Any], told: str) -> None:
    """What keepalived cannot do comes with the service's name."""
    (problem,) = _preflight.preflight(pair(service(address=VIP, check=check)))
    assert problem.startswith("service web: ")
    assert told in problem


@pytest.mark.parametrize("text", ["a b", 'a"b', "a'b", "a{b", "a}", "!a", "a#b"])
@pytest.mark.parametrize(
    ("check", "name"),
    [({"type": "dns"}, "name"), ({"type": "external", "command": "/bin/check"}, "user")],
)
def test_what_is_written_without_quotes(check: dict[str, Any], name: str, text: str) -> None:
    """It has to be one word."""
    (problem,) = _preflight.preflight(pair(service(address=VIP, check={**check, name: text})))
    assert problem.startswith(f"service web: check.{name} {text!r} is not one plain word")
    plain = {**check, name: "_a-1.example.org"}
    assert _preflight.preflight(pair(service(address=VIP, check=plain))) == []


def test_a_service_without_servers() -> None:
    """keepalived leaves it out, so that it would be missed."""
    (problem,) = _preflight.preflight(pair(service(address=VIP, real_servers=[])))
    assert problem.startswith("service web: real_servers is empty")


def test_what_is_no_weight_is_told_once() -> None:
    """By the model, and not by a fault here."""
    servers = [{"host": "rs1", "weight": "much"}]
    (problem,) = _preflight.preflight(pair(service(address=VIP, real_servers=servers)))
    assert "weight" in problem


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
    unseen = pair(director={**director(2), "ansible_facts": {}})
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
    dr = service(address=VIP, forward="dr")
    own = director(2, ansible_facts=facts(eth1=[f"{VIP}/24"]))
    (problem,) = vrrp_problems(pair(dr, director=own))
    assert f"host director: {VIP}/24 is an address of its own" in problem
    on_lo = pair(dr, director=director(2, director_vip_interface="lo"))
    (problem,) = vrrp_problems(on_lo)
    assert "keepalived_interface" in problem
    assert vrrp_problems(on_lo, interface="eth1") == []
    far = director(3, ansible_facts=facts(eth1=["198.51.100.1/24"]))
    (problem,) = vrrp_problems(pair(dr, spare=far), unicast=True)
    assert "spare has no IPv4 address on the network of eth1" in problem
    assert vrrp_problems(pair(), unicast=True) == []
