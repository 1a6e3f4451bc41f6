"""What else happens on the hosts, by their own daemons and by hand; how long clients have to wait.

The hosts' interface eth1 is handed from ifupdown to networkd, and then to NetworkManager.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

import pytest
import yaml
from load import Load
from nodes import INVENTORY, fetch, node, table, until
from testinfra.host import Host

SERVICES = {
    "nat": "192.168.0.100",
    "dr": "192.168.0.101",
    "dr, IPv6": "fd00::101",
    "tun": "192.168.0.102",
}
CONCERNED = {"director": [*SERVICES], "rs1": ["nat"], "rs2": ["dr", "dr, IPv6", "tun"]}
UNITS = {"rs1": ["nat-real-server"], "rs2": ["dr-real-server", "tun-real-server"]}
UNITS["director"] = ["director"]
HOSTS = pytest.mark.parametrize("name", [*CONCERNED])
SETTLED = 3.0
"""After so many seconds nothing more comes of an event that clients do not notice."""
CONFIGURATION = (
    "/etc/network /etc/NetworkManager /etc/nftables.conf /etc/systemd/network /etc/sysctl*"
)
NETWORKD = "/usr/lib/systemd"
LINK = "ip link set eth1 down; sleep 0.2; ip link set eth1 up"

Event = Callable[..., None]


def configuration(host: Host) -> str:
    """Return what the host's own configuration is."""
    return str(host.check_output(f"find {CONFIGURATION} -type f | sort | xargs sha256sum"))


def gap(load: Load, address: str, began: float, last: float) -> float:
    """Return for how long a client had no answer, at most, from an event to the next one."""
    done = [one for one in load.requests if one["address"] == address and not one["error"]]
    ends = sorted([began, *(one["end"] for one in done), load.requests[-1]["end"]])
    return float(
        max(b - max(a, began) for a, b in itertools.pairwise(ends) if b > began and a < last)
    )


@pytest.fixture(scope="module")
def event(client: Host) -> Iterator[Event]:
    """Have something happen on a host, and see how long clients have to wait."""
    measured: list[str] = []
    for name in CONCERNED:
        # A host's own IPv6 address is of no use while it looks for others with the same, 1 to 2 s.
        node(name).check_output("sysctl -w net.ipv6.conf.eth1.dad_transmits=0")

    def happens(name: str, *commands: str) -> None:
        host, ways = node(name), CONCERNED[name]
        before = configuration(host)
        times: list[tuple[float, float]] = []
        addresses = [SERVICES[way] for way in ways]
        with Load(client, addresses, requests=0, rate=5 * len(addresses), downloads=0) as load:
            time.sleep(1)
            for command in commands:
                # By the hosts' clock, as the clients' times.
                clock = "date +%s.%N"
                told = host.check_output(f"{clock}; ({command}) >/dev/null && {clock}")
                began, ended = map(float, told.split())
                times.append((began, ended))
                time.sleep(SETTLED)
                until(f"clients are served again after: {command}", lambda: serves(client, *ways))
        nexts = [began for began, _ended in times[1:]] + [float("inf")]
        for command, (began, ended), last in zip(commands, times, nexts, strict=True):
            gaps = [f"{way} {gap(load, SERVICES[way], began, last):.1f}" for way in ways]
            measured.append(f"{name}: {command} ({ended - began:.1f}): {', '.join(gaps)}")
            print(measured[-1])
        assert configuration(host) == before
        for owner in UNITS[name]:
            assert host.service(f"lvs-{owner}").is_running

    yield happens
    print("Seconds without an answer:", *measured, sep="\n")


def network(name: str) -> tuple[list[str], str]:
    """Return the addresses of a host's interface, and its gateway."""
    hosts = yaml.safe_load((INVENTORY / "lab.yml").read_text())["all"]["hosts"]
    described = hosts[name]["lab_interfaces"]["eth1"]
    return described["addresses"], described.get("gateway", "")


def alone(host: Host) -> None:
    """Let no program but one have the interface; without udev, which is no part of a container."""
    host.check_output("systemctl stop systemd-networkd NetworkManager; systemctl start dbus.socket")
    host.check_output("mount -o remount,bind,ro /sys; rm -f /etc/systemd/network/eth1.network")


@pytest.fixture(scope="module")
def networkd(event: Event) -> None:
    """The interfaces belong to networkd."""
    for name in CONCERNED:
        host, (addresses, gateway) = node(name), network(name)
        alone(host)
        lines = [f"Address={address}" for address in addresses]
        lines += [f"Gateway={gateway}"] if gateway else []
        text = "\n".join(["[Match]", "Name=eth1", "[Network]", "IPv6AcceptRA=no", *lines])
        host.check_output(f"echo '{text}' >/etc/systemd/network/eth1.network")
        host.check_output("systemctl start systemd-networkd")
        host.check_output(f"{NETWORKD}/systemd-networkd-wait-online --interface=eth1 --timeout=30")


