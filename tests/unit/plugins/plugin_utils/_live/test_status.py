# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as it is: who did not answer is not good, and nothing that follows from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.status import (
    Answer,
    cluster_status,
    questions,
    worst,
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
    pair,
    service,
)
from observed import AT, DEAD, NOW, answers, director, pair_seen, real_server, seen, table


def told(name: str) -> Any:
    """What a host of inventory nat tells."""
    return hostvars()[name][TOLD]


def test_good() -> None:
    """All answer, and all is as it is described."""
    found = seen()
    assert (found.state, found.at, found.cluster) == ("good", NOW, "")
    (one,) = found.directors
    assert (one.state, one.at, one.last, one.answered) == ("good", AT, AT, True)
    assert (one.serves, one.addresses) == (True, {VIP: True})
    assert one.totals is not None
    assert one.totals["active_connections"] == 4
    assert [(each.name, each.state, each.forwards) for each in found.real_servers] == [
        ("rs1", "good", ("nat",)),
        ("rs2", "good", ("nat",)),
    ]
    assert json.loads(json.dumps(found.as_result()))["format"] == 1


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (("good", "warning"), "warning"),
        (("good", "warning", "unknown"), "unknown"),
        (("unknown", "bad"), "bad"),
        ((), "good"),
    ],
)
def test_worst(states: tuple[str, ...], state: str) -> None:
    assert worst(states) == state


class TestDead:
    """Nothing is green that was not asked."""

    def test_all_are_dead(self) -> None:
        found = seen(director=DEAD, rs1=DEAD, rs2=DEAD).as_result()
        states = [found["state"]]
        for kind in ("services", "directors", "real_servers"):
            states += [one["state"] for one in found[kind]]
        states += [one["state"] for one in found["services"][0]["servers"]]
        assert states == ["unknown"] * 7

    def test_one_that_nobody_asked(self) -> None:
        (_rs1, rs2) = seen(rs2=Answer()).real_servers
        assert (rs2.state, rs2.errors) == ("unknown", ("it was not asked",))

    def test_since_when_nothing_is_known(self) -> None:
        """By the reports of before; the time is handed on as long as it does not answer."""
        (never,) = seen(director=DEAD).directors
        assert (never.answered, never.last, never.serves) == (False, "", None)
        assert never.errors == ("Failed to connect to the host via ssh: timed out",)
        before = seen().as_result()
        once = seen(former=before, director=replace(DEAD, at="2026-11-28T16:00:00Z"))
        assert (once.directors[0].last, once.directors[0].at) == (AT, "2026-11-28T16:00:00Z")
        again = seen(former=once.as_result(), director=DEAD)
        assert again.directors[0].last == AT
        assert seen(former=before, rs1=DEAD).real_servers[0].last == AT

    def test_one_who_answers_and_cannot_tell(self) -> None:
        """IPVS is not there, or a module has failed."""
        failed = Answer(AT, told("director"), {"msg": "this kernel has no IPVS"})
        (one,) = seen(director=failed).directors
        assert (one.state, one.answered) == ("unknown", True)
        assert one.errors == ("this kernel has no IPVS",)
        assert seen(director=failed).services[0].state == "unknown"
        broken = Answer(AT, told("rs1"), units=[{"msg": "lvs-unit: give failed"}])
        assert seen(rs1=broken).real_servers[0].state == "unknown"


class OfAnsible(dict[str, Any]):
    """A dictionary as Ansible has them: nobody else makes one."""

    def __init__(self, *given: Any) -> None:
        """Refuse what L(dataclasses.asdict) does with it."""
        if given and not isinstance(given[0], Mapping):
            raise TypeError("Direct construction is not supported.")
        super().__init__(*given)


def test_as_a_machine_reads_it() -> None:
    """What Ansible has handed in is plain data in it."""
    daemon = {"role": "master", "interface": "eth1", "sync_id": 51}
    answer = director(hostvars()["director"][TOLD], table(cluster()))
    answer = replace(answer, table=OfAnsible({**answer.table, "daemons": [OfAnsible(daemon)]}))
    (found,) = seen(director=answer).as_result()["directors"]
    assert [*found["daemons"]] == [daemon]
    assert type(found["daemons"][0]) is dict


class TestSince:
    """Since when it is seen so: the time of the first report of those that saw the same."""

    def test_it_goes_on(self) -> None:
        before = seen().as_result()
        before["directors"][0]["since"] = "2026-11-01T00:00:00Z"
        assert seen(former=before).directors[0].since == "2026-11-01T00:00:00Z"

    def test_it_is_another_now(self) -> None:
        before = seen().as_result()
        before["directors"][0].update(since="2026-11-01T00:00:00Z", serves=False)
        assert seen(former=before).directors[0].since == AT
        assert seen(former=before, director=DEAD).directors[0].since == AT


