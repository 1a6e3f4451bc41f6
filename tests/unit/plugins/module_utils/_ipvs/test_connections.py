# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections: lines of a kernel (Linux 7.2) are read."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.connections import (
    READS,
    parse_connections,
    parse_count,
    synchronised_keys,
    whole,
)
from hypothesis import given
from hypothesis import strategies as st

HEADING = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n"
CLIENT6 = "fd00:0000:0000:0001:0000:0000:0000:0111"
NETWORK6 = "fd00:0000:0000:0001:0000:0000:0000:0000"
SERVER6 = "fd00:0000:0000:0002:0000:0000:0000:0129"
TCP = "TCP C0A8006F DBF4 C0A8006F 1FA5 C0A88981 1FA5 ESTABLISHED     899"
TCP6 = f"TCP {CLIENT6} 8AE4 {CLIENT6} 1FA6 {SERVER6} 1FA6 ESTABLISHED     899"
TUNNEL6 = f"TCP C0A8006F DBF5 C0A8006F 1FA5 {SERVER6} 1FA5 SYN_RECV         59"
UDP = "UDP C0A8006F B3E7 C0A8006F 13C4 C0A88981 13C4 UDP             300"
TEMPLATE = "TCP C0A80000 0000 C0A8006F 1FA7 C0A88981 1FA7 ASSURED          59"
MARK = "IP  C0A8006F 0000 FFFFFFFF 0000 C0A88981 0000 ASSURED          59"
MARK6 = f"IP  {NETWORK6} 0000 0000:000a:0000:0000:0000:0000:0000:0000 0000 {SERVER6} 0000 NONE 5"
SIP = "UDP C0A8006F 0000 C0A8006F 13C4 C0A88981 13C4 NONE             60 sip abc-1@host"
FTP = "TCP C0A8006F 0000 C0A8006F C001 C0A88981 C001 LISTEN           60"


