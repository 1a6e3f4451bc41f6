# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What does not go with directors that announce."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import announce, plans
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem
from described import (
    ANNOUNCE,
    ANNOUNCED,
    ANNOUNCED6,
    DAEMONS,
    HASHED,
    THREE,
    announcing,
    asked,
    at_once,
    host_info,
    hostvars,
    one_of_three,
    read_cluster,
    service,
    three,
)

ROUTER, ROUTER6 = ANNOUNCE["peers"]


def problems(*services: Any, **hosts: Any) -> list[Problem]:
    """What cannot work of such a cluster."""
    found, told = read_cluster(*(services or at_once()), groups=THREE, **three(**hosts))
    return [*told, *announce.announce_problems(found)]


def sentences(*services: Any, **hosts: Any) -> list[str]:
    """All that cannot work of it, as a run is told."""
    known = hostvars(**three(**hosts))
    within = {"lvs_virtual_services": [*(services or at_once())]}
    found = plans.PLANS["problems"](asked("d1", known, within, THREE))
    return [each["message"] for each in found]


def announced(last: int = 1, **changed: Any) -> dict[str, Any]:
    """A director of which the announcing is another one."""
    return one_of_three(last, lvs_announce={**ANNOUNCE, **changed})


def test_nothing_is_wrong() -> None:
    """With a hash on all, and nothing that they tell each other; nor with lo by name."""
    assert sentences() == []
    assert sentences(d1=one_of_three(1, director_vip_interface="lo")) == []


def test_nobody_announces() -> None:
    """Nothing is said of it, whatever the cluster is."""
    found, _problems = read_cluster()
    assert list(announce.announce_problems(found)) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"d2": {"lvs_announce": None}},
            "host d2: lvs_announce is not given, and d1 has it, with the same virtual addresses;"
            " give it to all directors, or to none.",
        ),
        (
            {"d1": one_of_three(1, director_vip_interface="eth1")},
            "host d1: director_vip_interface 'eth1' is not lo, and lvs_announce announces what is"
            " there; leave it out.",
        ),
        (
            {"d1": one_of_three(1, director_vip_prefix=24)},
            "host d1: director_vip_prefix 24 is not that of a single host, which is all that"
            " lvs_announce announces; leave it out.",
        ),
        (
            {"d1": one_of_three(1, director_vip_prefix6=64)},
            "host d1: director_vip_prefix6 64 is not that of a single host",
        ),
        (
            {
                "d1": one_of_three(
                    1,
                    __preflight_host=host_info(
                        eth1=["192.168.137.1/24", "fd00:137::1/64"], eth2=[f"{ANNOUNCED}/32"]
                    ),
                )
            },
            f"host d1: {ANNOUNCED}/32 is on eth2, and lvs_announce announces what is on lo; take it"
            " away there first.",
        ),
        (
            {"d1": announced(peers=[ROUTER])},
            "host d1: lvs_announce.peers has no IPv6 address, and nobody is told of fd00:10::100;"
            " give the routers by their IPv6 addresses, too.",
        ),
        (
            {"d1": announced(peers=[{**ROUTER, "address": "203.0.113.1"}, ROUTER6])},
            "host d1: lvs_announce.peers.address '203.0.113.1' is on no link of it"
            " (192.168.137.0/24, fd00:137::/64); give one that is, or multihop, the number of",
        ),
        (
            {"d1": announced(peers=[{**ROUTER, "address": "192.168.137.1"}, ROUTER6])},
            "host d1: lvs_announce.peers.address '192.168.137.1' is d1 itself; give the router's.",
        ),
        (
            {"d1": announced(peers=[{**ROUTER, "address": ANNOUNCED}, ROUTER6])},
            f"lvs_announce.peers.address '{ANNOUNCED}' is a virtual address; give the router's own",
        ),
    ],
)
def test_hosts_and_routers(changed: dict[str, Any], told: str) -> None:
    """Each by one sentence."""
    (problem,) = problems(**changed)
    assert told in str(problem)


def test_a_router_that_is_far_away() -> None:
    """By multihop it is spoken to from an address of the host's own, which has to be there."""
    far = {"address": "2001:db8::1", "asn": 65000, "multihop": 2}
    assert problems(d1=announced(peers=[ROUTER, far])) == []
    only4 = host_info(eth1=["192.168.137.1/24"])
    host = {**announced(peers=[ROUTER, far]), "__preflight_host": only4}
    (problem,) = problems(d1=host)
    assert "is to be spoken to from an IPv6 address of the host's own; give it one" in str(problem)


def test_nat() -> None:
    """Answers would have to come back by the director that knows the connection."""
    (problem,) = problems(service(address=ANNOUNCED, **{**HASHED, "forward": "nat"}))
    assert problem[:3] == ("real server rs1 of service web", "forward", "nat")
    assert problem.advice == "use dr or tun"


def test_a_mark_without_addresses() -> None:
    """There is nothing to announce."""
    servers = [{"address": "192.168.137.131"}]
    marked = {"fwmark": 7, "address": None, "port": None, "real_servers": servers}
    (problem,) = problems(service(**HASHED, **marked))
    assert problem[:2] == ("service web", "addresses")


