# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is otherwise on a host than it was described, and what is there that nobody described.

Private to the collection: names and behaviour may change in any release.

Pure code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.differs import (
    server_fields,
    service_fields,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    Service,
    ServiceKey,
    key_label,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import join_host_port

from .._cluster.clients_way import is_mark
from .._cluster.model import STATIC, VirtualService

# A table of places is made of the real servers, one after the other.
_ORDERED = ("mh", "sh")
_NAMES = {"virtual_address": "address", "virtual_port": "port"}

LiveService = tuple[Service, list[RealServer]]
LiveTable = Mapping[ServiceKey, LiveService]


def read_service(entry: Mapping[str, Any]) -> tuple[ServiceKey, LiveService]:
    """Read a service as M(lvs.cluster.ipvs_info) returns it."""
    given = {_NAMES.get(name, name): value for name, value in entry.items()}
    service = Service(**{name: given[name] for name in Service._fields if name in given})
    service = service._replace(scheduler_flags=tuple(service.scheduler_flags))
    servers = [
        RealServer(**{name: server[name] for name in RealServer._fields if name in server})
        for server in entry["real_servers"]
    ]
    return service.key, (service, servers)


def read_table(live: Iterable[Mapping[str, Any]]) -> LiveTable:
    """Read the services as M(lvs.cluster.ipvs_info) returns them."""
    return dict(map(read_service, live))


# ---- the table -----------------------------------------------------------------------------------
def service_drift(described: VirtualService, table: LiveTable, manager: str) -> list[str]:
    """Say what a director's table has otherwise than the description, a sentence each.

    A health checker takes out who does not answer, or gives it weight 0: that is no drift.
    """
    label = described.name
    if described.service.key not in table:
        return [f"{label} is not in the table"]
    service, servers = table[described.service.key]
    found = list(_of_service(described.service, service, label))
    return [*found, *_of_servers(described, servers, manager)]


def _of_service(wanted: Service, had: Service, label: str) -> Iterator[str]:
    for name in service_fields(wanted, had):
        now, then = (_shown(getattr(service, name)) for service in (had, wanted))
        yield f"{label} has {name} {now} in place of {then}"


def _shown(value: Any) -> str:
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value)


def _of_servers(
    described: VirtualService, servers: Iterable[RealServer], manager: str
) -> Iterator[str]:
    checked = manager != STATIC
    had = {server.key: server for server in servers}
    sorry = described.sorry_server if checked else None
    known = {member.server.key for member in described.members}
    for member in described.in_table:
        item = f"{member.name} of {described.name}"
        server = had.get(member.server.key)
        if server is None:
            if not checked:
                yield f"{item} is not in the table"
            continue
        for name in server_fields(member.server, server, checked=checked):
            now, then = getattr(server, name), getattr(member.server, name)
            yield f"{item} has {name} {now} in place of {then}"
    in_table = {member.server.key for member in described.in_table}
    for key in had:
        where = f"of {described.name}"
        if key in in_table or (sorry is not None and key == sorry.server.key):
            continue
        if key in known:
            yield f"{join_host_port(*key)} {where} is drained, and in the table still"
        else:
            yield f"{join_host_port(*key)} {where} is in the table, and not described"


def order_drift(
    described: Iterable[VirtualService], tables: Mapping[str, LiveTable]
) -> dict[str, list[str]]:
    """Say which directors, that serve at once, have a hash's real servers in another order.

    By the order goes to which of them a client is given. The first director is what the others are
    compared with, in those that both have.
    """
    found: dict[str, list[str]] = {}
    for service in described:
        key = service.service.key
        orders = {
            name: [server.key for server in table[key][1]]
            for name, table in tables.items()
            if key in table and service.service.scheduler in _ORDERED
        }
        first, *others = orders or [""]
        for name in others:
            mine, its = orders[name], orders[first]
            if [one for one in mine if one in its] != [one for one in its if one in mine]:
                sentence = f"{service.name} has its real servers in another order than on {first}"
                found.setdefault(name, []).append(sentence)
    return found


def foreign_services(described: Iterable[VirtualService], table: LiveTable) -> list[str]:
    """Name the services of a table that nobody declared, without those of health checks."""
    known = {service.service.key for service in described}
    return [
        key_label(key).removeprefix("service ")
        for key, (service, _servers) in table.items()
        if key not in known and not is_mark(str(service.fwmark))
    ]


# ---- what a unit gives ---------------------------------------------------------------------------
_WORDS: Mapping[str, str] = {
    "director.nft": "masquerading",
    "director-marks.nft": "firewall marks",
    "keepalived.nft": "the rules for a director that begins or ends to serve",
}
_SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("loaded (?P<file>.+)"), "{file}: the rules are not as they were written"),
    (re.compile("added default via (?P<by>.+) dev (?P<on>.+)"),
     "the default route is not by {by} on {on}"),
    (re.compile("added (?P<path>net/[^ ]+) (?P<value>.+)"), "{path} is not {value}"),
    (re.compile("added (?P<what>.+)"), "{what} is missing"),
    (re.compile("started daemon (?P<role>.+)"), "the synchronisation daemon {role} does not run"),
    (re.compile("set the timeouts to (?P<values>.+)"), "the timeouts are not {values}"),
)  # fmt: skip


def unit_drift(changes: Iterable[str]) -> list[str]:
    """Say what a host lacks of what its unit gives, a sentence each.

    C(changes) is what M(lvs.cluster.unit) would do in check mode.
    """
    return [_of_unit(line) for line in changes]


def _of_unit(line: str) -> str:
    for pattern, sentence in _SENTENCES:
        match = pattern.fullmatch(line)
        if match:
            told = {name: _WORDS.get(text, text) for name, text in match.groupdict().items()}
            return sentence.format(**told)
    return f"site would have it: {line}"
