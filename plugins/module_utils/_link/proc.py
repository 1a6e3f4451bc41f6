# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and default routes as /proc has them, for a check on a host without pyroute2.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from pathlib import Path

from .._values import in_network, packed_address
from .model import Address, DefaultRoute
from .wanted import WantedGateway


class ProcLinks:
    """What can be read of addresses and default routes without netlink, for check mode only."""

    def __enter__(self) -> ProcLinks:
        """Return itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Do nothing: nothing was opened."""

    def addresses(self, interfaces: Collection[str]) -> list[Address]:
        """Return the addresses of interfaces; IPv4 addresses of any interface, as /32 of each."""
        found = []
        for words in _proc_lines("if_inet6"):
            if words[5] in interfaces:
                text = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(words[0]))
                found.append(Address(text, int(words[2], 16), words[5]))
        last = ""
        for words in _proc_lines("fib_trie"):
            if words[0] == "|--":
                last = words[1]
            elif words == ["/32", "host", "LOCAL"]:
                found.extend(Address(last, 32, name, name) for name in interfaces)
        return list(dict.fromkeys(found))

    def default_routes(self, family: str) -> list[DefaultRoute]:
        """Return the default routes, the first taken first."""
        found = []
        if family == "ipv4":
            for words in _proc_lines("route")[1:]:
                if words[1] == words[7] == "00000000":
                    octets = bytes.fromhex(words[2])[::-1]
                    gateway = socket.inet_ntop(socket.AF_INET, octets) if any(octets) else ""
                    found.append(DefaultRoute(gateway, words[0], int(words[6]), family))
        else:
            for words in _proc_lines("ipv6_route"):
                flags = int(words[8], 16)
                # RTF_GATEWAY, and not RTF_REJECT
                if words[1] == "00" and flags & 0x2 and not flags & 0x200:
                    gateway = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(words[4]))
                    found.append(DefaultRoute(gateway, words[9], int(words[5], 16), family))
        return sorted(found, key=lambda route: route.metric)

    def gateway_interface(self, wanted: WantedGateway) -> str:
        """Return the interface that a gateway is on, as far as that can be seen."""
        if wanted.interface is not None:
            return wanted.interface
        gateway = packed_address(wanted.gateway)
        for words in _proc_lines("route")[1:]:
            network, mask = (bytes.fromhex(words[i])[::-1] for i in (1, 7))
            prefix = bin(int.from_bytes(mask, "big")).count("1")
            if prefix and words[2] == "00000000" and in_network(gateway, network, prefix):
                return words[0]
        for words in _proc_lines("ipv6_route"):
            prefix = int(words[1], 16)
            if prefix and words[9] != "lo" and in_network(gateway, bytes.fromhex(words[0]), prefix):
                return words[9]
        return ""


def _proc_lines(name: str) -> list[list[str]]:
    try:
        text = Path("/proc/net", name).read_text(encoding="ascii")
    except OSError:
        return []
    return [line.split() for line in text.splitlines() if line.strip()]
