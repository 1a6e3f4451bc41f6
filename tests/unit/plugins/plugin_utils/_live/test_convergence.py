# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a table is as a health checker would have it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.drained import Line, drain
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.convergence import (
    corrections,
    missing,
    rescheduled,
    unsettled,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.director import ipvs_services
from described import FLOATING, VIP, cluster, pair, service

KEY = f"-t {VIP}:80"
SORRY = {"address": "127.0.0.1"}


def plan(**changed: Any) -> Cluster:
    """The services as they should be, with the sorry server of each."""
    return cluster(service(sorry_server=SORRY, **changed))


def live() -> list[dict[str, Any]]:
    """The table as ipvs_info tells it, with somebody else's service in it."""
    (web,) = copy.deepcopy(ipvs_services(plan()))
    web["family"] = "ipv4"
    for server in web["real_servers"]:
        server.update(active_connections=7, inactive_connections=0)
    return [{**web, "virtual_port": 22}, web]


def test_as_it_should_be() -> None:
    """Also while servers are down, gone or at weight 0, and the sorry server is there."""
    assert unsettled(plan(), live()) == []
    table = live()
    gone, quiet = table[1]["real_servers"]
    quiet.update(weight=0, upper_threshold=7)
    table[1]["real_servers"] = [quiet, {**gone, "address": "127.0.0.1", "forward": "dr"}]
    assert unsettled(plan(), table) == []


def test_a_service_that_is_missing() -> None:
    """The other one is nobody's concern."""
    assert unsettled(plan(), live()[:1]) == [f"service {KEY} is not in the table yet."]


def test_a_mark() -> None:
    """It is found by its mark and family, whatever the table has of other families."""
    shop = cluster({"fwmark": 10, "family": "ipv6", "scheduler": "rr", "real_servers": []})
    (entry,) = ipvs_services(shop)
    assert unsettled(shop, [{**entry, "family": "ipv4", "scheduler": "lc"}, entry]) == []
    assert unsettled(shop, [{**entry, "family": "ipv4"}]) == [
        "service -f 10 -6 is not in the table yet."
    ]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"scheduler": "wrr"}, f"service {KEY} has scheduler rr still."),
        ({"scheduler_flags": ["flag-1"]}, f"service {KEY} has scheduler_flags [] still."),
        ({"persistent_timeout": 60}, f"service {KEY} has persistent_timeout 0 still."),
        (
            {"real_servers": [{"host": "rs2"}]},
            f"real server 192.168.137.131:80 of {KEY} is in the table still.",
        ),
        (
            {"real_servers": [{"host": "rs1", "weight": 5}, {"host": "rs2"}]},
            f"real server 192.168.137.131:80 of {KEY} has weight 1 still.",
        ),
        (
            {"real_servers": [{"host": "rs1", "forward": "tun"}, {"host": "rs2"}]},
            f"real server 192.168.137.131:80 of {KEY} has forward nat still.",
        ),
    ],
)
def test_what_is_otherwise(changed: dict[str, Any], told: str) -> None:
    """Each is a sentence."""
    assert unsettled(plan(**changed), live()) == [told]


def test_netmask_counts_where_there_is_persistence() -> None:
    """Without it the kernel keeps whatever there was."""
    table = live()
    table[1]["persistent_netmask"] = "255.255.255.0"
    assert unsettled(plan(), table) == []
    table[1]["persistent_timeout"] = 60
    assert unsettled(plan(persistent_timeout=60), table) == [
        f"service {KEY} has persistent_netmask 255.255.255.0 still."
    ]


def test_another_scheduler() -> None:
    """Of what is in the table already, and with its flags."""
    assert rescheduled(plan(), live()) == []
    assert rescheduled(plan(scheduler="wrr"), live()[:1]) == []
    assert rescheduled(plan(scheduler="sh", scheduler_flags=["sh-port"]), live()) == [
        {
            "protocol": "tcp",
            "virtual_address": VIP,
            "virtual_port": 80,
            "scheduler": "sh",
            "scheduler_flags": ["sh-port"],
        }
    ]


def test_another_scheduler_of_a_mark() -> None:
    """It is named by mark and family."""
    shop = cluster({"fwmark": 10, "family": "ipv6", "scheduler": "rr", "real_servers": []})
    (entry,) = ipvs_services(shop)
    named = {"fwmark": 10, "family": "ipv6", "scheduler": "rr", "scheduler_flags": []}
    assert rescheduled(shop, [{**entry, "scheduler": "lc"}]) == [named]


def test_drained_server() -> None:
    """Its weight has to be 0; with connections cut it has to be gone."""
    name = f"real server 192.168.137.131:80 of {KEY}"
    since = "2026-11-28T05:00:00Z"
    quiet = drain(plan(), [Line("rs1", "drained", since)])
    assert unsettled(quiet, live()) == [f"{name} has weight 1 still."]
    table = live()
    table[1]["real_servers"][0]["weight"] = 0
    assert unsettled(quiet, table) == []
    gone = drain(plan(), [Line("rs1", "cut", since)])
    assert unsettled(gone, table) == [f"{name} is in the table still."]


def test_corrections() -> None:
    """What is there becomes as described; who is out or at weight 0 stays so."""
    assert corrections(plan(), live()) == []
    assert corrections(plan(), live()[:1]) == []
    table = live()
    rs1, rs2 = table[1]["real_servers"]
    table[1]["scheduler"] = "lc"
    table[1]["real_servers"] = [
        {**rs1, "weight": 5},
        {**rs2, "weight": 0},
        {**rs1, "address": "192.168.137.77"},
        {**rs1, "address": "127.0.0.1", "forward": "dr", "weight": 3},
    ]
    (web,) = corrections(plan(), table)
    assert (web["virtual_address"], web["virtual_port"], web["scheduler"]) == (VIP, 80, "rr")
    assert [(one["address"], one["weight"]) for one in web["real_servers"]] == [
        ("192.168.137.131", 1),
        ("192.168.137.130", 0),
        ("127.0.0.1", 1),
    ]
    table[1]["real_servers"] = [{**rs2, "weight": 7}]
    (web,) = corrections(plan(), table)
    assert [one["address"] for one in web["real_servers"]] == ["192.168.137.130"]


def test_missing() -> None:
    """With all of its servers; that of a check's mark by its name."""
    assert missing(plan(), live()) == []
    (web,) = missing(plan(), live()[:1])
    assert [one["address"] for one in web["real_servers"]] == ["192.168.137.131", "192.168.137.130"]
    check = {"type": "http", "path": "/", "clients_way": True}
    shop = pair(
        service(address=FLOATING, forward="dr", real_servers=[{"host": "rs1"}], check=check)
    )
    table = [{**entry, "family": "ipv4"} for entry in ipvs_services(shop)]
    (mark,) = missing(shop, table)
    assert unsettled(shop, table) == [f"service -f {mark['fwmark']} is not in the table yet."]
    assert mark["family"] == "ipv4"
