# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A description in the words of keepalived.conf, and what keepalived cannot do of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import checks as _checks
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import (
    cluster as _preflight_cluster,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import keepalived as _keepalived
from described import CHECKS, FLOATING, FLOATING6, IPV6_SERVERS, cluster, pair, service, words


def server_block(**changed: Any) -> list[str]:
    """The lines for one service."""
    (block,) = _keepalived.virtual_servers(cluster(service(**changed), **IPV6_SERVERS))
    return words(block)


def check_block(**check: Any) -> list[str]:
    """The lines of the check of the first real server."""
    lines = server_block(check=check, real_servers=[{"host": "rs1"}])
    return lines[lines.index("weight 1") + 2 : -2]


def test_service() -> None:
    """Every field is spelled out, and each server has its check."""
    assert server_block(
        address=FLOATING,
        real_servers=[{"host": "rs1", "weight": 2, "upper_threshold": 9, "lower_threshold": 3}],
        check={"type": "connect", "interval": 1, "timeout": 3, "quiescent": True, "alpha": True},
        sorry_server={"address": "127.0.0.1"},
    ) == [
        f"virtual_server {FLOATING} 80 {{",
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
    marked = {"name": "shop", "fwmark": 10, "addresses": [FLOATING, FLOATING6], "forward": "dr"}
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
    (problem,) = _preflight_cluster.preflight(pair(service(address=FLOATING, check=check)))
    assert problem.startswith("service web: ")
    assert told in problem


@pytest.mark.parametrize("text", ["a b", 'a"b', "a'b", "a{b", "a}", "!a", "a#b"])
@pytest.mark.parametrize(
    ("check", "name"),
    [({"type": "dns"}, "name"), ({"type": "external", "command": "/bin/check"}, "user")],
)
def test_what_is_written_without_quotes(check: dict[str, Any], name: str, text: str) -> None:
    """It has to be one word."""
    (problem,) = _preflight_cluster.preflight(
        pair(service(address=FLOATING, check={**check, name: text}))
    )
    assert problem.startswith(f"service web: check.{name} {text!r} is not one plain word")
    plain = {**check, name: "_a-1.example.org"}
    assert _preflight_cluster.preflight(pair(service(address=FLOATING, check=plain))) == []


def test_a_service_without_servers() -> None:
    """keepalived leaves it out, so that it would be missed."""
    (problem,) = _preflight_cluster.preflight(pair(service(address=FLOATING, real_servers=[])))
    assert problem.startswith("service web: real_servers is empty")


def test_what_is_no_weight_is_told_once() -> None:
    """By the model, and not by a fault here."""
    servers = [{"host": "rs1", "weight": "much"}]
    (problem,) = _preflight_cluster.preflight(pair(service(address=FLOATING, real_servers=servers)))
    assert "weight" in problem
