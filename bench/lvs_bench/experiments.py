# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of connections when a director comes or goes, by ours and by others' ways.

On the lab of inventory ecmp, where rs4 serves what the others do. What makes the ways different
is set by hand, for no description of a cluster says less than all of it.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from announced import DIRECTORS, TUNNELLED, VIPS, all_but, load, serve, until_heard
from nodes import node

RATE = 100
"""Requests in a second."""

SEEN = 6
"""Seconds within which each download has sent a packet: it does so every four."""

ADDED, SECOND = ["192.168.137.134", "fd00:137::134"], ["192.168.137.132", "fd00:137::132"]
PORTS = range(10_000, 60_000, 2_500)
"""Of the clients, those of each experiment in turn.

Servers and tables still have what was cut before, and would have it taken for what is new.
"""

REFRESHED = 13
"""Seconds after which all connections have been told again: every ten, and three more."""


class Way(NamedTuple):
    """How directors come to the same real server, or do not."""

    scheduler: str
    synchronised: bool
    sloppy: int


MH = "mh -b mh-port,mh-fallback"
WAYS = {
    "rr, nothing synchronised": Way("rr", synchronised=False, sloppy=0),
    "rr, synchronised": Way("rr", synchronised=True, sloppy=0),
    "mh, nothing synchronised": Way(MH, synchronised=False, sloppy=1),
    "mh, synchronised": Way(MH, synchronised=True, sloppy=1),
}
"""The third is what Katran, Cilium and others do; the last is ours."""


class Change(NamedTuple):
    """What is done to a director, to real servers meanwhile, and how much it has heard before."""

    joins: bool = False
    added: bool = False
    quiet: bool = False
    heard: float = 0


CHANGES = {
    "a director leaves": Change(),
    "... while a real server is added": Change(added=True),
    "... while a real server gets weight 0": Change(quiet=True),
    "an empty director joins after 1 s, while a real server is added": Change(
        joins=True, added=True, heard=1
    ),
    f"an empty director joins after {REFRESHED} s, while a real server is added": Change(
        joins=True, added=True, heard=REFRESHED
    ),
}
FIRST = DIRECTORS[0]


def of_all(command: str) -> None:
    """Have all directors do something, at once."""
    with ThreadPoolExecutor() as at_once:
        list(at_once.map(lambda name: node(name).check_output(command), DIRECTORS))


def for_each(command: str, servers: list[str]) -> str:
    """Return the command of ipvsadm for a real server of each service, by one of its addresses."""
    found = []
    for vip in VIPS:
        forward = "-i" if vip in TUNNELLED else "-g"
        v4, v6 = servers
        service, server = (f"[{vip}]", f"[{v6}]") if ":" in vip else (vip, v4)
        words = command.format(service=f"{service}:80", server=f"{server}:80", forward=forward)
        found.append(f"ipvsadm {words}")
    return "; ".join(found)


ADD = for_each("-a -t {service} -r {server} {forward} -w 1", ADDED)
DELETE = for_each("-d -t {service} -r {server} 2>/dev/null", ADDED)
QUIET = for_each("-e -t {service} -r {server} {forward} -w 0", SECOND)
LOUD = for_each("-e -t {service} -r {server} {forward} -w 1", SECOND)


def daemons(do: str) -> str:
    """Return the commands that start, or stop, both daemons."""
    with_what = " --mcast-interface eth1 --syncid 51" if do == "start" else ""
    roles = ("master", "backup")
    return "; ".join(f"ipvsadm --{do}-daemon {role}{with_what} 2>/dev/null" for role in roles)


def begin(way: Way) -> None:
    """Have all directors serve by a way, with rs1 to rs3."""
    schedule = for_each(f"-E -t {{service}} -s {way.scheduler}", ADDED)
    run = daemons("start" if way.synchronised else "stop")
    of_all(
        # Nobody is to put back what is taken away here.
        "systemctl stop lvs-watch@director.service; birdc enable lvs_addresses;"
        f" sysctl -qw net.ipv4.vs.sloppy_tcp={way.sloppy}; {DELETE}; {LOUD}; {run}; {schedule}"
    )
    serve(*DIRECTORS)


def leave(way: Way) -> None:
    """Have the first director serve nobody, and hear of nothing."""
    stop = f"; {daemons('stop')}; true" if way.synchronised else ""
    node(FIRST).check_output(f"birdc disable lvs_addresses{stop}")
    serve(*all_but(FIRST))


def hear(way: Way, seconds: float) -> None:
    """Have it hear of the others' connections, for so long."""
    if way.synchronised:
        node(FIRST).check_output(daemons("start"))
    time.sleep(seconds)


def make(change: Change) -> None:
    """Have the routes changed by one command, and real servers by another, at the same time."""
    do = "enable" if change.joins else "disable"
    servers = [
        command for wanted, command in ((change.added, ADD), (change.quiet, QUIET)) if wanted
    ]
    with ThreadPoolExecutor() as at_once:
        running = [at_once.submit(of_all, command) for command in servers]
        running.append(at_once.submit(node(FIRST).check_output, f"birdc {do} lvs_addresses"))
    for one in running:
        one.result()


def experiment(way: Way, change: Change, downloads: int, port: int) -> dict[str, int]:
    """Do it under load; return how many downloads were cut, and how many requests failed.

    The clients have ports from the one on that is given, and no others.
    """
    ports = f"{port} {port + PORTS.step - 1}"
    node("client").check_output(f"sysctl -qw net.ipv4.ip_local_port_range='{ports}'")
    begin(way)
    if change.joins:
        leave(way)
    with load(node("client"), rate=RATE, downloads=downloads) as clients:
        if change.joins:
            hear(way, change.heard)
        elif way.synchronised:
            until_heard(clients, DIRECTORS)
        make(change)
        serve(*(DIRECTORS if change.joins else all_but(FIRST)))
        time.sleep(SEEN)
    return {
        "cut": len(clients.broken()),
        "downloads": len(clients.downloads),
        "failed": len(clients.failed()),
        "requests": len(clients.requests),
    }
