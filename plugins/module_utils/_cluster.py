# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the one description of a cluster to what each host needs.

Private to the collection: names and behaviour may change in any release.

The description is C(lvs_virtual_services) and the hosts' own variables. Everything else is
derived here: the director's table, virtual addresses and masquerading, the real servers' gateway,
and what cannot work. Pure code: the filter plugins hand it the inventory and facts, and it hands
back values.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

from ansible_collections.lvs.cluster.plugins.module_utils._model import (
    DEFAULT_FORWARD,
    DEFAULT_SCHEDULER,
    FORWARDS,
    ModelError,
    Service,
    ServiceKey,
    canonical_address,
    check_service,
    key_label,
    parse_real_server,
    parse_service,
    resolve_real_server,
    resolve_service,
)

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

# The role that a host needs for being a real server of a service that forwards so.
REAL_SERVER_ROLES: Mapping[str, str] = {"nat": "nat_real_server"}

SERVICE_FIELDS = (
    "name",
    "address",
    "port",
    "protocol",
    "fwmark",
    "family",
    "scheduler",
    "scheduler_flags",
    "persistent_timeout",
    "persistent_netmask",
    "persistence_engine",
    "one_packet",
    "forward",
    "real_servers",
    "check",
    "sorry_server",
)
REAL_SERVER_FIELDS = (
    "host",
    "address",
    "port",
    "forward",
    "weight",
    "upper_threshold",
    "lower_threshold",
    "tunnel_type",
    "tunnel_port",
    "tunnel_checksum",
)
# What the description calls otherwise than the modules do.
_MODULE_NAMES = {"address": "virtual_address", "port": "virtual_port"}
_NOT_THE_TABLES = ("name", "forward", "real_servers", "check", "sorry_server")

# With these a client's requests, one after the other, all go to one server.
_ONE_SERVER = ("sh", "dh", "mh", "lblc", "fo", "ovf")


@dataclass(frozen=True)
class Interface:
    """A network interface and the addresses that the facts show on it, with prefix length."""

    name: str
    addresses: tuple[str, ...] = ()

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks that are on this link; an address with no neighbours makes none."""
        found = [ipaddress.ip_interface(address).network for address in self.addresses]
        return tuple(network for network in found if network.prefixlen < network.max_prefixlen)

    def prefix_of(self, address: str) -> int | None:
        """Return the prefix length that the address has here, or None if it is not here."""
        for own in map(ipaddress.ip_interface, self.addresses):
            if own.ip == ipaddress.ip_address(address):
                return int(own.network.prefixlen)
        return None


@dataclass(frozen=True)
class Host:
    """A host of the inventory: its variables, and what its facts say of it."""

    name: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    interfaces: tuple[Interface, ...] = ()

    def holder_of(self, address: str) -> Interface | None:
        """Return the interface that has this address."""
        for interface in self.interfaces:
            if interface.prefix_of(address) is not None:
                return interface
        return None

    def link_to(self, address: str) -> tuple[Interface, Network] | None:
        """Return the interface and the network on it that contain this address."""
        for interface in self.interfaces:
            for network in interface.networks:
                if ipaddress.ip_address(address) in network:
                    return interface, network
        return None


@dataclass(frozen=True)
class Cluster:
    """The description, and the hosts that it speaks of."""

    services: Sequence[Mapping[str, Any]]
    hosts: Mapping[str, Host]
    directors: Sequence[str]
    real_servers: Sequence[str]


# ---- the inventory ----------------------------------------------------------------------------


def interfaces_of_facts(facts: Mapping[str, Any]) -> tuple[Interface, ...]:
    """Read the interfaces and their addresses out of Ansible's network facts."""
    found = []
    for name in facts.get("interfaces") or ():
        if name == "lo":
            continue
        fact = facts.get(re.sub(r"[^A-Za-z0-9_]", "_", name)) or {}
        addresses = []
        for entry in (fact.get("ipv4"), *(fact.get("ipv4_secondaries") or ())):
            if entry and entry.get("address") and entry.get("netmask"):
                prefix = ipaddress.ip_network(f"0.0.0.0/{entry['netmask']}").prefixlen
                addresses.append(f"{entry['address']}/{prefix}")
        addresses += [
            f"{entry['address']}/{entry['prefix']}"
            for entry in fact.get("ipv6") or ()
            if entry.get("scope") != "link"
        ]
        found.append(Interface(str(name), tuple(addresses)))
    return tuple(found)


