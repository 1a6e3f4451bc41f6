# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block of a virtual server in keepalived.conf, and the blocks of its real servers.

Private to the collection: names and behaviour may change in any release.

Written against keepalived.conf(5) and keepalived 2.2 to 2.4. Pure code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.command_line import (
    DEFAULT_PERSISTENT_TIMEOUT,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    MAX_PERSISTENT_TIMEOUT,
    MAX_THRESHOLD,
    MAX_WEIGHT,
    NAMED_SCHEDULER_FLAGS,
    SCHEDULERS,
    TUNNEL_CHECKSUMS,
    TUNNEL_TYPES,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    MAX_PORT,
    ModelError,
    canonical_address,
)

from .._settings.kinds import TEXT, Kind, number, one_of
from . import keepalived_checks as checks
from .keepalived_heads import FAMILIES, Head
from .statements import NO_PLACE, Ledger, Statement

_FLAGS = (
    "flag-1",
    "flag-2",
    "flag-3",
    *(name for own in NAMED_SCHEDULER_FLAGS.values() for name in own),
)
_CALLED = {"lb_algo": "lvs_sched", "lb_kind": "lvs_method"}
_METHODS = {"NAT": "nat", "DR": "dr", "TUN": "tun"}
_QUIETLY = "the role has no program for that; it tells by keepalived_notify when a director changes"
_LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "omega": ("no program is run where keepalived ends", ""),
    "quorum_up": (NO_PLACE, _QUIETLY),
    "quorum_down": (NO_PLACE, _QUIETLY),
    "notify_up": (NO_PLACE, _QUIETLY),
    "notify_down": (NO_PLACE, _QUIETLY),
    "ha_suspend": ("the servers are asked by each director at any time", ""),
    "smtp_alert": (
        "the role sends no mail",
        "watch by lvs.cluster.verify, or by keepalived_notify",
    ),
    "sorry_server_inhibit": (
        "the sorry server is taken out of the table when it is not needed",
        "",
    ),
    "hashed": ("is nothing that keepalived still has", ""),
}
_SIMPLE: Mapping[str, tuple[str, Kind]] = {
    "lvs_sched": ("scheduler", one_of(*SCHEDULERS)),
    "persistence_engine": ("persistence_engine", one_of("sip")),
    "quorum": ("check.quorum", number(1, 2**31 - 1)),
    "hysteresis": ("check.hysteresis", number(0, 2**31 - 1)),
    "snmp_name": ("name", TEXT),
}
_WEIGHT = number(0, MAX_WEIGHT)
_PORT = number(0, MAX_PORT)
_TUNNEL_PORT = number(1, MAX_PORT)
_TIMEOUT = number(1, MAX_PERSISTENT_TIMEOUT)
_THRESHOLD = number(0, MAX_THRESHOLD)


class Forward(NamedTuple):
    """How packets reach a server."""

    forward: str = "nat"
    tunnel_type: str = "ipip"
    tunnel_port: int = 0
    tunnel_checksum: str = "none"

    def fields(self) -> dict[str, Any]:
        """Return the fields of the description; those of tunnels where there is one."""
        if self.forward != "tun":
            return {"forward": self.forward}
        return {name: value for name, value in self._asdict().items() if value not in (0, "none")}


@dataclass
class Server:
    """A real server or sorry server: its address and port, and its fields."""

    statement: Statement
    address: str
    port: int
    forward: Forward | None = None
    # With what its service says, once all is read.
    by: Forward = field(default_factory=Forward)
    fields: dict[str, Any] = field(default_factory=dict)
    quiescent: bool = False
    candidates: list[checks.Candidate] = field(default_factory=list)
    defaults: checks.Defaults = field(default_factory=checks.Defaults)
    blocks: list[Statement] = field(default_factory=list)

    @property
    def weight(self) -> int:
        """Its weight."""
        return int(self.fields.get("weight", 1))


@dataclass
class Body:
    """What the block of a virtual server says."""

    fields: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Statement] = field(default_factory=dict)
    flags: list[tuple[str, Statement]] = field(default_factory=list)
    forward: Forward | None = None
    servers: list[Server] = field(default_factory=list)
    sorry_server: Server | None = None
    defaults: checks.Defaults = field(default_factory=checks.Defaults)
    inhibit: Statement | None = None
    weight: int = 1
    # As the description has them, once all is read.
    by: Forward = field(default_factory=Forward)
    check: dict[str, Any] = field(default_factory=dict)


def read_body(statement: Statement, heads: Sequence[Head], ledger: Ledger) -> Body:
    """Read what a virtual server says but for its head; C(heads) are what it makes."""
    body = Body()
    several = ("real_server", *_FLAGS)
    entries = list(ledger.last_ones(statement.block or (), several, _CALLED))
    for name, one in entries:
        body.said[name] = one
        if name in _SIMPLE:
            into, kind = _SIMPLE[name]
            read = ledger.take(one, kind, one.value, into)
            if read is not None:
                body.fields[into] = read
        elif name in _FLAGS:
            body.flags.append((name, one))
        elif name in checks.SHARED:
            body.defaults.say(one)
        elif name == "inhibit_on_failure":
            body.inhibit = one
        else:
            _read_other(name, one, body, heads, ledger)
    for name, one in entries:
        if name == "real_server":
            server = _read_server(one, body, ledger)
            body.servers += [server] if server is not None else []
    return body


