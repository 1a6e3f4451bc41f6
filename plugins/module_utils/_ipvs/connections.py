# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections that IPVS keeps, out of the text of /proc/net/ip_vs_conn.

Private to the collection: names and behaviour may change in any release.

The format is that of ip_vs_conn_seq_show in net/netfilter/ipvs/ip_vs_conn.c: protocol, client and
its port, virtual address and its port, real server and its port, state, seconds until it expires,
and, where a persistence engine is at work, its name and what it tells the client by. IPv4 addresses
and ports are hexadecimal numbers, IPv6 addresses are written in full.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from .errors import IpvsError

# The words that name a connection, in both files.
_KEY_WORDS = 5
# How often they are read at most.
READS = 5
# Seconds, of which the pauses between reads are 2, 4, 8, 16 times as many.
PAUSE = 0.01
# What the kernel calls the protocol of a firewall mark.
_MARK = "IP"
# The states of a template. A connection is none of these two while it has no client port.
_TEMPLATE_STATES = ("NONE", "ASSURED")


def parse_connections(
    lines: Iterable[str], synchronised: Collection[str] = ()
) -> Iterator[dict[str, Any]]:
    """Read the lines of /proc/net/ip_vs_conn, the first of which is a heading.

    `synchronised` are the keys of those that came from another director. Raises ValueError for a
    line that is none of the kernel's.
    """
    for line in _below_heading(lines):
        yield _parse_connection(_words(line, 9), synchronised)


def synchronised_keys(lines: Iterable[str]) -> set[str]:
    """Read the lines of /proc/net/ip_vs_conn_sync; return the keys of those that were taken over.

    That file has the origin of each connection, but not the data of a persistence engine.
    """
    rows = (_words(line, 10) for line in _below_heading(lines))
    return {_key(words) for words in rows if words[8] == "SYNC"}


def parse_count(lines: Iterable[str]) -> int | None:
    """Read the lines of /proc/net/ip_vs_status; None where they count no connections."""
    for line in lines:
        what, _colon, number = line.partition(":")
        if what == "Conns":
            return int(number)
    return None


def whole(
    read: Callable[[], Iterable[str]],
    count: Callable[[], int | None] = lambda: None,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[str]:
    """Yield a heading, and the lines below it as reading finds them, each once.

    While the kernel moves its connections to a larger table, and while they come and go, it leaves
    some out and tells others twice. So they are read until there are as many as it counts, which
    `count` asks it for. A kernel that counts nothing (None) does not move them either: there they
    are read until two reads find the same. Both at most READS times, with a pause between that
    lets the kernel go on. Under load it never comes to that: then what any of them found is told,
    for a connection that has just ended misleads less than one that is there and is not told.
    """
    seen: dict[str, str] = {}
    found: dict[str, str] | None = None
    number = count()
    for attempt in range(READS):
        if attempt and number is not None:
            pause(PAUSE * 2**attempt)
        before, found = found, _by_key(read())
        seen.update(found)
        number_before, number = number, count()
        if number != number_before:
            continue
        if len(found) == number or (number is None and _same(before, found)):
            seen = found
            break
    yield ""
    yield from seen.values()


def _same(before: dict[str, str] | None, found: dict[str, str]) -> bool:
    return before is not None and before.keys() == found.keys()


def _by_key(lines: Iterable[str]) -> dict[str, str]:
    return {_identity(_words(line, 9)): line for line in _below_heading(lines)}


def _identity(words: list[str]) -> str:
    # Templates of several SIP calls differ in nothing but what the engine remembers, behind the
    # seconds that are left. Of the other file those seconds are there.
    return " ".join([*words[:7], *(words[9:] if len(words) > 10 else [])])


def _below_heading(lines: Iterable[str]) -> Iterator[str]:
    return islice(lines, 1, None)


def _words(line: str, least: int) -> list[str]:
    # What a persistence engine shows is the rest of the line, whatever is in it.
    words = line.rstrip("\n").split(None, 10)
    if len(words) < least:
        raise ValueError(f"{line.strip()!r} has {len(words)} words, not {least} or more")
    return words


def _key(words: list[str]) -> str:
    return " ".join(words[:_KEY_WORDS])


def _parse_connection(words: list[str], synchronised: Collection[str]) -> dict[str, Any]:
    protocol, client, client_port, virtual, virtual_port, address, port, state, expires = words[:9]
    family = "ipv6" if ":" in client else "ipv4"
    connection: dict[str, Any]
    if protocol == _MARK:
        # The mark stands in the first 32 bits of the address.
        connection = {"fwmark": int(virtual[:9].replace(":", ""), 16), "family": family}
    else:
        connection = {
            "protocol": protocol.lower(),
            "virtual_address": _address(virtual),
            "virtual_port": int(virtual_port, 16),
            "family": family,
        }
    template = int(client_port, 16) == 0 and state in _TEMPLATE_STATES
    connection.update(
        client_address=_address(client),
        client_port=int(client_port, 16),
        address=_address(address),
        port=int(port, 16),
        state=state,
        expires=int(expires),
        template=template,
        synchronised=bool(synchronised) and _key(words) in synchronised,
        persistence_engine=words[9] if len(words) > 9 else "none",
        persistence_data=words[10] if len(words) > 10 else "",
    )
    return connection


def _address(text: str) -> str:
    if ":" in text:
        return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, text))
    return socket.inet_ntop(socket.AF_INET, int(text, 16).to_bytes(4, "big"))


# ---- the files ----------------------------------------------------------------------------------
def read_connections() -> list[dict[str, Any]]:
    """Return the connections that IPVS keeps in this network namespace, as the kernel lists them.

    They come and go while they are read; each is as it was when the kernel wrote its line.
    """
    try:
        synchronised = synchronised_keys(_whole_file("ip_vs_conn_sync"))
        return list(parse_connections(_whole_file("ip_vs_conn"), synchronised))
    except (OSError, ValueError) as error:
        raise IpvsError(
            f"the connections could not be read from /proc/net ({error}); mount /proc, or leave"
            " connections out of gather."
        ) from error


def _whole_file(name: str) -> Iterator[str]:
    return whole(lambda: _proc_lines(name), _count)


def _count() -> int | None:
    """Return how many connections the kernel counts; None where it does not tell.

    Kernels whose table grows tell it in the first line (ip_vs_status_show in
    net/netfilter/ipvs/ip_vs_ctl.c).
    """
    try:
        return parse_count(_proc_lines("ip_vs_status"))
    except FileNotFoundError:
        return None


def _proc_lines(name: str) -> Iterator[str]:
    with Path(f"/proc/net/{name}").open(encoding="ascii", errors="backslashreplace") as stream:
        yield from stream
