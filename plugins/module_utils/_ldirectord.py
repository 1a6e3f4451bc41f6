# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description of a cluster in the words of ldirectord.cf, and what ldirectord cannot do of it.

Private to the collection: names and behaviour may change in any release.

Written against ldirectord of Debian 12 and 13, whose code is the same. Pure code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._checks import (
    LDIRECTORD,
    Check,
    asked_port,
    check_of,
    check_problems,
    fields_of,
    secrets_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._cluster import (
    Cluster,
    mappings,
    resolved_server,
    resolved_service,
    resolved_sorry_server,
    rip_of,
    service_name,
)
from ansible_collections.lvs.cluster.plugins.module_utils._model import (
    ModelError,
    Service,
    address_family,
    default_netmask,
    join_host_port,
)

_FORWARDS = {"nat": "masq", "dr": "gate", "tun": "ipip"}
# What is called otherwise there; every other type is a service that is negotiated with.
_CHECK_TYPES = {
    "connect": "connect",
    "ping": "ping",
    "external": "external",
    "external_perl": "external-perl",
    "always": "on",
    "never": "off",
}
# The field of a check that is the request.
_REQUESTS = ("path", "url", "name", "base", "query", "request")
# Of these the first slash of a request is part of it; of the others ldirectord takes it away.
_WITH_SLASH = ("http", "https", "http_proxy", "ftp")
_WORDS = {
    "expect": "receive",
    "virtual_host": "virtualhost",
    "login": "login",
    "password": "passwd",
    "database": "database",
    "secret": "secret",
    "command": "checkcommand",
}
_FOR_IPV6 = (
    "connect",
    "external",
    "external_perl",
    "always",
    "never",
    "dns",
    "http",
    "https",
    "nntp",
    "simpletcp",
    "sip",
)


# ---- what it is told ---------------------------------------------------------------------------


def virtual_sections(cluster: Cluster, fork: bool) -> list[list[str]]:
    """Return the lines of ldirectord.cf for each service; the first begins its section."""
    return [_section(cluster, service, fork) for service in cluster.services]


def check_intervals(cluster: Cluster) -> list[int]:
    """Return the intervals of the services' checks, the shortest first; each is there once."""
    checks = [check_of(service) for service in cluster.services]
    return sorted({int(check["interval"]) for check in checks if check["interval"] is not None})


def perl_modules(cluster: Cluster) -> list[str]:
    """Return by what ldirectord asks the services: what may need a package of its own."""
    found = {check_of(service).type for service in cluster.services}
    if any(
        check_of(service).type in ("http", "https") and resolved_service(service).family == "ipv6"
        for service in cluster.services
    ):
        found.add("ipv6")
    return sorted(found)


def has_secrets(cluster: Cluster) -> bool:
    """Tell whether the configuration has something that nobody else should read."""
    return any(secrets_of(service) for service in cluster.services)


def _section(cluster: Cluster, service: Mapping[str, Any], fork: bool) -> list[str]:
    resolved = resolved_service(service)
    six = "6" if resolved.family == "ipv6" else ""
    if resolved.fwmark:
        lines = [f"virtual{six}={resolved.fwmark}"]
    else:
        lines = [f"virtual{six}={join_host_port(resolved.address, resolved.port)}"]
    ports = set()
    for server in service.get("real_servers") or ():
        entry = resolved_server(service, resolved.key, server, rip_of(cluster, service, server))
        lines.append(f"real{six}={_real(entry)}")
        ports.add(asked_port(service, entry))
    sorry_server = resolved_sorry_server(cluster, service)
    if sorry_server is not None:
        lines.append(f"fallback{six}={_host_port_forward(sorry_server)}")
    lines += _table_lines(resolved)
    lines += _check_lines(check_of(service), ports, fork)
    # The rest of a line after this sign is a comment.
    lines.append(f"servicename={service_name(service).split(' ', 1)[-1].replace('#', '')}")
    return lines


def _host_port_forward(server: Mapping[str, Any]) -> str:
    return f"{join_host_port(server['address'], server['port'])} {_FORWARDS[server['forward']]}"


def _real(server: Mapping[str, Any]) -> str:
    words = [_host_port_forward(server), str(server["weight"])]
    if server["lower_threshold"]:
        words.append(f"l:{server['lower_threshold']}")
    if server["upper_threshold"]:
        words.append(f"u:{server['upper_threshold']}")
    return " ".join(words)


def _table_lines(service: Service) -> Iterator[str]:
    yield f"protocol={'fwm' if service.fwmark else service.protocol}"
    yield f"scheduler={service.scheduler}"
    if service.scheduler_flags:
        yield f"schedflags={','.join(service.scheduler_flags)}"
    if service.persistent_timeout:
        yield f"persistent={service.persistent_timeout}"
        if service.persistent_netmask != default_netmask(service.family):
            yield f"netmask={service.persistent_netmask}"
    if service.one_packet:
        yield "ops=yes"


def _check_lines(check: Check, ports: set[int | None], fork: bool) -> Iterator[str]:
    yield f"checktype={check['connects_between'] or _CHECK_TYPES.get(check.type, 'negotiate')}"
    if check.type not in _CHECK_TYPES:
        yield f"service={check.type}"
    # Without this line each server is asked on its own port.
    if check["port"] or (len(ports) == 1 and ports != {None}):
        yield f"checkport={check['port'] or ports.pop()}"
    for name in _REQUESTS:
        if check[name] is not None:
            slash = "/" if check.type not in _WITH_SLASH and check[name].startswith("/") else ""
            yield f'request="{slash}{check[name]}"'
    for name, word in _WORDS.items():
        if check[name] is not None:
            yield f'{word}="{check[name]}"'
    if check["method"] not in (None, "GET"):
        yield f"httpmethod={check['method']}"
    if check["attempts"] not in (None, 1):
        yield f"checkcount={check['attempts']}"
    if check["interval"] is None:
        return
    if fork:
        yield f"checkinterval={check['interval']}"
    yield f"checktimeout={check['timeout']}"
    yield f"negotiatetimeout={check['timeout']}"
    yield f"failurecount={check['failures']}"
    yield f"quiescent={'yes' if check['quiescent'] else 'no'}"


# ---- what it cannot do -------------------------------------------------------------------------


def ldirectord_problems(cluster: Cluster) -> list[str]:
    """Return what ldirectord cannot do of services that are in order by themselves."""
    problems = []
    for number, service in enumerate(mappings(cluster.services), 1):
        name = service_name(service, number)
        try:
            resolved = resolved_service(service)
        except ModelError:
            continue  # told already
        if check_problems(service, [LDIRECTORD]):
            continue
        problems += [f"{name}: {told}" for told in _service_problems(resolved)]
        problems += [f"{name}: {told}" for told in _check_problems(check_of(service), resolved)]
        for server in mappings(service.get("real_servers")):
            problems += _server_problems(cluster, service, resolved, server, name)
    return problems


def setting_problems(intervals: Sequence[int], settings: Mapping[str, Any]) -> list[str]:
    """Return what cannot work of the role's variables, and of the services' intervals with them.

    Settings are the role's variables without its name.
    """
    email_alert, smtp = settings["email_alert"], settings["smtp"]
    log, maintenance_dir = settings["log"], settings["maintenance_dir"]
    problems = []
    if len(intervals) > 1 and not settings["fork"]:
        problems.append(
            f"ldirectord_fork false: the services' checks have intervals of"
            f" {' and '.join(map(str, intervals))} seconds, and one process has only one; set it"
            " to true, or give all of them the same interval."
        )
    for address in email_alert:
        if not re.fullmatch(r"[^\s,#\"]+@[^\s,#\"]+", str(address)):
            problems.append(
                f"ldirectord_email_alert: {address!r} is not an address; give one such as"
                " root@example.com."
            )
    if smtp and len(email_alert) > 1:
        problems.append(
            f"ldirectord_email_alert: ldirectord sends to one address by ldirectord_smtp {smtp},"
            f" and there are {len(email_alert)}; give one, such as a list's."
        )
    if "none" in settings["email_alert_status"] and len(settings["email_alert_status"]) > 1:
        problems.append(
            "ldirectord_email_alert_status: none is there with others; leave it out, or them."
        )
    if not re.fullmatch(r"/[^\s\"]+|(auth|authpriv|cron|daemon|local[0-7]|user)", log):
        problems.append(
            f"ldirectord_log {log!r} is neither the path of a file nor a facility of syslog; give"
            " one such as /var/log/ldirectord.log or daemon."
        )
    if maintenance_dir and not maintenance_dir.startswith("/"):
        problems.append(
            f"ldirectord_maintenance_dir {maintenance_dir!r} is not a path; give one such as"
            " /etc/ha.d/maintenance."
        )
    return problems


def _service_problems(service: Service) -> Iterator[str]:
    if service.protocol == "sctp":
        yield "protocol sctp is nothing that ldirectord has; use tcp or udp."
    if service.persistence_engine != "none":
        yield (
            f"persistence_engine {service.persistence_engine} is nothing that ldirectord has;"
            " leave it out."
        )
    if service.one_packet and service.fwmark:
        yield (
            "one_packet true is nothing that ldirectord has with a firewall mark; leave it out, or"
            " give address and port."
        )


def _check_problems(check: Check, service: Service) -> Iterator[str]:
    if service.family == "ipv6" and check.type not in _FOR_IPV6:
        yield (
            f"check.type {check.type} is nothing that ldirectord has for IPv6; use one of"
            f" {', '.join(_FOR_IPV6)}."
        )
    for name in ("interval", "timeout"):
        if check[name] is not None and not isinstance(check[name], int):
            yield f"check.{name} {check[name]} is not a whole number; ldirectord needs one."
    for name, known in fields_of(check.type).items():
        if isinstance(check[name], str) and "#" in check[name]:
            shown = "" if known.secret else f" {check[name]!r}"
            yield (
                f"check.{name}{shown} has a #, which begins a comment for ldirectord; give one"
                " without it."
            )


def _server_problems(
    cluster: Cluster,
    service: Mapping[str, Any],
    resolved: Service,
    server: Mapping[str, Any],
    name: str,
) -> Iterator[str]:
    try:
        rip = rip_of(cluster, service, server)
        entry = resolved_server(service, resolved.key, server, rip)
    except ModelError:
        return  # told already
    item = f"real server {server.get('host') or entry['address']} of {name}"
    if address_family(entry["address"]) != resolved.family:
        yield (
            f"{item}: its address {entry['address']} is of another family than the service, which"
            " ldirectord does not have; give one of the service's family."
        )
    if entry.get("tunnel_type", "ipip") != "ipip":
        yield (
            f"{item}: tunnel_type {entry['tunnel_type']} is nothing that ldirectord has; use ipip."
        )
    if entry["weight"] == 0 and check_of(service)["quiescent"] is False:
        yield (
            f"{item}: weight 0 is to let its connections end by themselves, and ldirectord would"
            " end them at its next reload; set check.quiescent to true, or take the server out."
        )
