# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived cannot do.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._cluster.checks import kind_of
from .._cluster.model import KEEPALIVED, Cluster, VirtualService
from .._problem import Problem
from .._views.keepalived import write
from .checks import check_problems


def keepalived_problems(cluster: Cluster) -> Iterator[Problem]:
    """Give what keepalived cannot do of services whose checks it has."""
    for service in cluster.services:
        if next(check_problems(service, [KEEPALIVED]), None) is None:
            if service.is_whole:
                yield from _weight_problems(service)
            yield from _word_problems(service)


def _weight_problems(service: VirtualService) -> Iterator[Problem]:
    name, check = service.name, service.check
    quorum, hysteresis = check["quorum"], check["hysteresis"]
    if not service.members:
        why = "is empty, and keepalived leaves such a service out of the table"
        yield Problem(name, "real_servers", None, why, "give one, or leave the service out")
        return
    total = sum(member.server.weight for member in service.members)
    if not total and service.sorry_server is not None:
        yield Problem(
            name,
            "sorry_server",
            service.sorry_server.name,
            "answers where all real servers have weight 0, and keepalived takes these out then,"
            " with the connections that they are to keep",
            "leave it out until they are empty",
        )
    if quorum is None:
        return
    if quorum > max(total, 1):
        why = f"is more than the {total} that all real servers weigh"
        yield Problem(name, "check.quorum", quorum, why, "give less, or give them more weight")
    if hysteresis >= quorum:
        why = f"is not less than check.quorum {quorum}"
        yield Problem(name, "check.hysteresis", hysteresis, why, "give less")


def _word_problems(service: VirtualService) -> Iterator[Problem]:
    words = kind_of(service.check).keepalived
    for line in (*words.lines, *words.url) if words is not None else ():
        field, value = f"check.{line.field}", service.check[line.field]
        if isinstance(value, str):
            try:
                write(line, value)
            except ModelError as error:
                yield Problem(service.name, field, value, error.why, error.advice)
