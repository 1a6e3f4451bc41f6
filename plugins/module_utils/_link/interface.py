# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interfaces of this host, and what the kernel has set for them.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from collections.abc import Iterable
from pathlib import Path

from .._values import ModelError

# linux/sockios.h
SIOCGIFMTU = 0x8921
# struct ifreq: a name, and what is asked for.
_REQUEST = struct.Struct("=16si20x")


MAX_NAME = 15


def parse_interface(field: str, interface: object) -> str:
    """Read the name of an interface, as the kernel takes one."""
    if (
        not isinstance(interface, str)
        or not 1 <= len(interface) <= MAX_NAME
        or interface in (".", "..")
        or not (interface.isascii() and interface.isprintable())
        or set(interface) & set("/: ")
    ):
        why = "is not the name of an interface"
        raise ModelError("", field, interface, why, "give one such as eth0, or lo")
    return str(interface)


def check_interface(interface: str) -> None:
    """Raise ModelError for an interface that does not exist."""
    known = sorted(name for _index, name in socket.if_nameindex())
    if interface in known:
        return
    raise ModelError(
        "", "interface", interface, "does not exist on this host", f"use one of {', '.join(known)}"
    )


def mtu_of(interface: str) -> int:
    """Return how many octets a packet on the interface may have; 0 where there is no such."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            answer = fcntl.ioctl(asked, SIOCGIFMTU, _REQUEST.pack(os.fsencode(interface), 0))
        except OSError:
            return 0
    return int(_REQUEST.unpack(answer)[1])


def promoting(interfaces: Iterable[str]) -> set[str]:
    """Return those on which the kernel keeps the addresses of a network when its first one goes."""
    return {name for name in interfaces if _promotes("all") or _promotes(name)}


def _promotes(name: str) -> bool:
    path = Path("/proc/sys/net/ipv4/conf", name, "promote_secondaries")
    try:
        return path.read_text(encoding="ascii").strip() == "1"
    except OSError:
        return False
