# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""virtual_ip, default_gateway and sysctl_arp on a real kernel, with ip and sysctl as witnesses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from link_witness import Links, fresh_links
from node import ON_NODE, Node

LVS0 = {"interface": "lvs0"}


def test_address_without_prefix(links: Links) -> None:
    """It is added for itself only, and any prefix that is there will do."""
    links.run("virtual_ip", address="10.9.0.1", interface="lvs0")
    assert links.addresses() == {"10.9.0.1/32 lvs0"}
    links.run("virtual_ip", address="fd09::1", interface="lvs0")
    assert links.addresses() == {"10.9.0.1/32 lvs0", "fd09::1/128"}
    links.node.command("ip", "address", "add", "10.9.0.2/24", "dev", "lvs0")
    assert not links.run("virtual_ip", address="10.9.0.2", interface="lvs0")["changed"]
    links.run("virtual_ip", address="10.9.0.1", interface="lvs0", state="absent")
    links.run("virtual_ip", address="FD09:0::1", interface="lvs0", state="absent")
    assert links.addresses() == {"10.9.0.2/24 lvs0"}


def test_address_with_prefix(links: Links) -> None:
    """It has that prefix and no other, and an IPv6 address works at once."""
    links.run("virtual_ip", address="10.9.0.1/24", interface="lvs0", label="lvs0:vip")
    assert links.addresses() == {"10.9.0.1/24 lvs0:vip"}
    links.run("virtual_ip", address="10.9.0.1/32", interface="lvs0")
    assert links.addresses() == {"10.9.0.1/32 lvs0"}
    links.run("virtual_ip", address="10.9.0.1/32", interface="lvs0", label="lvs0:1")
    assert links.addresses() == {"10.9.0.1/32 lvs0:1"}
    links.run("virtual_ip", address="fd09::1/64", interface="lvs0")
    assert "tentative" not in links.node.command("ip", "-6", "address", "show", "dev", "lvs0")
    links.run("virtual_ip", address="fd09::1/80", interface="lvs0")
    assert links.addresses() == {"10.9.0.1/32 lvs0:1", "fd09::1/80"}
    links.run("virtual_ip", address="10.9.0.1/24", interface="lvs0", state="absent")
    assert "10.9.0.1/32 lvs0:1" in links.addresses()


def test_single_ipv6_address_is_no_source(links: Links) -> None:
    """The host's own packets come from another address, though this one is nearer to the target."""
    links.run("virtual_ip", address="fd09::132/64", interface="lvs0")
    links.run("virtual_ip", address="fd09::130", interface="lvs0")
    links.node.command("ip", "link", "set", "lvs0", "up")
    shown = links.node.command("ip", "-6", "-o", "address", "show", "dev", "lvs0", "deprecated")
    assert "fd09::130/128" in shown
    assert "fd09::132/64" not in shown
    assert " src fd09::132 " in links.node.command("ip", "-6", "route", "get", "fd09::131")


def test_address_on_the_loopback(links: Links) -> None:
    """The virtual address of a real server of LVS-DR."""
    links.run("virtual_ip", address="10.9.0.100", interface="lo", label="lo:0")
    assert "10.9.0.100/32 lo:0" in links.addresses("lo")
    links.run("virtual_ip", address="10.9.0.100", interface="lo", state="absent")
    assert "10.9.0.100/32 lo:0" not in links.addresses("lo")


def test_the_first_address_of_a_network_goes_alone(links: Links) -> None:
    """The kernel would delete the others with it."""
    for last in (1, 2, 3):
        links.node.command("ip", "address", "add", f"10.9.0.{last}/24", "dev", "lvs0")
    links.run("virtual_ip", address="10.9.0.1", interface="lvs0", state="absent")
    assert {entry.split()[0] for entry in links.addresses()} == {"10.9.0.2/24", "10.9.0.3/24"}


