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

from ansible_collections.lvs.cluster.plugins.module_utils._checks import (
    KEEPALIVED,
    LDIRECTORD,
    check_problems,
)
from ansible_collections.lvs.cluster.plugins.module_utils._cluster import (
    MODULE_NAMES,
    REAL_SERVER_FIELDS,
    SERVICE_FIELDS,
    Cluster,
    Host,
    forward_of,
    mappings,
    prefix_length,
    resolved_server,
    resolved_service,
    rip_of,
    served_by,
    service_name,
)
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived import (
    keepalived_problems,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ldirectord import (
    ldirectord_problems,
)
from ansible_collections.lvs.cluster.plugins.module_utils._marks import (
    MarkedPorts,
    claims,
    marked_addresses,
    marked_ports,
    virtual_addresses_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._model import (
    DEFAULT_FORWARD,
    FORWARDS,
    ModelError,
    Service,
    ServiceKey,
    canonical_address,
    key_label,
)
from ansible_collections.lvs.cluster.plugins.module_utils._sorry_server import (
    SORRY_SERVER_FIELDS,
    is_loopback,
    sorry_server_of,
)

# Who may own the live table of a director.
MANAGERS = ("static", LDIRECTORD, KEEPALIVED)


def preflight(cluster: Cluster, manager: str | None = None) -> list[str]:
    """Return what cannot work, a sentence each: the item, the field, the value, and the mend.

    A manager owns the table where the directors' C(director_manager) does not say who does.
    """
    managers = [manager] if manager is not None else _managers(cluster)
    if not isinstance(cluster.services, (list, tuple)):
        return [
            f"lvs_virtual_services {cluster.services!r} is not a list; give the list of services,"
            " or [] for none."
        ]
    problems: list[str] = []
    keys: dict[ServiceKey, str] = {}
    for number, service in enumerate(cluster.services, 1):
        if not isinstance(service, Mapping):
            problems.append(
                f"service {number} of lvs_virtual_services: {service!r} is not a mapping;"
                " give address, port and real_servers."
            )
            continue
        name = service_name(service, number)
        problems += [f"{name}: {told}" for told in check_problems(service, managers)]
        problems += _service_problems(cluster, service, name, keys, managers)
    if LDIRECTORD in managers:
        problems += ldirectord_problems(cluster)
    if KEEPALIVED in managers:
        problems += keepalived_problems(cluster)
    if not problems:
        problems += _overlap_problems(cluster)
        problems += _connection_problems(cluster)
    problems += _director_problems(cluster)
    problems += _real_server_problems(cluster)
    return list(dict.fromkeys(problems))


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


def _managers(cluster: Cluster) -> list[str]:
    """Return who owns the tables of the directors, each once."""
    hosts = [cluster.hosts[name] for name in cluster.directors if name in cluster.hosts]
    found = [str(host.variables.get("director_manager") or "static") for host in hosts]
    return list(dict.fromkeys(found))


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


def _is_emptying(service: Mapping[str, Any]) -> bool:
    """Tell whether a service takes no new connections, and only keeps those that it has."""
    return all(server.get("weight") == 0 for server in mappings(service.get("real_servers")))


def _overlap_problems(cluster: Cluster) -> list[str]:
    """Name the services whose packets another service's mark takes away."""
    problems = []
    for marked in mappings(cluster.services):
        if not marked.get("fwmark"):
            continue
        for other in mappings(cluster.services):
            if other is marked or (other.get("fwmark") and other["fwmark"] == marked["fwmark"]):
                continue
            if not other.get("fwmark") and (not other.get("port") or _is_emptying(other)):
                continue  # it has every other port of the address, or only what is left of it
            common = [
                (address, ports)
                for address, ports in claims(other)
                for its_address, its_ports in claims(marked)
                if address == its_address and ports.overlaps(its_ports)
            ]
            if common:
                address, ports = common[0]
                problems.append(
                    f"{service_name(other)}: {address} port {ports}/{ports.protocol} has"
                    f" fwmark {marked['fwmark']} of {service_name(marked)} already, which then"
                    " takes its packets; leave the port out of one of the two."
                )
    return problems


def _connection_problems(cluster: Cluster) -> list[str]:
    """Name the services that would take the connections by which Ansible reaches a director."""
    problems = []
    for name in cluster.directors:
        host = cluster.hosts.get(name)
        if host is None or host.managed_at is None:
            continue
        ours, port = host.managed_at
        ssh = MarkedPorts("tcp", port, port)
        for service in mappings(cluster.services):
            if any(address == ours and ports.overlaps(ssh) for address, ports in claims(service)):
                problems.append(
                    f"{service_name(service)}: it takes port {port} of {ours} too, by which Ansible"
                    f" is connected to {name}, and which would lead to a real server from then on;"
                    f" connect to another address of {name} (ansible_host), or leave the port out."
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


def _key_in_words(key: ServiceKey) -> str:
    return key_label(key).split(" ", 1)[1]


def _in_words_of_description(item: str, message: str) -> str:
    """Put the description's name of a thing and of a field in place of the module's."""
    text = message.split(": ", 1)[1] if ": " in message else message
    for described, module in MODULE_NAMES.items():
        text = re.sub(rf"\b{module}\b", described, text)
    return f"{item}: {text}"
