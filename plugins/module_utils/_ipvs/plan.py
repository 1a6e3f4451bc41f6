# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the table that is and the one that is wanted to the operations between them.

Private to the collection: names and behaviour may change in any release.

Nothing is done here, only worked out. A change is an edit in place, never a deletion and an
addition; whatever adds capacity comes in a stage before whatever takes it away, so that a plan that
is cut off anywhere, or refused, leaves no service without a server that had one before and should
have one after.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple, Union

from .._effects import (
    ADD,
    DELETE,
    DROPS_CONNECTIONS,
    EDIT,
    NEW_CONNECTIONS_ONLY,
    NO_EFFECT,
    REFUSES_NEW_CONNECTIONS,
)
from .._values import (
    ModelError,
    address_family,
    in_network,
    join_host_port,
    packed_address,
)
from .judgement import check_real_server
from .model import (
    MAX_FWMARK,
    MAX_THRESHOLD,
    TUNNEL_FIELDS,
    RealServer,
    RealServerKey,
    Service,
    ServiceKey,
    Table,
    key_label,
)
from .wanted import (
    WantedRealServer,
    WantedService,
    resolve_real_server,
    resolve_service,
)

PRUNE_NONE = "none"
PRUNE_REAL_SERVERS = "real_servers"
PRUNE_ALL = "all"
PRUNE_CHOICES = (PRUNE_NONE, PRUNE_REAL_SERVERS, PRUNE_ALL)

_NUMBER = re.compile("0|[1-9][0-9]{0,9}")

# In this order; a stage begins when the kernel has done all of the one before.
_ADDITIONS, _EDITS, _REDUCTIONS, _SERVER_DELETIONS, _SERVICE_DELETIONS = range(5)

# A network as (octets, prefix length), or a firewall mark.
ScopeEntry = Union[tuple[bytes, int], int]


class Operation(NamedTuple):
    """One message to the kernel: a service or a real server that is added, edited or deleted.

    `server` is None where the operation is on the service itself. `before` is what is edited or
    deleted, `after` what is added or what it is edited to.
    """

    action: str
    key: ServiceKey
    server: RealServerKey | None = None
    before: Service | RealServer | None = None
    after: Service | RealServer | None = None

    @property
    def label(self) -> str:
        """What messages call the item."""
        if self.server is None:
            return key_label(self.key)
        return f"real server {join_host_port(*self.server)} of {key_label(self.key)}"

    @property
    def stage(self) -> int:
        """When it may come: what takes capacity away, after all that gives some."""
        if self.action == ADD:
            return _ADDITIONS
        if self.action == DELETE:
            return _SERVICE_DELETIONS if self.server is None else _SERVER_DELETIONS
        return _REDUCTIONS if _reduces(self.before, self.after) else _EDITS

    @property
    def changes(self) -> dict[str, list[Any]]:
        """Which fields an edit changes, each with the value before and after."""
        if self.before is None or self.after is None:
            return {}
        pairs = (
            (name, getattr(self.before, name), getattr(self.after, name))
            for name in self.before._fields
        )
        return {name: [_plain(old), _plain(new)] for name, old, new in pairs if old != new}

    @property
    def changes_scheduler(self) -> bool:
        """Whether the service is without a scheduler for a moment."""
        before, after = self.before, self.after
        return (
            isinstance(before, Service)
            and isinstance(after, Service)
            and before.scheduler != after.scheduler
        )

    @property
    def effect(self) -> str:
        """What it does to connections, where nothing holds the kernel's refusals back."""
        if self.action == DELETE:
            return DROPS_CONNECTIONS
        if isinstance(self.after, RealServer):
            if self.action == ADD and self.after.weight == 0:
                return NO_EFFECT
            if self.action == EDIT and _reroutes(self.before, self.after):
                return DROPS_CONNECTIONS
        return REFUSES_NEW_CONNECTIONS if self.changes_scheduler else NEW_CONNECTIONS_ONLY

    def as_result(self) -> dict[str, Any]:
        """What modules return for it."""
        result: dict[str, Any] = {
            "action": self.action,
            "item": "service" if self.server is None else "real_server",
            "service": key_label(self.key)[len("service ") :],
            "effect": self.effect,
        }
        if self.server is not None:
            result["real_server"] = join_host_port(*self.server)
        if self.action == EDIT:
            result["changes"] = self.changes
        return result


