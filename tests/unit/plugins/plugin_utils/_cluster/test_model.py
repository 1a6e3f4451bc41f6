# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of hosts and services without asking anybody again."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import (
    Cluster,
    Host,
    Interface,
    MarkedPorts,
    Member,
)
from described import cluster, service

ETH1 = Interface("eth1", ("192.0.2.1/24", "198.51.100.7/32", "2001:db8::1/64"))
ETH2 = Interface("eth2", ("192.0.2.130/25",))
HOST = Host("one", (ETH1, ETH2))


def test_who_holds_an_address() -> None:
    """With the prefix length that it has there."""
    assert HOST.holder_of("192.0.2.130") == ETH2
    assert HOST.holder_of("2001:db8::1") == ETH1
    assert HOST.holder_of("192.0.2.2") is None
    assert ETH1.prefix_of("198.51.100.7") == 32
    assert ETH1.prefix_of("192.0.2.130") is None


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("192.0.2.100", ("eth1", "192.0.2.0/24")),
        ("192.0.2.200", ("eth2", "192.0.2.128/25")),
        ("2001:db8::ffff", ("eth1", "2001:db8::/64")),
        # An address with no neighbours makes no network.
        ("198.51.100.7", None),
        ("203.0.113.1", None),
        ("2001:db9::1", None),
    ],
)
def test_interface_towards(address: str, found: tuple[str, str] | None) -> None:
    """The one with the longest prefix of the networks that have the address."""
    towards = HOST.interface_towards(address)
    assert (towards and (towards[0].name, str(towards[1]))) == found


def test_networks_for_messages() -> None:
    """All of them, or that there is none."""
    assert HOST.networks == "192.0.2.0/24, 2001:db8::/64, 192.0.2.128/25"
    assert Host("none").networks == "it has none"


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("12.7.0.1", False), ("::2", False)],
)
def test_member_that_is_the_director(address: str, local: bool) -> None:
    """By an address of its loopback interface."""
    assert Member("", RealServer(address, 80)).is_director is local


def test_what_messages_call_a_member() -> None:
    """A host by its name, and what serves when none is left as such."""
    described = service(
        real_servers=[{"host": "rs1"}, {"address": "192.168.137.9"}], sorry_server={"host": "rs2"}
    )
    (web,) = cluster(described).services
    assert [web.item(member) for member in web.served_by] == [
        "real server rs1 of service web",
        "real server 192.168.137.9 of service web",
        "sorry server rs2 of service web",
    ]


def test_where_an_address_was_written() -> None:
    """In the service, or in one of two variables of the host, whatever its family."""
    host = Host("rs1", rip="fd00::1", rip6="fd00::2")
    known = Cluster(hosts={"rs1": host})
    fields = [
        known.address_field(Member(name, RealServer(address, 80)))
        for name, address in (("", "fd00::1"), ("rs1", "fd00::1"), ("rs1", "fd00::2"))
    ]
    assert fields == ["address", "lvs_rip", "lvs_rip6"]


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (MarkedPorts("tcp", 80, 80), True),
        (MarkedPorts("tcp", 1, 79), False),
        (MarkedPorts("tcp", 1, 80), True),
        (MarkedPorts("tcp", 90, 100), True),
        (MarkedPorts("tcp", 91, 100), False),
        (MarkedPorts("udp", 80, 90), False),
    ],
)
def test_ports_that_overlap(other: MarkedPorts, overlaps: bool) -> None:
    """Of the same protocol, in one port at least."""
    ports = MarkedPorts("tcp", 80, 90)
    assert ports.overlaps(other) is overlaps
    assert other.overlaps(ports) is overlaps
    assert str(ports) == "80-90"
