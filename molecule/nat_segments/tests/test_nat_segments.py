"""The cluster of inventory nat_segments, and its packets as the director sees them."""

from __future__ import annotations

import re

from nodes import Capture, fetch, table, until
from testinfra.host import Host

CLIENT = "192.168.2.104"
VIP = "192.168.2.130"
RS1, RS2 = "192.168.237.171", "192.168.237.172"


def test_answers_alternate(client: Host) -> None:
    """The pages say which server answered."""
    answers = fetch(client, VIP, 4)
    assert sorted(answers) == sorted([f"hello,{RS1}", f"hello,{RS2}"] * 2)
    assert answers[:2] == answers[2:]


def test_table_is_the_seeds(director: Host) -> None:
    """What ipvsadm -Ln shows."""
    assert table(director) == [
        ["TCP", f"{VIP}:80", "rr"],
        ["->", f"{RS1}:80", "Masq", "1"],
        ["->", f"{RS2}:80", "Masq", "1"],
    ]


def test_vip_was_added(director: Host) -> None:
    """A single host's address, on the interface whose network contains it."""
    assert f"inet {VIP}/32 " in director.check_output("ip -4 address show dev eth1")


def test_connections_are_listed(client: Host, director: Host) -> None:
    """ipvsadm -Lnc shows client, virtual address and real server of each."""
    fetch(client, VIP, 2)
    listed = re.findall(
        rf"^TCP +\S+ +\S+ +{CLIENT}:\d+ +{VIP}:80 +(\S+):80",
        director.check_output("ipvsadm -Lnc"),
        re.MULTILINE,
    )
    assert {RS1, RS2} <= set(listed)


def test_four_legs(client: Host, director: Host) -> None:
    """client to VIP, client to RIP, RIP to client, VIP to client."""

    def legs() -> set[tuple[str, str]]:
        address = r"(\d+(?:\.\d+){3})\.\d+"
        return set(re.findall(rf"{address} > {address}:", "\n".join(capture.lines())))

    with Capture(director, "tcp port 80") as capture:
        (answer,) = fetch(client, VIP, 1)
        rip = answer.split(",")[1]
        seen = {(CLIENT, VIP), (CLIENT, rip), (rip, CLIENT), (VIP, CLIENT)}
        until("the four legs are captured", lambda: legs() >= seen)
    assert legs() == seen


def test_forwarding_survives(director: Host) -> None:
    """It is the unit's, and in effect: also after the reboot, when this runs again."""
    assert director.sysctl("net.ipv4.ip_forward") == 1
    kept = director.file("/etc/lvs-cluster/director.settings").content_string.splitlines()
    assert "net/ipv4/ip_forward 1" in kept