def cluster_of_inventory(
    services: Any, hostvars: Mapping[str, Any], groups: Mapping[str, Sequence[str]]
) -> Cluster:
    """Gather the description and the variables of the hosts that have a part in it."""
    directors = list(groups.get("directors") or ())
    real_servers = list(groups.get("real_servers") or ())
    named = [
        str(server["host"])
        for service in _mappings(services)
        for server in _mappings(service.get("real_servers"))
        if server.get("host")
    ]
    hosts = {}
    for name in dict.fromkeys([*directors, *real_servers, *named]):
        if name not in hostvars:
            continue
        variables = hostvars[name]
        hosts[name] = Host(
            name,
            {
                key: variables.get(key)
                for key in (
                    "lvs_dip",
                    "lvs_rip",
                    "director_manager",
                    "director_vip_interface",
                    "director_vip_prefix",
                    "director_kernel_ipvs",
                    "nat_real_server_gateway",
                )
            },
            interfaces_of_facts(variables.get("ansible_facts") or {}),
        )
    return Cluster(services, hosts, directors, real_servers)


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    """Return those entries of a list that are mappings; what is none is for preflight to name."""
    if not isinstance(value, (list, tuple)):
        return []
    return [entry for entry in value if isinstance(entry, Mapping)]


def service_name(service: Mapping[str, Any], number: int = 0) -> str:
    """Return what messages and reports call a service of the description."""
    if service.get("name"):
        return f"service {service['name']}"
    if service.get("address"):
        return f"service {service['address']}:{service.get('port', '')}"
    return f"service {number}" if number else "service"


# ---- the director's table ---------------------------------------------------------------------


def _wanted(service: Mapping[str, Any]) -> dict[str, Any]:
    return {
        _MODULE_NAMES.get(name, name): value
        for name, value in service.items()
        if name not in _NOT_THE_TABLES
    }


def _resolved_service(service: Mapping[str, Any]) -> Service:
    wanted = parse_service(_wanted(service))
    resolved = resolve_service(wanted)
    check_service(resolved)
    return resolved


def _resolved_server(
    service: Mapping[str, Any], key: ServiceKey, server: Mapping[str, Any], address: str
) -> dict[str, Any]:
    wanted = {name: value for name, value in server.items() if name != "host"}
    wanted["address"] = address
    wanted.setdefault("forward", service.get("forward") or DEFAULT_FORWARD)
    return resolve_real_server(parse_real_server(wanted, key), key).as_result()


def ipvs_services(cluster: Cluster) -> list[dict[str, Any]]:
    """Return the services as M(lvs.cluster.ipvs_table) takes them.

    Every field is spelled out: one that is taken out of the description goes back to its default.
    """
    table = []
    for service in cluster.services:
        resolved = _resolved_service(service)
        entry = resolved.as_result()
        if not resolved.fwmark:
            del entry["family"]
        entry["real_servers"] = [
            _resolved_server(service, resolved.key, server, _rip(cluster, server))
            for server in service.get("real_servers") or ()
        ]
        table.append(entry)
    return table


def _rip(cluster: Cluster, server: Mapping[str, Any]) -> str:
    if server.get("address"):
        return str(server["address"])
    name = str(server.get("host"))
    host = cluster.hosts.get(name)
    if host is None or not host.variables.get("lvs_rip"):
        raise ModelError(
            f"host {name}: lvs_rip is not given; give the host's address on the real servers'"
            " network."
        )
    return str(host.variables["lvs_rip"])


