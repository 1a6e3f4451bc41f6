# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the units of real servers give and take back."""

from __future__ import annotations

import pytest
from machine import ALL_STRICT, ARP, DEVICE_STRICT, Machine


def test_a_real_server_behind_a_tunnel(tunnels: Machine) -> None:
    """Device, port, settings and addresses; all of it is told."""
    told = tunnels.unit("tun-real-server", "start")
    assert tunnels.has("up") == ["tunl0"]
    assert tunnels.has("fou") == ["4 6080"]
    assert tunnels.sysctl(ARP) == "1"
    assert tunnels.sysctl(DEVICE_STRICT) == "2"
    assert tunnels.has("addresses") == ["tunl0 192.0.2.1/32", "tunl0 2001:db8::1/128"]
    assert told.splitlines() == [
        "added tunl0",
        "added 4 6080",
        f"added {ARP} 1",
        f"added {DEVICE_STRICT} 2",
        "added 192.0.2.1/32 tunl0",
        "added 2001:db8::1/128 tunl0",
    ]
    assert tunnels.unit("tun-real-server", "start") == ""


def test_a_real_server_gives_everything_back(tunnels: Machine) -> None:
    """As it was before."""
    tunnels.unit("tun-real-server", "start")
    tunnels.unit("tun-real-server", "stop")
    for name in ("up", "fou", "addresses"):
        assert tunnels.has(name) == [], name
    assert (tunnels.sysctl(ARP), tunnels.sysctl(DEVICE_STRICT)) == ("0", "0")
    assert tunnels.unit("tun-real-server", "stop") == ""


def test_devices_and_ports_that_were_the_hosts_own_stay(tunnels: Machine) -> None:
    """The device was up, and the port open; that of the other family is another one."""
    tunnels.state("devices", "tunl0")
    tunnels.state("up", "tunl0")
    tunnels.state("fou", "4 6080", "6 6080")
    tunnels.unit("tun-real-server", "start")
    tunnels.unit("tun-real-server", "stop")
    assert tunnels.has("up") == ["tunl0"]
    assert tunnels.has("fou") == ["4 6080", "6 6080"]
    tunnels.state("fou", "6 6080")
    tunnels.unit("tun-real-server", "start")
    assert tunnels.has("fou") == ["6 6080", "4 6080"]


def test_no_address_that_is_not_kept_quiet_about(tunnels: Machine) -> None:
    """By IPv4, where ARP answers for it. What can be served without is served."""
    (tunnels.root / "proc/sys" / ARP).unlink()
    told = tunnels.unit("tun-real-server", "start", status=1)
    assert f"lvs-unit: not added {ARP} 1" in told
    assert "lvs-unit: not added 192.0.2.1/32 tunl0" in told
    assert tunnels.has("addresses") == ["tunl0 2001:db8::1/128"]


def test_a_device_that_the_kernel_lacks(tunnels: Machine) -> None:
    """It is told, and what comes in by another one is served."""
    tunnels.etc("tun-real-server.devices", "tunl9", "tunl0")
    told = tunnels.unit("tun-real-server", "start", status=1)
    assert "use a kernel with ipip fou" in told
    assert tunnels.has("addresses") == ["tunl0 192.0.2.1/32", "tunl0 2001:db8::1/128"]


def test_an_address_is_a_matter_of_its_interface(tunnels: Machine) -> None:
    """A host may have it by direct routing and by a tunnel at once."""
    tunnels.etc("dr-real-server.addresses", "192.0.2.1/32 lo")
    tunnels.unit("dr-real-server", "start")
    tunnels.unit("tun-real-server", "start")
    assert "lo 192.0.2.1/32" in tunnels.has("addresses")
    assert "tunl0 192.0.2.1/32" in tunnels.has("addresses")
    tunnels.unit("dr-real-server", "stop")
    assert "lo 192.0.2.1/32" not in tunnels.has("addresses")
    assert "tunl0 192.0.2.1/32" in tunnels.has("addresses")


