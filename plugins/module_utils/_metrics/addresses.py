# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses this host has, without the program ip and without pyroute2.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import socket
import struct

from .._netlink import NETLINK_ROUTE, Netlink, attributes, repeated

_RTM_GETADDR = 22
# struct ifaddrmsg: family, prefix length, flags, scope, index
_HEADER = struct.Struct("=BBBBI")
_IFA_ADDRESS, _IFA_LOCAL = 1, 2


def decode_address(payload: bytes) -> str:
    """Return the address that a message tells of."""
    found = attributes(payload, _HEADER.size)
    packed = found.get(_IFA_LOCAL) or found[_IFA_ADDRESS]
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


def addresses() -> frozenset[str]:
    """Return all addresses of this host."""
    netlink = Netlink(NETLINK_ROUTE)
    try:
        answers, _whole = repeated(
            lambda: netlink.dump(_RTM_GETADDR, _HEADER.pack(socket.AF_UNSPEC, 0, 0, 0, 0))
        )
    finally:
        netlink.close()
    return frozenset(map(decode_address, answers))
