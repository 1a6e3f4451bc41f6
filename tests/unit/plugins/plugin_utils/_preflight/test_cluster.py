# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work is told before anything is touched, all at once."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.cluster import managers_of
from described import DIP, GROUPS, NOTHING_TOLD, VIP, cluster, pair, problems, service

MARKED: dict[str, Any] = {
    "name": "shop",
    "fwmark": 10,
    "addresses": [VIP],
    "ports": [80, 443],
    "forward": "dr",
    "real_servers": [{"host": "rs1"}],
}


def test_nothing_wrong() -> None:
    """The inventory is good, with facts and, as under --limit, without."""
    assert problems() == []
    without: dict[str, Any] = {
        name: {"__preflight_host": NOTHING_TOLD} for name in ("director", "rs1", "rs2")
    }
    assert problems(**without) == []


def test_everything_is_told_at_once() -> None:
    """Of the description and the hosts, of services, checks, directors and real servers."""
    wrong = service(
        name="bad", address="10.1.1.1", check={"type": "ldap"}, real_servers=[{"host": "rs9"}]
    )
    told = problems(
        wrong,
        service(port=70000),
        service(name="good"),
        director={"director_manager": "keepalived", "director_vip_prefix": 129},
        rs1={"lvs_rip": "224.0.0.5"},
    )
    assert {(one.item, one.field) for one in told} >= {
        ("host rs1", "lvs_rip"),
        ("real server rs9 of service bad", "host"),
        ("service web", "port"),
        ("service bad", "check.type"),
        ("host director", "director_vip_prefix"),
    }


def test_managers() -> None:
    """Each once."""
    assert managers_of(pair()) == ["keepalived"]
    assert managers_of(cluster()) == ["static"]
    mixed = pair(spare={"director_manager": "ldirectord"})
    assert managers_of(mixed) == ["keepalived", "ldirectord"]


def test_checks_are_those_of_the_managers() -> None:
    """What one health checker does not have is nothing to the other one."""
    ldap = service(check={"type": "ldap", "base": "dc=example,dc=com"})
    assert problems(ldap, director={"director_manager": "ldirectord"}) == []
    (told,) = problems(ldap, director={"director_manager": "keepalived"})
    assert told[:3] == ("service web", "check.type", "ldap")


# ---- packets that two services would take --------------------------------------------------------
def test_marks_that_can_work() -> None:
    """Beside services whose packets they do not take."""
    every_other = service(port=0, persistent_timeout=60)
    other_mark = {**MARKED, "name": "other", "fwmark": 11, "ports": ["80/udp", 8080]}
    nat = {**MARKED, "forward": "nat"}
    emptying = service(forward="dr", real_servers=[{"host": "rs1", "weight": 0}])
    assert problems(MARKED, emptying) == []
    assert problems(MARKED) == []
    assert problems(nat, every_other) == []
    assert problems(MARKED, other_mark) == []
    away = {**MARKED, "name": "other", "fwmark": 11, "addresses": ["192.168.0.112"]}
    assert problems(MARKED, away) == []


@pytest.mark.parametrize(
    ("services", "item", "field", "value"),
    [
        ([{**MARKED, "forward": "nat"}, service()], "service web", "port", "80/tcp"),
        ([service(), {**MARKED, "forward": "nat"}], "service web", "port", "80/tcp"),
        (
            [MARKED, {**MARKED, "name": "more", "fwmark": 11, "ports": ["400-500"]}],
            "service more",
            "ports",
            "400-500/tcp",
        ),
        (
            [MARKED, {**MARKED, "name": "more", "fwmark": 11, "ports": None}],
            "service more",
            "ports",
            "0-65535/tcp",
        ),
        # One that begins before, and ends before the next but one.
        (
            [
                {**MARKED, "ports": ["1-100"]},
                {**MARKED, "name": "more", "fwmark": 11, "ports": ["2-3", "100-200"]},
            ],
            "service more",
            "ports",
            "2-3/tcp",
        ),
    ],
)
def test_marks_that_cannot_work(
    services: list[dict[str, Any]], item: str, field: str, value: str
) -> None:
    """Each pair is told once: of the service that would lose packets, with a fix."""
    (told,) = problems(*services)
    assert (told.item, told.field, told.value) == (item, field, value)
    assert told.why.startswith(f"of {VIP} has fwmark 10 of service shop already, which then takes")
    assert told.advice == "leave the port out of one of the two"


def test_a_mark_of_both_families() -> None:
    """Its two services share the mark, and take no packets of each other."""
    both = {**MARKED, "addresses": [VIP, "fd00::100"], "real_servers": []}
    on_lo = {"director_vip_interface": "eth1"}
    assert problems(both, director=on_lo) == []


# ---- the connection of Ansible -------------------------------------------------------------------
def told_of(managed: dict[str, Any], **changed: Any) -> list[str]:
    """What is told of a service where Ansible is connected to the director so."""
    described = service(**{"port": 0, "persistent_timeout": 30, **changed})
    return list(map(str, problems(described, director=managed)))


@pytest.mark.parametrize(
    ("managed", "changed", "port"),
    [
        ({"ansible_facts": {"env": {"SSH_CONNECTION": f"192.0.2.1 5 {VIP} 2222"}}}, {}, 2222),
        ({"ansible_host": VIP}, {}, 22),
        ({"ansible_host": VIP, "ansible_port": 2022}, {}, 2022),
        ({"ansible_host": VIP}, {"port": 22}, 22),
    ],
)
def test_port_that_ansible_is_connected_to(
    managed: dict[str, Any], changed: dict[str, Any], port: int
) -> None:
    """By what SSH says on the host, or the inventory."""
    (problem,) = told_of(managed, **changed)
    assert problem.startswith(f"service web: it takes port {port} of {VIP} too, by which Ansible")
    assert "connect to another address of director (ansible_host)" in problem


@pytest.mark.parametrize(
    ("managed", "changed"),
    [
        ({"ansible_facts": {"env": {"SSH_CONNECTION": f"192.0.2.1 5 {DIP} 22"}}}, {}),
        # SSH knows better than the inventory, where an address is translated on the way.
        (
            {
                "ansible_host": VIP,
                "ansible_facts": {"env": {"SSH_CONNECTION": f"192.0.2.1 5 {DIP} 22"}},
            },
            {},
        ),
        ({"ansible_host": DIP}, {}),
        ({"ansible_host": "director.example.org"}, {}),
        ({"ansible_host": VIP, "ansible_connection": "local"}, {}),
        ({"ansible_host": VIP}, {"port": 80}),
        ({"ansible_host": VIP}, {"protocol": "udp"}),
    ],
)
def test_port_that_ansible_is_not_connected_to(
    managed: dict[str, Any], changed: dict[str, Any]
) -> None:
    """Another address, port or protocol, or a connection that is none."""
    assert told_of(managed, **changed) == []


def test_mark_that_takes_the_port_that_ansible_is_connected_to() -> None:
    """All ports of an address, by a mark."""
    marked = service(address=None, port=None, fwmark=1, addresses=[VIP])
    (problem,) = problems(marked, director={"ansible_host": VIP})
    assert "it takes port 22 of" in str(problem)


def test_director_that_is_not_in_the_inventory() -> None:
    """Nobody knows anything of it, and nothing breaks."""
    assert problems(groups={**GROUPS, "directors": ["director", "unseen"]}) == []
