# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that cannot work of a cluster, asked for once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import description
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import plans
from described import GROUPS, asked, host_info, hostvars, one_of_two, service
from nft_rules import base, table
from nft_rules import told as nft

VIP = "192.168.0.100"
WEB = service(address=VIP)
LDAP = service(address=VIP, check={"type": "ldap", "base": "dc=example,dc=com"})
PAIR = {**GROUPS, "directors": ["director", "spare"]}
# What the role has where the inventory has nothing.
DIRECTOR_ROLE = {"director_masquerade": True, "director_manager": "static"}


def pair(director: Mapping[str, Any] | None = None, **spare: Any) -> dict[str, dict[str, Any]]:
    """Two directors with keepalived."""
    return hostvars(director=one_of_two(2, **(director or {})), spare=one_of_two(3, **spare))


def told(
    hosts: dict[str, dict[str, Any]],
    host: str = "director",
    within: Mapping[str, Any] | None = None,
    groups: Mapping[str, Any] = GROUPS,
) -> list[str]:
    """The sentences that a host is told."""
    known = {"lvs_virtual_services": [WEB], **(within or {})}
    known = {name: value for name, value in known.items() if value is not None}
    return [
        found["message"] for found in plans.PLANS["problems"](asked(host, hosts, known, groups))
    ]


def test_nothing_is_wrong() -> None:
    """Whoever asks, with either health checker, with all defaults of the roles."""
    hosts = hostvars()
    assert [told(hosts, name) for name in ("director", "rs1")] == [[], []]
    assert told(pair(), groups=PAIR) == []
    assert told(hostvars(director={"director_manager": "ldirectord"})) == []


def test_a_cluster_with_a_name() -> None:
    """It is a variable that is known, and is read."""
    names = ("director", "rs1", "rs2")
    assert told(hostvars(**{name: {"lvs_cluster": "shop"} for name in names})) == []
    found = told(hostvars(**{name: {"lvs_cluster": "Shop"} for name in names}))
    assert [each.partition(";")[0] for each in found] == [
        f"host {name}: lvs_cluster 'Shop' is not a name for a cluster" for name in names
    ]


def test_as_data() -> None:
    """A machine can read each part."""
    hosts = hostvars(rs1={"lvs_rip": "224.0.0.5"})
    known = {"lvs_virtual_services": [WEB]}
    assert plans.PLANS["problems"](asked("director", hosts, known)) == [
        {
            "item": "host rs1",
            "field": "lvs_rip",
            "value": "224.0.0.5",
            "why": "is a multicast address",
            "advice": "give the address of one host",
            "message": "host rs1: lvs_rip '224.0.0.5' is a multicast address; give the address of"
            " one host.",
        }
    ]


def test_groups_of_other_names() -> None:
    """The sentences have the inventory's own."""
    groups = {"lb": [], "web": ["rs1", "rs2"]}
    names = {"lvs_groups": {"directors": "lb", "real_servers": "web"}}
    one = service(address=VIP, real_servers=[{"host": "rs8"}, {"host": "rs9"}])
    known = hostvars(rs8={"lvs_rip": "192.168.137.8"})
    found = told(known, "rs1", {**_described(one), **names}, groups)
    assert "group lb: it has no host; put the director into it." in found
    for end in (
        "'rs9' is not in the inventory; add it to the group web.",
        "host 'rs8' is not in the group web; add it there.",
    ):
        assert any(end in sentence for sentence in found), found


def test_all_at_once() -> None:
    """Of the description, of both directors' variables and of the real servers, asked of any."""
    hosts = pair(
        {"keepalived_priority": 300, "director_timeouts": {"udp": 0}},
        keepalived_interface="eth9",
        director_ipvs_sysctls={"conntrack": "off"},
        director_sync_daemons=[{"role": "master", "interface": "eth9"}],
    )
    hosts["rs1"]["nat_real_server_gateway"] = "192.168.137.254"
    wrong = {"lvs_virtual_services": [WEB, service(address=VIP, port=70000, name="bad")]}
    for name in ("director", "spare", "rs1"):
        found = told(hosts, name, wrong, PAIR)
        assert [sentence.split(" is ")[0].split(" does ")[0] for sentence in found] == [
            "service bad: port 70000",
            "host rs1: nat_real_server_gateway '192.168.137.254'",
            "host director: director_timeouts.udp 0",
            "host director: keepalived_priority 300",
            "host spare: director_ipvs_sysctls.conntrack 'off'",
            "sync daemon master of host spare: director_sync_daemons.interface 'eth9'",
            "host spare: keepalived_interface 'eth9'",
        ]


def test_settings_of_ldirectord() -> None:
    """Of each director that has it, with the host's name."""
    hosts = hostvars(director={"director_manager": "ldirectord", "ldirectord_log": "a b"})
    (found,) = told(hosts)
    assert found.startswith("host director: ldirectord_log 'a b' is not the path of a file or a")
    # Nobody reads them there.
    assert told(hostvars(director={"ldirectord_log": "a b"})) == []


def test_checks_of_the_manager() -> None:
    """What keepalived does not have is refused where it owns the table."""
    assert (
        told(hostvars(director={"director_manager": "ldirectord"}), within=_described(LDAP)) == []
    )
    (found,) = told(pair(), within=_described(LDAP), groups=PAIR)
    assert "check.type 'ldap' is not one that keepalived has" in found


def test_rules_that_a_director_has() -> None:
    """As the role was answered; unless the user says that all is accepted."""
    closed: dict[str, Any] = {"__preflight_host": {"ruleset": nft(table(base("input")))}}
    (problem,) = told(pair(closed), groups=PAIR)
    assert "host director: its firewall drops what clients send to" in problem
    opened = {**closed, "director_firewall_check": False}
    assert told(pair(opened), groups=PAIR) == []


