# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a description does not go with a server that is drained.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator

from .._cluster.model import Cluster
from .._problem import Problem
from .schedulers import missing_fallback


def drained_problems(cluster: Cluster) -> Iterator[Problem]:
    """Name the schedulers that would refuse the share of a server that is drained already."""
    for service in cluster.services:
        fallback = missing_fallback(service)
        if fallback is None:
            continue
        for member in service.in_table:
            if member.drain is not None and member.drain.weight:
                yield Problem(
                    service.name,
                    "scheduler",
                    service.service.scheduler,
                    f"would go on giving {member.name} its share of new clients, who are refused:"
                    f" it is drained since {member.drain.since}",
                    f"{fallback}, or give {member.name} back first by lvs.cluster.undrain",
                )