class Policy(NamedTuple):
    """How far a plan may go beyond what is wanted.

    `scope` is what pruning never leaves; None is everything.
    """

    prune: str = PRUNE_REAL_SERVERS
    scope: tuple[ScopeEntry, ...] | None = None
    keep_weights: bool = False

    def may_prune(self, key: ServiceKey) -> bool:
        """Tell whether what is not wanted may be deleted from this service, or with it."""
        if self.scope is None:
            return True
        if len(key) == 2:
            return key[0] in self.scope
        address = packed_address(key[1])
        return any(
            isinstance(entry, tuple) and in_network(address, entry[0], entry[1])
            for entry in self.scope
        )


class Plan:
    """What to do with the table that is there, in this order."""

    def __init__(self, operations: tuple[Operation, ...], before: Table) -> None:
        self.operations = operations
        self.before = before

    @cached_property
    def touched(self) -> tuple[ServiceKey, ...]:
        """The services that something is done to, or to real servers of theirs."""
        return tuple(dict.fromkeys(operation.key for operation in self.operations))

    @cached_property
    def after(self) -> Table:
        """The table that results; worked out when it is asked for, which is after the work."""
        return apply_operations(self.before, self.operations) if self.operations else self.before


def parse_scope(entries: Iterable[object]) -> tuple[ScopeEntry, ...]:
    """Read networks, addresses and firewall marks."""
    scope: list[ScopeEntry] = []
    for entry in entries:
        text = str(entry)
        if _NUMBER.fullmatch(text) and 1 <= int(text) <= MAX_FWMARK:
            scope.append(int(text))
            continue
        network, slash, length = text.partition("/")
        family = address_family(network)
        bits = 32 if family == "ipv4" else 128
        prefix = int(length) if _NUMBER.fullmatch(length) else bits if not slash else bits + 1
        if family is None or prefix > bits:
            why = "is no network, address or firewall mark"
            advice = "give one such as 192.0.2.0/24, 2001:db8::/32, or 10"
            raise ModelError("", "scope", text, why, advice)
        scope.append((packed_address(network), prefix))
    if not scope:
        why = "is empty, so that nothing may be deleted"
        advice = "give what may be deleted from, or leave it out, or use prune: none"
        raise ModelError("", "scope", [], why, advice)
    return tuple(scope)


def plan_table(have: Table, wanted: Sequence[WantedService], policy: Policy) -> Plan:
    """Work out how to get from the table that is to the services that are wanted."""
    steps: list[Operation] = []
    for service in wanted:
        _plan_wanted(steps, have, service, policy)
    if policy.prune == PRUNE_ALL:
        names = {service.key for service in wanted}
        for gone in have.sorted_services():
            if gone.key not in names and policy.may_prune(gone.key):
                _plan_absent(steps, have, gone.key)
    return Plan(_in_order(steps), have)


def plan_service(have: Table, wanted: WantedService) -> Plan:
    """Work out how to get one service as it is wanted; its real servers stay as they are."""
    return plan_table(have, (wanted._replace(real_servers=None),), Policy(prune=PRUNE_NONE))


def plan_service_absent(have: Table, key: ServiceKey) -> Plan:
    """Work out how to get rid of one service, and of its real servers with it."""
    steps: list[Operation] = []
    _plan_absent(steps, have, key)
    return Plan(_in_order(steps), have)


def plan_real_server(have: Table, key: ServiceKey, wanted: WantedRealServer) -> Plan:
    """Work out how to get one real server of a service that exists as it is wanted."""
    if key not in have.services:
        item = f"real server {join_host_port(*wanted.key)}"
        advice = "create the service first, with ipvs_service"
        raise ModelError(item, "", None, f"{key_label(key)} does not exist", advice)
    steps: list[Operation] = []
    service = have.services[key]
    before = have.servers_of(key).get(wanted.key)
    _plan_server(steps, (service, service), before, wanted, keep_weight=False)
    return Plan(_in_order(steps), have)


