# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived cannot do.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._cluster.checks import (
    check_of,
    fields_of,
)
from .._cluster.model import (
    KEEPALIVED,
    Cluster,
    mappings,
)
from .._cluster.services import (
    resolved_service,
    service_name,
)
from .checks import check_problems

# Fields of checks that are written as they are, without quotes.
_WORDS = ("name", "user")


def keepalived_problems(cluster: Cluster) -> list[str]:
    """Return what keepalived cannot do of services that are in order by themselves."""
    problems = []
    for number, service in enumerate(mappings(cluster.services), 1):
        name = service_name(service, number)
        try:
            resolved_service(service)
        except ModelError:
            continue  # told already
        if check_problems(service, [KEEPALIVED]):
            continue
        problems += [f"{name}: {told}" for told in _check_problems(service)]
    return problems


def _check_problems(service: Mapping[str, Any]) -> Iterator[str]:
    check = check_of(service)
    quorum, hysteresis = check["quorum"], check["hysteresis"]
    servers = mappings(service.get("real_servers"))
    if not servers:
        yield (
            "real_servers is empty, and keepalived leaves such a service out of the table; give"
            " one, or leave the service out."
        )
    if servers and quorum is not None:
        # What is no weight is told already.
        total = sum(_weight(server) for server in servers)
        if quorum > max(total, 1):
            yield (
                f"check.quorum {quorum} is more than the {total} that all real servers weigh; give"
                " less, or give them more weight."
            )
        if hysteresis >= quorum:
            yield (
                f"check.hysteresis {hysteresis} is not less than check.quorum {quorum}; give less."
            )
    for name in fields_of(check.type):
        value = check[name]
        if not isinstance(value, str):
            continue
        if name in _WORDS:
            if not re.fullmatch(r"[A-Za-z0-9._/@-]+", value):
                yield (
                    f"check.{name} {value!r} is not one plain word, and keepalived would take it"
                    " apart; use letters, digits and . _ - / @."
                )
        elif '"' in value and name != "expect":
            yield (
                f"check.{name} {value!r} has a quotation mark, which keepalived takes for its own;"
                " give one without it."
            )


def _weight(server: Mapping[str, Any]) -> int:
    text = str(server.get("weight", 1))
    return int(text) if text.isdecimal() and text.isascii() else 1
