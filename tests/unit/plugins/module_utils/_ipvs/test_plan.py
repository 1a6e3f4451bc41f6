# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: from any table to any other, in an order that never leaves a service empty."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Union

import netaddr
import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._effects import ADD, DELETE, EDIT
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Operation,
    Policy,
    apply_operations,
    parse_scope,
    plan_real_server,
    plan_real_server_absent,
    plan_service,
    plan_service_absent,
    plan_table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    WantedRealServer,
    WantedService,
    parse_services,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError, in_network
from hypothesis import given
from hypothesis import strategies as st
from strategies import described, tables, wanted

Address = Union[IPv4Address, IPv6Address]

ALL = Policy(prune="all")


def same(one: Table, other: Table) -> bool:
    """Tell whether two tables are equal; a service without real servers may say so or not."""
    return one.services == other.services and all(
        one.servers_of(key) == other.servers_of(key) for key in one.services
    )


@given(tables(), tables())
def test_a_plan_leads_to_what_is_wanted(have: Table, want: Table) -> None:
    """Applied to what is there, it gives what is wanted, and then there is nothing left to do."""
    plan = plan_table(have, wanted(want), ALL)
    assert same(plan.after, want)
    assert same(apply_operations(have, plan.operations), want)
    again = plan_table(plan.after, wanted(want), ALL)
    assert again.operations == ()


@given(tables(), tables())
def test_a_description_leads_to_the_same(have: Table, want: Table) -> None:
    """What modules return can be given to them."""
    plan = plan_table(have, parse_services(described(want)), ALL)
    assert same(plan.after, want)


@given(tables(), tables())
def test_what_is_there_is_edited_in_place(have: Table, want: Table) -> None:
    """Nothing is both deleted and added, and each item has one operation at most."""
    operations = plan_table(have, wanted(want), ALL).operations
    items = [(operation.key, operation.server) for operation in operations]
    assert len(items) == len(set(items))
    for operation in operations:
        servers = have.servers_of(operation.key)
        there = (
            operation.key in have.services
            if operation.server is None
            else operation.server in servers
        )
        assert there == (operation.action != ADD)


@given(tables(), tables())
def test_additions_before_deletions(have: Table, want: Table) -> None:
    """Whatever adds comes in a stage before whatever takes away."""
    operations = plan_table(have, wanted(want), ALL).operations
    actions = [operation.action for operation in operations]
    order = {ADD: 0, EDIT: 1, DELETE: 2}
    assert actions == sorted(actions, key=order.__getitem__)
    stages = [operation.stage for operation in operations]
    assert stages == sorted(stages)
    giving = {operation.stage for operation in operations if not takes_away(operation)}
    taking = {operation.stage for operation in operations if takes_away(operation)}
    assert not giving & taking


def takes_away(operation: Operation) -> bool:
    """Tell whether less is served by a real server, or none."""
    before, after = operation.before, operation.after
    if operation.action != EDIT or not isinstance(before, RealServer):
        return operation.action == DELETE
    assert isinstance(after, RealServer)
    limits = [server.upper_threshold or float("inf") for server in (before, after)]
    return after.weight < before.weight or limits[1] < limits[0]


def works(table: Table, key: ServiceKey) -> bool:
    """Tell whether a service has a real server that gets connections."""
    return any(server.weight for server in table.servers_of(key).values())


@given(tables(), tables())
def test_cut_off_anywhere_no_service_stands_empty(have: Table, want: Table) -> None:
    """A service that works before and after works at every step between, and the rest converges."""
    operations = plan_table(have, wanted(want), ALL).operations
    lasting = [key for key in have.services if works(have, key) and works(want, key)]
    for count in range(len(operations)):
        between = apply_operations(have, operations[:count])
        assert all(works(between, key) for key in lasting)
        assert same(plan_table(between, wanted(want), ALL).after, want)


def test_one_server_takes_over_from_another() -> None:
    """The one that gets connections from now on comes before the one that gets none any more."""
    service = {"virtual_address": "10.0.0.1", "virtual_port": 80}

    def weighted(first: int, second: int) -> tuple[WantedService, ...]:
        servers = [
            {"address": "10.0.0.2", "weight": first},
            {"address": "10.0.0.3", "weight": second},
        ]
        return parse_services([{**service, "real_servers": servers}])

    have = plan_table(Table(), weighted(1, 0), ALL).after
    operations = plan_table(have, weighted(0, 1), ALL).operations
    assert [operation.server for operation in operations] == [("10.0.0.3", 80), ("10.0.0.2", 80)]


@given(tables(), tables())
def test_pruning_stays_in_scope(have: Table, want: Table) -> None:
    """Nothing out of scope is deleted, and with prune none nothing is."""
    scope = parse_scope(["10.0.0.2/31", "fd00::3", 2])
    policy = Policy(prune="all", scope=scope)
    for operation in plan_table(have, wanted(want), policy).operations:
        if operation.action == DELETE:
            assert operation.key[0] == 2 or operation.key[1] in ("10.0.0.2", "10.0.0.3", "fd00::3")
    none = plan_table(have, wanted(want), Policy(prune="none")).operations
    assert all(operation.action != DELETE for operation in none)
    some = plan_table(have, wanted(want), Policy()).operations
    assert all(op.server is not None for op in some if op.action == DELETE)