def plan_real_server_absent(have: Table, key: ServiceKey, server: RealServerKey) -> Plan:
    """Work out how to get rid of one real server."""
    steps: list[Operation] = []
    _plan_server_absent(steps, have, key, server)
    return Plan(_in_order(steps), have)


def apply_operations(table: Table, operations: Iterable[Operation]) -> Table:
    """Return the table that results where these operations are done to one."""
    services = dict(table.services)
    servers = dict(table.real_servers)
    own: dict[ServiceKey, dict[RealServerKey, RealServer]] = {}
    for operation in operations:
        key = operation.key
        if operation.server is None:
            if isinstance(operation.after, Service):
                services[key] = operation.after
            else:
                services.pop(key, None)
                servers.pop(key, None)
                own.pop(key, None)
            continue
        if key not in own:
            servers[key] = own[key] = dict(servers.get(key, {}))
        if isinstance(operation.after, RealServer):
            own[key][operation.server] = operation.after
        else:
            own[key].pop(operation.server, None)
    return Table(services, servers)


def _in_order(steps: Iterable[Operation]) -> tuple[Operation, ...]:
    return tuple(sorted(steps, key=attrgetter("stage")))


def _plan_wanted(
    steps: list[Operation], have: Table, wanted: WantedService, policy: Policy
) -> None:
    key = wanted.key
    before = have.services.get(key)
    after = resolve_service(wanted, before)
    if before is None:
        steps.append(Operation(ADD, key, after=after))
    elif before != after:
        steps.append(Operation(EDIT, key, before=before, after=after))
    servers = have.servers_of(key)
    for server in wanted.real_servers or ():
        _plan_server(steps, (before, after), servers.get(server.key), server, policy.keep_weights)
    names = {server.key for server in wanted.real_servers or ()}
    others = [server for server in servers if server not in names]
    if wanted.real_servers is None or policy.prune == PRUNE_NONE or not policy.may_prune(key):
        for kept in others if before != after else ():
            check_real_server(servers[kept], after, servers[kept], before)
        return
    for gone in others:
        _plan_server_absent(steps, have, key, gone)


def _plan_server(
    steps: list[Operation],
    service: tuple[Service | None, Service],
    before: RealServer | None,
    wanted: WantedRealServer,
    keep_weight: bool,
) -> None:
    """Plan a real server of a service, which is given as it is now and as it is to be."""
    had, now = service
    key, server = now.key, wanted.key
    if before is None:
        after = resolve_real_server(wanted, now)
        steps.append(Operation(ADD, key, server, None, after))
        return
    if keep_weight and "weight" in wanted.given:
        kept = {name: value for name, value in wanted.given.items() if name != "weight"}
        wanted = wanted._replace(given=kept)
    after = resolve_real_server(wanted, now, before, had)
    if before != after:
        steps.append(Operation(EDIT, key, server, before, after))


def _plan_server_absent(
    steps: list[Operation], have: Table, key: ServiceKey, server: RealServerKey
) -> None:
    before = have.servers_of(key).get(server)
    if before is not None:
        steps.append(Operation(DELETE, key, server, before=before))


def _plan_absent(steps: list[Operation], have: Table, key: ServiceKey) -> None:
    before = have.services.get(key)
    if before is not None:
        steps.append(Operation(DELETE, key, before=before))


def _reduces(before: Service | RealServer | None, after: Service | RealServer | None) -> bool:
    """Tell whether an edit leaves a real server with less than before."""
    if not isinstance(before, RealServer) or not isinstance(after, RealServer):
        return False
    limit, former = after.upper_threshold, before.upper_threshold
    return after.weight < before.weight or 0 < limit < (former or MAX_THRESHOLD + 1)


def _reroutes(before: Service | RealServer | None, after: RealServer) -> bool:
    """Tell whether packets of established connections leave in another way than before.

    The kernel keeps the forwarding method with each connection, but looks the tunnel up for each
    packet.
    """
    if not isinstance(before, RealServer) or before.forward != "tun" or after.forward != "tun":
        return False
    return any(getattr(before, name) != getattr(after, name) for name in TUNNEL_FIELDS)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
