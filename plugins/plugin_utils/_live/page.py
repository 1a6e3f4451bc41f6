# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as it is, as one page of HTML that needs nothing else.

Private to the collection: names and behaviour may change in any release.

Text comes into the page by C(format) of Markup, which escapes it. The page says to the browser that
it loads nothing, and runs no other script than its own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from .picture import SIGNS, picture
from .service_status import GOOD, UNKNOWN, WARNING, ServerStatus, ServiceStatus, several
from .status import DirectorStatus, Observed, RealServerStatus, Status

# After so many seconds the page says of itself that it is old.
OLD = 900
# One that is served has been left alone by then.
_OLD_SERVED = 60
# So many services are shown unfolded, if they are not good.
UNFOLDED = 20
_WIDE, _NARROW = 6, 2
_LISTED = 40

_STYLE, _SCRIPT = (
    Path(__file__).with_name(f"page.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")
)


def page(status: Status, refresh: int = 0) -> str:
    """Return the page. One that is served asks for a newer one after C(refresh) seconds."""
    title = f"Cluster {status.cluster}" if status.cluster else "Cluster"
    policy = "; ".join(
        [
            "default-src 'none'",
            *(["connect-src 'self'"] if refresh else []),
            f"style-src '{_hash(_STYLE)}'",
            f"script-src '{_hash(_SCRIPT)}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    head = Markup(
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="{}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><title>{}</title><style>'
    ).format(policy, f"{title}: {status.state} at {status.at}")
    return str(
        Markup("").join(
            [
                head,
                Markup(_STYLE),
                Markup('</style></head>\n<body data-refresh="{}"><main>\n').format(refresh),
                Markup("\n").join(_body(status, title, old=_OLD_SERVED if refresh else OLD)),
                Markup("\n</main><script>"),
                Markup(_SCRIPT),
                Markup("</script></body></html>\n"),
            ]
        )
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _body(status: Status, title: str, old: int) -> Iterator[Markup]:
    """Give the parts of the page, each of which a newer page may take the place of."""
    yield _part("head", _head(status, title, old))
    yield _part("looks", _looks(status))
    yield _part("picture", _picture(status))
    yield Markup("<h2>Services</h2>")
    if len(status.services) > 1:
        yield _FIND
    yield _part("services", _services(status))
    yield _part("directors", _directors(status))
    yield _part("real-servers", _real_servers(status.real_servers))
    yield _part("rest", [*_lists(status), *_legend(status)])


def _part(name: str, parts: Iterable[Markup]) -> Markup:
    return Markup('<div id="{}" data-part>{}</div>').format(name, Markup("\n").join(parts))


def _picture(status: Status) -> Iterator[Markup]:
    yield Markup("<h2>Picture</h2>")
    yield Markup('<div class="card">{}{}</div>').format(
        picture(status, _WIDE, "wide"), picture(status, _NARROW, "narrow")
    )


def _directors(status: Status) -> Iterator[Markup]:
    yield Markup('<h2>Directors</h2>\n<div class="cards">')
    yield from map(_director, status.directors)
    yield Markup("</div>")


# ---- the head ------------------------------------------------------------------------------------
def _head(status: Status, title: str, old: int) -> Iterator[Markup]:
    yield Markup(
        '<header><div class="head"><h1>{}</h1>{}'
        '<span>{} <span id="age" class="muted" data-at="{}"></span></span></div>'
    ).format(title, _state(status.state), _time(status.at), status.at)
    yield Markup(
        '<p id="old" class="card old" role="status" data-after="{}" hidden>This page is old: it'
        " says what was so when the hosts were asked, and may not be so any more.</p>"
    ).format(old)
    states = [one.state for one in status.services]
    not_known = f", {states.count(UNKNOWN)} not known" if UNKNOWN in states else ""
    yield Markup("<p>{}; {}; {}.</p></header>").format(
        f"{states.count(GOOD)} of {len(states)} services are good{not_known}",
        f"{_answered(status.directors)} directors answered",
        f"{_answered(status.real_servers)} real servers answered",
    )


def _answered(some: Sequence[Observed]) -> str:
    return f"{sum(one.answered for one in some)} of {len(some)}"


def _looks(status: Status) -> Iterator[Markup]:
    """List what is not good, so that nobody has to look for it: hosts before what they serve."""
    found = [
        (f"{kind} {one.name}", one.state, "; ".join(_why(one)))
        for kind, some in (("director", status.directors), ("real server", status.real_servers))
        for one in some
        if one.state != GOOD
    ]
    alike: dict[tuple[str, str], list[str]] = {}
    for service in status.services:
        if service.state != GOOD:
            alike.setdefault((service.state, service.why), []).append(service.called)
    found += [(several(names), state, why) for (state, why), names in alike.items()]
    if status.problems:
        found.append(("preflight", WARNING, f"problems: {len(status.problems)}, see below"))
    yield Markup("<h2>What to look at</h2>")
    if not found:
        yield Markup("<p>Nothing: all that was asked is as it is described.</p>")
        return
    yield Markup('<ul class="card">{}</ul>').format(
        Markup("").join(
            Markup("<li>{} <b>{}</b> {}</li>").format(_state(state), name, why)
            for name, state, why in found[:_LISTED]
        )
    )
    if len(found) > _LISTED:
        yield Markup("<p>And {} more.</p>").format(len(found) - _LISTED)


def _why(one: Observed) -> Iterator[str]:
    if not one.answered:
        yield f"no answer since {one.last}" if one.last else "no answer, and none before"
    yield from one.errors
    yield from one.differs


# ---- services ------------------------------------------------------------------------------------
_FIND = Markup(
    '<div class="find" role="search" hidden><label for="text">Find</label>'
    '<input id="text" type="search" placeholder="service, address or real server">'
    '<label><input id="only" type="checkbox"> only those that are not good</label>'
    '<button id="unfold" type="button">Unfold</button>'
    '<button id="fold" type="button">Fold</button>'
    '<span id="count" class="muted" role="status"></span></div>'
)


def _services(status: Status) -> Iterator[Markup]:
    if not status.services:
        yield Markup("<p>None is described.</p>")
    bad = sum(one.state != GOOD for one in status.services)
    for one in status.services:
        is_open = len(status.services) <= UNFOLDED or (one.state != GOOD and bad <= UNFOLDED)
        yield _service(one, is_open=is_open)


def _service(one: ServiceStatus, *, is_open: bool) -> Markup:
    found = " ".join(
        [one.name, *one.endpoints, *(f"{each.name} {each.address}" for each in one.servers)]
    )
    return Markup(
        '<details data-state="{}" data-find="{}"{}><summary>{}<b>{}</b><span>{}</span>'
        '<span class="muted">{}</span></summary><div class="more">{}{}</div></details>'
    ).format(
        one.state,
        found.lower(),
        Markup(" open") if is_open else "",
        _state(one.state),
        one.name,
        _up(one),
        one.why or ", ".join(one.endpoints),
        _facts(_of_service(one)),
        _servers(one),
    )


def _up(one: ServiceStatus) -> str:
    """Say how many take clients. Who is in a table that was read need not answer."""
    if one.total and one.unknown == one.total:
        return f"not known how many of {one.total} take clients"
    not_known = f", {one.unknown} not known" if one.unknown else ""
    return f"{one.up} of {one.total} {'up' if one.checked else 'in the table'}{not_known}"


def _of_service(one: ServiceStatus) -> Iterator[tuple[str, Any]]:
    yield "Clients ask", ", ".join(one.endpoints)
    persistent = f", persistent {one.persistent_timeout} s" if one.persistent_timeout else ""
    yield "Scheduler", f"{one.scheduler}{persistent}"
    yield "Served by", ", ".join(one.served_by) or "nobody that is known"
    if one.silent:
        yield "Not known of", ", ".join(one.silent)
    if one.at:
        yield "Asked", _time(one.at)
    weight = "not known" if one.weight is None else f"{one.weight} of {one.weight_wanted}"
    if one.quorum is not None:
        weight += f", quorum {one.quorum}"
    yield "Weight", weight
    if one.sorry_server:
        uses = {True: "in use", False: "not in use", None: "not known whether in use"}
        yield "Sorry server", f"{one.sorry_server}, {uses[one.sorry_in_use]}"
    if one.rates is not None and one.totals is not None:
        yield "Now", _counted(one.totals, one.rates)
    if one.differs:
        yield (
            "Differs",
            _list(f"{name}: {text}" for name, own in one.differs.items() for text in own),
        )


def _counted(totals: Mapping[str, int], rates: Mapping[str, int]) -> str:
    return (
        f"{_many(totals['active_connections'])} active,"
        f" {_many(totals['inactive_connections'])} inactive connections;"
        f" {_many(rates['connections_per_second'])} new a second,"
        f" {_octets(rates['incoming_bytes_per_second'])} in,"
        f" {_octets(rates['outgoing_bytes_per_second'])} out"
    )


def _servers(one: ServiceStatus) -> Markup:
    if not one.servers:
        return Markup("<p>No real server is described.</p>")
    names = (
        "Real server",
        "State",
        "Weight",
        "Active",
        "Inactive",
        "Persistent",
        "New a second",
        "Share of connections",
        "Forwarded",
    )
    return _table("servers", f"Real servers of {one.name}", names, map(_server, one.servers))


def _table(kind: str, caption: str, names: Iterable[str], rows: Iterable[Markup]) -> Markup:
    heads = Markup("").join(Markup('<th scope="col">{}').format(name) for name in names)
    return Markup('<table class="{}"><caption>{}</caption><thead><tr>{}<tbody>\n{}</table>').format(
        kind, caption, heads, Markup("\n").join(rows)
    )


def _server(one: ServerStatus) -> Markup:
    word = f"{one.word} since {one.drained_since}" if one.drained_since else one.word
    counts = one.counts or {}
    return Markup(
        '<tr><th scope="row">{} <span class="muted">{}</span><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}'
        "<td>{}<td>{}</tr>"
    ).format(
        one.name,
        one.address if one.address != one.name else "",
        _state(one.state, word),
        _weight(one),
        _many(counts.get("active_connections")),
        _many(counts.get("inactive_connections")),
        _many(counts.get("persistent_connections")),
        _many(one.connections_per_second),
        _share(one),
        one.forward.upper(),
    )


def _weight(one: ServerStatus) -> str:
    if not one.weights:
        return "not known"
    several = len(set(one.weights.values())) > 1
    if several:
        told = (f"{name} {'none' if own is None else own}" for name, own in one.weights.items())
        return f"{', '.join(told)}, of {one.weight_wanted}"
    now = "none" if one.weight is None else str(one.weight)
    return now if one.weight == one.weight_wanted else f"{now} of {one.weight_wanted}"


def _share(one: ServerStatus) -> str:
    share = "" if one.share is None else f"{one.share:g} %"
    none = "none yet" if one.weights else "not known"
    return share if one.promised is None else f"{share or none}, promised {one.promised:g} %"


def _many(number: int | None) -> str:
    """Spell a number with spaces, which no language takes for a point."""
    return "" if number is None else f"{number:,}".replace(",", "\u202f")


def _octets(number: int) -> str:
    size = float(number)
    for unit in ("B/s", "kB/s", "MB/s"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB/s"


# ---- hosts ---------------------------------------------------------------------------------------
def _director(one: DirectorStatus) -> Markup:
    return Markup('<article class="card"><div class="head"><h3>{}</h3>{}</div>{}</article>').format(
        one.name, _state(one.state), _facts(_of_director(one))
    )


def _of_director(one: DirectorStatus) -> Iterator[tuple[str, Any]]:
    yield from _asked(one)
    yield "Table is of", "the role director" if one.manager == "static" else one.manager
    if one.serves is not None:
        word = "serves" if one.serves else "stands by"
        yield "Clients", Markup("{}, seen so since {}").format(word, _time(one.since))
        yield (
            "Addresses",
            ", ".join(
                f"{address} {'here' if here else 'not here'}"
                for address, here in one.addresses.items()
            ),
        )
    yield from _told(one)
    if one.answered and not one.differs and not one.errors:
        yield "As described", "its table, and what its unit gives"
    if one.foreign:
        yield "Of others", _list(one.foreign)
    if one.daemons:
        yield (
            "Synchronises",
            ", ".join(
                f"{each['role']} on {each['interface']} ({each['sync_id']})" for each in one.daemons
            ),
        )
    if one.totals is not None:
        yield "Now", _counted(one.totals, one.totals)


def _real_servers(some: Sequence[RealServerStatus]) -> Iterator[Markup]:
    yield Markup("<h2>Real servers</h2>")
    if not some:
        yield Markup("<p>None is in the inventory.</p>")
        return
    rows = (
        Markup('<tr><th scope="row">{}<td>{}<td>{}<td>{}<td>{}<td>{}</tr>').format(
            one.name,
            _state(one.state),
            _asked_at(one),
            one.address,
            ", ".join(forward.upper() for forward in one.forwards),
            _list([*one.errors, *one.differs]),
        )
        for one in some
    )
    caption = "What each host has of its own; whether it gets clients is said with the services"
    names = ("Real server", "State", "Asked", "Address", "Reached by", "Differs")
    yield Markup('<div class="card">{}</div>').format(_table("hosts", caption, names, rows))


def _asked(one: Observed) -> Iterator[tuple[str, Any]]:
    yield "Asked", _asked_at(one)


def _asked_at(one: Observed) -> Markup:
    if one.answered:
        return _time(one.at)
    last = Markup("nothing is known of it since {}").format(_time(one.last)) if one.last else (
        "nothing is known of it"
    )  # fmt: skip
    asked = Markup("{}, no answer").format(_time(one.at)) if one.at else "not asked"
    return Markup("{}; {}").format(asked, last)


def _told(one: Observed) -> Iterator[tuple[str, Any]]:
    if one.errors:
        yield "Says", _list(one.errors)
    if one.differs:
        yield "Differs", _list(one.differs)


# ---- the rest ------------------------------------------------------------------------------------
def _lists(status: Status) -> Iterator[Markup]:
    # The directors remember it, each of them all of it.
    asked = any(one.answered for one in status.directors)
    none_drained = "No real server is drained." if asked else "Not known: no director answered."
    for title, some, none in (
        ("Drained", [str(one["message"]) for one in status.drained], none_drained),
        ("What preflight says", status.problems, "Nothing that cannot work, of what was asked."),
        ("What may be in the way later", status.warnings, ""),
    ):
        if some or none:
            yield Markup("<h2>{}</h2>{}").format(
                title, _list(some) if some else Markup("<p>{}</p>").format(none)
            )


def _legend(status: Status) -> Iterator[Markup]:
    told = [
        "Every time is UTC, by the controller's clock: it is when the host was asked.",
        'What did not answer is "unknown", and so is what follows from it.',
    ]
    if any(one.checked for one in status.services):
        told.append('"Up" is what the check of a health checker says.')
    if not all(one.checked for one in status.services):
        told.append(
            '"In the table" says that the director sends clients there, and that the host has'
            " answered the controller. Whether it answers clients nobody has asked."
        )
    told.append("Shares are of all connections since the real server came into the table.")
    yield Markup("<h2>How to read this</h2>{}").format(_list(told))


def _facts(facts: Iterable[tuple[str, Any]]) -> Markup:
    return Markup("<dl>{}</dl>").format(
        Markup("").join(Markup("<dt>{}<dd>{}").format(name, told) for name, told in facts)
    )


def _list(some: Iterable[object]) -> Markup:
    items = Markup("").join(Markup("<li>{}").format(text) for text in some)
    return Markup("<ul>{}</ul>").format(items) if items else Markup("")


def _state(state: str, word: str = "") -> Markup:
    return Markup('<span class="state {}">{} {}</span>').format(state, SIGNS[state], word or state)


def _time(text: str) -> Markup:
    shown = text.replace("T", " ").replace("Z", " UTC")
    return Markup('<time datetime="{}">{}</time>').format(text, shown)
