"""The cluster of inventory ecmp: three directors serve at once."""

from __future__ import annotations

import pytest
from announced import DIRECT, DIRECTORS, JOINED, TUNNELLED, VIPS, serve
from nodes import fetch, node, taken_in, until
from testinfra.host import Host

REAL_SERVERS = ["rs1", "rs2", "rs3"]


def rules(name: str) -> list[str]:
    """The table of a director, in the order in which the kernel has it."""
    return [*node(name).check_output("ipvsadm -Sn").splitlines()]


def test_all_are_announced() -> None:
    """Every address by each of the three; and no other address at all."""
    serve(*DIRECTORS)


def test_the_routers_sessions(router: Host) -> None:
    """One a family with each director, the IPv4 ones by password, and BFD looks after all."""
    told = router.check_output("birdc show protocols").splitlines()
    assert sum("Established" in line for line in told) == 6
    sessions = router.check_output("birdc show bfd sessions").splitlines()
    assert sum(" Up " in line for line in sessions) == 6


def test_table() -> None:
    """The same on all, and in the same order, on which depends what the hash gives a client."""
    first = rules("director1")
    assert [rules(name) for name in DIRECTORS] == [first] * 3
    flags = "-b mh-fallback,mh-port"
    assert sorted(line for line in first if line.startswith("-A")) == sorted(
        f"-A -t {vip}:80 -s mh {flags}" if ":" not in vip else f"-A -t [{vip}]:80 -s mh {flags}"
        for vip in VIPS
    )
    assert sum(" -g " in line for line in first) == sum(" -i " in line for line in first) == 6


@pytest.mark.parametrize("name", DIRECTORS)
def test_each_hears_of_connections(name: str) -> None:
    """And tells of its own."""
    told = node(name).check_output("ipvsadm -L --daemon")
    assert "master sync daemon (mcast=eth1, syncid=51" in told
    assert "backup sync daemon (mcast=eth1, syncid=51" in told


@pytest.mark.parametrize("name", DIRECTORS)
def test_settings_for_many(name: str) -> None:
    """Without any of them being in the inventory."""
    expected = {
        "sloppy_tcp": 1,
        "schedule_icmp": 1,
        "sync_threshold": "0\t0",
        "sync_refresh_period": 10,
        "sync_retries": 1,
    }
    read = {setting: node(name).sysctl(f"net.ipv4.vs.{setting}") for setting in expected}
    assert read == expected


@pytest.mark.parametrize("vip", VIPS)
def test_all_take_part(client: Host, vip: str) -> None:
    """Every director gets clients of each address, and every real server.

    Asked until it is so: on a busy machine a director may be late for BFD, and gets nobody for
    seconds then.
    """
    before = [taken_in(node(name)) for name in DIRECTORS]

    def have() -> bool:
        answers = fetch(client, f"[{vip}]" if ":" in vip else vip, 40)
        now = [taken_in(node(name)) for name in DIRECTORS]
        return sorted({*answers}) == REAL_SERVERS and all(map(int.__gt__, now, before))

    until("all directors and all real servers have taken part", have, JOINED)


def test_addresses(rs1: Host) -> None:
    """On the directors' lo; on the real servers where they are for that."""
    for name in DIRECTORS:
        shown = node(name).check_output("ip -o address show dev lo")
        for vip in VIPS:
            assert f" {vip}/{128 if ':' in vip else 32} " in shown
    for vips, devices in ((DIRECT, ("lo", "lo")), (TUNNELLED, ("tunl0", "ip6tnl0"))):
        for vip, device in zip(vips, devices):
            assert f" {vip}/" in rs1.check_output(f"ip -o address show dev {device}")
