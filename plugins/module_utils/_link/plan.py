# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about addresses and default routes.

Private to the collection: names and behaviour may change in any release.

Pure code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from .._effects import ADD, DELETE, EDIT
from .._values import in_network, packed_address
from .model import (
    BITS,
    DEFAULT_METRIC,
    MAX_METRIC,
    Address,
    DefaultRoute,
    Step,
)
from .wanted import (
    WantedAddress,
    WantedGateway,
)


def plan_address(
    have: Sequence[Address], wanted: WantedAddress, *, promote_secondaries: bool
) -> list[Step]:
    """Work out how to get an address onto its interface."""
    same = [entry for entry in have if entry.address == wanted.address]
    bits = BITS[wanted.family]
    prefix = wanted.prefix
    if prefix is None:
        prefix = same[0].prefix if same else bits
    label = wanted.label
    fits = [entry for entry in same if entry.prefix == prefix and label in (None, entry.label)]
    others = [] if wanted.prefix is None and fits else [e for e in same if e not in fits]
    deletions = _deletions(have, others, promote_secondaries)
    if fits:
        return deletions
    default_label = wanted.interface if wanted.family == "ipv4" else ""
    addition = Step(
        ADD, after=Address(wanted.address, prefix, wanted.interface, label or default_label)
    )
    # The kernel takes the same address with another prefix length beside the first for IPv4 only.
    beside = wanted.family == "ipv4" and all(entry.prefix != prefix for entry in others)
    return [addition, *deletions] if beside else [*deletions, addition]


def plan_address_absent(
    have: Sequence[Address], wanted: WantedAddress, *, promote_secondaries: bool
) -> list[Step]:
    """Work out how to get an address off its interface."""
    gone = [
        entry
        for entry in have
        if entry.address == wanted.address and wanted.prefix in (None, entry.prefix)
    ]
    return _deletions(have, gone, promote_secondaries)


def _deletions(have: Sequence[Address], gone: Sequence[Address], promote: bool) -> list[Step]:
    """Delete addresses, and add those again that the kernel deletes with them."""
    steps = []
    for entry in gone:
        steps.append(Step(DELETE, before=entry))
        lost = [other for other in secondaries(have, entry, promote) if other not in gone]
        steps.extend(
            Step(ADD, after=replace(other, secondary=index > 0)) for index, other in enumerate(lost)
        )
    return steps


def plan_gateway(have: Sequence[DefaultRoute], wanted: WantedGateway, interface: str) -> list[Step]:
    """Work out how to get the default route; the interface is where the gateway was found to be."""
    ordered = sorted(have, key=lambda route: route.metric)
    metric = wanted.metric
    if metric is None:
        lowest = ordered[0].metric if ordered else MAX_METRIC
        best = [route for route in ordered if route.metric == lowest]
        if any(_is_via(route, wanted, interface) for route in best):
            return []
        metric = DEFAULT_METRIC[wanted.family]
        if wanted.family == "ipv6":
            metric = min(metric, lowest)
    there = [route for route in ordered if route.metric == metric]
    if any(_is_via(route, wanted, interface) for route in there):
        return []
    after = DefaultRoute(wanted.gateway, interface, metric, wanted.family)
    return [Step(EDIT, there[0], after) if there else Step(ADD, after=after)]


def plan_gateway_absent(have: Sequence[DefaultRoute], wanted: WantedGateway) -> list[Step]:
    """Work out how to get rid of default routes by way of a gateway."""
    return [
        Step(DELETE, before=route)
        for route in have
        if route.gateway == wanted.gateway
        and wanted.interface in (None, route.interface)
        and wanted.metric in (None, route.metric)
    ]


def _is_via(route: DefaultRoute, wanted: WantedGateway, interface: str) -> bool:
    return route.gateway == wanted.gateway and route.interface == interface


def after_steps(have: Sequence[Any], steps: Iterable[Step]) -> list[Any]:
    """Return what results where these steps are done."""
    result = list(have)
    for step in steps:
        if step.before is not None and step.after is not None:
            result[result.index(step.before)] = step.after
        elif step.before is not None:
            result.remove(step.before)
        elif step.after is not None:
            shown = step.after.as_result()
            result = [entry for entry in result if entry.as_result() != shown]
            result.append(step.after)
    return result


def secondaries(have: Sequence[Address], gone: Address, promote: bool) -> list[Address]:
    """Return what the kernel deletes along with an IPv4 address that is first of its network."""
    if promote or gone.secondary or gone.family == "ipv6":
        return []
    return [
        entry
        for entry in have
        if entry.secondary
        and entry.prefix == gone.prefix
        and in_network(packed_address(entry.address), packed_address(gone.address), gone.prefix)
    ]
