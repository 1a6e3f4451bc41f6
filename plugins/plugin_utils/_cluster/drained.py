# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which real servers are drained: what every director remembers of it, and what follows.

Private to the collection: names and behaviour may change in any release.

A director has a line for a server and a service in C(/etc/lvs-cluster/director.drained): the
server, the state, since when, and the service, which is left out for all of them. The newest line
wins, wherever it is from. So C(undrained) is a line, too: by it a director that was down meanwhile
brings no drain back. Pure code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .inventory import answer_of
from .model import Cluster, Drain, Member, VirtualService

PATH = "/etc/lvs-cluster/director.drained"
DRAINED, CUT, UNDRAINED = "drained", "cut", "undrained"
# Drained by a rolling update that has not given it back yet, and given back by one.
UPDATING, UPDATED = "updating", "updated"
# Where two are as new as each other, the last one of these wins.
STATES = (UNDRAINED, UPDATED, UPDATING, DRAINED, CUT)
GIVEN_BACK = (UNDRAINED, UPDATED)
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_SINCE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
# What the tasks of roles and playbooks have asked directors for, or are about to write down there.
_TOLD = ("__preflight_host", "__director_host", "__director_drained")
# Of directors that a run leaves out, asked by another one.
_ASKED_BESIDE = "__preflight_drained"


class Line(NamedTuple):
    """What is remembered of a server: C(service) is empty where it is about all of them.

    C(since) is a time in UTC, as C(2026-11-28T05:00:00Z), by the clock of the controller.
    """

    server: str
    state: str
    since: str
    service: str = ""

    def __str__(self) -> str:
        """Write it as a line of the file, in ASCII and with no space in a name."""
        words = [quote(self.server, safe=":"), self.state, self.since]
        return " ".join([*words, quote(self.service, safe=":")] if self.service else words)

    @property
    def _age(self) -> tuple[str, int]:
        return self.since, STATES.index(self.state)

    def is_newer(self, other: Line | None) -> bool:
        """Tell whether it goes before another one."""
        return other is None or self._age > other._age


def parse_line(director: str, text: object) -> Line:
    """Read a line of the file. Raise ModelError for one that the roles have not written."""
    words = str(text).split()
    if 3 <= len(words) <= 4 and words[1] in STATES and _is_time(words[2]):
        return Line(unquote(words[0]), words[1], words[2], unquote("".join(words[3:])))
    why = "has a line that does not say which real server is drained"
    advice = f"take the line out of {PATH}"
    raise ModelError(f"host {director}", "director.drained", text, why, advice)


def _is_time(text: str) -> bool:
    """Tell whether it is a time as it is written here; strptime takes shorter numbers, too."""
    if _SINCE.fullmatch(text) is None:
        return False
    try:
        datetime.strptime(text, _TIME)
    except ValueError:
        return False
    return True


