"""What may happen to a running cluster; in this order."""

from __future__ import annotations

from typing import Any

import pytest
from nodes import Site, answerers, fetch, hardware_address, lab, table, until
from testinfra.host import Host

VIP, VIP6 = "192.168.137.100", "fd00:137::100"
SECOND = "192.168.137.101"
UNIT = "lvs-dr-real-server"


def test_stop_gives_everything_back(client: Host, rs1: Host) -> None:
    """Addresses, routes and settings are as they were before the role first ran."""
    rs1.check_output(f"systemctl stop {UNIT}")
    assert rs1.check_output("lab-snapshot") == rs1.check_output("cat /root/lab-snapshot")
    rs1.check_output(f"systemctl start {UNIT}")
    assert sorted(fetch(client, VIP, 2)) == ["rs1", "rs2"]
    assert sorted(fetch(client, f"[{VIP6}]", 2)) == ["rs1", "rs2"]


def test_a_setting_that_was_the_hosts_own(rs1: Host) -> None:
    """It is what stop gives back; what somebody sets meanwhile stays."""
    rs1.check_output(f"systemctl stop {UNIT}; sysctl -w net.ipv4.conf.lo.arp_announce=1")
    rs1.check_output(f"systemctl start {UNIT}")
    assert rs1.sysctl("net.ipv4.conf.lo.arp_announce") == 2
    # Its watcher would put that right, and has asked for a reload when it was started.
    rs1.check_output("systemctl stop lvs-watch@dr-real-server")
    until("no job is left", lambda: not rs1.check_output("systemctl list-jobs --no-legend"))
    rs1.check_output("sysctl -w net.ipv4.conf.all.arp_announce=1")
    rs1.check_output(f"systemctl stop {UNIT}")
    assert rs1.sysctl("net.ipv4.conf.lo.arp_announce") == 1
    assert rs1.sysctl("net.ipv4.conf.all.arp_announce") == 1
    rs1.check_output("sysctl -w net.ipv4.conf.lo.arp_announce=0 net.ipv4.conf.all.arp_announce=0")
    rs1.check_output(f"systemctl start {UNIT}")


def test_nobody_answers_for_a_director_that_is_cut(router: Host, director: Host) -> None:
    """The real servers are up, and say nothing; the director comes back by itself."""
    address = hardware_address(director, "eth1")
    lab("cut", "director")
    assert answerers(router, "eth2", VIP) == set()
    assert answerers(router, "eth2", VIP6) == set()
    lab("start", "director")
    until("the director is back", lambda: answerers(router, "eth2", VIP) == {address}, 60)


def test_what_a_host_gets_and_what_it_loses(  # noqa: PLR0913, PLR0917 - the nodes that see it
    site: Site,
    client: Host,
    router: Host,
    rs1: Host,
    rs2: Host,
    services: list[dict[str, Any]],
) -> None:
    """rs1 becomes real server for a second address, and rs2 is as it was before the role."""
    alone = [{**service, "real_servers": [{"host": "rs1"}]} for service in services]
    site(*alone, {**alone[0], "name": "second", "address": SECOND}, everywhere=True)
    assert fetch(client, VIP, 2) == ["rs1", "rs1"]
    assert fetch(client, SECOND, 2) == ["rs1", "rs1"]
    assert len(answerers(router, "eth2", SECOND)) == 1
    assert rs2.check_output("lab-snapshot") == rs2.check_output("cat /root/lab-snapshot")
    assert not rs2.file(f"/etc/systemd/system/{UNIT}.service").exists

    site(everywhere=True)
    assert SECOND not in rs1.check_output("ip -o address show")
    assert answerers(router, "eth2", SECOND) == set()
    assert sorted(fetch(client, VIP, 2)) == ["rs1", "rs2"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"real_servers": [{"host": "rs1", "port": 8080}]},
            "port 8080 differs from the service's, which forward dr cannot change;",
        ),
        (
            {"real_servers": [{"address": "192.168.0.109"}]},
            "address '192.168.0.109' is on no link of director (",
        ),
        ({"forward": "tun", "tunnel_type": "gue"}, "tunnel_type 'gue' has no tunnel_port; give"),
    ],
)
def test_bad_description(
    site: Site, director: Host, web: dict[str, Any], changed: dict[str, Any], told: str
) -> None:
    """Each problem is told in a sentence, and nothing is changed."""
    before = table(director)
    done = site({**web, **changed}, check=False)
    assert done.returncode != 0
    assert told in " ".join(done.stdout.split())
    assert table(director) == before
