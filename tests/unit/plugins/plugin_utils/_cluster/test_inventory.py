# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host says of itself."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.inventory import (
    interfaces_of_facts,
    read_host,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Host, Interface
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem
from described import facts


def read(**variables: Any) -> tuple[Host, list[Problem]]:
    """A host of these variables."""
    return read_host("rs1", variables.get)


def test_interfaces_of_facts() -> None:
    """Addresses come with prefix length; lo and link-local addresses do not count."""
    found = facts(eth1=["192.0.2.1/24", "192.0.2.9/32", "2001:db8::1/64"])
    found["eth1"]["ipv6"].append({"address": "fe80::1", "prefix": "64", "scope": "link"})
    found["interfaces"].append("br-a")
    found["br_a"] = {"device": "br-a"}
    assert interfaces_of_facts(found) == (
        Interface("eth1", ("192.0.2.1/24", "192.0.2.9/32", "2001:db8::1/64")),
        Interface("br-a"),
    )


@pytest.mark.parametrize("name", ["eth1.160", "bond0.1603", "br-lan", "br-lan.7", "wg0+x"])
def test_name_of_an_interface(name: str) -> None:
    """Facts have a hyphen as an underscore, and keep all else: a dot, above all."""
    found = {"interfaces": ["lo", name]}
    found[name.replace("-", "_")] = facts(eth1=["192.0.2.1/24"])["eth1"] | {"device": name}
    assert interfaces_of_facts(found) == (Interface(name, ("192.0.2.1/24",)),)


def test_labels() -> None:
    """Facts have what a label has as one more interface, and some of it at the interface, too."""
    found = facts(
        eth0=["192.0.2.1/24", "192.0.2.9/24"],
        eth0_vip=["192.0.2.9/24", "198.51.100.9/32"],
        eth01=["203.0.113.1/24"],
        eth01_vip=["203.0.113.9/32"],
        lo_0=["192.0.2.10/32"],
    )
    found["lo"] = {"device": "lo"}
    for label in ("eth0_vip", "eth01_vip", "lo_0"):
        del found[label]["device"]
    assert interfaces_of_facts(found) == (
        Interface("eth0", ("192.0.2.1/24", "192.0.2.9/24", "198.51.100.9/32")),
        Interface("eth01", ("203.0.113.1/24", "203.0.113.9/32")),
    )


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
        ({"skipped": True}, None),
        ({"stdout_lines": []}, frozenset()),
        ({"stdout_lines": ["ip_vs.ko", "ip_vs_rr.ko"]}, {"ip_vs.ko", "ip_vs_rr.ko"}),
    ],
)
def test_what_the_kernel_has(answer: Any, lines: frozenset[str] | None) -> None:
    """Nothing known is not the same as nothing there."""
    assert read(director_kernel_ipvs=answer)[0].kernel_ipvs == lines


def test_where_arp_is_ignored() -> None:
    """By interface; what is set for lo alone, and by default, counts for no other one."""
    paths = [f"/proc/sys/net/ipv4/conf/{name}/arp_ignore" for name in ("lo", "eth1", "all")]
    assert read(director_arp_ignoring={"stdout_lines": paths})[0].arp_ignored_on == ("all", "eth1")
    assert read(director_arp_ignoring={"skipped": True})[0].arp_ignored_on == ()
