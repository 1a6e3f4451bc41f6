# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director's metrics are compared with, and by which names they are told.

Private to the collection: names and behaviour may change in any release.

C(module_utils/_metrics/declared.py) reads it, on the director. Pure code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._link.unit import HEADER

from .._cluster.model import Cluster, Host, VirtualService
from .director import floating_addresses, virtual_addresses


def declared_text(cluster: Cluster, host: Host, daemons: Iterable[Mapping[str, Any]]) -> str:
    """Return the file C(director.metrics); C(daemons) are the role's own."""
    addresses = (
        floating_addresses(cluster, host)
        if host.floats
        else [place["address"] for place in virtual_addresses(cluster, host)]
    )
    head = {
        "cluster": host.cluster,
        "manager": host.manager,
        "floats": host.floats,
        "addresses": addresses,
        "daemons": [daemon["role"] for daemon in daemons],
    }
    # A line for each service, so that a diff shows which one changes.
    services = ",\n".join(json.dumps(_service(one)) for one in cluster.services)
    return f'{HEADER}\n{json.dumps(head)[:-1]}, "services": [\n{services}\n]}}\n'


def _service(one: VirtualService) -> dict[str, Any]:
    return {
        "name": one.name.removeprefix("service "),
        "label": one.label,
        "service": one.service,
        "servers": [
            [member.name, member.server._replace(weight=member.described_weight)]
            for member in one.members
        ],
        "sorry": None if one.sorry_server is None else one.sorry_server.server.key,
    }
