# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ldirectord.cf: the case, what we write ourselves, and that nothing gets lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from adopted import (
    ADDRESSES,
    READ,
    carried,
    case,
    expected,
    ldirectord,
    left_out,
    service,
    unaccounted,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import site, written

NAME = "3-ldirectord.cf"


class TestCase:
    """A configuration as operators have it."""

    def test_what_becomes_of_it(self) -> None:
        result = READ[NAME](case(NAME)).as_result()
        wanted = expected(NAME)
        assert result["variables"] == wanted["variables"]
        assert carried(result) == wanted["carried_over"]
        assert left_out(result) == wanted["left_out"]
        assert [one["message"] for one in result["problems"]] == wanted["problems"]

    def test_every_line_is_accounted_for(self) -> None:
        assert unaccounted(case(NAME), READ[NAME](case(NAME)).as_result(), "#") == []

    def test_names_that_nobody_knows(self) -> None:
        result = ldirectord("virtual=shop:80\n\treal=10.0.0.1:80 masq\n")
        assert result["variables"]["lvs_virtual_services"] == []
        assert left_out(result) == {
            1: ["names shop, which has no known IPv4 address"],
            2: ["belongs to virtual of line 1"],
        }


class TestOwn:
    """What the role has written is read as what it was written of."""

    def test_there_and_back(self) -> None:
        where = site("ldirectord")
        text = written(where, "ldirectord", "director")["/etc/ha.d/ldirectord.cf"]
        result = ldirectord(text)
        assert result["left_out"] == []
        assert result["problems"] == []
        for name, own in where.hosts.items():
            kept = {
                one: own[one] for one in own if one.startswith(("ansible_", "__", "director_vip"))
            }
            where.hosts[name] = {**kept, **result["variables"]}
        assert where.ask("problems", "director") == []
        again = written(where, "ldirectord", "director")["/etc/ha.d/ldirectord.cf"]
        assert again == text

    def test_all_that_the_role_may_be_told(self) -> None:
        where = site("ldirectord")
        own = {
            "ldirectord_fork": True,
            "ldirectord_log": "local3",
            "ldirectord_maintenance_dir": "/etc/ha.d/maintenance",
            "ldirectord_fallback_command": "/usr/local/bin/fall back",
            "ldirectord_email_alert": ["root@example.com"],
            "ldirectord_email_alert_from": "lb@example.com",
            "ldirectord_email_alert_frequency": 9,
            "ldirectord_email_alert_status": ["starting", "running"],
            "ldirectord_smtp": "mail.example.com",
        }
        where.hosts["director"].update(own)
        text = written(where, "ldirectord", "director")["/etc/ha.d/ldirectord.cf"]
        result = ldirectord(text)
        assert result["left_out"] == []
        assert {name: result["variables"][name] for name in own} == own


GLOBAL = [
    "checktimeout=3",
    "checktimeout=never",
    "checkcount=2",
    "quiescent=yes",
    "quiescent=maybe",
    "fallback=127.0.0.1:80 gate",
    "fallback=nobody:80",
    "autoreload=yes",
    "autoreload=maybe",
    'logfile="/var/log/x"',
    "emailalert=nobody",
    "cleanstop=yes",
    "readdquiescent=no",
    "supervised",
    "fork=yes",
    "what=this",
    "",
]
OWN = [
    "real=10.0.0.1:80 masq 1",
    'real=10.0.0.1->10.0.0.3:80 gate 2 "a", "b" l:1 u:2',
    "real=10.0.0.9->10.0.0.3:80 gate",
    "real6=[2001:db8::1]:80 gate",
    "real=web1:http ipip",
    "real=nobody:80 masq",
    "real=nonsense",
    "checktype=ping",
    "checktype=4",
    "checktype=what",
    "service=ldap",
    "service=what",
    'request="a"',
    "request=a",
    'receive="a # b"',
    'passwd="geheim"',
    'passwd="geh#eim"',
    "secret=geheim",
    "checkport=99999",
    "checkinterval=3",
    "negotiatetimeout=2",
    "protocol=udp",
    "scheduler=sh",
    "schedflags=sh-port",
    "persistent=60",
    "netmask=255.255.0.0",
    "netmask=x",
    "quiescent=yes",
    "fallback=10.0.0.9:81 masq",
    "fallbackcommand=/bin/x",
    "monitorfile=/tmp/x",
    "comment=what a service",
    "servicename=shop",
    'load="x"',
    "ops=yes",
    "what=this",
    "# nothing",
]


