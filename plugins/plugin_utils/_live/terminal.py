# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as it is, in a few lines for the terminal.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .service_status import GOOD, ServiceStatus
from .status import DirectorStatus, Observed, Status

# Of so many services only those are shown that are not good.
MANY = 40


def lines(status: Status) -> list[str]:
    """Return the report, a line each.

    What a host says, such as why it cannot be asked, has no say in what the terminal does.
    """
    report = [*_head(status), "", *_services(status), "", *_hosts(status), *_notes(status)]
    return list(map(_printable, report))


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def _head(status: Status) -> Iterator[str]:
    name = f"cluster {status.cluster}: " if status.cluster else ""
    yield f"{name}{status.state} at {status.at}"
    for what, some in (
        ("services are good", [one.state == GOOD for one in status.services]),
        ("directors answered", [one.answered for one in status.directors]),
        ("real servers answered", [one.answered for one in status.real_servers]),
    ):
        yield f"{sum(some)} of {len(some)} {what}"


def _services(status: Status) -> list[str]:
    shown = [one for one in status.services if one.state != GOOD or len(status.services) <= MANY]
    rows = [["service", "state", "up", "drained", "weight", "new/s", "active", "why"]]
    rows += [_service(one) for one in shown]
    left = len(status.services) - len(shown)
    return [*_table(rows), *([f"and {left} more services, which are good"] if left else [])]


def _service(one: ServiceStatus) -> list[str]:
    weight = "?" if one.weight is None else str(one.weight)
    return [
        one.called.removeprefix("service "),
        one.state,
        f"{one.up}/{one.total}",
        str(one.drained),
        f"{weight}/{one.weight_wanted}",
        _number(one.rates, "connections_per_second"),
        _number(one.totals, "active_connections"),
        one.why,
    ]


def _number(found: object, name: str) -> str:
    return str(found[name]) if isinstance(found, dict) else "?"


def _hosts(status: Status) -> list[str]:
    rows = [["host", "state", "asked at", "what"]]
    rows += [[one.name, one.state, one.at, "; ".join(_director(one))] for one in status.directors]
    shown = [one for one in status.real_servers if one.state != GOOD or len(rows) <= MANY]
    rows += [[one.name, one.state, one.at, "; ".join(_told(one))] for one in shown]
    return _table(rows)


def _director(one: DirectorStatus) -> Iterator[str]:
    if one.serves is not None:
        yield f"{'serves' if one.serves else 'stands by'}, seen so since {one.since}"
    yield from _told(one)
    if one.foreign:
        yield f"services that nobody described: {', '.join(one.foreign)}"


def _told(one: Observed) -> Iterator[str]:
    if not one.answered:
        yield f"no answer since {one.last}" if one.last else "no answer, and none before"
    yield from one.errors
    yield from one.differs


def _notes(status: Status) -> Iterator[str]:
    for title, some in (
        ("drained", [str(one["message"]) for one in status.drained]),
        ("preflight", status.problems),
        ("warnings", status.warnings),
    ):
        if some:
            yield from ("", f"{title}:", *(f"  {text}" for text in some))


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Set rows in columns; the last one is as long as it is."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    widths[-1] = 0
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows
    ]
