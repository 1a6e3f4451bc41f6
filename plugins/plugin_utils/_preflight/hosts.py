# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of directors and real servers.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.lvs.cluster.plugins.module_utils._values import canonical_address

from .._cluster.model import Cluster, Host
from .._cluster.units import DIRECTOR, REAL_SERVERS, clusters_of, directed, owner_of
from .._problem import Problem
from .._views.director import key_arguments, server_addresses
from .._views.real_server import cluster_addresses


def director_problems(cluster: Cluster) -> Iterator[Problem]:
    """Give what cannot work of each director, and of all of them together."""
    if not cluster.directors:
        item = f"group {cluster.groups.name('directors')}"
        yield Problem(item, "", None, "it has no host", "put the director into it")
    nat = any(
        member.server.forward == "nat"
        for service in cluster.services
        for member in service.served_by
    )
    for name in cluster.directors:
        if name in cluster.hosts:
            yield from _director_problems(cluster.hosts[name])
            yield from _directed_problems(cluster, cluster.hosts[name])
            if nat:
                yield from _dip_problems(cluster.hosts[name])
    dips = sorted({host.dip for host in _directors(cluster) if host.dip})
    chosen = [cluster.hosts[name].gateway for name in cluster.real_servers if name in cluster.hosts]
    if nat and len(dips) > 1 and not (chosen and all(chosen)):
        yield Problem(
            f"group {cluster.groups.name('directors')}",
            "lvs_dip",
            None,
            f"differs ({', '.join(dips)}), and a real server has one gateway",
            "name it in nat_real_server_gateway",
        )


def _directors(cluster: Cluster) -> Iterator[Host]:
    return (cluster.hosts[name] for name in cluster.directors if name in cluster.hosts)


def _director_problems(host: Host) -> Iterator[Problem]:
    item = f"host {host.name}"
    if host.kernel_ipvs is not None and not host.kernel_ipvs:
        yield Problem(
            item,
            "",
            None,
            "its kernel has no IPVS",
            "use a kernel with the module ip_vs (CONFIG_IP_VS)",
        )


def _directed_problems(cluster: Cluster, host: Host) -> Iterator[Problem]:
    """Name another cluster that the host directs, whose services a run would take away.

    One without a name is another one where neither a service of its nor a real server is described.
    """
    item = f"host {host.name}"
    name, services, servers = directed(host.units)
    file = f"/etc/lvs-cluster/{DIRECTOR}.cluster"
    if name is not None and name != host.cluster:
        yield Problem(
            item,
            "lvs_cluster",
            host.cluster or None,
            f"is not the cluster that it directs, which is {name}, and a host has one table",
            f"give {name}, or take another host; if this is the same cluster, delete {file} there",
        )
        return
    described = {key_arguments(service.service.key) for service in cluster.services}
    ours = server_addresses(cluster)
    if (
        services
        and servers
        and ours
        and services.isdisjoint(described)
        and servers.isdisjoint(ours)
    ):
        yield Problem(
            item,
            "",
            None,
            f"it directs {f'a cluster {name}' if name else 'a cluster'} of which nothing is"
            f" described, with the real servers {', '.join(sorted(servers))}, and a host has one"
            " table",
            f"take another host, or, if that is what has become of the cluster, delete {file}"
            " there",
        )


def _dip_problems(host: Host) -> Iterator[Problem]:
    """Give what is wrong with the address that the real servers behind NAT answer through."""
    item = f"host {host.name}"
    if not host.dip:
        if "lvs_dip" not in host.refused:
            yield Problem(
                item,
                "lvs_dip",
                None,
                "is not given",
                "give the director's address on the real servers' network",
            )
        return
    floats = host.floats and host.interface_towards(host.dip) is not None
    if host.interfaces and host.holder_of(host.dip) is None and not floats:
        yield _on_no_interface(item, "lvs_dip", host.dip)


def _on_no_interface(item: str, variable: str, address: str) -> Problem:
    return Problem(
        item,
        variable,
        address,
        "is on none of its interfaces",
        "configure the address on the host, or give the one that it has",
    )