def _read_other(
    name: str, one: Statement, body: Body, heads: Sequence[Head], ledger: Ledger
) -> None:
    if name == "protocol":
        read = ledger.take(one, one_of("tcp", "udp", "sctp"), one.value.lower(), "protocol")
        body.fields["protocol"] = read or "tcp"
    elif name == "ops":
        body.fields["one_packet"] = True
        ledger.carry(one, "one_packet")
    elif name == "persistence_timeout":
        given = one.value or DEFAULT_PERSISTENT_TIMEOUT
        body.fields["persistent_timeout"] = ledger.take(one, _TIMEOUT, given, "persistent_timeout")
    elif name == "persistence_granularity":
        body.fields["persistent_netmask"] = one.value
    elif name == "ip_family":
        if one.value in FAMILIES:
            body.fields["family"] = FAMILIES[one.value]
            ledger.carry(one, "family" if heads[0].fwmark else "address")
        else:
            ledger.leave(one, "is neither inet nor inet6", "give one of them")
    elif name == "lvs_method":
        body.forward = read_forward(one, one.words[1:], ledger)
    elif name == "weight":
        body.weight = ledger.take(one, _WEIGHT, one.value, "weight")
        body.weight = 1 if body.weight is None else body.weight
    elif name == "sorry_server":
        body.sorry_server = _server_of(one, ledger)
    elif name in _LEFT_OUT:
        ledger.leave(one, *_LEFT_OUT[name])
    elif name not in ("real_server", "sorry_server_lvs_method"):
        ledger.leave(one, NO_PLACE)


def read_forward(one: Statement, words: Sequence[str], ledger: Ledger) -> Forward | None:
    """Read C(NAT), C(DR) or C(TUN type gue port 6080 csum)."""
    found = Forward(_METHODS.get(words[0] if words else "", ""))
    waiting = list(words[1:])
    try:
        if not found.forward:
            raise ModelError("", "", None, "is neither NAT, DR nor TUN", "give one of them")
        while waiting:
            word = waiting.pop(0)
            if word == "type":
                value = one_of(*TUNNEL_TYPES).parse(waiting.pop(0) if waiting else None)
                found = found._replace(tunnel_type=value)
            elif word == "port":
                found = found._replace(
                    tunnel_port=_TUNNEL_PORT.parse(waiting.pop(0) if waiting else None)
                )
            else:
                checksum = "none" if word == "nocsum" else word
                found = found._replace(tunnel_checksum=one_of(*TUNNEL_CHECKSUMS).parse(checksum))
    except ModelError as error:
        ledger.leave(one, error.why, error.advice)
        return None
    ledger.carry(one, "forward")
    return found


def _server_of(one: Statement, ledger: Ledger) -> Server | None:
    address = canonical_address(one.value)
    port = one.words[2] if len(one.words) > 2 else "0"
    if address is None:
        why = f"{one.value} is not an IPv4 or IPv6 address"
        ledger.leave_whole(one, why, "give one")
        return None
    try:
        return Server(one, address, _PORT.parse(port))
    except ModelError:
        ledger.leave_whole(one, f"{port} is not a port", "give one")
        return None


def _read_server(one: Statement, body: Body, ledger: Ledger) -> Server | None:
    server = _server_of(one, ledger)
    if server is None:
        return None
    ledger.carry(one, "real_servers")
    server.defaults = checks.Defaults(body.defaults)
    server.fields["weight"] = body.weight
    inhibit = body.inhibit
    blocks = (*checks.BY_BLOCK, *checks.OTHER_BLOCKS)
    for name, each in ledger.last_ones(one.block or (), blocks):
        if name == "weight":
            weight = ledger.take(each, _WEIGHT, each.value, "weight")
            server.fields["weight"] = body.weight if weight is None else weight
        elif name == "lvs_method":
            server.forward = read_forward(each, each.words[1:], ledger)
        elif name in ("uthreshold", "lthreshold"):
            into = f"{'upper' if name[0] == 'u' else 'lower'}_threshold"
            server.fields[into] = ledger.take(each, _THRESHOLD, each.value, into) or 0
        elif name == "inhibit_on_failure":
            inhibit = each
        elif name in checks.SHARED:
            server.defaults.say(each)
        elif name in blocks:
            server.blocks.append(each)
        elif name == "snmp_name":
            ledger.leave(each, "a real server is called by its host or its address")
        elif name in _LEFT_OUT:
            ledger.leave(each, *_LEFT_OUT[name])
        else:
            ledger.leave_whole(each, NO_PLACE)
    server.quiescent = inhibit is not None and inhibit.value not in checks.NO
    if inhibit is not None:
        body.said.setdefault(f"inhibit {id(inhibit)}", inhibit)
    return server
