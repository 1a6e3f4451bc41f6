# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about addresses and default routes."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._link.model import Address, DefaultRoute
from ansible_collections.lvs.cluster.plugins.module_utils._link.plan import (
    after_steps,
    plan_address,
    plan_address_absent,
    plan_gateway,
    plan_gateway_absent,
)
from ansible_collections.lvs.cluster.plugins.module_utils._link.wanted import (
    parse_default_gateway,
    parse_virtual_ip,
)
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
    promoting = {"eth0"} if promote else set()
    after = after_steps(have, plan_address(have, wanted, promoting=promoting))
    mine = [entry.prefix for entry in after if entry.address == wanted.address]
    assert mine if not prefix else mine == [wanted.prefix]
    assert plan_address(after, wanted, promoting=promoting) == []
    gone = after_steps(after, plan_address_absent(after, wanted, promoting=promoting))
    others = {(e.address, e.prefix) for e in have if e.address != wanted.address}
    assert {(e.address, e.prefix) for e in gone} == others
    assert plan_address_absent(gone, wanted, promoting=promoting) == []


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