def _described(*services: Any) -> dict[str, Any]:
    return {"lvs_virtual_services": [*services]}


# ---- descriptions of a director's own ------------------------------------------------------------
@pytest.mark.parametrize("role", ["director", "keepalived"])
def test_description_of_a_director(role: str) -> None:
    """It is looked at besides the cluster's, wherever it is set."""
    own = {f"{role}_virtual_services": [service(address=VIP, port=70000)]}
    (found,) = told(pair(None, **own), groups=PAIR)
    assert found.startswith("service web: port 70000 is out of range")
    assert told(pair(), within=own, groups=PAIR) == [found]


def test_each_description_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many hosts have it, and roles that name it again."""
    read: list[Any] = []

    def counted(services: Any, *others: Any) -> Any:
        read.append(services)
        return description.read(services, *others)

    monkeypatch.setattr(plans, "read", counted)
    again = {"director_virtual_services": [dict(WEB)], "keepalived_virtual_services": [WEB]}
    assert told(pair(None, **again), within=again, groups=PAIR) == []
    assert read == [[WEB]]
    other = {"keepalived_virtual_services": [service(address=VIP, port=81)]}
    told(pair(None, **other), within=again, groups=PAIR)
    assert len(read) == 3


def test_nothing_described() -> None:
    """A director has nothing to do by mistake; [] is meant."""
    (found,) = told(hostvars(), within={"lvs_virtual_services": None})
    assert found.startswith("lvs_virtual_services is not given; describe the services")
    assert told(hostvars(), within={"lvs_virtual_services": []}) == []
    (found,) = told(hostvars(), within={"lvs_virtual_services": ""})
    assert found.startswith("lvs_virtual_services '' is not a list")
    own = hostvars(director={"director_virtual_services": [WEB]})
    assert told(own, within={"lvs_virtual_services": None}) == []


# ---- variables of plays and roles ----------------------------------------------------------------
def test_variable_of_the_play() -> None:
    """It counts for every director that has none of its own."""
    within = {"keepalived_advert_int": 41}
    assert len(told(pair(), within=within, groups=PAIR)) == 2
    (found,) = told(pair(None, keepalived_advert_int=2), within=within, groups=PAIR)
    assert found.startswith("host director: keepalived_advert_int 41 is out of range")


def test_variable_of_the_one_that_asks() -> None:
    """It is not the others'."""
    hosts = pair({"keepalived_advert_int": 41})
    (found,) = told(hosts, groups=PAIR)
    assert found.startswith("host director: keepalived_advert_int 41 is out of range")


def test_variable_that_is_left_empty() -> None:
    """A mapping or a list of YAML that has no entry is nothing."""
    empty = {"director_timeouts": None, "director_sync_daemons": None, "keepalived_notify": None}
    assert told(pair(empty), groups=PAIR) == []


@pytest.mark.parametrize(
    ("variable", "value", "entry", "why"),
    [
        ("director_timeouts", 5, 5, "is not a mapping"),
        ("director_ipvs_sysctls", ["conntrack"], ["conntrack"], "is not a mapping"),
        ("director_sync_daemons", "eth1", "eth1", "is not a list"),
        ("director_sync_daemons", ["eth1"], "eth1", "is not a mapping"),
        ("keepalived_track_interfaces", "eth1", "eth1", "is not a list"),
        ("keepalived_track_scripts", ["/bin/look"], "/bin/look", "is not a mapping"),
        ("keepalived_sync_daemon", "eth1", "eth1", "is not a mapping"),
    ],
)
def test_variable_of_another_kind(variable: str, value: Any, entry: Any, why: str) -> None:
    """It is told like any other problem."""
    (found,) = told(pair({variable: value}), groups=PAIR)
    assert f"host director: {variable} {entry!r} {why}; " in found


# ---- a role alone --------------------------------------------------------------------------------
def alone() -> dict[str, dict[str, Any]]:
    """A host that is in no group, like a director."""
    return {"solo": one_of_two(4, director_manager=None)}


def test_director_alone() -> None:
    """The host is looked at as a director."""
    described = {**DIRECTOR_ROLE, **_described(service(address=VIP, real_servers=[]))}
    assert told(alone(), "solo", described, {}) == []
    wrong = {**described, "director_timeouts": {"udp": 0}}
    (found,) = told(alone(), "solo", wrong, {})
    assert found.startswith("host solo: director_timeouts.udp 0 is out of range")


def test_keepalived_alone() -> None:
    """It is the manager, though nobody says so."""
    one = service(address=VIP, forward="dr", real_servers=[{"address": "192.168.0.9"}])
    described = {**_described(one), "keepalived_virtual_services": [one]}
    within = {**described, "keepalived_priority": 0, "keepalived_advert_int": 41}
    (found,) = told(alone(), "solo", within, {})
    assert found.startswith("host solo: keepalived_advert_int 41 is out of range")


def test_real_server_alone() -> None:
    """It needs no description; with one it is looked at as a real server."""
    hosts = {"solo": {"lvs_rip": "192.168.137.9"}}
    assert told(hosts, "solo", {"lvs_virtual_services": None}, {}) == []
    one = service(address=VIP, real_servers=[{"host": "solo"}])
    known = {**hostvars(), **hosts}
    assert told(known, "solo", _described(one), {"directors": ["director"]}) == []
    known["solo"]["__preflight_host"] = host_info(eth1=["192.168.137.8/24"])
    (found,) = told(known, "solo", _described(one), {"directors": ["director"]})
    assert found.startswith("host solo: lvs_rip '192.168.137.9' is on none of its interfaces")
