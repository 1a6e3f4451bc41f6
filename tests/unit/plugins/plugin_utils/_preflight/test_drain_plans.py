# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbooks drain and undrain are told, and what they refuse."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.drain_plans import PLANS
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.director import ipvs_services
from described import GROUPS, VIP, asked, cluster, hostvars, service

NOW, LATER = "2026-11-28T05:00:00Z", "2026-11-28T06:00:00Z"
ALL = {**GROUPS, "all": ["client", "director", "rs1", "rs2"]}
WEB, MORE = service(), service(name="more", port=81)
FORCE = "set lvs_drain_force to true to do it all the same."


def hosts(*services: Any, lines: list[str] | None = None, **director: Any) -> dict[str, Any]:
    """The hosts of inventory nat, after a run of site."""
    told = {"services": ["-t 192.168.0.111:80"], "drained": lines or []}
    found = hostvars(director={"__preflight_host": told, **director})
    for own in found.values():
        own["lvs_virtual_services"] = list(services) or [WEB]
    return found


def plan(
    term: str = "drain",
    *services: Any,
    lines: list[str] | None = None,
    director: Mapping[str, Any] | None = None,
    **given: Any,
) -> dict[str, Any]:
    """What the director is told."""
    known = hosts(*services, lines=lines, **(director or {}))
    variables = {f"lvs_{name}": value for name, value in {"host": "rs1", **given}.items()}
    found: dict[str, Any] = PLANS[term](asked("director", known, variables, ALL, now=NOW))
    return found


def refused(*services: Any, **given: Any) -> list[str]:
    """The sentences by which a drain is refused."""
    return [one["message"] for one in plan("drain", *services, **given)["problems"]]


def live(*services: Any, **weights: int) -> dict[str, Any]:
    """The director's variables with its table, some weights of real servers changed."""
    table = copy.deepcopy(ipvs_services(cluster(*(services or (WEB,)))))
    names = {"192.168.137.131": "rs1", "192.168.137.130": "rs2"}
    for entry in table:
        entry["family"] = "ipv4"
        for server in entry["real_servers"]:
            server["weight"] = weights.get(names[server["address"]], server["weight"])
    return {"__drain_table": {"services": table}}


def test_drain() -> None:
    """All services of the server, by the time of the run."""
    found = plan("drain", WEB, MORE, director=live(WEB, MORE))
    assert found["problems"] == []
    assert found["lines"] == [f"rs1 drained {NOW}"]
    assert [one["virtual_port"] for one in found["services"]] == [80, 81]
    (server,) = found["services"][0]["real_servers"]
    assert (server["address"], server["port"], server["weight"]) == ("192.168.137.131", 80, 0)
    assert found["addresses"] == [VIP]
    assert (found["timeout"], found["inactive_timeout"]) == (600, 30)
    assert found["report"] == ["rs1 gets no new clients (services: web, more)."]


def test_one_service() -> None:
    """The others go on."""
    found = plan("drain", WEB, MORE, service="more", drain_timeout="60")
    assert found["lines"] == [f"rs1 drained {NOW} more"]
    assert [one["virtual_port"] for one in found["services"]] == [81]
    assert found["timeout"] == 60


def test_several_servers() -> None:
    """In a list, or with commas between."""
    three = service(real_servers=[{"host": "rs1"}, {"host": "rs2"}, {"address": "192.168.137.9"}])
    for given in ("rs1, 192.168.137.9", ["rs1", "192.168.137.9"]):
        found = plan("drain", three, host=given, drain_floor=30)
        assert found["problems"] == []
        assert found["lines"] == [f"192.168.137.9 drained {NOW}", f"rs1 drained {NOW}"]
        assert len(found["services"][0]["real_servers"]) == 2


def test_again() -> None:
    """It is not refused, and since when it is so stays: a run that broke off goes on."""
    before = [f"rs1 drained {NOW}"]
    found = plan("drain", lines=before, drain_floor=100)
    assert (found["problems"], found["lines"]) == ([], before)
    assert found["services"]
    assert found["report"] == [f"rs1 is drained since {NOW} already (services: web)."]


