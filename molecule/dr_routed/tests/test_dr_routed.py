"""The cluster of inventory dr_routed: one mark for 80 and 443, of an address that is on lo."""

from __future__ import annotations

import pytest
from nodes import Capture, answerers, fetch, hardware_address, sent_back, table, until
from testinfra.host import Host

VIP, VIP6 = "10.0.0.100", "fd00:10::100"
FIRST, OTHER = "--interface 192.168.0.109", "--interface 192.168.0.110"
TRUSTED = "--cacert /root/lab.crt"


def test_a_client_stays_with_its_server(client: Host) -> None:
    """Over both ports; the next client gets the other server."""
    (server,) = {
        *fetch(client, VIP, 3, FIRST),
        *fetch(client, f"https://{VIP}", 3, f"{FIRST} {TRUSTED}"),
    }
    (other,) = {
        *fetch(client, f"https://{VIP}", 3, f"{OTHER} {TRUSTED}"),
        *fetch(client, VIP, 3, OTHER),
    }
    assert {server, other} == {"rs1", "rs2"}


def test_a_client_by_ipv6(client: Host) -> None:
    """The same mark, in a table of its own."""
    answers = {
        *fetch(client, f"[{VIP6}]", 3),
        *fetch(client, f"https://[{VIP6}]", 3, TRUSTED),
    }
    assert len(answers) == 1


def test_table_is_the_seeds(director: Host) -> None:
    """What ipvsadm -Ln shows, and -Sn, where the families can be told apart."""
    assert table(director)[:3] == [
        ["FWM", "10", "rr", "persistent", "360"],
        ["->", "192.168.137.130:0", "Route", "1"],
        ["->", "192.168.137.131:0", "Route", "1"],
    ]
    assert sorted(director.check_output("ipvsadm -Sn").splitlines()) == [
        "-A -f 10 -6 -s rr -p 360",
        "-A -f 10 -s rr -p 360",
        "-a -f 10 -6 -r [fd00:137::130]:0 -g -w 1",
        "-a -f 10 -6 -r [fd00:137::131]:0 -g -w 1",
        "-a -f 10 -r 192.168.137.130:0 -g -w 1",
        "-a -f 10 -r 192.168.137.131:0 -g -w 1",
    ]


def test_marks_are_in_our_own_table(director: Host) -> None:
    """One rule for each family; nothing else is marked."""
    rules = director.check_output("nft list chain inet lvs_cluster marks")
    assert f"ip daddr {VIP} tcp dport {{ 80, 443 }} meta mark set 0x0000000a" in rules
    assert f"ip6 daddr {VIP6} tcp dport {{ 80, 443 }} meta mark set 0x0000000a" in rules
    assert rules.count("mark set") == 2


def test_addresses_are_on_lo(director: Host, rs1: Host) -> None:
    """Of the director as of the real servers."""
    for host in (director, rs1):
        shown = host.check_output("ip -o address show dev lo")
        assert f"inet {VIP}/32 " in shown
        assert f"inet6 {VIP6}/128 " in shown


def test_answers_pass_the_director_by(client: Host, director: Host) -> None:
    """Neither its counters nor a capture on it have anything that went back."""
    with Capture(director, f"port 443 and host {VIP}") as capture:
        fetch(client, f"https://{VIP}", 2, TRUSTED)
        until("the requests are captured", lambda: f"> {VIP}.443" in " ".join(capture.lines()))
    assert f"{VIP}.443 >" not in " ".join(capture.lines())
    assert sent_back(director) == 0


@pytest.mark.parametrize("address", [VIP, VIP6])
def test_who_has_the_address(router: Host, director: Host, address: str) -> None:
    """The director answers ARP for what is on its lo; for IPv6 nobody does, and it is routed."""
    alone = {hardware_address(director, "eth1")} if address == VIP else set()
    assert answerers(router, "eth2", address) == alone
