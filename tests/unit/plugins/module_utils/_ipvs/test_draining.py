# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a real server is empty, and for how long that is waited for."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import draining
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.draining import (
    Limits,
    Look,
    Target,
    Waited,
    is_of,
    look_at,
    name_of,
    open_and_closing,
    open_names,
    over_names,
    reached,
    shown,
    wait,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer, Service

TCP = Service("tcp", "192.0.2.1", 80)
UDP = Service("udp", "192.0.2.1", 53)
MARK = Service(fwmark=10)
RS1 = ("198.51.100.1", 80)


@pytest.mark.parametrize(
    ("service", "counts", "udp", "expire", "found"),
    [
        (TCP, (3, 5, 0), 0, True, (3, 5)),
        (TCP, (0, 5, 2), 0, True, (0, 7)),
        # Clients come back by their templates.
        (TCP, (0, 5, 2), 0, False, (2, 5)),
        (UDP, (0, 5, 0), 0, True, (5, 0)),
        (MARK, (0, 5, 0), 2, True, (2, 3)),
        (MARK, (0, 5, 0), 9, True, (5, 0)),
        (UDP._replace(one_packet=True), (0, 5, 0), 0, True, (0, 0)),
    ],
)
def test_open_and_closing(
    service: Service, counts: tuple[int, ...], udp: int, expire: bool, found: tuple[int, int]
) -> None:
    """Of UDP nobody knows, and a template holds nobody where the kernel leaves it aside."""
    names = ("active_connections", "inactive_connections", "persistent_connections")
    assert open_and_closing(service, dict(zip(names, counts)), udp, expire) == found


@pytest.mark.parametrize(
    ("has", "waited", "ended"),
    [
        ((0, 0), Waited(), "empty"),
        ((0, 5), Waited(30, 29), ""),
        ((0, 5), Waited(30, 30), "closing"),
        ((1, 5), Waited(60, 0), ""),
        ((1, 5), Waited(600, 0), "timeout"),
        ((0, 5), Waited(600, 5), "closing"),
    ],
)
def test_two_limits(has: tuple[int, int], waited: Waited, ended: str) -> None:
    """One for all, and one for what is only closing."""
    assert reached(Look({}, *has), waited, Limits(600, 30)) == ended


class Clock:
    """A clock that goes on while somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        """Go on."""
        self.now += seconds


def test_slices_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the wait is broken off to tell how far it is."""
    clock = Clock(monkeypatch)

    def look() -> Look:
        return Look({}, int(clock.now < 20), 5)

    limits, waited, ended, slices = Limits(600, 30, 5), Waited(), "", 0
    while not ended:
        ended, _look, waited = wait(look, limits, waited)
        slices += 1
    assert (ended, waited) == ("closing", Waited(50, 30))
    assert slices == 10
    clock.now = 0
    assert wait(look, limits._replace(task=None), Waited())[::2] == ("closing", Waited(50, 30))
    clock.now = 0
    assert wait(look, limits._replace(task=0), Waited())[::2] == ("", Waited())


def test_what_is_open_again_is_not_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit for what is closing begins once more."""
    clock = Clock(monkeypatch)

    def look() -> Look:
        return Look({}, int(10 <= clock.now < 20), 5)

    assert wait(look, Limits(600, 15), Waited())[2] == Waited(35, 15)


def connection(**changed: Any) -> dict[str, Any]:
    """One of TCP, as it is read from the kernel."""
    return {
        "protocol": "tcp", "virtual_address": "192.0.2.1", "virtual_port": 80,
        "client_address": "203.0.113.9", "client_port": 4711, "address": "198.51.100.1",
        "port": 80, "state": "ESTABLISHED", "expires": 899, "template": False, **changed,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "server", "changed", "is_one"),
    [
        (TCP.key, RS1, {}, True),
        (TCP.key, RS1, {"address": "198.51.100.2"}, False),
        (TCP.key, RS1, {"port": 8080}, False),
        (TCP.key, RS1, {"virtual_port": 81}, False),
        (TCP.key, RS1, {"protocol": "udp"}, False),
        (("tcp", "192.0.2.1", 0), ("198.51.100.1", 0), {"virtual_port": 81, "port": 81}, True),
        (MARK.key, ("198.51.100.1", 0), {}, True),
        (MARK.key, ("198.51.100.1", 0), {"fwmark": 10}, True),
        (MARK.key, ("198.51.100.1", 0), {"fwmark": 11}, False),
        (TCP.key, RS1, {"fwmark": 10}, False),
    ],
)
def test_whose_a_connection_is(
    key: Any, server: Any, changed: dict[str, Any], is_one: bool
) -> None:
    """By all that the kernel tells of it."""
    assert is_of(connection(**changed), Target(key, server)) is is_one


def test_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who it is, and of whom; no more of them than anybody reads."""
    found = list(shown([connection(), connection(port=81)], [Target(TCP.key, RS1)]))
    assert [sorted(one) for one in found] == [[
        "address", "client_address", "client_port", "port", "protocol", "state",
        "virtual_address", "virtual_port",
    ]]  # fmt: skip
    monkeypatch.setattr(draining, "SHOWN", 3)
    assert len(list(shown([connection()] * 5, [Target(TCP.key, RS1)]))) == 3


ONE, OTHER = connection(), connection(client_address="2001:db8::9")
UDP_ONE = connection(protocol="udp", state="UDP")


class Table:
    """A kernel that has one real server, of weight 0."""

    def __init__(self, active: int, inactive: int) -> None:
        self.counts = {
            "active_connections": active,
            "inactive_connections": inactive,
            "persistent_connections": 0,
        }

    def find_server(self, *_key: object) -> tuple[RealServer, dict[str, int]]:
        """Return it, with its counts."""
        return RealServer(*RS1, weight=0), self.counts


def test_what_directors_ask_each_other_about() -> None:
    """Connections of TCP that are open on one of them; another one says whether it saw the end."""
    targets = [Target(TCP.key, RS1)]
    closed = connection(state="FIN_WAIT")
    assert name_of(ONE) == "tcp 203.0.113.9:4711 192.0.2.1:80 198.51.100.1:80"
    assert open_names([ONE, closed, UDP_ONE, connection(port=81)], targets) == [name_of(ONE)]
    assert over_names([closed, OTHER, connection(fwmark=1, state="NONE")], [name_of(ONE)]) == [
        name_of(ONE)
    ]
    assert over_names([ONE, UDP_ONE], [name_of(ONE)]) == []
    assert over_names([closed], [name_of(OTHER)]) == []


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ([], (2, 3)),
        ([name_of(ONE), "tcp of another real server"], (1, 4)),
        ([name_of(ONE), name_of(OTHER)], (0, 5)),
    ],
)
def test_over_where_another_director_has_seen_the_end(
    over: list[str], found: tuple[int, int]
) -> None:
    """A copy that is kept as open holds nobody up."""
    kernel: Any = Table(2, 3)
    look = look_at(kernel, {TCP.key: TCP}, [Target(TCP.key, RS1)], lambda: [ONE, OTHER], over)
    assert (look.open, look.closing) == found
    assert look.counts[Target(TCP.key, RS1)]["open_connections"] == found[0]