def key_arguments(service: Mapping[str, Any]) -> str:
    """Return how ipvsadm names a service of the table: C(-t 192.0.2.1:80), C(-f 10 -6)."""
    if service.get("fwmark"):
        return f"-f {service['fwmark']}" + (" -6" if service.get("family") == "ipv6" else "")
    option = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}[service["protocol"]]
    address = service["virtual_address"]
    host = f"[{address}]" if ":" in address else address
    return f"{option} {host}:{service['virtual_port']}"


def forgotten_services(
    former: Iterable[str], services: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the services of an earlier run that the description no longer has.

    C(former) is what C(key_arguments) wrote then, so that nothing goes that was never ours.
    """
    kept = {key_arguments(service) for service in services}
    forgotten: list[dict[str, Any]] = []
    for line in former:
        words = line.split()
        if not words or line.startswith("#") or line in kept:
            continue
        if words[0] == "-f":
            family = "ipv6" if "-6" in words else "ipv4"
            forgotten.append({"fwmark": int(words[1]), "family": family})
            continue
        address, port = words[1].rsplit(":", 1)
        forgotten.append(
            {
                "protocol": {"-t": "tcp", "-u": "udp"}.get(words[0], "sctp"),
                "virtual_address": address.strip("[]"),
                "virtual_port": int(port),
            }
        )
    return forgotten


# ---- what a host needs ------------------------------------------------------------------------


def virtual_addresses(cluster: Cluster, director: str) -> list[dict[str, Any]]:
    """Return each virtual address, with its interface and prefix length on this director.

    An address that is there already keeps what it has: it may be the host's own.
    """
    host = cluster.hosts[director]
    found: dict[str, dict[str, Any]] = {}
    for service in cluster.services:
        address = canonical_address(str(service.get("address") or ""))
        if address is None or address in found:
            continue
        holder = host.holder_of(address)
        if holder is not None:
            interface, prefix = holder.name, holder.prefix_of(address)
        else:
            interface = str(host.variables.get("director_vip_interface") or "")
            link = host.link_to(address)
            if not interface and link is not None:
                interface = link[0].name
            prefix = _prefix_length(host.variables.get("director_vip_prefix"))
        if prefix is None:
            prefix = ipaddress.ip_address(address).max_prefixlen
        found[address] = {"address": address, "prefix": prefix, "interface": interface}
    return list(found.values())


def masquerading(cluster: Cluster, director: str) -> dict[str, list[str]]:
    """Return the real servers' networks, and the public interfaces that they may leave by."""
    host = cluster.hosts[director]
    networks: dict[str, None] = {}
    inside: set[str] = set()
    for service in cluster.services:
        for server in service.get("real_servers") or ():
            if _forward(service, server) != "nat":
                continue
            link = host.link_to(_rip(cluster, server))
            if link is not None:
                inside.add(link[0].name)
                networks[str(link[1])] = None
    public = {
        vip["interface"]: None
        for vip in virtual_addresses(cluster, director)
        if vip["interface"] and vip["interface"] not in inside
    }
    return {"networks": list(networks), "interfaces": list(public)}


def schedulers(cluster: Cluster) -> list[str]:
    """Return the schedulers that the services use."""
    return sorted({str(s.get("scheduler") or DEFAULT_SCHEDULER) for s in cluster.services})


def real_server_roles(cluster: Cluster, host: str) -> list[str]:
    """Return the roles that a host needs for the services that name it."""
    needed = {
        REAL_SERVER_ROLES[_forward(service, server)]
        for service in cluster.services
        for server in service.get("real_servers") or ()
        if server.get("host") == host and _forward(service, server) in REAL_SERVER_ROLES
    }
    return sorted(needed)


def nat_gateway(cluster: Cluster) -> str:
    """Return the director's address that the real servers behind NAT have to answer through."""
    dips = {str(cluster.hosts[name].variables.get("lvs_dip") or "") for name in cluster.directors}
    return min(dips) if dips else ""


def link_to(cluster: Cluster, host: str, address: str) -> str:
    """Return the host's interface whose network contains the address; empty where there is none."""
    link = cluster.hosts[host].link_to(address) if host in cluster.hosts else None
    return link[0].name if link is not None else ""


def _forward(service: Mapping[str, Any], server: Mapping[str, Any]) -> str:
    return str(server.get("forward") or service.get("forward") or DEFAULT_FORWARD)


def _prefix_length(value: Any) -> int | None:
    """Read a prefix length; nothing given is None, and so is what is no number."""
    text = str(value).strip() if value is not None and not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and text.isascii() else None


# ---- what cannot work -------------------------------------------------------------------------


def preflight(cluster: Cluster) -> list[str]:
    """Return what cannot work, a sentence each: the item, the field, the value, and the mend."""
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
        problems += _service_problems(cluster, service, service_name(service, number), keys)
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
    cluster: Cluster, service: Mapping[str, Any], name: str, keys: dict[ServiceKey, str]
) -> list[str]:
    problems = _unknown_fields(name, service, SERVICE_FIELDS)
    if service.get("sorry_server"):
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
        resolved = _resolved_service(service)
    except ModelError as error:
        return [*problems, _in_words_of_description(name, str(error))]
    if resolved.key in keys:
        problems.append(
            f"{name}: {_key_in_words(resolved.key)} is already the key of {keys[resolved.key]};"
            " leave out one of the two, or give it another port."
        )
    else:
        keys[resolved.key] = name
    problems += _scheduler_problems(cluster, name, resolved.scheduler)
    if not resolved.fwmark:
        problems += _vip_problems(cluster, name, resolved.address)

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
    return problems


