# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director has, as lines for Prometheus.

Private to the collection: names and behaviour may change in any release.

There is a line for each service and real server that is declared, and none for others: how many
lines there are is up to the description, and not to whoever changes the table. Pure code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import NamedTuple, Optional

from .._ipvs.differs import server_fields, service_fields
from .._ipvs.layout import CountedServer
from .._ipvs.model import RealServerKey, Service, ServiceKey
from .._values import join_host_port
from .declared import STATIC, Declared, DeclaredService


class Sample(NamedTuple):
    """What is said of a service that is in the table: it is all that is kept of it.

    C(counters) are those of SERVICE_COUNTERS; C(rows) are of the declared real servers, in their
    order, and have as many values as there are metrics of them; C(sorry) is a weight.
    """

    counters: tuple[int, ...]
    rows: list[tuple[int, ...]]
    sorry: int
    differs: bool


# None for a service that is not declared.
Table = Mapping[ServiceKey, Optional[Sample]]

# What a unit gives, but for the table.
PARTS = ("settings", "addresses", "nft", "marks", "handover", "timeouts", "daemons")
SERVICE_COUNTERS: Mapping[str, str] = {
    "connections": "Connections that the service has had.",
    "incoming_packets": "Packets from clients.",
    "outgoing_packets": "Packets to clients, as far as they pass the director.",
    "incoming_bytes": "Bytes from clients.",
    "outgoing_bytes": "Bytes to clients, as far as they pass the director.",
}
_STATES = ("up", "down", "drained")
# How many lines are given together.
_AT_ONCE = 500


class Host(NamedTuple):
    """What else a director has: its addresses, the roles of its daemons, and what differs.

    C(parts) are those of its unit that would be given again, None where nobody has looked;
    C(looked) is when that was, and C(now) is when the table was read, in seconds since 1970.
    """

    now: float
    addresses: frozenset[str]
    daemons: frozenset[str]
    parts: frozenset[str] | None = None
    looked: float = 0.0


