# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others have made on a director that a run would take away, or fight with.

Private to the collection: names and behaviour may change in any release.

It is what M(lvs.cluster.host_info) has told of the host. Nothing is said of a
host that nobody has looked at. Pure code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    canonical_address,
    join_host_port,
)

from .._cluster.model import HEALTH_CHECKERS, KEEPALIVED, Cluster, Host, VirtualService
from .._problem import Problem
from .._views.director import (
    all_virtual_addresses,
    floating_addresses,
    key_arguments,
    key_of,
    new_services,
    service_keys,
)
from .._views.vrrp import interface_of

_FILES = {KEEPALIVED: "keepalived.conf", "ldirectord": "ldirectord.cf"}


def table_problems(
    cluster: Cluster, host: Host, found: Mapping[str, Any], live: Mapping[str, Any] | None
) -> Iterator[Problem]:
    """Name the real servers that the first run for a service would delete.

    C(found) is what M(lvs.cluster.host_info) has told of the host, C(live) what
    M(lvs.cluster.ipvs_info) has, if somebody has asked.
    """
    entries = (live or {}).get("services") or ()
    table = {key_of(entry): entry["real_servers"] for entry in entries}
    new = set(new_services(found.get("services", ()), service_keys(cluster, host)))
    for service in cluster.services:
        if key_arguments(service.service.key) not in new or not service.is_whole:
            continue
        described = {member.server.key for member in service.served_by}
        extra = [
            join_host_port(server["address"], server["port"])
            for server in table.get(service.service.key, ())
            if (server["address"], server["port"]) not in described
        ]
        if extra:
            yield Problem(
                service.name,
                "real_servers",
                None,
                f"has not {_several(extra)}, to which {host.name} sends its clients now, and whose"
                " connections would end",
                "describe them, or set director_take_over to true for the run that deletes them",
            )


def checker_problems(
    cluster: Cluster, host: Host, keepalived: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[Problem]:
    """Name what a health checker does for others already, where it is to have the table.

    C(keepalived) are the variables of the role, without its name.
    """
    manager = host.manager
    if manager not in HEALTH_CHECKERS:
        return
    ours = manager in found.get("taken", ()) and not found.get("kept")
    if ours or not _is_used(found.get("units", {}).get(f"{manager}.service", {})):
        return
    conf = _read(found.get("names", ()))
    item, file = f"host {host.name}", _FILES[manager]
    advice = (
        "set director_take_over to true for the run that replaces the file, and keeps it as"
        f" {file}.before-lvs-cluster"
    )
    if manager != KEEPALIVED:
        described = {_named(service) for service in cluster.services}
        lost = [name for name in conf.virtual if name not in described]
        if lost:
            why = f"its {file} has {_several(lost)}, which would be in it no more"
            yield Problem(item, "", None, why, f"describe them, or {advice}")
        return
    names = {_named(service): service.name for service in cluster.services}
    twice = [f"{name} ({names[name]})" for name in conf.virtual_servers if name in names]
    if twice:
        why = f"its {file} has virtual_server {_several(twice)} already"
        yield Problem(item, "", None, why, f"take them out of it, or {advice}")
    floating = floating_addresses(cluster, host)
    router_id = keepalived["virtual_router_id"]
    links = {keepalived["interface"] or interface_of(host, address) for address in floating}
    for instance in conf.instances:
        wanted = floating or all_virtual_addresses(cluster)
        given = [address for address in wanted if address in instance.addresses]
        if given:
            why = f"its {file} has {_several(given)} in vrrp_instance {instance.name} already"
            yield Problem(item, "", None, why, f"take them out of it, or {advice}")
        if instance.router_id == str(router_id) and instance.interface in links:
            why = f"is that of vrrp_instance {instance.name} in {file}, on {instance.interface} too"
            others = "give the directors another one"
            yield Problem(
                item, "keepalived_virtual_router_id", router_id, why, f"{others}, or {advice}"
            )


def vrrp_addresses(found: Mapping[str, Any]) -> frozenset[str]:
    """Return the addresses that keepalived gives by another configuration than the role's."""
    instances = _read(found.get("names", ())).instances
    return frozenset(address for instance in instances for address in instance.addresses)


# ---- what was found ----------------------------------------------------------------------------
@dataclass
class _Instance:
    """A vrrp_instance of keepalived.conf."""

    name: str
    interface: str = ""
    router_id: str = ""
    addresses: list[str] = field(default_factory=list)


@dataclass
class _Conf:
    """The names of what is in the configurations of health checkers."""

    instances: list[_Instance] = field(default_factory=list)
    # As _named calls them: of keepalived.conf, and of ldirectord.cf.
    virtual_servers: list[str] = field(default_factory=list)
    virtual: list[str] = field(default_factory=list)


def _read(lines: Iterable[str]) -> _Conf:
    conf, instance = _Conf(), None
    for line in lines:
        name, is_virtual, value = line.partition("=")
        words = line.split()
        if is_virtual and name.strip() in ("virtual", "virtual6"):
            conf.virtual.append(value.strip())
        elif words[:1] == ["vrrp_instance"]:
            instance = _Instance(words[1])
            conf.instances.append(instance)
        elif words[:1] == ["interface"] and instance is not None:
            instance.interface = words[1]
        elif words[:1] == ["virtual_router_id"] and instance is not None:
            instance.router_id = words[1]
        elif words[:1] in (["virtual_server"], ["virtual_server_group"]):
            instance = None
            conf.virtual_servers += _virtual_server(words[1:])
        elif instance is not None and line.lstrip().startswith("virtual_ipaddress"):
            inside = line.partition("{")[2].split()
            found = (canonical_address(word.split("/")[0]) for word in inside)
            instance.addresses += [address for address in found if address]
        elif words:
            address = canonical_address(words[0].split("/")[0])
            if instance is not None and address:
                instance.addresses.append(address)
            elif address:
                conf.virtual_servers += _virtual_server(words)
    return conf


def _virtual_server(words: list[str]) -> list[str]:
    """Return what is meant by C(ADDRESS PORT) or C(fwmark NUMBER); nothing for a group's name."""
    if words[:1] == ["fwmark"]:
        return words[1:2]
    address = canonical_address(words[0]) if len(words) > 1 else None
    return [join_host_port(address, int(words[1]))] if address and words[1].isdecimal() else []


def _named(service: VirtualService) -> str:
    own = service.service
    return str(own.fwmark) if own.fwmark else join_host_port(own.address, own.port)


def _is_used(unit: Mapping[str, str]) -> bool:
    """Tell by what systemd says of a unit whether it runs, or would at boot."""
    return unit.get("ActiveState") == "active" or unit.get("UnitFileState") == "enabled"


def _several(names: list[str]) -> str:
    shown = names[:10] + ([f"{len(names) - 10} more"] if len(names) > 10 else [])
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