def test_undrain() -> None:
    """The line stays, for a director that is not there; it says for how long it was drained."""
    known = hosts(lines=["rs1 drained 2026-11-28T05:00:00Z"])
    given = asked("director", known, {"lvs_host": "rs1"}, ALL, now=LATER)
    found = PLANS["undrain"](given)
    assert found["problems"] == []
    assert found["lines"] == [f"rs1 undrained {LATER}"]
    assert found["services"][0]["real_servers"][0]["weight"] == 1
    assert found["report"] == [
        f"rs1 was drained since {NOW}, for 3600 seconds, and gets clients again (web)."
    ]
    again = plan("undrain", lines=found["lines"])
    assert again["lines"] == found["lines"]
    assert again["report"] == ["rs1 is not drained (services: web)."]
    assert plan("undrain")["lines"] == []


def test_undrain_of_one_service() -> None:
    """Of a server that is drained for all: the others stay as they are."""
    found = plan("undrain", WEB, MORE, lines=[f"rs1 drained {NOW}"], service="web")
    assert found["lines"] == [f"rs1 drained {NOW}", "rs1 undrained 2026-11-28T05:00:01Z web"]


def test_what_was_cut_comes_back_whole() -> None:
    """It is not in the table: all of it is told."""
    servers = [{"host": "rs1", "weight": 6, "upper_threshold": 9}, {"host": "rs2"}]
    found = plan("undrain", service(real_servers=servers), lines=[f"rs1 cut {NOW}"])
    (server,) = found["services"][0]["real_servers"]
    assert (server["weight"], server["upper_threshold"], server["forward"]) == (6, 9, "nat")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"host": None},
         "lvs_host is not given; give real servers: -e lvs_host=rs1, or -e lvs_host=rs1,rs2."),
        ({"host": "rs1,,rs2"},
         "lvs_host 'rs1,,rs2' has a name that is empty; give names with commas between."),
        ({"host": {"a": 1}},
         "lvs_host {'a': 1} is no list of real servers; give names with commas between."),
        ({"host": "rs9"},
         "lvs_host 'rs9' is neither a host of the inventory nor a real server of any service; use"
         " rs2."),
        ({"host": "client"},
         "lvs_host 'client' is no real server of any service; use one of rs1, rs2."),
        ({"service": "wep"},
         "lvs_service 'wep' is no service of the description; use web."),
        ({"drain_floor": 101},
         "lvs_drain_floor 101 is out of range; give one from 0 to 100."),
        ({"drain_force": "perhaps"},
         "lvs_drain_force 'perhaps' is not a boolean; use true or false."),
        ({"drain_timeout": "soon"},
         "lvs_drain_timeout 'soon' is not a whole number; give one from 0 to 2147483647."),
    ],
)  # fmt: skip
def test_arguments(given: dict[str, Any], message: str) -> None:
    """One sentence, before anything is done."""
    assert refused(**given) == [message]


def test_server_of_another_service() -> None:
    """It is one, but not of this."""
    other = service(name="more", port=81, real_servers=[{"host": "rs2"}])
    assert refused(WEB, other, service="more") == [
        "lvs_host 'rs1' is no real server of service more; use rs2."
    ]


def test_sorry_server() -> None:
    """There is nothing to drain: it takes clients where nobody else is left."""
    web = service(real_servers=[{"host": "rs1"}], sorry_server={"host": "rs2"})
    assert refused(web, host="rs2") == [
        "lvs_host 'rs2' is the sorry server of service web, which serves where nobody is left;"
        " use rs1."
    ]


def test_last_server() -> None:
    """Named with the service; and forced all the same."""
    told = [
        f"service web: nobody would be left for new clients without rs1, rs2; {BACK}, or {FORCE}"
    ]
    assert refused(host="rs1,rs2") == told
    assert refused(host="rs2", lines=[f"rs1 drained {NOW}"]) == [told[0].replace("rs1, rs2", "rs2")]
    assert refused(host="rs1,rs2", drain_force=True) == []
    assert refused(host="rs1,rs2", drain_force="true") == []


BACK = "bring another one back first"


def test_last_server_that_a_health_checker_left() -> None:
    """What the description promises does not help clients: the table counts."""
    told = refused(director=live(rs2=0))
    assert told == [
        "service web: nobody would be left for new clients without rs1, for rs2 would take none"
        f" either, as now in the table of director; {BACK}, or {FORCE}"
    ]
    gone = live()
    del gone["__drain_table"]["services"][0]["real_servers"][1]
    assert refused(director=gone) == told


