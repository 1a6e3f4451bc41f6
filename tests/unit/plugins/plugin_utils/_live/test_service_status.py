# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a service is served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.drained import drain, parse_line
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.service_status import ServiceStatus
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.status import (
    Answer,
    cluster_status,
)
from described import (
    ANNOUNCED,
    FLOATING,
    HASHED,
    TOLD,
    VIP,
    announcing,
    cluster,
    hostvars,
    one_of_three,
    pair,
    service,
)
from observed import AT, DEAD, NOW, Table, changed, director, pair_seen, real_server, seen, table


def of_nat(
    change: Callable[[Table], object] = lambda live: None,
    described: Cluster | None = None,
    **others: Answer,
) -> ServiceStatus:
    """The service of inventory nat, something in its table changed."""
    found = described or cluster()
    (one,) = seen(found, director=changed(found, change), **others).services
    return one


def weigh(*weights: int) -> Callable[[Table], object]:
    """Give the real servers of the first service other weights."""

    def change(live: Table) -> None:
        for server, weight in zip(live[0]["real_servers"], weights):
            server["weight"] = weight

    return change


class TestStatic:
    """The director owns the table: nobody looks whether real servers answer."""

    def test_good(self) -> None:
        one = of_nat()
        assert (one.state, one.why, one.up, one.total) == ("good", "", 2, 2)
        assert [server.word for server in one.servers] == ["in the table"] * 2
        assert (one.served_by, one.at, one.checked) == (("director",), AT, False)
        assert (one.weight, one.weight_wanted, one.quorum) == (2, 2, None)
        assert one.endpoints == (f"tcp {VIP}:80",)
        assert one.totals is not None
        assert one.rates is not None
        assert one.totals["active_connections"] == 4
        assert one.rates["connections_per_second"] == 2

    def test_nobody_is_up_who_did_not_answer(self) -> None:
        """The table says of a dead server what it says of one that lives."""
        one = of_nat(rs2=DEAD)
        assert [server.word for server in one.servers] == ["in the table", "not known"]
        assert (one.state, one.servers[1].state) == ("unknown", "unknown")
        assert one.why == "nobody knows whether rs2 answers"
        assert (one.up, one.unknown) == (1, 1)
        none = of_nat(rs1=DEAD, rs2=DEAD)
        assert (none.state, none.up, none.unknown) == ("unknown", 0, 2)

    def test_server_that_is_no_host(self) -> None:
        """Nobody asks it."""
        found = cluster(service(real_servers=[{"host": "rs1"}, {"address": "192.168.137.7"}]))
        assert [server.word for server in of_nat(described=found).servers] == [
            "in the table",
            "not known",
        ]

    def test_not_in_the_table(self) -> None:
        one = of_nat(lambda live: live.clear())
        assert (one.state, one.why) == ("bad", "it is not in the table of director")
        assert one.weight is None

    def test_without_its_address(self) -> None:
        """Clients come to nobody."""
        told: dict[str, Any] = {"interfaces": []}
        one = seen(director=director(told, table(cluster()))).services[0]
        assert (one.state, one.why) == ("bad", "director has not its address")
        assert one.served_by == ()

    @pytest.mark.parametrize(
        ("weights", "state", "why"),
        [
            ((0, 0), "bad", "no real server takes new clients"),
            ((1, 0), "warning", "rs2 is down"),
            ((3, 1), "warning", "a table is not as it is described"),
        ],
    )
    def test_weights(self, weights: tuple[int, int], state: str, why: str) -> None:
        one = of_nat(weigh(*weights))
        assert (one.state, one.why) == (state, why)
        assert one.weight == sum(weights)

    def test_weight_0_that_is_described(self) -> None:
        """That one is not down."""
        found = cluster(service(real_servers=[{"host": "rs1"}, {"host": "rs2", "weight": 0}]))
        one = of_nat(described=found)
        assert one.state == "good"
        assert one.servers[1].word == "weight 0"

    @pytest.mark.parametrize(("state", "word"), [("drained", "drained"), ("cut", "cut")])
    def test_drained(self, state: str, word: str) -> None:
        """Somebody wants it so: the service is good, and it is said."""
        line = parse_line("director", f"rs1 {state} 2026-11-28T05:00:00Z")
        one = of_nat(described=drain(cluster(), [line]))
        assert (one.state, one.up, one.drained) == ("good", 1, 1)
        assert one.servers[0].word == word
        assert one.servers[0].drained_since == "2026-11-28T05:00:00Z"
        assert one.servers[0].weight_wanted == 1


class TestShares:
    """Of all connections, beside what the scheduler promises."""

    def shares(self, **described: Any) -> list[tuple[float | None, float | None]]:
        """The shares of the real servers, where the first has had three times as many clients."""

        def change(live: Table) -> None:
            live[0]["real_servers"][0]["stats"]["connections"] = 30

        one = of_nat(change, cluster(service(**described)))
        return [(server.share, server.promised) for server in one.servers]

    def test_round_robin(self) -> None:
        assert self.shares() == [(75.0, 50.0), (25.0, 50.0)]

    def test_by_weight(self) -> None:
        servers = [{"host": "rs1", "weight": 2}, {"host": "rs2", "weight": 6}]
        found = self.shares(scheduler="wrr", real_servers=servers)
        assert found == [(75.0, 25.0), (25.0, 75.0)]

    @pytest.mark.parametrize("described", [{"scheduler": "lc"}, {"persistent_timeout": 60}])
    def test_nothing_is_promised(self, described: dict[str, Any]) -> None:
        assert self.shares(**described) == [(75.0, None), (25.0, None)]

    def test_no_client_yet(self) -> None:
        found = cluster()
        told = director(hostvars()["director"][TOLD], table(found, connections=0))
        (one,) = seen(found, director=told).services
        assert [server.share for server in one.servers] == [None, None]