def parsed(*lines: str, synchronised: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Read lines below a heading."""
    return list(parse_connections([HEADING, *(f"{line}\n" for line in lines)], synchronised))


def test_a_connection() -> None:
    """Field by field."""
    assert parsed(TCP) == [
        {
            "protocol": "tcp",
            "virtual_address": "192.168.0.111",
            "virtual_port": 8101,
            "family": "ipv4",
            "client_address": "192.168.0.111",
            "client_port": 56308,
            "address": "192.168.137.129",
            "port": 8101,
            "state": "ESTABLISHED",
            "expires": 899,
            "template": False,
            "synchronised": False,
            "persistence_engine": "none",
            "persistence_data": "",
        }
    ]


def test_families() -> None:
    """A real server behind a tunnel may be of the other family."""
    (six, mixed) = parsed(TCP6, TUNNEL6)
    assert (six["family"], six["client_address"], six["address"]) == (
        "ipv6",
        "fd00:0:0:1::111",
        "fd00:0:0:2::129",
    )
    assert (mixed["family"], mixed["address"]) == ("ipv4", "fd00:0:0:2::129")


def test_marks() -> None:
    """The template of a mark has no protocol and no virtual address."""
    four, six = parsed(MARK, MARK6)
    assert (four["fwmark"], four["family"]) == (2**32 - 1, "ipv4")
    assert (six["fwmark"], six["family"], six["client_address"]) == (10, "ipv6", "fd00:0:0:1::")
    for one in (four, six):
        assert one["template"] is True
        assert not {"protocol", "virtual_address", "virtual_port"} & one.keys()


def test_templates() -> None:
    """No client's port, and a template's state: a connection that waits for its port is none."""
    assert [one["template"] for one in parsed(TEMPLATE, SIP, FTP, UDP, TCP)] == (
        [True, True, False, False, False]
    )


def test_persistence_data() -> None:
    """Whatever the engine shows, to the end of the line."""
    (one,) = parsed(SIP)
    assert (one["persistence_engine"], one["persistence_data"]) == ("sip", "abc-1@host")
    (one,) = parsed(f"{SIP} \\xff 2")
    assert one["persistence_data"] == "abc-1@host \\xff 2"


def test_synchronised() -> None:
    """The other file says where a connection comes from."""
    lines = [
        HEADING,
        f"{TCP[:-7]} LOCAL      899\n",
        f"{UDP[:-7]} SYNC       277\n",
    ]
    keys = tuple(synchronised_keys(lines))
    assert [one["synchronised"] for one in parsed(TCP, UDP, synchronised=keys)] == [False, True]


ADDRESSES = st.ip_addresses(v=4) | st.ip_addresses(v=6)


@given(ADDRESSES, ADDRESSES, st.integers(1, 65535), st.integers(0, 65535), st.integers(0, 2**31))
def test_addresses_and_ports(
    client: ipaddress.IPv4Address | ipaddress.IPv6Address,
    server: ipaddress.IPv4Address | ipaddress.IPv6Address,
    client_port: int,
    port: int,
    expires: int,
) -> None:
    """Printed as the kernel prints them, they come back."""

    def shown(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
        return f"{int(address):08X}" if address.version == 4 else address.exploded

    line = (
        f"TCP {shown(client)} {client_port:04X} {shown(client)} {port:04X}"
        f" {shown(server)} {port:04X} ESTABLISHED {expires:7}"
    )
    (one,) = parsed(line)
    assert ipaddress.ip_address(one["client_address"]) == client
    assert ipaddress.ip_address(one["address"]) == server
    assert (one["client_port"], one["virtual_port"], one["port"]) == (client_port, port, port)
    assert one["expires"] == expires


def test_lines_are_read_one_by_one() -> None:
    """A long list is not held as text."""
    read = []

    def lines() -> Iterator[str]:
        yield HEADING
        for number in range(3):
            read.append(number)
            yield f"{TCP}\n"

    next(parse_connections(lines()))
    assert read == [0]


def test_empty() -> None:
    """No connections, with and without a heading."""
    assert parsed() == []
    assert list(parse_connections([])) == []


def test_what_is_no_line_of_the_kernels() -> None:
    """It is shown."""
    with pytest.raises(ValueError, match="'TCP C0A8006F' has 2 words, not 9 or more"):
        parsed("TCP C0A8006F")


def test_the_number_of_connections() -> None:
    """Of kernels that tell it."""
    lines = ["Conns:\t10000\n", "Conn buckets:\t4096 (12 bits, lfactor -2)\n", "Services:\t0\n"]
    assert parse_count(lines) == 10000
    assert parse_count(lines[1:]) is None


def read(*answers: list[str], counts: tuple[int | None, ...] = (None,)) -> tuple[list[str], int]:
    """Return the lines that reading finds, and how often it read; the last answer is for ever."""
    left, numbers = list(answers), list(counts)
    reads = 0

    def count() -> int | None:
        return numbers.pop(0) if len(numbers) > 1 else numbers[0]

    def lines() -> list[str]:
        nonlocal reads
        reads += 1
        return [HEADING, *(left.pop(0) if len(left) > 1 else left[0])]

    _heading, *found = whole(lines, count, lambda _seconds: None)
    return found, reads


def test_connections_that_stand_still_are_read_twice() -> None:
    """And are told once, though the kernel tells one twice."""
    assert read([TCP, UDP]) == ([TCP, UDP], 2)
    assert read([TCP, TCP, UDP]) == ([TCP, UDP], 2)


def test_calls_of_one_client() -> None:
    """Their templates differ in the call alone, and are as many as there are calls."""
    other = SIP.replace("abc-1", "abc-2")
    assert other != SIP
    assert read([SIP, other]) == ([SIP, other], 2)
    later = SIP.replace(" 60 ", " 59 ")
    assert read([SIP], [later]) == ([later], 2)


def test_connections_that_the_kernel_leaves_out() -> None:
    """It is read until two reads find the same: what two in a row leave out may be in a third."""
    assert read([TCP], [TCP, UDP], [TCP], [TCP, UDP]) == ([TCP, UDP], 5)
    assert read([TCP, UDP, SIP], [TCP, UDP], [TCP], [TCP, UDP, SIP]) == ([TCP, UDP, SIP], 5)
    assert read([TCP, UDP], [TCP], [TCP, UDP]) == ([TCP, UDP], 4)
    assert read([TCP], [TCP.replace("ESTABLISHED", "FIN_WAIT")]) == (
        [TCP.replace("ESTABLISHED", "FIN_WAIT")],
        2,
    )


def test_connections_that_have_ended() -> None:
    """What two reads in a row do not have is gone."""
    assert read([TCP, UDP], [TCP]) == ([TCP], 3)


def test_connections_that_come_and_go_are_not_read_for_ever() -> None:
    """What any read has found is told, as it was found last."""
    new = [[TCP.replace("DBF4", f"000{n}")] for n in range(9)]
    assert read(*new) == ([line for read in new[:READS] for line in read], READS)


def test_connections_that_are_counted_are_read_until_they_are_as_many() -> None:
    """Once where they are, and on where reads find the same and all leave one out."""
    assert read([TCP, UDP], counts=(2,)) == ([TCP, UDP], 1)
    assert read([TCP], [TCP], [TCP], [TCP, UDP], counts=(2,)) == ([TCP, UDP], 4)
    assert read([TCP, UDP], [TCP], counts=(1,)) == ([TCP], 2)


def test_connections_whose_number_changes() -> None:
    """As many as before the read, or after it, are not yet whole."""
    assert read([TCP], [TCP, UDP], counts=(1, 2)) == ([TCP, UDP], 2)
    assert read([TCP], [UDP], counts=(2, 1)) == ([UDP], 2)
    assert read([TCP], [UDP], counts=(3,)) == ([TCP, UDP], READS)
