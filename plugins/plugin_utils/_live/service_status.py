# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a service is served, by what the tables of its directors say of its real servers.

Private to the collection: names and behaviour may change in any release.

Pure code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServerKey,
    key_label,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import join_host_port

from .._cluster.model import HEALTH_CHECKERS, KEEPALIVED, Member, VirtualService
from .distribution import sticks_to_one

GOOD, WARNING, BAD, UNKNOWN = "good", "warning", "bad", "unknown"

# What a real server is in the table; "up" is said by a health checker's check alone.
UP, IN_TABLE, DOWN, DRAINED, CUT, OFF = "up", "in the table", "down", "drained", "cut", "weight 0"
SILENT = "not known"
_STATES: Mapping[str, str] = {
    UP: GOOD,
    IN_TABLE: GOOD,
    DOWN: BAD,
    DRAINED: WARNING,
    CUT: WARNING,
    OFF: WARNING,
    SILENT: UNKNOWN,
}
_TAKES_CLIENTS = (UP, IN_TABLE)
_COUNTS = ("active_connections", "inactive_connections", "persistent_connections")
_RATES = (
    "connections_per_second",
    "incoming_packets_per_second",
    "outgoing_packets_per_second",
    "incoming_bytes_per_second",
    "outgoing_bytes_per_second",
)


class Seen(NamedTuple):
    """What a director shows of a service: C(entry) is of M(lvs.cluster.ipvs_info), if it is there.

    C(at) is when it was asked, C(has_addresses) whether it has all virtual addresses of it, and
    C(floats) whether these are one director's at a time.
    """

    at: str
    manager: str
    entry: Mapping[str, Any] | None
    has_addresses: bool
    floats: bool
    differs: tuple[str, ...]


@dataclass(frozen=True)
class ServerStatus:
    """A real server of a service. Counts and weight are None where no director tells them.

    C(share) is its part of all connections that the service has counted, C(promised) the part that
    the scheduler promises it, both in percent.
    """

    name: str
    host: str
    address: str
    forward: str
    word: str
    state: str
    weight_wanted: int
    weight: int | None
    weights: Mapping[str, int | None]
    drained_since: str
    counts: Mapping[str, int] | None
    connections: int | None
    connections_per_second: int | None
    share: float | None
    promised: float | None


@dataclass(frozen=True)
class ServiceStatus:
    """A service: who serves it, and how well. C(at) is the oldest time of what is said of it.

    Of C(unknown) real servers nobody knows whether they take clients. Where no table was read,
    C(at) is empty.
    """

    name: str
    called: str
    endpoints: tuple[str, ...]
    scheduler: str
    persistent_timeout: int
    checked: bool
    state: str
    why: str
    at: str
    served_by: tuple[str, ...]
    silent: tuple[str, ...]
    up: int
    drained: int
    unknown: int
    total: int
    weight: int | None
    weight_wanted: int
    quorum: int | None
    sorry_server: str
    sorry_in_use: bool | None
    rates: Mapping[str, int] | None
    totals: Mapping[str, int] | None
    servers: tuple[ServerStatus, ...]
    differs: Mapping[str, tuple[str, ...]]


