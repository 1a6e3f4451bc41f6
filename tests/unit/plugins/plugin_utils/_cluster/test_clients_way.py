# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The marks by which a director asks one real server alone."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.clients_way import (
    MARKS,
    Way,
    asked_by,
    is_mark,
    mark_keys,
    marks,
    spare_mark,
)
from described import FLOATING, FLOATING6, pair, service

OF_CHECK_MODULE = 1280725827
WAY = {"type": "http", "clients_way": True}


def asked(**changed: Any) -> dict[str, Any]:
    """A service whose servers are asked so, by direct routing."""
    return service(**{"address": FLOATING, "forward": "dr", "check": WAY, **changed})


def test_a_mark_for_each_way() -> None:
    """Whatever is asked by it: address, port, weight; a tunnel is another way, as is IPv6."""
    heavy = [{"host": "rs1", "weight": 5, "upper_threshold": 9}]
    found = marks(
        pair(
            asked(),
            asked(port=443, real_servers=heavy),
            asked(address=FLOATING6),
            asked(address="192.168.0.102", forward="tun", real_servers=[{"host": "rs1"}]),
            service(address="192.168.0.103"),
        )
    )
    rs1 = RealServer("192.168.137.131", 0, "dr")
    assert [*found] == [
        Way("ipv4", rs1),
        Way("ipv4", rs1._replace(address="192.168.137.130")),
        Way("ipv6", RealServer("fd00:137::131", 0, "dr")),
        Way("ipv6", RealServer("fd00:137::130", 0, "dr")),
        Way("ipv4", rs1._replace(forward="tun")),
    ]
    assert len({*found.values()}) == len(found)
    assert all(mark in MARKS for mark in found.values())
    assert OF_CHECK_MODULE not in MARKS


def test_a_mark_stays() -> None:
    """Whoever comes before it, whatever its weight: keepalived goes on with what it knows."""
    alone = marks(pair(asked(real_servers=[{"host": "rs2"}])))
    more = marks(pair(asked(port=81), asked(real_servers=[{"host": "rs2", "weight": 0}])))
    assert more.items() >= alone.items()
    # The next release has to give the same.
    assert [*alone.values()] == [1281440105]


def test_ways_of_the_same_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The later one gets the next mark, also where that is the first of all."""
    monkeypatch.setattr(zlib, "crc32", lambda _text: len(MARKS) - 1)
    assert [*marks(pair(asked())).values()] == [MARKS[-1], MARKS[0]]


def test_spare_mark() -> None:
    """It is nobody's."""
    assert spare_mark(pair(asked())) == MARKS[-1]


def test_a_spare_mark_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one is."""
    monkeypatch.setattr(zlib, "crc32", lambda _text: len(MARKS) - 1)
    assert spare_mark(pair(asked())) == MARKS[-2]


def test_keys() -> None:
    """A mark is one of a family."""
    found = mark_keys(pair(asked(address=FLOATING6)))
    assert {key[1] for key in found} == {"ipv6"}
    assert mark_keys(pair()) == []


def test_all_addresses_are_asked() -> None:
    """Those of a mark, each in its family."""
    marked = {"name": "shop", "fwmark": 10, "addresses": [FLOATING, "192.168.0.104", FLOATING6]}
    both = {**marked, "forward": "dr", "real_servers": [{"host": "rs1"}]}
    found = asked_by(pair({**both, "check": {**WAY, "port": 80}}))
    assert [(way.family, address) for way, address in found] == [
        ("ipv4", FLOATING),
        ("ipv4", "192.168.0.104"),
        ("ipv6", FLOATING6),
    ]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (str(MARKS[0]), True),
        (str(MARKS[-1]), True),
        (str(MARKS[-1] + 1), False),
        (str(OF_CHECK_MODULE), False),
        ("0x4c600000", False),
        ("", False),
        ("1²", False),
        ("9" * 5000, False),
    ],
)
def test_what_is_a_mark(text: str, known: bool) -> None:
    """As keepalived.conf and ipvsadm spell it."""
    assert is_mark(text) is known
