# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which directors are to leave the others, or to join them again, and what is refused of that.

Private to the collection: names and behaviour may change in any release.

A director that is drained does not announce its addresses. The others have its connections. Pure
code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._cluster.announce import VARIABLE
from .._cluster.drained import left_since
from .._cluster.model import Cluster
from .._problem import Problem
from .drain import FORCE, Wish


def meant(cluster: Cluster, wish: Wish) -> tuple[str, ...]:
    """Return the directors that are meant; who is a real server, too, is meant as that."""
    behind = {member.name for service in cluster.services for member in service.members}
    return tuple(name for name in wish.servers if name in cluster.directors and name not in behind)


def director_problems(
    cluster: Cluster,
    wish: Wish,
    directors: Iterable[str],
    hostvars: Mapping[str, Any],
    *,
    leave: bool,
) -> Iterator[Problem]:
    """Name the directors that cannot leave, or join."""
    known = {name: cluster.hosts[name] for name in cluster.directors if name in cluster.hosts}
    going = [*directors]
    for name in going:
        if name in known and known[name].announce is None:
            why = f"is a director without {VARIABLE}: no other one serves beside it"
            advice = "name real servers; one by keepalived gives way to another where it is stopped"
            yield Problem("", "lvs_host", name, why, advice)
    if wish.service and going:
        why = f"is for real servers, and {going[0]} is a director"
        yield Problem("", "lvs_service", wish.service, why, "leave it out")
    stay = [
        name
        for name, host in known.items()
        if host.announce is not None and name not in going and not left_since(hostvars, name)
    ]
    new = [name for name in going if name in known and known[name].announce is not None]
    if leave and new and not stay and not wish.force:
        why = "is the last director that announces, and nobody would be served"
        yield Problem("", "lvs_host", new[0], why, f"give another one back first, or {FORCE}")


def report(directors: Iterable[str], hostvars: Mapping[str, Any], *, leave: bool) -> Iterator[str]:
    """Say of each director what becomes of it."""
    for name in directors:
        since = left_since(hostvars, name)
        if leave:
            word = f"is drained since {since} already" if since else "withdraws its addresses"
            yield f"{name} {word}."
        elif since:
            yield f"{name} was drained since {since}, and joins the others again."
        else:
            yield f"{name} is not drained."
