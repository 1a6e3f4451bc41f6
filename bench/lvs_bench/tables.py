# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table that is measured with, in the words of each who loads it.

It has TCP services over IPv4 with real servers by NAT, for that much everybody can do.
"""

from __future__ import annotations

from typing import Any

SERVERS = 10
"""Real servers a service."""

PORT = 80


def virtual_address(number: int) -> str:
    """Return the address of a service."""
    return f"10.{number // 200 % 200}.{number % 200}.1"


def real_server(number: int, place: int) -> tuple[str, int, int]:
    """Return address, port and weight of a service's real server."""
    return f"10.{200 + place}.{number // 200 % 200}.{1 + number % 200}", 8000 + place, 1 + place


def as_services(size: int) -> list[dict[str, Any]]:
    """Return it as a task writes it down."""
    return [
        {
            "virtual_address": virtual_address(number),
            "virtual_port": PORT,
            "protocol": "tcp",
            "scheduler": "wrr",
            "real_servers": [
                {"address": address, "port": port, "weight": weight, "forward": "nat"}
                for address, port, weight in (real_server(number, i) for i in range(SERVERS))
            ],
        }
        for number in range(size)
    ]


def as_rules(size: int) -> str:
    """Return it for `ipvsadm -R`."""
    lines = []
    for number in range(size):
        service = f"-t {virtual_address(number)}:{PORT}"
        lines.append(f"-A {service} -s wrr")
        for place in range(SERVERS):
            address, port, weight = real_server(number, place)
            lines.append(f"-a {service} -r {address}:{port} -m -w {weight}")
    return "\n".join(lines) + "\n"


def as_keepalived(size: int) -> str:
    """Return it as keepalived.conf, without health checks."""
    parts = []
    for number in range(size):
        servers = "".join(
            f"  real_server {address} {port} {{\n    weight {weight}\n  }}\n"
            for address, port, weight in (real_server(number, i) for i in range(SERVERS))
        )
        parts.append(
            f"virtual_server {virtual_address(number)} {PORT} {{\n"
            f"  lvs_sched wrr\n  lvs_method NAT\n  protocol TCP\n{servers}}}\n"
        )
    return "".join(parts)