def test_default_routes(links: Links) -> None:
    """A route is added, replaced at its metric, and deleted by its own gateway only."""
    links.node.command("ip", "address", "add", "10.9.0.1/24", "dev", "lvs0")
    links.run("default_gateway", gateway="10.9.0.254", metric=5)
    assert links.routes() == ["default via 10.9.0.254 metric 5"]
    result = links.run("default_gateway", gateway="10.9.0.253", metric=5)
    assert links.routes() == ["default via 10.9.0.253 metric 5"]
    assert result["operations"][0]["changes"] == {"gateway": ["10.9.0.254", "10.9.0.253"]}
    links.run("default_gateway", gateway="10.9.0.252", interface="lvs0", metric=9)
    assert len(links.routes()) == 2
    links.run("default_gateway", gateway="10.9.0.254", state="absent")
    links.run("default_gateway", gateway="10.9.0.253", metric=9, state="absent")
    assert len(links.routes()) == 2
    links.run("default_gateway", gateway="10.9.0.253", state="absent")
    assert links.routes() == ["default via 10.9.0.252 metric 9"]


def test_default_route_without_metric(links: Links) -> None:
    """The gateway becomes that of the first route; a route that is first already will do."""
    links.node.command("ip", "address", "add", "10.9.0.1/24", "dev", "lvs0")
    before = links.node.command("ip", "route", "show", "default")
    links.run("default_gateway", gateway="10.9.0.254")
    assert "default via 10.9.0.254" in links.routes()
    links.run("default_gateway", gateway="10.9.0.254", state="absent")
    # What was replaced is for the node's next tests.
    if before:
        links.node.command("ip", "route", "replace", *before.splitlines()[0].split())


def test_ipv6_default_routes(links: Links) -> None:
    """The same for IPv6, with the kernel's default metric, and with a link-local gateway."""
    for address in ("fd09::1/64", "fe80::9/64"):
        links.node.command("ip", "address", "add", address, "dev", "lvs0", "nodad")
    links.run("default_gateway", gateway="fd09::fe")
    assert links.routes() == ["default via fd09::fe metric 1024"]
    links.run("default_gateway", gateway="fd09::fd")
    assert links.routes() == ["default via fd09::fd metric 1024"]
    links.run("default_gateway", gateway="fe80::1", interface="lvs0", metric=8)
    assert links.routes() == [
        "default via fe80::1 metric 8",
        "default via fd09::fd metric 1024",
    ]
    links.run("default_gateway", gateway="fd09::fd", state="absent")
    links.run("default_gateway", gateway="fe80::1", state="absent")
    assert links.routes() == []


def test_what_carries_the_connection_stays(links: Links) -> None:
    """Neither its address nor the way back to the controller is taken away."""
    links.node.command("ip", "address", "add", "10.9.0.1/24", "dev", "lvs0")
    links.node.command("ip", "route", "add", "203.0.113.0/24", "via", "10.9.0.254")
    links.node.command("ip", "route", "add", "default", "via", "10.9.0.254", "metric", "1")
    ssh = "198.51.100.7 50000 10.9.0.1 22"
    words = "the change would cut the connection that this task came by"
    back = "ip route add 198.51.100.7 via 10.9.0.254 dev lvs0"
    gateway = {"gateway": "10.9.0.253", "metric": 1}
    links.refuse("default_gateway", words, "198.51.100.7", back, ssh=ssh, **gateway)
    links.refuse("default_gateway", words, back, ssh=ssh, gateway="10.9.0.254", state="absent")
    links.refuse(
        "virtual_ip", words, "10.9.0.1", ssh=ssh, address="10.9.0.1", interface="lvs0",
        state="absent",
    )  # fmt: skip
    links.refuse(
        "virtual_ip", words, "198.51.100.1", ssh=ssh, address="198.51.100.1/24",
        interface="lvs0",
    )  # fmt: skip
    # The same change is fine for a connection with a route of its own, or a worse metric.
    links.run("default_gateway", ssh=ssh, gateway="10.9.0.253", metric=2)
    links.run("default_gateway", ssh="203.0.113.7 50000 10.9.0.1 22", **gateway)


