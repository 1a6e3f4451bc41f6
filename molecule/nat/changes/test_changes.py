"""The steps of the write-up, and what else may happen to a running cluster; in this order."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from nodes import (
    INVENTORY,
    Download,
    Site,
    ansible_playbook,
    established,
    fetch,
    lab,
    table,
    until,
)
from testinfra.host import Host

VIP = "192.168.0.111"
DIP = "192.168.137.129"
RS1, RS2 = "192.168.137.131", "192.168.137.130"


def servers(port: int | None = None, rs1: int = 1, rs2: int = 1) -> list[dict[str, Any]]:
    """The two real servers, with their weights."""
    given = {} if port is None else {"port": port}
    return [{"host": "rs1", "weight": rs1, **given}, {"host": "rs2", "weight": rs2, **given}]


def test_weight_is_changed_under_a_download(
    site: Site, client: Host, director: Host, web: dict[str, Any]
) -> None:
    """wrr 6:2 takes effect for new connections, and the download goes on to its end."""
    download = Download(client, VIP)
    (connection,) = until("the download has begun", lambda: established(director))
    site({**web, "scheduler": "wrr", "real_servers": servers(rs1=2, rs2=6)})
    assert established(director) == [connection]
    assert table(director) == [
        ["TCP", f"{VIP}:80", "wrr"],
        ["->", f"{RS2}:80", "Masq", "6"],
        ["->", f"{RS1}:80", "Masq", "2"],
    ]
    assert Counter(fetch(client, VIP, 8)) == {"rs2": 6, "rs1": 2}
    assert download.size() == 20 * 1024 * 1024


def verify() -> tuple[int, str]:
    """Run the playbook that asks from the client; gives its status and what it said."""
    done = ansible_playbook("-i", INVENTORY, "playbooks/verify.yml")
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_verify_playbook_sees_another_spread() -> None:
    """It reports 6:2 against the inventory's rr as wrong: the inventory says otherwise."""
    status, told = verify()
    assert status != 0
    assert "service web: rs1 2, rs2 6 answered, where rr promises rs1 4, rs2 4." in told


def test_other_port(site: Site, client: Host, director: Host, web: dict[str, Any]) -> None:
    """The servers listen on 8080; the service stays on 80, and gets another one beside it."""
    more = {**web, "name": "more", "port": 8081, "real_servers": servers(port=80)}
    site({**web, "scheduler": "wrr", "real_servers": servers(port=8080, rs1=6, rs2=6)}, more)
    assert table(director)[:3] == [
        ["TCP", f"{VIP}:80", "wrr"],
        ["->", f"{RS2}:8080", "Masq", "6"],
        ["->", f"{RS1}:8080", "Masq", "6"],
    ]
    assert table(director)[3] == ["TCP", f"{VIP}:8081", "rr"]
    assert Counter(fetch(client, VIP, 6)) == {"rs1": 3, "rs2": 3}


@pytest.mark.parametrize("scheduler", ["sh", "dh"])
def test_one_server_only(
    site: Site, client: Host, director: Host, web: dict[str, Any], scheduler: str
) -> None:
    """By the source's or the destination's hash, a client has one server.

    A service that the description no longer has is gone; what somebody else made stays.
    """
    director.check_output(f"ipvsadm -A -t {VIP}:22 -s rr")
    site({**web, "scheduler": scheduler, "real_servers": servers(port=8080, rs1=6, rs2=6)})
    services = [row[1:] for row in table(director) if row[0] == "TCP"]
    assert services == [[f"{VIP}:22", "rr"], [f"{VIP}:80", scheduler]]
    director.check_output(f"ipvsadm -D -t {VIP}:22")
    assert len(set(fetch(client, VIP, 6))) == 1


def test_bad_description(site: Site, director: Host, web: dict[str, Any]) -> None:
    """Each problem is told in a sentence, and nothing is changed."""
    before = table(director)
    done = site(
        {**web, "scheduler": "wrrr"},
        {**web, "name": "high", "port": 70000},
        {**web, "name": "far", "address": "10.9.9.9"},
        check=False,
    )
    assert done.returncode != 0
    told = " ".join(done.stdout.split())
    assert "service web: scheduler 'wrrr' is not known; use one of rr, wrr" in told
    assert "service high: port 70000 is out of range; give one from 0 to 65535." in told
    assert "service far: address '10.9.9.9' is on no network of director" in told
    assert "changed=0" in told
    assert table(director) == before


def kept(director: Host) -> list[str]:
    """What ipvsadm-save forgets, as ipvsadm prints it: thresholds, timeouts and daemons."""
    shown = director.check_output(
        "ipvsadm -Ln --thresholds; ipvsadm -L --timeout; ipvsadm -L --daemon"
    )
    # The last two words of a real server are its connections, which come and go.
    return [
        " ".join(line.split()[:4]) if line.startswith("  ->") else line
        for line in shown.splitlines()[3:]
    ]