def service_status(
    service: VirtualService,
    seen: Mapping[str, Seen],
    silent: Sequence[str],
    hosts_there: frozenset[str],
) -> ServiceStatus:
    """Put together what is known of a service.

    C(seen) are its directors that have told their table, C(silent) the others, and C(hosts_there)
    all hosts that have answered.
    """
    serving = {name: one for name, one in seen.items() if one.has_addresses}
    shown = serving or seen
    tables = [one.entry for one in shown.values() if one.entry is not None]
    had = {name: _by_key(one.entry) for name, one in shown.items()}
    servers = tuple(_servers(service, shown, had, hosts_there))
    sorry, sorry_in_use = service.sorry_server, None
    if sorry is not None and tables:
        sorry_in_use = any(one["weight"] > 0 for one in _found(sorry, had))
    weight = sum(one.weight or 0 for one in servers) if tables else None
    # Nobody but keepalived takes all out below it.
    by_keepalived = any(one.manager == KEEPALIVED for one in seen.values())
    quorum = service.check["quorum"] if by_keepalived else None
    judged = _judged(_Known(quorum, seen, serving, silent, servers, weight, sorry_in_use))
    return ServiceStatus(
        name=service.label or service.name,
        called=service.name,
        endpoints=tuple(_endpoints(service)),
        scheduler=service.service.scheduler,
        persistent_timeout=service.service.persistent_timeout,
        checked=any(one.manager in HEALTH_CHECKERS for one in seen.values()),
        state=judged[0],
        why=judged[1],
        at=min((one.at for one in shown.values()), default=""),
        served_by=tuple(serving),
        silent=tuple(silent),
        up=sum(one.word in _TAKES_CLIENTS for one in servers),
        drained=sum(one.word in (DRAINED, CUT) for one in servers),
        unknown=sum(one.word == SILENT for one in servers),
        total=len(servers),
        weight=weight,
        weight_wanted=sum(one.weight_wanted for one in servers),
        quorum=quorum,
        sorry_server="" if sorry is None else sorry.name,
        sorry_in_use=sorry_in_use,
        rates=_rates(tables) if tables else None,
        totals=_counts(server for each in tables for server in each["real_servers"])
        if tables
        else None,
        servers=servers,
        differs={name: one.differs for name, one in seen.items() if one.differs},
    )


def _endpoints(service: VirtualService) -> Iterator[str]:
    """Say where clients ask for it."""
    if service.service.fwmark:
        yield key_label(service.service.key).removeprefix("service ")
    for address, ports in service.claims:
        spelled = f"[{address}]" if ":" in address else address
        every = ports.last - ports.first > 65000
        yield f"{ports.protocol} {spelled}{', all ports' if every else f':{ports}'}"


# ---- real servers --------------------------------------------------------------------------------
_Had = Mapping[str, Mapping[RealServerKey, Mapping[str, Any]]]


def _by_key(entry: Mapping[str, Any] | None) -> dict[RealServerKey, Mapping[str, Any]]:
    """Return the real servers that a table has of a service."""
    servers = entry["real_servers"] if entry is not None else ()
    return {(one["address"], one["port"]): one for one in servers}


def _found(member: Member, had: _Had) -> list[Mapping[str, Any]]:
    """Return what tables have of a real server."""
    return [own[member.server.key] for own in had.values() if member.server.key in own]


def _servers(
    service: VirtualService, shown: Mapping[str, Seen], had: _Had, hosts_there: frozenset[str]
) -> Iterator[ServerStatus]:
    found = {member.server.key: _found(member, had) for member in service.members}
    connections = {
        key: sum((one.get("stats") or {}).get("connections", 0) for one in entries)
        for key, entries in found.items()
    }
    total = sum(connections.values())
    promised = _promised(service)
    for member in service.members:
        key = member.server.key
        entries = found[key]
        word = _word(member, shown, entries, hosts_there)
        weights = {name: own[key]["weight"] if key in own else None for name, own in had.items()}
        yield ServerStatus(
            name=member.name,
            host=member.host,
            address=join_host_port(*key) if member.server.port else key[0],
            forward=member.server.forward,
            word=word,
            state=_STATES[word],
            weight_wanted=member.described_weight,
            weight=next((one for one in weights.values() if one is not None), None),
            weights=weights,
            drained_since=member.drain.since if member.drain is not None else "",
            counts=_counts(entries) if entries else None,
            connections=connections[key] if entries else None,
            connections_per_second=_rates(entries)[_RATES[0]] if entries else None,
            share=round(100 * connections[key] / total, 1) if total and entries else None,
            promised=promised.get(key),
        )