def escaped(text: str) -> str:
    """Return a text as the value of a label."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def labels(**named: str) -> str:
    """Return labels in braces."""
    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in named.items()) + "}"


def unreadable(declared: Declared, now: float) -> Iterator[str]:
    """Give what there is to say where the table cannot be read."""
    return _lines([*_identity(declared, up=0), _last_run(now)])


def sampling(
    declared: Declared,
) -> Callable[
    [Service, Mapping[str, int], Sequence[CountedServer]], tuple[ServiceKey, Sample | None]
]:
    """Return what makes a part of a C(Table) of a service, its counters and its real servers."""
    by_key = {one.service.key: one for one in declared.services}
    checked = declared.manager != STATIC

    def sample(
        service: Service, counters: Mapping[str, int], servers: Sequence[CountedServer]
    ) -> tuple[ServiceKey, Sample | None]:
        one = by_key.get(service.key)
        if one is None:
            return service.key, None
        had = {counted[0][:2]: counted for counted in servers}
        return service.key, Sample(
            tuple(counters[name] for name in SERVICE_COUNTERS),
            _rows(one, had),
            had[one.sorry][0].weight if one.sorry in had else 0,
            _differs(one, service, had, checked=checked),
        )

    return sample


def exposition(declared: Declared, table: Table, host: Host) -> Iterator[str]:
    """Give all that there is to say, a metric at a time: it may be long."""
    return _lines(
        chain(
            _identity(declared, up=1),
            _of_services(declared, table),
            _of_host(declared, host),
            [_last_run(host.now)],
        )
    )


class _Metric(NamedTuple):
    """A name, what it is, and its samples: labels and a value."""

    name: str
    kind: str
    about: str
    samples: Iterable[tuple[str, object]]


def _lines(metrics: Iterable[_Metric]) -> Iterator[str]:
    for name, kind, about, samples in metrics:
        yield f"# HELP {name} {about}\n# TYPE {name} {kind}\n"
        lines = (f"{name}{named} {value}\n" for named, value in samples)
        # There may be tens of thousands: memory that is used again costs least.
        while some := "".join(islice(lines, _AT_ONCE)):
            yield some


def _identity(declared: Declared, *, up: int) -> Iterator[_Metric]:
    named = labels(
        cluster=declared.cluster,
        manager=declared.manager,
        addresses="of_one" if declared.floats else "of_each",
    )
    yield _Metric("lvs_director_info", "gauge", "Whose director it is.", [(named, 1)])
    yield _Metric("lvs_up", "gauge", "Whether the table could be read.", [("", up)])


def _last_run(now: float) -> _Metric:
    about = "When all of this was read."
    return _Metric("lvs_last_run_timestamp_seconds", "gauge", about, [("", f"{now:.3f}")])


# ---- services and real servers -------------------------------------------------------------------
class _Seen:
    """Gathers the samples of services, and labels and values of real servers, in one go."""

    def __init__(self) -> None:
        self.counters: dict[str, list[tuple[str, int]]] = {name: [] for name in SERVICE_COUNTERS}
        self.states: list[tuple[str, int]] = []
        self.there: list[tuple[str, int]] = []
        self.sorry: list[tuple[str, int]] = []
        self.differing = 0
        self.servers: list[str] = []
        self.values: list[tuple[int, ...]] = []


_SERVER_METRICS: Mapping[str, tuple[str, str]] = {
    "active_connections": ("gauge", "Connections that are established."),
    "inactive_connections": ("gauge", "Other connections, such as those that are closing."),
    "persistent_connections": ("gauge", "Clients that persistence holds to the real server."),
    "connections_total": ("counter", "Connections since it came into the table."),
    "weight": ("gauge", "Its weight; 0 where it is not in the table."),
    "weight_wanted": ("gauge", "The weight of the description."),
    "drained": ("gauge", "Whether it is drained."),
}
_WEIGHT = [*_SERVER_METRICS].index("weight")
_NO_COUNTS = (0, 0, 0, 0)


def _of_services(declared: Declared, table: Table) -> Iterator[_Metric]:
    seen = _Seen()
    for one in declared.services:
        _add(seen, one, table.get(one.service.key))
    about = "Whether the service is in the table."
    yield _Metric("lvs_service_in_table", "gauge", about, seen.there)
    for name, told in SERVICE_COUNTERS.items():
        yield _Metric(f"lvs_service_{name}_total", "counter", told, seen.counters[name])
    about = "How many real servers are up, down or drained."
    yield _Metric("lvs_service_servers", "gauge", about, seen.states)
    about = "Whether the sorry server is in the table with a weight."
    yield _Metric("lvs_service_sorry_server_in_use", "gauge", about, seen.sorry)
    for place, (name, (kind, told)) in enumerate(_SERVER_METRICS.items()):
        values = map(itemgetter(place), seen.values)
        yield _Metric(f"lvs_server_{name}", kind, told, zip(seen.servers, values))
    about = "Whether the table is another than the one that is described."
    yield _Metric("lvs_table_differs", "gauge", about, [("", int(seen.differing > 0))])


def _add(seen: _Seen, one: DeclaredService, sample: Sample | None) -> None:
    name = escaped(one.name)
    of_service = f'{{service="{name}"}}'
    seen.there.append((of_service, int(sample is not None)))
    if sample is not None:
        for samples, number in zip(seen.counters.values(), sample.counters):
            samples.append((of_service, number))
    rows = _rows(one, {}) if sample is None else sample.rows
    seen.values += rows
    counts = dict.fromkeys(_STATES, 0)
    for (member_name, wanted, drained), row in zip(one.servers, rows):
        address = join_host_port(*wanted[:2])
        seen.servers.append(
            f'{{service="{name}",server="{escaped(member_name)}",address="{address}"}}'
        )
        counts["drained" if drained else "up" if row[_WEIGHT] > 0 else "down"] += 1
    seen.states += [(f'{{service="{name}",state="{state}"}}', counts[state]) for state in _STATES]
    if one.sorry is not None:
        seen.sorry.append((of_service, int(sample is not None and sample.sorry > 0)))
    seen.differing += sample is None or sample.differs


def _rows(
    one: DeclaredService, had: Mapping[RealServerKey, CountedServer]
) -> list[tuple[int, ...]]:
    rows: list[tuple[int, ...]] = []
    for _name, wanted, drained in one.servers:
        counted = had.get(wanted[:2])
        weight = 0 if counted is None else counted[0].weight
        counts = _NO_COUNTS if counted is None else counted[1:]
        rows.append((*counts, weight, wanted.weight, int(bool(drained))))
    return rows


def _differs(
    one: DeclaredService,
    service: Service,
    had: Mapping[RealServerKey, CountedServer],
    *,
    checked: bool,
) -> bool:
    """Tell whether a service of the table is another than it is to be.

    A health checker takes out who does not answer, and puts the sorry server in.
    """
    if service_fields(one.service, service):
        return True
    allowed = {one.sorry} if checked and one.sorry is not None else set()
    for member in one.in_table:
        key = member.server.key
        allowed.add(key)
        if key not in had:
            if not checked:
                return True
        elif server_fields(member.wanted, had[key][0], checked=checked):
            return True
    return not had.keys() <= allowed


# ---- the host ------------------------------------------------------------------------------------
def _of_host(declared: Declared, host: Host) -> Iterator[_Metric]:
    here = [address in host.addresses for address in declared.addresses]
    yield _Metric(
        "lvs_announced",
        "gauge",
        "Whether the director has a virtual address.",
        [(labels(address=address), int(one)) for address, one in zip(declared.addresses, here)],
    )
    about = "Whether it has all virtual addresses: it is the one who serves."
    yield _Metric("lvs_master", "gauge", about, [("", int(bool(here) and all(here)))])
    roles = sorted({*declared.daemons, *host.daemons})
    yield _Metric(
        "lvs_sync_running",
        "gauge",
        "Whether a synchronisation daemon runs, of those that are declared or run.",
        [(labels(role=role), int(role in host.daemons)) for role in roles],
    )
    if host.parts is not None:
        yield _Metric(
            "lvs_unit_differs",
            "gauge",
            "Whether the unit would give a part again.",
            [(labels(part=part), int(part in host.parts)) for part in PARTS],
        )
        about = "When that was looked at."
        looked = [("", f"{host.looked:.3f}")]
        yield _Metric("lvs_unit_looked_at_timestamp_seconds", "gauge", about, looked)
