# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are in two clusters, or are director and real server."""

from __future__ import annotations

import shutil

import pytest
from machine import ARP, DEVICE_STRICT, Machine

PARTS = ("addresses", "devices", "modules", "ports", "settings")


@pytest.fixture
def two(tunnels: Machine) -> Machine:
    """A real server of two clusters: each has its own addresses, and the device is both's."""
    etc = tunnels.root / "etc/lvs-cluster"
    for part in PARTS:
        shutil.copy(etc / f"tun-real-server.{part}", etc / f"tun-real-server-shop.{part}")
    tunnels.etc("tun-real-server-shop.addresses", "192.0.2.2/32 tunl0")
    return tunnels


@pytest.mark.parametrize("first", ["tun-real-server", "tun-real-server-shop"])
def test_what_two_clusters_need_stays_until_neither_does(two: Machine, first: str) -> None:
    """Device, port and settings, whoever goes first; each takes its own addresses."""
    (second,) = {"tun-real-server", "tun-real-server-shop"} - {first}
    two.unit("tun-real-server", "start")
    told = two.unit("tun-real-server-shop", "start")
    assert "added tunl0" in told
    assert two.unit("tun-real-server-shop", "start") == ""
    kept = {"tun-real-server": ["192.0.2.1/32", "2001:db8::1/128"]}.get(second, ["192.0.2.2/32"])
    two.unit(first, "stop")
    assert two.has("addresses") == [f"tunl0 {address}" for address in kept]
    assert two.has("up") == ["tunl0"]
    assert two.has("fou") == ["4 6080"]
    assert (two.sysctl(ARP), two.sysctl(DEVICE_STRICT)) == ("1", "2")
    two.unit(second, "stop")
    assert two.has("addresses") + two.has("up") + two.has("fou") == []
    assert (two.sysctl(ARP), two.sysctl(DEVICE_STRICT)) == ("0", "0")


def test_what_the_host_had_stays_after_both(two: Machine) -> None:
    """A device that is up of the host's own accord is nobody's."""
    two.state("devices", "tunl0")
    two.state("up", "tunl0")
    for owner in ("tun-real-server", "tun-real-server-shop"):
        two.unit(owner, "start")
    for owner in ("tun-real-server", "tun-real-server-shop"):
        two.unit(owner, "stop")
    assert two.has("up") == ["tunl0"]


def test_a_gateway_of_a_cluster_with_a_name(host: Machine) -> None:
    """It is given, and taken back, as one of a cluster without."""
    host.state("routes4", "default via 10.0.0.254 dev eth1")
    host.etc("nat-real-server-shop.gateway", "10.0.0.1 eth1")
    host.unit("nat-real-server-shop", "start")
    assert host.has("routes4") == ["default via 10.0.0.1 dev eth1"]
    host.unit("nat-real-server-shop", "stop")
    assert host.has("routes4") == ["default via 10.0.0.254 dev eth1"]


def test_addresses_that_cannot_be_taken_keep_arp_quiet(two: Machine) -> None:
    """By whatever name."""
    two.unit("tun-real-server-shop", "start")
    two.state("addresses")
    two.root.joinpath("bin/ip").unlink()
    two.root.joinpath("bin/ip").write_text(
        "#!/bin/sh\necho '2: tunl0 inet 192.0.2.2/32 '; exit 1\n"
    )
    two.root.joinpath("bin/ip").chmod(0o755)
    two.unit("tun-real-server-shop", "stop", status=1)
    assert two.sysctl(ARP) == "1"


@pytest.fixture
def local(director: Machine) -> Machine:
    """A director that is one of its real servers, by direct routing."""
    director.etc("dr-real-server.addresses", "192.0.2.1/32 lo", "2001:db8::1/128 lo")
    return director


@pytest.mark.parametrize("order", [("director", "dr-real-server"), ("dr-real-server", "director")])
def test_a_director_that_is_a_real_server_has_its_addresses(
    local: Machine, order: tuple[str, str]
) -> None:
    """On both interfaces, whichever unit is first; a restart of either gives its own again."""
    both = {
        f"{link} {address}"
        for link in ("eth1", "lo")
        for address in ("192.0.2.1/32", "2001:db8::1/128")
    }
    for owner in order:
        local.unit(owner, "start")
    assert set(local.has("addresses")) == both
    for owner in order:
        local.unit(owner, "stop")
        local.unit(owner, "start")
        assert set(local.has("addresses")) == both
    local.unit("director", "stop")
    assert set(local.has("addresses")) == {each for each in both if each.startswith("lo")}


def test_an_address_on_lo_of_the_hosts_own_accord_is_left(local: Machine) -> None:
    """As somebody has set up the director; the one that the other owner has there is another."""
    local.state("addresses", "lo 192.0.2.1/32")
    local.etc("dr-real-server.addresses", "2001:db8::1/128 lo")
    local.unit("dr-real-server", "start")
    local.unit("director", "start")
    assert set(local.has("addresses")) == {
        "lo 192.0.2.1/32",
        "lo 2001:db8::1/128",
        "eth1 2001:db8::1/128",
    }


def test_owners_take_turns_where_several_write(two: Machine) -> None:
    """At a boot all units start at once: what a setting was before is what it was before all."""
    flock = two.root / "bin/flock"
    flock.write_text(f"#!/bin/sh\necho $1 >>{two.root}/state/locks\n")
    flock.chmod(0o755)
    two.unit("tun-real-server", "give", "modules", "devices", "settings")
    assert two.has("locks") == ["9", "8", "8"]
