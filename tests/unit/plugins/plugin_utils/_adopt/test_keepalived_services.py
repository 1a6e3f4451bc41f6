# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual servers of keepalived.conf as services."""

from __future__ import annotations

from typing import Any

import pytest
from adopted import keepalived, left_out, service, why
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.found import Names
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.keepalived import from_keepalived

NAT = "real_server 10.0.0.1 80 { }"


def of(*lines: str, head: str = "192.0.2.1 80", more: str = "") -> dict[str, Any]:
    """What becomes of a virtual server that says this."""
    inner = "\n".join(lines)
    return keepalived(f"virtual_server {head} {{\n{inner}\n}}\n{more}")


def fields(*lines: str, head: str = "192.0.2.1 80") -> dict[str, Any]:
    """The fields of its service, with neither real servers nor check."""
    found = service(of(*lines, NAT, head=head))
    return {name: found[name] for name in found if name not in ("real_servers", "check")}


class TestTable:
    """What the table has of a service."""

    @pytest.mark.parametrize(
        ("line", "field", "value"),
        [
            ("lb_algo sed", "scheduler", "sed"),
            ("lvs_sched sh\nsh-port\nsh-fallback", "scheduler_flags", ["sh-port", "sh-fallback"]),
            ("flag-1", "scheduler_flags", ["flag-1"]),
            ("persistence_timeout", "persistent_timeout", 360),
            ("persistence_granularity 255.255.0.0", "persistent_timeout", 360),
            ("persistence_granularity 255.255.0.0", "persistent_netmask", "255.255.0.0"),
            ("persistence_timeout 9\npersistence_engine sip", "persistence_engine", "sip"),
            ("protocol SCTP", "protocol", "sctp"),
            ("ops", "one_packet", True),
            ("lb_kind DR", "forward", "dr"),
            ("lvs_method TUN type gre csum", "tunnel_type", "gre"),
            ("lvs_method TUN type gre csum", "tunnel_checksum", "csum"),
            ("snmp_name shop", "name", "shop"),
        ],
    )
    def test_a_field(self, line: str, field: str, value: object) -> None:
        assert fields(line)[field] == value

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("lvs_sched none", "is not known"),
            ("mh-port", "is for scheduler mh, and this one is wlc"),
            ("lvs_method FAR", "is neither NAT, DR nor TUN"),
            ("lvs_method TUN type gue port 0", "is out of range"),
            ("protocol ICMP", "is not known"),
            ("persistence_granularity 64x", "is not an IPv4 netmask"),
            ("omega", "no program is run"),
            ("sorry_server_lvs_method DR", "there is no sorry server"),
        ],
    )
    def test_what_is_left_out(self, line: str, told: str) -> None:
        assert told in left_out(of(line, NAT))[2][0]

    def test_what_is_said_again(self) -> None:
        result = of("lb_algo rr", "lvs_sched sed", NAT)
        assert service(result)["scheduler"] == "sed"
        assert left_out(result)[2] == ["is said again in line 3"]


class TestHeads:
    """Whom clients ask."""

    def test_without_a_port(self) -> None:
        assert fields("persistence_timeout", head="192.0.2.1")["port"] == 0

    @pytest.mark.parametrize(
        ("line", "servers", "family"),
        [
            ("ip_family inet6", "real_server 2001:db8::1 80 { }", "ipv6"),
            ("", "real_server 2001:db8::1 80 { }", "ipv6"),
            ("", "real_server 10.0.0.1 80 { }", None),
            ("lvs_method TUN", "real_server 10.0.0.1 0 { }\nreal_server 2001:db8::1 0 { }", None),
            ("lvs_method TUN\npersistence_granularity 64", "real_server 10.0.0.1 0 { }", "ipv6"),
        ],
    )
    def test_the_family_of_a_mark(self, line: str, servers: str, family: str | None) -> None:
        assert service(of(line, servers, head="fwmark 3")).get("family") == family

    @pytest.mark.parametrize(
        ("entry", "addresses"),
        [
            ("192.0.2.8-10 80", ["192.0.2.8", "192.0.2.9", "192.0.2.10"]),
            ("192.0.2.255-192.0.3.1 80", ["192.0.2.255", "192.0.3.0", "192.0.3.1"]),
            ("192.0.2.8/31 80", ["192.0.2.8", "192.0.2.9"]),
            ("2001:db8::8-a 80", ["2001:db8::8", "2001:db8::9", "2001:db8::a"]),
            ("2001:db8::8/127", ["2001:db8::8", "2001:db8::9"]),
        ],
    )
    def test_a_range(self, entry: str, addresses: list[str]) -> None:
        server = "real_server 2001:db8::1 0 { }" if ":" in entry else NAT
        group = f"virtual_server_group web {{\n{entry}\n}}"
        result = of("lvs_method TUN", server, head="group web", more=group)
        services = result["variables"]["lvs_virtual_services"]
        assert [one["address"] for one in services] == addresses

    @pytest.mark.parametrize(
        ("entry", "told"),
        [
            ("192.0.2.9-8 80", "is 0 addresses"),
            ("10.0.0.0/8 80", "and at most 1024 are read"),
            ("192.0.2.9/30 80", "is not an IPv4 or IPv6 address, or a range"),
            ("192.0.2.9 x", "is not a whole number"),
            ("fwmark x", "is not a whole number"),
        ],
    )
    def test_a_range_that_is_none(self, entry: str, told: str) -> None:
        group = f"virtual_server_group web {{\n{entry}\n192.0.2.1 80\n}}"
        assert told in why(of(NAT, head="group web", more=group), entry)[0]

    def test_a_group_that_is_not_there(self) -> None:
        result = of(NAT, head="group web")
        assert result["variables"]["lvs_virtual_services"] == []
        assert "names the group web, which is not there" in left_out(result)[1][0]

    def test_a_group_of_nobody(self) -> None:
        result = of(NAT, more="virtual_server_group web {\n192.0.2.1 80\n}")
        assert why(result, "virtual_server_group web") == ["is the group of no virtual server"]

    def test_by_two_protocols(self) -> None:
        other = "virtual_server 192.0.2.1 80 {\nprotocol UDP\nreal_server 10.0.0.1 80 { }\n}"
        services = of(NAT, more=other)["variables"]["lvs_virtual_services"]
        assert [one["name"] for one in services] == ["192.0.2.1:80/tcp", "192.0.2.1:80/udp"]


