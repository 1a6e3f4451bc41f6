# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of a host: its interfaces, their addresses, and its default gateways.

Private to the collection: names and behaviour may change in any release.

Ansible's facts tell this too, by two dozen starts of C(ip) with one interface; these are three.
"""

from __future__ import annotations

import json
from typing import Any

from .host import Run

# Of the Internet, each family: who leads there is the default gateway, as for Ansible's facts.
_FAR_AWAY = ("8.8.8.8", "2404:6800:400a:800::1012")


def network(run: Run) -> dict[str, Any]:
    """Return C(interfaces), each with name, mtu in octets and addresses, and C(gateways)."""
    return {
        "interfaces": [_interface(link) for link in _told(run, "address")],
        "gateways": [
            str(route["gateway"])
            for address in _FAR_AWAY
            for route in _told(run, "route", "get", address)
            if route.get("gateway")
        ],
    }


def _interface(link: dict[str, Any]) -> dict[str, Any]:
    """Return an interface; addresses that mean another host on each link are left out."""
    addresses = [
        f"{entry['local']}/{entry['prefixlen']}"
        for entry in link.get("addr_info", ())
        if entry.get("local") and not (entry["family"] == "inet6" and entry["scope"] == "link")
    ]
    return {"name": link["ifname"], "mtu": link["mtu"], "addresses": addresses}


def _told(run: Run, *words: str) -> list[dict[str, Any]]:
    """Return what ip(8) tells in JSON; nothing where there is none, or no such route.

    Of what a filter leaves out it has empty objects.
    """
    done = run(["ip", "-json", *words])
    if done is None or done[0] != 0:
        return []
    return [entry for entry in json.loads(done[1] or "[]") if entry]
