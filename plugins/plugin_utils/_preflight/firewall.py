# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A director's own firewall: what it is sure to drop of what a service needs.

Private to the collection: names and behaviour may change in any release.

What clients send comes by C(input), as to any service of the host. IPVS sends it on by C(output).
What a real server behind NAT answers comes by C(forward), before IPVS has changed its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .._cluster.model import Cluster, Host, MarkedPorts, VirtualService
from .._problem import Problem
from .ruleset import Packet, Ruleset

# What each says of itself where it runs.
RUNNING = {"firewalld": "running", "ufw": "Status: active"}
PAGE = "docs/firewall.md"


# The role's own; they are made of the same description.
OWN_TABLES = [("inet", "lvs_cluster"), ("inet", "lvs_handover")]


class _Need(NamedTuple):
    """Packets of which a service needs one at least, by this or that interface; and their name."""

    packets: tuple[Packet, ...]
    name: str
    # Of a connection of which only one way is seen: it would be none if it were not tracked.
    is_untracked: bool = False

    def dropped_by(self, ruleset: Ruleset) -> str | None:
        """Return which chain is sure to drop them, whatever interface it is."""
        by = [ruleset.dropped_by(packet) for packet in self.packets]
        return by[0] if all(by) else None

    def with_state(self, state: str) -> _Need:
        """Return the same, with another word of conntrack for it."""
        return self._replace(packets=tuple(one._replace(state=state) for one in self.packets))


