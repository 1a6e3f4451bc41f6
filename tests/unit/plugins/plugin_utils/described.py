# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster of inventory nat, for the tests of what is made of a description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._asked import Asked
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.description import read
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.groups import Groups
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.cluster import preflight
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings import roles
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.role import settings_of

VIP = "192.168.0.111"
DIP = "192.168.137.129"
GROUPS = {"directors": ["director"], "real_servers": ["rs1", "rs2"], "clients": ["client"]}

# What a host has told of itself: tests change parts of it.
TOLD = "__preflight_host"
NOTHING_TOLD: Mapping[str, Any] = {"interfaces": (), "gateways": ()}

# The roles' variables, where nobody sets any.
DIRECTOR: Mapping[str, Any] = settings_of(roles.DIRECTOR, lambda _name, default: default)
LDIRECTORD: Mapping[str, Any] = settings_of(roles.LDIRECTORD, lambda _name, default: default)
KEEPALIVED: Mapping[str, Any] = settings_of(roles.KEEPALIVED, lambda _name, default: default)


def host_info(**interfaces: list[str]) -> dict[str, Any]:
    """What M(lvs.cluster.host_info) tells of a host with these addresses."""
    links = {"lo": ["127.0.0.1/8"], **interfaces}
    found = [{"name": name, "mtu": 1500, "addresses": own} for name, own in links.items()]
    return {"interfaces": found, "gateways": []}


def hostvars(**changed: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The hosts of inventory nat, some variables changed."""
    hosts: dict[str, dict[str, Any]] = {
        "client": {},
        "director": {
            "lvs_dip": DIP,
            TOLD: host_info(eth1=[f"{VIP}/24"], eth2=[f"{DIP}/24"]),
        },
        "rs1": {
            "lvs_rip": "192.168.137.131",
            TOLD: host_info(eth1=["192.168.137.131/24"]),
        },
        "rs2": {
            "lvs_rip": "192.168.137.130",
            TOLD: host_info(eth1=["192.168.137.130/24"]),
        },
    }
    for name, variables in changed.items():
        hosts[name] = _changed(hosts.get(name, {}), variables)
    return hosts


def _changed(known: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """A host of which some variables are others; of what it has told, some parts."""
    found = {**known, **variables}
    if TOLD in variables:
        found[TOLD] = {**known.get(TOLD, {}), **variables[TOLD]}
    return found


def service(**changed: Any) -> dict[str, Any]:
    """The service of inventory nat, some fields changed."""
    return {
        "name": "web",
        "address": VIP,
        "port": 80,
        "scheduler": "rr",
        "forward": "nat",
        "real_servers": [{"host": "rs1"}, {"host": "rs2"}],
        **changed,
    }


def read_cluster(
    *services: Any, groups: Mapping[str, Any] = GROUPS, **hosts: Any
) -> tuple[Cluster, list[Problem]]:
    """What is read of these services, or of the one of inventory nat, and the problems."""
    return read(_each_named(services or (service(),)), hostvars(**hosts), Groups(groups))


def _each_named(services: tuple[Any, ...]) -> list[Any]:
    """The services, of which no two that a test does not name are called the same."""
    found: list[Any] = []
    for number, one in enumerate(services, 1):
        first = not any(isinstance(other, dict) and other.get("name") == "web" for other in found)
        is_web = isinstance(one, dict) and one.get("name") == "web"
        found.append({**one, "name": f"web {number}"} if is_web and not first else one)
    return found


def cluster(*services: Any, groups: Mapping[str, Any] = GROUPS, **hosts: Any) -> Cluster:
    """A cluster of these services, or of the one of inventory nat, that reads without problems."""
    found, problems = read_cluster(*services, groups=groups, **hosts)
    assert problems == []
    return found


def problems(*services: Any, groups: Mapping[str, Any] = GROUPS, **hosts: Any) -> list[Problem]:
    """All that cannot work of such a cluster."""
    found, told = read_cluster(*services, groups=groups, **hosts)
    return [*told, *preflight(found)]


def asked(
    host: str,
    hosts: Mapping[str, Mapping[str, Any]],
    within: Mapping[str, Any],
    groups: Mapping[str, Any] = GROUPS,
    **options: Any,
) -> Asked:
    """What the lookup is asked on a host; C(within) is what a play or a role sets there."""
    known = {**hosts[host], **within}
    return Asked(host, hosts, groups, known.get, options, known)


# ---- two directors with keepalived -------------------------------------------------------------

NET = "192.168.0"
FLOATING, FLOATING6 = f"{NET}.100", "fd00::100"
IPV6_SERVERS = {
    name: {
        "lvs_rip6": f"fd00:137::{last}",
        TOLD: host_info(eth1=[f"192.168.137.{last}/24", f"fd00:137::{last}/64"]),
    }
    for name, last in (("rs1", 131), ("rs2", 130))
}


def one_of_two(last: int, **changed: Any) -> dict[str, Any]:
    """One of two directors, without the addresses that move between them."""
    known = {
        "lvs_dip": DIP,
        "director_manager": "keepalived",
        TOLD: host_info(
            eth1=[f"{NET}.{last}/24", f"fd00::{last}/64"], eth2=[f"192.168.137.{last}/24"]
        ),
    }
    return _changed(known, changed)


def pair(*services: Any, **hosts: Any) -> Cluster:
    """Two directors that share a service by NAT."""
    groups = {**GROUPS, "directors": ["director", "spare"]}
    named = {"director": one_of_two(2), "spare": one_of_two(3), **IPV6_SERVERS, **hosts}
    return cluster(*(services or (service(address=FLOATING),)), groups=groups, **named)


def words(block: list[str]) -> list[str]:
    """The lines of a block, without how they are set in."""
    return [line.strip() for line in block]


# ---- three directors that announce ---------------------------------------------------------------

ANNOUNCE: Mapping[str, Any] = {
    "asn": 65010,
    "peers": [
        {"address": "192.168.137.254", "asn": 65000, "password": "of a test"},
        {"address": "fd00:137::254", "asn": 65000},
    ],
}
ANNOUNCED, ANNOUNCED6 = "10.0.0.100", "fd00:10::100"
HASHED: Mapping[str, Any] = {
    "forward": "dr",
    "scheduler": "mh",
    "scheduler_flags": ["mh-port", "mh-fallback"],
}
DAEMONS = [{"role": role, "interface": "eth1"} for role in ("master", "backup")]
THREE = {**GROUPS, "directors": ["d1", "d2", "d3"]}


def one_of_three(last: int, **changed: Any) -> dict[str, Any]:
    """One of three directors that announce their addresses."""
    own = host_info(eth1=[f"192.168.137.{last}/24", f"fd00:137::{last}/64"])
    return _changed({"lvs_announce": ANNOUNCE, TOLD: own}, changed)


def at_once() -> tuple[dict[str, Any], dict[str, Any]]:
    """A service of each family that all three serve at once."""
    return (
        service(address=ANNOUNCED, **HASHED),
        service(name="six", address=ANNOUNCED6, **HASHED),
    )


def three(**hosts: Any) -> dict[str, Any]:
    """The directors, and the real servers behind them."""
    directors = {f"d{last}": one_of_three(last) for last in (1, 2, 3)}
    return {**directors, **IPV6_SERVERS, **hosts}


def announcing(*services: Any, **hosts: Any) -> Cluster:
    """Three directors that serve at once."""
    return cluster(*(services or at_once()), groups=THREE, **three(**hosts))
