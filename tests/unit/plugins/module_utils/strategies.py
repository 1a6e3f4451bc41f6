# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services, real servers and tables for hypothesis, all of which the kernel would take."""

from __future__ import annotations

import ipaddress
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    FORWARDS,
    PROTOCOLS,
    SCHEDULERS,
    RealServer,
    Service,
    Table,
    flag_names,
    key_family,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    WantedRealServer,
    WantedService,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import netmask_of_prefix
from hypothesis import strategies as st

# Few of each, so that tables meet.
HOSTS = {
    "ipv4": [str(ipaddress.IPv4Address("10.0.0.1") + i) for i in range(4)],
    "ipv6": [str(ipaddress.IPv6Address("fd00::1") + i) for i in range(4)],
}
families = st.sampled_from(["ipv4", "ipv6"])


@st.composite
def services(draw: st.DrawFn, few: bool = False) -> Service:
    """Return a service; one of a few keys, where so asked."""
    family = draw(families)
    mark = draw(st.booleans())
    protocol = draw(st.sampled_from(PROTOCOLS))
    scheduler = draw(st.sampled_from(SCHEDULERS))
    timeout = draw(st.sampled_from([0, 1, 360, 2678400]))
    port = draw(st.sampled_from([80, 443]) if few else st.integers(0, 65535))
    number = draw(st.integers(1, 3) if few else st.integers(1, 2**32 - 1)) if mark else 0
    port = 0 if mark else port
    udp = mark or protocol == "udp"
    if timeout and family == "ipv4":
        netmask = netmask_of_prefix(draw(st.integers(0, 32)))
    elif timeout:
        netmask = str(draw(st.integers(1, 128)))
    else:
        netmask = "255.255.255.255" if family == "ipv4" else "128"
    flags = flag_names(scheduler)
    chosen = draw(st.sets(st.sampled_from(flags)))
    return Service(
        protocol="" if mark else protocol,
        address="" if mark else draw(addresses(family, few)),
        port=port if mark or timeout else max(port, 1),
        fwmark=number,
        family=family,
        scheduler=scheduler,
        scheduler_flags=tuple(flag for flag in flags if flag in chosen),
        persistent_timeout=timeout,
        persistent_netmask=netmask,
        persistence_engine=draw(st.sampled_from(["none", "sip"])) if timeout and udp else "none",
        # Of a few keys each says so itself: what it means for NAT hangs on the real servers.
        one_packet=udp and (number == 3 or port == 443 if few else draw(st.booleans())),
    )


@st.composite
def addresses(draw: st.DrawFn, family: str, few: bool) -> str:
    """Return an address that can be a host's, as the kernel's tools print it."""
    if few:
        return draw(st.sampled_from(HOSTS[family]))
    if family == "ipv4":
        return str(ipaddress.IPv4Address(draw(st.integers(1, 0xDFFFFFFF))))
    # Not ::1.2.3.4 and its like, which print in more than one way.
    return str(ipaddress.IPv6Address(draw(st.integers(0x2000 << 112, 0xFDFF << 112))))


@st.composite
def real_servers(draw: st.DrawFn, service: Service, few: bool = False) -> RealServer:
    """Return a real server that can be in this service."""
    untranslated = service.one_packet and (few or service.persistence_engine == "none")
    forward = draw(st.sampled_from(("dr", "tun") if untranslated else FORWARDS))
    family = draw(families) if forward == "tun" else service.family
    port = draw(st.sampled_from([80, 8080]) if few else st.integers(0, 65535))
    if not service.fwmark and forward != "nat":
        port = service.port
    upper = draw(st.sampled_from([0, 1, 500, 2**31 - 1]))
    kind = draw(st.sampled_from(["ipip", "gue", "gre"])) if forward == "tun" else "ipip"
    checksums = {"ipip": ["none"], "gre": ["none", "csum"], "gue": ["none", "csum", "remcsum"]}
    return RealServer(
        address=draw(addresses(family, few)),
        port=port,
        forward=forward,
        weight=draw(st.sampled_from([0, 1, 7, 65535])),
        upper_threshold=upper,
        lower_threshold=draw(st.integers(0, upper)),
        tunnel_type=kind,
        tunnel_port=draw(st.integers(1, 65535)) if kind == "gue" else 0,
        tunnel_checksum=draw(st.sampled_from(checksums[kind])),
    )


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Return a table that has keys in common with others."""
    chosen = {s.key: s for s in draw(st.lists(services(few=True), max_size=5))}
    return Table(
        chosen,
        {
            key: {
                server.key: server
                for server in draw(st.lists(real_servers(service, few=True), max_size=4))
            }
            for key, service in chosen.items()
        },
    )


def described(table: Table) -> list[dict[str, Any]]:
    """Return a table as a user would write all of it down."""
    return table.as_result()


def wanted(table: Table) -> tuple[WantedService, ...]:
    """Return a table as something to want, with every field named."""
    found = []
    for key, service in table.services.items():
        given = {
            name: value
            for name, value in service._asdict().items()
            if name not in ("protocol", "address", "port", "fwmark", "family")
        }
        servers = []
        for server in table.servers_of(key).values():
            fields = {n: v for n, v in server._asdict().items() if n not in ("address", "port")}
            if server.forward != "tun":
                fields = {n: v for n, v in fields.items() if not n.startswith("tunnel_")}
            servers.append(WantedRealServer(server.address, server.port, fields))
        found.append(WantedService(key, given, tuple(servers)))
    assert all(key_family(w.key) == table.services[w.key].family for w in found)
    return tuple(found)
