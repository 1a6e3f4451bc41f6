"""The directors of inventory ecmp, and to which of them the router sends what."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from functools import cache
from typing import Any

from load import Load
from nodes import node, until
from testinfra.host import Host

DIRECT, TUNNELLED = ["10.0.0.100", "fd00:10::100"], ["10.0.0.101", "fd00:10::101"]
VIPS = [*DIRECT, *TUNNELLED]
DIRECTORS = ["director1", "director2", "director3"]
BGP, BFD = 179, 3784
DOWNLOADS = 300
JOINED = 60
"""Seconds within which a director announces its addresses that has been started."""
HEARD = 60
"""Seconds within which each director has heard of what the others have."""


@cache
def names_by_address() -> dict[str, str]:
    """The directors by each of their addresses towards the router; all of them have to be up."""
    return {
        address: name
        for name in DIRECTORS
        for address in re.findall(
            r"inet6? (\S+)/", node(name).check_output("ip -o address show dev eth1")
        )
    }


def routes() -> dict[str, set[str]]:
    """What the router's kernel has been told: each address, and the directors that get it."""
    names, found = names_by_address(), {}
    for family in ("-4", "-6"):
        told = node("router").check_output(f"ip -json {family} route show proto bird")
        for route in json.loads(told):
            if route.get("type") != "blackhole":
                ways = route.get("nexthops") or [route]
                found[route["dst"]] = {names[way["gateway"]] for way in ways}
    return found


def serve(*names: str, seconds: float = JOINED) -> None:
    """Wait until these directors get the packets of all addresses, and no others of any."""
    expected = {vip: {*names} for vip in VIPS}
    until(f"{', '.join(names)} serve", lambda: routes() == expected, seconds)


def all_but(*names: str) -> list[str]:
    """Return the other directors."""
    return [name for name in DIRECTORS if name not in names]


def lost_by_bfd(router: Host, after: float) -> float:
    """Return when BFD last found a director gone, in seconds of the nodes' clock."""
    journal = router.check_output("journalctl -u bird -o short-unix --no-pager")
    times = re.findall(r"^(\S+) .* changed state from Up to Down", journal, re.MULTILINE)
    return max(time for time in map(float, times) if time > after)


def load(client: Host, **options: Any) -> Load:
    """Clients of all services, many at once."""
    return Load(client, VIPS, **{"requests": 0, "rate": 100, "downloads": DOWNLOADS, **options})


def until_heard(clients: Load, names: Sequence[str]) -> None:
    """Wait until these directors have heard of all downloads."""
    end = time.monotonic() + HEARD
    while unheard := {name: ports for name in names if (ports := clients.unknown_to(node(name)))}:
        assert time.monotonic() < end, f"not heard of within {HEARD} s: {unheard}"
        time.sleep(0.2)


def unharmed(clients: Load, requests: int) -> None:
    """No request failed, of so many at least, and no download was cut."""
    assert len(clients.requests) >= requests
    assert len(clients.downloads) >= DOWNLOADS
    assert clients.failed() == []
    assert clients.broken() == []
    print(f"{len(clients.requests)} requests, {len(clients.downloads)} downloads: none failed")