def test_a_parent_knows_the_connection(links: Links) -> None:
    """sudo drops the variable; the process that called it has it."""
    links.node.command("ip", "address", "add", "10.9.0.1/24", "dev", "lvs0")
    arguments = {"address": "10.9.0.1", "interface": "lvs0", "state": "absent"}
    outer = "SSH_CONNECTION='198.51.100.7 50000 10.9.0.1 22'"
    node = links.node
    inner = f'env -u SSH_CONNECTION PYTHONPATH={node.path} {node.python} "$@"; exit $?'
    launcher = ["env", outer.replace("'", ""), "sh", "-c", inner, "sh"]
    result = node.module_by(launcher, "virtual_ip", arguments)
    assert "it arrived at 10.9.0.1" in result["msg"]
    assert links.addresses() == {"10.9.0.1/24 lvs0"}


def test_routes_of_before_are_remembered(links: Links) -> None:
    """Once, as ip takes them back, and not where nothing changes."""
    node = links.node
    file = "/run/lvs-cluster/one.routes"
    node.command("ip", "address", "add", "10.9.0.1/24", "dev", "lvs0")
    node.command("ip", "address", "add", "fd09::1/64", "dev", "lvs0", "nodad")
    node.command("ip", "route", "add", "default", "via", "10.9.0.254", "metric", "3")
    node.command("ip", "route", "add", "default", "via", "10.9.0.8", "metric", "4", "mtu", "1400")
    before = node.command("ip", "-4", "route", "show", "default")
    links.run("default_gateway", gateway="10.9.0.254", metric=3, owner="one")
    assert node.try_command("cat", file).rc != 0
    links.run("default_gateway", gateway="10.9.0.253", metric=3, owner="one")
    links.run("default_gateway", gateway="10.9.0.252", metric=3, owner="one")
    node.command("ip", "route", "flush", "default", "dev", "lvs0")
    node.command(
        "sh", "-c", f"grep lvs0 {file} | while read -r route; do ip route add $route; done"
    )
    assert node.command("ip", "-4", "route", "show", "default") == before
    node.command("ip", "route", "add", "default", "via", "fd09::fa", "metric", "2000")
    links.run("default_gateway", gateway="fd09::fe", owner="two")
    remembered = node.command("cat", "/run/lvs-cluster/two.routes").splitlines()
    assert "default via fd09::fa dev lvs0 metric 2000 pref medium" in remembered


@pytest.mark.parametrize(
    ("module", "arguments", "said"),
    [
        ("virtual_ip", {"address": "10.9.0.300", "interface": "lvs0"}, ["'10.9.0.300'"]),
        ("virtual_ip", {"address": "10.9.0.1/33", "interface": "lvs0"}, ["1 to 32"]),
        ("virtual_ip", {"address": "10.9.0.1", "interface": "eth9"}, ["'eth9'", "lvs0"]),
        (
            "virtual_ip",
            {"address": "10.9.0.1", "interface": "lvs0", "label": "vip"},
            ["label 'vip'", "lvs0:1"],
        ),
        (
            "virtual_ip",
            {"address": "fd09::1", "interface": "lvs0", "label": "lvs0:1"},
            ["IPv4 only"],
        ),
        ("default_gateway", {"gateway": "gw"}, ["gateway 'gw' is not an IPv4 or IPv6 address"]),
        ("default_gateway", {"gateway": "203.0.113.1"}, ["'203.0.113.1' is not on a link"]),
        ("default_gateway", {"gateway": "10.9.0.1"}, ["is an address of this host itself"]),
        (
            "default_gateway",
            {"gateway": "10.9.0.254", "interface": "lvs1"},
            ["'10.9.0.254' is not on interface lvs1"],
        ),
        ("default_gateway", {"gateway": "10.9.0.254", "interface": "eth9"}, ["'eth9'"]),
        ("default_gateway", {"gateway": "10.9.0.254", "metric": -1}, ["metric -1"]),
        ("default_gateway", {"gateway": "fe80::1"}, ["link-local", "give the interface"]),
        ("default_gateway", {"gateway": "10.9.0.254", "owner": "../one"}, ["owner '../one'"]),
        ("virtual_ips", {"owner": ""}, ["owner ''"]),
        (
            "virtual_ips",
            {"owner": "one", "addresses": [{**LVS0, "address": "10.9.0.300"}]},
            ["'10.9.0.300'"],
        ),
        (
            "virtual_ips",
            {"owner": "one", "addresses": [{"interface": "eth9", "address": "10.9.0.2"}]},
            ["'eth9'", "lvs0"],
        ),
        (
            "virtual_ips",
            {"owner": "one", "addresses": [{**LVS0, "address": "10.9.0.2/24"}] * 2},
            ["address 10.9.0.2", "given twice"],
        ),
        (
            "virtual_ips",
            {
                "owner": "one",
                "addresses": [{**LVS0, "address": "10.9.0.2/24"}],
                "release": ["10.9.0.2"],
            },
            ["10.9.0.2", "in addresses and in release"],
        ),
    ],
)
def test_bad_input(links: Links, module: str, arguments: dict[str, Any], said: list[str]) -> None:
    """One clear sentence, and nothing changed."""
    links.node.command("ip", "address", "add", "10.9.0.1/24", "dev", "lvs0")
    links.refuse(module, *said, **arguments)


