# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemons that synchronise connections between directors: values, validation, plan.

Private to the collection: names and behaviour may change in any release.

The kernel runs at most one daemon of each role, and cannot edit one: a change is to stop it and to
start another. What it takes, and what it takes for what is not given, is from start_sync_thread in
net/netfilter/ipvs/ip_vs_sync.c.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from .._effects import NO_EFFECT
from .._values import (
    MAX_PORT,
    ModelError,
    is_multicast,
    packed_address,
    parse_address,
    parse_choice,
    parse_integer,
)

START = "start"
STOP = "stop"

ROLES = ("master", "backup")
# A message carries its sender's in one octet.
MAX_SYNC_ID = 255
MAX_TTL = 255
DEFAULT_GROUP = "224.0.0.81"
DEFAULT_PORT = 8848
DEFAULT_TTL = 1

# A message is a UDP datagram: with the headers below it, it is to fit a packet.
HEADERS = {"ipv4": 20 + 8, "ipv6": 40 + 8}
MAX_PACKET = 65535
DEFAULT_PACKET = 1500
# The kernel silently raises a shorter one.
LOWEST_MAXLEN = {"master": 1, "backup": 1024}

# dev_valid_name in net/core/dev.c, less what is no printable ASCII
_INTERFACE = re.compile(r"(?!\.{1,2}$)[!-.0-9;-~]{1,15}")

_SWITCHES = (
    ("interface", "--mcast-interface"),
    ("sync_id", "--syncid"),
    ("maxlen", "--sync-maxlen"),
    ("group", "--mcast-group"),
    ("port", "--mcast-port"),
    ("ttl", "--mcast-ttl"),
)


