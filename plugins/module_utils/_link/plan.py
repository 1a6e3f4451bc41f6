# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about addresses and default routes.

Private to the collection: names and behaviour may change in any release.

Pure code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from .._effects import ADD, DELETE, EDIT
from .._values import in_network, packed_address
from .model import (
    ADOPT,
    BITS,
    DEFAULT_METRIC,
    MAX_METRIC,
    RELEASE,
    Address,
    DefaultRoute,
    Place,
    Step,
)
from .wanted import WantedAddress, WantedAddresses, WantedGateway


def plan_address(
    have: Sequence[Address],
    wanted: WantedAddress,
    *,
    promoting: Collection[str],
    kept: Collection[Place] = (),
) -> list[Step]:
    """Work out how to get an address onto its interface.

    C(promoting) are the interfaces on which the kernel keeps secondary addresses; C(kept) are
    places of addresses that are never deleted: as they are, they will do.
    """
    same = [entry for entry in have if wanted.is_at(entry)]
    bits = BITS[wanted.family]
    prefix = wanted.prefix
    if prefix is None:
        prefix = same[0].prefix if same else bits
    label = wanted.label
    fits = [
        entry
        for entry in same
        if entry.prefix == prefix and (label in (None, entry.label) or entry.place in kept)
    ]
    if wanted.family == "ipv6" and not fits:
        # The kernel takes the same address with another prefix length beside the first for IPv4.
        fits = [entry for entry in same if entry.place in kept]
    others = [entry for entry in same if entry not in fits and entry.place not in kept]
    if fits:
        return _deletions(have, [] if wanted.prefix is None else others, promoting)
    deletions = _deletions(have, others, promoting)
    default_label = wanted.interface if wanted.family == "ipv4" else ""
    new = Address(wanted.address, prefix, wanted.interface, label or default_label)
    if wanted.family == "ipv4" and all(entry.prefix != prefix for entry in others):
        # The kernel takes it beside the others.
        return [_addition(have, new), *deletions]
    return [*deletions, _addition(after_steps(have, deletions), new)]


def _addition(have: Sequence[Address], new: Address) -> Step:
    """Add an address, which the kernel keeps as secondary where its network has one already."""
    second = new.family == "ipv4" and any(_is_beside(entry, new) for entry in have)
    return Step(ADD, after=replace(new, secondary=second))


def plan_address_absent(
    have: Sequence[Address], wanted: WantedAddress, *, promoting: Collection[str]
) -> list[Step]:
    """Work out how to get an address off its interface."""
    gone = [
        entry for entry in have if wanted.is_at(entry) and wanted.prefix in (None, entry.prefix)
    ]
    return _deletions(have, gone, promoting)


def plan_addresses(
    have: Sequence[Address],
    owned: Iterable[Place],
    wanted: WantedAddresses,
    *,
    promoting: Collection[str],
) -> list[Step]:
    """Work out how to get all addresses of an owner onto their interfaces.

    C(owned) is what the owner's list holds. What the host has besides stays as it is. A step's
    C(owned) says that the list has to be written: before an address is added, after it is deleted.
    """
    mine = set(owned)
    steps = []
    for place in sorted(mine):
        if place.address in wanted.release:
            steps.append(Step(RELEASE, before=_found(have, place), owned=True))
            mine.discard(place)
    now = list(have)
    others = {item.place for item in have} - mine
    for entry in wanted.addresses:
        if wanted.adopt:
            adopted = [item for item in now if entry.fits(item.place) and item.place in others]
            steps.extend(Step(ADOPT, after=item, owned=True) for item in adopted)
            mine.update(item.place for item in adopted)
            others.difference_update(item.place for item in adopted)
        more = _owned(plan_address(now, entry, promoting=promoting, kept=others), others)
        if more:
            steps.extend(more)
            now = after_steps(now, more)
            mine = owned_after(mine, more)
    if not wanted.prune:
        return steps
    over = {place for place in mine if not any(e.fits(place) for e in wanted.addresses)}
    gone = [item for item in now if item.place in over]
    missing = mine - {item.place for item in now}
    steps.extend(_owned(_deletions(now, gone, promoting), others))
    steps.extend(Step(RELEASE, before=_found(have, place), owned=True) for place in sorted(missing))
    return steps


def _owned(steps: Iterable[Step], others: Collection[Place]) -> list[Step]:
    """Mark the steps that the owner's list has to know of: not those of others' addresses."""
    return [
        replace(step, owned=isinstance(step.item, Address) and step.item.place not in others)
        for step in steps
    ]


def owned_after(owned: Iterable[Place], steps: Iterable[Step]) -> set[Place]:
    """Return what the owner's list holds where these steps are done."""
    mine = set(owned)
    for step in steps:
        if not step.owned or not isinstance(step.item, Address):
            continue
        if step.action in (ADD, ADOPT):
            mine.add(step.item.place)
        else:
            mine.discard(step.item.place)
    return mine


def _found(have: Sequence[Address], place: Place) -> Address:
    """Return the address at a place, though there may be none any more."""
    return next((item for item in have if item.place == place), Address(*place))


def _deletions(
    have: Sequence[Address], gone: Sequence[Address], promoting: Collection[str]
) -> list[Step]:
    """Delete addresses, and add those again that the kernel deletes with them."""
    steps = []
    # A secondary address that goes after its network's first one would be gone with that already.
    for entry in sorted(gone, key=lambda item: not item.secondary):
        steps.append(Step(DELETE, before=entry))
        lost = [other for other in secondaries(have, entry, promoting) if other not in gone]
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
            result = [entry for entry in result if not _is_same(entry, step.after)]
            result.append(step.after)
    return result


def missing(
    before: Iterable[Address], now: Sequence[Address], after: Sequence[Address]
) -> list[Address]:
    """Return what was there and should still be, in whatever form, but is in none any more.

    An address that changes its label, or an IPv6 address its prefix length, is deleted and added
    again; so are those that the kernel deletes with the first one of their network. C(after) is
    what all steps would have led to. First ones of a network come first.
    """
    wanted = {(entry.address, entry.interface) for entry in after}
    have = {(entry.address, entry.interface) for entry in now}
    lost = [e for e in before if (e.address, e.interface) in wanted - have]
    return sorted(lost, key=lambda entry: entry.secondary)


def _is_same(entry: Address | DefaultRoute, other: Address | DefaultRoute) -> bool:
    if isinstance(entry, Address) and isinstance(other, Address):
        return entry.address == other.address and entry.place == other.place
    return entry == other


def secondaries(
    have: Sequence[Address], gone: Address, promoting: Collection[str]
) -> list[Address]:
    """Return what the kernel deletes along with an IPv4 address that is first of its network."""
    if gone.interface in promoting or gone.secondary or gone.family == "ipv6":
        return []
    return [entry for entry in have if entry.secondary and _is_beside(gone, entry)]


def _is_beside(entry: Address, other: Address) -> bool:
    """Tell whether an address is of the network of another, on the same interface."""
    return (
        entry.prefix == other.prefix < BITS[entry.family]
        and entry.interface == other.interface
        and in_network(packed_address(other.address), packed_address(entry.address), entry.prefix)
    )
