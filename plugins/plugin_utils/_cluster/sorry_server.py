# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answers for a service that has no real server left: C(sorry_server) of the description.

Private to the collection: names and behaviour may change in any release.

It is a host of the inventory or an address, like a real server; or the director itself, by an
address of its loopback interface. Pure code.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import TUNNEL_FIELDS
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    address_family,
    canonical_address,
)

SORRY_SERVER_FIELDS = ("host", "address", "port", "forward", *TUNNEL_FIELDS)
_LOOPBACK = {"ipv4": "127.0.0.1", "ipv6": "::1"}


def is_loopback(server: Mapping[str, Any]) -> bool:
    """Tell whether a server is the director itself."""
    address = canonical_address(str(server.get("address") or ""))
    return address is not None and ipaddress.ip_address(address).is_loopback


def sorry_server_of(service: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return a service's sorry server, like one of its real servers; None where it has none.

    What the director answers itself is given to it as it came: so IPVS calls that direct routing.
    """
    given = service.get("sorry_server")
    if not isinstance(given, Mapping) or not given:
        return None
    return {"forward": "dr", **given} if is_loopback(given) else given


def of_family(given: Any, family: str) -> Any:
    """Return a sorry server for the clients of one family, where a service has both.

    The director itself serves both; another address is of one family only.
    """
    if not isinstance(given, Mapping) or address_family(str(given.get("address") or "")) in (
        None,
        family,
    ):
        return given
    return {**given, "address": _LOOPBACK[family]} if is_loopback(given) else None
