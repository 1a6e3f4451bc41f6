# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host says of itself."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.inventory import (
    read_host,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Host, Interface
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem
from described import host_info


def read(**variables: Any) -> tuple[Host, list[Problem]]:
    """A host of these variables."""
    return read_host("rs1", variables.get)


def test_network() -> None:
    """What is on lo does not count: nobody is reached by it."""
    told = host_info(eth1=["192.0.2.1/24", "192.0.2.9/32", "2001:db8::1/64"], wg0=[])
    told["interfaces"][-1]["mtu"] = 1420
    host, problems = read(__preflight_host={**told, "gateways": ["192.0.2.254"]})
    assert problems == []
    assert host.interfaces == (
        Interface("eth1", ("192.0.2.1/24", "192.0.2.9/32", "2001:db8::1/64")),
        Interface("wg0", mtu=1420),
    )
    assert host.gateways == ("192.0.2.254",)


def test_host_that_says_nothing() -> None:
    """Whatever is not given has the value that stands for that, and nothing is wrong with it."""
    assert read(ansible_connection="local") == (Host("rs1"), [])
    empty = {"lvs_dip": "", "lvs_rip": None, "director_vip_prefix": "", "director_manager": ""}
    assert read(ansible_connection="local", **empty) == (Host("rs1"), [])


def test_every_variable() -> None:
    """Addresses are spelled as the kernel does."""
    host, problems = read(
        lvs_dip="FD00::0001",
        lvs_rip="192.0.2.1",
        lvs_rip6="fd00:0::2",
        nat_real_server_gateway="192.0.2.254",
        director_manager="keepalived",
        lvs_cluster="shop-2",
        director_vip_interface="eth9",
        director_vip_prefix="24",
        director_vip_prefix6=64,
        ansible_connection="local",
    )
    assert problems == []
    assert host == Host(
        "rs1",
        dip="fd00::1",
        rip="192.0.2.1",
        rip6="fd00::2",
        gateway="192.0.2.254",
        cluster="shop-2",
        manager="keepalived",
        vip_interface="eth9",
        vip_prefix=24,
        vip_prefix6=64,
    )


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("lvs_dip", "director", "is not an IPv4 or IPv6 address"),
        ("lvs_rip", "rs1.example", "is not an IPv4 or IPv6 address"),
        ("lvs_rip", "224.0.0.5", "is a multicast address"),
        ("lvs_rip", "0.0.0.0", "stands for no host"),
        ("lvs_rip", "192.168.137.131 ", "has white space around it"),
        ("lvs_rip", "192.168.137.131\n", "has white space around it"),
        ("lvs_rip", "255.255.255.255", "is the broadcast address of every network"),
        ("lvs_rip6", "fe80::1", "is a link-local address, which means another host on each link"),
        ("lvs_rip6", "::ffff:192.168.137.131", "is an IPv4 address in the form of IPv6"),
        ("lvs_rip6", "192.168.137.7", "is not an IPv6 address"),
        ("lvs_rip6", "rs1.example", "is not an IPv4 or IPv6 address"),
        ("lvs_cluster", "Shop", "is not a name for a cluster"),
        ("lvs_cluster", "shop\n", "is not a name for a cluster"),
        ("lvs_cluster", "a/../b", "is not a name for a cluster"),
        ("lvs_cluster", "-shop", "is not a name for a cluster"),
        ("lvs_cluster", "x" * 33, "is not a name for a cluster"),
        ("lvs_cluster", 10, "is not a name for a cluster"),
        ("lvs_cluster", ["shop"], "is not a name for a cluster"),
        ("director_vip_prefix", "x", "is not a prefix length of IPv4"),
        ("director_vip_prefix", 33, "is not a prefix length of IPv4"),
        ("director_vip_prefix", 0, "is not a prefix length of IPv4"),
        ("director_vip_prefix", True, "is not a prefix length of IPv4"),
        ("director_vip_prefix", "٢٤", "is not a prefix length of IPv4"),
        ("director_vip_prefix", {"ipv4": 24}, "is not a prefix length of IPv4"),
        ("director_vip_prefix6", 129, "is not a prefix length of IPv6"),
        ("director_vip_prefix6", 0.5, "is not a prefix length of IPv6"),
    ],
)
def test_variable_that_cannot_be_read(field: str, value: Any, why: str) -> None:
    """The problem names the variable as it was written, and the host has it as not given."""
    host, (problem,) = read(**{field: value})
    assert problem[:4] == ("host rs1", field, value, why)
    assert problem.advice
    assert host.refused == {field}
    assert host == Host("rs1", managed_at=host.managed_at, refused=host.refused)


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        (None, None),
        ({"files": {}}, None),
        ({"kernel_ipvs": []}, frozenset()),
        ({"kernel_ipvs": ["ip_vs.ko", "ip_vs_rr.ko"]}, {"ip_vs.ko", "ip_vs_rr.ko"}),
    ],
)
def test_what_the_kernel_has(answer: Any, lines: frozenset[str] | None) -> None:
    """Nothing known is not the same as nothing there."""
    assert read(__preflight_host=answer)[0].kernel_ipvs == lines


def test_where_arp_is_ignored() -> None:
    """By interface; what is set for lo alone, and by default, counts for no other one."""
    found = {"arp_ignoring": ["lo", "eth1", "all"]}
    assert read(__preflight_host=found)[0].arp_ignored_on == ("all", "eth1")
    assert read(__preflight_host={"files": {}})[0].arp_ignored_on == ()
