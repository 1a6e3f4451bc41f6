# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as it is, beside what it is to be: one model for the terminal, JSON and the page.

Private to the collection: names and behaviour may change in any release.

Whatever is said was observed, and carries the time at which its host was asked, by the controller's
clock. Who did not answer is C(unknown), and nothing that follows from it is C(good). Pure code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .._cluster.model import (
    HEALTH_CHECKERS,
    STATIC,
    Cluster,
    Host,
    VirtualService,
)
from .._views.director import floating_addresses, virtual_addresses
from .._views.real_server import REAL_SERVER_ROLES, owners, real_server_roles
from .drift import (
    LiveTable,
    foreign_services,
    order_drift,
    read_table,
    service_drift,
    unit_drift,
)
from .service_status import (
    BAD,
    GOOD,
    UNKNOWN,
    WARNING,
    Seen,
    ServiceStatus,
    service_status,
)

FORMAT = 1
# What a director's unit gives, but for the table, which is looked at beside the description.
_DIRECTOR_PARTS = ("settings", "addresses", "nft", "marks", "handover", "timeouts", "daemons")
_REAL_SERVER_PARTS: Mapping[str, tuple[str, ...]] = {
    "nat": ("gateway",),
    "dr": ("settings", "addresses"),
    "tun": ("devices", "ports", "settings", "addresses"),
}
_RATES = (
    "connections_per_second",
    "incoming_bytes_per_second",
    "outgoing_bytes_per_second",
)
_COUNTS = ("active_connections", "inactive_connections", "persistent_connections")