def firewall_problems(
    cluster: Cluster, host: Host, settings: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[Problem]:
    """Give what the rules of a director are sure to drop.

    C(settings) are the role director's variables without its name. C(found) is what
    M(lvs.cluster.host_info) has told of it. What the role opens itself is not looked at.
    """
    item, opened = f"host {host.name}", settings["firewall"]
    conntrack = int(settings["ipvs_sysctls"].get("conntrack", 0))
    if opened in RUNNING:
        told = found.get("firewall")
        if told is not None and not told.startswith(RUNNING[opened]):
            why = "does not run on the host"
            advice = "start it, or set none"
            yield Problem(item, "director_firewall", opened, why, advice)
        if not conntrack and any(map(_is_by_nat, cluster.services)):
            yield Problem(
                item,
                "director_ipvs_sysctls.conntrack",
                conntrack,
                f"keeps {opened} from knowing the connections of services by NAT, and it drops"
                " what belongs to none",
                "set conntrack: 1",
            )
        protocols = {ports.protocol for service in cluster.services for ports in service.ports}
        if opened == "ufw" and "sctp" in protocols:
            why = "has no rules for SCTP, which a service is"
            advice = "use firewalld, or none and open it yourself"
            yield Problem(item, "director_firewall", opened, why, advice)
        yield from _of_both_kinds(cluster, opened)
    rules = ruleset_of(found.get("ruleset"))
    if rules is not None and settings["firewall_check"]:
        yield from _dropped(cluster, host, rules, opened, conntrack)
        # What the role opens it keeps out of connection tracking.
        if host.announce is not None and opened not in RUNNING:
            yield from _ends_dropped(cluster, host, rules)


def _of_both_kinds(cluster: Cluster, opened: str) -> Iterator[Problem]:
    """Give services whose connections have to be tracked, and must not be."""
    for service in cluster.services:
        forwards = sorted({member.server.forward for member in service.served_by})
        if "nat" in forwards and forwards != ["nat"]:
            yield Problem(
                service.name,
                "forward",
                " and ".join(forwards),
                f"are tracked in one way only, and {opened} drops what is not as it has to be",
                "give all its servers one of them, or set director_firewall: none and open it"
                f" yourself ({PAGE})",
            )


def _dropped(
    cluster: Cluster, host: Host, ruleset: Ruleset, opened: str, conntrack: int
) -> Iterator[Problem]:
    """Give each chain that drops something, with the first thing that it drops."""
    looked_at = ruleset.without([*OWN_TABLES, *tables_of(ruleset, opened)])
    told: set[str] = set()
    for service in cluster.services:
        for need in _needs(cluster, host, service, conntrack):
            # By director_firewall it is kept from that, or by somebody's own rule.
            if need.is_untracked and (
                opened in RUNNING or any(map(looked_at.may_leave_untracked, need.packets))
            ):
                continue
            by = need.dropped_by(looked_at)
            if by is None or by in told:
                continue
            told.add(by)
            yield _problem(host, service, need, by, looked_at)


def _ends_dropped(cluster: Cluster, host: Host, ruleset: Ruleset) -> Iterator[Problem]:
    """Give each chain that drops what no connection is known of, with the first such packet.

    With direct routing and tunnels a director sees no answer, and connection tracking never knows
    a connection. A packet in the middle of one may still pass as new, but never one that ends it;
    of SCTP nothing with data does. Of all directors none sees the end then, and a drain waits.
    """
    looked_at = ruleset.without(OWN_TABLES)
    told: set[str] = set()
    for service in cluster.services:
        for address, ports in service.claims:
            first = _from_clients(host, service, address, ports)
            ends = first.with_state("invalid")
            by = ends.dropped_by(looked_at)
            # Where all of it is dropped that has been said.
            if by is None or by in told or first.dropped_by(looked_at):
                continue
            untracked = any(map(looked_at.may_leave_untracked, ends.packets))
            if untracked or ports.protocol == "udp":
                continue
            told.add(by)
            yield Problem(
                f"host {host.name}",
                "",
                None,
                f"its firewall drops what ends the connections of clients to {address}, port"
                f" {ports} of {ports.protocol}, of {service.name} ({by}), for it never sees the"
                " answers and knows no connection",
                f"keep them out of connection tracking ({PAGE}); director_firewall_check: false if"
                " it is accepted all the same",
            )


def tables_of(ruleset: Ruleset, firewall: str) -> list[tuple[str, str]]:
    """Return the tables that a firewall has made."""
    if firewall == "firewalld":
        return [table for table in ruleset.tables if table[1] == "firewalld"]
    if firewall == "ufw":
        return [
            table
            for table in ruleset.tables
            if any(name.startswith(("ufw-", "ufw6-")) for name in ruleset.chains(table))
        ]
    return []


def _problem(host: Host, service: VirtualService, need: _Need, by: str, rules: Ruleset) -> Problem:
    item = f"host {host.name}"
    if need.is_untracked:
        return Problem(
            item,
            "director_ipvs_sysctls.conntrack",
            1,
            f"has {need.name} invalid, for its answers do not come by this host, and the host's"
            f" firewall drops such packets ({by})",
            f"set conntrack: 0, or keep them from being tracked ({PAGE})",
        )
    if (
        need.packets[0].state == "invalid"
        and need.with_state("established").dropped_by(rules) is None
    ):
        return Problem(
            item,
            "director_ipvs_sysctls.conntrack",
            0,
            f"leaves {need.name} without a connection that the host's firewall knows of, and it"
            f" drops such packets ({by})",
            "set conntrack: 1",
        )
    for firewall in RUNNING:
        there = tables_of(rules, firewall)
        if any(f"table {family} {table}," in by for family, table in there):
            advice = f"set director_firewall: {firewall}, or open it yourself"
            break
    else:
        advice = "accept it there"
    return Problem(
        item,
        "",
        None,
        f"its firewall drops {need.name} of {service.name} ({by})",
        f"{advice} ({PAGE}); director_firewall_check: false if it is accepted all the same",
    )


def _needs(
    cluster: Cluster, host: Host, service: VirtualService, conntrack: int
) -> Iterator[_Need]:
    family, links = _family(service), _links(host)
    for address, ports in service.claims:
        sent = _from_clients(host, service, address, ports)
        yield sent
        direct = [m for m in service.served_by if m.server.forward != "nat" and not m.is_director]
        if conntrack and direct and ports.protocol != "udp":
            yield sent.with_state("invalid")._replace(
                name=f"all but the first packet of a client to {address}, port {ports} of"
                f" {ports.protocol},",
                is_untracked=True,
            )
    protocol = None if service.service.fwmark else service.service.protocol
    for member in service.served_by:
        address, port = member.server.address, member.server.port or None
        if member.server.forward != "nat" or member.is_director:
            continue
        towards = host.interface_towards(address)
        link = towards[0].name if towards is not None else None
        state = "new" if conntrack else "untracked"
        packet = Packet("output", family, protocol, None, address, None, port, None, link, state)
        yield _Need((packet,), f"what is sent on to {member.name}")
        # Of a protocol without connections an answer is as good as a question.
        unknown = "new" if protocol == "udp" else "invalid"
        state = "established" if conntrack else unknown
        packet = Packet("forward", family, protocol, address, None, port, None, link, None, state)
        yield _Need(
            tuple(packet._replace(left=other) for other in links), f"the answers of {member.name}"
        )


def _from_clients(host: Host, service: VirtualService, address: str, ports: MarkedPorts) -> _Need:
    """Return what clients send to an address; it may come by any interface."""
    # Of a range the first one stands for all; a firewall that has one has all.
    port = ports.first or None
    packet = Packet("input", _family(service), ports.protocol, None, address, None, port)
    return _Need(
        tuple(packet._replace(entered=link) for link in _links(host)),
        f"what clients send to {address}, port {ports} of {ports.protocol},",
    )


def _family(service: VirtualService) -> str:
    return "ip6" if service.service.family == "ipv6" else "ip"


def _links(host: Host) -> tuple[str | None, ...]:
    return tuple(link.name for link in host.interfaces) or (None,)


def _is_by_nat(service: VirtualService) -> bool:
    return any(member.server.forward == "nat" for member in service.served_by)


def ruleset_of(told: str | None) -> Ruleset | None:
    """Read the rules; where there is no nft, or one that has no JSON, none are known."""
    try:
        return Ruleset(told or "")
    except ValueError:
        return None
