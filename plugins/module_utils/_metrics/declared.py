# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director is to have, by the names of the inventory, and which real servers are drained.

Private to the collection: names and behaviour may change in any release.

The role writes C(/etc/lvs-cluster/director.metrics); what is drained is in C(director.drained), and
may change without it. Pure code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._ipvs.model import RealServer, RealServerKey, Service

STATIC = "static"
CUT = "cut"
_DRAINED = ("drained", "updating", CUT)


class Server(NamedTuple):
    """A real server by its name, as the description has it. C(drained) is a state, or empty."""

    name: str
    server: RealServer
    drained: str = ""

    @property
    def wanted(self) -> RealServer:
        """It as the table is to have it."""
        return self.server._replace(weight=0) if self.drained else self.server


class DeclaredService(NamedTuple):
    """A service by its name. C(sorry) names its sorry server."""

    name: str
    service: Service
    servers: tuple[Server, ...]
    sorry: RealServerKey | None

    @property
    def in_table(self) -> tuple[Server, ...]:
        """The real servers that the table is to have: of a service that all are cut of, all."""
        return tuple(one for one in self.servers if one.drained != CUT) or self.servers


class Declared(NamedTuple):
    """All that a director is to have.

    C(floats) tells whether the virtual addresses are one director's at a time.
    """

    cluster: str
    manager: str
    floats: bool
    addresses: tuple[str, ...]
    daemons: tuple[str, ...]
    services: tuple[DeclaredService, ...]


def read_declared(text: str, drained: Iterable[str] = ()) -> Declared:
    """Read what the role has written, and the lines about what is drained."""
    states = _states(drained)

    def read(found: dict[str, Any]) -> Any:
        # Each as soon as it has been read: what it was read of is let go.
        return found if "services" in found else _service(found, states)

    found, _end = json.JSONDecoder(object_hook=read).raw_decode(text, text.index("\n") + 1)
    return Declared(
        found["cluster"],
        found["manager"],
        found["floats"],
        tuple(found["addresses"]),
        tuple(found["daemons"]),
        tuple(found["services"]),
    )


def _states(lines: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return the state in each line, by server and service; that is empty in one about all."""
    words = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    if not words:
        return {}
    from urllib.parse import unquote

    return {(unquote(one[0]), unquote("".join(one[3:]))): one[1] for one in words if len(one) >= 3}


def _service(found: Mapping[str, Any], states: Mapping[tuple[str, str], str]) -> DeclaredService:
    *fields, sorry = found["service"], found["sorry"]
    service = Service(*fields[0])
    servers = [
        Server(name, RealServer(*server), _drained(states, name, found["label"]))
        for name, server in found["servers"]
    ]
    return DeclaredService(
        found["name"],
        service._replace(scheduler_flags=tuple(service.scheduler_flags)),
        tuple(servers),
        None if sorry is None else (sorry[0], sorry[1]),
    )


def _drained(states: Mapping[tuple[str, str], str], name: str, label: str) -> str:
    state = states.get((name, label)) or states.get((name, ""), "")
    return state if state in _DRAINED else ""
