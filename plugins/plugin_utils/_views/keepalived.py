# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of a description in the words of keepalived.conf, and what cannot be said in them.

Private to the collection: names and behaviour may change in any release.

Written against keepalived of Debian 12 and 13. Pure code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    DEFAULT_FORWARD,
    Service,
    default_netmask,
)

from .._cluster.checks import (
    Check,
    asked_port,
    check_of,
)
from .._cluster.model import (
    Cluster,
)
from .._cluster.services import (
    resolved_server,
    resolved_service,
    resolved_sorry_server,
    rip_of,
)
from .keepalived_syntax import (
    block,
    quoted,
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
    return block(head, lines)


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
        lines += block(_BLOCKS[check.type], _check_lines(check, resolved, server, port))
    return block(f"real_server {server['address']} {server['port']}", lines)


def _check_lines(
    check: Check, service: Service, server: Mapping[str, Any], port: int | None
) -> Iterator[str]:
    if check.type == "external":
        whom = service.fwmark or service.address
        arguments = [whom, service.port or 0, server["address"], server["port"]]
        yield f"misc_path {quoted(' '.join(map(str, [check['command'], *arguments])))}"
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
        yield f"helo_name {quoted(check['helo_name'])}"
    elif check.type == "dns":
        yield f"type {check['record']}"
        yield f"name {check['name']}"
    elif check.type == "udp":
        if check["payload"]:
            yield f"payload {check['payload']}"
        if check["reply"]:
            yield f"require_reply {check['reply']}"


def _page_lines(check: Check) -> Iterator[str]:
    lines = [f"path {quoted(check['path'])}"]
    if check["virtual_host"]:
        lines.append(f"virtualhost {quoted(check['virtual_host'])}")
        if check.type == "https":
            yield "enable_sni"
    lines.append(f"status_code {' '.join(check['status'] or ['200-299'])}")
    if check["digest"]:
        lines.append(f"digest {check['digest']}")
    if check["expect"]:
        # It is looked for in what comes before the page, too: a line's beginning has to do for ^.
        lines.append("regex_options multiline")
        lines.append(f"regex {_expression(check['expect'])}")
    yield from block("url", lines)
