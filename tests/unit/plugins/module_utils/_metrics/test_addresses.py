# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of this host."""

from __future__ import annotations

import socket
import struct

from ansible_collections.lvs.cluster.plugins.module_utils._metrics.addresses import (
    addresses,
    decode_address,
)
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import attribute

HEADER = struct.pack("=BBBBI", socket.AF_INET, 24, 0, 0, 2)


def test_decoded() -> None:
    """On a link to one other host IFA_ADDRESS is that one's."""
    own, other = socket.inet_aton("192.0.2.1"), socket.inet_aton("192.0.2.2")
    assert decode_address(HEADER + attribute(1, other) + attribute(2, own)) == "192.0.2.1"
    packed = socket.inet_pton(socket.AF_INET6, "fd00::1")
    assert decode_address(HEADER + attribute(1, packed)) == "fd00::1"


def test_of_this_host() -> None:
    """Any has this one."""
    assert "127.0.0.1" in addresses()