def test_floor() -> None:
    """With the figures."""
    weighted = service(
        scheduler="wrr", real_servers=[{"host": "rs1", "weight": 6}, {"host": "rs2", "weight": 2}]
    )
    assert refused(weighted) == [
        "service web: lvs_drain_floor 50 is the percentage of its weight that has to be left, and"
        " without rs1 it would be 2 of 8, which is 25 %; drain less at a time, give a lower"
        f" lvs_drain_floor, or {FORCE}"
    ]
    assert refused(weighted, drain_floor=25) == []
    assert refused(weighted, host="rs2") == []
    assert refused(WEB) == []
    assert (
        "in the table of director"
        in refused(
            service(real_servers=[{"host": "rs1"}, {"host": "rs2", "weight": 3}]),
            director=live(rs2=1),
            drain_floor=50,
        )[0]
    )


@pytest.mark.parametrize(
    ("changed", "what", "advice"),
    [
        ({"scheduler": "mh"}, "about 50 % of new clients, those of rs1,", "add mh-fallback"),
        ({"scheduler": "sh", "scheduler_flags": ["sh-port"]},
         "about 50 % of new clients, those of rs1,", "add sh-fallback"),
        ({"scheduler": "dh"}, "all new clients of an address that rs1 serves", "use another"),
    ],
)  # fmt: skip
def test_schedulers_without_a_fallback(changed: dict[str, Any], what: str, advice: str) -> None:
    """What would happen, and how to switch the flag on."""
    (message,) = refused(service(**changed))
    assert f"goes on giving its clients to a server of weight 0: {what} would be refused" in message
    assert advice in message
    assert refused(service(**changed), drain_force=True) == []


def test_schedulers_with_a_fallback() -> None:
    """Nobody is refused."""
    for name in ("mh", "sh"):
        assert refused(service(scheduler=name, scheduler_flags=[f"{name}-fallback"])) == []


def test_quorum_of_keepalived() -> None:
    """By a quorum that is lost it takes out all servers, and cuts who was to be kept."""
    web = service(check={"quorum": 2})
    (message,) = refused(web, director={"director_manager": "keepalived"})
    assert message.startswith("service web: check.quorum 2 would be lost without rs1,")
    assert refused(web) == []


def test_director_that_is_left_out() -> None:
    """One that answers would go on; one that does not is told by the next run."""
    answers = [{"item": "spare", "drained": []}, {"item": "dead", "unreachable": True}]
    (message,) = refused(director={"__preflight_drained": {"results": answers}})
    assert message.startswith("host spare: it is a director that this run leaves out,") or (
        message.startswith("host spare: is a director that this run leaves out,")
    )
    found = refused(director={"__preflight_host": {"services": [], "drained": []}})
    assert "no run of lvs.cluster.site has made a director of it yet" in found[0]


# ---- the end -----------------------------------------------------------------------------------
def waited(ended: str, *, active: int = 0, serves: bool = True) -> dict[str, Any]:
    """The director's variables after the wait."""
    one = {
        "protocol": "tcp", "client_address": "192.168.0.109", "client_port": 4711,
        "virtual_address": VIP, "virtual_port": 80, "address": "192.168.137.131", "port": 80,
        "state": "ESTABLISHED",
    }  # fmt: skip
    server = {
        "service": f"tcp {VIP}:80", "real_server": "192.168.137.131:80",
        "active_connections": active, "inactive_connections": 3, "persistent_connections": 0,
        "open_connections": active,
    }  # fmt: skip
    return {
        "__drain_waited": {
            "ended": ended, "waited": 12.5, "closing": 0.0, "serves": serves, "servers": [server],
            "connections": [one] * active, "active_connections": active,
            "inactive_connections": 0, "persistent_connections": 0,
        }
    }  # fmt: skip


def test_empty() -> None:
    """Nothing more is done."""
    found = plan("drain_end", lines=[f"rs1 drained {NOW}"], director=waited("empty"))
    assert found == {
        "problems": [],
        "lines": [f"rs1 drained {NOW}"],
        "services": [],
        "report": ["director: no connection is left, after 12.5 seconds."],
    }


def test_elsewhere() -> None:
    """Another director serves."""
    end = waited("empty", serves=False)
    assert plan("drain_end", lines=[f"rs1 drained {NOW}"], director=end)["report"] == [
        "director does not serve these clients now; nothing was waited for there."
    ]


