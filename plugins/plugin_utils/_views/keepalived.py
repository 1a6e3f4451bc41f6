# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of a description in the words of keepalived.conf.

Private to the collection: names and behaviour may change in any release.

Written against keepalived of Debian 12 and 13. Pure code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Callable

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    Service,
    default_netmask,
)

from .._cluster.check_types import (
    KEEPALIVED_SERVER,
    KEEPALIVED_SERVICE,
    Keepalived,
    Line,
    Style,
)
from .._cluster.checks import asked_port, kind_of
from .._cluster.model import Check, Cluster, VirtualService
from .._formats.keepalived import block, command, expression, quoted, word

_METHODS = {"nat": "NAT", "dr": "DR", "tun": "TUN"}
_CHECKSUMS = {"none": "nocsum", "csum": "csum", "remcsum": "remcsum"}


def virtual_servers(cluster: Cluster) -> list[list[str]]:
    """Return the lines of keepalived.conf for each service."""
    return [_virtual_server(service) for service in cluster.services]


def _virtual_server(service: VirtualService) -> list[str]:
    own, check = service.service, service.check
    if own.fwmark:
        head = f"virtual_server fwmark {own.fwmark}"
    else:
        head = f"virtual_server {own.address} {own.port}"
    lines = [*_table_lines(own), f"lvs_method {_method(service.forwarding)}"]
    lines += _lines(KEEPALIVED_SERVICE, check.fields)
    if service.sorry_server is not None:
        sorry_server = service.sorry_server.server
        lines.append(f"sorry_server {sorry_server.address} {sorry_server.port}")
        lines.append(f"sorry_server_lvs_method {_method(sorry_server)}")
    for member in service.members:
        lines += _real_server(own, check, member.server)
    return block(head, lines)


def _table_lines(service: Service) -> Iterator[str]:
    if service.fwmark:
        yield f"ip_family {'inet6' if service.family == 'ipv6' else 'inet'}"
    else:
        yield f"protocol {service.protocol.upper()}"
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


def _method(server: RealServer) -> str:
    method = _METHODS[server.forward]
    if server.forward != "tun" or server.tunnel_type == "ipip":
        return method
    words = [method, "type", server.tunnel_type]
    if server.tunnel_type == "gue":
        words += ["port", str(server.tunnel_port)]
    return " ".join([*words, _CHECKSUMS[server.tunnel_checksum]])


def _real_server(service: Service, check: Check, server: RealServer) -> list[str]:
    lines = [f"weight {server.weight}", f"lvs_method {_method(server)}"]
    if server.upper_threshold:
        lines.append(f"uthreshold {server.upper_threshold}")
    if server.lower_threshold:
        lines.append(f"lthreshold {server.lower_threshold}")
    lines += _lines(KEEPALIVED_SERVER, check.fields)
    words = kind_of(check).keepalived
    if words is not None and words.block:
        lines += block(words.block, _check_lines(words, service, check, server))
    return block(f"real_server {server.address} {server.port}", lines)


# ---- checks ------------------------------------------------------------------------------------
def _check_lines(
    words: Keepalived, service: Service, check: Check, server: RealServer
) -> list[str]:
    values = {**check.fields, "port": asked_port(check, server.port)}
    whom = (service.fwmark or service.address, service.port, server.address, server.port)
    lines = _lines(words.lines, values, whom)
    if words.url:
        lines += block("url", _lines(words.url, values))
    return lines


def _lines(
    lines: Iterable[Line], values: Mapping[str, Any], whom: tuple[Any, ...] = ()
) -> list[str]:
    """Return lines with the values of their fields; a program is told whom it checks."""
    found = []
    for line in lines:
        value = values.get(line.field)
        if value is None or value is False:
            continue
        if line.style is Style.PROGRAM:
            value = " ".join(map(str, (value, *whom)))
        found += write(line, value)
    return found


def write(line: Line, value: Any) -> list[str]:
    """Return what a line says of a value. Raise ModelError for one that it cannot say."""
    return _WRITTEN[line.style](line.word, value)


def _plain(value: Any) -> str:
    return " ".join(map(word, value)) if isinstance(value, tuple) else word(str(value))


# It is looked for in what comes before the page, too: a line's beginning has to do for ^.
_MULTILINE = "regex_options multiline"
_WRITTEN: Mapping[Style, Callable[[str, Any], list[str]]] = {
    Style.PLAIN: lambda name, value: [f"{name} {_plain(value)}"],
    Style.QUOTED: lambda name, value: [f"{name} {quoted(value)}"],
    Style.PROGRAM: lambda name, value: [f"{name} {command(value)}"],
    Style.FLAG: lambda name, _: [name],
    Style.EXPRESSION: lambda name, value: [_MULTILINE, f"{name} {expression(value)}"],
    Style.RETRIES: lambda name, value: [f"{name} {value - 1}"],
}
