# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packets get the firewall mark of a service, by the rules of a director that runs.

Private to the collection: names and behaviour may change in any release. Pure code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import PROTOCOLS
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    MAX_PORT,
    ModelError,
    canonical_address,
)

from .._cluster.marks import parse_marked_ports
from .found import Found
from .packets import Rule
from .statements import Statement

TABLE = "the table"
_STAYS = "stays beside the role's own rule, which says the same"
TAKE_OUT = "take it out when lvs.cluster.site has run"


def read_marks(rules: Sequence[Rule], own: Collection[str], found: Found) -> None:
    """Say which addresses and ports the services of a mark have.

    C(own) are the addresses of the director. Where one rule says more than the description can,
    nothing is said: the rules go on.
    """
    for service in found.services:
        if service.get("fwmark") and "addresses" not in service:
            family = service.get("family", "ipv4")
            marking = [
                rule
                for rule in rules
                if rule.mark == service["fwmark"] and rule.family in ("", family)
            ]
            _read_service(service, marking, own, found)


def _read_service(
    service: dict[str, Any], rules: Sequence[Rule], own: Collection[str], found: Found
) -> None:
    ledger = found.ledger
    if not rules:
        why = "no rule of this director marks its packets, as far as its rules were read"
        advice = "whatever marks them has to go on; or give addresses and ports"
        one = Statement(TABLE, 0, f"fwmark {service['fwmark']}", ())
        ledger.leave(one, why, advice)
        return
    known = _by_address(rules, own)
    if known is None:
        for rule in rules:
            why = "marks packets in a way, or for an address, that the description has not"
            ledger.leave(rule.statement, why, "leave it where it is: it goes on marking them")
        return
    addresses, ports = known
    rest = {name: service.pop(name) for name in tuple(service) if name not in ("name", "fwmark")}
    service["addresses"] = addresses
    service.update({"ports": ports} if ports else {})
    service.update(rest)
    for rule in rules:
        ledger.carry(rule.statement, f"addresses and ports of fwmark {service['fwmark']}")
        if not rule.is_ours:
            ledger.leave(rule.statement, _STAYS, TAKE_OUT)


def _by_address(
    rules: Sequence[Rule], own: Collection[str]
) -> tuple[list[str], list[int | str]] | None:
    """Return addresses and ports; None for what is not the same ports of several addresses.

    No ports are all of them.
    """
    found: dict[str, dict[int | str, None]] = {}
    for rule in rules:
        ports = _ports(rule)
        if rule.more or not rule.destinations or ports is None:
            return None
        for destination in rule.destinations:
            address = canonical_address(destination)
            if address is None or address not in own:
                return None
            found.setdefault(address, {}).update(dict.fromkeys(ports or [""]))
    first = next(iter(found.values()))
    if any(set(each) != set(first) for each in found.values()) or ("" in first and len(first) > 1):
        return None
    return list(found), [port for port in first if port != ""]


def _ports(rule: Rule) -> list[int | str] | None:
    """Return a rule's ports as the description has them, none for all; None for what it has not."""
    if not rule.protocols or set(rule.protocols) == set(PROTOCOLS):
        return [] if not rule.ports else None
    if len(rule.protocols) != 1:
        return None
    spelled = list(_spelled(rule.ports or [f"1-{MAX_PORT}"], rule.protocols[0]))
    try:
        parse_marked_ports("", spelled)
    except ModelError:
        return None
    return spelled


def _spelled(ports: Sequence[str], protocol: str) -> Iterator[int | str]:
    for port in ports:
        if protocol == "tcp":
            yield int(port) if port.isdecimal() else port
        else:
            yield f"{port}/{protocol}"