def test_a_setting_that_both_need_stays_until_neither_does(tunnels: Machine) -> None:
    """Whichever goes first; then it is what it was before both."""
    tunnels.sysctl(ARP, "2")
    tunnels.etc("dr-real-server.settings", f"{ARP} 1")
    tunnels.unit("dr-real-server", "start")
    tunnels.unit("tun-real-server", "start")
    tunnels.unit("dr-real-server", "stop")
    assert tunnels.sysctl(ARP) == "1"
    tunnels.unit("dr-real-server", "start")
    tunnels.unit("tun-real-server", "stop")
    assert tunnels.sysctl(ARP) == "1"
    tunnels.unit("dr-real-server", "stop")
    assert tunnels.sysctl(ARP) == "2"


def test_what_somebody_has_set_meanwhile_stays(tunnels: Machine) -> None:
    """And is what was there before, the next time."""
    tunnels.unit("tun-real-server", "start")
    tunnels.sysctl(ARP, "8")
    tunnels.unit("tun-real-server", "stop")
    assert tunnels.sysctl(ARP) == "8"
    tunnels.unit("tun-real-server", "start")
    assert tunnels.sysctl(ARP) == "1"
    tunnels.unit("tun-real-server", "stop")
    assert tunnels.sysctl(ARP) == "8"


def test_what_somebody_has_set_meanwhile_is_put_right_by_a_start(tunnels: Machine) -> None:
    """And a stop still gives back what was there before the first one."""
    tunnels.unit("tun-real-server", "start")
    tunnels.sysctl(ARP, "0")
    assert tunnels.unit("tun-real-server", "give", "settings") == f"added {ARP} 1\n"
    assert tunnels.sysctl(ARP) == "1"
    tunnels.unit("tun-real-server", "stop")
    assert tunnels.sysctl(ARP) == "0"


@pytest.mark.parametrize(
    ("of_all", "own", "then"),
    [("1", "0", "2"), ("0", "1", "2"), ("0", "0", "0"), ("2", "0", "0"), ("1", "2", "2")],
)
def test_paths_are_loose_only_where_they_were_strict(
    tunnels: Machine, of_all: str, own: str, then: str
) -> None:
    """The kernel takes the higher of both values; only 1 is strict. That of all is not touched."""
    tunnels.sysctl(ALL_STRICT, of_all)
    tunnels.sysctl(DEVICE_STRICT, own)
    for _again in range(2):
        tunnels.unit("tun-real-server", "start")
        assert tunnels.sysctl(DEVICE_STRICT) == then
        assert tunnels.sysctl(ALL_STRICT) == of_all
    tunnels.unit("tun-real-server", "stop")
    assert tunnels.sysctl(DEVICE_STRICT) == own


def test_retiring_takes_back_what_is_no_longer_declared(tunnels: Machine) -> None:
    """Port, device and settings; addresses are the module's, which goes first."""
    tunnels.unit("tun-real-server", "start")
    tunnels.etc("tun-real-server.ports")
    tunnels.etc("tun-real-server.settings", f"{ARP} 1")
    assert tunnels.unit("tun-real-server", "retire").splitlines() == [
        "removed 4 6080",
        f"removed {DEVICE_STRICT} 2",
    ]
    assert tunnels.has("fou") == []
    assert tunnels.has("up") == ["tunl0"]
    assert (tunnels.sysctl(ARP), tunnels.sysctl(DEVICE_STRICT)) == ("1", "0")
    assert tunnels.unit("tun-real-server", "retire") == ""


def test_what_former_releases_had_written_down(tunnels: Machine) -> None:
    """Lists are the same, and so is where a setting's value before is: nothing is lost."""
    kept = tunnels.root / "run/lvs-cluster/settings" / ARP.replace("/", ":")
    kept.mkdir(parents=True)
    (kept / "before").write_text("2\n")
    (kept / "tun").write_text("1\n")
    tunnels.sysctl(ARP, "1")
    for name, line in (("devices", "tunl0"), ("ports", "4 6080"), ("addresses", "x")):
        (kept.parents[1] / f"tun-real-server.{name}").write_text(f"{line}\n")
    (kept.parents[1] / "tun-real-server.addresses").write_text("192.0.2.1/32 tunl0\n")
    for name, line in (("up", "tunl0"), ("fou", "4 6080"), ("addresses", "tunl0 192.0.2.1/32")):
        tunnels.state(name, line)
    tunnels.unit("tun-real-server", "start")
    tunnels.unit("tun-real-server", "stop")
    for name in ("up", "fou", "addresses"):
        assert tunnels.has(name) == [], name
    assert tunnels.sysctl(ARP) == "2"


