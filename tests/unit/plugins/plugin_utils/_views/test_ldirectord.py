# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A description in the words of ldirectord.cf."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import model
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.check_types import CHECK_TYPES
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.drained import Line, drain
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import bird
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import ldirectord as _ldirectord
from check_examples import SQL, check_of, had_by, whole_check_of
from described import LDIRECTORD, VIP, announcing, cluster, one_of_three, service

SINCE = "2026-11-28T05:00:00Z"
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
    marked = {"name": "shop 1", "fwmark": 10, "addresses": [VIP, VIP6], "forward": "tun"}
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
            {**SQL, "port": 3306},
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
        (
            {"type": "radius", "login": "watch", "password": "pass", "secret": "shared"},
            [
                "checktype=negotiate",
                "service=radius",
                "checkport=80",
                'login="watch"',
                'passwd="pass"',
                'secret="shared"',
            ],
        ),
        (
            {"type": "dns", "name": "www.a.org", "expect": "192.0.2.1"},
            [
                "checktype=negotiate",
                "service=dns",
                "checkport=80",
                'request="www.a.org"',
                'receive="192.0.2.1"',
            ],
        ),
        (
            {"type": "http_proxy", "url": "http://www.a.org/"},
            [
                "checktype=negotiate",
                "service=http_proxy",
                "checkport=80",
                'request="http://www.a.org/"',
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
    assert not _ldirectord.has_secrets(plan)
    assert _ldirectord.has_secrets(cluster(service(check=SQL)))


@pytest.mark.parametrize(
    ("os_family", "packages"),
    [
        ("Debian", ["libdbd-mysql-perl", "liblwp-protocol-https-perl", "libnet-inet6glue-perl"]),
        ("RedHat", ["perl-DBD-MySQL", "perl-LWP-Protocol-https", "perl-Net-INET6Glue"]),
        ("Suse", []),
    ],
)
def test_packages(os_family: str, packages: list[str]) -> None:
    """What its Perl needs besides, of the family, and each once."""
    plan = cluster(
        service(check={"type": "https"}),
        service(port=443, check={"type": "https"}),
        service(address=VIP6, check={"type": "http"}, real_servers=[]),
        service(port=81, check=SQL),
        service(port=82, check={"type": "always"}),
    )
    assert _ldirectord.perl_packages(plan, os_family) == packages
    connecting = cluster(service(address=VIP6, real_servers=[]), service(check={"type": "http"}))
    assert _ldirectord.perl_packages(connecting, os_family) == []


@pytest.mark.parametrize("check_type", had_by(model.LDIRECTORD))
def test_every_type(check_type: str) -> None:
    """Each that it has can be written, with what it needs and with all that it has."""
    kind = CHECK_TYPES[check_type]
    assert kind.ldirectord is not None
    lines = section(check=check_of(check_type, model.LDIRECTORD))
    assert f"checktype={kind.ldirectord.checktype}" in lines
    assert (f"service={check_type}" in lines) == kind.negotiates
    lines = section(fork=True, check=whole_check_of(check_type, model.LDIRECTORD))
    assert ("checktype=1" in lines) == kind.negotiates
    told = {line.partition("=")[0] for line in lines}
    if kind.asks:
        assert told >= {"checkport", "checkinterval", "checktimeout", "failurecount", "quiescent"}
    defaults = {name for name, known in kind.fields.items() if known.kind.example == known.default}
    assert told >= {line.word for line in kind.ldirectord.lines if line.field not in defaults}


# ---- the role's variables ------------------------------------------------------------------------
def test_head() -> None:
    """What nobody sets is left out, and so is mail that nobody gets."""
    assert _ldirectord.head(LDIRECTORD, None) == [
        "fork=no",
        "autoreload=no",
        'logfile="/var/log/ldirectord.log"',
        "# The table stays when ldirectord stops.",
        "cleanstop=no",
        "# No server is put in, not even for a moment, before it has been checked.",
        "readdquiescent=yes",
    ]
    assert _ldirectord.head({**LDIRECTORD, "smtp": "mail"}, None)[-1] == "readdquiescent=yes"
    everything = {
        **LDIRECTORD,
        "fork": True,
        "maintenance_dir": "/etc/a b",
        "fallback_command": '/bin/a "b"',
        "email_alert": ["a@example.com", "b@example.com"],
        "email_alert_from": "c@example.com",
        "smtp": "mail",
    }
    lines = _ldirectord.head(everything, 3)
    assert lines[:2] == ["checkinterval=3", "fork=yes"]
    assert lines[8:] == [
        "maintenancedir=/etc/a b",
        'fallbackcommand=/bin/a "b"',
        'emailalert="a@example.com, b@example.com"',
        "emailalertfreq=0",
        "emailalertstatus=all",
        "emailalertfrom=c@example.com",
        "smtp=mail",
    ]


def test_environment() -> None:
    """The file with certificates, where there is one of its own."""
    assert _ldirectord.environment_lines(LDIRECTORD) == []
    lines = _ldirectord.environment_lines({**LDIRECTORD, "ca_file": "/a b"})
    assert lines == ['Environment="PERL_LWP_SSL_CA_FILE=/a b"']


@pytest.mark.parametrize("check", [{"type": "http", "quiescent": False}, {"type": "always"}])
def test_drained_server_keeps_its_connections(check: dict[str, Any]) -> None:
    """Without quiescent it would be deleted at each reload, and added again."""
    described = cluster(service(check=check))
    (lines,) = _ldirectord.virtual_sections(
        drain(described, [Line("rs1", "drained", SINCE)]), False
    )
    assert "real=192.168.137.131:80 masq 0" in lines
    assert lines.count("quiescent=yes") == 1
    assert "quiescent=no" not in lines
    (lines,) = _ldirectord.virtual_sections(drain(described, [Line("rs1", "cut", SINCE)]), False)
    assert [line for line in lines if line.startswith("real=")] == [
        "real=192.168.137.130:80 masq 1"
    ]
    assert "quiescent=yes" not in lines


def test_an_address_without_a_server_is_withdrawn() -> None:
    """It is told of each service of which the director announces the address."""
    found = announcing(
        **{f"d{n}": one_of_three(n, director_manager="ldirectord") for n in (1, 2, 3)}
    )
    tellers = bird.tellers(found, found.hosts["d1"])
    for section in _ldirectord.virtual_sections(found, False, tellers):
        assert 'fallbackcommand="/usr/local/sbin/lvs-announce told"' in section
    for section in _ldirectord.virtual_sections(found, False):
        assert not [line for line in section if line.startswith("fallbackcommand")]
