# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which fields a service or real server of the table is another."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.differs import (
    server_fields,
    service_fields,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer, Service

SERVICE = Service("tcp", "192.0.2.1", 80)
SERVER = RealServer("192.0.2.2", 80)


@pytest.mark.parametrize(
    ("wanted", "had", "fields"),
    [
        ({}, {}, []),
        ({}, {"scheduler": "lc"}, ["scheduler"]),
        ({"scheduler_flags": ("mh-port",)}, {}, ["scheduler_flags"]),
        ({"one_packet": True}, {"persistence_engine": "sip"}, ["persistence_engine", "one_packet"]),
        ({}, {"persistent_netmask": "255.255.255.0"}, []),
        (
            {"persistent_timeout": 60},
            {"persistent_timeout": 60, "persistent_netmask": "255.255.255.0"},
            ["persistent_netmask"],
        ),
        ({"persistent_timeout": 60}, {}, ["persistent_timeout"]),
    ],
)
def test_services(wanted: dict[str, Any], had: dict[str, Any], fields: list[str]) -> None:
    """A netmask counts where there is persistence."""
    assert service_fields(SERVICE._replace(**wanted), SERVICE._replace(**had)) == fields


@pytest.mark.parametrize(
    ("wanted", "had", "static", "checked"),
    [
        ({}, {}, [], []),
        ({}, {"weight": 0}, ["weight"], []),
        ({}, {"weight": 2}, ["weight"], ["weight"]),
        ({"upper_threshold": 9}, {}, ["upper_threshold"], ["upper_threshold"]),
        ({}, {"tunnel_type": "gue"}, [], []),
        ({"forward": "tun"}, {}, ["forward"], ["forward"]),
        (
            {"forward": "tun", "tunnel_type": "gue"},
            {"forward": "tun", "weight": 0},
            ["weight", "tunnel_type"],
            ["tunnel_type"],
        ),
    ],
)
def test_servers(
    wanted: dict[str, Any], had: dict[str, Any], static: list[str], checked: list[str]
) -> None:
    """A health checker may give weight 0; what is of tunnels counts where there is one."""
    one, other = SERVER._replace(**wanted), SERVER._replace(**had)
    assert server_fields(one, other, checked=False) == static
    assert server_fields(one, other, checked=True) == checked
