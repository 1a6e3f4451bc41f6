# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals about directors and real servers.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    canonical_address,
)

from .._cluster.model import (
    KEEPALIVED,
    MANAGERS,
    Cluster,
    Host,
    mappings,
    prefix_length,
)
from .._cluster.services import (
    forward_of,
    served_by,
    service_name,
)


def _kernel_modules(cluster: Cluster, director: str) -> list[str]:
    host = cluster.hosts.get(director)
    answer = host.variables.get("director_kernel_ipvs") if host is not None else None
    lines = answer.get("stdout_lines") if isinstance(answer, Mapping) else None
    return list(lines or ())


def _vip_problems(cluster: Cluster, name: str, address: str) -> list[str]:
    problems = []
    for director in cluster.directors:
        host = cluster.hosts.get(director)
        if host is None or not host.interfaces or host.holder_of(address) is not None:
            continue
        if host.variables.get("director_vip_interface"):
            problems += _vip_on_lo_problems(host, name, address)
            continue
        if host.link_to(address) is not None:
            continue
        networks = [str(network) for link in host.interfaces for network in link.networks]
        problems.append(
            f"{name}: address {address} is on no network of {director}"
            f" ({', '.join(networks) or 'it has none'}); give an address on one of them, or name"
            f" the interface in director_vip_interface and the prefix length in"
            f" director_vip_prefix of {director}."
        )
    return problems


def _vip_on_lo_problems(host: Host, name: str, address: str) -> list[str]:
    """Name the setting that keeps a director from answering for an address on C(lo)."""
    answer = host.variables.get("director_arp_ignoring")
    paths = (answer.get("stdout_lines") or ()) if isinstance(answer, Mapping) else ()
    interfaces = {str(path).split("/")[-2] for path in paths} - {"lo", "default"}
    if host.variables["director_vip_interface"] != "lo" or ":" in address or not interfaces:
        return []
    settings = ", ".join(f"net.ipv4.conf.{interface}.arp_ignore" for interface in interfaces)
    return [
        f"{name}: address {address} would be on lo of {host.name}, where nobody answers ARP for it,"
        f" because {settings} is not 0; set it to 0 there, or name another interface in"
        " director_vip_interface."
    ]


def _director_problems(cluster: Cluster) -> list[str]:
    problems: list[str] = []
    if not cluster.directors:
        problems.append("group directors: it has no host; put the director into it.")
    nat = any(
        forward_of(service, server) == "nat"
        for service in mappings(cluster.services)
        for server in served_by(service)
    )
    dips: dict[str, str] = {}
    for name in cluster.directors:
        host = cluster.hosts.get(name)
        if host is None:
            continue
        variables = host.variables
        manager = variables.get("director_manager") or "static"
        if manager not in MANAGERS:
            problems.append(
                f"host {name}: director_manager {manager!r} is not known; use"
                f" {' or '.join(MANAGERS)}."
            )
        answer = variables.get("director_kernel_ipvs")
        if isinstance(answer, Mapping) and "stdout_lines" in answer and not answer["stdout_lines"]:
            problems.append(
                f"host {name}: its kernel has no IPVS; use a kernel with the module ip_vs"
                " (CONFIG_IP_VS)."
            )
        problems += _vip_setting_problems(host)
        if not nat:
            continue
        given = variables.get("lvs_dip")
        dip = canonical_address(str(given)) if given else None
        if dip is None:
            problems.append(
                f"host {name}: lvs_dip {given!r} is not an address;"
                " give the director's address on the real servers' network."
            )
            continue
        dips[name] = dip
        floats = manager == KEEPALIVED and host.link_to(dip) is not None
        if host.interfaces and host.holder_of(dip) is None and not floats:
            problems.append(
                f"host {name}: lvs_dip {dip} is on none of its interfaces; configure the address"
                " on the host, or give the one that it has."
            )
    chosen = {
        cluster.hosts[name].variables.get("nat_real_server_gateway")
        for name in cluster.real_servers
        if name in cluster.hosts
    }
    if len(set(dips.values())) > 1 and (None in chosen or not chosen):
        problems.append(
            f"group directors: lvs_dip differs ({', '.join(sorted(set(dips.values())))}), and a"
            " real server has one gateway; name it in nat_real_server_gateway."
        )
    return problems


def _vip_setting_problems(host: Host) -> list[str]:
    problems = []
    interface = host.variables.get("director_vip_interface")
    names = ["lo", *(link.name for link in host.interfaces)]
    if interface and host.interfaces and interface not in names:
        problems.append(
            f"host {host.name}: director_vip_interface {interface} is not an interface of it;"
            f" use one of {', '.join(names)}."
        )
    prefix = host.variables.get("director_vip_prefix")
    length = prefix_length(prefix)
    if prefix not in (None, "") and (length is None or not 1 <= length <= 128):
        problems.append(
            f"host {host.name}: director_vip_prefix {prefix!r} is not a prefix length;"
            " give a number such as 24, or leave it out."
        )
    return problems


def _real_server_problems(cluster: Cluster) -> list[str]:
    problems = []
    dips = {
        canonical_address(str(cluster.hosts[name].variables.get("lvs_dip") or ""))
        for name in cluster.directors
        if name in cluster.hosts
    }
    for name in cluster.real_servers:
        host = cluster.hosts.get(name)
        if host is None:
            continue
        problems += _rip_problems(host)
        problems += _way_back_problems(cluster, host)
        gateway = host.variables.get("nat_real_server_gateway")
        if gateway and canonical_address(str(gateway)) not in dips:
            problems.append(
                f"host {name}: nat_real_server_gateway {gateway} is not the lvs_dip of a director"
                f" ({', '.join(sorted(dip for dip in dips if dip)) or 'none is given'}), so that"
                " answers would not go back through it; use that, or leave it out."
            )
    return problems


def _rip_problems(host: Host) -> list[str]:
    problems = []
    for variable in ("lvs_rip", "lvs_rip6"):
        given = host.variables.get(variable)
        rip = canonical_address(str(given or ""))
        if variable == "lvs_rip6" and given and (rip is None or ":" not in rip):
            problems.append(
                f"host {host.name}: lvs_rip6 {given!r} is not an IPv6 address; give one, or leave"
                " it out."
            )
        elif rip is not None and host.interfaces and host.holder_of(rip) is None:
            problems.append(
                f"host {host.name}: {variable} {rip} is on none of its interfaces; configure the"
                " address on the host, or give the one that it has."
            )
    return problems


def _way_back_problems(cluster: Cluster, host: Host) -> list[str]:
    """Name what sends a real server's answers to the director, which drops them.

    With direct routing and tunnels they come from the virtual address, which is the director's own.
    """
    forwards = {
        forward_of(service, server): service_name(service)
        for service in mappings(cluster.services)
        for server in served_by(service)
        if server.get("host") == host.name
    }
    direct = [forwards[forward] for forward in ("dr", "tun") if forward in forwards]
    if not direct:
        return []
    if "nat" in forwards:
        return [
            f"host {host.name}: {forwards['nat']} forwards to it by nat, which makes the director"
            f" its gateway, and {direct[0]} by {'dr' if 'dr' in forwards else 'tun'}, whose answers"
            " must not go through the director; use one of the two for the host."
        ]
    problems = []
    for name in cluster.directors:
        director = cluster.hosts.get(name)
        for gateway in host.gateways:
            if director is not None and director.holder_of(gateway) is not None:
                problems.append(
                    f"host {host.name}: its default gateway {gateway} is {name}, which drops"
                    f" answers from the virtual address of {direct[0]}; route through another host."
                )
    return problems
