# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table that is measured with, in the words of each who loads it.

It has TCP services over IPv4 with real servers by NAT, for that much everybody can do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

SERVERS = 10
"""Real servers a service."""

PORT = 80

CHANGED = 5
"""The real server, of the service in the middle, whose weight is another if one is."""

OTHER_WEIGHT = 100


def virtual_address(number: int) -> str:
    """Return the address of a service."""
    return f"10.{number // 200 % 200}.{number % 200}.1"


def real_server(number: int, place: int) -> tuple[str, int, int]:
    """Return address, port and weight of a service's real server."""
    return f"10.{200 + place}.{number // 200 % 200}.{1 + number % 200}", 8000 + place, 1 + place


def entries(
    size: int, *, changed: bool = False
) -> Iterator[tuple[str, list[tuple[str, int, int]]]]:
    """Return each service's address, and its real servers; if changed, one weight is another."""
    for number in range(size):
        servers = [real_server(number, place) for place in range(SERVERS)]
        if changed and number == size // 2:
            address, port, _weight = servers[CHANGED]
            servers[CHANGED] = (address, port, OTHER_WEIGHT)
        yield virtual_address(number), servers


def as_services(size: int, *, changed: bool = False) -> list[dict[str, Any]]:
    """Return it as a task writes it down."""
    return [
        {
            "virtual_address": virtual,
            "virtual_port": PORT,
            "protocol": "tcp",
            "scheduler": "wrr",
            "real_servers": [
                {"address": address, "port": port, "weight": weight, "forward": "nat"}
                for address, port, weight in servers
            ],
        }
        for virtual, servers in entries(size, changed=changed)
    ]


def as_rules(size: int, *, changed: bool = False) -> str:
    """Return it for `ipvsadm -R`."""
    lines = []
    for virtual, servers in entries(size, changed=changed):
        service = f"-t {virtual}:{PORT}"
        lines.append(f"-A {service} -s wrr")
        for address, port, weight in servers:
            lines.append(f"-a {service} -r {address}:{port} -m -w {weight}")
    return "\n".join(lines) + "\n"


def as_keepalived(size: int, *, changed: bool = False) -> str:
    """Return it as keepalived.conf, without health checks."""
    parts = []
    for virtual, servers in entries(size, changed=changed):
        told = "".join(
            f"  real_server {address} {port} {{\n    weight {weight}\n  }}\n"
            for address, port, weight in servers
        )
        parts.append(
            f"virtual_server {virtual} {PORT} {{\n"
            f"  lvs_sched wrr\n  lvs_method NAT\n  protocol TCP\n{told}}}\n"
        )
    return "".join(parts)