@pytest.mark.parametrize(
    ("family", "gateway", "before"),
    [
        ("4", "10.0.0.1", ["default via 10.0.0.254 dev eth0 proto dhcp metric 100"]),
        ("4", "10.0.0.1", []),
        ("6", "fd00::1", ["default via fe80::1 dev eth0 proto ra metric 1024 pref medium"]),
        (
            "4",
            "10.0.0.1",
            ["default dev ppp0 scope link", "default via 10.0.0.9 dev eth0 metric 9"],
        ),
    ],
)
def test_the_default_route_of_before_comes_back(
    host: Machine, family: str, gateway: str, before: list[str]
) -> None:
    """With all its words; and while the unit is on there is one alone."""
    host.etc("nat-real-server.gateway", "# Managed", f"{gateway} eth1")
    host.state(f"routes{family}", *before)
    host.unit("nat-real-server", "start")
    assert host.has(f"routes{family}") == [f"default via {gateway} dev eth1"]
    host.unit("nat-real-server", "start")
    host.unit("nat-real-server", "stop")
    assert sorted(host.has(f"routes{family}")) == sorted(before)
    assert host.unit("nat-real-server", "stop") == ""


def test_a_route_of_before_that_cannot_come_back(host: Machine) -> None:
    """Then the host keeps the one that it has, and another stop takes it back."""
    ours, before = "default via 10.0.0.1 dev eth1", "default via 10.0.0.254 dev eth0"
    host.etc("nat-real-server.gateway", "10.0.0.1 eth1")
    host.state("routes4", before)
    host.unit("nat-real-server", "start")
    host.state("gone", "eth0")
    assert "Cannot find device" in host.unit("nat-real-server", "stop", status=1)
    assert host.has("routes4") == [ours]
    host.state("gone")
    host.unit("nat-real-server", "stop")
    assert host.has("routes4") == [before]


def test_the_gateway_was_the_hosts_own(host: Machine) -> None:
    """Then a stop leaves it, though ip shows it with a word that it would not take."""
    host.etc("nat-real-server.gateway", "10.0.0.1 eth1")
    host.state("routes4", "default via 10.0.0.1 dev eth1 linkdown")
    host.unit("nat-real-server", "start")
    host.unit("nat-real-server", "stop")
    assert [line.split(" linkdown")[0] for line in host.has("routes4")] == [
        "default via 10.0.0.1 dev eth1"
    ]


def test_routes_that_the_module_has_written_down(host: Machine) -> None:
    """They are those from before its change; next hops are on their route's line."""
    host.etc("nat-real-server.gateway", "10.0.0.1 eth1")
    host.state("routes4", "default via 10.0.0.1 dev eth1")
    before = "default proto static nexthop via 10.0.0.8 dev eth0 weight 1"
    (host.root / "run/lvs-cluster").mkdir()
    (host.root / "run/lvs-cluster/nat-real-server.routes").write_text(f"{before}\n")
    host.unit("nat-real-server", "start")
    host.unit("nat-real-server", "stop")
    assert host.has("routes4") == [before]


@pytest.mark.parametrize(
    "words", [(), ("director",), ("director", "go"), ("nobody", "start"), ("../x", "stop")]
)
def test_words_that_are_not_known(host: Machine, words: tuple[str, ...]) -> None:
    """Nothing is done."""
    assert host.unit(*words, status=2).startswith("usage: lvs-unit [-n] OWNER start|reload|stop|")
    assert not (host.root / "run/lvs-cluster").exists()