def test_what_ipvsadm_save_forgets_survives_a_reboot(
    site: Site, client: Host, director: Host, web: dict[str, Any]
) -> None:
    """Thresholds, timeouts and a synchronisation daemon are as they were."""
    limited = [{**server, "upper_threshold": 200, "lower_threshold": 150} for server in servers()]
    wanted = {
        "director_timeouts": {"tcp": 7200, "udp": 60},
        "director_sync_daemons": [{"role": "master", "interface": "eth2", "sync_id": 7}],
    }
    site({**web, "real_servers": limited}, **wanted)
    assert kept(director) == [
        f"TCP  {VIP}:80 rr",
        f"-> {RS2}:80 200 150",
        f"-> {RS1}:80 200 150",
        "Timeout (tcp tcpfin udp): 7200 120 60",
        "master sync daemon"
        " (mcast=eth2, syncid=7, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)",
    ]
    before = kept(director)
    lab("reboot", "director")
    until("the unit has started", lambda: director.service("lvs-director").is_running)
    assert kept(director) == before
    assert sorted(fetch(client, VIP, 2)) == ["rs1", "rs2"]
    director.check_output("systemctl stop lvs-director")
    assert director.check_output("ipvsadm -L --daemon") == ""
    director.check_output("systemctl start lvs-director")
    assert kept(director) == before
    again = site({**web, "real_servers": limited}, **wanted)
    assert " changed=0 " in again.stdout


def test_bad_settings(site: Site, director: Host) -> None:
    """Each problem is told before anything is touched."""
    before = kept(director)
    done = site(
        check=False,
        director_timeouts={"udp": 0},
        director_sync_daemons=[
            {"role": "master", "interface": "eth9"},
            {"role": "backup", "interface": "eth2", "group": "10.0.0.1"},
        ],
    )
    assert done.returncode != 0
    told = " ".join(done.stdout.split())
    assert (
        "host director: director_timeouts.udp 0 is out of range; give one from 1 to 2147483" in told
    )
    assert "director_sync_daemons.interface 'eth9' does not exist on this host" in told
    assert "director_sync_daemons.group '10.0.0.1' is no multicast address" in told
    assert "changed=0" in told
    assert kept(director) == before


def test_back_to_the_start(site: Site, client: Host, director: Host) -> None:
    """The inventory as it is: our daemon is stopped, the one that somebody else started is not."""
    director.check_output("ipvsadm --start-daemon backup --mcast-interface eth1")
    site()
    assert sorted(fetch(client, VIP, 2)) == ["rs1", "rs2"]
    (daemon,) = director.check_output("ipvsadm -L --daemon").splitlines()
    assert daemon.startswith("backup sync daemon (mcast=eth1")
    director.check_output("ipvsadm --stop-daemon backup")


def test_verify_playbook_agrees() -> None:
    """It reports what the inventory's rr promises."""
    status, told = verify()
    assert status == 0, told
    for server in ("rs1", "rs2"):
        assert f"{server}: 4 answers, promised 4" in told


def test_real_servers_unit_gives_the_gateway_back(rs1: Host, rs2: Host) -> None:
    """stop: the default route of before, or none; start: the director."""
    for server, before in ((rs1, "192.168.137.254"), (rs2, "")):
        server.check_output("systemctl stop lvs-nat-real-server")
        route = server.check_output("ip route show default")
        assert f"via {before} " in route if before else route == ""
        server.check_output("systemctl start lvs-nat-real-server")
        assert f"via {DIP} " in server.check_output("ip route show default")


def test_directors_unit_stops_and_starts(client: Host, director: Host) -> None:
    """stop takes back what is ours and leaves the host's own address; start serves again."""
    director.check_output("systemctl stop lvs-director")
    assert table(director) == []
    assert f"{VIP}/24" in director.check_output("ip -4 address show dev eth1")
    assert director.run("nft list table inet lvs_cluster").failed
    director.check_output("systemctl start lvs-director")
    assert sorted(fetch(client, VIP, 2)) == ["rs1", "rs2"]


def test_check_on_a_director_that_lacks_a_package(site: Site, director: Host) -> None:
    """The README's first command on a director that works, but for what a module needs."""
    director.check_output("dpkg --remove --force-depends python3-pyroute2")
    before = table(director)
    done = site(everywhere=True, options=["--check", "--diff"])
    assert "failed=0" in done.stdout
    assert table(director) == before
    assert not director.package("python3-pyroute2").is_installed
    site()
    assert director.package("python3-pyroute2").is_installed
