# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description of a cluster in the words of ldirectord.cf.

Private to the collection: names and behaviour may change in any release.

Written against ldirectord of Debian 12 and 13, whose code is the same. Pure code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    Service,
    default_netmask,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import join_host_port

from .._cluster.check_types import (
    LDIRECTORD_INTERVAL,
    LDIRECTORD_PORT,
    LDIRECTORD_SERVICE,
    Ldirectord,
    Line,
    Style,
)
from .._cluster.checks import asked_port, fields_of, kind_of
from .._cluster.checks import has_secrets as _has_secrets
from .._cluster.model import Check, Cluster, VirtualService
from .._formats.ldirectord import MAIL_SERVER, plain, quoted, quoted_setting, setting
from .._formats.systemd import environment
from .bird import PROGRAM

_FORWARDS = {"nat": "masq", "dr": "gate", "tun": "ipip"}


# ---- what it is told ---------------------------------------------------------------------------
def virtual_sections(
    cluster: Cluster, fork: bool, tellers: Collection[str] = ()
) -> list[list[str]]:
    """Return the lines of ldirectord.cf for each service; the first begins its section.

    C(tellers) are the names of services of which BIRD is told when they have no server left.
    """
    return [_section(service, fork, service.name in tellers) for service in cluster.services]


def check_intervals(cluster: Cluster) -> list[int]:
    """Return the intervals of the services' checks, the shortest first; each is there once."""
    found = {service.check["interval"] for service in cluster.services}
    return sorted({int(interval) for interval in found if interval is not None})


def perl_packages(cluster: Cluster, os_family: str) -> list[str]:
    """Return the packages that its Perl needs besides, for what it asks the services."""
    found = set()
    for service in cluster.services:
        words = kind_of(service.check).ldirectord
        if words is not None:
            found.add(words.packages.get(os_family))
            if service.service.family == "ipv6":
                found.add(words.ipv6_packages.get(os_family))
    return sorted(package for package in found if package is not None)


def has_secrets(cluster: Cluster) -> bool:
    """Tell whether the configuration has something that nobody else should read."""
    return any(_has_secrets(service.check) for service in cluster.services)


def _section(service: VirtualService, fork: bool, tells: bool) -> list[str]:
    own, check = service.service, _check(service)
    six = "6" if own.family == "ipv6" else ""
    whom = str(own.fwmark) if own.fwmark else join_host_port(own.address, own.port)
    lines = [f"virtual{six}={whom}"]
    lines += [f"real{six}={_real(member.server)}" for member in service.in_table]
    if service.sorry_server is not None:
        lines.append(f"fallback{six}={_host_port_forward(service.sorry_server.server)}")
    lines += _table_lines(own)
    if tells:
        # With start or stop behind it, and the service.
        lines.append(quoted("fallbackcommand", f"{PROGRAM} told"))
    words = kind_of(check).ldirectord
    if words is not None:
        ports = {asked_port(check, member.server.port) for member in service.members}
        lines += _check_lines(words, check, ports, fork)
    lines.append(service_name(service))
    return lines


def _check(service: VirtualService) -> Check:
    """Return the check of a service, which is quiescent as long as a server of it is drained.

    Without that ldirectord deletes a server of weight 0 at each reload, with its connections, and
    adds it again. A file in its maintenance directory deletes one, too, and with such a directory
    it asks DNS for the name of each server at each check.
    """
    check = service.check
    return (
        replace(check, fields={**check.fields, "quiescent": True}) if service.is_draining else check
    )


def service_name(service: VirtualService) -> str:
    """Return the line with what its mail calls a service, or raise ModelError."""
    return plain("servicename", service.name.split(" ", 1)[-1])


def _host_port_forward(server: RealServer) -> str:
    return f"{join_host_port(server.address, server.port)} {_FORWARDS[server.forward]}"


def _real(server: RealServer) -> str:
    words = [_host_port_forward(server), str(server.weight)]
    if server.lower_threshold:
        words.append(f"l:{server.lower_threshold}")
    if server.upper_threshold:
        words.append(f"u:{server.upper_threshold}")
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


# ---- checks ------------------------------------------------------------------------------------
def _check_lines(
    words: Ldirectord, check: Check, ports: set[int | None], fork: bool
) -> Iterator[str]:
    yield f"checktype={check['connects_between'] or words.checktype}"
    if words.service:
        yield f"service={words.service}"
    # Without this line each server is asked on its own port.
    (port, *others) = [check["port"]] if check["port"] else ports or [None]
    if port is not None and not others:
        yield f"{LDIRECTORD_PORT.word}={port}"
    yield from _lines(words.lines, check)
    if fork:
        yield from _lines([LDIRECTORD_INTERVAL], check)
    yield from _lines(LDIRECTORD_SERVICE, check)


def _lines(lines: Iterable[Line], check: Check) -> Iterator[str]:
    for line in lines:
        value = check[line.field]
        if value is None:
            continue
        if line.style is not Style.CHANGED or value != fields_of(check.type)[line.field].default:
            yield write(line, value)


def write(line: Line, value: Any) -> str:
    """Return what a line says of a value. Raise ModelError for one that it cannot say."""
    if line.style is Style.FLAG:
        return plain(line.word, _yes_or_no(value))
    if line.style is Style.QUOTED:
        return quoted(line.word, value)
    if line.style is Style.SLASHED:
        return quoted(line.word, f"/{value}" if value.startswith("/") else value)
    return plain(line.word, str(value))


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


# ---- the role's variables ------------------------------------------------------------------------
def head(settings: Mapping[str, Any], interval: int | None) -> list[str]:
    """Return the lines of ldirectord.cf before its sections.

    C(settings) are the role's variables without its name, read; C(interval) is the shortest one of
    the checks, in seconds.
    """
    lines = [] if interval is None else [setting("checkinterval", str(interval))]
    lines += [
        setting("fork", _yes_or_no(settings["fork"])),
        setting("autoreload", _yes_or_no(settings["autoreload"])),
        quoted_setting("logfile", settings["log"]),
        "# The table stays when ldirectord stops.",
        "cleanstop=no",
        "# No server is put in, not even for a moment, before it has been checked.",
        "readdquiescent=yes",
    ]
    if settings["maintenance_dir"]:
        lines.append(setting("maintenancedir", settings["maintenance_dir"]))
    if settings["fallback_command"]:
        lines.append(setting("fallbackcommand", settings["fallback_command"]))
    if settings["email_alert"]:
        lines += [
            quoted_setting("emailalert", ", ".join(settings["email_alert"])),
            setting("emailalertfreq", str(settings["email_alert_frequency"])),
            setting("emailalertstatus", ",".join(settings["email_alert_status"])),
        ]
        if settings["email_alert_from"]:
            lines.append(setting("emailalertfrom", settings["email_alert_from"]))
        if settings["smtp"]:
            lines.append(setting(MAIL_SERVER, settings["smtp"]))
    return lines


def environment_lines(settings: Mapping[str, Any]) -> list[str]:
    """Return the lines of its unit by which it knows certificates."""
    ca_file = settings["ca_file"]
    return [environment("PERL_LWP_SSL_CA_FILE", ca_file)] if ca_file else []
