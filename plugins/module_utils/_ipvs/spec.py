# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules' options.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from .._values import FAMILIES
from .._written import Spec
from .model import (
    FORWARDS,
    PERSISTENCE_ENGINES,
    PROTOCOLS,
    SCHEDULERS,
    TUNNEL_CHECKSUMS,
    TUNNEL_TYPES,
)


def service_key_spec() -> Spec:
    """Return the options that name a virtual service."""
    return {
        "virtual_address": {"type": "str"},
        "virtual_port": {"type": "int"},
        "protocol": {"type": "str", "choices": list(PROTOCOLS)},
        "fwmark": {"type": "int"},
        "family": {"type": "str", "choices": list(FAMILIES)},
    }


def service_spec() -> Spec:
    """Return the options that describe a virtual service."""
    return {
        **service_key_spec(),
        "scheduler": {"type": "str", "choices": list(SCHEDULERS)},
        "scheduler_flags": {"type": "list", "elements": "str"},
        "persistent_timeout": {"type": "int"},
        "persistent_netmask": {"type": "str"},
        "persistence_engine": {"type": "str", "choices": list(PERSISTENCE_ENGINES)},
        "one_packet": {"type": "bool"},
    }


def real_server_spec() -> Spec:
    """Return the options that describe a real server."""
    return {
        "address": {"type": "str", "required": True},
        "port": {"type": "int"},
        "forward": {"type": "str", "choices": list(FORWARDS)},
        "weight": {"type": "int"},
        "upper_threshold": {"type": "int"},
        "lower_threshold": {"type": "int"},
        "tunnel_type": {"type": "str", "choices": list(TUNNEL_TYPES)},
        "tunnel_port": {"type": "int"},
        "tunnel_checksum": {"type": "str", "choices": list(TUNNEL_CHECKSUMS)},
    }