@pytest.fixture(scope="module")
def network_manager(event: Event) -> None:
    """The interfaces belong to NetworkManager."""
    for name in CONCERNED:
        host, (addresses, gateway) = node(name), network(name)
        alone(host)
        words = f"ipv4.method manual ipv4.addresses {addresses[0]}"
        words += f" ipv4.gateway {gateway}" if gateway else ""
        words += f" ipv6.method manual ipv6.addresses {addresses[1]}" if addresses[1:] else ""
        host.check_output(
            "printf '[main]\nplugins=keyfile\n"
            "[keyfile]\nunmanaged-devices=*,except:interface-name:eth1\n'"
            " >/etc/NetworkManager/conf.d/lab.conf; systemctl start NetworkManager;"
            f" nmcli connection add type ethernet con-name lab ifname eth1 {words};"
            " nmcli connection up lab"
        )


def serves(client: Host, *ways: str) -> bool:
    """Tell whether every service answers, or each of some."""
    asked_of = [SERVICES[way] for way in ways or SERVICES]
    addresses = [f"[{a}]" if ":" in a else a for a in asked_of]
    asked = " && ".join(f"curl -sS --max-time 1 http://{address}/" for address in addresses)
    return bool(client.run(asked).succeeded)


# ---- ifupdown, and by hand


def test_on_the_director(event: Event, director: Host) -> None:
    """Table, marks and masquerading come back."""
    director.check_output("systemctl start nftables")
    event(
        "director",
        "systemctl restart nftables",
        "systemctl reload nftables",
        "nft -f /etc/nftables.conf",
        "nft flush ruleset",
        "ipvsadm -C",
    )
    assert len(table(director)) == 8
    rules = director.check_output("nft list table inet lvs_cluster")
    assert "snat ip to" in rules
    assert "meta mark set" in rules


@HOSTS
def test_ifupdown(event: Event, name: str) -> None:
    """It takes every address and route of the interface away, and brings it up as ever."""
    event(name, "ifdown eth1 && ifup eth1")


# ---- networkd


@HOSTS
@pytest.mark.usefixtures("networkd")
def test_networkd(event: Event, name: str) -> None:
    """It takes away what it has not given, in a reload where a file has changed."""
    node(name).check_output("echo '# changed' >>/etc/systemd/network/eth1.network")
    event(
        name,
        "networkctl reload",
        "networkctl reconfigure eth1",
        "systemctl restart systemd-networkd",
        LINK,
    )


@pytest.mark.usefixtures("networkd")
def test_a_unit_that_was_stopped_stays_so(director: Host, client: Host) -> None:
    """Whatever happens; and started again, it is watched again."""
    director.check_output("systemctl stop lvs-director")
    director.check_output("nft flush ruleset; networkctl reconfigure eth1; ipvsadm -C")
    time.sleep(SETTLED)
    assert not director.service("lvs-director").is_running
    assert not director.service("lvs-watch@director").is_running
    assert SERVICES["nat"] not in director.check_output("ip -o address show")
    assert table(director) == []
    director.check_output("systemctl start lvs-director")
    assert director.service("lvs-watch@director").is_running
    until("it serves", lambda: serves(client))


class WithoutItsInterface:
    """A host whose interface is not there yet when its unit starts, and is when the body ends."""

    def __init__(self, name: str) -> None:
        """Take the host's name."""
        self.host, (self.unit,) = node(name), UNITS[name]

    def __enter__(self) -> WithoutItsInterface:
        """Have the unit fail."""
        self.host.check_output("ip link set eth1 down && ip link set eth1 name late")
        assert self.host.run(f"systemctl restart lvs-{self.unit}").failed
        assert self.host.service(f"lvs-watch@{self.unit}").is_running
        return self

    def __exit__(self, *_exception: object) -> None:
        """Let the interface come."""
        self.host.check_output("ip link set late name eth1 && ip link set eth1 up")

    def serves(self) -> bool:
        """Tell whether the unit is up."""
        return bool(self.host.service(f"lvs-{self.unit}").is_running)


@pytest.mark.parametrize("name", ["director", "rs1"])
@pytest.mark.usefixtures("networkd")
def test_an_interface_that_comes_late(client: Host, name: str) -> None:
    """The unit has failed by then, and comes up with it."""
    with WithoutItsInterface(name) as late:
        pass
    until(f"the unit of {name} is up", late.serves)
    until("it serves", lambda: serves(client))


@pytest.mark.usefixtures("networkd")
def test_a_unit_that_was_stopped_after_it_had_failed(client: Host) -> None:
    """Nobody starts it but who stopped it."""
    with WithoutItsInterface("rs1") as late:
        late.host.check_output("systemctl stop lvs-nat-real-server")
        assert not late.host.service("lvs-watch@nat-real-server").is_running
    time.sleep(SETTLED)
    assert not late.serves()
    late.host.check_output("systemctl start lvs-nat-real-server")
    until("it serves", lambda: serves(client))


# ---- NetworkManager


@HOSTS
@pytest.mark.usefixtures("network_manager")
def test_network_manager(event: Event, name: str) -> None:
    """It takes away what it has not given, or the default route."""
    event(name, "systemctl restart NetworkManager", "nmcli device reapply eth1", LINK)


def test_the_switch(client: Host, director: Host) -> None:
    """Masked, there is no watcher; the unit is what it was."""
    director.check_output("systemctl mask --now lvs-watch@director")
    director.check_output("systemctl restart lvs-director")
    assert fetch(client, SERVICES["dr"], 1) == ["rs2"]
    assert not director.service("lvs-watch@director").is_running
    director.check_output("systemctl unmask lvs-watch@director; systemctl restart lvs-director")
    assert director.service("lvs-watch@director").is_running
