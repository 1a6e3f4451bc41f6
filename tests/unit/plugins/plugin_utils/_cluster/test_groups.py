# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The groups of the cluster, by the names that an inventory has for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._asked import Asked
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.groups import (
    group_problems,
    groups_of,
    read_groups,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.roles import (
    CLUSTER_GROUPS,
    GROUPS,
)

INVENTORY = {
    "all": ["printer", "d1", "d2", "r1", "c1"],
    "lb": ["d1", "d2"],
    "tag_role-web.1": ["r1"],
    "web_servers": ["r1"],
    "testers": ["c1"],
    "idle": [],
}
NAMES = {
    "directors": "lb",
    "real_servers": "tag_role-web.1",
    "web_servers": "",
    "clients": "testers",
}


def asked(
    own: Mapping[str, Any] | None = None,
    host: str = "d1",
    inventory: Mapping[str, list[str]] = INVENTORY,
    said: Mapping[str, Any] = MappingProxyType({}),
) -> Asked:
    """What a host asks, or a play where there is none; C(said) are the names that hosts have."""
    hostvars: dict[str, dict[str, Any]] = {name: {} for name in inventory.get("all", ())}
    for name, names in said.items():
        hostvars[name]["lvs_groups"] = names
    return Asked(host, hostvars, inventory, (own or {}).get, {})


def test_names_that_nobody_says() -> None:
    """They are those of the cluster, whether there are such groups or not."""
    found = groups_of(asked(inventory={"directors": ["d1"], "clients": ["c1"]}))
    assert found.hosts == {**dict.fromkeys(GROUPS, ()), "directors": ("d1",), "clients": ("c1",)}
    assert found.names == {name: name for name in GROUPS}


def test_names_of_the_inventory() -> None:
    """Each has its hosts; what has the name of a group of the cluster is not it any more."""
    found = groups_of(asked({"lvs_groups": NAMES}))
    assert found.hosts == {
        **dict.fromkeys(GROUPS, ()),
        "directors": ("d1", "d2"),
        "real_servers": ("r1",),
        "clients": ("c1",),
    }
    assert found.name("directors") == "lb"
    assert (found.names["web_servers"], found.name("web_servers")) == ("", "web_servers")


def test_one_group_as_two() -> None:
    """Real servers that are web servers, and say so; a director that is a real server."""
    given = {"directors": "lb", "real_servers": "lb", "web_servers": "web_servers"}
    found, problems = read_groups(given, INVENTORY)
    assert problems == []
    assert found.hosts["directors"] == found.hosts["real_servers"] == ("d1", "d2")
    assert found.hosts["web_servers"] == ("r1",)


def test_group_without_hosts() -> None:
    """A dynamic inventory may have none at the moment."""
    assert read_groups({"directors": "idle"}, INVENTORY)[1] == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("lb", "inventory: lvs_groups 'lb' is not a mapping; give directors, real_servers,"),
        (["lb"], "lvs_groups ['lb'] is not a mapping; give directors, real_servers,"),
        ({"director": "lb"}, "lvs_groups.director is not a field of it; use directors."),
        ({"directors": None}, "lvs_groups.directors is not given; give a group, '' for none."),
        ({"directors": ["lb"]}, "lvs_groups.directors ['lb'] is not text; "),
        ({"directors": 5}, "lvs_groups.directors 5 is not text; "),
        ({"directors": "lb "}, "lvs_groups.directors 'lb ' is not the name of one group; "),
        ({"directors": "lb:testers"}, "directors 'lb:testers' is not the name of one group; "),
        ({"directors": "lb,testers"}, "directors 'lb,testers' is not the name of one group; "),
        ({"directors": "!lb"}, "directors '!lb' is not the name of one group; "),
        ({"directors": "&lb"}, "directors '&lb' is not the name of one group; "),
        ({"directors": "l*"}, "directors 'l*' is not the name of one group; "),
        ({"directors": "lb[0]"}, "directors 'lb[0]' is not the name of one group; "),
        ({"directors": "~lb"}, "directors '~lb' is not the name of one group; "),
        ({"directors": "lb\nx"}, "has a character that is no part of a line (U+000A); "),
        ({"directors": "lbs"}, "directors 'lbs' is no group of the inventory; use lb."),
        ({"databases": "sql"}, "is no group of the inventory; give one that ansible-inventory -"),
        ({"clients": "d1"}, "lvs_groups.clients 'd1' is no group of the inventory; "),
        (
            {"real_servers": "web_servers"},
            "inventory: lvs_groups.real_servers 'web_servers' is what the group web_servers of the"
            " cluster is called, too; give lvs_groups.web_servers as well, '' for none.",
        ),
    ],
)
def test_what_is_refused(given: Any, told: str) -> None:
    """In one sentence, whoever asks, before any host is in a group."""
    (problem,) = read_groups(given, INVENTORY)[1]
    assert told in str(problem)
    (same,) = group_problems(asked({"lvs_groups": given}), CLUSTER_GROUPS)
    assert same == problem
    with pytest.raises(ModelError) as error:
        groups_of(asked({"lvs_groups": given}))
    assert str(error.value) == str(problem)


