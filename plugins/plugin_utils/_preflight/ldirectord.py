# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ldirectord cannot do.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    address_family,
)

from .._cluster.checks import (
    Check,
    check_of,
    fields_of,
)
from .._cluster.model import (
    LDIRECTORD,
    Cluster,
    mappings,
)
from .._cluster.services import (
    resolved_server,
    resolved_service,
    rip_of,
    service_name,
)
from .checks import check_problems

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
