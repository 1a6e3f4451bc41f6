# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of a cluster: clients, directors, real servers, and what is behind them, as SVG.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from .service_status import BAD, GOOD, UNKNOWN, WARNING
from .status import DirectorStatus, Status, worst

SIGNS: Mapping[str, str] = {GOOD: "✓", WARNING: "!", BAD: "✕", UNKNOWN: "?"}
_ORDER = (BAD, UNKNOWN, WARNING, GOOD)
# More would be no picture any more; the tables have them all.
MANY = 24
_WIDTH, _HEIGHT, _GAP, _ROOM, _MARGIN = 170, 66, 12, 34, 6
# So many letters of these sizes are no wider than a box.
_NAME, _SMALL = 17, 25


class Box(NamedTuple):
    """A thing of the picture. C(part) is how much of its weight it has now, if that is known."""

    name: str
    lines: tuple[str, ...]
    state: str = ""
    part: float | None = None
    is_on: bool = True


class _Server(NamedTuple):
    """What all services together say of a real server."""

    states: list[str]
    addresses: list[str]
    forwards: list[str]
    weights: list[int | None]
    wanted: list[int]


def picture(status: Status, columns: int, kind: str) -> Markup:
    """Return the picture with so many boxes beside each other; C(kind) is its class."""
    servers = list(_servers(status))
    shown = sorted(servers, key=lambda box: _ORDER.index(box.state))[:MANY]
    if len(servers) > MANY:
        shown.append(Box(f"and {len(servers) - MANY} more", ("see the tables below",)))
    layers = [
        [Box("Clients", ())],
        [_director(one) for one in status.directors],
        shown,
        [
            Box(group.replace("_", " "), (", ".join(hosts), "not asked"))
            for group, hosts in status.backends.items()
        ],
    ]
    ways: list[Markup] = []
    boxes: list[Markup] = []
    top: float = _MARGIN
    width = columns * (_WIDTH + _GAP) - _GAP + 2 * _MARGIN
    before: list[tuple[float, float, bool]] = []
    for layer in filter(None, layers):
        places = list(_places(layer, columns, width, top))
        ways += _ways(before, places, layer, top)
        boxes += [_box(box, x, y) for box, (x, y) in zip(layer, places)]
        before = [(x + _WIDTH / 2, y + _HEIGHT, box.is_on) for box, (x, y) in zip(layer, places)]
        top = max(y for _x, y in places) + _HEIGHT + _ROOM
    height = top - _ROOM + _MARGIN
    return Markup('<svg class="{}" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>').format(
        kind, summary(status), width, height, Markup("").join([*ways, *boxes])
    )


def summary(status: Status) -> str:
    """Say in words what the picture shows."""
    directors = ", ".join(f"{one.name} {_does(one)}" for one in status.directors)
    servers = ", ".join(f"{box.name} {box.state}" for box in _servers(status))
    return f"Clients ask the directors: {directors}. Real servers: {servers}."


def _does(one: DirectorStatus) -> str:
    if one.serves is None:
        return "is not known to serve"
    return "serves" if one.serves else "stands by"


def _director(one: DirectorStatus) -> Box:
    here = [address for address, is_here in one.addresses.items() if is_here]
    return Box(one.name, (_does(one), _some(here)), one.state, is_on=bool(one.serves))


def _some(addresses: Sequence[str]) -> str:
    """Name as many as fit into a box, and how many more there are; one in any case."""
    for count in range(len(addresses), 0, -1):
        left = len(addresses) - count
        told = ", ".join(addresses[:count]) + (f" and {left} more" if left else "")
        if len(told) <= _SMALL or count == 1:
            return told
    return ""


