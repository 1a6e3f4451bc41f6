# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input, and hosts that cannot: one clear sentence, and nothing changed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from node import CHECKOUT, ON_NODE, Node, as_sent
from witness import Ipvs, Settings

WEB: dict[str, Any] = {"virtual_address": "192.168.0.111", "virtual_port": 80}
TABLE = [
    "-A -t 192.168.0.111:80 -s rr",
    "-a -t 192.168.0.111:80 -r 192.168.137.131:80 -m -w 3",
]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"virtual_port": 80}, ["virtual_address is not given, and no fwmark either"]),
        ({**WEB, "virtual_address": "192.168.0.300"}, ["virtual_address '192.168.0.300'"]),
        ({**WEB, "virtual_address": "fd00::x"}, ["virtual_address 'fd00::x' is not an IPv4 or"]),
        ({**WEB, "virtual_address": "224.0.0.1"}, ["virtual_address '224.0.0.1' is a multicast"]),
        ({**WEB, "virtual_port": 70000}, ["virtual_port 70000", "from 0 to 65535"]),
        ({**WEB, "virtual_port": -1}, ["virtual_port -1", "from 0 to 65535"]),
        ({**WEB, "virtual_port": 0}, ["tcp 192.168.0.111:0", "persistent_timeout"]),
        ({"virtual_address": "192.168.0.111"}, ["virtual_port is not given for 192.168.0.111"]),
        ({**WEB, "scheduler": "best"}, ["scheduler", "rr, wrr, lc", "best"]),
        ({**WEB, "scheduler": "rr", "scheduler_flags": ["sh-port"]}, ["'sh-port' does not belong"]),
        ({**WEB, "scheduler_flags": ["fast"]}, ["scheduler_flags 'fast' is not known"]),
        ({**WEB, "one_packet": True}, ["one_packet true would break tcp", "udp"]),
        ({**WEB, "persistent_netmask": "24"}, ["persistent_netmask '255.255.255.0' has no effect"]),
        (
            {**WEB, "persistent_timeout": 9, "persistent_netmask": "255.0.255.0"},
            ["persistent_netmask '255.0.255.0' is not an IPv4 netmask"],
        ),
        (
            {"fwmark": 1, "family": "ipv6", "persistent_netmask": "255.255.255.0"},
            ["fwmark 1 (ipv6)", "prefix length from 1 to 128"],
        ),
        ({**WEB, "persistent_timeout": -1}, ["persistent_timeout -1", "from 0 to 2678400"]),
        ({**WEB, "persistence_engine": "sip"}, ["persistence_engine 'sip' has no effect"]),
        ({"fwmark": 0}, ["fwmark 0", "from 1 to 4294967295"]),
        ({"fwmark": 2**32}, ["fwmark 4294967296", "from 1 to 4294967295"]),
        (
            {**WEB, "fwmark": 10},
            ["virtual_address '192.168.0.111'", "together with fwmark 10", "leave out"],
        ),
        ({**WEB, "family": "ipv6"}, ["family 'ipv6' does not fit the address 192.168.0.111"]),
    ],
)
def test_bad_services(ipvs: Ipvs, arguments: dict[str, Any], said: list[str]) -> None:
    """A service that makes no sense is refused before anything is read or changed."""
    ipvs.add(*TABLE)
    ipvs.refuse("ipvs_service", *said, **arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"address": "rs1"}, ["address 'rs1' is not an IPv4 or IPv6 address"]),
        ({"address": "0.0.0.0"}, ["address '0.0.0.0' stands for no host"]),
        ({"address": "10.0.0.1", "weight": -1}, ["10.0.0.1:80", "weight -1", "0 to 65535"]),
        ({"address": "10.0.0.1", "weight": 65536}, ["weight 65536", "0 to 65535"]),
        ({"address": "10.0.0.1", "port": 70000}, ["port 70000", "0 to 65535"]),
        ({"address": "10.0.0.1", "forward": "dr", "port": 8080}, ["port 8080", "forward nat"]),
        ({"address": "10.0.0.1", "forward": "tun", "port": 8080}, ["port 8080", "forward nat"]),
        ({"address": "fd00::1"}, ["address 'fd00::1' is IPv6", "forward tun"]),
        (
            {"address": "10.0.0.1", "lower_threshold": 5},
            ["lower_threshold 5 is above upper_threshold 0"],
        ),
        ({"address": "10.0.0.1 "}, ["address '10.0.0.1 ' has white space", "as 10.0.0.1."]),
        (
            {"address": "10.0.0.1", "upper_threshold": 4, "lower_threshold": 5},
            ["lower_threshold 5 is above upper_threshold 4"],
        ),
        ({"address": "10.0.0.1", "tunnel_type": "gue"}, ["tunnel_type 'gue'", "forward tun"]),
        (
            {"address": "10.0.0.1", "forward": "tun", "tunnel_type": "gue"},
            ["tunnel_type 'gue' has no tunnel_port"],
        ),
        (
            {"address": "10.0.0.1", "forward": "tun", "tunnel_port": 6080},
            ["tunnel_port 6080 is for tunnel_type gue only"],
        ),
        (
            {"address": "10.0.0.1", "forward": "tun", "tunnel_checksum": "csum"},
            ["tunnel_checksum 'csum' does not exist with tunnel_type ipip"],
        ),
        (
            {"virtual_port": 81, "address": "10.0.0.1"},
            ["10.0.0.1:81", "service tcp 192.168.0.111:81 does not exist", "create the service"],
        ),
        (
            {"virtual_port": 81, "address": "10.0.0.1", "state": "drained"},
            ["service tcp 192.168.0.111:81 does not exist"],
        ),
        (
            {"address": "10.0.0.1", "drain_timeout": -1},
            ["drain_timeout -1 is out of range"],
        ),
    ],
)
def test_bad_real_servers(ipvs: Ipvs, arguments: dict[str, Any], said: list[str]) -> None:
    """A real server that makes no sense, or has no service, is refused."""
    ipvs.add(*TABLE)
    ipvs.refuse("ipvs_real_server", *said, **{**WEB, **arguments})


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ([{**WEB}, {**WEB}], ["service tcp 192.168.0.111:80", "twice"]),
        ([{**WEB, "sheduler": "rr"}], ["tcp 192.168.0.111:80: sheduler is not known"]),
        ([{**WEB}, {"virtual_address": "x", "virtual_port": 1}], ["service 2", "'x'"]),
        (
            [{**WEB, "real_servers": [{"address": "10.0.0.1", "wait": 1}]}],
            ["real server 10.0.0.1:80 of service tcp 192.168.0.111:80: wait is not known"],
        ),
        (
            [{**WEB, "real_servers": [{"address": "10.0.0.1"}, {"address": "10.0.0.1"}]}],
            ["tcp 192.168.0.111:80", "10.0.0.1:80 twice"],
        ),
        (
            [{**WEB, "real_servers": [{"address": "10.0.0.1", "weight": "heavy"}]}],
            ["10.0.0.1:80", "weight 'heavy'", "0 to 65535"],
        ),
        (
            [{**WEB, "scheduler": "best"}],
            ["service tcp 192.168.0.111:80: scheduler 'best' is not known; use one of rr, wrr"],
        ),
        ([{**WEB, "real_servers": "rs1"}], ["real_servers 'rs1' is not a list"]),
    ],
)
def test_bad_tables(ipvs: Ipvs, services: list[dict[str, Any]], said: list[str]) -> None:
    """One bad item anywhere in a table is named, and nothing of the table is applied."""
    ipvs.add(*TABLE)
    first = {"virtual_address": "192.168.0.1", "virtual_port": 1}
    ipvs.refuse("ipvs_table", *said, services=[*services, first])


