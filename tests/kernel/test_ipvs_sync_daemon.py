# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ipvs_sync_daemon on a real kernel, with ipvsadm as the witness."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from node import ON_NODE, Node
from witness import Settings

LINKS = """
ip link add sync0 type dummy
ip link add sync1 mtu 9000 type dummy
ip link add sync2 type dummy
ip link set sync0 up
ip link set sync1 up
"""


@pytest.fixture
def links(node: Node, settings: Settings) -> Iterator[Settings]:
    """Make interfaces to synchronise over: sync0, sync1 with large packets, sync2 that is down."""
    node.command("sh", "-ec", LINKS)
    yield settings
    node.command("sh", "-c", "for role in master backup; do ipvsadm --stop-daemon $role; done; :")
    node.command("sh", "-ec", "for i in 0 1 2; do ip link del sync$i; done")


def shown(role: str, **fields: Any) -> str:
    """Return what ipvsadm prints of a daemon on sync0, with the kernel's defaults but for these."""
    values = {
        "mcast": "sync0",
        "syncid": 0,
        "maxlen": 1472,
        "group": "224.0.0.81",
        "port": 8848,
        "ttl": 1,
        **fields,
    }
    return f"{role} sync daemon ({', '.join(f'{name}={v}' for name, v in values.items())})"


@pytest.mark.parametrize(
    ("role", "arguments", "fields"),
    [
        ("master", {}, {}),
        ("backup", {"sync_id": 255}, {"syncid": 255}),
        ("master", {"port": 65535, "ttl": 255}, {"port": 65535, "ttl": 255}),
        ("backup", {"group": "239.1.2.3", "maxlen": 1024}, {"group": "239.1.2.3", "maxlen": 1024}),
        ("master", {"maxlen": 65507}, {"maxlen": 65507}),
        ("backup", {"group": "FF02:0::81"}, {"group": "ff02::81", "maxlen": 1452}),
        ("master", {"group": "ff05::1", "maxlen": 65487}, {"group": "ff05::1", "maxlen": 65487}),
    ],
)
def test_daemon_comes_and_goes(
    links: Settings, role: str, arguments: dict[str, Any], fields: dict[str, Any]
) -> None:
    """It is predicted, started, left alone, and stopped once."""
    result = links.converge("ipvs_sync_daemon", role=role, interface="sync0", **arguments)
    assert links.daemons() == [shown(role, **fields)]
    assert result["before"] is None
    assert result["after"] == links.run("ipvs_info", gather=["daemons"])["daemons"][0]
    assert result["operations"] == [
        {"action": "start", "item": "sync_daemon", "role": role, "effect": "none"}
    ]
    gone = links.converge("ipvs_sync_daemon", role=role, state="absent")
    assert (gone["before"], gone["after"]) == (result["after"], None)
    assert links.daemons() == []


def test_diff_is_what_ipvsadm_takes(links: Settings) -> None:
    """Given back to ipvsadm, the diff's first half starts the one that was stopped."""
    links.run("ipvs_sync_daemon", role="backup", interface="sync0", sync_id=4, group="ff02::82")
    before = links.daemons()
    gone = links.run("ipvs_sync_daemon", role="backup", state="absent")
    links.node.command("ipvsadm", *gone["diff"]["before"].split())
    assert links.daemons() == before


def test_both_run(links: Settings) -> None:
    """Each role has a daemon of its own, with values of its own."""
    links.run("ipvs_sync_daemon", role="master", interface="sync0", sync_id=1)
    links.run("ipvs_sync_daemon", role="backup", interface="sync1", sync_id=2)
    backup = shown("backup", mcast="sync1", syncid=2, maxlen=8972)
    assert links.daemons() == [shown("master", syncid=1), backup]
    links.run("ipvs_sync_daemon", role="master", state="absent")
    assert links.daemons() == [backup]


