# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting until real servers of several services have no connections, while they stay in the table.

Private to the collection: names and behaviour may change in any release.

What is only closing has a limit of its own: the kernel remembers a closed TCP connection for two
minutes, and a client's template of persistence holds nobody where the kernel leaves it aside.

Of several directors that synchronise, one may keep a connection as open whose end another one has
seen. The kernel holds a message back for up to two seconds (IPVS_SYNC_FLUSH_TIME): where a flow
passes another director meanwhile, that it is open may be told after its end has been, and nobody
tells it again. So a connection of TCP has ended as soon as one director says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .._effects import EDIT
from .._values import ModelError, join_host_port
from .drain import NO_CONNECTIONS, POLL_SECONDS
from .kernel import Ipvs
from .model import RealServer, RealServerKey, Service, ServiceKey, key_label
from .plan import Operation

# How a wait ended: with no connection left, with closing ones, or with open ones.
EMPTY, CLOSING, TIMEOUT = "empty", "closing", "timeout"
# So many connections are named at most.
SHOWN = 1000
_SHOWN_FIELDS = (
    "protocol", "client_address", "client_port", "virtual_address", "virtual_port", "fwmark",
    "address", "port", "state",
)  # fmt: skip
# States of TCP in which a connection is at its end. None of them comes before that.
_ENDED = frozenset({"FIN_WAIT", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK"})
_TEMPLATES_EXPIRE = Path("/proc/sys/net/ipv4/vs/expire_quiescent_template")


class Target(NamedTuple):
    """A real server of a service."""

    key: ServiceKey
    server: RealServerKey

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"real server {join_host_port(*self.server)} of {key_label(self.key)}"


class Limits(NamedTuple):
    """For how many seconds is waited for all, for what is closing, and by this task."""

    all: float
    closing: float
    task: float | None = None


class Waited(NamedTuple):
    """For how many seconds was waited, and for how many of these only for what is closing."""

    all: float = 0.0
    closing: float = 0.0


class Look(NamedTuple):
    """What one look at the targets found: the counts of each that is there, and who has what."""

    counts: Mapping[Target, Mapping[str, int]]
    open: int
    closing: int


def reached(look: Look, waited: Waited, limits: Limits) -> str:
    """Return how the wait has ended, or nothing while it goes on."""
    if not look.open and not look.closing:
        return EMPTY
    if not look.open and waited.closing >= limits.closing:
        return CLOSING
    if waited.all < limits.all:
        return ""
    # What is only closing ends by itself, whichever limit is over.
    return TIMEOUT if look.open else CLOSING


def open_and_closing(
    service: Service, counts: Mapping[str, int], udp: int, templates_expire: bool
) -> tuple[int, int]:
    """Return how many connections have to end by themselves, and how many are only closing.

    Nothing tells whether one of UDP goes on; C(udp) is how many of those of a firewall mark are
    such. Packets that are scheduled one by one leave nothing to wait for.
    """
    if service.one_packet:
        return 0, 0
    inactive = counts["inactive_connections"]
    timed = inactive if service.protocol == "udp" else min(udp, inactive)
    still, closing = counts["active_connections"] + timed, inactive - timed
    templates = counts["persistent_connections"]
    return (still, closing + templates) if templates_expire else (still + templates, closing)


def set_quiet(kernel: Ipvs, targets: Iterable[Target]) -> list[Operation]:
    """Return how each of the targets that is there gets weight 0."""
    found = ((target, kernel.find_server(*target)) for target in targets)
    return [
        Operation(EDIT, target.key, target.server, before=had[0], after=had[0]._replace(weight=0))
        for target, had in found
        if had is not None and had[0].weight
    ]


def wait(look: Callable[[], Look], limits: Limits, before: Waited) -> tuple[str, Look, Waited]:
    """Look until the wait ends, or this task's time is up; return how, and the last look."""
    start, closing_since = time.monotonic(), None
    while True:
        found = look()
        now = time.monotonic()
        if found.open:
            closing_since, before = None, before._replace(closing=0.0)
        elif closing_since is None:
            closing_since = now
        only_closing = 0.0 if closing_since is None else now - closing_since
        waited = Waited(before.all + now - start, before.closing + only_closing)
        ended = reached(found, waited, limits)
        if ended or (limits.task is not None and now - start >= limits.task):
            return ended, found, waited
        time.sleep(POLL_SECONDS)


def look_at(
    kernel: Ipvs,
    services: Mapping[ServiceKey, Service],
    targets: Sequence[Target],
    connections: Callable[[], list[dict[str, Any]]],
    over: Collection[str] = (),
) -> Look:
    """Return what the targets have now; what is over by another director is closing.

    Raises ModelError where somebody gave one new clients to come.
    """
    counts: dict[Target, Mapping[str, int]] = {}
    still = closing = 0
    expire = templates_expire()
    for target in targets:
        found = kernel.find_server(*target) if target.key in services else None
        if found is None:
            continue
        server, own = found
        if server.weight:
            why = "was given back by somebody else while it drained"
            raise ModelError(target.label, "weight", server.weight, why, "find out who, and repeat")
        # They are read only where they may decide.
        if 0 < own["active_connections"] <= len(over):
            ended = len(open_names(connections(), [target], over))
            own = {
                **own,
                "active_connections": own["active_connections"] - ended,
                "inactive_connections": own["inactive_connections"] + ended,
            }
        udp = 0
        if len(target.key) == 2 and own["inactive_connections"] and not own["active_connections"]:
            has = [one for one in connections() if is_of(one, target)]
            udp = sum(one.get("protocol") == "udp" for one in has)
        more = open_and_closing(services[target.key], own, udp, expire)
        counts[target] = {**own, "open_connections": more[0]}
        still, closing = still + more[0], closing + more[1]
    return Look(counts, still, closing)


def templates_expire() -> bool:
    """Tell whether a client that persistence holds to a server of weight 0 gets another one."""
    try:
        return _TEMPLATES_EXPIRE.read_text(encoding="ascii").strip() != "0"
    except OSError:
        return False


def is_of(connection: Mapping[str, Any], target: Target) -> bool:
    """Tell whether a connection, as it is read from the kernel, is of a target."""
    address, port = target.server
    if connection["address"] != address or port not in (0, connection["port"]):
        return False
    mark = connection.get("fwmark")
    if len(target.key) == 2:
        # One of a firewall mark has the addresses of its packets; its template has the mark.
        return mark is None or bool(mark == target.key[0])
    protocol, virtual, virtual_port = target.key
    return (
        mark is None
        and bool(connection["protocol"] == protocol)
        and bool(connection["virtual_address"] == virtual)
        and virtual_port in (0, connection["virtual_port"])
    )


def shown(
    connections: Iterable[Mapping[str, Any]], targets: Sequence[Target]
) -> Iterator[dict[str, Any]]:
    """Give the connections of the targets, with what an operator goes by, so many at most."""
    addresses = {target.server[0] for target in targets}
    left = SHOWN
    for one in connections:
        if left and one["address"] in addresses and any(is_of(one, each) for each in targets):
            left -= 1
            yield {name: one[name] for name in _SHOWN_FIELDS if name in one}


def name_of(connection: Mapping[str, Any]) -> str:
    """Return what all directors call a connection: its client, where it goes, and who serves it."""
    client, virtual, server = (
        join_host_port(connection[f"{whose}address"], connection[f"{whose}port"])
        for whose in ("client_", "virtual_", "")
    )
    return f"{connection['protocol']} {client} {virtual} {server}"


def open_names(
    connections: Iterable[Mapping[str, Any]],
    targets: Sequence[Target],
    only: Collection[str] | None = None,
) -> list[str]:
    """Return the names of the established connections of TCP that the targets have.

    Given some names, of these.
    """
    return [
        name
        for one in connections
        if one.get("protocol") == "tcp"
        and one["state"] == "ESTABLISHED"
        and any(is_of(one, each) for each in targets)
        for name in (name_of(one),)
        if only is None or name in only
    ]


def over_names(connections: Iterable[Mapping[str, Any]], asked: Collection[str]) -> list[str]:
    """Return those of the connections asked for that are at their end here."""
    return [
        name
        for one in connections
        if one.get("protocol") == "tcp" and one["state"] in _ENDED
        for name in (name_of(one),)
        if name in asked
    ]


def totals(look: Look) -> dict[str, int]:
    """Return how many connections of each kind all targets have together."""
    return {name: sum(own[name] for own in look.counts.values()) for name in NO_CONNECTIONS}


def of_targets(look: Look, targets: Iterable[Target]) -> list[dict[str, Any]]:
    """Return what each target has, as the module returns it."""
    return [
        {
            "service": key_label(target.key).partition(" ")[2],
            "real_server": join_host_port(*target.server),
            **look.counts.get(target, {**NO_CONNECTIONS, "open_connections": 0}),
        }
        for target in targets
    ]


def gives_back(before: RealServer | None, counts: Mapping[str, int]) -> bool:
    """Tell whether a real server that is at weight 0 has connections that are to go on."""
    return before is not None and before.weight == 0 and any(counts.values())
