# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work in the description of a cluster, said before anything is touched.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    DEFAULT_FORWARD,
    FORWARDS,
    Service,
    ServiceKey,
    key_label,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    canonical_address,
)

from .._cluster.marks import (
    marked_addresses,
    marked_ports,
    virtual_addresses_of,
)
from .._cluster.model import (
    MODULE_NAMES,
    REAL_SERVER_FIELDS,
    SERVICE_FIELDS,
    Cluster,
)
from .._cluster.services import (
    resolved_server,
    resolved_service,
    rip_of,
)
from .._cluster.sorry_server import (
    SORRY_SERVER_FIELDS,
    is_loopback,
    sorry_server_of,
)
from .hosts import (
    _kernel_modules,
    _vip_problems,
)


def _unknown_fields(item: str, given: Mapping[str, Any], known: Sequence[str]) -> list[str]:
    return [
        f"{item}: {name} is not a field of it; use one of {', '.join(known)}."
        for name in given
        if name not in known
    ]


def _service_problems(
    cluster: Cluster,
    service: Mapping[str, Any],
    name: str,
    keys: dict[ServiceKey, str],
    managers: Sequence[str],
) -> list[str]:
    problems = _unknown_fields(name, service, SERVICE_FIELDS)
    if service.get("sorry_server") and "static" in managers:
        problems.append(
            f"{name}: sorry_server {service['sorry_server']!r} needs a health checker, and"
            " director_manager static has none; leave it out."
        )
    forward = service.get("forward") or DEFAULT_FORWARD
    if forward not in FORWARDS:
        return [
            *problems,
            f"{name}: forward {forward!r} is not known; use one of {', '.join(FORWARDS)}.",
        ]
    try:
        resolved = resolved_service(service)
        marked_addresses(service)
        marked_ports(service)
    except ModelError as error:
        return [*problems, _in_words_of_description(name, str(error))]
    for word in ("addresses", "ports"):
        if service.get(word) is not None and not resolved.fwmark:
            problems.append(
                f"{name}: {word} {service[word]!r} is for a firewall mark; give fwmark in place of"
                " address and port, or leave it out."
            )
    if service.get("ports") is not None and service.get("addresses") is None and resolved.fwmark:
        problems.append(
            f"{name}: ports {service['ports']!r} has no addresses to go with; give addresses, or"
            " leave ports out where something else marks the packets."
        )
    if resolved.key in keys:
        problems.append(
            f"{name}: {_key_in_words(resolved.key)} is already the key of {keys[resolved.key]};"
            " leave out one of the two, or give it another port."
        )
    else:
        keys[resolved.key] = name
    problems += _scheduler_problems(cluster, name, resolved.scheduler)
    for address in virtual_addresses_of(service):
        problems += _vip_problems(cluster, name, address)

    servers = service.get("real_servers")
    if servers is not None and not isinstance(servers, (list, tuple)):
        return [*problems, f"{name}: real_servers {servers!r} is not a list; give a list of hosts."]
    seen: set[tuple[str, int]] = set()
    for number, server in enumerate(servers or (), 1):
        item = f"real server {number} of {name}"
        if not isinstance(server, Mapping):
            problems.append(f"{item}: {server!r} is not a mapping; give host: and its name.")
            continue
        problems += _server_problems(cluster, service, resolved, server, item, seen)
    return problems + _sorry_server_problems(cluster, service, resolved, name, seen)


def _sorry_server_problems(
    cluster: Cluster,
    service: Mapping[str, Any],
    resolved: Service,
    name: str,
    seen: set[tuple[str, int]],
) -> list[str]:
    given = service.get("sorry_server")
    if not given:
        return []
    if not isinstance(given, Mapping):
        return [f"{name}: sorry_server {given!r} is not a mapping; give address or host."]
    item = f"sorry server of {name}"
    server = sorry_server_of(service) or {}
    if not is_loopback(server):
        return _server_problems(cluster, service, resolved, server, item, seen, SORRY_SERVER_FIELDS)
    problems = _unknown_fields(item, server, SORRY_SERVER_FIELDS)
    if server["forward"] != "dr":
        problems.append(
            f"{item}: forward {server['forward']} leads nowhere from {server['address']}, which is"
            " the director itself; leave it out."
        )
    try:
        resolved_server(service, resolved.key, {**server, "forward": "dr"}, server["address"])
    except ModelError as error:
        problems.append(_in_words_of_description(item, str(error)))
    return problems


