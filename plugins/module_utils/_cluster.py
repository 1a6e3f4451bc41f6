# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the one description of a cluster to what each host needs.

Private to the collection: names and behaviour may change in any release.

The description is C(lvs_virtual_services) and the hosts' own variables. Everything else is
derived here: the director's table, virtual addresses, marks and masquerading, the real servers'
gateway and addresses. Pure code: the filter plugins hand it the inventory and facts, and it hands
back values.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

from ansible_collections.lvs.cluster.plugins.module_utils._marks import (
    by_family,
    mark_rules,
    virtual_addresses_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._model import (
    DEFAULT_FORWARD,
    DEFAULT_SCHEDULER,
    TUNNEL_FIELDS,
    ModelError,
    Service,
    ServiceKey,
    address_family,
    canonical_address,
    check_service,
    parse_real_server,
    parse_service,
    resolve_real_server,
    resolve_service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._sorry_server import sorry_server_of

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

# The role that a host needs for being a real server of a service that forwards so.
REAL_SERVER_ROLES: Mapping[str, str] = {
    "nat": "nat_real_server",
    "dr": "dr_real_server",
    "tun": "tun_real_server",
}

SSH_PORT = 22

SERVICE_FIELDS = (
    "name",
    "address",
    "port",
    "protocol",
    "fwmark",
    "family",
    "addresses",
    "ports",
    "scheduler",
    "scheduler_flags",
    "persistent_timeout",
    "persistent_netmask",
    "persistence_engine",
    "one_packet",
    "forward",
    *TUNNEL_FIELDS,
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
    *TUNNEL_FIELDS,
)
# What the description calls otherwise than the modules do.
MODULE_NAMES = {"address": "virtual_address", "port": "virtual_port"}
_NOT_THE_TABLES = (
    "name",
    "addresses",
    "ports",
    "forward",
    *TUNNEL_FIELDS,
    "real_servers",
    "check",
    "sorry_server",
)


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
    gateways: tuple[str, ...] = ()
    # The address and port by which Ansible is connected to it, where that can be known.
    managed_at: tuple[str, int] | None = None

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


def gateways_of_facts(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the default gateways, at most one a family, out of Ansible's network facts."""
    routes = [facts.get(f"default_{family}") or {} for family in ("ipv4", "ipv6")]
    return tuple(str(route["gateway"]) for route in routes if route.get("gateway"))


def managed_at(variables: Mapping[str, Any], name: str) -> tuple[str, int] | None:
    """Return the address and port by which Ansible is connected to a host.

    The host tells it, in its facts, unless C(sudo) has dropped what SSH said; then the inventory
    does, where it has an address and not a name.
    """
    facts = variables.get("ansible_facts") or {}
    words = str((facts.get("env") or {}).get("SSH_CONNECTION") or "").split()
    if len(words) != 4:
        if (variables.get("ansible_connection") or "ssh") not in ("ssh", "smart", "paramiko"):
            return None
        words = ["", "", str(variables.get("ansible_host") or name)]
        words.append(str(variables.get("ansible_port") or SSH_PORT))
    address = canonical_address(words[2].split("%")[0])
    return (address, int(words[3])) if address and words[3].isdecimal() else None


def cluster_of_inventory(
    services: Any, hostvars: Mapping[str, Any], groups: Mapping[str, Sequence[str]]
) -> Cluster:
    """Gather the description and the variables of the hosts that have a part in it."""
    directors = list(groups.get("directors") or ())
    real_servers = list(groups.get("real_servers") or ())
    named = [
        str(server["host"])
        for service in mappings(services)
        for server in served_by(service)
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
                    "lvs_rip6",
                    "director_manager",
                    "director_vip_interface",
                    "director_vip_prefix",
                    "director_kernel_ipvs",
                    "director_arp_ignoring",
                    "nat_real_server_gateway",
                )
            },
            interfaces_of_facts(variables.get("ansible_facts") or {}),
            gateways_of_facts(variables.get("ansible_facts") or {}),
            managed_at(variables, name),
        )
    if isinstance(services, (list, tuple)):
        services = [
            one
            for service in services
            for one in (by_family(service) if isinstance(service, Mapping) else [service])
        ]
    return Cluster(services, hosts, directors, real_servers)


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """Return those entries of a list that are mappings; what is none is for preflight to name."""
    if not isinstance(value, (list, tuple)):
        return []
    return [entry for entry in value if isinstance(entry, Mapping)]


def served_by(service: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return all to whom a service may be forwarded: its real servers and its sorry server."""
    servers = mappings(service.get("real_servers"))
    sorry_server = sorry_server_of(service)
    return servers if sorry_server is None else [*servers, sorry_server]


def service_name(service: Mapping[str, Any], number: int = 0) -> str:
    """Return what messages and reports call a service of the description."""
    if service.get("name"):
        return f"service {service['name']}"
    if service.get("address"):
        return f"service {service['address']}:{service.get('port', '')}"
    if service.get("fwmark"):
        return f"service fwmark {service['fwmark']}"
    return f"service {number}" if number else "service"


# ---- the director's table ---------------------------------------------------------------------


def _wanted(service: Mapping[str, Any]) -> dict[str, Any]:
    return {
        MODULE_NAMES.get(name, name): value
        for name, value in service.items()
        if name not in _NOT_THE_TABLES
    }


def resolved_service(service: Mapping[str, Any]) -> Service:
    wanted = parse_service(_wanted(service))
    resolved = resolve_service(wanted)
    check_service(resolved)
    return resolved


def resolved_server(
    service: Mapping[str, Any], key: ServiceKey, server: Mapping[str, Any], address: str
) -> dict[str, Any]:
    wanted = {name: value for name, value in server.items() if name != "host"}
    wanted["address"] = address
    wanted.setdefault("forward", service.get("forward") or DEFAULT_FORWARD)
    if wanted["forward"] == "tun":
        for name in TUNNEL_FIELDS:
            if service.get(name) is not None:
                wanted.setdefault(name, service[name])
    return resolve_real_server(parse_real_server(wanted, key), key).as_result()


def ipvs_services(cluster: Cluster) -> list[dict[str, Any]]:
    """Return the services as M(lvs.cluster.ipvs_table) takes them.

    Every field is spelled out: one that is taken out of the description goes back to its default.
    """
    table = []
    for service in cluster.services:
        resolved = resolved_service(service)
        entry = resolved.as_result()
        if not resolved.fwmark:
            del entry["family"]
        entry["real_servers"] = [
            resolved_server(service, resolved.key, server, rip_of(cluster, service, server))
            for server in service.get("real_servers") or ()
        ]
        table.append(entry)
    return table


def resolved_sorry_server(cluster: Cluster, service: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a service's sorry server as the table would have it; None where it has none."""
    given = sorry_server_of(service)
    if given is None:
        return None
    key = resolved_service(service).key
    return resolved_server(service, key, given, rip_of(cluster, service, given))


def service_family(service: Mapping[str, Any]) -> str | None:
    """Return the family of a service's clients; None where its address is none."""
    if service.get("fwmark"):
        return str(service.get("family") or "ipv4")
    return address_family(str(service.get("address") or ""))


def rip_of(cluster: Cluster, service: Mapping[str, Any], server: Mapping[str, Any]) -> str:
    """Return the address by which the director reaches a server of a service.

    It is the host's of the service's family; a tunnel may lead to one of the other family.
    """
    if server.get("address"):
        return str(server["address"])
    name = str(server.get("host"))
    host = cluster.hosts.get(name)
    variables = host.variables if host is not None else {}
    given = [str(variables[key]) for key in ("lvs_rip", "lvs_rip6") if variables.get(key)]
    if not given:
        raise ModelError(
            f"host {name}: lvs_rip is not given; give the host's address on the real servers'"
            " network."
        )
    family = service_family(service)
    fitting = [rip for rip in given if address_family(rip) == family]
    # One of no family at all is for the model to name.
    if (
        not fitting
        and forward_of(service, server) != "tun"
        and all(map(address_family, given))
        and family is not None
    ):
        wanted = "lvs_rip6" if family == "ipv6" else "lvs_rip"
        raise ModelError(
            f"host {name}: {wanted} is not given, and {service_name(service)} is"
            f" {'IPv6' if family == 'ipv6' else 'IPv4'}; give the host's address of that family."
        )
    return (fitting or given)[0]


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
    found: list[dict[str, Any]] = []
    for address in _all_virtual_addresses(cluster):
        holder = host.holder_of(address)
        if holder is not None:
            interface, prefix = holder.name, holder.prefix_of(address)
        else:
            interface = str(host.variables.get("director_vip_interface") or "")
            link = host.link_to(address)
            if not interface and link is not None:
                interface = link[0].name
            prefix = prefix_length(host.variables.get("director_vip_prefix"))
        if prefix is None:
            prefix = ipaddress.ip_address(address).max_prefixlen
        found.append({"address": address, "prefix": prefix, "interface": interface})
    return found


def _all_virtual_addresses(cluster: Cluster) -> list[str]:
    found = [a for service in cluster.services for a in virtual_addresses_of(service)]
    return list(dict.fromkeys(found))


def floating_addresses(cluster: Cluster, director: str) -> list[str]:
    """Return the addresses that move between directors, where a director may die.

    They are the virtual addresses, and for NAT the one that the real servers have as gateway.
    """
    found = _all_virtual_addresses(cluster)
    dip = str(cluster.hosts[director].variables.get("lvs_dip") or "")
    if forwarding_families(cluster) and address_family(dip) is not None:
        found.append(str(ipaddress.ip_address(dip)))
    return list(dict.fromkeys(found))


def forwarding_families(cluster: Cluster) -> list[str]:
    """Return the families whose packets a director has to forward: those of NAT alone."""
    found = {
        service_family(service) or ""
        for service in cluster.services
        for server in served_by(service)
        if forward_of(service, server) == "nat"
    }
    return sorted(found)


def marking(cluster: Cluster) -> list[str]:
    """Return the rules of nftables that give the services' packets their firewall marks."""
    return mark_rules(cluster.services)


def masquerading(cluster: Cluster, director: str) -> dict[str, list[str]]:
    """Return the real servers' networks, and the public interfaces that they may leave by."""
    host = cluster.hosts[director]
    networks: dict[str, None] = {}
    inside: set[str] = set()
    for service in cluster.services:
        for server in served_by(service):
            if forward_of(service, server) != "nat":
                continue
            link = host.link_to(rip_of(cluster, service, server))
            if link is not None:
                inside.add(link[0].name)
                networks[str(link[1])] = None
    translated = {
        address
        for service in cluster.services
        if any(forward_of(service, server) == "nat" for server in served_by(service))
        for address in virtual_addresses_of(service)
    }
    public = {
        vip["interface"]: None
        for vip in virtual_addresses(cluster, director)
        if vip["address"] in translated and vip["interface"] not in ("", "lo", *inside)
    }
    return {"networks": list(networks), "interfaces": list(public)}


def schedulers(cluster: Cluster) -> list[str]:
    """Return the schedulers that the services use."""
    return sorted({str(s.get("scheduler") or DEFAULT_SCHEDULER) for s in cluster.services})


def real_server_roles(cluster: Cluster, host: str) -> list[str]:
    """Return the roles that a host needs for the services that name it."""
    needed = {
        REAL_SERVER_ROLES[forward_of(service, server)]
        for service in cluster.services
        for server in served_by(service)
        if server.get("host") == host and forward_of(service, server) in REAL_SERVER_ROLES
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


def forward_of(service: Mapping[str, Any], server: Mapping[str, Any]) -> str:
    return str(server.get("forward") or service.get("forward") or DEFAULT_FORWARD)


def prefix_length(value: Any) -> int | None:
    """Read a prefix length; nothing given is None, and so is what is no number."""
    text = str(value).strip() if value is not None and not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and text.isascii() else None
