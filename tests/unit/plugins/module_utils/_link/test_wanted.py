# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task may ask for of addresses and default routes."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._link.model import Place
from ansible_collections.lvs.cluster.plugins.module_utils._link.wanted import (
    WantedAddress,
    parse_default_gateway,
    parse_virtual_ip,
    parse_virtual_ips,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


@pytest.mark.parametrize(
    ("address", "label", "message"),
    [
        ("10.0.0.1/0", None, "from 1 to 32"),
        ("10.0.0.1/x", None, "from 1 to 32"),
        ("fd00::1/129", None, "from 1 to 128"),
        ("10.0.0", None, "is not an IPv4 or IPv6 address"),
        ("10.0.0.1", "eth0:0123456789abc", "at most 15"),
        ("10.0.0.1", "eth0:\n", "at most 15"),
        ("10.0.0.1\n", None, "has white space around it"),
        (" 10.0.0.1", None, "has white space around it"),
        ("10.0.0.1/024", None, "from 1 to 32"),
        ("10.0.0.1/\u0662\u0664", None, "from 1 to 32"),
        ("0.0.0.0", None, "stands for no host"),
        ("::/64", None, "stands for no host"),
        ("224.0.0.1", None, "is a multicast address"),
        ("ff02::1", None, "is a multicast address"),
        ("255.255.255.255", None, "is the broadcast address of every network"),
        ("10.0.0.0/24", None, "is that of the network itself"),
        ("fd00::/64", None, "is that of the network itself"),
        ("10.0.0.255/24", None, "is the broadcast address of the network"),
        ("::ffff:10.0.0.1", None, "write it as 10.0.0.1"),
    ],
)
def test_bad_addresses(address: str, label: str | None, message: str) -> None:
    """One sentence."""
    with pytest.raises(ModelError, match=message):
        parse_virtual_ip(address, "eth0", label)


@pytest.mark.parametrize(
    "address",
    ["10.0.0.0/31", "10.0.0.1/31", "10.0.0.0/32", "10.0.0.0", "fd00::/127", "fd00::ffff/112"],
)
def test_addresses_of_small_networks(address: str) -> None:
    """With two addresses or one there is none but those of hosts."""
    assert parse_virtual_ip(address, "eth0", None).address == address.partition("/")[0]


@pytest.mark.parametrize("address", ["224.0.0.1", "10.0.0.0/24", "255.255.255.255", "::"])
def test_what_is_there_may_go(address: str) -> None:
    """Somebody has added it, for the kernel takes it."""
    assert parse_virtual_ip(address, "eth0", None, gone=True)
    assert parse_default_gateway(address.partition("/")[0], None, None, gone=True)


@pytest.mark.parametrize(
    ("address", "label", "parts"),
    [
        ("10.0.0", None, ("", "address", "10.0.0")),
        ("10.0.0.1/33", None, ("", "address", "10.0.0.1/33")),
        ("10.0.0.1", "vip", ("address 10.0.0.1", "label", "vip")),
        ("fd00::1", "eth0:1", ("address fd00::1", "label", "eth0:1")),
    ],
)
def test_refusals_have_parts(
    address: str, label: str | None, parts: tuple[str, str, object]
) -> None:
    """The option's name, and what was given."""
    with pytest.raises(ModelError) as raised:
        parse_virtual_ip(address, "eth0", label)
    error = raised.value
    assert (error.item, error.field, error.value) == parts
    assert error.why and error.advice


@pytest.mark.parametrize(
    ("gateway", "metric", "parts"),
    [
        ("gw", None, ("", "gateway", "gw")),
        ("10.0.0.1\n", None, ("", "gateway", "10.0.0.1\n")),
        ("0.0.0.0", None, ("", "gateway", "0.0.0.0")),
        ("224.0.0.1", None, ("", "gateway", "224.0.0.1")),
        ("::ffff:10.0.0.1", None, ("", "gateway", "::ffff:10.0.0.1")),
        ("10.0.0.1", True, ("gateway 10.0.0.1", "metric", True)),
        ("10.0.0.1", -1, ("gateway 10.0.0.1", "metric", -1)),
        ("10.0.0.1", 2**32, ("gateway 10.0.0.1", "metric", 2**32)),
    ],
)
def test_bad_gateways(gateway: str, metric: int | None, parts: tuple[str, str, object]) -> None:
    """The same for default routes."""
    with pytest.raises(ModelError) as raised:
        parse_default_gateway(gateway, None, metric)
    assert (raised.value.item, raised.value.field, raised.value.value) == parts


def test_many_addresses() -> None:
    """The same address may be on two interfaces, and is spelled as the kernel does."""
    wanted = parse_virtual_ips(
        [
            {"address": "10.0.0.1/24", "interface": "eth0", "label": "eth0:1"},
            {"address": "FD00:0::1", "interface": "eth0", "label": None},
            {"address": "fd00::1", "interface": "lo"},
        ],
        ["FD00:0::2"],
        prune=True,
        adopt=False,
    )
    assert wanted.addresses == (
        WantedAddress("10.0.0.1", "eth0", 24, "eth0:1"),
        WantedAddress("fd00::1", "eth0"),
        WantedAddress("fd00::1", "lo"),
    )
    assert (wanted.prune, wanted.adopt, wanted.release) == (True, False, frozenset(["fd00::2"]))


@pytest.mark.parametrize(
    ("addresses", "release", "message"),
    [
        (["10.0.0.1/24", "10.0.0.1/32"], [], "address 10.0.0.1: interface 'eth0' is given twice"),
        (["fd00::1"], ["FD00:0::1"], "address fd00::1: is in addresses and in release"),
        (
            [],
            ["10.0.0.1\n"],
            "has white space around it; write it as 10.0.0.1.",
        ),
        ([], ["10.0.0.1/24"], "release '10.0.0.1/24' is not an IPv4 or IPv6 address"),
    ],
)
def test_bad_lists(addresses: list[str], release: list[str], message: str) -> None:
    """What contradicts itself is refused."""
    with pytest.raises(ModelError, match=message):
        parse_virtual_ips(
            [{"address": text, "interface": "eth0"} for text in addresses],
            release,
            prune=False,
            adopt=False,
        )


def test_where_an_address_fits() -> None:
    """Without a prefix length anywhere on its interface, otherwise there only."""
    place = Place("10.0.0.1", 24, "eth0")
    assert WantedAddress("10.0.0.1", "eth0").fits(place)
    assert WantedAddress("10.0.0.1", "eth0", 24).fits(place)
    assert not WantedAddress("10.0.0.1", "eth0", 32).fits(place)
    assert not WantedAddress("10.0.0.1", "lo").fits(place)
