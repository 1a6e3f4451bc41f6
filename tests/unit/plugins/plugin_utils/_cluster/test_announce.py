# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How lvs_announce is read."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.announce import (
    Announce,
    Peer,
    read_announce,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem

ROUTER = {"address": "10.0.0.1", "asn": 65000}
SECRET = "not for everybody"


def refused(**changed: Any) -> list[Problem]:
    """What is wrong with it."""
    problems: list[Problem] = []
    given = {"asn": 65010, "peers": [ROUTER], **changed}
    assert read_announce("host a", given, problems) is None
    return problems


def test_all_of_it() -> None:
    """Each field, and what is where none is given."""
    problems: list[Problem] = []
    six = {"address": "FD00::1", "asn": "65001", "password": "x", "multihop": 3, "bfd": False}
    given = {"asn": 4294967295, "peers": [ROUTER, six], "interval": 0.3}
    assert read_announce("", given, problems) == Announce(
        4294967295, (Peer("10.0.0.1", 65000), Peer("fd00::1", 65001, "x", 3, False)), 0.3
    )
    assert problems == []
    least = read_announce("", {"asn": 1, "peers": [ROUTER]}, problems)
    assert least == Announce(1, (Peer("10.0.0.1", 65000, "", 0, True),), 0.1)
    assert least.peers_of("ipv4") == [*least.peers]
    assert least.peers_of("ipv6") == []


@pytest.mark.parametrize("given", [None, ""])
def test_nothing(given: Any) -> None:
    """It does not announce."""
    problems: list[Problem] = []
    assert read_announce("", given, problems) is None
    assert problems == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"asn": 0}, "host a: lvs_announce.asn 0 is out of range; give one from 1 to 4294967295."),
        ({"asn": None}, "host a: lvs_announce.asn is not given; give one such as 1."),
        ({"peers": None}, "host a: lvs_announce.peers is not given; give one such as"),
        ({"peers": []}, "lvs_announce.peers [] is empty; give the routers that are told of the"),
        ({"peers": "10.0.0.1"}, "host a: lvs_announce.peers is not a list; give a list"),
        ({"peers": [{"asn": 1}]}, "peer 1 of host a: lvs_announce.peers.address is not given"),
        (
            {"peers": [{**ROUTER, "address": "fe80::1"}]},
            "peer fe80::1 of host a: lvs_announce.peers.address 'fe80::1' is a link-local address",
        ),
        ({"peers": [{**ROUTER, "multihop": 0}]}, "peers.multihop 0 is out of range; give one from"),
        ({"peers": [{**ROUTER, "multihop": 256}]}, "peers.multihop 256 is out of range"),
        ({"peers": [{**ROUTER, "bfd": "some"}]}, "peers.bfd 'some' is not a boolean"),
        ({"peers": [{**ROUTER, "md5": "x"}]}, "peers.md5 is not a field of it; use"),
        ({"peers": [ROUTER, ROUTER]}, "lvs_announce.peers.address '10.0.0.1' is there twice; le"),
        (
            {"interval": 0.009},
            "interval 0.009 is out of range; give seconds from 0.01 to 10",
        ),
        ({"interval": 11}, "lvs_announce.interval 11 is out of range"),
        ({"as": 1}, "host a: lvs_announce.as is not a field of it; use asn."),
    ],
)
def test_what_is_refused(changed: dict[str, Any], told: str) -> None:
    """By one sentence that names the field and the fix."""
    (problem,) = refused(**changed)
    assert told in str(problem)


@pytest.mark.parametrize("password", [f'{SECRET}"', f"{SECRET}\n", SECRET * 5, [SECRET]])
def test_no_password_is_told(password: Any) -> None:
    """Whatever is wrong with it, or beside it."""
    peer = {**ROUTER, "password": password}
    (problem,) = refused(peers=[peer])
    assert problem.field == "lvs_announce.peers.password"
    for told in ([problem], refused(peers=[{**peer, "password": SECRET}] * 2), refused(peers=peer)):
        assert SECRET not in str(told)