@pytest.fixture
def bare(node: Node) -> Iterator[Links]:
    """Give a fresh pair of interfaces, for modules without pyroute2."""
    with fresh_links(node) as links:
        yield links


def test_check_without_pyroute2(bare: Links) -> None:
    """In check mode an unprepared host is read by way of /proc."""
    launcher = ["env", f"PYTHONPATH={ON_NODE}", "python3", "-S"]
    bare.node.command(
        "sh",
        "-ec",
        "ip address add 10.9.0.1/24 dev lvs0; ip address add fd09::1/64 dev lvs0 nodad;"
        " ip route add default via 10.9.0.254 metric 0;"
        " ip route add default via fd09::fe metric 1024",
    )
    for module, arguments, changed in (
        ("virtual_ip", {"address": "10.9.0.1", "interface": "lvs0"}, False),
        ("virtual_ip", {"address": "10.9.0.2", "interface": "lvs0"}, True),
        ("virtual_ip", {"address": "fd09::1", "interface": "lvs0"}, False),
        ("virtual_ip", {"address": "fd09::1/80", "interface": "lvs0"}, True),
        ("virtual_ips", {"owner": "one", "addresses": [{**LVS0, "address": "fd09::1"}]}, False),
        ("virtual_ips", {"owner": "one", "addresses": [{**LVS0, "address": "fd09::2"}]}, True),
        ("default_gateway", {"gateway": "10.9.0.254"}, False),
        ("default_gateway", {"gateway": "10.9.0.253"}, True),
        ("default_gateway", {"gateway": "fd09::fe"}, False),
        ("default_gateway", {"gateway": "fd09::fd"}, True),
    ):
        result = bare.node.module_by(launcher, module, arguments, check=True)
        assert result.get("changed") is changed, (module, arguments, result)
        assert "pyroute2 is not installed yet" in str(result["warnings"])


FILE = "/etc/sysctl.d/90-lvs-arp.conf"


class Sysctls:
    """Runs sysctl_arp, and reads back what it set."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def running(self, interface: str) -> list[str]:
        """Return arp_ignore and arp_announce."""
        names = [f"net.ipv4.conf.{interface}.{name}" for name in ("arp_ignore", "arp_announce")]
        return self.node.command("sysctl", "-n", *names).split()

    def file(self) -> str | None:
        """Return the file, or None if there is none."""
        done = self.node.try_command("cat", FILE)
        return done.out if done.rc == 0 else None

    def run(self, **arguments: Any) -> dict[str, Any]:
        """Run the module in check mode, for real, and again."""
        before = (self.running("all"), self.running("lo"), self.file())
        predicted = self.node.module("sysctl_arp", arguments, check=True)
        assert not predicted.get("failed"), predicted
        assert (self.running("all"), self.running("lo"), self.file()) == before
        result = self.node.module("sysctl_arp", arguments)
        assert not result.get("failed"), result
        for part in ("changed", "before", "after", "operations", "diff"):
            assert predicted[part] == result[part], part
        assert self.node.module("sysctl_arp", arguments)["changed"] is False
        return result


@pytest.fixture
def sysctls(node: Node) -> Iterator[Sysctls]:
    """Give the kernel's defaults."""
    reset = " ".join(
        f"net.ipv4.conf.{interface}.{name}=0"
        for interface in ("all", "lo", "eth1")
        for name in ("arp_ignore", "arp_announce")
    )
    node.command("sh", "-ec", f"sysctl -qw {reset}; rm -f {FILE}")
    yield Sysctls(node)
    node.command("sh", "-ec", f"sysctl -qw {reset}; rm -f {FILE}")


