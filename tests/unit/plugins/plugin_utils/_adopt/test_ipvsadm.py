# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that ipvsadm has saved."""

from __future__ import annotations

from typing import Any

import pytest
from adopted import PORTS, READ, carried, case, expected, left_out, service, unaccounted
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.found import Names
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.ipvsadm import from_ipvsadm_save
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.description import read
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.groups import Groups
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.director import ipvs_rules

NAME = "4-ipvsadm-save.rules"


def of(*lines: str) -> dict[str, Any]:
    """What becomes of these lines."""
    return from_ipvsadm_save("\n".join(lines), Names(None, PORTS)).as_result()


class TestCase:
    """A director's table as it grew by hand."""

    def test_what_becomes_of_it(self) -> None:
        result = READ[NAME](case(NAME)).as_result()
        wanted = expected(NAME)
        assert result["variables"] == wanted["variables"]
        assert carried(result) == wanted["carried_over"]
        assert left_out(result) == wanted["left_out"] == {}
        assert [one["message"] for one in result["problems"]] == wanted["problems"]
        assert unaccounted(case(NAME), result, "#") == []

    def test_there_and_back(self) -> None:
        """What the description makes of it is the same table."""
        result = READ[NAME](case(NAME)).as_result()
        services = result["variables"]["lvs_virtual_services"]
        cluster, problems = read(services, {}, Groups({}))
        assert problems == []
        rules = ipvs_rules(cluster)
        again, _problems = read(
            of(*rules.splitlines())["variables"]["lvs_virtual_services"], {}, Groups({})
        )
        assert ipvs_rules(again) == rules


def test_numbers_as_the_controller_knows_them() -> None:
    """A port that nobody has said is that of the controller."""
    found = from_ipvsadm_save("-A -t 192.0.2.1:https -s rr", Names()).as_result()
    assert service(found)["port"] == 443


def test_a_line_that_is_no_rule() -> None:
    """It is left out, as is what hangs on it, and the others are read."""
    result = of(
        "-A -t 192.0.2.1:80 -s rr",
        "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w much",
        "-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m",
        "-A -t nobody:80 -s rr",
        "-A -t 192.0.2.2:80 -p 9 -M 300.0.0.0",
        "-a -t 192.0.2.2:80 -r 10.0.0.2:80 -m",
        'ipvsadm "',
        "iptables -F",
    )
    assert service(result)["real_servers"] == [{"address": "10.0.0.2"}]
    assert len(result["variables"]["lvs_virtual_services"]) == 1
    told = left_out(result)
    assert told.keys() == {2, 4, 5, 6, 7, 8}
    assert told[2] == ["weight much is not a whole number"]
    assert told[4] == ["nobody is no address, and no host of this name is known here"]
    assert told[6] == ["service tcp 192.0.2.2:80 is not there"]


def test_marks_of_checks() -> None:
    """The health checker makes them again, where the check says so."""
    result = of(
        "-A -t 192.0.2.1:80 -s rr",
        "-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g",
        "-A -f 1281440105 -s rr",
        "-a -f 1281440105 -r 10.0.0.2:0 -g -w 1",
    )
    assert len(result["variables"]["lvs_virtual_services"]) == 1
    told = ["is of a check with clients_way, which makes it by itself"]
    assert left_out(result) == {3: told, 4: told}


def test_timeouts_and_daemons() -> None:
    """A script may have them among its rules."""
    result = of(
        "ipvsadm --set 900 0 30",
        "ipvsadm --start-daemon backup --mcast-interface eth2 --syncid 9",
        "/sbin/ipvsadm --start-daemon master --what 1",
        "ipvsadm --set a b c",
    )
    assert result["variables"]["director_timeouts"] == {"tcp": 900, "udp": 30}
    assert result["variables"]["director_sync_daemons"] == [
        {"role": "backup", "interface": "eth2", "sync_id": 9}
    ]
    assert left_out(result) == {
        3: ["--what is no option of a daemon"],
        4: ["is not a whole number"],
    }


def test_the_port_by_direct_routing() -> None:
    """It is the service's, whatever a rule says, as for ipvsadm."""
    result = of("-A -t 192.0.2.1:80 -s rr", "-a -t 192.0.2.1:80 -r 10.0.0.1:81 -g")
    assert service(result)["real_servers"] == [{"address": "10.0.0.1"}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<html>\n", "line 1: '<html>' is no rule"),
        ("a\n\0", "line 2: is no text"),
        (3, "is no text"),
    ],
)
def test_bad_input(text: Any, told: str) -> None:
    """What has no rule at all is refused."""
    with pytest.raises(ModelError, match=told):
        from_ipvsadm_save(text, Names())


def test_nothing_is_no_error() -> None:
    """An empty table is a table."""
    assert of("# nothing")["variables"]["lvs_virtual_services"] == []
