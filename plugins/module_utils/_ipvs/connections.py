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
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from .errors import IpvsError

# The words that name a connection, in both files.
_KEY_WORDS = 5
# How often they are read at most.
READS = 5
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


def whole(read: Callable[[], Iterable[str]]) -> Iterator[str]:
    """Yield a heading, and the lines below it as reading finds them, each once.

    While the kernel moves its connections to a larger table, and while they come and go, it leaves
    some out and tells others twice. So it is read until two reads find the same, at most READS
    times. Under load no two do: then what any of them found is told, for a connection that has
    just ended misleads less than one that is there and is not told.
    """
    found = _by_key(read())
    seen = dict(found)
    for _attempt in range(READS - 1):
        before, found = found, _by_key(read())
        seen.update(found)
        if found.keys() == before.keys():
            seen = found
            break
    yield ""
    yield from seen.values()


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
        synchronised = synchronised_keys(whole(lambda: _proc_lines("ip_vs_conn_sync")))
        return list(parse_connections(whole(lambda: _proc_lines("ip_vs_conn")), synchronised))
    except (OSError, ValueError) as error:
        raise IpvsError(
            f"the connections could not be read from /proc/net ({error}); mount /proc, or leave"
            " connections out of gather."
        ) from error


def _proc_lines(name: str) -> Iterator[str]:
    with Path(f"/proc/net/{name}").open(encoding="ascii", errors="backslashreplace") as stream:
        yield from stream
