# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A description in the words of keepalived.conf."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.check_types import CHECK_TYPES
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.clients_way import (
    MARKS,
    mark_keys,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.drained import Line, drain
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import KEEPALIVED
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import bird
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import clients_way as _clients_way
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import keepalived as _keepalived
from check_examples import check_of, had_by, whole_check_of
from described import (
    FLOATING,
    FLOATING6,
    IPV6_SERVERS,
    announcing,
    cluster,
    one_of_three,
    pair,
    service,
    words,
)


def server_block(**changed: Any) -> list[str]:
    """The lines for one service, behind those of its check's marks."""
    *_marks, block = _keepalived.virtual_servers(cluster(service(**changed), **IPV6_SERVERS))
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
        forward="tun",
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
                r'regex "\x22ok\x22 \\d"',
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


@pytest.mark.parametrize("check_type", had_by(KEEPALIVED))
def test_every_type(check_type: str) -> None:
    """Each that it has can be written, with what it needs and with all that it has."""
    kind = CHECK_TYPES[check_type]
    assert kind.keepalived is not None
    for check in (check_of(check_type, KEEPALIVED), whole_check_of(check_type, KEEPALIVED)):
        lines = server_block(check=check, real_servers=[{"host": "rs1"}])
        asks = [line for line in lines if line == f"{kind.keepalived.block} {{"]
        assert len(asks) == kind.asks
    own = [*kind.keepalived.lines, *kind.keepalived.url]
    told = {line.split(" ")[0] for line in lines}
    # Where it is told a port only if the type asks one.
    assert {line.word for line in own if kind.asks_port or line.field != "port"} <= told


def test_drained_server() -> None:
    """It has weight 0, and stays under its check; with connections cut it is not there."""
    described = cluster(service(real_servers=[{"host": "rs1", "weight": 6}, {"host": "rs2"}]))
    since = "2026-11-28T05:00:00Z"
    (block,) = _keepalived.virtual_servers(drain(described, [Line("rs1", "drained", since)]))
    lines = words(block)
    start = lines.index("real_server 192.168.137.131 80 {")
    assert lines[start + 1] == "weight 0"
    assert "TCP_CHECK {" in lines[start : lines.index("real_server 192.168.137.130 80 {")]
    (block,) = _keepalived.virtual_servers(drain(described, [Line("rs1", "cut", since)]))
    assert "real_server 192.168.137.131 80 {" not in words(block)
    assert "real_server 192.168.137.130 80 {" in words(block)


# ---- checks by the clients' way ----------------------------------------------------------------
MARK = 1281645646


def by_clients_way(**changed: Any) -> list[list[str]]:
    """The blocks for a service of two directors whose servers are asked so."""
    own = {"address": FLOATING, "forward": "dr", "real_servers": [{"host": "rs1"}], **changed}
    described = pair(service(**{"check": {"type": "connect", "clients_way": True}, **own}))
    found = _clients_way.sources(described, described.hosts["spare"])
    return [words(block) for block in _keepalived.virtual_servers(described, found)]


def test_by_the_clients_way() -> None:
    """A mark leads to the one server, which is there unasked; its check goes to the address."""
    assert by_clients_way() == [
        [
            f"virtual_server fwmark {MARK} {{",
            "ip_family inet",
            "lvs_sched rr",
            "real_server 192.168.137.131 0 {",
            "weight 1",
            "lvs_method DR",
            "}",
            "}",
        ],
        [
            f"virtual_server {FLOATING} 80 {{",
            "protocol TCP",
            "lvs_sched rr",
            "lvs_method DR",
            "delay_loop 10",
            "quorum 1",
            "hysteresis 0",
            "real_server 192.168.137.131 80 {",
            "weight 1",
            "lvs_method DR",
            "TCP_CHECK {",
            f"connect_ip {FLOATING}",
            "bindto 192.168.137.3",
            f"fwmark {MARK}",
            "connect_port 80",
            "connect_timeout 5",
            "retry 0",
            "}",
            "}",
            "}",
        ],
    ]


def test_a_tunnel_by_the_clients_way() -> None:
    """It is the service's."""
    gue = {"tunnel_type": "gue", "tunnel_port": 6080}
    mark, _service = by_clients_way(forward="tun", **gue)
    assert "lvs_method TUN type gue port 6080 nocsum" in mark


def test_each_address_of_a_mark() -> None:
    """All of them have to answer."""
    marked = {"fwmark": 10, "address": None, "port": None, "addresses": [FLOATING, "192.168.0.104"]}
    check = {"type": "http", "port": 80, "clients_way": True}
    _mark, block = by_clients_way(**marked, check=check)
    assert [line for line in block if line.startswith("connect_ip")] == [
        f"connect_ip {FLOATING}",
        "connect_ip 192.168.0.104",
    ]
    assert block.count(f"fwmark {MARK}") == block.count("HTTP_GET {") == 2


def test_services_that_are_there() -> None:
    """keepalived is told of them alone, and of a mark that shows that it has read that."""
    check = {"type": "http", "path": "/", "clients_way": True}
    more = service(address=FLOATING, port=81, forward="dr", check=check)
    both = pair(service(address=FLOATING, forward="dr", check=check), more)
    mark, *_ = mark_keys(both)
    there = {mark, ("tcp", FLOATING, 81)}
    heads = [words(block)[0] for block in _keepalived.virtual_servers(both, there=there)]
    assert heads == [
        f"virtual_server fwmark {MARKS[-1]} {{",
        f"virtual_server fwmark {mark[0]} {{",
        f"virtual_server {FLOATING} 81 {{",
    ]
    (spare,) = _keepalived.virtual_servers(both, there=())
    assert "real_server 127.0.0.1 0 {" in words(spare)


def test_an_address_without_a_server_is_withdrawn() -> None:
    """It is told both ways, of each service of which the director announces the address."""
    found = announcing(
        **{f"d{n}": one_of_three(n, director_manager="keepalived") for n in (1, 2, 3)}
    )
    tellers = bird.tellers(found, found.hosts["d1"])
    for block in map(words, _keepalived.virtual_servers(found, {}, tellers)):
        assert 'quorum_up "/usr/local/sbin/lvs-announce look 2" root' in block
        assert 'quorum_down "/usr/local/sbin/lvs-announce look 2" root' in block
    for block in map(words, _keepalived.virtual_servers(found)):
        assert not [line for line in block if line.startswith("quorum_")]