def _word(
    member: Member,
    shown: Mapping[str, Seen],
    entries: Sequence[Mapping[str, Any]],
    hosts_there: frozenset[str],
) -> str:
    """Say what a real server is, by the tables of those directors that show it."""
    if member.drain is not None:
        return CUT if member.drain.is_cut else DRAINED
    if not shown:
        return SILENT
    if len(entries) < len(shown) or not all(one["weight"] > 0 for one in entries):
        is_off = member.described_weight == 0 and len(entries) == len(shown)
        return OFF if is_off else DOWN
    if all(one.manager in HEALTH_CHECKERS for one in shown.values()):
        return UP
    # The director sends clients there, and nobody has looked whether anybody answers.
    return IN_TABLE if member.host in hosts_there else SILENT


def _promised(service: VirtualService) -> dict[RealServerKey, float]:
    """Return which part of new clients the scheduler promises, in percent, where it promises one.

    Others look at connections or at the client, and what a client holds on to is up to clients.
    """
    scheduler = service.service.scheduler
    if scheduler not in ("rr", "wrr") or sticks_to_one(service.service):
        return {}
    weights = {
        one.server.key: one.server.weight if scheduler == "wrr" else min(one.server.weight, 1)
        for one in service.members
    }
    total = sum(weights.values())
    return {key: round(100 * weight / total, 1) for key, weight in weights.items() if total}


def _counts(servers: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    found = dict.fromkeys(_COUNTS, 0)
    for server in servers:
        for name in _COUNTS:
            found[name] += server.get(name, 0)
    return found


def _rates(entries: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    found = dict.fromkeys(_RATES, 0)
    for entry in entries:
        for name in _RATES:
            found[name] += (entry.get("stats") or {}).get(name, 0)
    return found


# ---- the service ---------------------------------------------------------------------------------
class _Known(NamedTuple):
    """What a service is judged by."""

    quorum: int | None
    seen: Mapping[str, Seen]
    serving: Mapping[str, Seen]
    silent: Sequence[str]
    servers: Sequence[ServerStatus]
    weight: int | None
    sorry_in_use: bool | None


def _judged(known: _Known) -> tuple[str, str]:
    """Return how well it is served, and why."""
    if not known.seen:
        return (
            UNKNOWN,
            f"nothing is known of the table of {several(known.silent) or 'any director'}",
        )
    if not known.serving:
        why = f"{several(known.seen)} {_has(known.seen)} not its address"
        if known.silent:
            return UNKNOWN, f"{why}, and nothing is known of the table of {several(known.silent)}"
        return BAD, why
    lacking = [name for name, one in known.serving.items() if one.entry is None]
    if lacking:
        return BAD, f"it is not in the table of {several(lacking)}"
    return _by_servers(known)


def _by_servers(known: _Known) -> tuple[str, str]:
    """Return the first of what is wrong with it, the worst before the others."""
    return next(_verdicts(known), (GOOD, ""))


def _verdicts(known: _Known) -> Iterator[tuple[str, str]]:
    words = [one.word for one in known.servers]
    if not any(word in _TAKES_CLIENTS for word in words):
        if known.sorry_in_use:
            yield BAD, "the sorry server answers, and no real server"
        elif SILENT in words:
            yield UNKNOWN, "no real server of it is known to answer"
        else:
            yield BAD, "no real server takes new clients"
    if known.quorum is not None and known.weight is not None and known.weight < known.quorum:
        yield BAD, f"weight {known.weight} is below the quorum of {known.quorum}"
    masters = [name for name, one in known.serving.items() if one.floats]
    if len(masters) > 1:
        yield BAD, f"{several(masters)} have its address, all at once"
    away = [one.name for one in known.servers if one.word == DOWN]
    if away:
        yield WARNING, f"{several(away)} {'is' if len(away) == 1 else 'are'} down"
    if any(one.differs for one in known.seen.values()):
        yield WARNING, "a table is not as it is described"
    silent = [one.name for one in known.servers if one.word == SILENT]
    if silent:
        yield UNKNOWN, f"nobody knows whether {several(silent)} answers"


def _has(names: Iterable[str]) -> str:
    return "has" if len(list(names)) == 1 else "have"


def several(names: Iterable[str]) -> str:
    """Name several, and of many the first."""
    found = list(names)
    shown = found[:3]
    if len(found) > 3:
        return f"{', '.join(shown)} and {len(found) - 3} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
