# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packets get a firewall mark."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.marks import (
    ALL_PORTS,
    parse_marked_addresses,
    parse_marked_ports,
    parse_ports,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import MarkedPorts


def test_ports() -> None:
    """Numbers, ranges, and either with a protocol; without any every port."""
    assert parse_marked_ports("service shop", [443, "21/tcp", "53/udp", "10000-10100"]) == (
        MarkedPorts("tcp", 443, 443),
        MarkedPorts("tcp", 21, 21),
        MarkedPorts("udp", 53, 53),
        MarkedPorts("tcp", 10000, 10100),
    )
    assert parse_marked_ports("service shop", None) == ALL_PORTS


def test_addresses() -> None:
    """As the kernel spells them, each once; without any nothing is marked."""
    given = ["10.0.0.100", "FD00:10::0100", "10.0.0.100"]
    assert parse_marked_addresses("service shop", given, None) == ("10.0.0.100", "fd00:10::100")
    assert parse_marked_addresses("service shop", None, None) == ()


@pytest.mark.parametrize(
    ("given", "value", "why"),
    [
        (80, 80, "is not a list"),
        ([], [], "is not a list"),
        ([0], 0, "is not a port, a range of ports, or either with a protocol"),
        ([80, True], True, "is not a port, a range of ports, or either with a protocol"),
        ([70000], 70000, "is not a port, a range of ports, or either with a protocol"),
        (["90-80"], "90-80", "is not a port, a range of ports, or either with a protocol"),
        (["80/icmp"], "80/icmp", "is not a port, a range of ports, or either with a protocol"),
        (["80/"], "80/", "is not a port, a range of ports, or either with a protocol"),
    ],
)
def test_ports_that_cannot_be_marked(given: Any, value: Any, why: str) -> None:
    """With the entry that is wrong, and with a fix."""
    with pytest.raises(ModelError) as caught:
        parse_marked_ports("service shop", given)
    error = caught.value
    assert (error.item, error.field, error.value, error.why) == (
        "service shop",
        "ports",
        value,
        why,
    )
    assert error.advice.startswith("give one such as")


@pytest.mark.parametrize(
    ("given", "family", "value", "why"),
    [
        ("10.0.0.100", None, "10.0.0.100", "is not a list"),
        ([], None, [], "is not a list"),
        (["10.0.0.300"], None, "10.0.0.300", "is not an IPv4 or IPv6 address"),
        (["10.0.0.100"], "ipv6", "10.0.0.100", "is not of family ipv6"),
    ],
)
def test_addresses_that_cannot_be_marked(
    given: Any, family: str | None, value: Any, why: str
) -> None:
    """With the entry that is wrong, and with a fix."""
    with pytest.raises(ModelError) as caught:
        parse_marked_addresses("service shop", given, family)
    error = caught.value
    assert (error.field, error.value, error.why) == ("addresses", value, why)
    assert error.advice


def test_one_port() -> None:
    """Is a range of one."""
    assert str(parse_ports("service shop", "80")) == "80"
    assert parse_ports("service shop", "1-100").overlaps(parse_ports("service shop", 80))
