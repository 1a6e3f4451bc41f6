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
from pathlib import Path

from .._values import ModelError

# linux/sockios.h
SIOCGIFMTU = 0x8921
# struct ifreq: a name, and what is asked for.
_REQUEST = struct.Struct("=16si20x")


def check_interface(interface: str) -> None:
    """Raise ModelError for an interface that does not exist."""
    known = sorted(name for _index, name in socket.if_nameindex())
    if interface in known:
        return
    raise ModelError(
        f"interface {interface!r} does not exist on this host; use one of {', '.join(known)}."
    )


def mtu_of(interface: str) -> int:
    """Return how many octets a packet on the interface may have; 0 where there is no such."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            answer = fcntl.ioctl(asked, SIOCGIFMTU, _REQUEST.pack(os.fsencode(interface), 0))
        except OSError:
            return 0
    return int(_REQUEST.unpack(answer)[1])


def promotes_secondaries(interface: str) -> bool:
    """Tell whether the kernel keeps the other addresses of a network when its first one goes."""
    for name in ("all", interface):
        path = Path("/proc/sys/net/ipv4/conf", name, "promote_secondaries")
        try:
            if path.read_text(encoding="ascii").strip() == "1":
                return True
        except OSError:
            continue
    return False
