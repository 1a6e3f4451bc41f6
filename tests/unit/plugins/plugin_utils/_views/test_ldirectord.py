# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A description in the words of ldirectord.cf, and what ldirectord cannot do of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import checks as _checks
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import (
    cluster as _preflight_cluster,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import (
    ldirectord as _ldirectord_ldirectord,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import ldirectord as _ldirectord
from described import CHECKS, LDIRECTORD, SQL, VIP, cluster, service

VIP6 = "fd00::100"
IPV6_SERVERS = {"rs1": {"lvs_rip6": "fd00:137::131"}, "rs2": {"lvs_rip6": "fd00:137::130"}}


def section(fork: bool = False, **changed: Any) -> list[str]:
    """The lines for one service."""
    (lines,) = _ldirectord.virtual_sections(cluster(service(**changed), **IPV6_SERVERS), fork)
    return lines


def check_lines(**check: Any) -> list[str]:
    """The lines that tell how the servers are checked."""
    lines = section(check=check)
    return lines[lines.index("scheduler=rr") + 1 : -1]


def problems(**changed: Any) -> list[str]:
    """What ldirectord cannot do of a service."""
    return _ldirectord_ldirectord.ldirectord_problems(cluster(service(**changed), **IPV6_SERVERS))


def test_section() -> None:
    """The seed's, with every field spelled out."""
    check = {"type": "http", "path": "/index.html", "expect": "ok", "interval": 1, "timeout": 3}
    servers = [{"host": "rs1", "weight": 2}, {"host": "rs2", "upper_threshold": 9}]
    assert section(check=check, real_servers=servers, sorry_server={"address": "127.0.0.1"}) == [
        f"virtual={VIP}:80",
        "real=192.168.137.131:80 masq 2",
        "real=192.168.137.130:80 masq 1 u:9",
        "fallback=127.0.0.1:80 gate",
        "protocol=tcp",
        "scheduler=rr",
        "checktype=negotiate",
        "service=http",
        "checkport=80",
        'request="/index.html"',
        'receive="ok"',
        "checktimeout=3",
        "negotiatetimeout=3",
        "failurecount=1",
        "quiescent=no",
        "servicename=web",
    ]


def test_ipv6_and_marks() -> None:
    """Each has words of its own for the service and its servers."""
    servers = [{"host": "rs1"}]
    sorry: dict[str, Any] = {"address": "::1"}
    lines = section(address=VIP6, forward="dr", real_servers=servers, sorry_server=sorry)
    assert lines[:4] == [
        f"virtual6=[{VIP6}]:80",
        "real6=[fd00:137::131]:80 gate 1",
        "fallback6=[::1]:80 gate",
        "protocol=tcp",
    ]
    marked = {"name": "shop #1", "fwmark": 10, "addresses": [VIP, VIP6], "forward": "tun"}
    both = cluster({**marked, "real_servers": servers, "check": {"port": 80}}, **IPV6_SERVERS)
    ipv4, ipv6 = _ldirectord.virtual_sections(both, False)
    assert ipv4[:3] == ["virtual=10", "real=192.168.137.131:0 ipip 1", "protocol=fwm"]
    assert ipv6[:3] == ["virtual6=10", "real6=[fd00:137::131]:0 ipip 1", "protocol=fwm"]
    assert ipv4[-1] == "servicename=shop 1 (IPv4)"


def test_what_the_table_has() -> None:
    """Persistence, flags, one packet; what is left at its default is left out."""
    lines = section(
        protocol="udp",
        one_packet=True,
        scheduler="sh",
        scheduler_flags=["sh-port", "sh-fallback"],
        persistent_timeout=360,
        persistent_netmask="255.255.255.0",
        real_servers=[],
    )
    assert lines[1:7] == [
        "protocol=udp",
        "scheduler=sh",
        "schedflags=sh-fallback,sh-port",
        "persistent=360",
        "netmask=255.255.255.0",
        "ops=yes",
    ]
    assert "persistent=360" in section(persistent_timeout=360)
    assert not any(line.startswith("netmask") for line in section(persistent_timeout=360))


@pytest.mark.parametrize(
    ("check", "lines"),
    [
        ({}, ["checktype=connect", "checkport=80"]),
        ({"type": "ping"}, ["checktype=ping"]),
        ({"type": "ping", "attempts": 3}, ["checktype=ping", "checkcount=3"]),
        (
            {"type": "external", "command": "/bin/check"},
            ["checktype=external", 'checkcommand="/bin/check"'],
        ),
        (
            {"type": "external_perl", "command": "/bin/check"},
            ["checktype=external-perl", 'checkcommand="/bin/check"'],
        ),
        (
            {"path": "/", "connects_between": 5, "method": "HEAD", "virtual_host": "www.a.org"},
            [
                "checktype=5",
                "service=http",
                "checkport=80",
                'request="/"',
                'virtualhost="www.a.org"',
                "httpmethod=HEAD",
            ],
        ),
        (
            {"type": "mysql", **SQL, "port": 3306},
            [
                "checktype=negotiate",
                "service=mysql",
                "checkport=3306",
                'request="SELECT 1"',
                'login="watch"',
                'passwd="pass word"',
                'database="shop"',
            ],
        ),
        (
            {"type": "simpletcp", "request": "/quit", "expect": "bye"},
            [
                "checktype=negotiate",
                "service=simpletcp",
                "checkport=80",
                'request="//quit"',  # one of them is taken away
                'receive="bye"',
            ],
        ),
    ],
)
def test_checks(check: dict[str, Any], lines: list[str]) -> None:
    """What is asked, and by what."""
    always = ["checktimeout=5", "negotiatetimeout=5", "failurecount=1", "quiescent=no"]
    assert check_lines(**check) == [*lines, *always]


@pytest.mark.parametrize(("check_type", "word"), [("always", "on"), ("never", "off")])
def test_nothing_is_asked(check_type: str, word: str) -> None:
    """There is nothing to say of when and how."""
    assert check_lines(type=check_type) == [f"checktype={word}"]


def test_when_and_how() -> None:
    """A service has an interval of its own only where it has a process of its own."""
    check = {"interval": 2, "timeout": 1, "failures": 3, "quiescent": True}
    assert section(check=check)[-5:-1] == [
        "checktimeout=1",
        "negotiatetimeout=1",
        "failurecount=3",
        "quiescent=yes",
    ]
    assert "checkinterval=2" in section(fork=True, check=check)
    assert "checkinterval=2" not in section(check=check)


def test_the_port_that_is_asked() -> None:
    """Each server's own, where they differ; the usual one, where the service is for all ports."""
    servers = [{"host": "rs1", "port": 8080}, {"host": "rs2"}]
    assert not any(line.startswith("checkport") for line in section(real_servers=servers))
    everything = section(port=0, persistent_timeout=60, check={"type": "https"})
    assert f"virtual={VIP}:0" in everything
    assert "real=192.168.137.131:0 masq 1" in everything
    assert "checkport=443" in everything


def test_of_all_services() -> None:
    """What the configuration as a whole depends on."""
    plan = cluster(
        service(check={"type": "https", "interval": 5}),
        service(address=VIP6, check={"type": "http"}, real_servers=[]),
        service(port=81, check={"type": "always"}),
    )
    assert _ldirectord.check_intervals(plan) == [5, 10]
    assert _ldirectord.perl_modules(plan) == ["always", "http", "https", "ipv6"]
    assert not _ldirectord.has_secrets(plan)
    assert _ldirectord.has_secrets(cluster(service(check={"type": "mysql", **SQL})))
    connecting = cluster(service(address=VIP6, real_servers=[]))
    assert _ldirectord.perl_modules(connecting) == ["connect"]


@pytest.mark.parametrize("check_type", _checks.CHECK_TYPES)
def test_every_type(check_type: str) -> None:
    """Each that it has can be written, and nothing is wrong with it."""
    if "ldirectord" in _checks.CHECK_TYPES[check_type].managers:
        check = {"type": check_type, **CHECKS.get(check_type, {})}
        assert problems(check=check) == []
        assert section(check=check)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"protocol": "sctp"}, "service web: protocol sctp is nothing that ldirectord has; use"),
        (
            {"protocol": "udp", "persistence_engine": "sip", "persistent_timeout": 60},
            "service web: persistence_engine sip is nothing that ldirectord has; leave",
        ),
        (
            {"address": None, "port": None, "fwmark": 10, "one_packet": True},
            "service web: one_packet true is nothing that ldirectord has with a firewall mark;",
        ),
        (
            {"address": VIP6, "real_servers": [], "check": {"type": "ping"}},
            "service web: check.type ping is nothing that ldirectord has for IPv6; use one of co",
        ),
        ({"check": {"timeout": 0.5}}, "check.timeout 0.5 is not a whole number; ldirectord needs"),
        ({"check": {"path": "/", "expect": "a#b"}}, "check.expect 'a#b' has a #, which begins a"),
        (
            {"forward": "tun", "real_servers": [{"address": "fd00::1"}]},
            "real server fd00::1 of service web: its address fd00::1 is of another family than",
        ),
        (
            {"forward": "tun", "tunnel_type": "gre", "real_servers": [{"host": "rs1"}]},
            "real server rs1 of service web: tunnel_type gre is nothing that ldirectord has; use",
        ),
        (
            {"real_servers": [{"host": "rs1", "weight": 0}]},
            "real server rs1 of service web: weight 0 is to let its connections end by themselves",
        ),
    ],
)
def test_what_it_cannot_do(changed: dict[str, Any], told: str) -> None:
    """Each is told once, and with a mend."""
    (problem,) = problems(**changed)
    assert told in problem
    assert ";" in problem


