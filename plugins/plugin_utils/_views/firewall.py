# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director's firewall has to let through, in the words of firewalld and of ufw.

Private to the collection: names and behaviour may change in any release.

The answers of real servers behind NAT are not among it: with IPVS's conntrack they belong to a
connection that was let in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import (
    DEFAULT_GROUP,
    DEFAULT_PORT,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import MAX_PORT

from .._cluster.model import Cluster, Host
from .bird import own_addresses, sessions

# Of RFC 4271, and of RFC 5881 and 5883.
BGP_PORT, BFD_PORT, BFD_MULTIHOP_PORT = 179, 3784, 4784
# Every address of each family.
ANY = ("0.0.0.0/0", "::/0")


class Opening(NamedTuple):
    """Packets that are let in, or through where they have a source alone; 0 is every port."""

    destination: str = ""
    protocol: str = ""
    first: int = 0
    last: int = 0
    source: str = ""

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`."""
        return "ipv6" if ":" in self.destination + self.source else "ipv4"


def let_in(cluster: Cluster, host: Host, daemons: Sequence[Mapping[str, Any]]) -> list[Opening]:
    """Return what is for the director: its services, and what other directors send."""
    found = [
        Opening(address, ports.protocol, ports.first, ports.last if ports.first else 0)
        for service in cluster.services
        for address, ports in service.claims
    ]
    return list(dict.fromkeys([*found, *_of_directors(cluster, host, daemons)]))


def _of_directors(
    cluster: Cluster, host: Host, daemons: Sequence[Mapping[str, Any]]
) -> Iterator[Opening]:
    if host.floats:
        families = {service.service.family for service in cluster.services}
        yield from (Opening(ANY[family == "ipv6"], "vrrp") for family in sorted(families))
    for _name, peer in sessions(cluster, host):
        # A router begins a session, too.
        for own in own_addresses(cluster, host, peer.family)[:1]:
            yield Opening(own, "tcp", BGP_PORT, BGP_PORT)
            if peer.bfd:
                port = BFD_MULTIHOP_PORT if peer.multihop else BFD_PORT
                yield Opening(own, "udp", port, port)
    for daemon in daemons:
        if daemon.get("role") == "backup":
            port = int(daemon.get("port") or DEFAULT_PORT)
            yield Opening(str(daemon.get("group") or DEFAULT_GROUP), "udp", port, port)


def let_through(networks: Sequence[str]) -> list[Opening]:
    """Return what real servers behind NAT begin themselves."""
    return [Opening(source=network) for network in networks]


def firewalld_rules(openings: Sequence[Opening]) -> list[dict[str, str]]:
    """Return the fields of a rich rule for each: C(rule) is how firewalld tells it."""
    return [dict(_firewalld_rule(opening)) for opening in openings]


def _firewalld_rule(opening: Opening) -> Iterator[tuple[str, str]]:
    words = f'rule family="{opening.family}"'
    yield "family", opening.family
    if opening.source:
        words += f' source address="{opening.source}"'
        yield "source", opening.source
    if opening.destination:
        words += f' destination address="{opening.destination}"'
        yield "destination", opening.destination
    if opening.first:
        port = _range(opening, "-")
        words += f' port port="{port}" protocol="{opening.protocol}"'
        yield "port", port
        yield "protocol", opening.protocol
    elif opening.protocol:
        words += f' protocol value="{opening.protocol}"'
        yield "protocol", opening.protocol
    yield "rule", f"{words} accept"


def ufw_rules(openings: Sequence[Opening]) -> list[str]:
    """Return the arguments of ufw for each, as it tells them itself (C(ufw show added))."""
    return list(dict.fromkeys(" ".join(_ufw_words(opening)) for opening in openings))


def policies(let_in: Sequence[Opening], let_through: Sequence[Opening]) -> list[dict[str, Any]]:
    """Return C(name), C(egress) and C(rules) of two policies; one without rules is not made."""
    found = [("lvs-cluster-in", "HOST", let_in), ("lvs-cluster-pass", "ANY", let_through)]
    return [
        {"name": name, "egress": egress, "rules": firewalld_rules(openings)}
        for name, egress, openings in found
    ]


def _ufw_words(opening: Opening) -> Iterator[str]:
    if opening.source:
        yield f"route allow from {opening.source}"
    else:
        yield f"allow to {'any' if opening.destination in ANY else opening.destination}"
    if opening.first:
        yield f"port {_range(opening, ':')}"
    if opening.protocol:
        yield f"proto {opening.protocol}"


def _range(opening: Opening, between: str) -> str:
    last = min(opening.last, MAX_PORT)
    return str(opening.first) if opening.first == last else f"{opening.first}{between}{last}"
