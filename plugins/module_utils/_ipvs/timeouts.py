# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timeouts of connections: values, validation, and what is to be done.

Private to the collection: names and behaviour may change in any release.

All are in seconds. The kernel counts in ticks and takes at most 2^31 - 1 of them, 1000 a second at
the most (ip_vs_set_timeout in net/netfilter/ipvs/ip_vs_ctl.c); it reads 0 as "leave it".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._effects import EDIT, NO_EFFECT
from .._values import ModelError, parse_integer

NAMES = ("tcp", "tcp_fin", "udp")
# What the kernel's IPVS begins with.
DEFAULTS = {"tcp": 900, "tcp_fin": 120, "udp": 300}
MAX_SECONDS = (2**31 - 1) // 1000


def parse_timeouts(source: Mapping[str, Any], item: str = "timeouts") -> dict[str, int]:
    """Return the timeouts that are given; what is None is not."""
    given: dict[str, int] = {}
    for name, value in source.items():
        if name not in NAMES:
            advice = f"use one of {', '.join(NAMES)}"
            raise ModelError(item, name, None, "is not known", advice)
        if value is None:
            continue
        if value in (0, "0"):
            advice = (
                f"give one from 1 to {MAX_SECONDS}, or leave it out to keep what the kernel has"
            )
            raise ModelError(item, name, 0, "is no time", advice)
        given[name] = parse_integer(item, name, value, 1, MAX_SECONDS)
    return given


def plan_timeouts(have: Mapping[str, int], given: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the one operation that is needed, as modules return it, or none."""
    changes = {
        name: [have[name], given[name]]
        for name in NAMES
        if name in given and given[name] != have[name]
    }
    if not changes:
        return []
    return [{"action": EDIT, "item": "timeouts", "changes": changes, "effect": NO_EFFECT}]


def print_timeouts(timeouts: Mapping[str, int]) -> str:
    """Return the arguments by which ipvsadm sets them; 0 stands for those that are not there."""
    return " ".join(["--set", *(str(timeouts.get(name, 0)) for name in NAMES)])