def test_secrets_are_not_told() -> None:
    """A password that cannot be is not repeated."""
    (problem,) = problems(check={"type": "mysql", **SQL, "password": "open#sesame"})
    assert problem.startswith("service web: check.password has a #, which begins a comment")


def test_weight_0_is_kept() -> None:
    """Where a server that is out stays in the table."""
    assert problems(real_servers=[{"host": "rs1", "weight": 0}], check={"quiescent": True}) == []


def test_in_preflight() -> None:
    """It is told with all the rest, and only where ldirectord has the table."""
    described = service(protocol="sctp", check={"type": "ping"})
    for director, told in (({"director_manager": "ldirectord"}, 1), ({}, 0)):
        found = _preflight_cluster.preflight(cluster(described, director=director))
        assert len([problem for problem in found if "nothing that ldirectord" in problem]) == told
    found = _preflight_cluster.preflight(cluster(described), "ldirectord")
    assert len(found) == 1


def test_settings_that_can_work() -> None:
    """The defaults, and all of them."""
    assert _ldirectord_ldirectord.setting_problems([10], LDIRECTORD) == []
    everything: dict[str, Any] = {
        "fork": True,
        "email_alert": ["root@example.com"],
        "email_alert_status": ["starting", "running"],
        "smtp": "192.0.2.25",
        "log": "local0",
        "maintenance_dir": "/etc/ha.d/maintenance",
    }
    assert _ldirectord_ldirectord.setting_problems([1, 10], everything) == []


@pytest.mark.parametrize(
    ("intervals", "changed", "told"),
    [
        ([1, 10], {}, "ldirectord_fork false: the services' checks have intervals of 1 and 10 sec"),
        ([], {"email_alert": ["root"]}, "ldirectord_email_alert: 'root' is not an address; give"),
        (
            [],
            {"email_alert": ["a@example.com", "b@example.com"], "smtp": "mail"},
            "ldirectord_email_alert: ldirectord sends to one address by ldirectord_smtp mail, and",
        ),
        ([], {"email_alert_status": ["none", "all"]}, "ldirectord_email_alert_status: none is"),
        ([], {"log": "ldirectord.log"}, "ldirectord_log 'ldirectord.log' is neither the path of"),
        ([], {"maintenance_dir": "here"}, "ldirectord_maintenance_dir 'here' is not a path; give"),
    ],
)
def test_settings_that_cannot_work(
    intervals: list[int], changed: dict[str, Any], told: str
) -> None:
    """Each is told once, and with a mend."""
    (problem,) = _ldirectord_ldirectord.setting_problems(intervals, {**LDIRECTORD, **changed})
    assert problem.startswith(told)
    assert ";" in problem