def _server_problems(  # noqa: PLR0913, PLR0917 - a problem is told with all that it lies between
    cluster: Cluster,
    service: Mapping[str, Any],
    resolved: Service,
    server: Mapping[str, Any],
    item: str,
    seen: set[tuple[str, int]],
) -> list[str]:
    problems = _unknown_fields(item, server, REAL_SERVER_FIELDS)
    if bool(server.get("host")) == bool(server.get("address")):
        return [
            *problems,
            f"{item}: it needs host or address, one of the two; give the name of a host of the"
            " inventory, or an address.",
        ]
    if server.get("host"):
        name = str(server["host"])
        item = f"real server {name} of {item.split(' of ', 1)[1]}"
        if name not in cluster.hosts:
            return [
                *problems,
                f"{item}: host {name} is not in the inventory; add it to the group real_servers.",
            ]
        if name not in cluster.real_servers:
            problems.append(f"{item}: host {name} is not in the group real_servers; add it there.")
        if not cluster.hosts[name].variables.get("lvs_rip"):
            return [
                *problems,
                f"host {name}: lvs_rip is not given; give the host's address on the real servers'"
                " network.",
            ]
    try:
        entry = _resolved_server(service, resolved.key, server, _rip(cluster, server))
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
    if entry["address"] == resolved.address:
        problems.append(
            f"{item}: its address {entry['address']} is the virtual address itself; give the"
            " address of the server."
        )
    forward = entry["forward"]
    if forward not in REAL_SERVER_ROLES and server.get("host"):
        problems.append(
            f"{item}: forward {forward} needs a role that this release does not have;"
            f" use {' or '.join(REAL_SERVER_ROLES)}."
        )
    if forward == "nat":
        problems += _nat_problems(cluster, item, entry["address"])
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
        if host.variables.get("director_vip_interface") or host.link_to(address) is not None:
            continue
        networks = [str(network) for link in host.interfaces for network in link.networks]
        problems.append(
            f"{name}: address {address} is on no network of {director}"
            f" ({', '.join(networks) or 'it has none'}); give an address on one of them, or name"
            f" the interface in director_vip_interface and the prefix length in"
            f" director_vip_prefix of {director}."
        )
    return problems