def test_all_at_once() -> None:
    """A sentence each."""
    given = {"directors": "lbs", "clients": "tester"}
    assert [problem.field for problem in read_groups(given, INVENTORY)[1]] == [
        "lvs_groups.directors",
        "lvs_groups.clients",
    ]


def test_who_says_so() -> None:
    """The host itself; for a play, what is given by -e, and else what the inventory has for all."""
    everywhere = dict.fromkeys(INVENTORY["all"], NAMES)
    assert groups_of(asked(host="", said=everywhere)).hosts["directors"] == ("d1", "d2")
    other = {"lvs_groups": {"directors": "testers"}}
    assert groups_of(asked(other, host="", said=everywhere)).hosts["directors"] == ("c1",)
    assert groups_of(asked(other, said=everywhere)).hosts["directors"] == ("c1",)
    assert groups_of(asked(host="", inventory={})).hosts["directors"] == ()
    # The first play of a run has no variables of hosts.
    first = Asked("", {}, INVENTORY, {}.get, {})  # type: ignore[arg-type]
    assert groups_of(first).hosts["directors"] == ()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"d1": NAMES}, f"host d1: lvs_groups {NAMES} is not that of printer; give it once, for"),
        (
            {"printer": {}},
            "host d1: lvs_groups is given for printer, and not here; give it once, f",
        ),
    ],
)
def test_hosts_that_say_otherwise(said: dict[str, Any], told: str) -> None:
    """Plays could not tell which to believe."""
    (problem,) = group_problems(asked({"lvs_groups": NAMES}, said=said), ())
    assert str(problem).startswith(told[:100])
    everywhere = dict.fromkeys(INVENTORY["all"], NAMES)
    assert group_problems(asked({"lvs_groups": NAMES}, said=everywhere), CLUSTER_GROUPS) == []


@pytest.mark.parametrize(
    ("given", "needed", "told"),
    [
        (
            None,
            CLUSTER_GROUPS,
            "inventory: none of the groups directors, real_servers, nfs_servers, nfs_clients,"
            " databases and web_servers has a host; put hosts into them, or say in lvs_groups what"
            " yours are called, and give the inventory by -i.",
        ),
        (
            {"directors": "idle", "databases": ""},
            ["directors", "databases"],
            "inventory: none of the groups idle and databases has a host; put hosts into them, or",
        ),
        (
            None,
            ["clients"],
            "inventory: the group clients has no host; put hosts into it, or say in lvs_groups what"
            " yours is called, and give the inventory by -i.",
        ),
    ],
)
def test_nobody(given: Any, needed: list[str], told: str) -> None:
    """By the names that the inventory has; else all plays would find no host."""
    inventory = {"all": ["printer"], "idle": []}
    (problem,) = group_problems(asked({"lvs_groups": given}, inventory=inventory), needed)
    assert str(problem).startswith(told)


def test_nobody_in_this_run() -> None:
    """What is to be done is done on hosts that --limit leaves out: the run would end well."""
    given = {"lvs_groups": NAMES, "ansible_play_hosts_all": ["r1"]}
    said = dict.fromkeys(INVENTORY["all"], NAMES)
    (problem,) = group_problems(asked(given, said=said), ["directors"])
    assert str(problem) == (
        "--limit leaves out all hosts of the group lb, and nothing would be done; give one that has"
        " them, or none."
    )
    assert group_problems(asked(given, said=said), CLUSTER_GROUPS) == []
    both = {**given, "ansible_play_hosts_all": ["r1", "d2"]}
    assert group_problems(asked(both, said=said), ["directors"]) == []


def test_somebody() -> None:
    """One host is enough; who needs nobody finds nothing wrong."""
    inventory = {"all": ["d1"], "directors": ["d1"]}
    assert group_problems(asked(inventory=inventory), CLUSTER_GROUPS) == []
    assert group_problems(asked(inventory={}), ()) == []
