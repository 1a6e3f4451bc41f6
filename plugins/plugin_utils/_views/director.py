# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director needs: its table, virtual addresses, marks and masquerading.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.ipvsadm import (
    print_real_server,
    print_service,
    service_words,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import PROTOCOLS, ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import (
    parse_daemon,
    print_wanted,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.timeouts import NAMES

from .._cluster.clients_way import MARKS_SCHEDULER, mark_keys
from .._cluster.marks import ALL_PORTS
from .._cluster.model import KEEPALIVED, Cluster, Host, MarkedPorts, VirtualService
from .._settings.sysctls import AT_ONCE


# ---- the table -----------------------------------------------------------------------------------
def ipvs_services(cluster: Cluster) -> list[dict[str, Any]]:
    """Return the services as M(lvs.cluster.ipvs_table) takes them."""
    return [*map(ipvs_service, cluster.services)]


def ipvs_service(service: VirtualService) -> dict[str, Any]:
    """Return one of them.

    Every field is spelled out: one that is taken out of the description goes back to its default.
    """
    entry = service.service.as_result()
    if not service.service.fwmark:
        del entry["family"]
    entry["real_servers"] = [member.server.as_result() for member in service.in_table]
    return entry


def ipvs_rules(cluster: Cluster) -> str:
    """Return the same as rules for M(lvs.cluster.ipvs_table), which are one value to Ansible.

    They say thresholds of 0, too, which ipvsadm-save leaves out, and which would stay therefore.
    """
    lines = []
    for service in cluster.services:
        key = service.service.key
        lines.append(print_service(service.service))
        lines += [print_real_server(key, one.server, whole=True) for one in service.in_table]
    return "".join(f"{line}\n" for line in lines)


def sorry_servers(cluster: Cluster) -> list[dict[str, Any] | None]:
    """Return each service's sorry server as the table would have it; None where it has none."""
    return [
        service.sorry_server.server.as_result() if service.sorry_server is not None else None
        for service in cluster.services
    ]


def key_arguments(key: ServiceKey) -> str:
    """Return how ipvsadm names a service of the table: C(-t 192.0.2.1:80), C(-f 10 -6)."""
    return " ".join(service_words(key))


def key_of(entry: Mapping[str, Any]) -> Any:
    """Return the key of a service as M(lvs.cluster.ipvs_info) returns it."""
    if entry.get("fwmark"):
        return (entry["fwmark"], entry["family"])
    return (entry["protocol"], entry["virtual_address"], entry["virtual_port"])


def service_keys(cluster: Cluster, host: Host) -> list[str]:
    """Return how ipvsadm names each service that is ours, those of checks' marks among them."""
    keys = [service.service.key for service in cluster.services]
    if host.manager == KEEPALIVED:
        keys += mark_keys(cluster)
    return [key_arguments(key) for key in keys]


def forgotten_services(former: Iterable[str], keys: Iterable[str]) -> list[dict[str, Any]]:
    """Return the services of an earlier run that are no longer ours.

    C(former) is what C(service_keys) gave then, so that nothing goes that was never ours, and
    C(keys) what it gives now.
    """
    kept = set(keys)
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


def cluster_lines(cluster: Cluster, host: Host) -> list[str]:
    """Return what a director's cluster is known by: its name if it has one, and its servers."""
    return [*([host.cluster] if host.cluster else []), *server_addresses(cluster)]


def server_addresses(cluster: Cluster) -> list[str]:
    """Return the addresses of all real servers, each once."""
    members = (member for service in cluster.services for member in service.served_by)
    return sorted({member.server.address for member in members})


def new_services(former: Iterable[str], keys: Iterable[str]) -> list[str]:
    """Return the services that an earlier run did not have; both as C(service_keys) gives them."""
    known = set(former)
    return [key for key in keys if key not in known]


def schedulers(cluster: Cluster, host: Host) -> list[str]:
    """Return the schedulers that the services use, those of checks' marks among them."""
    found = {service.service.scheduler for service in cluster.services}
    if host.manager == KEEPALIVED and mark_keys(cluster):
        found.add(MARKS_SCHEDULER)
    return sorted(found)


# ---- what its unit sets ------------------------------------------------------------------------
FORWARDING = {"ipv4": "net/ipv4/ip_forward 1", "ipv6": "net/ipv6/conf/all/forwarding 1"}


def setting_lines(cluster: Cluster, host: Host, sysctls: Mapping[str, Any]) -> list[str]:
    """Return a path below C(/proc/sys) and a value for each setting, a line each.

    C(sysctls) are IPVS's own, C(net.ipv4.vs.*).
    """
    own = ipvs_sysctls(host, sysctls)
    forwarding = [FORWARDING[family] for family in forwarding_families(cluster)]
    # The kernel sends redirects where the interface's own value or that of all is 1.
    one_armed = one_armed_interfaces(cluster, host)
    redirecting = [*one_armed, "all"] if one_armed else []
    forwarding += [f"net/ipv4/conf/{name}/send_redirects 0" for name in redirecting]
    return [*forwarding, *(f"net/ipv4/vs/{name} {own[name]}" for name in sorted(own))]


def ipvs_sysctls(host: Host, sysctls: Mapping[str, Any]) -> dict[str, Any]:
    """Return IPVS's own settings of a director, those that its kind has by itself among them."""
    return {**(AT_ONCE if host.announce is not None else {}), **sysctls}


def timeout_lines(timeouts: Mapping[str, Any]) -> list[str]:
    """Return the one line with the seconds for TCP, TCP after a FIN, and UDP; 0 is left alone."""
    return [" ".join(str(timeouts.get(name, 0)) for name in NAMES)] if timeouts else []


def daemon_lines(daemons: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the arguments by which ipvsadm starts each synchronisation daemon."""
    return [print_wanted(parse_daemon(daemon)) for daemon in daemons]


# ---- virtual addresses ---------------------------------------------------------------------------
def virtual_addresses(cluster: Cluster, host: Host) -> list[dict[str, Any]]:
    """Return each virtual address, with its interface and prefix length on this director.

    An address that is there already keeps what it has: it may be the host's own.
    """
    found: list[dict[str, Any]] = []
    for address in all_virtual_addresses(cluster):
        holder = host.holder_of(address)
        if holder is not None:
            interface = holder.name
            prefix = holder.prefix_of(address) or longest_prefix(address)
        else:
            towards = None if host.vip_interface else host.interface_towards(address)
            interface = towards[0].name if towards is not None else host.vip_interface
            prefix = host.vip_prefix_of(address)
        found.append({"address": address, "prefix": prefix, "interface": interface})
    return found


def longest_prefix(address: str) -> int:
    """Return the prefix length of this address alone."""
    return 128 if ":" in address else 32


def all_virtual_addresses(cluster: Cluster) -> list[str]:
    """Return the virtual addresses, each once."""
    found = (address for service in cluster.services for address in service.addresses)
    return list(dict.fromkeys(found))


def floating_addresses(cluster: Cluster, host: Host) -> list[str]:
    """Return the addresses that move between directors, where a director may die.

    They are the virtual addresses, and for NAT the one that the real servers have as gateway. None
    does where all directors have them at once.
    """
    if host.announce is not None:
        return []
    found = all_virtual_addresses(cluster)
    if host.dip and forwarding_families(cluster):
        found.append(host.dip)
    return list(dict.fromkeys(found))


# ---- packets -------------------------------------------------------------------------------------
def forwarding_families(cluster: Cluster) -> list[str]:
    """Return the families whose packets a director has to forward: those of NAT alone."""
    return sorted({service.service.family for service in cluster.services if uses_nat(service)})


def uses_nat(service: VirtualService) -> bool:
    """Tell whether some of those who serve it are behind NAT."""
    return any(member.server.forward == "nat" for member in service.served_by)


def one_armed_interfaces(cluster: Cluster, host: Host) -> list[str]:
    """Return the interfaces by which requests to a service by NAT come in and go out again.

    On one link with their router, real servers would be told by ICMP to answer by it, and do. IPv6
    has no such setting, and needs none: real servers take a redirect of IPv6 from their gateway's
    link-local address alone, and have another address of the director's as their gateway.
    """
    found: dict[str, None] = {}
    places = {one["address"]: one["interface"] for one in virtual_addresses(cluster, host)}
    for service in filter(uses_nat, cluster.services):
        entered = {places[address] for address in service.addresses}
        # By what does a request come whose address is on lo, or is not known?
        anywhere = not entered or bool(entered & {"", "lo"})
        for member in service.served_by:
            towards = host.interface_towards(member.server.address)
            if member.server.forward != "nat" or ":" in member.server.address or towards is None:
                continue
            if anywhere or towards[0].name in entered:
                found[towards[0].name] = None
    return list(found)


def mark_rules(cluster: Cluster) -> list[str]:
    """Return the rules of nftables that mark, one for each protocol of each service."""
    return [rule for service in cluster.services for rule in _mark_rules(service)]


def _mark_rules(service: VirtualService) -> Iterator[str]:
    if service.service.fwmark:
        yield from _rules(service, f"meta mark set {service.service.fwmark}")


def untracked_rules(cluster: Cluster) -> list[str]:
    """Return the rules by which connections are not tracked whose answers a director never sees.

    By direct routing and tunnel a client's second packet is invalid to the kernel, and firewalls
    drop what is.
    """
    direct = [service for service in cluster.services if not uses_nat(service)]
    return [rule for service in direct for rule in _rules(service, "notrack")]


def _rules(service: VirtualService, verdict: str) -> Iterator[str]:
    """Give a rule for the packets of each protocol; where it has addresses."""
    if not service.addresses:
        return
    word = "ip6" if service.service.family == "ipv6" else "ip"
    where = f"{word} daddr {{ {', '.join(service.addresses)} }}"
    if service.ports == ALL_PORTS:
        yield f"{where} meta l4proto {{ {', '.join(PROTOCOLS)} }} {verdict}"
        return
    for protocol in dict.fromkeys(entry.protocol for entry in service.ports):
        spelled = ", ".join(_merged(entry for entry in service.ports if entry.protocol == protocol))
        yield f"{where} {protocol} dport {{ {spelled} }} {verdict}"


def _merged(ports: Iterable[MarkedPorts]) -> list[str]:
    """Spell ports as the elements of a set, which must not overlap."""
    merged: list[MarkedPorts] = []
    for entry in sorted(ports):
        if merged and entry.first <= merged[-1].last + 1:
            merged[-1] = merged[-1]._replace(last=max(merged[-1].last, entry.last))
        else:
            merged.append(entry)
    return [str(entry) for entry in merged]