class TestDiffers:
    """What differs, on each host."""

    def test_director(self) -> None:
        live = table(cluster())
        live[0]["scheduler"] = "lc"
        live.append({**live[0], "virtual_port": 443, "real_servers": []})
        units = [{"changes": ["loaded director.nft"]}]
        (one,) = seen(director=director(told("director"), live, units=units)).directors
        assert one.state == "warning"
        assert one.differs == (
            "service web has scheduler lc in place of rr",
            "masquerading: the rules are not as they were written",
        )
        assert one.foreign == (f"tcp {VIP}:443",)

    def test_real_server(self) -> None:
        found = seen(rs1=real_server(told("rs1"), "added default via 192.168.137.129 dev eth1"))
        one = found.real_servers[0]
        assert one.state == found.state == "warning"
        assert one.differs == ("the default route is not by 192.168.137.129 on eth1",)

    def test_real_server_that_no_run_has_set_up(self) -> None:
        """And one of a service of no more than addresses has nothing to be set up."""
        bare = Answer(AT, {**told("rs1"), "owners": []})
        assert seen(rs1=bare).real_servers[0].differs == ("lvs-nat-real-server is not set up",)
        found = cluster(service(real_servers=[{"host": "rs2"}]))
        assert seen(found, rs1=bare).real_servers[0].state == "good"

    def test_health_checker_that_does_not_run(self) -> None:
        """It would not see who is down."""
        found = pair(service(address=FLOATING))
        stopped = director({"interfaces": []}, table(found))
        units = {"keepalived.service": {"ActiveState": "failed"}}
        stopped = replace(stopped, host={**stopped.host, "units": units})
        (_one, spare) = pair_seen("director", spare=stopped).directors
        assert spare.differs == ("keepalived.service is failed",)
        nowhere = replace(stopped, host={**stopped.host, "units": {}})
        assert pair_seen("director", spare=nowhere).directors[1].differs == (
            "keepalived.service is not there",
        )

    def test_half_of_the_addresses(self) -> None:
        """They go together."""
        links = [{"name": "eth1", "mtu": 1500, "addresses": [f"{FLOATING}/24"]}]
        half = director({"interfaces": links}, table(pair(service(address=FLOATING))))
        one = pair_seen("spare", director=half).directors[0]
        assert one.serves is False
        assert one.differs == ("it has some of the virtual addresses, and not 192.168.137.129",)

    def test_preflight(self) -> None:
        found = cluster()
        one = cluster_status(
            {"director": found}, found, answers(found), NOW, former={}, problems=["Cannot be."]
        )
        assert (one.state, one.problems) == ("warning", ("Cannot be.",))


def test_stands_by() -> None:
    """That is as it is to be."""
    found = pair_seen("director")
    assert [one.serves for one in found.directors] == [True, False]
    assert [one.state for one in found.directors] == ["good", "good"]
    assert found.state == "good"


def test_backends_are_named() -> None:
    """And not asked."""
    groups = {"directors": ["director"], "real_servers": ["rs1", "rs2"], "databases": ["db"]}
    found = cluster(groups=groups)
    assert seen(found).backends == {"databases": ("db",)}


def test_directors_with_descriptions_of_their_own() -> None:
    """Each has its services, and no more than these are missed."""
    groups = {"directors": ["director", "other"], "real_servers": ["rs1", "rs2"]}
    other = {"other": {TOLD: told("director")}}
    web = cluster(groups=groups, **other)
    mail = cluster(service(name="mail", port=25), groups=groups, **other)
    told_by = {**answers(web), "other": director(told("director"), table(mail))}
    found = cluster_status({"director": web, "other": mail}, web, told_by, NOW, former={})
    assert [(one.name, one.served_by) for one in found.services] == [
        ("web", ("director",)),
        ("mail", ("other",)),
    ]
    assert found.state == "good"


def test_an_order_of_its_own() -> None:
    """Where directors serve at once; one that stands by goes by what it has heard."""
    hashed = service(address=ANNOUNCED, **HASHED)
    at_once = announcing(hashed)
    told_by = {name: director(told("director"), table(at_once)) for name in at_once.directors}
    told_by["d2"].table["services"][0]["real_servers"].reverse()
    of_each = dict.fromkeys(at_once.directors, at_once)
    found = cluster_status(of_each, at_once, told_by, NOW, former={})
    sentence = "service web has its real servers in another order than on d1"
    assert [sentence in one.differs for one in found.directors] == [False, True, False]

    two = pair(service(address=FLOATING, scheduler="mh"))
    first, other = (director(told("director"), table(two)) for _name in two.directors)
    other.table["services"][0]["real_servers"].reverse()
    told_by = dict(zip(two.directors, (first, other)))
    found = cluster_status(dict.fromkeys(told_by, two), two, told_by, NOW, former={})
    assert not any("another order" in text for one in found.directors for text in one.differs)


def test_questions() -> None:
    """The units of a host, and of them what there is no other look at."""
    found = cluster(service(forward="dr"), lvs_cluster={"rs1": "shop"})
    (one,) = questions(found, "director")
    assert one["owner"] == "director"
    assert "table" not in one["give"]
    assert questions(found, "rs1") == [
        {"owner": "dr-real-server", "give": ["settings", "addresses"]}
    ]
    assert questions(found, "nobody") == []
