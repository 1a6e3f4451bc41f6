# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom clients ask, in keepalived.conf: addresses and ports, marks, and groups of them.

Private to the collection: names and behaviour may change in any release.

Written against keepalived.conf(5) and keepalived 2.2 to 2.4. Pure code.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import MAX_FWMARK
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    MAX_PORT,
    ModelError,
    canonical_address,
    join_host_port,
)

from .._settings.kinds import number
from .statements import Ledger, Statement

FAMILIES = {"inet": "ipv4", "inet6": "ipv6"}
_MOST_ADDRESSES = 1024
_PORT = number(0, MAX_PORT)


class Head(NamedTuple):
    """What names a service: address and port, or mark; and what it is called in a group."""

    address: str = ""
    port: int = 0
    fwmark: int = 0
    family: str = ""
    group: str = ""

    @property
    def label(self) -> str:
        """What it is called within its group."""
        return f"fwmark {self.fwmark}" if self.fwmark else join_host_port(self.address, self.port)


def read_heads(
    statement: Statement, groups: Mapping[str, Statement], ledger: Ledger
) -> Iterator[Head]:
    """Give the services that a virtual server makes; where there are none it is left out."""
    words = statement.words
    if statement.value == "group":
        name = words[2] if len(words) > 2 else ""
        if name not in groups:
            why = f"names the group {name}, which is not there"
            ledger.leave_whole(statement, why, "write a virtual_server_group of this name")
            return
        ledger.carry(statement, "a service for each address of the group")
        ledger.carry(groups[name], "the names of its services")
        for entry in groups[name].block or ():
            try:
                heads = list(_entry_heads(entry.words, name))
            except ModelError as error:
                ledger.leave(entry, error.why, error.advice)
                continue
            ledger.carry(entry, "fwmark" if heads[0].fwmark else "address and port")
            yield from heads
        return
    try:
        yield from _entry_heads(words[1:], "", most=1)
    except ModelError as error:
        ledger.leave_whole(statement, error.why, error.advice)
        return
    ledger.carry(statement, "fwmark" if statement.value == "fwmark" else "address and port")


def _entry_heads(words: Sequence[str], group: str, most: int = _MOST_ADDRESSES) -> Iterator[Head]:
    if not words:
        raise ModelError("", "", None, "names no address", "give address and port")
    if words[0] == "fwmark":
        mark = number(1, MAX_FWMARK).parse(words[1] if len(words) > 1 else None)
        family = FAMILIES.get(words[2], "") if len(words) > 2 else ""
        yield Head(fwmark=mark, family=family, group=group)
        return
    port = _PORT.parse(words[1] if len(words) > 1 else 0)
    for address in _range(words[0], most):
        family = "ipv6" if ":" in address else "ipv4"
        yield Head(address, port, family=family, group=group)


def _range(text: str, most: int) -> Iterator[str]:
    """Give the addresses of C(192.0.2.1), C(192.0.2.1-9), C(A-B) and C(A/29)."""
    bare, slash, length = text.partition("/")
    first, dash, last = bare.partition("-")
    begin = canonical_address(first)
    why = "is not an IPv4 or IPv6 address, or a range of them"
    bad = ModelError("", "", text, f"{text} {why}", "give one")
    if begin is None or (slash and dash):
        raise bad
    try:
        if slash:
            network = ipaddress.ip_network(f"{begin}/{length}")
            start, count = int(network.network_address), network.num_addresses
        else:
            if dash and canonical_address(last) is None:
                separator = ":" if ":" in begin else "."
                last = f"{begin.rpartition(separator)[0]}{separator}{last}"
            start = int(ipaddress.ip_address(begin))
            count = int(ipaddress.ip_address(last)) - start + 1 if dash else 1
    except ValueError:
        raise bad from None
    if not 1 <= count <= most:
        raise ModelError(
            "",
            "",
            text,
            f"{text} is {count} addresses, and at most {most} are read",
            "make one service of them by a firewall mark",
        )
    kind = ipaddress.IPv6Address if ":" in begin else ipaddress.IPv4Address
    for one in range(start, start + count):
        yield canonical_address(str(kind(one))) or ""
