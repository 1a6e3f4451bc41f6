# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel of this host would refuse: the routes of whichever machine runs the tests."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._effects import ADD, EDIT
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import this_host
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import Operation
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.this_host import (
    broadcast_addresses,
    check_this_host,
    has_one_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import attribute
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

KEY = ("tcp", "192.0.2.1", 80)


def listed_in_proc() -> set[str]:
    """Return the broadcast addresses that the kernel prints in a file of its own."""
    found, address = set(), ""
    for line in Path("/proc/net/fib_trie").read_text(encoding="ascii").splitlines():
        words = line.split()
        if words[0] in ("|--", "+--"):
            address = words[1]
        elif words[0] == "/32" and words[-1] == "BROADCAST":
            found.add(address)
    return found


def test_the_addresses_are_those_of_the_kernel() -> None:
    """As it lists them elsewhere."""
    assert broadcast_addresses() == listed_in_proc()


def test_own_addresses() -> None:
    """Of both families, and no matter which of several."""
    assert has_one_of(["192.0.2.99", "127.0.0.1"])
    assert has_one_of(["2001:db8::99", "::1"]) == Path("/proc/net/if_inet6").exists()
    assert not has_one_of(["192.0.2.99", "2001:db8::99"])
    assert not has_one_of([])


def test_a_kernel_that_does_not_sort_out() -> None:
    """One before 4.20 gives all its routes: only broadcast addresses of the local table count."""

    def route(table: int, kind: int, length: int, address: str) -> bytes:
        head = struct.pack("=8BI", socket.AF_INET, length, 0, 0, table, 2, 253, kind, 0)
        return head + attribute(1, socket.inet_pton(socket.AF_INET, address))

    answers = [
        route(255, 3, 32, "192.0.2.255"),
        route(255, 2, 32, "192.0.2.1"),
        route(254, 3, 32, "198.51.100.255"),
        route(255, 3, 24, "203.0.113.0"),
        struct.pack("=8BI", socket.AF_INET, 0, 0, 0, 254, 2, 253, 1, 0),
    ]
    assert list(this_host._of_kind(answers, this_host.RTN_BROADCAST)) == ["192.0.2.255"]


def test_only_what_is_added_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read for a plan without a new real server, nor for one with IPv6 ones only."""
    server = RealServer("192.0.2.255", 80)
    six = RealServer("fd00::1", 80, "tun")
    monkeypatch.setattr(this_host, "broadcast_addresses", lambda: pytest.fail("it was read"))
    check_this_host((), None)
    check_this_host([Operation(EDIT, KEY, server.key, server, server._replace(weight=2))], None)
    check_this_host([Operation(ADD, KEY, six.key, after=six)], None)
    monkeypatch.setattr(this_host, "broadcast_addresses", lambda: {"192.0.2.255"})
    with pytest.raises(ModelError) as error:
        check_this_host([Operation(ADD, KEY, server.key, after=server)], None)
    assert str(error.value) == (
        "real server 192.0.2.255:80 of service tcp 192.0.2.1:80: address '192.0.2.255' is a"
        " broadcast address of this host's networks; give the address of one host."
    )