def real_server_problems(cluster: Cluster) -> Iterator[Problem]:
    """Give what cannot work of each host of the group real_servers."""
    dips = sorted({host.dip for host in _directors(cluster) if host.dip})
    forwards = _forwards(cluster)
    ours = frozenset(cluster_addresses(cluster))
    for name in cluster.real_servers:
        host = cluster.hosts.get(name)
        if host is None:
            continue
        item = f"host {name}"
        for variable, rip in (("lvs_rip", host.rip), ("lvs_rip6", host.rip6)):
            if rip and host.interfaces and host.holder_of(rip) is None:
                yield _on_no_interface(item, variable, rip)
        yield from _way_back_problems(cluster, host, forwards.get(name, {}))
        yield from _other_cluster_problems(host, forwards.get(name, {}), ours)
        if host.gateway and canonical_address(host.gateway) not in dips:
            yield Problem(
                item,
                "nat_real_server_gateway",
                host.gateway,
                f"is not the lvs_dip of a director ({', '.join(dips) or 'none is given'}), so that"
                " answers would not go back through it",
                "use that, or leave it out",
            )


def _forwards(cluster: Cluster) -> dict[str, dict[str, str]]:
    """Return by which methods packets reach each host, and a service that forwards so."""
    found: dict[str, dict[str, str]] = {}
    for service in cluster.services:
        for member in service.served_by:
            if member.host:
                found.setdefault(member.host, {})[member.server.forward] = service.name
    return found


def cluster_name_problems(cluster: Cluster) -> Iterator[Problem]:
    """Name hosts that say of different clusters that they are in them."""
    names = [*cluster.directors, *cluster.real_servers]
    called = {cluster.hosts[name].cluster: name for name in names if name in cluster.hosts}
    if len(called) > 1:
        told = ", ".join(f"{name or 'none'} of {host}" for name, host in sorted(called.items()))
        advice = "give all hosts of a cluster the same, in group_vars/all.yml"
        yield Problem("", "lvs_cluster", None, f"differs ({told})", advice)


def _other_cluster_problems(
    host: Host, forwards: Mapping[str, str], ours: frozenset[str]
) -> Iterator[Problem]:
    """Name what another cluster has made of the host, and a run for this one would take away."""
    item, name = f"host {host.name}", host.cluster or None
    for forward in forwards if ours else ():
        kind = REAL_SERVERS[forward]
        for other, addresses in clusters_of(host.units, kind):
            known = ", ".join(addresses)
            is_same = not ours.isdisjoint(addresses) or not addresses
            what = f"the cluster {other}" if other else "a cluster without a name"
            if other == host.cluster and not is_same:
                yield Problem(
                    item,
                    "lvs_cluster",
                    name,
                    f"is that of another cluster there, which has {known}"
                    if name
                    else f"is not given, and the host is in another cluster without one, which has"
                    f" {known}",
                    "give this cluster a name of its own, or, if that is what has become of it,"
                    f" delete /etc/lvs-cluster/{owner_of(kind, other)}.cluster there",
                )
            elif other != host.cluster and is_same and addresses:
                yield Problem(
                    item,
                    "lvs_cluster",
                    name,
                    f"is not what this cluster was called there: it is {what}, which has {known}",
                    f"keep {f'the name {other}' if other else 'it without a name'}, or take the"
                    " host out of the cluster first",
                )
            elif other != host.cluster and forward == "nat":
                yield Problem(
                    item,
                    "",
                    None,
                    f"its default gateway is the director of {what}, which has {known}, and"
                    f" {forwards[forward]} forwards to it by nat, too",
                    "use dr or tun for one of the two clusters",
                )


def _way_back_problems(
    cluster: Cluster, host: Host, forwards: Mapping[str, str]
) -> Iterator[Problem]:
    """Name what sends a real server's answers to the director, which drops them.

    With direct routing and tunnels they come from the virtual address, which is the director's own.
    """
    direct = next((forward for forward in ("dr", "tun") if forward in forwards), None)
    if direct is None:
        return
    item = f"host {host.name}"
    if "nat" in forwards:
        yield Problem(
            item,
            "",
            None,
            f"{forwards['nat']} forwards to it by nat, which makes the director its gateway, and"
            f" {forwards[direct]} by {direct}, whose answers must not go through the director",
            "use one of the two for the host",
        )
        return
    for director in _directors(cluster):
        for gateway in host.gateways:
            if director.holder_of(gateway) is not None:
                yield Problem(
                    item,
                    "",
                    None,
                    f"its default gateway {gateway} is {director.name}, which drops answers from"
                    f" the virtual address of {forwards[direct]}",
                    "route through another host",
                )