@dataclass(frozen=True)
class Answer:
    """What a host has told: when it was asked, and what each module has returned.

    C(host) is of M(lvs.cluster.host_info), C(table) of M(lvs.cluster.ipvs_info), and C(units) are
    those of M(lvs.cluster.unit) in check mode. What was not asked, or had no answer, is empty.
    """

    at: str = ""
    host: Mapping[str, Any] = field(default_factory=dict)
    table: Mapping[str, Any] = field(default_factory=dict)
    units: Sequence[Mapping[str, Any]] = ()

    @property
    def is_there(self) -> bool:
        """Whether the host has answered."""
        return "interfaces" in self.host

    @property
    def has_table(self) -> bool:
        """Whether its table was read."""
        return self.is_there and "services" in self.table

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses that it has, without prefix lengths."""
        return frozenset(
            address.partition("/")[0]
            for link in self.host.get("interfaces") or ()
            for address in link["addresses"]
        )

    @property
    def errors(self) -> list[str]:
        """What could not be asked, and why, in the words of Ansible or of the module."""
        if not self.at:
            return ["it was not asked"]
        asked = (self.host, self.table, *self.units)
        told = (str(one.get("msg") or "it has not answered") for one in asked if _went_wrong(one))
        # Ansible says so of every one, from 2.19 on.
        return [" ".join(text.removeprefix("Task failed: ").split()) for text in told]


def _went_wrong(result: Mapping[str, Any]) -> bool:
    """Tell whether a result is that of a question without an answer."""
    known = ("interfaces", "services", "changes", "skipped")
    return bool(result) and not any(name in result for name in known)


@dataclass(frozen=True)
class Observed:
    """Of which host something is said, when it was asked, and when it last answered.

    C(last) is empty where no report of before knows of an answer.
    """

    name: str
    state: str
    at: str
    answered: bool
    last: str
    errors: tuple[str, ...]
    differs: tuple[str, ...]


@dataclass(frozen=True)
class DirectorStatus(Observed):
    """A director: whether it serves, as far as that is known, and since when that is seen so."""

    manager: str = STATIC
    serves: bool | None = None
    since: str = ""
    addresses: Mapping[str, bool] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()
    daemons: tuple[Mapping[str, Any], ...] = ()
    totals: Mapping[str, int] | None = None


@dataclass(frozen=True)
class RealServerStatus(Observed):
    """A real server: what it is one by, and what it lacks of that."""

    address: str = ""
    forwards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Status:
    """The whole cluster at a time. C(backends) are hosts that nobody asks, by their group."""

    cluster: str
    at: str
    state: str
    services: tuple[ServiceStatus, ...]
    directors: tuple[DirectorStatus, ...]
    real_servers: tuple[RealServerStatus, ...]
    backends: Mapping[str, tuple[str, ...]]
    drained: tuple[Mapping[str, Any], ...]
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    format: int = FORMAT

    def as_result(self) -> dict[str, Any]:
        """Return it for a machine to read."""
        return asdict(self)


def questions(cluster: Cluster, host: str) -> list[dict[str, Any]]:
    """Return which units of a host are looked at: owner and parts of each."""
    found: list[dict[str, Any]] = []
    if host in cluster.directors:
        found.append({"owner": "director", "give": [*_DIRECTOR_PARTS]})
    if host in cluster.hosts:
        own = owners(cluster, host)
        found += [
            {"owner": own[forward], "give": [*_REAL_SERVER_PARTS[forward]]}
            for forward in _forwards(cluster, host)
        ]
    return found


def _forwards(cluster: Cluster, host: str) -> list[str]:
    """Return by which ways packets reach a real server."""
    needed = real_server_roles(cluster, host)
    return [forward for forward, role in REAL_SERVER_ROLES.items() if role in needed]


def cluster_status(  # noqa: PLR0913 - what is known, what was, and what others say of it
    clusters: Mapping[str, Cluster],
    cluster: Cluster,
    answers: Mapping[str, Answer],
    now: str,
    *,
    former: Mapping[str, Any],
    drained: Iterable[Mapping[str, Any]] = (),
    problems: Iterable[str] = (),
    warnings: Iterable[str] = (),
) -> Status:
    """Put together what hosts have told.

    C(clusters) has the description of each director, C(cluster) is the one for all. C(former) is
    what the report before this one returned as its result, empty where there was none.
    """
    tables = {
        name: read_table(answers[name].table["services"])
        for name in clusters
        if answers[name].has_table
    }
    services = _services(clusters, answers, tables)
    at_once = {name: table for name, table in tables.items() if _announces(clusters[name], name)}
    orders = order_drift(cluster.services, at_once)
    directors = tuple(
        _director(
            own,
            name,
            answers[name],
            tables.get(name),
            _of_former(former, "directors", name),
            orders=orders.get(name, ()),
        )
        for name, own in clusters.items()
    )
    real_servers = tuple(
        _real_server(
            cluster,
            name,
            answers.get(name, Answer()),
            _of_former(former, "real_servers", name),
        )
        for name in cluster.real_servers
    )
    problems = tuple(problems)
    states = [one.state for some in (services, directors, real_servers) for one in some]
    name = next((host.cluster for host in cluster.hosts.values() if host.cluster), "")
    groups = cluster.groups.hosts
    return Status(
        name,
        now,
        worst([*states, *([WARNING] if problems else [])]),
        services,
        directors,
        real_servers,
        {
            group: tuple(groups[group])
            for group in ("web_servers", "databases", "nfs_servers", "nfs_clients")
            if groups.get(group)
        },
        tuple(drained),
        problems,
        tuple(warnings),
    )


def worst(states: Iterable[str]) -> str:
    """Return the worst of several states. Of what is not known it is known that it is not good."""
    found = set(states)
    return next((state for state in (BAD, UNKNOWN, WARNING) if state in found), GOOD)


def _of_former(former: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    known: Sequence[Mapping[str, Any]] = former.get(kind) or ()
    return next((one for one in known if one.get("name") == name), {})


# ---- services ------------------------------------------------------------------------------------
def _services(
    clusters: Mapping[str, Cluster],
    answers: Mapping[str, Answer],
    tables: Mapping[str, LiveTable],
) -> tuple[ServiceStatus, ...]:
    """Return each service once, of whichever directors are told to have it."""
    described: dict[Any, tuple[VirtualService, list[str]]] = {}
    for director, cluster in clusters.items():
        for service in cluster.services:
            described.setdefault(service.service.key, (service, []))[1].append(director)
    there = frozenset(name for name, answer in answers.items() if answer.is_there)
    live = {name: dict(zip(tables[name], answers[name].table["services"])) for name in tables}
    found = []
    for key, (service, names) in described.items():
        seen = {
            name: Seen(
                answers[name].at,
                _manager(clusters[name], name),
                live[name].get(key),
                set(service.addresses) <= answers[name].addresses,
                name in clusters[name].hosts and clusters[name].hosts[name].floats,
                tuple(service_drift(service, tables[name], _manager(clusters[name], name))),
            )
            for name in names
            if name in live
        }
        silent = [name for name in names if name not in seen]
        found.append(service_status(service, seen, silent, there))
    return tuple(found)


def _announces(cluster: Cluster, name: str) -> bool:
    return name in cluster.hosts and cluster.hosts[name].announce is not None


def _manager(cluster: Cluster, name: str) -> str:
    return cluster.hosts[name].manager if name in cluster.hosts else STATIC


# ---- hosts ---------------------------------------------------------------------------------------
def _observed(
    answer: Answer, name: str, differs: Sequence[str], former: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is said of each host alike."""
    errors = answer.errors
    known = WARNING if differs else GOOD
    return {
        "name": name,
        "state": known if answer.is_there and not errors else UNKNOWN,
        "at": answer.at,
        "answered": answer.is_there,
        "last": answer.at if answer.is_there else str(former.get("last") or ""),
        "errors": tuple(errors),
        "differs": tuple(differs),
    }