def _director_problems(cluster: Cluster) -> list[str]:
    problems: list[str] = []
    if not cluster.directors:
        problems.append("group directors: it has no host; put the director into it.")
    nat = any(
        _forward(service, server) == "nat"
        for service in _mappings(cluster.services)
        for server in _mappings(service.get("real_servers"))
    )
    dips: dict[str, str] = {}
    for name in cluster.directors:
        host = cluster.hosts.get(name)
        if host is None:
            continue
        variables = host.variables
        manager = variables.get("director_manager") or "static"
        if manager != "static":
            problems.append(f"host {name}: director_manager {manager!r} is not known; use static.")
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
        if host.interfaces and host.holder_of(dip) is None:
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
    names = [link.name for link in host.interfaces]
    if interface and names and interface not in names:
        problems.append(
            f"host {host.name}: director_vip_interface {interface} is not an interface of it;"
            f" use one of {', '.join(names)}."
        )
    prefix = host.variables.get("director_vip_prefix")
    length = _prefix_length(prefix)
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
        rip = canonical_address(str(host.variables.get("lvs_rip") or ""))
        if rip is not None and host.interfaces and host.holder_of(rip) is None:
            problems.append(
                f"host {name}: lvs_rip {rip} is on none of its interfaces; configure the address on"
                " the host, or give the one that it has."
            )
        gateway = host.variables.get("nat_real_server_gateway")
        if gateway and canonical_address(str(gateway)) not in dips:
            problems.append(
                f"host {name}: nat_real_server_gateway {gateway} is not the lvs_dip of a director"
                f" ({', '.join(sorted(dip for dip in dips if dip)) or 'none is given'}), so that"
                " answers would not go back through it; use that, or leave it out."
            )
    return problems


def _key_in_words(key: ServiceKey) -> str:
    return key_label(key).split(" ", 1)[1]


def _in_words_of_description(item: str, message: str) -> str:
    """Put the description's name of a thing and of a field in place of the module's."""
    text = message.split(": ", 1)[1] if ": " in message else message
    for described, module in _MODULE_NAMES.items():
        text = re.sub(rf"\b{module}\b", described, text)
    return f"{item}: {text}"


# ---- how requests are spread ------------------------------------------------------------------


