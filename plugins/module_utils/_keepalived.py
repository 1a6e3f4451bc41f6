# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description of a cluster in the words of keepalived.conf, and what cannot be said in them.

Private to the collection: names and behaviour may change in any release.

Written against keepalived of Debian 12 and 13. Pure code.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._checks import (
    KEEPALIVED,
    Check,
    asked_port,
    check_of,
    check_problems,
    fields_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._cluster import (
    Cluster,
    Host,
    Interface,
    floating_addresses,
    mappings,
    prefix_length,
    resolved_server,
    resolved_service,
    resolved_sorry_server,
    rip_of,
    service_name,
)
from ansible_collections.lvs.cluster.plugins.module_utils._daemon import check_new_daemon
from ansible_collections.lvs.cluster.plugins.module_utils._model import (
    DEFAULT_FORWARD,
    ModelError,
    Service,
    address_family,
    default_netmask,
)

_BLOCKS = {
    "connect": "TCP_CHECK",
    "http": "HTTP_GET",
    "https": "SSL_GET",
    "smtp": "SMTP_CHECK",
    "dns": "DNS_CHECK",
    "ping": "PING_CHECK",
    "external": "MISC_CHECK",
    "udp": "UDP_CHECK",
}
# Fields of checks that are written as they are, without quotes.
_WORDS = ("name", "user")
_INDENT = "    "
_INSTANCE = "lvs_{family}_{interface}"


def _block(head: str, lines: Iterable[str]) -> list[str]:
    return [f"{head} {{", *(_INDENT + line for line in lines), "}"]


def _quoted(text: str) -> str:
    return f'"{text}"'


def _expression(text: str) -> str:
    # Within quotes a backslash is keepalived's own, before it is the expression's.
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# ---- services ----------------------------------------------------------------------------------


def virtual_servers(cluster: Cluster) -> list[list[str]]:
    """Return the lines of keepalived.conf for each service."""
    return [_virtual_server(cluster, service) for service in cluster.services]


def _virtual_server(cluster: Cluster, service: Mapping[str, Any]) -> list[str]:
    resolved = resolved_service(service)
    check = check_of(service)
    if resolved.fwmark:
        head = f"virtual_server fwmark {resolved.fwmark}"
    else:
        head = f"virtual_server {resolved.address} {resolved.port}"
    lines = list(_table_lines(resolved))
    method = {"forward": service.get("forward") or DEFAULT_FORWARD}
    lines.append(f"lvs_method {_method({**service, **method})}")
    lines += _service_check_lines(check)
    sorry_server = resolved_sorry_server(cluster, service)
    if sorry_server is not None:
        lines.append(f"sorry_server {sorry_server['address']} {sorry_server['port']}")
        lines.append(f"sorry_server_lvs_method {_method(sorry_server)}")
    for server in service.get("real_servers") or ():
        entry = resolved_server(service, resolved.key, server, rip_of(cluster, service, server))
        lines += _real_server(service, resolved, check, entry)
    return _block(head, lines)


def _table_lines(service: Service) -> Iterator[str]:
    if service.fwmark:
        yield f"ip_family {'inet6' if service.family == 'ipv6' else 'inet'}"
    else:
        yield f"protocol {str(service.protocol).upper()}"
    yield f"lvs_sched {service.scheduler}"
    yield from service.scheduler_flags
    if service.persistent_timeout:
        yield f"persistence_timeout {service.persistent_timeout}"
        if service.persistent_netmask != default_netmask(service.family):
            yield f"persistence_granularity {service.persistent_netmask}"
    if service.persistence_engine != "none":
        yield f"persistence_engine {service.persistence_engine}"
    if service.one_packet:
        yield "ops"


def _service_check_lines(check: Check) -> Iterator[str]:
    if check["interval"] is None:
        return
    yield f"delay_loop {check['interval']}"
    yield f"quorum {check['quorum']}"
    yield f"hysteresis {check['hysteresis']}"
    if check["alpha"]:
        yield "alpha"


def _method(server: Mapping[str, Any]) -> str:
    method = {"nat": "NAT", "dr": "DR", "tun": "TUN"}[server["forward"]]
    if method != "TUN" or server.get("tunnel_type", "ipip") == "ipip":
        return method
    words = [method, "type", server["tunnel_type"]]
    if server["tunnel_type"] == "gue":
        words += ["port", str(server["tunnel_port"])]
    checksum = {"none": "nocsum", "csum": "csum", "remcsum": "remcsum"}
    return " ".join([*words, checksum[server.get("tunnel_checksum") or "none"]])


def _real_server(
    service: Mapping[str, Any], resolved: Service, check: Check, server: Mapping[str, Any]
) -> list[str]:
    lines = [f"weight {server['weight']}", f"lvs_method {_method(server)}"]
    if server["upper_threshold"]:
        lines.append(f"uthreshold {server['upper_threshold']}")
    if server["lower_threshold"]:
        lines.append(f"lthreshold {server['lower_threshold']}")
    if check["quiescent"]:
        lines.append("inhibit_on_failure")
    if check.type in _BLOCKS:
        port = asked_port(service, server)
        lines += _block(_BLOCKS[check.type], _check_lines(check, resolved, server, port))
    return _block(f"real_server {server['address']} {server['port']}", lines)


def _check_lines(
    check: Check, service: Service, server: Mapping[str, Any], port: int | None
) -> Iterator[str]:
    if check.type == "external":
        whom = service.fwmark or service.address
        arguments = [whom, service.port or 0, server["address"], server["port"]]
        yield f"misc_path {_quoted(' '.join(map(str, [check['command'], *arguments])))}"
        yield f"misc_timeout {check['timeout']}"
        if check["dynamic"]:
            yield "misc_dynamic"
        if check["user"]:
            yield f"user {check['user']}"
    else:
        if port is not None:
            yield f"connect_port {port}"
        yield f"connect_timeout {check['timeout']}"
    yield f"retry {check['failures'] - 1}"
    for name in ("delay_before_retry", "warmup"):
        if check[name] is not None:
            yield f"{name} {check[name]}"
    yield from _own_lines(check)


def _own_lines(check: Check) -> Iterator[str]:
    """Give what a type of check has of its own."""
    if check.type in ("http", "https"):
        yield from _page_lines(check)
    elif check.type == "smtp" and check["helo_name"]:
        yield f"helo_name {_quoted(check['helo_name'])}"
    elif check.type == "dns":
        yield f"type {check['record']}"
        yield f"name {check['name']}"
    elif check.type == "udp":
        if check["payload"]:
            yield f"payload {check['payload']}"
        if check["reply"]:
            yield f"require_reply {check['reply']}"


def _page_lines(check: Check) -> Iterator[str]:
    lines = [f"path {_quoted(check['path'])}"]
    if check["virtual_host"]:
        lines.append(f"virtualhost {_quoted(check['virtual_host'])}")
        if check.type == "https":
            yield "enable_sni"
    lines.append(f"status_code {' '.join(check['status'] or ['200-299'])}")
    if check["digest"]:
        lines.append(f"digest {check['digest']}")
    if check["expect"]:
        # It is looked for in what comes before the page, too: a line's beginning has to do for ^.
        lines.append("regex_options multiline")
        lines.append(f"regex {_expression(check['expect'])}")
    yield from _block("url", lines)


# ---- virtual addresses -------------------------------------------------------------------------


def vrrp(
    cluster: Cluster, director: str, settings: Mapping[str, Any]
) -> tuple[list[list[str]], list[str]]:
    """Return the blocks for the addresses that move between directors, and the instances' names.

    Settings are the role's variables without its name. There is one instance for a family and an
    interface, and a group that holds all of them together where there are several.
    """
    host = cluster.hosts[director]
    instances = _instances(cluster, host, settings)
    blocks = [
        _block(f"vrrp_script {script['name']}", _script_lines(script))
        for script in settings["track_scripts"]
    ]
    names = [_INSTANCE.format(family=family, interface=link) for family, link in instances]
    shared = list(_tracking_lines(settings, [link for _family, link in instances]))
    if len(names) > 1:
        blocks.append(
            _block("vrrp_sync_group lvs", [*_block("group", names), *shared]),
        )
        shared = []
    for name, ((family, link), addresses) in zip(names, instances.items()):
        lines = [
            "state BACKUP",
            *_preempt_lines(settings),
            f"interface {link}",
            f"virtual_router_id {settings['virtual_router_id']}",
            f"priority {settings['priority'] or _priority(cluster, director)}",
            "version 3",
            f"advert_int {settings['advert_int']}",
        ]
        if settings["unicast"]:
            peers = [
                found
                for other in cluster.directors
                if other != director
                for found in [_peer_address(cluster, host, other, link, family)]
                if found is not None
            ]
            lines.append(f"unicast_src_ip {_own_address(cluster, host, link, family)}")
            lines += _block("unicast_peer", peers)
        lines += _block("virtual_ipaddress", addresses)
        blocks.append(_block(f"vrrp_instance {name}", [*lines, *shared]))
    return blocks, names


def addresses(cluster: Cluster, director: str) -> list[str]:
    """Return the addresses that a director may be given: address, prefix and interface of each."""
    host = cluster.hosts[director]
    return [
        f"{address}/{_prefix_of(host, address)} {_interface_of(host, address)}"
        for address in floating_addresses(cluster, director)
    ]


def sync_daemon(names: Sequence[str], daemon: Mapping[str, Any]) -> str:
    """Return the line for the daemon that synchronises connections; empty where there is none."""
    if not daemon or not names:
        return ""
    words = ["lvs_sync_daemon", str(daemon["interface"]), names[0]]
    for field, word in (
        ("sync_id", "id"),
        ("maxlen", "maxlen"),
        ("port", "port"),
        ("ttl", "ttl"),
        ("group", "group"),
    ):
        if daemon.get(field) is not None:
            words += [word, str(daemon[field])]
    return " ".join(words)


def _instances(
    cluster: Cluster, host: Host, settings: Mapping[str, Any]
) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for address in floating_addresses(cluster, host.name):
        interface = _interface_of(host, address)
        family = str(address_family(address))
        link = str(settings["interface"] or interface)
        prefix = _prefix_of(host, address)
        found.setdefault((family, link), []).append(f"{address}/{prefix} dev {interface}")
    return found


def _is_dip(host: Host, address: str) -> bool:
    dip = str(host.variables.get("lvs_dip") or "")
    return address_family(dip) is not None and ipaddress.ip_address(dip) == ipaddress.ip_address(
        address
    )


def _interface_of(host: Host, address: str) -> str:
    chosen = str(host.variables.get("director_vip_interface") or "")
    if chosen and not _is_dip(host, address):
        return chosen
    link = host.link_to(address)
    return link[0].name if link is not None else ""


def _prefix_of(host: Host, address: str) -> int:
    chosen = prefix_length(host.variables.get("director_vip_prefix"))
    longest = ipaddress.ip_address(address).max_prefixlen
    return longest if chosen is None or chosen > longest or _is_dip(host, address) else chosen


def _priority(cluster: Cluster, director: str) -> int:
    names = list(cluster.directors)
    return max(200 - 10 * names.index(director), 1) if director in names else 200


def _preempt_lines(settings: Mapping[str, Any]) -> Iterator[str]:
    if not settings["preempt"]:
        yield "nopreempt"
    elif settings["preempt_delay"]:
        yield f"preempt_delay {settings['preempt_delay']}"


def _script_lines(script: Mapping[str, Any]) -> Iterator[str]:
    yield f"script {_quoted(script['command'])}"
    for name in ("interval", "timeout", "fall", "rise", "user"):
        if script.get(name) is not None:
            yield f"{name} {script[name]}"


def _tracking_lines(settings: Mapping[str, Any], links: Sequence[str]) -> Iterator[str]:
    # An instance looks after its own interface by itself, and refuses to be told.
    others = [name for name in settings["track_interfaces"] if name not in links]
    if others:
        yield from _block("track_interface", others)
    if settings["track_scripts"]:
        names = [str(script["name"]) for script in settings["track_scripts"]]
        yield from _block("track_script", names)
    yield f"notify_master {_quoted(settings['handover'] + ' settle')}"
    for state in ("backup", "fault", "stop"):
        yield f"notify_{state} {_quoted(settings['handover'] + ' unsettled')}"
    if settings["notify"]:
        yield f"notify {_quoted(settings['notify'])}"


def _stay(cluster: Cluster, host: Host, interface: Interface, family: str) -> list[str]:
    """Return the addresses of an interface that stay with the host, with their networks."""
    floating = set(floating_addresses(cluster, host.name))
    return [
        address
        for address in interface.addresses
        if address_family(address.split("/")[0]) == family
        and address.split("/")[0] not in floating
        and ipaddress.ip_interface(address).network.num_addresses > 1
    ]


def _own_address(cluster: Cluster, host: Host, link: str, family: str) -> str | None:
    for interface in host.interfaces:
        if interface.name == link:
            for address in _stay(cluster, host, interface, family):
                return address.split("/")[0]
    return None


def _peer_address(cluster: Cluster, host: Host, other: str, link: str, family: str) -> str | None:
    """Return another director's address on the network of this one's link."""
    own = _own_address(cluster, host, link, family)
    holder = host.link_to(own) if own is not None else None
    if holder is None or other not in cluster.hosts:
        return None
    peer = cluster.hosts[other]
    for interface in peer.interfaces:
        for address in _stay(cluster, peer, interface, family):
            if ipaddress.ip_address(address.split("/")[0]) in holder[1]:
                return address.split("/")[0]
    return None


# ---- what it cannot do -------------------------------------------------------------------------


def keepalived_problems(cluster: Cluster) -> list[str]:
    """Return what keepalived cannot do of services that are in order by themselves."""
    problems = []
    for number, service in enumerate(mappings(cluster.services), 1):
        name = service_name(service, number)
        try:
            resolved_service(service)
        except ModelError:
            continue  # told already
        if check_problems(service, [KEEPALIVED]):
            continue
        problems += [f"{name}: {told}" for told in _check_problems(service)]
    return problems


def _check_problems(service: Mapping[str, Any]) -> Iterator[str]:
    check = check_of(service)
    quorum, hysteresis = check["quorum"], check["hysteresis"]
    servers = mappings(service.get("real_servers"))
    if not servers:
        yield (
            "real_servers is empty, and keepalived leaves such a service out of the table; give"
            " one, or leave the service out."
        )
    if servers and quorum is not None:
        # What is no weight is told already.
        total = sum(_weight(server) for server in servers)
        if quorum > max(total, 1):
            yield (
                f"check.quorum {quorum} is more than the {total} that all real servers weigh; give"
                " less, or give them more weight."
            )
        if hysteresis >= quorum:
            yield (
                f"check.hysteresis {hysteresis} is not less than check.quorum {quorum}; give less."
            )
    for name in fields_of(check.type):
        value = check[name]
        if not isinstance(value, str):
            continue
        if name in _WORDS:
            if not re.fullmatch(r"[A-Za-z0-9._/@-]+", value):
                yield (
                    f"check.{name} {value!r} is not one plain word, and keepalived would take it"
                    " apart; use letters, digits and . _ - / @."
                )
        elif '"' in value and name != "expect":
            yield (
                f"check.{name} {value!r} has a quotation mark, which keepalived takes for its own;"
                " give one without it."
            )


def _weight(server: Mapping[str, Any]) -> int:
    text = str(server.get("weight", 1))
    return int(text) if text.isdecimal() and text.isascii() else 1


def vrrp_problems(cluster: Cluster, director: str, settings: Mapping[str, Any]) -> list[str]:
    """Return what cannot work of a director's virtual addresses and of the role's variables."""
    host = cluster.hosts[director]
    names = [link.name for link in host.interfaces]
    problems = list(_setting_problems(host, names, settings))
    if not host.interfaces:
        return problems
    links: dict[tuple[str, str], None] = {}
    for address in floating_addresses(cluster, director):
        interface = _interface_of(host, address)
        link = str(settings["interface"] or interface)
        holder = host.holder_of(address)
        prefix = holder.prefix_of(address) if holder is not None else None
        if prefix is not None and prefix not in (
            _prefix_of(host, address),
            ipaddress.ip_address(address).max_prefixlen,
        ):
            problems.append(
                f"host {director}: {address}/{prefix} is an address of its own, and VRRP has to be"
                " the only one that gives it to a director; take it out of the host's network"
                " configuration, and give the host another one."
            )
        elif link == "lo":
            problems.append(
                f"host {director}: {address} goes to lo, where no other director is heard; name"
                " the interface that leads to them in keepalived_interface."
            )
        elif not interface:
            problems.append(
                f"host {director}: {address} is on no network of it; give an address that is, or"
                " name the interface in director_vip_interface."
            )
        else:
            links[str(address_family(address)), link] = None
    for family, link in links if settings["unicast"] else ():
        problems += _unicast_problems(cluster, host, link, family)
    return problems


def _unicast_problems(cluster: Cluster, host: Host, link: str, family: str) -> Iterator[str]:
    kind = "IPv6" if family == "ipv6" else "IPv4"
    if _own_address(cluster, host, link, family) is None:
        yield (
            f"host {host.name}: {link} has no {kind} address that stays with the host, and"
            " keepalived_unicast needs one; give it one, or set keepalived_unicast to false."
        )
        return
    for other in cluster.directors:
        if other != host.name and _peer_address(cluster, host, other, link, family) is None:
            yield (
                f"host {host.name}: {other} has no {kind} address on the network of {link}, and"
                " keepalived_unicast needs one; give it one, or set keepalived_unicast to false."
            )


def _setting_problems(
    host: Host, names: Sequence[str], settings: Mapping[str, Any]
) -> Iterator[str]:
    numbers = (("virtual_router_id", 1, 255), ("priority", 1, 254), ("preempt_delay", 0, 1000))
    for name, lowest, highest in numbers:
        value = settings[name]
        # Without a priority it is the place in the group directors.
        if name == "priority" and not value:
            continue
        if not lowest <= int(value) <= highest:
            yield (
                f"keepalived_{name} {value} is out of range; give a number from {lowest} to"
                f" {highest}."
            )
    if not 0.01 <= float(settings["advert_int"]) <= 40.95:
        yield (
            f"keepalived_advert_int {settings['advert_int']} is out of range; give seconds from"
            " 0.01 to 40.95."
        )
    used = [
        ("keepalived_interface", settings["interface"]),
        *(("keepalived_track_interfaces", name) for name in settings["track_interfaces"]),
    ]
    for variable, name in used:
        if name and names and name not in names:
            yield (
                f"{variable}: {name} is not an interface of {host.name}; use one of"
                f" {', '.join(names)}."
            )
    yield from _daemon_problems(names, settings)
    seen: set[str] = set()
    for script in settings["track_scripts"]:
        name = str(script.get("name"))
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or name in seen:
            yield (
                f"keepalived_track_scripts: name {name!r} is not one, or there twice; use letters,"
                " digits, - and _."
            )
        seen.add(name)
    commands = [("keepalived_notify", settings["notify"])]
    commands += [("keepalived_track_scripts", s.get("command")) for s in settings["track_scripts"]]
    for variable, command in commands:
        if command and not re.fullmatch(r"/[^\"\x00-\x1f\x7f]+", str(command)):
            yield (
                f"{variable}: {command!r} is not the path of a program; give one such as"
                " /usr/local/bin/watch."
            )


def _daemon_problems(names: Sequence[str], settings: Mapping[str, Any]) -> Iterator[str]:
    daemon = settings["sync_daemon"]
    if not daemon:
        return
    if settings["director_sync_daemons"]:
        yield (
            f"keepalived_sync_daemon {daemon!r} is given together with director_sync_daemons, and"
            " both would start the same daemons; leave one of the two empty."
        )
    if not daemon.get("interface"):
        yield (
            "keepalived_sync_daemon: interface is not given; give the one that leads to the other"
            " directors."
        )
        return
    try:
        # A backup takes what a master may send; without facts any interface may be there.
        check_new_daemon({**daemon, "role": "master"}, names or [daemon["interface"]], ())
    except ModelError as error:
        yield f"keepalived_sync_daemon: {error}"
