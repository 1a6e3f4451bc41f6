# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of the inventories, by answers that are made up."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.description import cluster_for
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.page import page
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.status import questions
from described import asked, cluster, service
from observed import ALIVE, AT, NOW, seen, table
from sites import Site, site

_SILENT = {"unreachable": True, "msg": "Failed to connect to the host via ssh: timed out"}


def page_of(name: str) -> str:
    """Return the page of an inventory, whose last director is silent and whose rs1 is down.

    Of one with a single director rs1 is silent.
    """
    found = site(name)
    _answer(found)
    return str(_page(found))


def page_of_many(count: int = 100) -> str:
    """Return that of many services of ten real servers each."""
    servers = [{"host": "rs1"}, {"host": "rs2"}]
    servers += [{"address": f"192.168.137.{number}"} for number in range(1, 9)]
    described = cluster(
        *(service(name=f"service {port}", port=port, real_servers=servers)
          for port in range(1, count + 1))
    )  # fmt: skip
    return page(seen(described))


def _page(found: Site) -> Any:
    first = found.groups["directors"][0]
    found.hosts[first]["lvs_status_to"] = "/nonexistent"
    told = found.ask("status", first, {"now": NOW})
    (text,) = (one["text"] for one in told["files"] if one["path"] == "status.html")
    return text


def _answer(found: Site) -> None:
    """Have each host tell something: all is well, but for a director and a real server."""
    *serving, last = found.groups["directors"]
    described = cluster_for(asked(last, found.hosts, {}, groups=found.groups))
    live = table(described, connections=1200)
    if serving:
        live[0]["real_servers"][0]["weight"] = 0
    for name, host in found.hosts.items():
        owners = [one["owner"] for one in questions(described, name)]
        told = {"units": ALIVE, "drained": [], "owners": owners}
        host["__status_at"] = AT
        host["__preflight_host"] |= told
        host["__status_units"] = {"results": [{"changes": []} for _owner in owners]}
        if name in described.directors:
            host["__status_table"] = {"services": live, "daemons": []}
        if name == described.directors[0] or (name in serving and "lvs_announce" in host):
            addresses = [f"{one}/32" for each in described.services for one in each.addresses]
            addresses += [f"{host['lvs_dip']}/24"] if "lvs_dip" in host else []
            link = {"name": "eth9", "mtu": 1500, "addresses": addresses}
            host["__preflight_host"]["interfaces"] += [link]
    silent = last if serving else "rs1"
    found.hosts[silent]["__preflight_host"] = _SILENT
    found.hosts[silent].pop("__status_table", None)
