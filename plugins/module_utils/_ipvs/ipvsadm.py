# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables as the text that C(ipvsadm-save -n) prints.

Private to the collection: names and behaviour may change in any release.

What is printed C(ipvsadm -R) takes. It says one thing that ipvsadm-save leaves out: the thresholds
of a real server.
"""

from __future__ import annotations

from .._values import join_host_port
from .model import (
    RealServer,
    Service,
    ServiceKey,
    Table,
    default_netmask,
)

PROTOCOL_SWITCHES = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}
FORWARD_SWITCHES = {"nat": "-m", "tun": "-i", "dr": "-g"}
CHECKSUM_SWITCHES = {"none": "--tun-nocsum", "csum": "--tun-csum", "remcsum": "--tun-remcsum"}


def print_table(table: Table) -> str:
    """Return the rules of a table, one a line, each service before its real servers."""
    lines: list[str] = []
    for service in table.sorted_services():
        lines.append(print_service(service))
        lines.extend(
            print_real_server(service.key, server) for server in table.sorted_servers(service.key)
        )
    return "".join(f"{line}\n" for line in lines)


def print_service(service: Service) -> str:
    """Return the rule that adds a service."""
    words = ["-A", *service_words(service.key), "-s", service.scheduler]
    if service.persistent_timeout:
        words += ["-p", str(service.persistent_timeout)]
        if service.persistent_netmask != default_netmask(service.family):
            words += ["-M", service.persistent_netmask]
    if service.persistence_engine != "none":
        words += ["--pe", service.persistence_engine]
    if service.one_packet:
        words.append("-o")
    if service.scheduler_flags:
        words += ["-b", ",".join(service.scheduler_flags)]
    return " ".join(words)


def print_real_server(key: ServiceKey, server: RealServer, *, whole: bool = False) -> str:
    """Return the rule that adds a real server to a service.

    With C(whole) it has the thresholds if there are none, too.
    """
    words = ["-a", *service_words(key), "-r", join_host_port(server.address, server.port)]
    if server.forward in FORWARD_SWITCHES:
        words.append(FORWARD_SWITCHES[server.forward])
    words += ["-w", str(server.weight)]
    if server.upper_threshold or whole:
        words += ["-x", str(server.upper_threshold)]
    if server.lower_threshold or whole:
        words += ["-y", str(server.lower_threshold)]
    if server.forward == "tun":
        words += ["--tun-type", server.tunnel_type]
        if server.tunnel_port:
            words += ["--tun-port", str(server.tunnel_port)]
        if server.tunnel_type != "ipip":
            words.append(CHECKSUM_SWITCHES.get(server.tunnel_checksum, "--tun-nocsum"))
    return " ".join(words)


def service_words(key: ServiceKey) -> list[str]:
    """Return the words by which rules name the service of this key."""
    if len(key) == 2:
        return ["-f", str(key[0]), *(["-6"] if key[1] == "ipv6" else [])]
    return [PROTOCOL_SWITCHES.get(key[0], key[0]), join_host_port(key[1], key[2])]
