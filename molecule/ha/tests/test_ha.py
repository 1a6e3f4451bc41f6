"""The cluster of inventory ha: one of two directors serves, and both could, also after a reboot."""

from __future__ import annotations

import pytest
from nodes import CHECK_MARKS, fetch, node, table, until
from pair import BACK, FRONT, VIPS, addresses_of, has_addresses, serving
from testinfra.host import Host


def test_one_serves() -> None:
    """It has all addresses, and the other none of them."""
    master, backup = serving()
    until("all are there", lambda: addresses_of(master) == {*FRONT, BACK})
    assert not has_addresses(backup)


@pytest.mark.parametrize("name", ["director1", "director2"])
def test_table(name: str) -> None:
    """Both have the whole table, and look after the real servers themselves."""
    expected = [
        ["TCP", "192.168.0.100:80", "rr"],
        ["->", "192.168.137.130:80", "Masq", "1"],
        ["->", "192.168.137.131:80", "Masq", "1"],
        ["TCP", "192.168.0.101:80", "rr"],
        ["->", "192.168.0.133:80", "Route", "1"],
        ["->", "192.168.0.134:80", "Route", "1"],
        ["TCP", "[fd00::101]:80", "rr"],
        ["->", "[fd00::133]:80", "Route", "1"],
        ["->", "[fd00::134]:80", "Route", "1"],
    ]
    until("the servers are in", lambda: table(node(name)) == expected)


@pytest.mark.parametrize("name", ["director1", "director2"])
def test_marks_of_checks(name: str) -> None:
    """By each a director asks one real server alone; the answer comes from its own address."""
    rules = [line.split() for line in node(name).check_output("ipvsadm -Sn").splitlines()]
    asked = [rule for rule in rules if rule[1] == "-f"]
    marks = {rule[2] for rule in asked}
    assert all(int(mark) in CHECK_MARKS for mark in marks)
    assert len(marks) == len(asked) / 2 == 4
    assert sorted(rule[rule.index("-r") + 1] for rule in asked if rule[0] == "-a") == [
        "192.168.0.133:0",
        "192.168.0.134:0",
        "[fd00::133]:0",
        "[fd00::134]:0",
    ]
    assert node(name).sysctl("net.ipv4.conf.eth1.accept_local") == 1
    assert node(name).sysctl("net.ipv4.conf.eth2.accept_local") == 0


@pytest.mark.parametrize("name", ["director1", "director2"])
def test_both_hear_of_connections(name: str) -> None:
    """Whoever serves: nothing has to be switched."""
    told = node(name).check_output("ipvsadm -L --daemon")
    assert "master sync daemon (mcast=eth2, syncid=51" in told
    assert "backup sync daemon (mcast=eth2, syncid=51" in told


def test_answers_alternate(client: Host) -> None:
    """Round robin, by NAT and by direct routing."""
    by_nat = fetch(client, VIPS[0], 6)
    assert by_nat in (["rs1", "rs2"] * 3, ["rs2", "rs1"] * 3)
    for vip in VIPS[1:]:
        answers = fetch(client, f"[{vip}]" if ":" in vip else vip, 6)
        assert answers in (["rs3", "rs4"] * 3, ["rs4", "rs3"] * 3)


def test_the_gateway_moves_too(rs1: Host) -> None:
    """A real server behind NAT has the address that the directors share as gateway."""
    assert f"default via {BACK} dev eth1" in rs1.check_output("ip route show default")