def of_two(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """What is left to do, after the waits of two directors."""
    known = hosts(lines=[f"rs1 drained {NOW}"], **first)
    known["spare"] = {**known["director"], **second}
    groups = {**ALL, "directors": ["director", "spare"]}
    given = asked("director", known, {"lvs_host": "rs1"}, groups, now=NOW)
    found: dict[str, Any] = PLANS["drain_end"](given)
    return found


def test_one_reboots_meanwhile() -> None:
    """The other one has waited, and that is said."""
    found = of_two(waited("unreachable"), waited("empty"))
    assert found["problems"] == []
    assert found["report"] == [
        "director did not answer at the end, and was not waited for.",
        "spare: no connection is left, after 12.5 seconds.",
    ]


@pytest.mark.parametrize(
    ("second", "who"),
    [
        (waited("unreachable"), "director, spare"),
        (waited(""), "director, spare"),
        (waited("empty", serves=False), "director"),
    ],
)
def test_nobody_has_seen_the_end(second: dict[str, Any], who: str) -> None:
    """All are gone, or the one that serves: then an end is not promised."""
    found = of_two(waited("unreachable"), second)
    (problem,) = found["problems"]
    assert problem["message"] == (
        f"host {who}: does not answer any more, and none that answers serves these clients:"
        " whether rs1 still has some is not known; run it again when directors serve; new clients"
        " get others meanwhile."
    )


def test_cut() -> None:
    """It goes out of the table, and is remembered so; who is cut is named."""
    end = waited("timeout", active=1)
    found = plan("drain_end", lines=[f"rs1 drained {NOW}"], director=end)
    assert found["lines"] == [f"rs1 drained {NOW}", "rs1 cut 2026-11-28T05:00:01Z web"]
    (server,) = found["services"][0]["real_servers"]
    assert (server["address"], server["port"]) == ("192.168.137.131", 80)
    assert found["report"] == [
        "director: not all connections had ended after 12.5 seconds. This was cut:",
        f"  192.168.0.109:4711 to tcp {VIP}:80, by 192.168.137.131:80, ESTABLISHED",
    ]


def test_only_what_is_open_is_cut() -> None:
    """Of two servers one has connections that are closing, which end by themselves."""
    end = waited("timeout", active=1)
    closing = {**end["__drain_waited"]["servers"][0], "active_connections": 0}
    closing |= {"open_connections": 0, "real_server": "192.168.137.130:80"}
    end["__drain_waited"]["servers"].append(closing)
    lines = [f"rs1 drained {NOW}", f"rs2 drained {NOW}"]
    found = plan("drain_end", lines=lines, director=end, host="rs1,rs2")
    assert [line for line in found["lines"] if " cut " in line] == [
        "rs1 cut 2026-11-28T05:00:01Z web"
    ]


def test_closing_is_not_cut() -> None:
    """It ends by itself."""
    end = waited("closing", active=1)
    found = plan("drain_end", lines=[f"rs1 drained {NOW}"], director=end)
    assert found["services"] == []
    assert found["report"] == [
        "director: after 12.5 seconds what is left is closing, and ends by itself: 0 inactive, 0"
        " persistent."
    ]


def test_last_server_is_not_cut() -> None:
    """A service without any would be none."""
    end = waited("timeout", active=1)
    alone = service(real_servers=[{"host": "rs1"}])
    found = plan("drain_end", alone, lines=[f"rs1 drained {NOW}"], director=end)
    assert found["services"] == []
    assert "it is the last real server, and stays" in found["report"][0]


def test_one_that_failed_is_not_said_to_be_left() -> None:
    """Nothing is known of it, and nothing is cut for it; the other is told as it is."""
    found = of_two(waited("empty"), waited("", active=1))
    assert found["services"] == []
    assert found["report"] == [
        "director: no connection is left, after 12.5 seconds.",
        "spare failed while it was waited for; what it still has is not known.",
    ]


def test_not_back() -> None:
    """What a health checker keeps out is told by server and service."""
    for table, told in (
        (live(), []),
        (live(rs1=0), ["rs1 gets no clients of service web yet."]),
    ):
        given = {"lvs_host": "rs1"}
        services = table["__drain_table"]["services"]
        found = PLANS["not_back"](asked("director", hosts(), given, ALL, live=services))
        assert found == told
