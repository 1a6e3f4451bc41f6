# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual servers of keepalived.conf in the words of the description.

Private to the collection: names and behaviour may change in any release.

Written against keepalived.conf(5) and keepalived 2.2 to 2.4. A group of virtual addresses becomes a
service for each of them, as it does in the kernel. Pure code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.command_line import (
    DEFAULT_PERSISTENT_TIMEOUT,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import NAMED_SCHEDULER_FLAGS
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import parse_netmask

from .._cluster.check_types import CHECK_TYPES
from .._cluster.clients_way import is_mark
from .._settings.kinds import Kind
from . import keepalived_checks as checks
from .found import Found, refuses_clients
from .keepalived_heads import Head, read_heads
from .keepalived_servers import Body, Forward, Server, read_body, read_forward
from .statements import Ledger, Statement


def read_services(statements: Sequence[Statement], found: Found) -> None:
    """Read the virtual servers, and the groups that they name."""
    ledger = found.ledger
    groups = {one.value: one for one in statements if one.name == "virtual_server_group"}
    used: set[str] = set()
    for statement in statements:
        if _is_of_check(statement):
            for one in statement.whole():
                ledger.carry(one, "check.clients_way")
        elif statement.name == "virtual_server":
            if statement.value == "group" and len(statement.words) > 2:
                used.add(statement.words[2])
            heads = list(read_heads(statement, groups, ledger))
            if heads:
                found.services += _services(statement, heads, found)
    for name, group in groups.items():
        if name not in used:
            ledger.leave_whole(group, "is the group of no virtual server")
    for one in statements:
        if one.name == "virtual_server_group" and groups[one.value] is not one:
            ledger.leave_whole(one, f"is said again in line {groups[one.value].line}")


def _is_of_check(statement: Statement) -> bool:
    """Tell whether it is what the role writes by which one real server is asked."""
    words = statement.words
    return words[:2] == ("virtual_server", "fwmark") and is_mark("".join(words[2:3]))


# ---- the service -------------------------------------------------------------------------------
def _services(statement: Statement, heads: list[Head], found: Found) -> list[dict[str, Any]]:
    ledger = found.ledger
    body = read_body(statement, heads, ledger)
    if not body.servers:
        why = "has no real server, and keepalived leaves such a one out, too"
        ledger.leave_whole(statement, why, "give it one")
        return []
    body.by = body.forward or _most([one.forward for one in body.servers])
    sorry = body.said.get("sorry_server_lvs_method")
    if sorry is not None and body.sorry_server is not None:
        body.sorry_server.forward = read_forward(sorry, sorry.words[1:], ledger)
    elif sorry is not None:
        ledger.leave(sorry, "there is no sorry server")
    for server in (*body.servers, *filter(None, [body.sorry_server])):
        server.by = server.forward or body.by
    heads = [_with_family(head, body) for head in heads]
    _read_flags(body, ledger)
    body.check = _read_check(body, heads[0], ledger)
    names = [_name(head, len(heads), body) for head in heads]
    return [{**name, **_service(head, body, found)} for name, head in zip(names, heads)]


def _name(head: Head, count: int, body: Body) -> dict[str, str]:
    own = body.fields.get("name")
    if own and count == 1:
        return {"name": own}
    return {"name": f"{own or head.group} {head.label}"} if own or head.group else {}


def _most(given: list[Forward | None]) -> Forward:
    """Return what most say; of several the first."""
    told = [one or Forward() for one in given]
    return max(told, key=told.count)


def _with_family(head: Head, body: Body) -> Head:
    """Return a mark with the family that keepalived takes for it."""
    if head.family:
        return head
    if "family" in body.fields:
        return head._replace(family=body.fields["family"])
    servers = [*body.servers, *filter(None, [body.sorry_server])]
    direct = [one for one in servers if one.by.forward != "tun"]
    families = ["ipv6" if ":" in one.address else "ipv4" for one in direct or servers]
    netmask = body.fields.get("persistent_netmask")
    if not direct and netmask:
        families = ["ipv4" if "." in netmask else "ipv6"]
    return head._replace(family=families[0] if len(set(families)) == 1 else "ipv4")


def _read_flags(body: Body, ledger: Ledger) -> None:
    flags = []
    scheduler = body.fields.get("scheduler", "wlc")
    for name, one in body.flags:
        of = name.partition("-")[0]
        if of in NAMED_SCHEDULER_FLAGS and of != scheduler:
            ledger.leave(one, f"is for scheduler {of}, and this one is {scheduler}")
        else:
            flags.append(name)
            ledger.carry(one, "scheduler_flags")
    if flags:
        body.fields["scheduler_flags"] = list(dict.fromkeys(flags))


def _service(head: Head, body: Body, found: Found) -> dict[str, Any]:
    given, ledger = body.fields, found.ledger
    service: dict[str, Any] = {}
    if head.fwmark:
        service["fwmark"] = head.fwmark
        service.update({"family": head.family} if head.family == "ipv6" else {})
    else:
        service.update(address=head.address, port=head.port)
    protocol = given.get("protocol", "tcp")
    if not head.fwmark and protocol != "tcp":
        service["protocol"] = protocol
    service["scheduler"] = given.get("scheduler", "wlc")
    service.update({one: given[one] for one in ("scheduler_flags",) if one in given})
    service.update(_persistence(head, body, ledger))
    service.update({"one_packet": True} if given.get("one_packet") else {})
    service.update(body.by.fields())
    service["real_servers"] = [_as_server(one, head, body, found) for one in body.servers]
    service["check"] = dict(body.check)
    if body.sorry_server is not None:
        sorry = _as_sorry_server(body.sorry_server, head, body, found)
        service.update({"sorry_server": sorry} if sorry else {})
    return service


def _persistence(head: Head, body: Body, ledger: Ledger) -> dict[str, Any]:
    given = body.fields
    timeout = given.get("persistent_timeout")
    found: dict[str, Any] = {}
    granularity = body.said.get("persistence_granularity")
    if granularity is not None:
        kind = Kind(lambda value: parse_netmask("", value, head.family), "")
        netmask = ledger.take(granularity, kind, granularity.value, "persistent_netmask")
        if netmask is not None:
            timeout = timeout or DEFAULT_PERSISTENT_TIMEOUT
            found["persistent_netmask"] = netmask
    if timeout:
        found = {"persistent_timeout": timeout, **found}
    if "persistence_engine" in given:
        found["persistence_engine"] = given["persistence_engine"]
    return found


def _as_server(one: Server, head: Head, body: Body, found: Found) -> dict[str, Any]:
    may_be_host = not head.fwmark or one.by.forward == "nat"
    server: dict[str, Any] = dict(found.server(one.address, may_be_host))
    port = _own_port(one, head, found.ledger)
    server.update({"port": port} if port else {})
    server.update({"weight": one.weight} if one.weight != 1 else {})
    for name in ("upper_threshold", "lower_threshold"):
        if one.fields.get(name):
            server[name] = one.fields[name]
    if one.by != body.by:
        server.update(one.by.fields())
    return server


def _own_port(one: Server, head: Head, ledger: Ledger) -> int:
    """Return the port of a server where it is not the service's; else 0."""
    if one.by.forward == "nat":
        return one.port if one.port != head.port else 0
    if one.port not in (0, head.port) and not head.fwmark:
        why = f"by {one.by.forward} keepalived takes the port of the service, and not {one.port}"
        ledger.leave(one.statement, why)
    return 0


def _as_sorry_server(one: Server, head: Head, body: Body, found: Found) -> dict[str, Any] | None:
    ledger = found.ledger
    if not any(server.weight for server in body.servers):
        why = "answers where all real servers have weight 0, which would end their connections"
        ledger.leave(one.statement, why, "give it when one of them has a weight again")
        return None
    ledger.carry(one.statement, "sorry_server")
    if one.address == "::1" or one.address.startswith("127."):
        if one.by.forward != "dr":
            why = f"{one.address} is the director itself, which gets its packets as they came"
            ledger.leave(one.statement, why)
        one.by = Forward("dr")
        _own_port(one, head, ledger)
        return {"address": one.address}
    sorry: dict[str, Any] = dict(found.server(one.address, not head.fwmark))
    port = _own_port(one, head, found.ledger)
    sorry.update({"port": port} if port else {})
    sorry.update(one.by.fields() if one.by != body.by else {})
    return sorry


# ---- the check ---------------------------------------------------------------------------------
def _read_check(body: Body, head: Head, ledger: Ledger) -> dict[str, Any]:
    protocol = "tcp" if head.fwmark else body.fields.get("protocol", "tcp")
    for server in body.servers:
        _read_candidates(server, head, protocol, ledger)
    first = [one.candidates[0] for one in body.servers if one.candidates]
    chosen = checks.choose(first)
    others = [each for one in body.servers for each in one.candidates[1:]]
    defaults = [body.defaults, *(one.defaults for one in body.servers)]
    checks.account(first, chosen, defaults, ledger)
    for candidate in others:
        checks.leave_block(candidate.block, chosen, ledger)
    for each in defaults:
        each.account(ledger)
    check = checks.as_check(chosen)
    if chosen is None:
        for name in ("quorum", "hysteresis"):
            if name in body.said:
                why = "goes by checks, and no check is carried over"
                ledger.leave(body.said[name], why)
        _leave_inhibit(body, "no check is carried over", "", ledger)
        return check
    if head.fwmark and check.pop("clients_way", False):
        why = "asks the addresses whose packets get the mark, and they are not in the file"
        ledger.leave(chosen.block, why, "give addresses and ports, and check.clients_way")
    for server in body.servers:
        if not server.blocks:
            why = "is not asked anything, and would be asked what the others are"
            ledger.leave(server.statement, why, "look whether it answers that")
    if CHECK_TYPES[chosen.type].asks_port and "port" not in check and not head.port:
        ports = {one.port for one in body.servers} - {0}
        check.update({"port": ports.pop()} if len(ports) == 1 else {})
    check.update(_quiescent(body, chosen, ledger))
    check.update(_quorum(body, ledger))
    return check


def _read_candidates(server: Server, head: Head, protocol: str, ledger: Ledger) -> None:
    port = server.port or head.port
    if server.by.forward != "nat" and not head.fwmark:
        port = head.port
    whom = [str(head.fwmark or head.address), str(head.port), server.address, str(port)]
    for block in server.blocks:
        candidate = checks.read_candidate(block, server.defaults, whom, port)
        if candidate is None:
            ledger.leave_whole(block, "is no check that the description has")
        elif CHECK_TYPES[candidate.type].by_tcp and protocol != "tcp":
            why = f"would connect by TCP, and the service is {protocol}"
            ledger.leave_whole(block, why, "use a check of type ping, udp or external")
        else:
            server.candidates.append(candidate)


def _quiescent(body: Body, chosen: checks.Candidate, ledger: Ledger) -> dict[str, Any]:
    like = next(one for one in body.servers if one.candidates and one.candidates[0] is chosen)
    said = [one for name, one in body.said.items() if name.startswith("inhibit")]
    if not like.quiescent:
        why = "is not so for the server whose check is the service's"
        _leave_inhibit(body, why, "", ledger)
        return {}
    refusal = refuses_clients(
        body.fields.get("scheduler", "wlc"), body.fields.get("scheduler_flags", ())
    )
    if refusal is not None:
        _leave_inhibit(body, *refusal, ledger)
        return {}
    for one in said:
        ledger.carry(one, "check.quiescent")
    for server in body.servers:
        if not server.quiescent:
            why = "is taken out when it fails, and would stay with weight 0, as the others do"
            ledger.leave(server.statement, why)
    return {"quiescent": True}


def _leave_inhibit(body: Body, why: str, advice: str, ledger: Ledger) -> None:
    for name, one in body.said.items():
        if name.startswith("inhibit"):
            ledger.leave(one, why, advice)


def _quorum(body: Body, ledger: Ledger) -> dict[str, Any]:
    """Return quorum and hysteresis, as keepalived bounds them."""
    total = max(sum(one.weight for one in body.servers), 1)
    given = body.fields.get("check.quorum", 1)
    quorum = min(given, total)
    hysteresis = min(body.fields.get("check.hysteresis", 0), quorum - 1)
    if quorum != given:
        why = f"is more than all servers weigh, and {quorum} to keepalived, too"
        ledger.leave(body.said["quorum"], why)
    if hysteresis != body.fields.get("check.hysteresis", 0):
        why = f"is not less than the quorum, and {hysteresis} to keepalived, too"
        ledger.leave(body.said["hysteresis"], why)
    found = {"quorum": quorum} if quorum != 1 else {}
    return {**found, **({"hysteresis": hysteresis} if hysteresis else {})}
