# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about addresses and routes, and what not to cut."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._link import (
    Address,
    Connection,
    DefaultRoute,
    LinkError,
    Match,
    Step,
    after_steps,
    parse_default_gateway,
    parse_virtual_ip,
    plan_address,
    plan_address_absent,
    plan_gateway,
    plan_gateway_absent,
    refuse_cut_by_address,
    refuse_cut_by_gateway,
    ssh_endpoints,
)
from ansible_collections.lvs.cluster.plugins.module_utils._model import ModelError
from hypothesis import given
from hypothesis import strategies as st

CLIENT = "198.51.100.7"
A = DefaultRoute("10.0.0.1", "eth0", 0, "ipv4")
B = DefaultRoute("10.0.0.2", "eth0", 100, "ipv4")


@st.composite
def hosts(draw: st.DrawFn) -> list[Address]:
    """Return the addresses of an interface, as the kernel would hold them."""
    found: dict[tuple[str, int], Address] = {}
    for last, prefix in draw(
        st.lists(st.tuples(st.integers(1, 4), st.sampled_from([24, 32])), max_size=5)
    ):
        address = f"10.0.0.{last}"
        second = prefix == 24 and any(entry.prefix == 24 for entry in found.values())
        found.setdefault((address, prefix), Address(address, prefix, "eth0", "eth0", second))
    return list(found.values())


@given(hosts(), st.integers(1, 4), st.sampled_from(["", "/24", "/32"]), st.booleans())
def test_addresses(have: list[Address], last: int, prefix: str, promote: bool) -> None:
    """The address is there, others are as before, and then there is nothing left to do."""
    wanted = parse_virtual_ip(f"10.0.0.{last}{prefix}", "eth0", None)
    after = after_steps(have, plan_address(have, wanted, promote_secondaries=promote))
    mine = [entry.prefix for entry in after if entry.address == wanted.address]
    assert mine if not prefix else mine == [wanted.prefix]
    assert plan_address(after, wanted, promote_secondaries=promote) == []
    gone = after_steps(after, plan_address_absent(after, wanted, promote_secondaries=promote))
    others = {(e.address, e.prefix) for e in have if e.address != wanted.address}
    assert {(e.address, e.prefix) for e in gone} == others
    assert plan_address_absent(gone, wanted, promote_secondaries=promote) == []


@pytest.mark.parametrize(
    ("have", "gateway", "metric", "after"),
    [
        ([], "10.0.0.3", None, [("10.0.0.3", 0)]),
        ([A], "10.0.0.1", None, [("10.0.0.1", 0)]),
        ([A], "10.0.0.3", None, [("10.0.0.3", 0)]),
        ([B], "10.0.0.2", None, [("10.0.0.2", 100)]),
        ([B], "10.0.0.3", None, [("10.0.0.2", 100), ("10.0.0.3", 0)]),
        ([A, B], "10.0.0.2", None, [("10.0.0.2", 0), ("10.0.0.2", 100)]),
        ([A, B], "10.0.0.3", 100, [("10.0.0.1", 0), ("10.0.0.3", 100)]),
        ([A], "10.0.0.1", 5, [("10.0.0.1", 0), ("10.0.0.1", 5)]),
    ],
)
def test_gateways(
    have: list[DefaultRoute], gateway: str, metric: int | None, after: list[tuple[str, int]]
) -> None:
    """The route of the same metric is replaced, others stay, and a second run does nothing."""
    wanted = parse_default_gateway(gateway, None, metric)
    found = after_steps(have, plan_gateway(have, wanted, "eth0"))
    assert sorted((route.gateway, route.metric) for route in found) == after
    assert plan_gateway(found, wanted, "eth0") == []
    left = after_steps(found, plan_gateway_absent(found, wanted))
    assert all(route.gateway != gateway or route.metric != metric for route in left)


def test_ipv6_metrics() -> None:
    """A metric of 0 is the kernel's default, and a lower one that exists is undercut by none."""
    assert parse_default_gateway("fd00::1", None, 0).metric == 1024
    router = DefaultRoute("fe80::1", "eth0", 512, "ipv6")
    (step,) = plan_gateway([router], parse_default_gateway("fd00::1", None, None), "eth0")
    assert (step.action, step.item.as_result()["metric"]) == ("edit", 512)


DEFAULT = Match(0, "10.0.0.1", "eth0")