def test_a_change_is_a_stop_and_a_start(links: Settings) -> None:
    """What is named changes; what is not stays as it is."""
    links.node.command(
        *("ipvsadm", "--start-daemon", "master", "--mcast-interface", "sync0", "--syncid", "7"),
        *("--mcast-port", "9000", "--mcast-ttl", "3", "--sync-maxlen", "1200"),
    )
    result = links.converge("ipvs_sync_daemon", role="master", sync_id=8, group="239.0.0.1")
    assert links.daemons() == [
        shown("master", syncid=8, maxlen=1200, group="239.0.0.1", port=9000, ttl=3)
    ]
    stop, start = result["operations"]
    assert (stop["action"], start["action"]) == ("stop", "start")
    assert start["changes"] == {"sync_id": [7, 8], "group": ["224.0.0.81", "239.0.0.1"]}
    assert links.run("ipvs_sync_daemon", role="master")["operations"] == []


def test_a_length_that_the_kernel_chose_is_chosen_anew(links: Settings) -> None:
    """With another interface, and with headers of another size."""
    links.run("ipvs_sync_daemon", role="backup", interface="sync0")
    links.converge("ipvs_sync_daemon", role="backup", interface="sync1")
    assert links.daemons() == [shown("backup", mcast="sync1", maxlen=8972)]
    links.converge("ipvs_sync_daemon", role="backup", group="ff02::81")
    assert links.daemons() == [shown("backup", mcast="sync1", group="ff02::81", maxlen=8952)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"interface": None}, ["sync daemon master: interface is not given"]),
        ({"interface": "eth9"}, ["interface 'eth9' does not exist", "use one of", "sync0"]),
        ({"interface": ""}, ["interface '' is not the name of an interface"]),
        ({"group": "10.0.0.1"}, ["group '10.0.0.1' is no multicast address", "224.0.0.0/4"]),
        ({"group": "fd00::1"}, ["group 'fd00::1' is no multicast address", "ff00::/8"]),
        ({"group": "all"}, ["group 'all' is not an IPv4 or IPv6 address"]),
        ({"sync_id": 256}, ["sync_id 256 is out of range; give one from 0 to 255"]),
        ({"sync_id": -1}, ["sync_id -1 is out of range"]),
        ({"port": 0}, ["port 0 is out of range; give one from 1 to 65535"]),
        ({"port": 65536}, ["port 65536 is out of range"]),
        ({"ttl": 0}, ["ttl 0 is out of range; give one from 1 to 255"]),
        ({"ttl": 256}, ["ttl 256 is out of range"]),
        ({"maxlen": 0}, ["maxlen 0 is out of range; give one from 1 to 65507"]),
        ({"role": "backup", "maxlen": 1023}, ["sync daemon backup", "from 1024 to 65507"]),
        ({"maxlen": 65500, "group": "ff02::81"}, ["maxlen 65500", "from 1 to 65487"]),
        ({"interface": "sync2"}, ["interface sync2", "bring the interface up", "IPv4"]),
        ({"interface": "sync2", "group": "ff02::81"}, ["sync2", "bring the interface up", "IPv6"]),
        ({"role": "both"}, ["value of role must be one of: master, backup"]),
    ],
)
def test_bad_daemons(links: Settings, arguments: dict[str, Any], said: list[str]) -> None:
    """What cannot run is refused in a sentence."""
    links.refuse("ipvs_sync_daemon", *said, **{"role": "master", "interface": "sync0", **arguments})


def test_the_former_one_comes_back(links: Settings) -> None:
    """Where the new one cannot be started, the one that ran does again."""
    links.run("ipvs_sync_daemon", role="master", interface="sync0", sync_id=3)
    result = links.node.module("ipvs_sync_daemon", {"role": "master", "interface": "sync2"})
    assert result["failed"] is True
    assert "sync2" in result["msg"]
    assert result["msg"].endswith("The former one runs again.")
    assert result["changed"] is False
    assert [step["action"] for step in result["operations"]] == ["stop", "start"]
    assert links.daemons() == [shown("master", syncid=3)]


