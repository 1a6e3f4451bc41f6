# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is is taken, whatever it is; what a task asks for anew is judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    Service,
    Table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Policy,
    plan_real_server,
    plan_service,
    plan_service_absent,
    plan_table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    parse_real_server,
    parse_service,
    parse_services,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

# Each is held by a kernel, and refused of who asks for it anew: the field, and why.
ODD_SERVICES = [
    (Service("tcp", "0.0.0.0", 80), "virtual_address", "stands for no host"),
    (
        Service("tcp", "::", 80, family="ipv6", persistent_netmask="128"),
        "virtual_address",
        "stands for no host",
    ),
    (Service("udp", "224.0.0.18", 80), "virtual_address", "is a multicast address"),
    (
        Service("udp", "ff02::1", 80, family="ipv6", persistent_netmask="128"),
        "virtual_address",
        "is a multicast address",
    ),
    (Service("tcp", "255.255.255.255", 80), "virtual_address", "is the broadcast address"),
    (
        Service("tcp", "::ffff:10.0.0.1", 80, family="ipv6", persistent_netmask="128"),
        "virtual_address",
        "form of IPv6",
    ),
    (Service("tcp", "10.0.0.1", 0), "virtual_port", "needs persistence"),
    (Service("tcp", "10.0.0.1", 80, scheduler="none"), "scheduler", "is not known"),
    (
        Service("tcp", "10.0.0.1", 80, persistent_timeout=9, persistent_netmask="255.0.255.0"),
        "persistent_netmask",
        "is not an IPv4 netmask",
    ),
    (Service("tcp", "10.0.0.1", 80, persistent_timeout=2678401), "persistent_timeout", "out of"),
    (Service("udp", "10.0.0.1", 80, persistence_engine="sip"), "persistence_engine", "no effect"),
    (
        Service("tcp", "10.0.0.1", 80, persistent_timeout=9, persistence_engine="sip"),
        "persistence_engine",
        "reads UDP only",
    ),
    (Service("tcp", "10.0.0.1", 80, one_packet=True), "one_packet", "would break tcp"),
]
WEB = Service("tcp", "10.0.0.1", 80)
DNS = Service("udp", "10.0.0.1", 53, one_packet=True)
ODD_SERVERS = [
    (WEB, RealServer("10.0.0.2", 8080, "dr"), "port", "differs from the service's"),
    (WEB, RealServer("10.0.0.2", 8080, "tun"), "port", "differs from the service's"),
    (WEB, RealServer("10.0.0.2", 80, weight=70000), "weight", "is out of range"),
    (WEB, RealServer("10.0.0.2", 80, "tun", tunnel_port=9), "tunnel_port", "for tunnel_type gue"),
    (
        WEB,
        RealServer("10.0.0.2", 80, "tun", tunnel_checksum="csum"),
        "tunnel_checksum",
        "does not exist with tunnel_type ipip",
    ),
    # Its own link-local address is one that a kernel takes.
    (
        Service("tcp", "fd00::1", 80, family="ipv6", persistent_netmask="128"),
        RealServer("fe80::2", 80),
        "address",
        "is a link-local address",
    ),
    (DNS, RealServer("10.0.0.2", 53), "forward", "does not go with one_packet"),
]
NOBODY_HOLDS = [
    ("0.0.0.0", "stands for no host"),
    ("224.0.0.5", "is a multicast address"),
    ("255.255.255.255", "is the broadcast address of every network"),
    ("fe80::1", "is a link-local address"),
    ("::ffff:10.0.0.1", "is an IPv4 address in the form of IPv6"),
    ("ff02::1", "is a multicast address"),
    ("::", "stands for no host"),
]


def table(service: Service, *servers: RealServer) -> Table:
    """Return a table of one service."""
    return Table({service.key: service}, {service.key: {s.key: s for s in servers}})


def asked(have: Table, **changes: Any) -> list[dict[str, Any]]:
    """Return what there is as a task would ask for it, with changes of the service."""
    described = have.as_result()
    described[0].update(changes)
    return described


def refusal(have: Table, services: list[dict[str, Any]]) -> ModelError:
    """Return how a task is refused that asks for these services."""
    with pytest.raises(ModelError) as error:
        plan_table(have, parse_services(services), Policy())
    return error.value