class SyncDaemon(NamedTuple):
    """One daemon that runs, or is to run."""

    role: str
    interface: str
    sync_id: int = 0
    maxlen: int = 0
    group: str = DEFAULT_GROUP
    port: int = DEFAULT_PORT
    ttl: int = DEFAULT_TTL

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`: that of its group."""
        return "ipv6" if ":" in self.group else "ipv4"

    @property
    def label(self) -> str:
        """What messages call it."""
        return role_label(self.role)

    def as_result(self) -> dict[str, Any]:
        """What modules return for it: the names of their options."""
        return self._asdict()


class WantedDaemon(NamedTuple):
    """A daemon as a task asks for it: its role, and the fields that it names."""

    role: str
    given: Mapping[str, Any] = MappingProxyType({})


class DaemonOperation(NamedTuple):
    """A daemon that is started or stopped.

    `former` is the one in whose place another is started.
    """

    action: str
    daemon: SyncDaemon
    former: SyncDaemon | None = None

    def as_result(self) -> dict[str, Any]:
        """What modules return for it.

        Its effect is none: the connections that this host balances go on. What it does to the
        other director's copy of them is for the documentation to say.
        """
        result: dict[str, Any] = {
            "action": self.action,
            "item": "sync_daemon",
            "role": self.daemon.role,
            "effect": NO_EFFECT,
        }
        if self.former is not None:
            was, now = self.former.as_result(), self.daemon.as_result()
            result["changes"] = {n: [was[n], now[n]] for n in now if was[n] != now[n]}
        return result


def role_label(role: str) -> str:
    """Return what messages call the daemon of this role."""
    return f"sync daemon {role}"


def default_maxlen(daemon: SyncDaemon, mtu: int) -> int:
    """Return the length that the kernel chooses, on an interface with this MTU.

    A backup takes what a larger MTU may bring; a master sends what every backup takes.
    """
    packet = DEFAULT_PACKET
    if daemon.role == "backup":
        packet = min(max(mtu, DEFAULT_PACKET), MAX_PACKET)
    return packet - HEADERS[daemon.family]


def parse_daemon(source: Mapping[str, Any]) -> WantedDaemon:
    """Read a daemon; what is None is not given."""
    role = parse_choice("sync daemon", "role", source.get("role"), ROLES)
    item = role_label(role)
    given: dict[str, Any] = {}
    for name, value in source.items():
        if name not in SyncDaemon._fields:
            advice = f"use one of {', '.join(sorted(SyncDaemon._fields))}"
            raise ModelError(item, name, None, "is not known", advice)
        if value is not None and name != "role":
            given[name] = _parse_field(item, role, name, value)
    return WantedDaemon(role, given)


def _parse_field(item: str, role: str, name: str, value: object) -> object:
    if name == "interface":
        if not isinstance(value, str) or not _INTERFACE.fullmatch(value):
            why = "is not the name of an interface"
            raise ModelError(item, name, value, why, "give one such as eth1")
        return value
    if name == "group":
        return _parse_group(item, value)
    lowest, highest = {
        "sync_id": (0, MAX_SYNC_ID),
        "port": (1, MAX_PORT),
        "ttl": (1, MAX_TTL),
        "maxlen": (LOWEST_MAXLEN[role], MAX_PACKET - HEADERS["ipv4"]),
    }[name]
    return parse_integer(item, name, value, lowest, highest)


def _parse_group(item: str, value: object) -> str:
    group = parse_address(item, "group", value)
    if is_multicast(packed_address(group)):
        return group
    advice = f"give one from 224.0.0.0/4 or ff00::/8, or leave it out for {DEFAULT_GROUP}"
    raise ModelError(item, "group", group, "is no multicast address", advice)


def resolve_daemon(
    have: SyncDaemon | None, wanted: WantedDaemon, mtu_of: Callable[[str], int]
) -> SyncDaemon:
    """Return the daemon that is to run: what is not given is left, or for a new one the kernel's.

    A length that the kernel had chosen for another interface or group is chosen again.
    """
    if have is None and "interface" not in wanted.given:
        why = "is not given, and none runs whose interface could stay"
        advice = "give the interface that leads to the other directors"
        raise ModelError(role_label(wanted.role), "interface", None, why, advice)
    if have is None:
        after = SyncDaemon(wanted.role, **wanted.given)
    else:
        after = have._replace(**wanted.given)
    if "maxlen" not in wanted.given and after != have:
        chosen = have is None or have.maxlen == default_maxlen(have, mtu_of(have.interface))
        if chosen:
            after = after._replace(maxlen=default_maxlen(after, mtu_of(after.interface)))
    highest = MAX_PACKET - HEADERS[after.family]
    parse_integer(after.label, "maxlen", after.maxlen, LOWEST_MAXLEN[after.role], highest)
    return after


def check_new_daemon(
    source: Mapping[str, Any], interfaces: Sequence[str], others: Collection[str]
) -> None:
    """Raise ModelError for a daemon that cannot be started on a host with these interfaces.

    `others` are the roles of those that are started there besides.
    """
    wanted = parse_daemon(source)
    item = role_label(wanted.role)
    if wanted.role in others:
        advice = "leave out one of the two"
        raise ModelError(item, "role", wanted.role, "is there twice", advice)
    after = resolve_daemon(None, wanted, lambda _interface: DEFAULT_PACKET)
    if after.interface not in interfaces:
        advice = f"use one of {', '.join(sorted(interfaces))}"
        why = "does not exist on this host"
        raise ModelError(item, "interface", after.interface, why, advice)


def plan_daemon(have: SyncDaemon | None, after: SyncDaemon | None) -> tuple[DaemonOperation, ...]:
    """Return what makes the one that runs the one that is to run."""
    if have == after:
        return ()
    operations = []
    if have is not None:
        operations.append(DaemonOperation(STOP, have))
    if after is not None:
        operations.append(DaemonOperation(START, after, have))
    return tuple(operations)


def print_daemon(daemon: SyncDaemon) -> str:
    """Return the arguments by which ipvsadm starts it."""
    return print_wanted(WantedDaemon(daemon.role, daemon.as_result()))


def print_wanted(wanted: WantedDaemon) -> str:
    """Return the arguments by which ipvsadm starts it; what is not given the kernel chooses."""
    words = ["--start-daemon", wanted.role]
    for name, switch in _SWITCHES:
        if name in wanted.given:
            words += [switch, str(wanted.given[name])]
    return " ".join(words)
