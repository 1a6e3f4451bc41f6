# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of what directors that serve at once were seen to do, and what it costs them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from lvs_bench.many_directors import ALONE, ROUTED, SYNCHRONISED

Runs = Mapping[str, Sequence[Mapping[str, Any]]]
"""What each way has cost, run by run."""


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def of_experiments(found: Mapping[str, Mapping[str, Mapping[str, int]]]) -> list[str]:
    """Return a table with a row for each change and a column for each way."""
    ways = list(dict.fromkeys(way for by_way in found.values() for way in by_way))
    rows = [
        [change, *(_became(by_way[way]) if way in by_way else "" for way in ways)]
        for change, by_way in found.items()
    ]
    return table(["cut, failed", *ways], rows)


def _became(one: Mapping[str, int]) -> str:
    return f"{one['cut']} of {one['downloads']}, {one['failed']} of {one['requests']}"


def middle(runs: Runs, way: str, what: str) -> float:
    """Return the middle one of what a way has cost."""
    return float(median(one[what] for one in runs[way]))


def of_growth(found: Mapping[str, Runs]) -> list[str]:
    """Return a table with a row for each number of directors and connections."""
    rows = [_grown(size, runs) for size, runs in found.items()]
    headings = [
        "directors", "connections", "sent in", "all know all after", "unheard",
        "memory of a connection on a director", "told, of a connection", "messages",
    ]  # fmt: skip
    return table(headings, rows)


def _grown(size: str, runs: Runs) -> list[str]:
    directors, connections = map(int, size.split())
    known = connections * directors
    unheard = median(known - sum(one["known"]) for one in runs[SYNCHRONISED])
    others = max(1, known - connections)
    return [
        str(directors),
        f"{connections:,}",
        f"{middle(runs, SYNCHRONISED, 'sent'):.2f} s",
        f"{middle(runs, SYNCHRONISED, 'heard'):.2f} s",
        f"{100 * unheard / others:.1f} %" if directors > 1 else "",
        f"{1024 * middle(runs, SYNCHRONISED, 'kib') / max(1, known - unheard):.0f} B",
        f"{middle(runs, SYNCHRONISED, 'bytes') / connections:.0f} B",
        f"{middle(runs, SYNCHRONISED, 'packets'):.0f}",
    ]


def of_processor(found: Mapping[str, Runs]) -> list[str]:
    """Return a table of what a director's processor does for each new connection.

    All directors share one processor, so that each one's part is what it has more to do with it.
    What is more is taken run by run, of the two beside each other, and the middle one counts.
    """
    whole, parts = _alone(found), _parts(found)
    rows = [[what, f"{spent:.1f}", f"{spent / whole:.2f}"] for what, spent in parts]
    return table(["what", "microseconds a connection", "beside IPVS alone"], rows)


def _alone(found: Mapping[str, Runs]) -> float:
    """Return what one director spends on a connection that nobody else hears of."""
    (size,) = [size for size in found if size.split()[0] == "1"]
    return 1e6 * middle(found[size], ALONE, "busy") / int(size.split()[1])


def _parts(found: Mapping[str, Runs]) -> Iterator[tuple[str, float]]:
    """Give each part of the work; one has to have been measured with one director alone."""
    by_directors = {int(size.split()[0]): (size, runs) for size, runs in found.items()}
    size, one = by_directors[1]
    connections = int(size.split()[1])
    told = _more(one, ALONE, SYNCHRONISED, connections)
    routed = 1e6 * middle(one, ROUTED, "busy") / connections
    yield "the two packets sent, and routed", routed
    ipvs = _more(one, ROUTED, ALONE, connections)
    yield "IPVS in the place of the route, nothing synchronised: more", ipvs
    yield "to tell the others: more", told
    for directors, (size, runs) in sorted(by_directors.items())[1:]:
        more = _more(runs, ALONE, SYNCHRONISED, int(size.split()[1])) - told
        what = f"to hear of it from another one, of {directors}: more, each"
        yield what, more / (directors - 1)


def _more(runs: Runs, less: str, more: str, connections: int) -> float:
    """Return what a way spends more than another on a connection, in microseconds."""
    pairs = zip(runs[less], runs[more], strict=True)
    return float(median(1e6 * (b["busy"] - a["busy"]) / connections for a, b in pairs))


def report(found: Mapping[str, Any]) -> str:
    """Return all tables that there is something for."""
    parts: list[tuple[str, Callable[[Any], list[str]]]] = [
        ("experiments", of_experiments),
        ("growth", of_growth),
        ("processor", of_processor),
    ]
    return "\n\n".join("\n".join(of(found[name])) for name, of in parts if name in found)
