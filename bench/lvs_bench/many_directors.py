# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What connections cost directors that serve at once, each a network namespace of one kernel.

By `front` a director gets the packets of clients, by `back` it sends them on, and by `sync` it
tells the others, so that nothing else is counted there. A connection is the two packets of a client
that begin it, SYN and ACK; they are made beforehand. Answers are not missed: with direct routing
no director sees any.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lvs_bench.namespaces import fresh

ROUTED, ALONE, SYNCHRONISED = "routed", "alone", "synchronised"
"""Sent on by a route, without IPVS; by IPVS; by IPVS that tells the others, and hears of theirs."""

VIP, PORT = "10.0.0.100", 80
SERVERS = [f"10.1.0.{number}" for number in range(2, 6)]
SETTINGS = {
    "conn_reuse_mode": "1",
    "expire_nodest_conn": "1",
    "expire_quiescent_template": "1",
    "schedule_icmp": "1",
    "sloppy_sctp": "1",
    "sloppy_tcp": "1",
    "sync_refresh_period": "10",
    "sync_retries": "1",
    "sync_threshold": "0 0",
}
"""As the role director has them on those that announce."""

PORTS = 40_000
"""Of each client."""

SYN, ACK = 0x02, 0x10
PATIENCE = 20
"""Seconds without a connection more after which nobody is waited for."""

HELD = 3
"""Seconds after which all has been told: the kernel holds a message back for two at most."""

STEADY, SETTLED = 64, 30
"""KiB that the kernel's memory may change by in a second; seconds that this is waited for."""


def frames(number: int, director: int, address: str) -> tuple[bytes, bytes]:
    """Return the first two packets of a client to a director."""
    source = socket.inet_aton("172.16.0.1")[:2] + struct.pack("!H", 1 + number // PORTS)
    ends = source + socket.inet_aton(address)
    header = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, socket.IPPROTO_TCP, 0) + ends
    header = header[:10] + _checksum(header) + header[12:]
    link = _hardware_address(director) + _hardware_address(255) + b"\x08\x00"
    first, second = (link + header + _tcp(number, flag, ends) for flag in (SYN, ACK))
    return first, second


def _tcp(number: int, flag: int, ends: bytes) -> bytes:
    sent = 1 if flag == SYN else 2
    port = 1024 + number % PORTS
    segment = struct.pack("!HHIIBBHHH", port, PORT, sent, flag == ACK, 5 << 4, flag, 65535, 0, 0)
    summed = _checksum(ends + struct.pack("!HH", socket.IPPROTO_TCP, len(segment)) + segment)
    return segment[:16] + summed + segment[18:]


def _checksum(data: bytes) -> bytes:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", total ^ 0xFFFF)


def _hardware_address(director: int) -> bytes:
    return b"\x02\x00\x00\x00\x00" + bytes([director])


def _run(command: str) -> None:
    subprocess.run(command.split(), check=True, stdout=subprocess.DEVNULL)


def _enter(namespace: int) -> None:
    os.setns(namespace, os.CLONE_NEWNET)  # type: ignore[attr-defined]  # Python 3.12, which the node has


def _net(name: str) -> str:
    """Read what the kernel tells of the namespace that this thread is in."""
    return Path("/proc/thread-self/net", name).read_text()


def established(told: str) -> int:
    """Return how many established connections the kernel tells of; three lines are headings."""
    lines = [line.split() for line in told.splitlines()[3:]]
    return sum(int(words[4]) for words in lines if words[0] == "->")


