# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual services of ldirectord.cf as services."""

from __future__ import annotations

from typing import Any

import pytest
from adopted import ldirectord, left_out, service


def of(*lines: str, head: str = "virtual=192.0.2.1:80") -> dict[str, Any]:
    """What becomes of a section that says this."""
    return ldirectord("\n\t".join([head, *lines]))


def servers(*lines: str, head: str = "virtual=192.0.2.1:80") -> list[dict[str, Any]]:
    """The real servers of its service."""
    found: list[dict[str, Any]] = service(of(*lines, head=head))["real_servers"]
    return found


class TestHeads:
    """Whom clients ask."""

    @pytest.mark.parametrize(
        ("head", "found"),
        [
            ("virtual=192.0.2.1:http", {"address": "192.0.2.1", "port": 80}),
            ("virtual = www-vip:81", {"address": "192.0.2.80", "port": 81}),
            ("virtual=192.0.2.1:53", {"port": 53, "protocol": "udp"}),
            ("virtual6=[2001:db8::1]:80", {"address": "2001:db8::1", "port": 80}),
            ("virtual=7", {"fwmark": 7}),
            ("virtual6=7", {"fwmark": 7, "family": "ipv6"}),
        ],
    )
    def test_it_is(self, head: str, found: dict[str, Any]) -> None:
        assert found.items() <= service(of(head=head)).items()

    @pytest.mark.parametrize("head", ["virtual=192.0.2.1", "virtual=", "virtual=192.0.2.1:what"])
    def test_it_is_none(self, head: str) -> None:
        result = of("scheduler=rr", head=head)
        if head == "virtual=192.0.2.1":
            # ldirectord takes the first number for a mark.
            assert service(result)["fwmark"] == 192
        else:
            assert left_out(result).keys() == {1, 2}


class TestTable:
    """What the table has of a service."""

    @pytest.mark.parametrize(
        ("lines", "found"),
        [
            ([], {"scheduler": "wrr"}),
            (["persistent=60", "netmask=255.255.0.0"], {"persistent_netmask": "255.255.0.0"}),
            (["scheduler=sh", "schedflags=sh-port,sh-fallback"], {"scheduler": "sh"}),
            (["protocol=udp", "ops=yes"], {"one_packet": True}),
            (["servicename=shop"], {"name": "shop"}),
        ],
    )
    def test_it_is(self, lines: list[str], found: dict[str, Any]) -> None:
        result = of(*lines)
        assert found.items() <= service(result).items()
        assert left_out(result) == {}

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("netmask=255.255.0.0", "is for a service with persistent"),
            ("protocol=fwm", "is not known"),
            ("cleanstop=yes", "the table stays when ldirectord stops"),
            ("emailalert=a@example.com", "is of this service alone, and the role has one for all"),
            ("monitorfile=/tmp/x", "the role has one log for all services"),
            ("what=this", "is nothing that ldirectord has in a section"),
        ],
    )
    def test_what_is_left_out(self, line: str, why: str) -> None:
        assert left_out(of(line))[2] == [why]


class TestServers:
    """Who answers."""

    @pytest.mark.parametrize(
        ("line", "found"),
        [
            ("real=10.0.0.1:80 masq", [{"address": "10.0.0.1"}]),
            ("real = 10.0.0.1:81 masq 0", [{"address": "10.0.0.1", "port": 81, "weight": 0}]),
            ("real=10.0.0.1 gate 2", [{"address": "10.0.0.1", "weight": 2}]),
            (
                "real=10.0.0.1:80 masq 1 l:3 u:4",
                [{"address": "10.0.0.1", "upper_threshold": 4, "lower_threshold": 3}],
            ),
            ("real=web1:http ipip", [{"address": "10.2.0.11"}]),
            (
                "real=10.0.0.255->10.0.1.0:80 masq",
                [{"address": "10.0.0.255"}, {"address": "10.0.1.0"}],
            ),
            ("real=web1->10.2.0.12:80 masq", [{"address": "10.2.0.11"}, {"address": "10.2.0.12"}]),
        ],
    )
    def test_a_line(self, line: str, found: list[dict[str, Any]]) -> None:
        assert servers(line) == found
        assert left_out(of(line)) == {}

    def test_ways_that_differ(self) -> None:
        lines = ["real=10.0.0.1:80 gate", "real=10.0.0.2:80 gate", "real=10.0.0.3:81 masq"]
        assert service(of(*lines))["forward"] == "dr"
        assert servers(*lines)[2] == {"address": "10.0.0.3", "port": 81, "forward": "nat"}

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("real=10.0.0.1:80", "is no real server that ldirectord reads"),
            ("real=10.0.0.1:80 far", "is no real server that ldirectord reads"),
            ("real=10.0.0.1:80 masq much", "is no real server that ldirectord reads"),
            ("real6=[2001:db8::1]:80 gate", "is not for virtual"),
            ("real=10.0.0.9->10.0.0.1:80 masq", "is a range from 10.0.0.9 to 10.0.0.1"),
            ("real=nobody:80 masq", "names nobody, which has no known IPv4 address"),
            ("real=10.0.0.1:what masq", "names a service what, whose port is not known"),
            ("real=10.0.0.1:81 gate", "by gate ldirectord takes the port of the service"),
        ],
    )
    def test_what_is_left_out(self, line: str, why: str) -> None:
        assert why in left_out(of(line))[2][0]

    def test_an_answer_of_its_own(self) -> None:
        result = of('real=10.0.0.1:80 masq 3 "a b", "c, d" u:5')
        assert service(result)["real_servers"] == [
            {"address": "10.0.0.1", "weight": 3, "upper_threshold": 5}
        ]
        assert "has a request and an answer of its own" in left_out(result)[2][0]

    def test_a_range_of_ipv6(self) -> None:
        line = "real6=[2001:db8::1]->[2001:db8::3]:80 gate"
        result = of(line, head="virtual6=[2001:db8::9]:80")
        assert "is a range of IPv6 addresses" in left_out(result)[2][0]


class TestFallback:
    """Who answers where nobody else does."""

    @pytest.mark.parametrize(
        ("line", "found"),
        [
            ("fallback=127.0.0.1:80 gate", {"address": "127.0.0.1"}),
            ("fallback=127.0.0.1", {"address": "127.0.0.1"}),
            ("fallback=10.0.0.9:81 masq", {"address": "10.0.0.9", "port": 81}),
            ("fallback=10.0.0.9", {"address": "10.0.0.9", "forward": "dr"}),
        ],
    )
    def test_it_is(self, line: str, found: dict[str, Any]) -> None:
        assert service(of("real=10.0.0.1:80 masq", line))["sorry_server"] == found

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("fallback=10.0.0.9:80 far", "is no server that ldirectord reads"),
            ("fallback=127.0.0.1:80 masq", "127.0.0.1 is the director itself"),
            ("fallback=127.0.0.1:81 gate", "port 81: the director itself"),
        ],
    )
    def test_what_is_left_out(self, line: str, why: str) -> None:
        assert why in left_out(of(line))[2][0]
