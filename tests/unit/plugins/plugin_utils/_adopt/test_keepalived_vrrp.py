# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRRP of keepalived.conf in the variables of the roles."""

from __future__ import annotations

from typing import Any

import pytest
from adopted import carried, keepalived, left_out, why

SERVICE = "virtual_server 192.0.2.1 80 {\n real_server 10.0.0.1 80 { }\n}\n"


def instance(*lines: str, name: str = "a", more: str = "") -> dict[str, Any]:
    """What becomes of an instance that says this, beside a service by NAT."""
    inner = "\n".join(lines)
    return keepalived(f"vrrp_instance {name} {{\n{inner}\n}}\n{more}{SERVICE}")


def variables(*lines: str, more: str = "") -> dict[str, Any]:
    """The variables that an instance becomes."""
    found: dict[str, Any] = instance(*lines, more=more)["variables"]
    return {name: found[name] for name in found if name.startswith(("keepalived_", "director_vip"))}


def test_what_is_not_said() -> None:
    """keepalived takes over from a lower priority at once, where it is not told otherwise."""
    assert variables() == {"keepalived_preempt": True, "keepalived_preempt_delay": 0}


@pytest.mark.parametrize(
    ("line", "variable", "value"),
    [
        ("virtual_router_id 7", "keepalived_virtual_router_id", 7),
        ("priority 100", "keepalived_priority", 100),
        ("advert_int 0.3", "keepalived_advert_int", 0.3),
        ("nopreempt", "keepalived_preempt", False),
        ("preempt_delay 9", "keepalived_preempt_delay", 9),
        ("unicast_src_ip 192.0.2.9", "keepalived_unicast", True),
        ("notify /bin/x", "keepalived_notify", "/bin/x"),
    ],
)
def test_a_setting(line: str, variable: str, value: object) -> None:
    """It is a variable of the role."""
    assert variables(line)[variable] == value


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("virtual_router_id 256", "is out of range"),
        ("priority 255", "is out of range"),
        ("version 2", "VRRP is of version 3 with the role"),
        ("state MASTER", "each director begins as backup"),
        ("use_vmac", "has no place in the description"),
        ("notify_master /bin/x", "has no place in the description"),
        ("notify x", "is not the path of a program"),
    ],
)
def test_what_is_left_out(line: str, told: str) -> None:
    """It is told why."""
    assert told in left_out(instance(line))[2][0]


def test_preemption_of_a_master() -> None:
    """Where state is MASTER, nopreempt means nothing to keepalived."""
    result = instance("state MASTER", "nopreempt")
    assert result["variables"]["keepalived_preempt"] is True
    assert left_out(result)[3] == ["means nothing to keepalived where state is MASTER"]


def test_others_that_differ() -> None:
    """The first one counts."""
    more = "vrrp_instance b {\n virtual_router_id 8\n priority 100\n}\n"
    result = instance("virtual_router_id 7", "priority 100", more=more)
    assert result["variables"]["keepalived_virtual_router_id"] == 7
    assert left_out(result)[6] == ["differs from line 2, and the role has one for all instances"]
    assert carried(result)[7] == ["keepalived_priority"]


def test_together() -> None:
    """Instances that move apart are told."""
    other = "vrrp_instance b {\n}\n"
    group = "vrrp_sync_group g {\n group {\n  a\n  b\n }\n}\n"
    assert "moves by itself" in why(instance(more=other), "vrrp_instance b")[0]
    assert why(instance(more=other + group), "vrrp_instance b") == []


class TestTracked:
    """What a director is without when it cannot serve."""

    def test_interfaces(self) -> None:
        result = instance("track_interface {", "eth2", "eth3 weight -9", "eth4 weight 0", "}")
        assert result["variables"]["keepalived_track_interfaces"] == ["eth2", "eth4"]
        assert "changes the priority" in left_out(result)[4][0]

    def test_scripts(self) -> None:
        scripts = (
            'vrrp_script s {\n script "/bin/x -a"\n interval 2\n fall 3\n weight 0\n'
            " user nobody\n init_fail\n}\nvrrp_script t {\n script /bin/y\n}\n"
            "vrrp_script u {\n script y\n}\n"
        )
        result = instance("track_script {", "s", "u", "}", more=scripts)
        assert result["variables"]["keepalived_track_scripts"] == [
            {"name": "s", "command": "/bin/x -a", "interval": 2, "fall": 3, "user": "nobody"}
        ]
        assert why(result, "init_fail") == ["has no place in the description"]
        assert "is looked at by no instance" in why(result, "vrrp_script t")[0]
        assert why(result, "script y") == ["is not the path of a program"]


class TestAddresses:
    """Where virtual addresses go, and the gateway of servers behind NAT."""

    def test_all_on_one_interface(self) -> None:
        found = variables("interface eth0", "virtual_ipaddress { 192.0.2.1/24 }")
        assert found["director_vip_interface"] == "eth0"
        assert found["director_vip_prefix"] == 24
        assert "keepalived_interface" not in found

    def test_announced_on_another(self) -> None:
        found = variables("interface eth0", "virtual_ipaddress { 192.0.2.1 dev lo }")
        assert found["director_vip_interface"] == "lo"
        assert found["keepalived_interface"] == "eth0"
        assert "director_vip_prefix" not in found

    def test_of_nobody(self) -> None:
        result = instance("virtual_ipaddress {", "203.0.113.5/24", "}")
        assert left_out(result)[3] == ["is the address of no service here"]

    def test_the_gateway_by_its_network(self) -> None:
        result = instance("virtual_ipaddress {", "172.16.0.1/24", "10.0.0.254/24 dev eth1", "}")
        assert result["variables"]["lvs_dip"] == "10.0.0.254"
        assert result["problems"] == []

    def test_the_gateway_where_it_is_the_only_one(self) -> None:
        result = instance("virtual_ipaddress {", "10.0.0.254", "}")
        assert result["variables"]["lvs_dip"] == "10.0.0.254"

    def test_no_gateway(self) -> None:
        result = instance("virtual_ipaddress {", "10.0.0.254", "10.0.0.253", "}")
        assert [one["field"] for one in result["problems"]] == ["lvs_dip"]

    def test_without_vrrp(self) -> None:
        assert "the file has no vrrp_instance" in left_out(keepalived(SERVICE))[1][0]