def test_arp(sysctls: Sysctls) -> None:
    """The values are set, kept for the next boot, and taken back."""
    assert sysctls.run()["changed"] is True
    assert sysctls.running("all") == sysctls.running("lo") == ["1", "2"]
    assert sysctls.running("eth1") == ["0", "0"]
    sysctls.run(interfaces=["eth1"], arp_ignore=8, arp_announce=1)
    assert sysctls.running("eth1") == ["8", "1"]
    assert sysctls.file() == (
        "net.ipv4.conf.all.arp_announce = 2\n"
        "net.ipv4.conf.all.arp_ignore = 1\n"
        "net.ipv4.conf.lo.arp_announce = 2\n"
        "net.ipv4.conf.lo.arp_ignore = 1\n"
        "net.ipv4.conf.eth1.arp_announce = 1\n"
        "net.ipv4.conf.eth1.arp_ignore = 8\n"
    )
    sysctls.node.command(
        "sh", "-ec", f"sysctl -qw net.ipv4.conf.eth1.arp_ignore=0; sysctl -qp {FILE}"
    )
    assert sysctls.running("eth1") == ["8", "1"]
    sysctls.run(state="absent")
    assert sysctls.running("all") == sysctls.running("lo") == ["0", "0"]
    assert sysctls.running("eth1") == ["8", "1"]
    sysctls.run(interfaces=["eth1"], state="absent")
    assert sysctls.file() is None


def test_arp_until_the_next_boot(sysctls: Sysctls) -> None:
    """Without a file, only the running kernel has the values."""
    assert sysctls.run(sysctl_file="")["changed"] is True
    assert sysctls.running("all") == sysctls.running("lo") == ["1", "2"]
    sysctls.run(sysctl_file="", state="absent")
    assert sysctls.running("all") == sysctls.running("lo") == ["0", "0"]
    assert sysctls.file() is None


def test_either_side_alone(sysctls: Sysctls) -> None:
    """What drifted in the kernel or in the file is put right, and counts as a change."""
    sysctls.run()
    sysctls.node.command("sysctl", "-qw", "net.ipv4.conf.lo.arp_ignore=0")
    result = sysctls.run()
    assert [step["name"] for step in result["operations"]] == ["net.ipv4.conf.lo.arp_ignore"]
    sysctls.node.command("sh", "-c", f"echo '# ours\n-net/ipv4/conf/lo/arp_ignore=0' > {FILE}")
    result = sysctls.run()
    assert [step["item"] for step in result["operations"]] == ["file"]
    text = sysctls.file() or ""
    assert text.splitlines()[:2] == ["# ours", "net.ipv4.conf.lo.arp_ignore = 1"]
    assert text.count("arp_ignore") == 2
    sysctls.run(state="absent")
    assert sysctls.file() == "# ours\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"interfaces": ["eth9"]}, ["'eth9' does not exist", "eth1"]),
        ({"interfaces": ["../all"]}, ["'../all' is not the name"]),
        ({"arp_ignore": 9}, ["arp_ignore 9", "0 to 8"]),
        ({"arp_announce": -1}, ["arp_announce -1", "0 to 2"]),
    ],
)
def test_bad_sysctls(sysctls: Sysctls, arguments: dict[str, Any], said: list[str]) -> None:
    """One clear sentence, and nothing changed."""
    result = sysctls.node.module("sysctl_arp", arguments)
    assert result["failed"] is True
    for words in said:
        assert words in result["msg"]
    assert sysctls.running("all") == ["0", "0"]
    assert sysctls.file() is None