@pytest.mark.parametrize(("service", "field", "why"), ODD_SERVICES)
def test_an_odd_service(service: Service, field: str, why: str) -> None:
    """It stays as it is, with whatever else of it is changed, and goes when it is told to."""
    have = table(service, RealServer("fd00::9" if ":" in service.address else "10.0.0.9", 80))
    assert plan_table(have, parse_services(asked(have)), Policy()).operations == ()
    assert plan_service(have, parse_service(service.as_result())).operations == ()
    assert len(plan_service_absent(have, service.key).operations) == 1
    other = "lc" if service.scheduler != "none" else "none"
    changed = asked(have, scheduler=other, real_servers=[])
    assert plan_table(have, parse_services(changed), Policy()).operations
    error = refusal(Table(), asked(have, real_servers=[]))
    assert error.field == field
    assert why in error.why


@pytest.mark.parametrize(("service", "server", "field", "why"), ODD_SERVERS)
def test_an_odd_real_server(service: Service, server: RealServer, field: str, why: str) -> None:
    """The same."""
    have = table(service, server)
    assert plan_table(have, parse_services(asked(have)), Policy()).operations == ()
    edited = {**server.as_result(), "weight": 0}
    plan = plan_real_server(have, service.key, parse_real_server(edited, service.key))
    assert [operation.changes for operation in plan.operations] == [{"weight": [server.weight, 0]}]
    beside = [*have.as_result()[0]["real_servers"], {"address": "fd00::8", "forward": "tun"}]
    plan = plan_table(have, parse_services(asked(have, real_servers=beside)), Policy())
    assert [operation.action for operation in plan.operations] == ["add"]
    error = refusal(table(service), asked(have))
    assert error.field == field
    assert why in error.why


def test_another_odd_value_is_asked_for_anew() -> None:
    """That something is wrong with what there is lets nobody make it wrong in another way."""
    service = Service("tcp", "10.0.0.1", 80, persistent_timeout=9, persistent_netmask="255.0.255.0")
    error = refusal(table(service), asked(table(service), persistent_netmask="0.255.0.0"))
    assert (error.field, error.value) == ("persistent_netmask", "0.255.0.0")
    error = refusal(
        table(WEB, RealServer("10.0.0.2", 8080)),
        asked(table(WEB), real_servers=[{"address": "10.0.0.2", "port": 8080, "forward": "dr"}]),
    )
    assert error.field == "port"


@pytest.mark.parametrize(("address", "why"), NOBODY_HOLDS)
def test_no_address_of_a_real_server(address: str, why: str) -> None:
    """What the kernel would refuse after the service was made is refused before."""
    vip = "fd00::1" if ":" in address else "10.0.0.1"
    real_servers = [{"address": address, "forward": "tun"}]
    services = [{"virtual_address": vip, "virtual_port": 80, "real_servers": real_servers}]
    error = refusal(Table(), services)
    assert (error.field, error.value) == ("address", address)
    assert why in error.why


@pytest.mark.parametrize("netmask", ["0.0.0.0", "0", 0])
def test_all_clients_may_count_as_one(netmask: object) -> None:
    """The kernel takes a netmask of no bits."""
    asked_for = {"virtual_address": "10.0.0.1", "virtual_port": 80, "persistent_timeout": 9}
    wanted = parse_service({**asked_for, "persistent_netmask": netmask})
    plan = plan_service(Table(), wanted)
    assert plan.after.services[wanted.key].persistent_netmask == "0.0.0.0"


def test_one_packet_with_nat_is_judged_wherever_it_comes_about() -> None:
    """By a new real server, by a service that becomes so, by another forwarding method."""
    plain = DNS._replace(one_packet=False)
    nat, dr = RealServer("10.0.0.2", 53), RealServer("10.0.0.3", 53, "dr")
    key = DNS.key
    cases: list[Callable[[], object]] = [
        lambda: plan_real_server(table(DNS), key, parse_real_server(nat.as_result(), key)),
        lambda: plan_service(table(plain, nat), parse_service(DNS.as_result())),
        lambda: plan_table(table(plain, nat), parse_services([DNS.as_result()]), Policy()),
        lambda: plan_table(
            table(plain, nat), parse_services(asked(table(DNS, dr))), Policy(prune="none")
        ),
        lambda: plan_table(Table(), parse_services(asked(table(DNS, nat))), Policy()),
        lambda: plan_real_server(
            table(DNS, dr), key, parse_real_server({"address": dr.address, "forward": "nat"}, key)
        ),
    ]
    for case in cases:
        with pytest.raises(ModelError, match="forward 'nat' does not go with one_packet"):
            case()
    # One that goes in the same step is not judged; neither is what sip translates.
    gone = plan_table(table(plain, nat), parse_services(asked(table(DNS, dr))), Policy())
    assert [operation.action for operation in gone.operations] == ["add", "edit", "delete"]
    sip = DNS._replace(persistent_timeout=9, persistence_engine="sip")
    assert plan_table(Table(), parse_services(asked(table(sip, nat))), Policy()).operations
