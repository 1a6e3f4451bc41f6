# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What schedulers cannot do with the weights, and the number, of real servers.

Private to the collection: names and behaviour may change in any release.

Schedulers that hash give each client a place in a table, and each server some of the places. A
server that takes nobody keeps its places, and who is there is refused. Pure code.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from .._cluster.model import HEALTH_CHECKERS, VirtualService
from .._problem import Problem

# The flag by which a client goes on to another server; dh has none.
_FALLBACKS: Mapping[str, str] = {"sh": "sh-fallback", "mh": "mh-fallback", "dh": ""}
# Of the kernel's ip_vs_mh.c, with CONFIG_IP_VS_MH_TAB_INDEX as it is by itself, 12.
MH_PLACES = 4093
MH_HIGHEST = 63
# Of ip_vs_sh.c, with CONFIG_IP_VS_SH_TAB_BITS as it is by itself, 8.
SH_PLACES = 256


def scheduler_problems(service: VirtualService, managers: Sequence[str]) -> Iterator[Problem]:
    """Give what the scheduler of a service makes of its servers that nobody can want."""
    scheduler = service.service.scheduler
    fallback = missing_fallback(service)
    if fallback is not None:
        yield from _refusals(service, managers, fallback)
    weights = [member.server.weight for member in service.members]
    if scheduler == "mh":
        yield from _mh_problems(service, weights)
    # One of weight 0 has a place, too.
    places = sum(max(weight, 1) for weight in weights)
    if scheduler == "sh" and places > SH_PLACES:
        yield Problem(
            service.name,
            "real_servers",
            None,
            f"weigh {places} in all, and sh has {SH_PLACES} places, so that the last ones get less"
            " than their share, or nobody",
            f"give weights of the same ratio that add up to {SH_PLACES} at most, or use mh",
        )


def missing_fallback(service: VirtualService) -> str | None:
    """Return what to do so that somebody stands in for a server that takes nobody.

    None where somebody does already.
    """
    fallback = _FALLBACKS.get(service.service.scheduler)
    if fallback is None or (fallback and fallback in service.service.scheduler_flags):
        return None
    return f"add {fallback} to scheduler_flags" if fallback else "use another scheduler"


def warning(service: VirtualService) -> Problem | None:
    """Return why none of its servers can be drained, where there are others."""
    fallback = missing_fallback(service)
    if fallback is None or sum(member.server.weight > 0 for member in service.members) < 2:
        return None
    return Problem(
        service.name,
        "scheduler",
        service.service.scheduler,
        "goes on giving its clients to a server that is drained, who would be refused, so that"
        " lvs.cluster.drain refuses to drain one",
        fallback,
    )


def _refusals(service: VirtualService, managers: Sequence[str], flag: str) -> Iterator[Problem]:
    """Name what refuses the clients of a server for which nobody stands in."""
    scheduler = service.service.scheduler
    empty = [member for member in service.members if member.server.weight == 0]
    # Where all have weight 0 the service is to be emptied, and there is nobody to go to.
    for member in empty if len(empty) < len(service.members) else ():
        yield Problem(
            service.item(member),
            "weight",
            0,
            f"keeps its share of new clients by scheduler {scheduler}, and refuses them",
            f"{flag}, so that they go to the others, or take the server out",
        )
    if service.check["quiescent"] is True and set(managers) & set(HEALTH_CHECKERS):
        yield Problem(
            service.name,
            "check.quiescent",
            True,
            "leaves a server that is out in the table, where it keeps its share of new clients by"
            f" scheduler {scheduler}, and refuses them",
            f"{flag}, or set it to false",
        )


def _mh_problems(service: VirtualService, weights: Sequence[int]) -> Iterator[Problem]:
    if len(weights) > MH_PLACES:
        yield Problem(
            service.name,
            "real_servers",
            None,
            f"are {len(weights)}, and mh has places for {MH_PLACES}",
            "give less, or use another scheduler",
        )
    divisor = math.gcd(*weights)
    if divisor and max(weights) > MH_HIGHEST * divisor:
        lowest = min(filter(None, weights))
        yield Problem(
            service.name,
            "real_servers",
            None,
            f"have weights from {lowest} to {max(weights)}, and mh keeps them apart by no more"
            f" than {MH_HIGHEST} times what divides all of them, which is {divisor}",
            f"give weights from 1 to {MH_HIGHEST}, or such with a greater divisor",
        )
