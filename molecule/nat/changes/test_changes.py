"""The steps of the write-up, and what else may happen to a running cluster; in this order."""

from __future__ import annotations

import subprocess
from collections import Counter
from typing import Any

import pytest
from conftest import CHECKOUT, INVENTORY, Site, fetch, table, until
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
    client.check_output(
        "rm -f /tmp/large /tmp/status; (curl -s --limit-rate 1M -o /tmp/large -w '%{local_port}'"
        f" http://{VIP}/large >/tmp/port; echo $? >/tmp/status) >/dev/null 2>&1 &"
    )
    until("the download has begun", lambda: client.file("/tmp/large").exists)
    site({**web, "scheduler": "wrr", "real_servers": servers(rs1=2, rs2=6)})
    assert not client.file("/tmp/status").exists, "the download was over before the change"
    assert table(director) == [
        ["TCP", f"{VIP}:80", "wrr"],
        ["->", f"{RS2}:80", "Masq", "6"],
        ["->", f"{RS1}:80", "Masq", "2"],
    ] or table(director) == [
        ["TCP", f"{VIP}:80", "wrr"],
        ["->", f"{RS1}:80", "Masq", "2"],
        ["->", f"{RS2}:80", "Masq", "6"],
    ]
    assert Counter(fetch(client, VIP, 8)) == {"rs2": 6, "rs1": 2}
    until("the download has ended", lambda: client.file("/tmp/status").exists, 40)
    assert client.file("/tmp/status").content_string.strip() == "0"
    assert client.file("/tmp/large").size == 20 * 1024 * 1024


def test_verify_playbook_agrees(web: dict[str, Any]) -> None:
    """It reports 6:2 against the inventory's rr as wrong: the inventory says otherwise."""
    done = subprocess.run(
        ["ansible-playbook", "-i", INVENTORY, "playbooks/verify.yml"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "service web: rs1 2, rs2 6 answered, where rr promises rs1 4, rs2 4." in done.stdout


def test_other_port(site: Site, client: Host, director: Host, web: dict[str, Any]) -> None:
    """The servers listen on 8080; the service stays on 80."""
    site({**web, "scheduler": "wrr", "real_servers": servers(port=8080, rs1=6, rs2=6)})
    assert sorted(row[1] for row in table(director)[1:]) == [f"{RS2}:8080", f"{RS1}:8080"]
    assert Counter(fetch(client, VIP, 6)) == {"rs1": 3, "rs2": 3}


@pytest.mark.parametrize("scheduler", ["sh", "dh"])
def test_one_server_only(
    site: Site, client: Host, director: Host, web: dict[str, Any], scheduler: str
) -> None:
    """By the source's or the destination's hash, a client has one server."""
    site({**web, "scheduler": scheduler, "real_servers": servers(port=8080, rs1=6, rs2=6)})
    assert table(director)[0] == ["TCP", f"{VIP}:80", scheduler]
    assert len(set(fetch(client, VIP, 6))) == 1


def test_service_that_is_gone(site: Site, director: Host, web: dict[str, Any]) -> None:
    """It leaves the table when it leaves the description; what somebody else made stays."""
    director.check_output(f"ipvsadm -A -t {VIP}:22 -s rr")
    site(web, {**web, "name": "more", "port": 8081, "real_servers": servers(port=80)})
    assert f"TCP  {VIP}:8081 rr" in director.check_output("ipvsadm -Ln")
    site(web)
    listed = director.check_output("ipvsadm -Ln")
    assert f"{VIP}:8081" not in listed
    assert f"{VIP}:22" in listed
    director.check_output(f"ipvsadm -D -t {VIP}:22")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"scheduler": "wrrr"}, "service web: scheduler 'wrrr' is not known; use one of rr, wrr"),
        ({"port": 70000}, "service web: port 70000 is out of range; give one from 0 to 65535."),
        ({"address": "10.9.9.9"}, "service web: address 10.9.9.9 is on no network of director"),
    ],
)
def test_bad_description(
    site: Site, director: Host, web: dict[str, Any], changed: dict[str, Any], told: str
) -> None:
    """It is told in a sentence, and nothing is changed."""
    before = table(director)
    done = site({**web, **changed}, check=False)
    assert done.returncode != 0
    assert told in " ".join(done.stdout.split())
    assert "changed=0" in done.stdout
    assert table(director) == before


def test_back_to_the_start(site: Site, client: Host, director: Host) -> None:
    """The inventory as it is, and again without a change."""
    site()
    assert "changed=0" in site().stdout
    assert sorted(fetch(client, VIP, 2)) == ["rs1", "rs2"]


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