class Directors:
    """So many directors behind one link each."""

    def __init__(self, count: int, way: str) -> None:
        self.way = way
        self.switch = fresh()
        _run("ip link add sync type bridge mcast_snooping 0")
        _run("ip link set sync up")
        self.namespaces = [self._director(number) for number in range(count)]
        self.links = [self._link(number) for number in range(count)]

    def _link(self, number: int) -> socket.socket:
        _enter(self.switch)
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        link.bind((f"front{number}", 0))
        return link

    def _director(self, number: int) -> int:
        namespace = fresh()
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        for name in ("all", "default"):
            Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1")
            Path(f"/proc/sys/net/ipv4/conf/{name}/rp_filter").write_text("0")
        place = f"/proc/{os.getpid()}/fd/{namespace}"
        _enter(self.switch)
        for name in ("front", "sync"):
            _run(f"ip link add {name}{number} type veth peer name {name} netns {place}")
            _run(f"ip link set {name}{number} up")
        _run(f"ip link set sync{number} master sync")
        _enter(namespace)
        _run(f"ip link set front address {_hardware_address(number).hex(':')} up")
        _run("ip link add back type dummy")
        _run("ip link set back up")
        _run("ip address add 10.1.0.1/24 dev back")
        _run(f"ip address add 10.2.0.{1 + number}/24 dev sync")
        _run("ip link set sync up")
        for server in SERVERS:
            _run(f"ip neighbour add {server} lladdr 02:00:00:00:01:00 dev back")
        if self.way != ROUTED:
            self._serve()
        return namespace

    def _serve(self) -> None:
        _run(f"ip address add {VIP}/32 dev lo")
        rules = [f"-A -t {VIP}:{PORT} -s mh -b mh-port,mh-fallback"]
        rules += [f"-a -t {VIP}:{PORT} -r {server}:{PORT} -g" for server in SERVERS]
        for rule in rules:
            _run(f"ipvsadm {rule}")
        for name, value in SETTINGS.items():
            Path("/proc/sys/net/ipv4/vs", name).write_text(value)
        if self.way == SYNCHRONISED:
            for role in ("master", "backup"):
                _run(f"ipvsadm --start-daemon {role} --mcast-interface sync --syncid 51")

    def packets(self, connections: int) -> list[tuple[socket.socket, bytes]]:
        """Return all that clients send, each with the link by which it goes.

        A router's hash would share them out as evenly.
        """
        found = []
        for number in range(connections):
            director = number % len(self.links)
            address = SERVERS[number % len(SERVERS)] if self.way == ROUTED else VIP
            found += [(self.links[director], frame) for frame in frames(number, director, address)]
        return found

    def known(self) -> list[int]:
        """Return how many connections each director has that are established."""
        return [self._established(namespace) for namespace in self.namespaces]

    @staticmethod
    def _established(namespace: int) -> int:
        _enter(namespace)
        return established(_net("ip_vs"))

    def sent_on(self) -> int:
        """Return how many packets the directors have sent to real servers."""
        return sum(packets for _bytes, packets in self._sent("back"))

    def told(self) -> tuple[int, int]:
        """Return how many bytes and packets the directors have told each other."""
        found = list(self._sent("sync"))
        return sum(octets for octets, _packets in found), sum(packets for _octets, packets in found)

    def _sent(self, link: str) -> Iterator[tuple[int, int]]:
        for namespace in self.namespaces:
            _enter(namespace)
            for line in _net("dev").splitlines():
                name, _colon, counts = line.partition(":")
                if name.strip() == link:
                    words = counts.split()
                    yield int(words[8]), int(words[9])

    def lost(self) -> int:
        """Return how many messages of others had no room with those that they were for."""
        found = 0
        for namespace in self.namespaces:
            _enter(namespace)
            lines = [line.split() for line in _net("snmp").splitlines() if line.startswith("Udp:")]
            found += int(lines[1][lines[0].index("RcvbufErrors")])
        return found


def _memory() -> int:
    """Return what the kernel has taken for itself, in KiB: connections, and the large tables."""
    lines = dict(
        line.split(":") for line in Path("/proc/meminfo").read_text().splitlines() if ":" in line
    )
    return sum(int(lines[name].split()[0]) for name in ("SUnreclaim", "VmallocUsed"))


def _settle() -> None:
    """Wait until the kernel has tidied up what others have left."""
    before, now = 0, _memory()
    for _second in range(SETTLED):
        if abs(now - before) <= STEADY:
            break
        time.sleep(1)
        before, now = now, _memory()


def _mark() -> None:
    """Have whoever runs this look at the clocks, and wait until that is done."""
    print("mark", flush=True)
    sys.stdin.readline()


def _measure_one(directors: int, connections: int, way: str, rate: int) -> dict[str, Any]:
    """Return what so many connections have cost; what the processor does is between two marks."""
    made = Directors(directors, way)
    packets = made.packets(connections)
    _settle()
    memory, told = _memory(), made.told()
    _mark()
    begin = time.monotonic()
    for number, (link, packet) in enumerate(packets):
        link.send(packet)
        if rate and number % 20 == 19:
            time.sleep(max(0.0, begin + number / 2 / rate - time.monotonic()))
    sent = time.monotonic() - begin
    # Who looks has the processor do more: how fast it goes is looked at, or what it costs.
    heard = _until_heard(made, connections, begin) if rate and way == SYNCHRONISED else sent
    time.sleep(max(0.0, begin + sent + HELD - time.monotonic()))
    _mark()
    if made.sent_on() < len(packets):
        raise SystemExit(f"{way}: {made.sent_on()} of {len(packets)} packets were sent on")
    now, known = made.told(), made.known()
    _settle()
    return {
        "sent": sent,
        "heard": heard,
        "known": known,
        "lost": made.lost(),
        "kib": _memory() - memory,
        "bytes": now[0] - told[0],
        "packets": now[1] - told[1],
    }


def _until_heard(made: Directors, connections: int, begin: float) -> float:
    """Wait until all directors know all, or nobody hears any more; return when that was."""
    before, since = -1, time.monotonic()
    while True:
        known = sum(made.known())
        if known != before:
            before, since = known, time.monotonic()
        if known >= connections * len(made.namespaces) or time.monotonic() > since + PATIENCE:
            return since - begin
        time.sleep(0.05)


def measure(
    directors: int, connections: int, runs: int, rate: int, ways: list[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return what the connections have cost by each way, in turn."""
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for _turn in range(runs):
        for way in ways:
            found[way].append(_measure_one(directors, connections, way, rate))
    return found
