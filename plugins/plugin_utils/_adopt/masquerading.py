# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With which addresses real servers behind NAT reach the outside, by the rules of a director.

Private to the collection: names and behaviour may change in any release. Pure code.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from .._cluster.model import Cluster, Host
from .._settings.roles import DIRECTOR
from .._views.masquerading import public_interfaces, real_server_networks
from .found import Found, nat_servers
from .marks import TAKE_OUT
from .packets import MARK, SNAT, Rule

_STAYS = "stays beside the role's own rules, by which real servers leave with a virtual address"
_OTHERS = "changes the source of packets of real servers in a way that the role has not"
_NETWORKS = DIRECTOR.variable("masquerade_networks")
_INTERFACES = DIRECTOR.variable("masquerade_interfaces")


def read_masquerading(rules: Sequence[Rule], cluster: Cluster, host: Host, found: Found) -> None:
    """Say which networks are masqueraded by which interfaces, if any are.

    Where one rule says more than the role can, it has none of its own: the rules go on.
    """
    servers = nat_servers(found.services, found.hosts)
    if not servers:
        return
    own = [rule for rule in rules if rule.action != MARK and _is_for(rule, servers)]
    networks = _several(_networks(rule) for rule in own)
    interfaces = _several(rule.interfaces for rule in own)
    virtual = [address for service in cluster.services for address in service.addresses]
    known = all(_is_known(rule, virtual) for rule in own)
    if not own or not known or not _is_each_by_each(own, networks, interfaces):
        found.variables[DIRECTOR.variable("masquerade")] = False
        for rule in own:
            found.ledger.leave(rule.statement, _OTHERS, "leave it where it is: it goes on")
        return
    if set(networks) != set(real_server_networks(cluster, host)):
        found.variables[_NETWORKS] = networks
    if set(interfaces) != set(public_interfaces(cluster, host)):
        found.variables[_INTERFACES] = interfaces
    for rule in own:
        found.ledger.carry(rule.statement, "the role's masquerading")
        if not rule.is_ours:
            found.ledger.leave(rule.statement, _STAYS, TAKE_OUT)


def _is_known(rule: Rule, virtual: Sequence[str]) -> bool:
    """Tell whether the role can do what a rule does: it has virtual addresses for a source."""
    said = rule.sources and rule.interfaces and not rule.more
    others = rule.destinations or rule.protocols or rule.ports
    can = said and not others and (rule.action != SNAT or rule.value in virtual)
    return rule.is_ours or bool(can)


def _is_for(rule: Rule, servers: Sequence[str]) -> bool:
    """Tell whether packets of a real server may be meant."""
    family = {"ipv4": 4, "ipv6": 6}
    wanted = [ipaddress.ip_address(one) for one in servers]
    if not rule.sources:
        return any(rule.family == "" or family[rule.family] == one.version for one in wanted)
    return any(one in network for one in wanted for network in map(_network, rule.sources))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        # A name of a set, or a range: whoever it is for, it is no real server that is known.
        return ipaddress.ip_network("0.0.0.0/32")


def _networks(rule: Rule) -> list[str]:
    """Return what a rule is for; of ours those for single servers are but their address's."""
    return [one for one in rule.sources if "/" in one or not rule.is_ours]


def _several(each: Iterable[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(one for several in each for one in several))


def _is_each_by_each(
    rules: Sequence[Rule], networks: Sequence[str], interfaces: Sequence[str]
) -> bool:
    """Tell whether each network leaves by each interface, as with the role."""
    pairs = {
        (network, interface)
        for rule in rules
        for network in _networks(rule)
        for interface in rule.interfaces
    }
    return len(pairs) == len(networks) * len(interfaces)
