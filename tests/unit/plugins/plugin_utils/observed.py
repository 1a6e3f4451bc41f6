# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts of a cluster tell when they are asked, for the tests of what is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.status import (
    Answer,
    Status,
    cluster_status,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.director import ipvs_services
from described import FLOATING, TOLD, cluster, hostvars, pair, service

AT, NOW = "2026-11-28T15:00:00Z", "2026-11-28T15:00:03Z"
OWNERS = ["nat-real-server"]
ALIVE = {"keepalived.service": {"ActiveState": "active"}}
DEAD = Answer(AT, {"unreachable": True, "msg": "Failed to connect\nto the host via ssh: timed out"})

Table = list[dict[str, Any]]


def table(described: Cluster, connections: int = 10) -> Table:
    """The table of a director that has what is described; each server has had so many clients."""
    services: Table = []
    for entry in ipvs_services(described):
        servers = [
            {
                **server,
                "active_connections": 2,
                "inactive_connections": 3,
                "persistent_connections": 0,
                "stats": {"connections": connections, "connections_per_second": 1},
            }
            for server in entry["real_servers"]
        ]
        services.append(
            {
                "family": "ipv4",
                **entry,
                "real_servers": servers,
                "stats": {
                    "connections": connections * len(servers),
                    "connections_per_second": len(servers),
                    "incoming_bytes_per_second": 1500,
                    "outgoing_bytes_per_second": 2500000,
                },
            }
        )
    return services


def director(told: Mapping[str, Any], live: Table, **more: Any) -> Answer:
    """What a director tells, with this table."""
    host = {**told, "units": ALIVE, "drained": [], "owners": []}
    return Answer(AT, host, {"services": live, "daemons": []}, **more)


def real_server(told: Mapping[str, Any], *changes: str) -> Answer:
    """What a real server tells, of which the unit would change something."""
    return Answer(AT, {**told, "owners": OWNERS}, units=[{"changes": list(changes)}])


def answers(described: Cluster, **others: Answer) -> dict[str, Answer]:
    """What the hosts of inventory nat tell, where all is well; some tell something else."""
    known = hostvars()
    return {
        "director": director(known["director"][TOLD], table(described)),
        "rs1": real_server(known["rs1"][TOLD]),
        "rs2": real_server(known["rs2"][TOLD]),
        **others,
    }


def changed(described: Cluster, change: Callable[[Table], object]) -> Answer:
    """What the director tells, with something of its table changed."""
    live = table(described)
    change(live)
    return director(hostvars()["director"][TOLD], live)


def seen(described: Cluster | None = None, former: Any = None, **others: Answer) -> Status:
    """The status of the cluster of inventory nat, where some hosts tell something else."""
    found = described or cluster()
    told = answers(found, **others)
    return cluster_status({"director": found}, found, told, NOW, former=former or {})


def pair_seen(*masters: str, described: Cluster | None = None, **others: Answer) -> Status:
    """The status of two directors with keepalived, of which these have the virtual addresses."""
    found = described or pair(service(address=FLOATING))
    told: dict[str, Answer] = {}
    for name in found.directors:
        links = [{"name": "eth1", "mtu": 1500, "addresses": [f"{FLOATING}/24"]}]
        if name in masters:
            links += [{"name": "eth2", "mtu": 1500, "addresses": ["192.168.137.129/24"]}]
        here = {"interfaces": links if name in masters else [], "gateways": []}
        told[name] = director(here, table(found))
    known = hostvars()
    told |= {name: real_server(known[name][TOLD]) for name in ("rs1", "rs2")}
    told |= others
    return cluster_status(dict.fromkeys(found.directors, found), found, told, NOW, former={})