class TestTwoDirectors:
    """keepalived checks, and one of two directors has the address."""

    def test_good(self) -> None:
        (one,) = pair_seen("director").services
        assert (one.state, one.served_by, one.checked) == ("good", ("director",), True)
        assert [server.word for server in one.servers] == ["up", "up"]
        assert one.totals is not None
        assert one.totals["active_connections"] == 4

    def test_real_server_that_does_not_answer_the_controller(self) -> None:
        """The check says that it answers clients."""
        assert pair_seen("director", rs1=DEAD).services[0].state == "good"

    def test_down(self) -> None:
        found = pair(service(address=FLOATING))
        live = table(found)
        live[0]["real_servers"].pop()
        told = {"interfaces": [{"name": "eth1", "addresses": [f"{FLOATING}/24"]}]}
        (one,) = pair_seen("spare", described=found, spare=director(told, live)).services
        assert (one.state, one.why) == ("warning", "rs2 is down")
        assert one.servers[1].weights == {"spare": None}
        assert one.differs == {}

    def test_master_is_dead(self) -> None:
        """Whether it serves is not known; the other does not."""
        (one,) = pair_seen(director=DEAD).services
        assert one.state == "unknown"
        assert one.why == "spare has not its address, and nothing is known of the table of director"
        assert one.silent == ("director",)
        (taken,) = pair_seen("spare", director=DEAD).services
        assert (taken.state, taken.served_by) == ("good", ("spare",))

    def test_nobody_answers(self) -> None:
        (one,) = pair_seen(director=DEAD, spare=DEAD).services
        assert (one.state, one.why) == (
            "unknown",
            "nothing is known of the table of director and spare",
        )
        assert [server.state for server in one.servers] == ["unknown"] * 2
        assert (one.rates, one.totals, one.weight, one.at) == (None, None, None, "")

    def test_nobody_serves(self) -> None:
        (one,) = pair_seen().services
        assert (one.state, one.why) == ("bad", "director and spare have not its address")

    def test_both_have_the_address(self) -> None:
        """Clients get to the one or the other."""
        (one,) = pair_seen("director", "spare").services
        assert one.state == "bad"
        assert one.why == "director and spare have its address, all at once"

    def test_sorry_server(self) -> None:
        """Clients are told that nobody is there."""
        sorry = {"sorry_server": {"address": "127.0.0.1"}}
        found = pair(service(address=FLOATING, **sorry))
        live = table(found)
        (one,) = pair_seen("director", described=found).services
        assert (one.sorry_server, one.sorry_in_use) == ("127.0.0.1", False)
        live[0]["real_servers"] = [
            {"address": "127.0.0.1", "port": 80, "forward": "dr", "weight": 1}
        ]
        told = {"interfaces": [{"name": "eth1", "addresses": [f"{FLOATING}/24"]}]}
        (one,) = pair_seen("director", described=found, director=director(told, live)).services
        assert (one.state, one.sorry_in_use) == ("bad", True)
        assert one.why == "the sorry server answers, and no real server"

    def test_quorum(self) -> None:
        """keepalived takes all servers out that are left."""
        found = pair(service(address=FLOATING, check={"type": "connect", "quorum": 2}))
        live = table(found)
        live[0]["real_servers"].pop()
        told = {"interfaces": [{"name": "eth1", "addresses": [f"{FLOATING}/24"]}]}
        (one,) = pair_seen("director", described=found, director=director(told, live)).services
        assert one.quorum == 2
        assert (one.state, one.why) == ("bad", "weight 1 is below the quorum of 2")


def test_endpoints_of_a_mark() -> None:
    """All that clients may ask for."""
    found = cluster(
        service(address=None, port=None, fwmark=10, addresses=[VIP], ports=[80, "1000-2000"])
    )
    (one,) = seen(found).services
    assert one.endpoints == ("fwmark 10 (ipv4)", f"tcp {VIP}:80", f"tcp {VIP}:1000-2000")
    persistent = service(port=0, persistent_timeout=60)
    assert seen(cluster(persistent)).services[0].endpoints == (f"tcp {VIP}, all ports",)


def test_many_are_not_all_named() -> None:
    """Three, and how many more."""
    servers = [{"address": f"192.168.137.{last}"} for last in range(1, 7)]
    found = cluster(service(real_servers=servers))
    one = of_nat(described=found, rs1=real_server({"interfaces": []}))
    assert one.why == "no real server of it is known to answer"
    servers.append({"host": "rs1"})
    one = of_nat(described=cluster(service(real_servers=servers)))
    assert one.why == (
        "nobody knows whether 192.168.137.1, 192.168.137.2, 192.168.137.3 and 3 more answers"
    )


def test_directors_that_serve_at_once() -> None:
    """Each has the address at all times, whoever owns the table: that is as it is to be."""
    hosts = {f"d{n}": one_of_three(n, director_manager="keepalived") for n in (1, 2, 3)}
    found = announcing(service(address=ANNOUNCED, **HASHED), **hosts)
    links = [{"name": "lo", "mtu": 65536, "addresses": [f"{ANNOUNCED}/32"]}]
    told = {"interfaces": links, "gateways": []}
    known = {name: director(told, table(found)) for name in found.directors}
    known |= {name: real_server(hostvars()[name][TOLD]) for name in ("rs1", "rs2")}
    clusters = dict.fromkeys(found.directors, found)
    (one,) = cluster_status(clusters, found, known, NOW, former={}).services
    assert (one.state, one.served_by) == ("good", ("d1", "d2", "d3"))
