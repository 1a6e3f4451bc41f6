# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals about checks by the clients' way.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import address_family, family_name

from .._cluster.clients_way import MARKS, Way, asked_by, asks_by_it, mark_keys, marks
from .._cluster.model import KEEPALIVED, Cluster, Host, VirtualService
from .._problem import Problem
from .._views.clients_way import link_towards, sources
from .._views.director import key_arguments
from .firewall import OWN_TABLES, PAGE, RUNNING, ruleset_of
from .ruleset import Packet

_FIELD = "check.clients_way"


def clients_way_problems(cluster: Cluster) -> Iterator[Problem]:
    """Give what cannot work of services whose real servers are asked so."""
    asked = [service for service in cluster.services if asks_by_it(service)]
    for service in asked:
        yield from _service_problems(service)
    for service in cluster.services if asked else ():
        mark = service.service.fwmark
        if mark in MARKS:
            why = (
                f"is one of {MARKS[0]} to {MARKS[-1]}, by which a director asks real servers"
                f" ({_FIELD})"
            )
            yield Problem(service.name, "fwmark", mark, why, "give another one")


def _service_problems(service: VirtualService) -> Iterator[Problem]:
    if not service.addresses:
        why = "has no address to ask: something else marks the service's packets"
        yield Problem(service.name, _FIELD, None, why, "give addresses, or leave it out")
    for member in service.members:
        if member.server.forward == "nat":
            why = "says no more of a real server by nat than a check without it"
            advice = "leave it out, or forward by dr or tun"
        elif member.server.family != service.service.family:
            own, other = service.service.family, member.server.family
            why = (
                f"needs addresses of one family, and that of the service is {family_name(own)},"
                f" of the real server {family_name(other)}"
            )
            advice = "leave it out, or give the real server an address of that family"
        else:
            continue
        yield Problem(service.item(member), _FIELD, None, why, advice)


def host_problems(
    cluster: Cluster,
    host: Host,
    settings: Mapping[str, Any],
    found: Mapping[str, Any],
    live: Mapping[str, Any] | None,
) -> Iterator[Problem]:
    """Give what keeps a director from asking so.

    C(settings) are the role director's variables without its name. C(found) is what
    M(lvs.cluster.host_info) has told of the host, C(live) what M(lvs.cluster.ipvs_info) has, if
    somebody has asked.
    """
    if host.manager != KEEPALIVED:
        return
    if host.interfaces:
        yield from _source_problems(cluster, host)
        yield from _route_problems(cluster, host)
    yield from _mark_problems(cluster, host, found, live)
    yield from _firewall_problems(cluster, host, settings, found)


def _mark_problems(
    cluster: Cluster, host: Host, found: Mapping[str, Any], live: Mapping[str, Any] | None
) -> Iterator[Problem]:
    ours = {*found.get("services", ())}
    theirs = {
        (entry["fwmark"], entry["family"])
        for entry in (live or {}).get("services") or ()
        if entry.get("fwmark")
    }
    for key in mark_keys(cluster):
        if key in theirs and key_arguments(key) not in ours:
            why = f"has a service of the firewall mark {key[0]}, which {_FIELD} is to have"
            yield Problem(f"host {host.name}", "", None, f"it {why}", "give that one another mark")


def _source_problems(cluster: Cluster, host: Host) -> Iterator[Problem]:
    known = sources(cluster, host)
    told: set[tuple[str, str]] = set()
    for way in marks(cluster):
        place = way.family, link_towards(host, way)
        if way not in known and place not in told:
            told.add(place)
            yield _no_source(host, way, place[1])


def _route_problems(cluster: Cluster, host: Host) -> Iterator[Problem]:
    """Name the addresses that a director could not ask while another one has them.

    No packet goes there, but without a route nothing is sent at all.
    """
    if len(cluster.directors) < 2:
        return
    families = {address_family(gateway) for gateway in host.gateways}
    for address in dict.fromkeys(address for _way, address in asked_by(cluster)):
        if host.interface_towards(address) is None and address_family(address) not in families:
            why = (
                f"it has no route to {address}, which it asks ({_FIELD}) while another director has"
                " the address"
            )
            advice = f"give it a default gateway, or leave {_FIELD} out"
            yield Problem(f"host {host.name}", "", None, why, advice)


def _firewall_problems(
    cluster: Cluster, host: Host, settings: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[Problem]:
    """Give the firewall that drops what real servers answer.

    It comes from the virtual address. By direct routing and tunnel nobody has seen the connection
    that it belongs to, whatever conntrack is.
    """
    item, opened = f"host {host.name}", settings["firewall"]
    why = f"drops real servers' answers to {_FIELD}, which belong to no connection that it knows"
    if opened in RUNNING and marks(cluster):
        advice = f"leave {_FIELD} out, or set none and accept them yourself ({PAGE})"
        yield Problem(item, "director_firewall", opened, why, advice)
        return
    rules = ruleset_of(found.get("ruleset"))
    if rules is None or not settings["firewall_check"]:
        return
    looked_at = rules.without(OWN_TABLES)
    for packet in dict.fromkeys(_answers(cluster, host)):
        by = looked_at.dropped_by(packet)
        if by is not None:
            advice = (
                f"accept them there, or leave {_FIELD} out ({PAGE}); director_firewall_check: false"
                " if they are accepted all the same"
            )
            yield Problem(item, "", None, f"its firewall {why} ({by})", advice)
            return


def _answers(cluster: Cluster, host: Host) -> Iterator[Packet]:
    known = sources(cluster, host)
    for way, address in asked_by(cluster):
        family = "ip6" if way.family == "ipv6" else "ip"
        link, source = link_towards(host, way) or None, known.get(way)
        yield Packet("input", family, "tcp", address, source, entered=link, state="invalid")


def _no_source(host: Host, way: Way, link: str) -> Problem:
    kind = family_name(way.family)
    where = f"{link} has" if link else "it has"
    why = (
        f"{where} no {kind} address that stays with the host, from which it could ask"
        f" {way.server.address} ({_FIELD})"
    )
    return Problem(f"host {host.name}", "", None, why, f"give it one, or leave {_FIELD} out")
