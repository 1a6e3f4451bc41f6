"""Drift made by hand on the director: on the page, in the metrics, told by site, and repaired.

And the page, watched.
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from nodes import Site, fetch, until
from observing import EXPORTED, Status, Watch, metric, write_metrics
from testinfra.host import Host

VIP = "192.168.0.111"
RS1 = 'service="web",server="rs1",address="192.168.137.131:80"'
MASQUERADING = "masquerading: the rules are not as they were written"
# What somebody does, and what the page says of it.
BY_HAND = {
    f"ipvsadm -e -t {VIP}:80 -r 192.168.137.131:80 -m -w 5": (
        "rs1 of service web has weight 5 in place of 1"
    ),
    f"ipvsadm -a -t {VIP}:80 -r 192.168.137.77:80 -m": (
        "192.168.137.77:80 of service web is in the table, and not described"
    ),
    f"ipvsadm -D -t {VIP}:8081": "service more is not in the table",
    "sysctl -w net.ipv4.ip_forward=0": "net/ipv4/ip_forward is not 1",
    "nft flush ruleset": MASQUERADING,
}
MARKS = "firewall marks: the rules are not as they were written"
# In the metrics.
PARTS = {f'lvs_unit_differs{{part="{part}"}}' for part in ("settings", "nft", "marks")}

# What a check run says of it.
SAID = (
    "-r 192.168.137.77:80",
    "-r 192.168.137.131:80 -m -w 5",
    f"-A -t {VIP}:8081",
    "net/ipv4/ip_forward",
    "loaded director.nft",
)


@pytest.fixture(scope="module")
def given(site: Site, web: dict[str, Any], director: Host) -> dict[str, Any]:
    """Two services, and metrics of them."""
    director.check_output(f"mkdir -p {EXPORTED}; chgrp nogroup {EXPORTED}")
    more = {**web, "name": "more", "port": 8081}
    given = {"lvs_virtual_services": [web, more], "director_metrics_directory": EXPORTED}
    site(**given)
    return given


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where reports are written, each after the one before."""
    return tmp_path_factory.mktemp("status")


def test_as_it_is_described(
    given: dict[str, Any], folder: Path, client: Host, director: Host
) -> None:
    """All is good, and counted; the file is for who reads it, and the timer writes it again."""
    fetch(client, VIP, 4)
    status = Status(folder, **given)
    assert status.state == "good", status.said
    assert [one["word"] for one in status.named("services", "web")["servers"]] == [
        "in the table"
    ] * 2
    assert status.named("directors", "director")["serves"]
    write_metrics(director)
    counted = director.check_output(f"ipvsadm -Ln --stats --exact -t {VIP}:80").splitlines()
    (row,) = [line.split() for line in counted if line.startswith("TCP")]
    assert int(row[2]) >= 4
    assert metric(director, 'lvs_service_connections_total{service="web"}') == row[2]
    assert metric(director, f"lvs_server_weight{{{RS1}}}") == "1"
    assert metric(director, "lvs_master") == metric(director, "lvs_up") == "1"
    assert metric(director, "lvs_table_differs") == "0"
    file = director.file(f"{EXPORTED}/lvs.prom")
    assert (file.mode, file.user, file.group) == (0o640, "root", "nogroup")
    then = metric(director, "lvs_last_run_timestamp_seconds")
    until("it is newer", lambda: metric(director, "lvs_last_run_timestamp_seconds") != then, 60)
    # It would be all that is in the journal.
    assert "Starting" not in director.check_output("journalctl -u lvs-metrics.service --no-pager")


def test_by_hand(given: dict[str, Any], folder: Path, site: Site, director: Host) -> None:
    """Each is told on the page, in the metrics and by a check run; one run repairs all."""
    # It would have repaired some of it at once.
    director.check_output("systemctl stop lvs-watch@director")
    director.check_output("nft flush chain inet lvs_cluster postrouting")
    assert differing(director) == {'lvs_unit_differs{part="nft"}'}
    status = Status(folder, **given)
    assert status.named("directors", "director")["differs"] == [MASQUERADING]
    assert "loaded director.nft" in site(options=["--check", "--diff"], **given).stdout
    for command in BY_HAND:
        director.check_output(command)
    assert differing(director) == {"lvs_table_differs", *PARTS}
    assert metric(director, f"lvs_server_weight{{{RS1}}}") == "5"
    assert metric(director, 'lvs_service_in_table{service="more"}') == "0"
    status = Status(folder, **given)
    assert status.state == "bad"
    sentences = {*BY_HAND.values(), MARKS}
    assert {*status.named("directors", "director")["differs"]} == sentences
    for sentence in sentences:
        assert sentence in status.page
    checked = site(options=["--check", "--diff"], **given).stdout
    for said in SAID:
        assert said in checked
    site(**given)
    assert differing(director) == set()
    status = Status(folder, **given)
    assert status.state == "good", status.said
    assert director.service("lvs-watch@director").is_running


def differing(director: Host) -> set[str]:
    """What differs, by the metrics, looked at now."""
    write_metrics(director)
    text = director.file(f"{EXPORTED}/lvs.prom").content_string
    found = (line.rpartition(" ") for line in text.splitlines())
    return {name for name, _space, value in found if "_differs" in name and value == "1"}


def test_watch(given: dict[str, Any], director: Host) -> None:
    """The page is served on this machine alone, follows what is changed, and ends by Ctrl-C."""
    weight = f"ipvsadm -e -t {VIP}:80 -r 192.168.137.131:80 -m -w"
    with Watch(lvs_watch_every=1, **given) as watch:
        until("all is good", lambda: watch.state() == "good", 120)
        # It would be served there too, if it were on all addresses.
        assert [watch.is_served(f"127.0.0.{last}") for last in (1, 2)] == [True, False]
        assert watch.status("/status.json") == HTTPStatus.NOT_FOUND
        director.check_output(f"{weight} 5")
        until("it is seen", lambda: "has weight 5 in place of 1" in watch.get(""), 120)
        director.check_output(f"{weight} 1")
        watch.interrupt()
        until("nothing is served any more", lambda: not watch.is_served("127.0.0.1"))