def _servers(status: Status) -> Iterator[Box]:
    """Give each real server once, by what its host and all services say of it."""
    hosts = {one.name: one for one in status.real_servers}
    found: dict[str, _Server] = {}
    for service in status.services:
        for server in service.servers:
            own = found.setdefault(server.name, _Server([], [], [], [], []))
            own.states.append(server.state)
            own.addresses.append(server.address.rpartition(":")[0] or server.address)
            own.forwards.append(server.forward)
            # Who is not in a table that was read gets nobody by it.
            own.weights.append(0 if server.weight is None and server.weights else server.weight)
            own.wanted.append(server.weight_wanted)
    for name, one in found.items():
        states = [*one.states, *([hosts[name].state] if name in hosts else [])]
        known = [weight for weight in one.weights if weight is not None]
        wanted = sum(one.wanted)
        forwards = ", ".join(dict.fromkeys(each.upper() for each in one.forwards))
        address = hosts[name].address if name in hosts else one.addresses[0].strip("[]")
        weight = f"weight {sum(known)} of {wanted}" if known else "weight not known"
        yield Box(
            name,
            (f"{address}, {forwards}", weight),
            worst(states),
            (min(sum(known) / wanted, 1) if wanted else 0.0) if known else None,
            any(known),
        )


def _places(
    layer: Sequence[Box], columns: int, width: int, top: float
) -> Iterator[tuple[float, float]]:
    """Place boxes in rows, each row in the middle."""
    for number in range(len(layer)):
        row, column = divmod(number, columns)
        count = min(columns, len(layer) - row * columns)
        left = (width - count * (_WIDTH + _GAP) + _GAP) / 2
        yield left + column * (_WIDTH + _GAP), top + row * (_HEIGHT + _GAP)


def _ways(
    before: Sequence[tuple[float, float, bool]],
    places: Sequence[tuple[float, float]],
    layer: Sequence[Box],
    top: float,
) -> Iterator[Markup]:
    """Draw how packets come from the layer above: down to one line, and from there to each box.

    Boxes lie over the lines that pass them.
    """
    if not before:
        return
    middle = top - _ROOM / 2
    across = [x for x, _y, _on in before] + [x + _WIDTH / 2 for x, _y in places]
    yield _line(min(across), middle, max(across), middle, is_on=True)
    for x, y, is_on in before:
        yield _line(x, y, x, middle, is_on=is_on)
    for (x, y), box in zip(places, layer):
        yield _line(x + _WIDTH / 2, middle, x + _WIDTH / 2, y, is_on=box.is_on)


def _line(x1: float, y1: float, x2: float, y2: float, *, is_on: bool) -> Markup:
    kind = "way" if is_on else "way off"
    return Markup('<path class="{}" d="M{:g} {:g}L{:g} {:g}"/>').format(kind, x1, y1, x2, y2)


def _box(box: Box, x: float, y: float) -> Markup:
    parts = [
        Markup('<g><title>{}</title><rect class="box {}" x="{:g}" y="{:g}"').format(
            "\n".join(filter(None, [box.name, box.state, *box.lines])), box.state, x, y
        ),
        Markup(' width="{}" height="{}" rx="6"/>').format(_WIDTH, _HEIGHT),
    ]
    if box.state:
        parts.append(_text(SIGNS[box.state], f"sign {box.state}", x + 10, y + 20))
    left = x + (26 if box.state else 10)
    parts.append(_text(_cut(box.name, _NAME), "name", left, y + 20))
    parts += [
        _text(_cut(line, _SMALL), "small", x + 10, y + 37 + 15 * number)
        for number, line in enumerate(box.lines)
    ]
    if box.part is not None:
        parts += _bar(box.part, x + 10, y + 58)
    return Markup("").join([*parts, Markup("</g>")])


def _bar(part: float, x: float, y: float) -> Iterable[Markup]:
    width = _WIDTH - 20
    for kind, size in (("whole", width), ("part", round(part * width))):
        yield Markup('<rect class="{}" x="{:g}" y="{:g}" width="{}" height="4"/>').format(
            kind, x, y, size
        )


def _text(text: str, kind: str, x: float, y: float) -> Markup:
    return Markup('<text class="{}" x="{:g}" y="{:g}">{}</text>').format(kind, x, y, text)


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 1]}…"
