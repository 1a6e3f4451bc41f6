# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of directors and real servers."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.cluster import preflight
from described import DIP, GROUPS, NOTHING_TOLD, VIP, host_info, one_of_two, pair, problems, service


@pytest.mark.parametrize(
    ("hosts", "item", "field", "value", "why"),
    [
        ({"director": {"lvs_dip": None}}, "host director", "lvs_dip", None, "is not given"),
        (
            {"director": {"lvs_dip": "director"}},
            "host director",
            "lvs_dip",
            "director",
            "is not an IPv4 or IPv6 address",
        ),
        (
            {"director": {"director_manager": "heartbeat"}},
            "host director",
            "director_manager",
            "heartbeat",
            "is not known",
        ),
        (
            {"director": {"director_vip_prefix": "x"}},
            "host director",
            "director_vip_prefix",
            "x",
            "is not a prefix length",
        ),
        ({"rs1": {"lvs_rip": None}}, "host rs1", "lvs_rip", None, "is not given"),
        (
            {"rs1": {"lvs_rip": "192.168.137.7"}},
            "host rs1",
            "lvs_rip",
            "192.168.137.7",
            "is on none of its interfaces",
        ),
        (
            {"rs1": {"lvs_rip6": "fd00::7"}},
            "host rs1",
            "lvs_rip6",
            "fd00::7",
            "is on none of its interfaces",
        ),
        (
            {"rs1": {"nat_real_server_gateway": "192.168.137.254"}},
            "host rs1",
            "nat_real_server_gateway",
            "192.168.137.254",
            f"is not the lvs_dip of a director ({DIP}), so that answers would not go back through",
        ),
        (
            {"rs1": {"nat_real_server_gateway": "director"}},
            "host rs1",
            "nat_real_server_gateway",
            "director",
            "is not an IPv4 or IPv6 address",
        ),
        (
            {"director": {"__preflight_host": {"kernel_ipvs": []}}},
            "host director",
            "",
            None,
            "its kernel has no IPVS",
        ),
    ],
)
def test_host_that_cannot_work(hosts: Any, item: str, field: str, value: Any, why: str) -> None:
    """Each is told once, by the variable's name, and with a fix."""
    (told,) = problems(**hosts)
    assert (told.item, told.field, told.value) == (item, field, value)
    assert told.why.startswith(why)
    assert told.advice


def test_dip_that_no_interface_has() -> None:
    """It is the director's; which network the real servers are on is not known then."""
    (told,) = problems(director={"lvs_dip": "192.168.137.1"})
    assert told[:3] == ("host director", "lvs_dip", "192.168.137.1")
    assert told.why == "is on none of its interfaces"


def test_a_dip_is_for_nat_alone() -> None:
    """With direct routing nobody answers through the director."""
    direct = service(address="192.168.137.100", forward="dr")
    assert problems(direct, director={"lvs_dip": None}) == []


def test_the_gateway_may_be_nobodys_yet() -> None:
    """With VRRP no director has it by itself; without, that is a problem as ever."""
    assert preflight(pair()) == []
    static = {"director_manager": "static"}
    told = preflight(pair(director=one_of_two(2, **static), spare=one_of_two(3, **static)))
    wrong = ("lvs_dip", DIP, "is on none of its interfaces")
    assert [one.item for one in told if one[1:4] == wrong] == ["host director", "host spare"]


def test_way_back_through_the_director() -> None:
    """It drops what comes from its own virtual address, so nothing may send it there."""
    direct = service(address="192.168.137.100", forward="dr", real_servers=[{"host": "rs1"}])
    assert problems(direct) == []
    routed = host_info(eth1=["192.168.137.131/24"])
    routed["gateways"] = [DIP]
    (told,) = problems(direct, rs1={"__preflight_host": routed})
    assert str(told).startswith(f"host rs1: its default gateway {DIP} is director, which drops")
    (told,) = problems(direct, service())
    assert str(told).startswith("host rs1: service web 2 forwards to it by nat, which makes the")


def test_our_own_gateway_is_not_the_hosts() -> None:
    """A host that leaves NAT gets back the gateway that it had, by which answers go then."""
    direct = service(address="192.168.137.100", forward="dr", real_servers=[{"host": "rs1"}])
    routed = host_info(eth1=["192.168.137.131/24"])
    routed["gateways"] = [DIP]
    files = {
        "nat-real-server.gateway": [f"{DIP} eth1"],
        "nat-real-server.routes": ["default via 192.168.137.1 dev eth1"],
    }
    host = {"__preflight_host": {**routed, "files": files}}
    assert problems(direct, rs1=host) == []
    files["nat-real-server.routes"] = [f"default via {DIP} dev eth1 proto dhcp"]
    (told,) = problems(direct, rs1=host)
    assert told.why.startswith(f"its default gateway {DIP} is director, which drops")


def units_of(**files: str) -> dict[str, Any]:
    """What a host has of the roles: the kind, the cluster's name, and a line of the file."""
    found = {f"{name.replace('_', '-')}.cluster": [line] for name, line in files.items()}
    return {"__preflight_host": {"files": found}}


OURS, THEIRS = "192.168.137.100", "192.168.137.200"


