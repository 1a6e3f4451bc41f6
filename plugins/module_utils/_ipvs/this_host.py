# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel would refuse of a plan because of the host that it runs on.

Private to the collection: names and behaviour may change in any release.

It is asked before the first write, in check mode too: a plan that is refused half way leaves
services behind. What the kernel looks at is from ip_vs_new_dest and ip_vs_genl_set_cmd in
net/netfilter/ipvs/ip_vs_ctl.c: the type that an IPv4 address has in the local routing table, and
whether a synchronisation daemon runs.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .._effects import ADD
from .._netlink import (
    NETLINK_ROUTE,
    NLM_F_DUMP,
    Interrupted,
    Netlink,
    attributes,
    repeated,
)
from .._values import ModelError
from .model import RealServer, key_family

if TYPE_CHECKING:
    from .kernel import Ipvs
    from .plan import Operation

# linux/rtnetlink.h
RTM_GETROUTE = 26
RTA_DST = 1
RTN_LOCAL = 2
RTN_BROADCAST = 3
RT_TABLE_LOCAL = 255
# struct rtmsg: family, lengths of destination and source, tos, table, protocol, scope, type, flags
_ROUTE = struct.Struct("=8BI")


def check_this_host(operations: Iterable[Operation], kernel: Ipvs | None) -> None:
    """Raise ModelError for the first operation that the kernel of this host would refuse."""
    new = [(step, step.after) for step in operations if isinstance(step.after, RealServer)]
    mixed = [(step, server) for step, server in new if server.family != key_family(step.key)]
    if mixed and kernel is not None and kernel.daemons():
        step, server = mixed[0]
        why = (
            "is of another address family than the service, and the synchronisation daemon that"
            " runs here cannot tell of such a real server"
        )
        advice = "stop the daemon, or give an address of the service's family"
        raise ModelError(step.label, "address", server.address, why, advice)
    added = [(step, server) for step, server in new if step.action == ADD]
    if all(server.family == "ipv6" for _step, server in added):
        return
    broadcast = broadcast_addresses()
    for step, server in added:
        if server.address in broadcast:
            why = "is a broadcast address of this host's networks"
            advice = "give the address of one host"
            raise ModelError(step.label, "address", server.address, why, advice)


def broadcast_addresses() -> frozenset[str]:
    """Return the IPv4 addresses that are broadcast addresses on this host, by its own routes."""
    return _addresses(socket.AF_INET, RTN_BROADCAST)


def has_one_of(addresses: Iterable[str]) -> bool:
    """Tell whether one of the addresses is this host's own, by its own routes."""
    wanted = set(addresses)
    families = {socket.AF_INET6 if ":" in address else socket.AF_INET for address in wanted}
    return any(wanted & _addresses(family, RTN_LOCAL) for family in families)


def _addresses(family: int, kind: int) -> frozenset[str]:
    """Return the addresses of a kind in the local routing table."""
    try:
        netlink = Netlink(NETLINK_ROUTE, strict=True)
    except OSError:
        # Where nobody can be asked, the kernel says it when it is told to add such a server.
        return frozenset()
    request = _ROUTE.pack(family, 0, 0, 0, RT_TABLE_LOCAL, 0, 0, kind, 0)
    try:
        answers = repeated(lambda: netlink.ask(RTM_GETROUTE, NLM_F_DUMP, request))
    except (OSError, Interrupted):
        return frozenset()
    finally:
        netlink.close()
    return frozenset(_of_kind(answers, kind))


def _of_kind(answers: Iterable[bytes], wanted: int) -> Iterator[str]:
    for answer in answers:
        family, length, _src, _tos, table, _by, _scope, kind, _flags = _ROUTE.unpack_from(answer)
        # A kernel before 4.20 does not sort out for us.
        whole = 128 if family == socket.AF_INET6 else 32
        if (table, kind, length) == (RT_TABLE_LOCAL, wanted, whole):
            address = attributes(answer, _ROUTE.size).get(RTA_DST, b"")
            yield socket.inet_ntop(family, address)
