# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of a description in the words of keepalived.conf.

Private to the collection: names and behaviour may change in any release.

Written against keepalived of Debian 12 and 13. Pure code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Callable, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    Service,
    ServiceKey,
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
from .._cluster.clients_way import (
    MARKS_SCHEDULER,
    Way,
    asks_by_it,
    marks,
    spare_mark,
    way_to,
)
from .._cluster.model import Cluster, VirtualService
from .._formats.keepalived import block, command, expression, quoted, word
from .bird import PROGRAM

_METHODS = {"nat": "NAT", "dr": "DR", "tun": "TUN"}
_CHECKSUMS = {"none": "nocsum", "csum": "csum", "remcsum": "remcsum"}
_FAMILIES = {"ipv4": "inet", "ipv6": "inet6"}


class _ClientsWay(NamedTuple):
    """For checks by the clients' way, the mark of each, and the director's address for it."""

    marks: Mapping[Way, int]
    sources: Mapping[Way, str]


_NOWHERE: Mapping[Way, str] = MappingProxyType({})


# By this it is seen in the table that keepalived has read a configuration; nobody is asked by it.
_NOBODY = Way("ipv4", RealServer("127.0.0.1", 0, "dr"))


def virtual_servers(
    cluster: Cluster,
    sources: Mapping[Way, str] = _NOWHERE,
    tellers: Collection[str] = (),
    there: Collection[ServiceKey] | None = None,
) -> list[list[str]]:
    """Return the lines of keepalived.conf for each service, and before them for checks' marks.

    C(sources) are the addresses of the director from which it asks by the clients' way. C(tellers)
    are the names of services of which BIRD is told when they have no server left. With C(there) it
    is these services alone, and one of the spare mark.
    """
    ways = _ClientsWay(marks(cluster), sources)
    of_marks = {(mark, way.family): (mark, way) for way, mark in ways.marks.items()}
    services = {service.service.key: service for service in cluster.services}
    spare = []
    if there is not None:
        of_marks = {key: of_marks[key] for key in of_marks if key in there}
        services = {key: services[key] for key in services if key in there}
        spare = [_of_mark(spare_mark(cluster), _NOBODY)]
    return [
        *spare,
        *(_of_mark(mark, way) for mark, way in of_marks.values()),
        *(_virtual_server(one, ways, one.name in tellers) for one in services.values()),
    ]


def _of_mark(mark: int, way: Way) -> list[str]:
    """Return the service by which one real server is asked; it is there whatever the answer."""
    lines = [f"ip_family {_FAMILIES[way.family]}", f"lvs_sched {MARKS_SCHEDULER}"]
    server = [f"weight {way.server.weight}", f"lvs_method {_method(way.server)}"]
    lines += block(f"real_server {way.server.address} {way.server.port}", server)
    return block(f"virtual_server fwmark {mark}", lines)


def _virtual_server(service: VirtualService, ways: _ClientsWay, tells: bool) -> list[str]:
    own, check = service.service, service.check
    if own.fwmark:
        head = f"virtual_server fwmark {own.fwmark}"
    else:
        head = f"virtual_server {own.address} {own.port}"
    lines = [*_table_lines(own), f"lvs_method {_method(service.forwarding)}"]
    lines += _lines(KEEPALIVED_SERVICE, check.fields)
    if tells:
        # It tells before the table is another one.
        lines += [f"quorum_{way} {quoted(f'{PROGRAM} look 2')} root" for way in ("up", "down")]
    if service.sorry_server is not None:
        sorry_server = service.sorry_server.server
        lines.append(f"sorry_server {sorry_server.address} {sorry_server.port}")
        lines.append(f"sorry_server_lvs_method {_method(sorry_server)}")
    for member in service.in_table:
        lines += _real_server(service, member.server, ways)
    return block(head, lines)


def _table_lines(service: Service) -> Iterator[str]:
    if service.fwmark:
        yield f"ip_family {_FAMILIES[service.family]}"
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


def _real_server(service: VirtualService, server: RealServer, ways: _ClientsWay) -> list[str]:
    check = service.check
    lines = [f"weight {server.weight}", f"lvs_method {_method(server)}"]
    if server.upper_threshold:
        lines.append(f"uthreshold {server.upper_threshold}")
    if server.lower_threshold:
        lines.append(f"lthreshold {server.lower_threshold}")
    lines += _lines(KEEPALIVED_SERVER, check.fields)
    words = kind_of(check).keepalived
    if words is not None and words.block:
        asked = _check_lines(words, service, server)
        for way in _way_lines(service, server, ways):
            lines += block(words.block, [*way, *asked])
    return block(f"real_server {server.address} {server.port}", lines)


# ---- checks ------------------------------------------------------------------------------------
def _way_lines(
    service: VirtualService, server: RealServer, ways: _ClientsWay
) -> Iterator[list[str]]:
    """Give what each of a real server's checks says of its way; all of them have to succeed."""
    if not asks_by_it(service):
        yield []
        return
    way = way_to(service, server)
    source = [f"bindto {ways.sources[way]}"] if way in ways.sources else []
    for address in service.addresses:
        yield [f"connect_ip {address}", *source, f"fwmark {ways.marks[way]}"]


def _check_lines(words: Keepalived, service: VirtualService, server: RealServer) -> list[str]:
    check, own = service.check, service.service
    values = {**check.fields, "port": asked_port(check, server.port)}
    whom = (own.fwmark or own.address, own.port, server.address, server.port)
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