def merged(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the newest line for each server and service.

    One about all services goes before older ones about some of them.
    """
    newest: dict[tuple[str, str], Line] = {}
    for line in lines:
        about = line.server, line.service
        if line.is_newer(newest.get(about)):
            newest[about] = line
    kept = (
        line
        for (server, service), line in newest.items()
        if not service or (server, "") not in newest or line.since > newest[server, ""].since
    )
    return tuple(sorted(kept, key=lambda line: (line.server, line.service)))


def after(now: str, lines: Iterable[Line]) -> str:
    """Return a time for a new line: C(now), or a second after the newest of the lines.

    Who drains by a clock that is behind wins all the same over what is known.
    """
    newest = max((line.since for line in lines), default="")
    if now > newest:
        return now
    then = datetime.strptime(newest, _TIME).replace(tzinfo=timezone.utc)
    return (then + timedelta(seconds=1)).strftime(_TIME)


def remembered(
    directors: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]
) -> tuple[Line, ...]:
    """Return what all directors together remember, as far as they have been asked."""
    found = [
        parse_line(director, text)
        for director in directors
        if director in hostvars
        for text in _told_by(hostvars[director])
    ]
    return merged(found)


def _told_by(variables: Mapping[str, Any]) -> Iterator[object]:
    for name in _TOLD:
        told = variables.get(name)
        if isinstance(told, Mapping):
            yield from told.get("drained") or ()
    beside = variables.get(_ASKED_BESIDE)
    for answer in (beside.get("results") or ()) if isinstance(beside, Mapping) else ():
        yield from answer.get("drained") or ()


def drain(cluster: Cluster, lines: Iterable[Line]) -> Cluster:
    """Return the cluster with what is drained at weight 0, and with the lines about it.

    Lines about what the description does not have any more go.
    """
    kept = merged(line for line in lines if _is_described(cluster, line))
    newest = {(line.server, line.service): line for line in kept}
    services = tuple(
        replace(service, members=tuple(_drained(service, one, newest) for one in service.members))
        for service in cluster.services
    )
    return replace(cluster, services=services, drained=kept)


def _is_described(cluster: Cluster, line: Line) -> bool:
    return any(
        member.name == line.server
        for service in cluster.services
        if line.service in ("", service.label)
        for member in service.members
    )


def _drained(
    service: VirtualService, member: Member, newest: Mapping[tuple[str, str], Line]
) -> Member:
    line = newest.get((member.name, service.label)) or newest.get((member.name, ""))
    if line is None or line.state in GIVEN_BACK:
        return member
    drained = Drain(line.since, member.server.weight, line.state == CUT)
    return member._replace(server=member.server._replace(weight=0), drain=drained)


def servers_in(state: str, lines: Iterable[Line]) -> frozenset[str]:
    """Return the real servers of which a line says that they are in a state."""
    return frozenset(line.server for line in lines if line.state == state)


def told(cluster: Cluster) -> list[dict[str, Any]]:
    """Return what is drained, an entry for each server, with a sentence that says so.

    C(services) are the names of the services for which it is. Those that have no name are called
    by address and port.
    """
    found: dict[tuple[str, str, bool], list[VirtualService]] = {}
    for service in cluster.services:
        for member in service.members:
            if member.drain is not None:
                key = member.name, member.drain.since, member.drain.is_cut
                found.setdefault(key, []).append(service)
    updating = servers_in(UPDATING, cluster.drained)
    return [
        {
            "server": server,
            "since": since,
            "cut": is_cut,
            "services": list(dict.fromkeys(service.label for service in services)),
            "message": _sentence(server, since, is_cut, services, server in updating),
        }
        for (server, since, is_cut), services in found.items()
    ]


def _sentence(
    server: str, since: str, is_cut: bool, services: Iterable[VirtualService], updating: bool
) -> str:
    names = ", ".join(dict.fromkeys(service.label for service in services))
    how = "out of the table" if is_cut else "drained"
    back = f"lvs.cluster.undrain -e lvs_host={server}"
    if updating:
        back = f"lvs.cluster.rolling_update goes on with it, or {back}"
    return f"{server} is {how} since {since} (services: {names}); {back}"


# ---- directors -----------------------------------------------------------------------------------
def left_since(hostvars: Mapping[str, Mapping[str, Any]], name: str) -> str:
    """Return since when a director is drained; empty where it is not, or nobody has asked."""
    lines = answer_of(hostvars[name].get).get("left") if name in hostvars else None
    return str(lines[0]) if lines else ""


def directors_told(cluster: Cluster, hostvars: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the directors that are drained, as C(told) does real servers."""
    since = {name: left_since(hostvars, name) for name in cluster.directors}
    return [
        {
            "server": name,
            "since": left,
            "cut": False,
            "services": [],
            "message": f"{name} is drained since {left}, and announces no address;"
            f" lvs.cluster.undrain -e lvs_host={name}",
        }
        for name, left in since.items()
        if left
    ]