@pytest.mark.parametrize(
    ("name", "units", "value", "why"),
    [
        ("", {"dr_real_server": OURS}, None, ""),
        ("", {"dr_real_server": DIP}, None, ""),
        ("", {"dr_real_server_shop": THEIRS}, None, ""),
        ("", {"tun_real_server": THEIRS}, None, ""),
        ("blog", {"dr_real_server": THEIRS, "dr_real_server_shop": "192.168.137.7"}, None, ""),
        ("blog", {"dr_real_server_blog": OURS}, None, ""),
        (
            "",
            {"dr_real_server": THEIRS},
            None,
            f"is not given, and the host is in another cluster without one, which has {THEIRS}",
        ),
        (
            "shop",
            {"dr_real_server_shop": THEIRS},
            "shop",
            f"is that of another cluster there, which has {THEIRS}",
        ),
        (
            "shop",
            {"dr_real_server": OURS},
            "shop",
            "is not what this cluster was called there: it is a cluster without a name, which has",
        ),
        (
            "",
            {"dr_real_server_shop": OURS},
            None,
            "is not what this cluster was called there: it is the cluster shop, which has",
        ),
    ],
)
def test_two_clusters_with_one_real_server(
    name: str, units: dict[str, str], value: str | None, why: str
) -> None:
    """They are told apart by their names, and refused where there is none to tell them by."""
    direct = service(address=OURS, forward="dr", real_servers=[{"host": "rs1"}])
    named: dict[str, Any] = {host: {"lvs_cluster": name} for host in ("director", "rs2")}
    told = problems(direct, **named, rs1={"lvs_cluster": name, **units_of(**units)})
    if not why:
        assert told == []
        return
    assert [problem[:3] for problem in told] == [("host rs1", "lvs_cluster", value)]
    assert told[0].why.startswith(why)
    assert "lvs_cluster None" not in str(told[0])


def test_two_clusters_with_one_gateway() -> None:
    """A host has one by which answers go back through a director."""
    (told,) = problems(rs1=units_of(nat_real_server_shop="192.168.137.7"))
    assert told.why.startswith("its default gateway is the director of the cluster shop, which has")


def test_a_host_directs_one_cluster() -> None:
    """Which has a name there."""
    assert problems(director=units_of(director="")) == []
    (told,) = problems(director=units_of(director="shop"))
    assert told[:3] == ("host director", "lvs_cluster", None)
    assert told.why.startswith("is not the cluster that it directs, which is shop")


@pytest.mark.parametrize(
    ("name", "keys", "servers", "is_another"),
    [
        ("", ["-t 192.168.0.222:80"], ["192.168.137.9", "fd00::9"], True),
        ("shop\n", ["-t 192.168.0.222:80", "-f 7"], ["192.168.137.9"], True),
        # A service of its, or a real server, is described.
        ("", ["-t 192.168.0.222:80", f"-t {VIP}:80"], ["192.168.137.9"], False),
        ("", ["-t 192.168.0.222:80"], ["192.168.137.9", "192.168.137.131"], False),
        # Nobody has written down which servers it has, or it had none.
        ("", ["-t 192.168.0.222:80"], [], False),
        ("", [], ["192.168.137.9"], False),
    ],
)
def test_another_cluster_without_a_name(
    name: str, keys: list[str], servers: list[str], is_another: bool
) -> None:
    """It is known by what it has, where all of that is gone from the description."""
    files = {"director.cluster": [*name.split(), *servers], "director.services": keys}
    told = problems(
        **{host: {"lvs_cluster": name.strip()} for host in ("rs1", "rs2")},
        director={
            "lvs_cluster": name.strip(),
            "__preflight_host": {"files": files},
        },
    )
    assert bool(told) == is_another
    for problem in told:
        assert problem[:3] == ("host director", "", None)
        assert problem.why.startswith(f"it directs a cluster {name}".strip())
        assert f"real servers {', '.join(servers)}, and a host has one table" in problem.why
        assert "delete /etc/lvs-cluster/director.cluster there" in problem.advice


def test_a_cluster_has_one_name() -> None:
    """All of its hosts say the same."""
    (told,) = problems(director={"lvs_cluster": "shop"})
    assert str(told).startswith("lvs_cluster differs (none of rs2, shop of director); give all")


def test_two_directors_need_a_named_gateway() -> None:
    """A real server has one gateway."""
    second = {
        "lvs_dip": "192.168.137.128",
        "__preflight_host": host_info(eth1=["192.168.0.112/24"], eth2=["192.168.137.128/24"]),
    }
    groups = {**GROUPS, "directors": ["director", "second"]}
    (told,) = problems(groups=groups, second=second)
    assert (told.item, told.field) == ("group directors", "lvs_dip")
    assert told.why.startswith(f"differs (192.168.137.128, {DIP})")
    assert told.advice == "name it in nat_real_server_gateway"
    chosen: dict[str, Any] = {name: {"nat_real_server_gateway": DIP} for name in ("rs1", "rs2")}
    assert problems(groups=groups, second=second, **chosen) == []
    (told,) = problems(groups=groups, second=second, rs1=chosen["rs1"])
    assert told.item == "group directors"


def test_no_director() -> None:
    """A cluster needs one."""
    (told,) = problems(groups={"real_servers": ["rs1", "rs2"]})
    assert str(told).startswith("group directors: it has no host; put the director into it")


def test_without_facts() -> None:
    """As under --limit, nobody can tell where an address is."""
    away: dict[str, Any] = {"__preflight_host": NOTHING_TOLD}
    assert problems(service(address=VIP), director=away, rs1=away, rs2=away) == []
