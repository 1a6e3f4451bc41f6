# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which fields a service or real server of the table is another than it is to be.

Private to the collection: names and behaviour may change in any release.

Pure code.
"""

from __future__ import annotations

from .model import RealServer, Service

_SERVICE = (
    "scheduler",
    "scheduler_flags",
    "persistent_timeout",
    "persistence_engine",
    "one_packet",
)
_SERVER = ("forward", "weight", "upper_threshold", "lower_threshold")
_TUNNEL = ("tunnel_type", "tunnel_port", "tunnel_checksum")


def service_fields(wanted: Service, had: Service) -> list[str]:
    """Return the fields that differ. A netmask without persistence has no effect."""
    if wanted == had:
        return []
    names = [*_SERVICE, *(["persistent_netmask"] if wanted.persistent_timeout else [])]
    return [name for name in names if getattr(wanted, name) != getattr(had, name)]


def server_fields(wanted: RealServer, had: RealServer, *, checked: bool) -> list[str]:
    """Return the fields that differ. Where a health checker has given it weight 0, it is down."""
    if wanted == had:
        return []
    names = [*_SERVER, *(_TUNNEL if wanted.forward == "tun" else ())]
    if checked and had.weight == 0:
        names.remove("weight")
    return [name for name in names if getattr(wanted, name) != getattr(had, name)]