def _director(  # noqa: PLR0913 - what is known, what was, and what others say of it
    cluster: Cluster,
    name: str,
    answer: Answer,
    table: LiveTable | None,
    former: Mapping[str, Any],
    *,
    orders: Sequence[str],
) -> DirectorStatus:
    manager = _manager(cluster, name)
    host = cluster.hosts.get(name) or Host(name)
    if not answer.is_there:
        observed = _observed(answer, name, (), former)
        return DirectorStatus(**observed, manager=manager, since=_since(former, None, answer.at))
    differs = [] if table is None else _table_drift(cluster, table, manager)
    differs += orders
    differs += _unit_drift(answer)
    differs += _checker_drift(answer.host, manager)
    wanted = _addresses(cluster, host)
    serves = all(address in answer.addresses for address in wanted)
    if host.floats and not serves and set(wanted) & answer.addresses:
        missing = [address for address in wanted if address not in answer.addresses]
        differs.append(f"it has some of the virtual addresses, and not {', '.join(missing)}")
    observed = _observed(answer, name, differs, former)
    foreign = () if table is None else foreign_services(cluster.services, table)
    return DirectorStatus(
        **observed,
        manager=manager,
        serves=serves,
        since=_since(former, serves, answer.at),
        addresses={address: address in answer.addresses for address in wanted},
        foreign=tuple(foreign),
        # Dictionaries of Ansible's own cannot be copied as those of Python.
        daemons=tuple(map(dict, answer.table.get("daemons") or ())),
        totals=_totals(answer.table["services"]) if answer.has_table else None,
    )


def _addresses(cluster: Cluster, host: Host) -> list[str]:
    if host.floats:
        return floating_addresses(cluster, host)
    return [place["address"] for place in virtual_addresses(cluster, host)]


def _since(former: Mapping[str, Any], serves: bool | None, at: str) -> str:
    """Return since when reports, one after the other, have seen the same."""
    same = former.get("since") and former.get("serves") is serves
    return str(former["since"]) if same else at


def _table_drift(cluster: Cluster, table: LiveTable, manager: str) -> list[str]:
    return [text for each in cluster.services for text in service_drift(each, table, manager)]


def _unit_drift(answer: Answer) -> list[str]:
    return [text for unit in answer.units for text in unit_drift(unit.get("changes") or ())]


def _checker_drift(told: Mapping[str, Any], manager: str) -> list[str]:
    """Say where the health checker that is to own the table does not run."""
    if manager not in HEALTH_CHECKERS:
        return []
    unit = (told.get("units") or {}).get(f"{manager}.service") or {}
    active = unit.get("ActiveState")
    return [] if active == "active" else [f"{manager}.service is {active or 'not there'}"]


def _totals(services: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Sum up what a director counts now, over all that is in its table."""
    totals = dict.fromkeys((*_COUNTS, *_RATES), 0)
    for service in services:
        for name in _RATES:
            totals[name] += (service.get("stats") or {}).get(name, 0)
        for server in service["real_servers"]:
            for name in _COUNTS:
                totals[name] += server.get(name, 0)
    return totals


def _real_server(
    cluster: Cluster, name: str, answer: Answer, former: Mapping[str, Any]
) -> RealServerStatus:
    host = cluster.hosts.get(name) or Host(name)
    forwards = _forwards(cluster, name) if name in cluster.hosts else []
    differs = []
    if answer.is_there:
        there = answer.host.get("owners") or ()
        own = owners(cluster, name) if forwards else {}
        differs = [f"lvs-{own[each]} is not set up" for each in forwards if own[each] not in there]
        differs += _unit_drift(answer)
    return RealServerStatus(
        **_observed(answer, name, differs, former),
        address=host.rip or host.rip6,
        forwards=tuple(forwards),
    )