@dataclass(frozen=True)
class Spread:
    """How the answers of a service were spread, beside what its scheduler promises."""

    name: str
    promise: str
    answers: Mapping[str, int]
    promised: Mapping[str, int]
    problems: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return the report, a line for each server."""
        report = [f"{self.name}: {self.promise}"]
        for server in sorted({*self.answers, *self.promised}):
            share = f", promised {self.promised[server]}" if server in self.promised else ""
            report.append(f"  {server}: {self.answers.get(server, 0)} answers{share}")
        return report + [f"  {problem}" for problem in self.problems]


def live_weights(cluster: Cluster, service: Mapping[str, Any]) -> dict[str, int]:
    """Return the weight of each server that takes new connections, by host name or address."""
    key = _resolved_service(service).key
    weights: Counter[str] = Counter()
    for server in service.get("real_servers") or ():
        entry = _resolved_server(service, key, server, _rip(cluster, server))
        if entry["weight"] > 0:
            weights[str(server.get("host") or entry["address"])] += entry["weight"]
    return dict(weights)


def web_requests(cluster: Cluster, at_least: int) -> list[dict[str, Any]]:
    """Return for each service that speaks HTTP its URL, and the number of requests to make.

    The number is rounded up to whole turns of a round robin, so that the spread has to be exact.
    """
    asked = []
    for service in cluster.services:
        check = service.get("check") or {}
        port = int(service.get("port") or 0)
        kind = check.get("type") or {80: "http", 8080: "http", 443: "https"}.get(port)
        address = service.get("address")
        if kind not in ("http", "https") or not address or not port:
            continue
        host = f"[{address}]" if ":" in str(address) else address
        weights = live_weights(cluster, service)
        turn = _turn(service, weights)
        asked.append(
            {
                "name": service_name(service),
                "url": f"{kind}://{host}:{port}{check.get('path') or '/'}",
                "count": -(-max(at_least, 1) // turn) * turn,
            }
        )
    return asked


def _turn(service: Mapping[str, Any], weights: Mapping[str, int]) -> int:
    if not weights:
        return 1
    if service.get("scheduler") == "wrr":
        return sum(weights.values()) // math.gcd(*weights.values())
    return len(weights)


def server_of_answer(cluster: Cluster, service: Mapping[str, Any], text: str) -> str:
    """Return which server a page came from: the one whose name or address is on it, or its text."""
    for server in service.get("real_servers") or ():
        names = [str(server.get("host") or ""), _rip(cluster, server)]
        for name in filter(None, names):
            if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)", text):
                return names[0] or name
    return (text.strip().splitlines() or [""])[0][:60]


def spread(cluster: Cluster, service: Mapping[str, Any], pages: Sequence[str | None]) -> Spread:
    """Compare the pages that a client got, one by one, with what the scheduler promises."""
    name = service_name(service)
    weights = live_weights(cluster, service)
    got = [page for page in pages if page is not None]
    answers = dict(Counter(server_of_answer(cluster, service, page) for page in got))
    scheduler = str(service.get("scheduler") or DEFAULT_SCHEDULER)
    problems = []
    if len(got) < len(pages):
        problems.append(
            f"{name}: {len(pages) - len(got)} of {len(pages)} requests had no answer; look at the"
            " director's table and at the real servers' gateway."
        )
    promised: dict[str, int] = {}
    by_name = set(answers) <= set(weights)
    if _sticks_to_one(service, scheduler):
        promise = f"{scheduler}, all of one client's requests to one server"
        if len(answers) > 1:
            problems.append(f"{name}: {len(answers)} servers answered, where one alone should.")
    elif scheduler in ("rr", "wrr"):
        shares = weights if scheduler == "wrr" else dict.fromkeys(weights, 1)
        total = sum(shares.values()) or 1
        promised = {server: round(len(pages) * share / total) for server, share in shares.items()}
        promise = f"{scheduler}, " + ":".join(str(shares[server]) for server in sorted(shares))
        counts = (
            [(answers.get(server, 0), count) for server, count in promised.items()]
            if by_name
            else list(_by_size(answers, promised))
        )
        if len(got) == len(pages) and any(abs(had - should) > 1 for had, should in counts):
            problems.append(
                f"{name}: {_counts(answers)} answered, where {scheduler} promises"
                f" {_counts(promised)}."
            )
    else:
        promise = f"{scheduler}, any of the servers"
    return Spread(name, promise, answers, promised, tuple(problems))


def _sticks_to_one(service: Mapping[str, Any], scheduler: str) -> bool:
    if int(service.get("persistent_timeout") or 0) > 0:
        return True
    flags = service.get("scheduler_flags") or ()
    return scheduler in _ONE_SERVER and not any("port" in flag for flag in flags)


def _by_size(answers: Mapping[str, int], promised: Mapping[str, int]) -> Iterable[tuple[int, int]]:
    had = sorted(answers.values(), reverse=True)
    should = sorted(promised.values(), reverse=True)
    size = max(len(had), len(should))
    return zip(had + [0] * (size - len(had)), should + [0] * (size - len(should)))


def _counts(answers: Mapping[str, int]) -> str:
    return ", ".join(f"{server} {count}" for server, count in sorted(answers.items())) or "none"