def test_the_former_one_cannot_come_back(links: Settings) -> None:
    """Where neither can be started, that is said, and what was done."""
    links.run("ipvs_sync_daemon", role="master", interface="sync0", sync_id=3)
    links.node.command("ip", "link", "set", "sync0", "down")
    result = links.node.module("ipvs_sync_daemon", {"role": "master", "interface": "sync2"})
    assert result["failed"] is True
    assert "The former one was stopped, and cannot be started again" in result["msg"]
    assert result["changed"] is True
    assert [step["action"] for step in result["operations"]] == ["stop"]
    assert links.daemons() == []


def test_mixed_families_exclude_it(links: Settings) -> None:
    """A real server of the other family, and a daemon: the second of the two is refused."""
    service = {"virtual_address": "192.168.0.111", "virtual_port": 80}
    server = {**service, "address": "fd00:0:0:2::131", "forward": "tun"}
    links.node.module("ipvs_service", service)
    assert links.node.module("ipvs_real_server", server)["changed"] is True
    links.refuse(
        "ipvs_sync_daemon",
        "sync daemon master: the kernel refuses it",
        "real server of the other address family",
        role="master",
        interface="sync0",
    )
    links.node.module("ipvs_real_server", {**server, "state": "absent"})
    links.run("ipvs_sync_daemon", role="master", interface="sync0")
    refused = links.node.module("ipvs_real_server", server)
    assert "synchronisation daemon" in refused["msg"]


PEER = """
ip netns add peer
ip link add name sync3 type veth peer name sync3 netns peer
ip address add 10.98.0.1/24 dev sync3
ip link set sync3 up
ip -n peer link set lo up
ip -n peer address add 10.98.0.2/24 dev sync3
ip -n peer link set sync3 up
ip -n peer address add 10.97.0.1/32 dev lo
ip netns exec peer ipvsadm -A -u 10.97.0.1:53 -s rr
ip netns exec peer ipvsadm -a -u 10.97.0.1:53 -r 10.98.0.2:53 -m
"""
SEND = """
import socket
s = socket.socket(type=socket.SOCK_DGRAM)
s.bind(("10.98.0.2", {port}))
for _ in range(60):
    s.sendto(b"x", ("10.97.0.1", 53))
"""


@pytest.fixture
def peer(node: Node) -> Iterator[list[str]]:
    """Make another director on the node, in a network namespace; give what runs Python there."""
    node.command("sh", "-ec", PEER)
    yield ["ip", "netns", "exec", "peer", "env", f"PYTHONPATH={ON_NODE}", "python3"]
    node.command("sh", "-c", "ip netns exec peer ipvsadm --stop-daemon master")
    node.command("ip", "netns", "del", "peer")


@pytest.mark.parametrize(("group", "port"), [("224.0.0.81", 45353), ("ff02::81", 45354)])
def test_connections_are_synchronised(
    settings: Settings, node: Node, peer: list[str], group: str, port: int
) -> None:
    """What one director balances the other knows, and says where it has it from."""
    given: dict[str, Any] = {"interface": "sync3", "sync_id": 9, "group": group}

    def started() -> bool:
        # An IPv6 address is not there at once.
        master = node.module_by(peer, "ipvs_sync_daemon", {"role": "master", **given})
        return bool(master.get("changed"))

    settings.run("ipvs_sync_daemon", role="backup", **given)
    settings.wait_for(started)

    def found() -> list[dict[str, Any]]:
        node.command(*peer, "-c", SEND.replace("{port}", str(port)))
        connections = settings.run("ipvs_info", gather=["connections"])["connections"]
        return [one for one in connections if one["client_port"] == port]

    settings.wait_for(lambda: bool(found()))
    (connection,) = found()
    assert connection["synchronised"] is True
    assert (connection["virtual_address"], connection["virtual_port"]) == ("10.97.0.1", 53)
    there = node.module_by(peer, "ipvs_info", {"gather": ["connections"]})["connections"]
    assert [one["synchronised"] for one in there] == [False]
    settings.run("ipvs_sync_daemon", role="backup", state="absent")