@pytest.mark.parametrize(
    ("route", "steps", "refused"),
    [
        (DEFAULT, [Step("edit", A, DefaultRoute("10.0.0.3", "eth0", 0, "ipv4"))], True),
        (DEFAULT, [Step("delete", A)], True),
        (DEFAULT, [Step("delete", B)], False),
        (DEFAULT, [Step("add", after=DefaultRoute("10.0.0.3", "eth0", 50, "ipv4"))], False),
        (DEFAULT, [], False),
        (Match(24, "10.0.0.1", "eth0"), [Step("delete", A)], False),
        (Match(0, "10.0.0.1", "eth0", table=100), [Step("delete", A)], False),
        (None, [Step("delete", A)], False),
    ],
)
def test_gateways_that_carry_the_connection(
    route: Match | None, steps: Sequence[Step], refused: bool
) -> None:
    """Only a change of the very route back is refused."""
    connection = Connection(CLIENT, "10.0.0.9", route)
    if not refused:
        refuse_cut_by_gateway(connection, [A, B], steps)
        return
    with pytest.raises(LinkError, match=f"ip route add {CLIENT} via 10.0.0.1 dev eth0"):
        refuse_cut_by_gateway(connection, [A, B], steps)


def test_the_last_gateway_carries_the_connection() -> None:
    """Without any default route the answers would go nowhere."""
    with pytest.raises(LinkError, match="would go nowhere"):
        refuse_cut_by_gateway(Connection(CLIENT, "10.0.0.9", DEFAULT), [A], [Step("delete", A)])


ARRIVED = Address("10.0.0.9", 24, "eth0", "eth0")
FIRST = Address("10.0.0.8", 24, "eth0", "eth0")


@pytest.mark.parametrize(
    ("client", "steps", "promote", "refused"),
    [
        (CLIENT, [Step("delete", ARRIVED)], False, True),
        (CLIENT, [Step("delete", Address("10.0.0.7", 24, "eth0"))], True, False),
        (CLIENT, [Step("add", after=Address("198.51.100.1", 24, "eth0"))], False, True),
        (CLIENT, [Step("add", after=Address("198.51.100.1", 32, "eth0"))], False, False),
        (CLIENT, [Step("add", after=Address(CLIENT, 32, "lo"))], False, True),
        ("10.0.0.5", [Step("delete", FIRST)], True, True),
    ],
)
def test_addresses_that_carry_the_connection(
    client: str, steps: Sequence[Step], promote: bool, refused: bool
) -> None:
    """Neither the address that the connection arrived at nor its way back is touched."""
    local = client.startswith("10.")
    route = Match(24, "", "eth0", source="10.0.0.8") if local else DEFAULT
    connection = Connection(client, "10.0.0.9", route)
    if not refused:
        refuse_cut_by_address(connection, [FIRST, ARRIVED], steps, promote_secondaries=promote)
        return
    with pytest.raises(LinkError, match="would cut the connection that this task came by"):
        refuse_cut_by_address(connection, [FIRST, ARRIVED], steps, promote_secondaries=promote)


def test_secondaries_that_carry_the_connection() -> None:
    """The kernel deletes the others of a network with its first address."""
    second = Address("10.0.0.9", 24, "eth0", "eth0", secondary=True)
    connection = Connection(CLIENT, "10.0.0.9", DEFAULT)
    with pytest.raises(LinkError, match=r"it arrived at 10\.0\.0\.9"):
        refuse_cut_by_address(
            connection, [FIRST, second], [Step("delete", FIRST)], promote_secondaries=False
        )
    refuse_cut_by_address(
        connection, [FIRST, second], [Step("delete", FIRST)], promote_secondaries=True
    )


@pytest.mark.parametrize(
    ("value", "endpoints"),
    [
        ("198.51.100.7 50000 10.0.0.9 22", ("198.51.100.7", "10.0.0.9")),
        ("::ffff:198.51.100.7 50000 ::ffff:10.0.0.9 22", ("198.51.100.7", "10.0.0.9")),
        ("fe80::1%eth0 50000 fe80::2%eth0 22", None),
        ("UNKNOWN 65535 UNKNOWN 65535", None),
    ],
)
def test_ssh_endpoints(
    monkeypatch: pytest.MonkeyPatch, value: str, endpoints: tuple[str, str] | None
) -> None:
    """What sshd says of the connection."""
    monkeypatch.setenv("SSH_CONNECTION", value)
    assert ssh_endpoints() == endpoints


@pytest.mark.parametrize(
    ("address", "label", "message"),
    [
        ("10.0.0.1/0", None, "from 1 to 32"),
        ("10.0.0.1/x", None, "from 1 to 32"),
        ("fd00::1/129", None, "from 1 to 128"),
        ("10.0.0", None, "is not an IPv4 or IPv6 address"),
        ("10.0.0.1", "eth0:0123456789abc", "at most 15"),
    ],
)
def test_bad_addresses(address: str, label: str | None, message: str) -> None:
    """One sentence."""
    with pytest.raises(ModelError, match=message):
        parse_virtual_ip(address, "eth0", label)
