# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ldirectord cannot do.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Service
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._cluster.check_types import CHECK_TYPES
from .._cluster.checks import fields_of, kind_of
from .._cluster.model import LDIRECTORD, Cluster, Member, VirtualService
from .._problem import Problem
from .._views.ldirectord import service_name, write
from .checks import check_problems


def ldirectord_problems(cluster: Cluster) -> Iterator[Problem]:
    """Give what ldirectord cannot do of services whose checks it has."""
    for service in cluster.services:
        if next(check_problems(service, [LDIRECTORD]), None) is None:
            yield from _service_problems(service.service, service.name)
            yield from _check_problems(service)
            for member in service.members:
                yield from _member_problems(cluster, service, member)


def _service_problems(service: Service, name: str) -> Iterator[Problem]:
    if service.protocol == "sctp":
        why = "is nothing that ldirectord has"
        yield Problem(name, "protocol", service.protocol, why, "use tcp or udp")
    if service.persistence_engine != "none":
        why = "is nothing that ldirectord has"
        yield Problem(name, "persistence_engine", service.persistence_engine, why, "leave it out")
    if service.one_packet and service.fwmark:
        why = "is nothing that ldirectord has with a firewall mark"
        yield Problem(name, "one_packet", True, why, "leave it out, or give address and port")


def _check_problems(service: VirtualService) -> Iterator[Problem]:
    name, check = service.name, service.check
    words = kind_of(check).ldirectord
    if service.service.family == "ipv6" and words is not None and not words.ipv6:
        rows = CHECK_TYPES.items()
        others = [other for other, row in rows if row.ldirectord and row.ldirectord.ipv6]
        why = "is nothing that ldirectord has for IPv6"
        yield Problem(name, "check.type", check.type, why, f"use one of {', '.join(others)}")
    for field in ("interval", "timeout"):
        if isinstance(check[field], float):
            why = "is not a whole number"
            yield Problem(name, f"check.{field}", check[field], why, "ldirectord needs one")
    for line in words.lines if words is not None else ():
        value = check[line.field]
        if isinstance(value, str):
            try:
                write(line, value)
            except ModelError as error:
                shown = None if fields_of(check.type)[line.field].secret else value
                yield Problem(name, f"check.{line.field}", shown, error.why, error.advice)
    try:
        service_name(service)
    except ModelError as error:
        yield Problem(name, "name", error.value, error.why, error.advice)


def _member_problems(
    cluster: Cluster, service: VirtualService, member: Member
) -> Iterator[Problem]:
    item, server = service.item(member), member.server
    if server.family != service.service.family:
        why = "is of another family than the service, which ldirectord does not have"
        advice = "give one of the service's family"
        yield Problem(item, cluster.address_field(member), server.address, why, advice)
    if server.forward == "tun" and server.tunnel_type != "ipip":
        why = "is nothing that ldirectord has"
        yield Problem(item, "tunnel_type", server.tunnel_type, why, "use ipip")
    if server.weight == 0 and service.check["quiescent"] is False:
        why = (
            "is to let its connections end by themselves, and ldirectord would end them at its"
            " next reload"
        )
        advice = "set check.quiescent to true, or take the server out"
        yield Problem(item, "weight", 0, why, advice)


# ---- the role's variables ----------------------------------------------------------------------
def setting_problems(intervals: Sequence[int], settings: Mapping[str, Any]) -> Iterator[Problem]:
    """Give what cannot work of the role's variables, and of the services' intervals with them.

    Settings are the role's variables without its name.
    """
    if len(intervals) > 1 and not settings["fork"]:
        seconds = " and ".join(map(str, intervals))
        yield Problem(
            "",
            "ldirectord_fork",
            False,
            f"makes one process, which has one interval, and the services' checks have {seconds}"
            " seconds",
            "set it to true, or give all of them the same interval",
        )
    addresses, status = settings["email_alert"], settings["email_alert_status"]
    if settings["smtp"] and len(addresses) > 1:
        why = f"is {len(addresses)} addresses, and by ldirectord_smtp there is mail to one only"
        yield Problem("", "ldirectord_email_alert", addresses, why, "give one, such as a list's")
    if "none" in status and len(status) > 1:
        why = "has none together with others"
        yield Problem("", "ldirectord_email_alert_status", status, why, "leave it out, or them")