def _server_problems(  # noqa: PLR0913, PLR0917 - a problem is told with all that it lies between
    cluster: Cluster,
    service: Mapping[str, Any],
    resolved: Service,
    server: Mapping[str, Any],
    item: str,
    seen: set[tuple[str, int]],
    known: Sequence[str] = REAL_SERVER_FIELDS,
) -> list[str]:
    problems = _unknown_fields(item, server, known)
    if bool(server.get("host")) == bool(server.get("address")):
        return [
            *problems,
            f"{item}: it needs host or address, one of the two; give the name of a host of the"
            " inventory, or an address.",
        ]
    if server.get("host"):
        name = str(server["host"])
        kind, whose = item.split(" of ", 1)
        item = f"{kind.split(' server')[0]} server {name} of {whose}"
        if name not in cluster.hosts:
            return [
                *problems,
                f"{item}: host {name} is not in the inventory; add it to the group real_servers.",
            ]
        if name not in cluster.real_servers:
            problems.append(f"{item}: host {name} is not in the group real_servers; add it there.")
    try:
        rip = rip_of(cluster, service, server)
    except ModelError as error:
        return [*problems, str(error)]
    try:
        entry = resolved_server(service, resolved.key, server, rip)
    except ModelError as error:
        text = str(error)
        if server.get("host"):
            text = re.sub(
                r"(?<=: )address (?=')",
                "lvs_rip ",
                text.replace("address is not", "lvs_rip is not"),
            )
        return [*problems, _in_words_of_description(item, text)]
    key = (entry["address"], entry["port"])
    if key in seen:
        problems.append(
            f"{item}: {entry['address']} port {entry['port']} is named twice; leave out one of the"
            " two."
        )
    seen.add(key)
    if entry["address"] in virtual_addresses_of(service):
        problems.append(
            f"{item}: its address {entry['address']} is the virtual address itself; give the"
            " address of the server."
        )
    forward = entry["forward"]
    if forward == "nat":
        return problems + _nat_problems(cluster, item, entry["address"])
    if server.get("host") and not virtual_addresses_of(service):
        problems.append(
            f"{item}: with forward {forward} it needs the virtual addresses, and the service has"
            f" only fwmark {resolved.fwmark}; give addresses."
        )
    if forward == "dr":
        problems += _dr_problems(cluster, item, entry["address"])
    return problems


def _dr_problems(cluster: Cluster, item: str, rip: str) -> list[str]:
    problems = []
    for name in cluster.directors:
        director = cluster.hosts.get(name)
        if director is None or not director.interfaces or director.link_to(rip) is not None:
            continue
        networks = [str(network) for link in director.interfaces for network in link.networks]
        problems.append(
            f"{item}: its address {rip} is on no link of {name}"
            f" ({', '.join(networks) or 'it has none'}), and forward dr reaches no further; give an"
            " address on one of them, or use forward tun."
        )
    return problems


def _nat_problems(cluster: Cluster, item: str, rip: str) -> list[str]:
    problems = []
    for name in cluster.directors:
        director = cluster.hosts.get(name)
        dip = canonical_address(str(director.variables.get("lvs_dip") or "")) if director else None
        if director is None or dip is None:
            continue
        if rip == dip:
            problems.append(
                f"{item}: its address {rip} is lvs_dip of {name}; give the address of the server."
            )
            continue
        holder = director.holder_of(dip)
        if holder is None:
            continue
        networks = [network for network in holder.networks if ipaddress.ip_address(dip) in network]
        if not any(ipaddress.ip_address(rip) in network for network in networks):
            problems.append(
                f"{item}: its address {rip} is not in the network of lvs_dip {dip} of {name}"
                f" ({', '.join(map(str, networks)) or 'none'}), so that its answers cannot come"
                " back that way; give an address in that network."
            )
    return problems


def _scheduler_problems(cluster: Cluster, name: str, scheduler: str) -> list[str]:
    problems = []
    for director in cluster.directors:
        known = _kernel_modules(cluster, director)
        if "ip_vs.ko" in known and f"ip_vs_{scheduler}.ko" not in known:
            problems.append(
                f"{name}: scheduler {scheduler} is not in the kernel of {director};"
                " use another one, or a kernel that has it."
            )
    return problems


def _key_in_words(key: ServiceKey) -> str:
    return key_label(key).split(" ", 1)[1]


def _in_words_of_description(item: str, message: str) -> str:
    """Put the description's name of a thing and of a field in place of the module's."""
    text = message.split(": ", 1)[1] if ": " in message else message
    for described, module in MODULE_NAMES.items():
        text = re.sub(rf"\b{module}\b", described, text)
    return f"{item}: {text}"