def test_bad_scope(ipvs: Ipvs) -> None:
    """A scope that is none is refused: it would prune too much or too little."""
    ipvs.add(*TABLE)
    for scope in ("10.0.0.0/33", "everything", "fd00::/x", "0", "10.0.0.0/"):
        ipvs.refuse("ipvs_table", f"{scope!r} is no network", services=[], scope=[scope])


ARGUMENTS: dict[str, dict[str, Any]] = {
    "ipvs_service": {**WEB, "scheduler": "lc"},
    "ipvs_real_server": {**WEB, "address": "10.0.0.1"},
    "ipvs_table": {"services": [], "prune": "all"},
    "ipvs_info": {},
    "ipvs_timeouts": {"tcp": 60},
    "ipvs_sync_daemon": {"role": "master", "interface": "eth1"},
    "virtual_ip": {"address": "192.0.2.1", "interface": "eth1"},
    "virtual_ips": {"owner": "test", "addresses": [{"address": "192.0.2.1", "interface": "eth1"}]},
    "default_gateway": {"gateway": "192.168.0.1"},
}


# Without the site module Python does not see the distribution's packages.
BARE = ("env", f"PYTHONPATH={ON_NODE}", "python3", "-S")


@pytest.mark.parametrize("module", ["virtual_ip", "virtual_ips", "default_gateway"])
def test_links_without_pyroute2(node: Node, module: str) -> None:
    """Without pyroute2 each module that needs it says so."""
    result = node.module_by(BARE, module, ARGUMENTS[module])
    assert result["failed"] is True
    assert "pyroute2" in result["msg"]
    assert "python3-pyroute2" in result["msg"]


class BareIpvs(Ipvs):
    """The same, by a Python without pyroute2."""

    def run_module(self, module: str, arguments: dict[str, Any], check: bool) -> dict[str, Any]:
        """Run a module in a Python of its own."""
        return self.node.module_by(BARE, module, arguments, check=check)


