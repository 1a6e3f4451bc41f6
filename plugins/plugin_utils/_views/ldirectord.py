# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description of a cluster in the words of ldirectord.cf, and what ldirectord cannot do of it.

Private to the collection: names and behaviour may change in any release.

Written against ldirectord of Debian 12 and 13, whose code is the same. Pure code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Service,
    default_netmask,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    join_host_port,
)

from .._cluster.checks import (
    Check,
    asked_port,
    check_of,
    secrets_of,
)
from .._cluster.model import (
    Cluster,
)
from .._cluster.services import (
    resolved_server,
    resolved_service,
    resolved_sorry_server,
    rip_of,
    service_name,
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
