"""The two directors of inventory ha, and which of them serves."""

from __future__ import annotations

import re
from typing import Any

from nodes import node, until
from testinfra.host import Host

VIPS = ["192.168.0.100", "192.168.0.101", "fd00::101"]
TUNNELLED = ["192.168.0.102", "fd00::102"]
FRONT, BACK = set(VIPS), "192.168.137.1"


def tunnelled(services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return services by tunnel of the real servers that the inventory has by direct routing."""
    return [
        {
            **one,
            "name": one["name"].replace("direct routing", "tunnel"),
            "address": to,
            "forward": "tun",
        }
        for one, to in zip(services[1:], TUNNELLED, strict=True)
    ]


def addresses_of(director: Host) -> set[str]:
    """Return those of the addresses that move which a director has."""
    told = director.check_output("ip -o addr show")
    return {*re.findall(r"inet6? (\S+)/", told)} & {*FRONT, BACK}


def has_addresses(director: Host) -> bool:
    """Tell whether a director has any of them."""
    return bool(addresses_of(director))


def serving() -> tuple[Host, Host]:
    """Return who serves and who does not, as soon as it is clear."""
    pair = node("director1"), node("director2")

    def sides() -> tuple[Host, Host] | None:
        having = [director for director in pair if has_addresses(director)]
        if len(having) != 1 or addresses_of(having[0]) != {*FRONT, BACK}:
            return None
        return (pair[0], pair[1]) if having == [pair[0]] else (pair[1], pair[0])

    found: tuple[Host, Host] = until("one of the directors serves", sides, 60)
    return found


def takes_over_from_lower(director: Host) -> bool:
    """Tell whether, since it booted, it did not yield to one that it heard, of a lower priority."""
    told = director.check_output("journalctl -b -u keepalived -o cat --no-pager")
    return "received lower priority" in told


def name_of(director: Host) -> str:
    """Return a node's name."""
    return str(director.check_output("hostname"))


def became_master(director: Host) -> float:
    """Return when a director last became the one that serves, in seconds of the nodes' clock."""
    journal = director.check_output("journalctl -u keepalived -o short-unix --no-pager")
    times = re.findall(r"^(\S+) .* Entering MASTER STATE", journal, re.MULTILINE)
    return max(map(float, times))