@given(tables(), tables())
def test_kept_weights(have: Table, want: Table) -> None:
    """A real server that was there keeps its weight, and only that."""
    after = plan_table(have, wanted(want), Policy(prune="all", keep_weights=True)).after
    for key, servers in want.real_servers.items():
        for name, server in servers.items():
            before = have.servers_of(key).get(name)
            found = after.servers_of(key)[name]
            assert found.weight == (before.weight if before else server.weight)
            assert found.forward == server.forward


@given(tables())
def test_one_service(have: Table) -> None:
    """A service alone leaves its real servers, and its deletion takes them along."""
    for service in wanted(have):
        assert plan_service(have, service).operations == ()
        plan = plan_service_absent(have, service.key)
        assert [op.action for op in plan.operations] == [DELETE]
        assert service.key not in plan.after.services
        assert plan.after.servers_of(service.key) == {}


@given(tables())
def test_one_real_server(have: Table) -> None:
    """A real server alone leaves the others."""
    for service in wanted(have):
        for server in service.real_servers or ():
            assert plan_real_server(have, service.key, server).operations == ()
            plan = plan_real_server_absent(have, service.key, server.key)
            left = plan.after.servers_of(service.key)
            assert set(left) == set(have.servers_of(service.key)) - {server.key}


def test_a_real_server_needs_its_service() -> None:
    """Without the service there is an error for present, and nothing to do for absent."""
    key = ("tcp", "10.0.0.1", 80)
    with pytest.raises(ModelError, match=r"service tcp 10\.0\.0\.1:80 does not exist"):
        plan_real_server(Table(), key, WantedRealServer("10.0.0.2", 80))
    assert plan_real_server_absent(Table(), key, ("10.0.0.2", 80)).operations == ()


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "x", "0", "4294967296", "::/129", "10.0.0.1/"])
def test_bad_scope(entry: str) -> None:
    """What is no network, address or mark is named."""
    with pytest.raises(ModelError, match="is no network, address or firewall mark") as raised:
        parse_scope([entry])
    assert (raised.value.field, raised.value.value) == ("scope", entry)


def test_empty_scope() -> None:
    """It would keep pruning from everything, without a word."""
    with pytest.raises(ModelError, match="is empty, so that nothing may be deleted"):
        parse_scope([])


def test_scope() -> None:
    """A network holds its addresses, and nothing of the other family."""
    policy = Policy(scope=parse_scope(["10.0.0.0/8", "::/0", "7"]))
    assert policy.may_prune(("tcp", "10.255.0.1", 80))
    assert policy.may_prune(("tcp", "fd00::1", 80))
    assert policy.may_prune((7, "ipv6"))
    assert not policy.may_prune(("tcp", "11.0.0.1", 80))
    assert not policy.may_prune((8, "ipv4"))


def test_result_of_an_operation() -> None:
    """What an operation tells of itself."""
    key = ("tcp", "10.0.0.1", 80)
    services = parse_services(
        [{"virtual_address": "10.0.0.1", "virtual_port": 80, "real_servers": []}]
    )
    assert plan_table(Table(), services, ALL).operations[0].as_result() == {
        "action": "add",
        "item": "service",
        "service": "tcp 10.0.0.1:80",
        "effect": "new connections only",
    }
    gone = Operation(DELETE, key, ("fd00::1", 80))
    assert gone.as_result()["real_server"] == "[fd00::1]:80"
    assert gone.label == "real server [fd00::1]:80 of service tcp 10.0.0.1:80"


@given(st.ip_addresses(), st.ip_addresses(), st.integers(0, 128))
def test_networks_contain_what_netaddr_says(
    address: Address, network: Address, prefix: int
) -> None:
    """A scope's network against an address of either family."""
    prefix = min(prefix, network.max_prefixlen)
    independent = netaddr.IPAddress(str(address)) in netaddr.IPNetwork(f"{network}/{prefix}")
    assert in_network(address.packed, network.packed, prefix) == independent


def test_what_is_so_already_is_judged_as_before() -> None:
    """A real server that is as asked for is left alone; an option that is not for it is refused."""
    web = {"virtual_address": "192.0.2.1", "virtual_port": 80}

    def asked(**server: object) -> tuple[WantedService, ...]:
        return parse_services([{**web, "real_servers": [{"address": "10.0.0.1", **server}]}])

    have = plan_table(Table(), asked(weight=3, upper_threshold=9), Policy()).after
    for same in ({}, {"weight": 3}, {"forward": "nat", "upper_threshold": 9}):
        assert plan_table(have, asked(**same), Policy()).operations == ()
    with pytest.raises(ModelError, match="tunnel_type 'ipip' is for forward tun only"):
        plan_table(have, asked(weight=3, tunnel_type="ipip"), Policy())
