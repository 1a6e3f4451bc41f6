# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections that directors are measured with."""

from __future__ import annotations

import socket
import struct

from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.sysctls import AT_ONCE
from lvs_bench import experiments, many_directors
from lvs_bench.many_directors import frames


def summed(data: bytes) -> int:
    """The sum of RFC 1071, which is all ones over what has its checksum in it."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    return (total & 0xFFFF) + (total >> 16)


def test_directors_have_the_settings_of_the_role() -> None:
    """What is measured is what the collection makes."""
    assert {name: str(value) for name, value in AT_ONCE.items()} == many_directors.SETTINGS


def test_a_connection_is_begun_by_two_packets() -> None:
    """SYN and ACK, to the director, with checksums that hold."""
    flags = []
    for frame in frames(123_456, 2, "10.0.0.100"):
        header, segment = frame[14:34], frame[34:]
        assert frame[:6].hex(":") == "02:00:00:00:00:02"
        assert socket.inet_ntoa(header[16:20]) == "10.0.0.100"
        assert summed(header) == 0xFFFF
        pseudo = header[12:] + struct.pack("!HH", socket.IPPROTO_TCP, len(segment))
        assert summed(pseudo + segment) == 0xFFFF
        flags.append(segment[13])
    assert flags == [2, 16]


def test_no_two_connections_are_one() -> None:
    """Each has a client's address and port of its own, none of them privileged."""
    found = set()
    for number in range(0, 200_000, 7):
        frame = frames(number, 0, "10.0.0.100")[0]
        (port,) = struct.unpack("!H", frame[34:36])
        assert port >= 1024
        found.add((frame[26:30], port))
    assert len(found) == len(range(0, 200_000, 7))


def test_real_servers_are_told_in_each_services_words() -> None:
    """By tunnel or direct routing, and by the address of the service's family."""
    assert experiments.ADD.split("; ") == [
        "ipvsadm -a -t 10.0.0.100:80 -r 192.168.137.134:80 -g -w 1",
        "ipvsadm -a -t [fd00:10::100]:80 -r [fd00:137::134]:80 -g -w 1",
        "ipvsadm -a -t 10.0.0.101:80 -r 192.168.137.134:80 -i -w 1",
        "ipvsadm -a -t [fd00:10::101]:80 -r [fd00:137::134]:80 -i -w 1",
    ]


TOLD = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A000064:0050 mh (mh-fallback,mh-port)
  -> 0A010002:0050      Route   1      250        3
  -> 0A010003:0050      Route   1      248        0
"""


def test_what_is_established_is_counted_by_the_kernel() -> None:
    """Of all real servers; what ends is not counted."""
    assert many_directors.established(TOLD) == 498