def test_settings() -> None:
    """By themselves they are right; where daemons tell connections once only, that is refused."""
    hears = {f"d{n}": one_of_three(n, director_sync_daemons=DAEMONS) for n in (1, 2, 3)}
    never = {"director_ipvs_sysctls": {"sync_refresh_period": 0}}
    assert sentences(**{**hears, "d1": one_of_three(1, **never)}) == []
    silent = one_of_three(1, director_sync_daemons=DAEMONS, **never)
    (told,) = sentences(**{**hears, "d1": silent})
    assert told.startswith("host d1: director_ipvs_sysctls.sync_refresh_period 0 has connections")


class TestWhoKnowsWhat:
    """Each director sends a connection on to the server that it has."""

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"scheduler": "rr", "scheduler_flags": []}, "scheduler 'rr'"),
            ({"scheduler_flags": ["mh-fallback"]}, "scheduler 'mh'"),
            ({"scheduler_flags": ["mh-port"]}, "scheduler 'mh'"),
            ({"scheduler": "sh", "scheduler_flags": ["sh-port"]}, "scheduler 'sh'"),
            ({"persistent_timeout": 300}, "persistent_timeout 300"),
        ],
    )
    def test_what_is_not_worked_out(self, changed: dict[str, Any], field: str) -> None:
        """It is refused, unless every director runs both daemons."""
        web = service(address=ANNOUNCED, **{**HASHED, **changed})
        (told,) = sentences(web)
        assert told.startswith(f"service web: {field} gives connections that come by another")
        hears = {f"d{n}": one_of_three(n, director_sync_daemons=DAEMONS) for n in (1, 2, 3)}
        assert sentences(web, **hears) == []
        hears["d2"] = one_of_three(2, director_sync_daemons=DAEMONS[:1])
        (told,) = sentences(web, **hears)
        assert "and d2 neither tells" in told

    def test_what_is(self) -> None:
        """Or has no connection at all."""
        sh = {"scheduler": "sh", "scheduler_flags": ["sh-port", "sh-fallback"]}
        dns = {"protocol": "udp", "one_packet": True, "scheduler": "rr", "scheduler_flags": []}
        assert sentences(service(address=ANNOUNCED, **{**HASHED, **sh})) == []
        assert sentences(service(address=ANNOUNCED, **{**HASHED, **dns})) == []

    def test_daemons_that_do_not_hear_each_other(self) -> None:
        """As of directors by VRRP."""
        hears = {f"d{n}": one_of_three(n, director_sync_daemons=DAEMONS) for n in (1, 2, 3)}
        other = [{**daemon, "sync_id": 7} for daemon in DAEMONS]
        hears["d2"] = one_of_three(2, director_sync_daemons=other)
        told = sentences(**hears)
        assert len(told) == 4
        assert all("director_sync_daemons.sync_id" in each for each in told)


def test_vrrp() -> None:
    """Nobody gives the same addresses by VRRP: neither the role, nor a configuration of others."""
    checked = {"director_manager": "keepalived"}
    hosts = {f"d{n}": one_of_three(n, **checked) for n in (1, 2, 3)}
    assert sentences(**hosts) == []
    for name, value in (("advert_int", 0.1), ("interface", "eth1"), ("unicast", True)):
        own: dict[str, Any] = {**checked, f"keepalived_{name}": value}
        (told,) = sentences(**{**hosts, "d1": one_of_three(1, **own)})
        assert told.startswith(f"host d1: keepalived_{name} ")
        assert "is for VRRP, which would give the addresses that lvs_announce announces" in told
    used = {
        "units": {"keepalived.service": {"ActiveState": "active"}},
        "names": ["vrrp_instance VI_1", "interface eth1", "virtual_router_id 51", ANNOUNCED6],
    }
    own = {**one_of_three(1)["__preflight_host"], **used}
    (told,) = sentences(**{**hosts, "d1": one_of_three(1, **checked, __preflight_host=own)})
    assert f"its keepalived.conf has {ANNOUNCED6} in vrrp_instance VI_1 already" in told


def test_a_command_of_ldirectord() -> None:
    """It has one for what announcing needs."""
    checked = {"director_manager": "ldirectord"}
    hosts = {f"d{n}": one_of_three(n, **checked) for n in (1, 2, 3)}
    assert sentences(**hosts) == []
    own = {**checked, "ldirectord_fallback_command": "/bin/tell"}
    (told,) = sentences(**{**hosts, "d1": one_of_three(1, **own)})
    assert told.startswith("host d1: ldirectord_fallback_command '/bin/tell' would not be run: ")


def test_an_address_on_lo_answers_no_arp() -> None:
    """A router is told of it, and asks nobody."""
    own = {**one_of_three(1)["__preflight_host"], "arp_ignoring": ["all"]}
    assert sentences(d1=one_of_three(1, __preflight_host=own)) == []


def test_no_password_is_told() -> None:
    """Whatever else is wrong."""
    peers = [{**ROUTER, "asn": 0}, {**ROUTER, "multihop": "x"}, ROUTER]
    told = sentences(d1=announced(peers=peers))
    assert len(told) == 2
    assert "of a test" not in str(told)
    assert announcing().hosts["d1"].announce is not None
