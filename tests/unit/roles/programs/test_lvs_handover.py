# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""While one director takes over from another."""

from __future__ import annotations

import pytest
from machine import CHAINS, Machine


@pytest.fixture
def pair(host: Machine) -> Machine:
    """One of two directors."""
    host.etc("keepalived.nft", *CHAINS.format(table="lvs_handover", chain="output").splitlines())
    host.etc("keepalived.addresses", "192.0.2.1/32 eth1", "2001:db8::1/128 eth1")
    return host


@pytest.mark.parametrize(
    ("word", "element"), [("unsettled", "{ tcp }"), ("settle", "{ tcp timeout 3s }")]
)
def test_a_director_that_is_not_settled(pair: Machine, word: str, element: str) -> None:
    """The rules are loaded with it, each time: they may be gone."""
    pair.run("lvs-handover", word)
    text = "\n".join(pair.has("loaded"))
    assert "chain output {" in text
    assert "flush set inet lvs_handover draining" in text
    assert f"add element inet lvs_handover unsettled {element}" in text


def test_a_director_that_serves_lets_its_connections_be_told(pair: Machine) -> None:
    """It takes 2.5 seconds, in which none begins."""
    pair.state("addresses", "eth1 2001:db8::1/128")
    pair.run("lvs-handover", "drain")
    assert "unsettled" not in "\n".join(pair.has("loaded"))
    assert "add element inet lvs_handover draining { tcp timeout 10s }" in pair.has("loaded")
    assert pair.has("slept") == ["2.5"]


def test_a_director_that_does_not_serve_ends_at_once(pair: Machine) -> None:
    """It has none of the addresses."""
    pair.state("addresses", "eth1 192.0.2.7/32")
    pair.run("lvs-handover", "drain")
    assert pair.has("slept") == []
    assert pair.has("loaded") == []


def test_the_rules_go(pair: Machine) -> None:
    """Once, and nobody else's."""
    pair.run("lvs-handover", "unsettled")
    pair.state("nft", *pair.has("nft"), "inet filter")
    pair.run("lvs-handover", "absent")
    pair.run("lvs-handover", "absent")
    assert pair.has("nft") == ["inet filter"]


def test_handover_says_how_it_is_used(pair: Machine) -> None:
    """Another word is none of its."""
    assert "usage: lvs-handover unsettled|settle|drain|absent" in pair.run(
        "lvs-handover", "go", status=2
    )