@st.composite
def configurations(draw: st.DrawFn) -> str:
    """An ldirectord.cf."""
    heads = [
        "virtual=192.0.2.1:80",
        "virtual=7",
        "virtual6=[2001:db8::9]:443",
        "virtual=www-vip:53",
    ]
    lines = draw(st.lists(st.sampled_from(GLOBAL), max_size=8))
    for head in draw(st.lists(st.sampled_from([*heads, "virtual=?"]), max_size=3)):
        indent = draw(st.sampled_from(["\t", "    ", "     "]))
        own = draw(st.lists(st.sampled_from(OWN), max_size=9))
        lines += [head, *(f"{indent}{line}" for line in own)]
        lines += draw(st.lists(st.sampled_from(GLOBAL), max_size=2))
    return "\n".join(lines)


class TestNothingGetsLost:
    """Whatever a file says."""

    @settings(max_examples=50)
    @given(configurations())
    def test_every_line_is_accounted_for(self, text: str) -> None:
        result = READ[NAME](text).as_result()
        assert unaccounted(text, result, "#") == []
        told = json.dumps(result)
        assert "geheim" not in told
        assert "geh#eim" not in told


class TestBadInput:
    """What is no configuration is refused, with the line."""

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("virtual=192.0.2.1:80\n  real=10.0.0.1 masq\n", "line 2: .* is set in, and belongs"),
            ("virtual=192.0.2.1:80\n\n\treal=10.0.0.1 masq\n", "line 3: .* is set in"),
            ("global_defs {\n}\n", "line 1: 'global_defs {' is no setting"),
            ("virtual=192.0.2.1:80\n\tpasswd geheim\n", r"line 2: 'passwd \*+' is no setting"),
            ("a=1\nb=\0", "line 2: is no text"),
            (7, "is no text"),
        ],
    )
    def test_it_is_told(self, text: Any, told: str) -> None:
        with pytest.raises(ModelError, match=told):
            ldirectord(text)

    def test_nothing_is_no_error(self) -> None:
        assert service(ldirectord("virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq")) == {
            "address": "192.0.2.1",
            "port": 80,
            "scheduler": "wrr",
            "forward": "nat",
            "real_servers": [{"address": "10.0.0.1"}],
            "check": {"type": "http", "timeout": 30},
        }


def test_settings_anywhere_outside_of_sections() -> None:
    """Those after a section count, too; the last one of several does."""
    text = "checkinterval=3\nvirtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\ncheckinterval=4\n"
    result = ldirectord(text)
    assert service(result)["check"]["interval"] == 4
    assert left_out(result) == {1: ["is said again in line 4"]}


def test_the_sorry_server_of_all_services() -> None:
    """It is that of each that has none of its own, but for a firewall mark."""
    text = (
        "fallback=10.0.0.9:81 masq\n"
        "virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n"
        "virtual=7\n\treal=10.0.0.1:80 masq\n"
    )
    result = ldirectord(text)
    assert service(result)["sorry_server"] == {"address": "10.0.0.9", "port": 81}
    assert "sorry_server" not in service(result, 1)
    assert carried(result)[1] == ["sorry_server"]


def test_addresses_of_names() -> None:
    """The case needs each of them."""
    assert set(ADDRESSES) == {"www-vip", "web1", "web4", "web9"}
