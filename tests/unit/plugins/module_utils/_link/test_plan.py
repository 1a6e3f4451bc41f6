# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about addresses and default routes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._link.model import (
    Address,
    DefaultRoute,
    Place,
    Step,
)
from ansible_collections.lvs.cluster.plugins.module_utils._link.plan import (
    after_steps,
    missing,
    owned_after,
    plan_address,
    plan_address_absent,
    plan_addresses,
    plan_gateway,
    plan_gateway_absent,
)
from ansible_collections.lvs.cluster.plugins.module_utils._link.wanted import (
    WantedAddress,
    WantedAddresses,
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


def test_what_has_to_come_back() -> None:
    """What should be there in some form and is in none: the first of its network first."""
    first = Address("10.0.0.1", 24, "eth0", "eth0")
    second = Address("10.0.0.2", 24, "eth0", "eth0", secondary=True)
    other = Address("10.0.0.3", 32, "eth0", "eth0")
    again = replace(first, label="eth0:a")
    assert missing([second, first, other], [], [again, second]) == [first, second]
    assert missing([second, first, other], [again], [again, second]) == [second]
    assert missing([first], [replace(first, prefix=32)], [first]) == []
    assert missing([first], [replace(first, interface="eth1")], [first]) == [first]


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


class Kernel:
    """Addresses as the kernel keeps them, and an owner's list, while steps are done one by one."""

    def __init__(self, have: list[Address], owned: set[Place], promoting: set[str]) -> None:
        self.have = list(have)
        self.owned = set(owned)
        self.promoting = promoting

    def __repr__(self) -> str:
        return f"Kernel({self.have}, {self.owned}, {self.promoting})"

    def do(self, step: Step) -> None:
        """Do what a module does: list before it adds, and drop after it deletes."""
        assert isinstance(step.item, Address)
        place = step.item.place
        if step.action == "add":
            network = self._network(step.item)
            assert all(entry.place != place for entry in self.have), "File exists"
            if step.item.family == "ipv6":
                assert all(not self._same(entry, step.item) for entry in self.have), "File exists"
            self.have.append(Address(*place, label=step.item.label, secondary=bool(network)))
        elif step.action == "delete":
            (gone,) = [entry for entry in self.have if entry.place == place]
            others = self._network(gone) if not gone.secondary else []
            self.have.remove(gone)
            for index, other in enumerate(others):
                self.have.remove(other)
                if gone.interface in self.promoting:
                    self.have.append(Address(*other.place, label=other.label, secondary=index > 0))
        if step.owned:
            self.owned = owned_after(self.owned, [step])

    def _network(self, item: Address) -> list[Address]:
        """Return the others of an IPv4 address's network; all are of one, but for /32."""
        if item.family == "ipv6" or item.prefix == 32:
            return []
        key = (item.interface, item.prefix)
        return [
            entry
            for entry in self.have
            if entry.family == "ipv4"
            and (entry.interface, entry.prefix) == key
            and entry.place != item.place
        ]

    @staticmethod
    def _same(one: Address, other: Address) -> bool:
        return (one.address, one.interface) == (other.address, other.interface)


ipv4_places = st.builds(
    Place, st.sampled_from([f"10.0.0.{last}" for last in range(1, 5)]),
    st.sampled_from([24, 32]), st.sampled_from(["eth0", "lo"]),
)  # fmt: skip
ipv6_places = st.builds(
    Place, st.sampled_from(["fd00::1", "fd00::2"]), st.sampled_from([64, 128]),
    st.sampled_from(["eth0", "lo"]),
)  # fmt: skip
any_places = ipv4_places | ipv6_places


@st.composite
def kernels(draw: st.DrawFn) -> Kernel:
    """Return a host with addresses, some of which an owner had added; some of those are gone."""
    kernel = Kernel([], set(), draw(st.sampled_from([set(), {"eth0", "lo"}])))
    for place in draw(
        st.lists(any_places, max_size=6, unique_by=lambda p: (p[0], p[2], p[1] > 32))
    ):
        label = place.interface if ":" not in place.address else ""
        kernel.do(Step("add", after=Address(*place, label=label)))
    there = [entry.place for entry in kernel.have]
    kernel.owned = set(draw(st.lists(st.sampled_from(there) if there else st.nothing())))
    missing = draw(st.lists(any_places, max_size=2))
    kernel.owned |= {place for place in missing if place not in there}
    return kernel


@st.composite
def wishes(draw: st.DrawFn) -> WantedAddresses:
    """Return what a task may ask for."""
    chosen = draw(st.lists(any_places, max_size=4, unique_by=lambda p: (p[0], p[2])))
    wanted = tuple(
        WantedAddress(p.address, p.interface, draw(st.sampled_from([None, p.prefix])))
        for p in chosen
    )
    named = {entry.address for entry in wanted}
    released = draw(st.frozensets(any_places.map(lambda place: place.address), max_size=2)) - named
    return WantedAddresses(
        wanted, prune=draw(st.booleans()), adopt=draw(st.booleans()), release=released
    )


@given(kernels(), wishes())
def test_owned_addresses(kernel: Kernel, wanted: WantedAddresses) -> None:
    """What is asked for is there, what was never the owner's stays, and nothing is left to do."""
    before, owned = list(kernel.have), set(kernel.owned)
    steps = plan_addresses(before, owned, wanted, promoting=kernel.promoting)
    expected = after_steps(before, [step for step in steps if step.is_for_kernel])
    for step in steps:
        kernel.do(step)
    have = {entry.place for entry in kernel.have}
    assert {entry.place for entry in expected} == have
    for entry in wanted.addresses:
        there = [place for place in have if entry.fits(place)]
        # The kernel takes an IPv6 address of an interface once; the host's own will do.
        own = [p for p in have if p[0] == entry.address and p[2] == entry.interface]
        assert there or (entry.family == "ipv6" and own)
    released = {place for place in owned if place.address in wanted.release}
    never = {entry.place for entry in before} - (owned - released)
    adopted = {place for place in kernel.owned if place in never}
    assert never <= have
    assert not adopted or wanted.adopt
    assert not kernel.owned & released
    if wanted.prune:
        assert all(any(e.fits(place) for e in wanted.addresses) for place in kernel.owned)
        assert kernel.owned <= have
    again = plan_addresses(kernel.have, kernel.owned, wanted, promoting=kernel.promoting)
    assert again == []


@given(kernels(), wishes(), st.integers(0, 8))
def test_killed_at_any_step(kernel: Kernel, wanted: WantedAddresses, done: int) -> None:
    """Wherever a run ends, the next one gets to the same end."""
    before, owned = list(kernel.have), set(kernel.owned)
    steps = plan_addresses(before, owned, wanted, promoting=kernel.promoting)
    # An address that the kernel deletes along with another is back a step later only.
    whole = {s.item.place for s in steps if isinstance(s.item, Address)}
    if any(s.action == "add" and not s.owned for s in steps) or not whole:
        return
    for step in steps[:done]:
        kernel.do(step)
    rest = plan_addresses(kernel.have, kernel.owned, wanted, promoting=kernel.promoting)
    for step in rest:
        kernel.do(step)
    expected = after_steps(before, [step for step in steps if step.is_for_kernel])
    assert {entry.place for entry in kernel.have} == {entry.place for entry in expected}


HOST = Address("10.0.0.1", 24, "eth0", "eth0")
OWNER = WantedAddress("10.0.0.1", "eth0", 24)


@pytest.mark.parametrize(
    ("have", "owned", "wanted", "actions"),
    [
        ([], [], WantedAddresses((OWNER,)), [("add", True)]),
        ([HOST], [], WantedAddresses((OWNER,)), []),
        ([HOST], [], WantedAddresses((OWNER,), adopt=True), [("adopt", True)]),
        ([HOST], [HOST.place], WantedAddresses((OWNER,), adopt=True), []),
        ([HOST], [HOST.place], WantedAddresses(), []),
        ([HOST], [HOST.place], WantedAddresses(prune=True), [("delete", True)]),
        ([HOST], [HOST.place], WantedAddresses(release=frozenset(["10.0.0.1"])),
         [("release", True)]),
        ([], [HOST.place], WantedAddresses(prune=True), [("release", True)]),
        ([], [HOST.place], WantedAddresses((OWNER,)), [("add", True)]),
        ([HOST], [], WantedAddresses((WantedAddress("10.0.0.1", "eth0", 32),)), [("add", True)]),
        ([HOST], [HOST.place], WantedAddresses((WantedAddress("10.0.0.1", "eth0", 32),)),
         [("add", True), ("delete", True)]),
        ([HOST], [HOST.place], WantedAddresses((WantedAddress("10.0.0.1", "eth0", 24, "eth0:1"),)),
         [("delete", True), ("add", True)]),
        ([HOST, Address("10.0.0.2", 24, "eth0", "eth0", secondary=True)], [HOST.place],
         WantedAddresses(prune=True), [("delete", True), ("add", False)]),
    ],
)  # fmt: skip
def test_steps_of_an_owner(
    have: list[Address],
    owned: list[Place],
    wanted: WantedAddresses,
    actions: list[tuple[str, bool]],
) -> None:
    """What is done, and what of it the owner's list gets to know of."""
    steps = plan_addresses(have, owned, wanted, promoting=[])
    assert [(step.action, step.owned) for step in steps] == actions