class TestServers:
    """Who answers."""

    def test_ports(self) -> None:
        result = of("real_server 10.0.0.1 81 { }", "real_server 10.0.0.2 { }")
        assert service(result)["real_servers"] == [
            {"address": "10.0.0.1", "port": 81},
            {"address": "10.0.0.2"},
        ]

    def test_a_port_that_keepalived_does_not_take(self) -> None:
        result = of("lvs_method DR", "real_server 10.0.0.1 81 { }")
        assert service(result)["real_servers"] == [{"address": "10.0.0.1"}]
        assert why(result, "real_server 10.0.0.1 81") == [
            "by dr keepalived takes the port of the service, and not 81"
        ]

    def test_weights_thresholds_and_another_way(self) -> None:
        own = "real_server 10.0.0.1 80 { weight 3\nlvs_method DR\nuthreshold 9\nlthreshold 8 }"
        result = of("weight 2", "lvs_method NAT", own, "real_server 10.0.0.2 80 { }")
        assert service(result)["real_servers"] == [
            {
                "address": "10.0.0.1",
                "weight": 3,
                "upper_threshold": 9,
                "lower_threshold": 8,
                "forward": "dr",
            },
            {"address": "10.0.0.2", "weight": 2},
        ]

    def test_without_any(self) -> None:
        result = of("lvs_sched rr")
        assert result["variables"]["lvs_virtual_services"] == []
        assert "has no real server" in left_out(result)[1][0]

    def test_hosts_of_the_inventory(self) -> None:
        names = Names({"rs1": ["10.0.0.1", "2001:db8::1"]}, None, True)
        text = (
            "virtual_server 192.0.2.1 80 {\nreal_server 10.0.0.1 80 { }\n"
            "real_server 10.0.0.2 80 { }\n}\n"
            "virtual_server 2001:db8::9 80 {\nreal_server 2001:db8::1 80 { }\n}\n"
            "virtual_server fwmark 3 {\nlvs_method DR\nreal_server 10.0.0.1 0 { }\n}\n"
        )
        result = from_keepalived(text, names).as_result()
        servers = [one["real_servers"] for one in result["variables"]["lvs_virtual_services"]]
        assert servers == [
            [{"host": "rs1"}, {"address": "10.0.0.2"}],
            [{"host": "rs1"}],
            [{"address": "10.0.0.1"}],
        ]
        assert result["hosts"] == {"rs1": {"lvs_rip": "10.0.0.1", "lvs_rip6": "2001:db8::1"}}


class TestSorryServer:
    """Who answers where nobody else does."""

    def test_another_host(self) -> None:
        result = of("sorry_server 10.0.0.9 81", "sorry_server_lvs_method NAT", NAT)
        assert service(result)["sorry_server"] == {"address": "10.0.0.9", "port": 81}

    def test_by_another_way(self) -> None:
        result = of("sorry_server 10.0.0.9 80", "sorry_server_lvs_method DR", NAT)
        assert service(result)["sorry_server"] == {"address": "10.0.0.9", "forward": "dr"}

    def test_the_director_itself(self) -> None:
        result = of("lvs_method DR", "sorry_server 127.0.0.1 81", NAT)
        assert service(result)["sorry_server"] == {"address": "127.0.0.1"}
        assert "and not 81" in left_out(result)[3][0]

    def test_where_all_servers_are_to_be_empty(self) -> None:
        result = of("sorry_server 10.0.0.9 80", "real_server 10.0.0.1 80 { weight 0 }")
        assert "sorry_server" not in service(result)
        assert "would end their connections" in left_out(result)[2][0]