@pytest.fixture
def bare(ipvs: Ipvs) -> BareIpvs:
    """Give the modules by a Python that has nothing but itself, and the witness of the table."""
    node = ipvs.node
    assert node.try_command(*BARE, "-c", "import json").rc == 0
    missing = node.try_command(*BARE, "-c", "import pyroute2")
    assert "No module named 'pyroute2'" in missing.err
    return BareIpvs(node)


def test_the_table_without_pyroute2(bare: BareIpvs) -> None:
    """All that there is to IPVS works where Python is all that is installed."""
    real_server = {"address": "192.168.137.131", "forward": "nat", "weight": 3}
    services = [{**WEB, "scheduler": "rr", "real_servers": [real_server]}]
    bare.converge("ipvs_table", services=services, prune="all")
    assert bare.rules() == TABLE
    told = bare.run("ipvs_info", gather=["stats", "connections", "timeouts", "daemons"])
    assert told["rules"] == TABLE
    assert told["services"][0]["real_servers"][0]["address"] == "192.168.137.131"
    bare.converge("ipvs_service", **WEB, scheduler="wrr")
    bare.converge("ipvs_real_server", **WEB, address="192.168.137.131", weight=7)
    assert bare.rules() == [TABLE[0].replace("rr", "wrr"), TABLE[1].replace("-w 3", "-w 7")]
    bare.run("ipvs_real_server", **WEB, address="192.168.137.131", state="drained")
    bare.converge("ipvs_table", rules="", prune="all")
    assert bare.rules() == []


def test_the_settings_without_pyroute2(node: Node, settings: Settings) -> None:
    """The same for what is beside the table."""
    assert node.module_by(BARE, "ipvs_timeouts", {"tcp": 777})["changed"] is True
    assert settings.timeouts()[0] == 777
    daemon = {"role": "master", "interface": "eth1", "sync_id": 3}
    assert node.module_by(BARE, "ipvs_sync_daemon", daemon)["changed"] is True
    told = node.module_by(BARE, "ipvs_info", {"gather": ["daemons"]})
    assert [daemon["sync_id"] for daemon in told["daemons"]] == [3]
    assert len(settings.daemons()) == 1


@pytest.mark.parametrize("module", ARGUMENTS)
def test_without_privilege(node: Node, ipvs: Ipvs, module: str) -> None:
    """Somebody who is not root is told to become root."""
    ipvs.add(*TABLE)
    state = node.command("sh", "-c", "ip address; ip route")
    nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    launcher = [*nobody, "env", f"PYTHONPATH={ON_NODE}", "python3"]
    result = node.module_by(launcher, module, ARGUMENTS[module])
    assert result["failed"] is True
    assert "become: true" in result["msg"]
    assert ipvs.rules() == TABLE
    assert node.command("sh", "-c", "ip address; ip route") == state


@pytest.mark.parametrize(
    ("module", "arguments", "shown"),
    [
        ("ipvs_info", {}, {"changed": False, "services": [], "rules": []}),
        ("ipvs_service", WEB, {"changed": True, "before": None}),
        ("ipvs_table", {"services": [WEB]}, {"changed": True, "before": []}),
        (
            "ipvs_timeouts",
            {"tcp": 60},
            {
                "before": {"tcp": 900, "tcp_fin": 120, "udp": 300},
                "after": {"tcp": 60, "tcp_fin": 120, "udp": 300},
            },
        ),
        ("ipvs_sync_daemon", {"role": "backup", "interface": "lo"}, {"before": None}),
    ],
)
def test_without_ipvs(module: str, arguments: dict[str, Any], shown: dict[str, Any]) -> None:
    """A kernel that has no IPVS is named; in check mode, a role might still load it.

    This runs in a network namespace of the machine's own kernel, whichever it is.
    """
    checked = on_this_machine(module, arguments, check=True)
    assert {name: checked[name] for name in shown} == shown
    if Path("/proc/net/ip_vs").exists():
        return
    assert "IPVS is not loaded yet" in str(checked["warnings"])
    result = on_this_machine(module, arguments, check=False)
    assert result["failed"] is True
    assert result["msg"].startswith("this kernel has no IPVS loaded; load it with modprobe ip_vs")


def on_this_machine(module: str, arguments: dict[str, Any], *, check: bool) -> dict[str, Any]:
    """Run a module in a network namespace of this machine, and return its result."""
    done = subprocess.run(
        ["unshare", "--net", sys.executable, CHECKOUT / "tests/kernel/agent.py", module],
        input=json.dumps(as_sent(arguments, check=check)),
        env={"PYTHONPATH": str(CHECKOUT / ".ansible/collections"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result
