# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others have made on a director is told by name, before a run takes it away."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._unit import host
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.plans import PLANS
from described import GROUPS, VIP, asked, host_info, hostvars, service

RS1, RS2 = "192.168.137.131", "192.168.137.130"
# Of the director's own network, which VRRP gives.
FLOATING = "192.168.0.100"
THEIRS = """
! Theirs
global_defs {
    router_id theirs
}
vrrp_instance VI_1 {
    state MASTER
    interface eth1
    virtual_router_id 77
    authentication {
        auth_type PASS
        auth_pass 1a2b:3c
    }
    virtual_ipaddress {
        192.168.0.200/24 dev eth1
        fd00::200
    }
}
virtual_server 192.168.0.200 80 {
    real_server 192.168.137.99 80 {
    }
}
virtual_server_group several {
    192.168.0.200 443
}
virtual_server group several {
}
virtual_server fwmark 5 {
}
virtual=192.168.0.200:80
\treal=192.168.137.99:80 gate
virtual6 = [fd00::200]:80
virtual=5   # a mark
"""


def shown(text: str) -> list[str]:
    """What a director tells of a configuration that has such a text."""
    with TemporaryDirectory() as root:
        path = Path(root) / "etc/keepalived/keepalived.conf"
        path.parent.mkdir(parents=True)
        path.write_text(text)
        return list(host.health_checkers(Path(root))["names"])


def told(director: dict[str, Any], *services: Any, **more: Any) -> list[tuple[str, str, str]]:
    """Return item, field and why of what is told of a director that was looked at."""
    hosts = hostvars(director={**hostvars()["director"], **director})
    given = {"lvs_virtual_services": list(services) or [service()], **more}
    found = PLANS["problems"](asked("director", hosts, given, GROUPS))
    return [(problem["item"], problem["field"], problem["why"]) for problem in found]


def table(*servers: tuple[str, int], **changed: Any) -> dict[str, Any]:
    """What the director was answered: a service of somebody else with these servers."""
    entry = {
        "protocol": "tcp",
        "virtual_address": VIP,
        "virtual_port": 80,
        **changed,
        "real_servers": [{"address": address, "port": port} for address, port in servers],
    }
    return {"__director_probed_table": {"services": [entry]}}


def test_real_servers_that_nobody_described() -> None:
    """They would be deleted: each is named, with its service."""
    found = told(table((RS1, 80), ("192.168.137.8", 80), ("192.168.137.9", 8080)))
    (problem,) = found
    assert problem[:2] == ("service web", "real_servers")
    assert problem[2].startswith("has not 192.168.137.8:80 and 192.168.137.9:8080, to which direct")


@pytest.mark.parametrize(
    "director",
    [
        table((RS1, 80), (RS2, 80)),
        table(("192.168.137.8", 80), virtual_port=81),
        {**table(("192.168.137.8", 80)), "director_take_over": True},
        {**table(("192.168.137.8", 80)), "__preflight_host": {"services": [f"-t {VIP}:80"]}},
        {"__director_probed_table": {"skipped": True}},
    ],
    ids=["described", "another service", "taken over", "ours already", "not asked"],
)
def test_real_servers_that_may_go(director: dict[str, Any]) -> None:
    """Or that stay."""
    assert told(director) == []


def test_real_servers_of_a_mark() -> None:
    """It has no address and no port."""
    mark = service(fwmark=10, address=None, port=None, addresses=[VIP])
    live = table(("192.168.137.8", 0), fwmark=10, family="ipv4")
    (problem,) = told(live, {k: v for k, v in mark.items() if v is not None})
    assert problem[:2] == ("service web", "real_servers")


def checker(name: str, text: str = THEIRS, **found: Any) -> dict[str, Any]:
    """What the director told where a health checker is to have the table; C(found) is more."""
    unused = {"ActiveState": "inactive", "UnitFileState": "disabled"}
    units = {"keepalived.service": unused, "ldirectord.service": unused}
    units[f"{name}.service"] = {**unused, "ActiveState": "active"}
    told = {"taken": [], "kept": False, "units": units, "names": shown(text)}
    return {"director_manager": name, "lvs_dip": "", "__preflight_host": {**told, **found}}


def by_dr(**changed: Any) -> dict[str, Any]:
    """A service that keepalived may have."""
    return service(forward="dr", **{"address": FLOATING, **changed})


def test_no_secret_is_read() -> None:
    """Only the names that are needed are printed of a configuration."""
    assert not any("1a2b" in line for line in shown(THEIRS))


def test_what_ldirectord_has_for_others() -> None:
    """It has one file, that would be replaced: what nobody described is named."""
    (problem,) = told(checker("ldirectord"), by_dr())
    assert problem[0] == "host director"
    assert "has 192.168.0.200:80, [fd00::200]:80 and 5, which would be in it no more" in problem[2]
    same = service(address="192.168.0.200", forward="dr")
    assert told(checker("ldirectord", "virtual=192.168.0.200:80\n"), same) == []


def test_what_keepalived_has_for_others_stays() -> None:
    """It goes on, beside what is ours."""
    assert told(checker("keepalived"), by_dr()) == []


@pytest.mark.parametrize(
    ("described", "field", "why"),
    [
        (
            [by_dr(address="192.168.0.200", port=80)],
            "",
            "its keepalived.conf has virtual_server 192.168.0.200:80 (service web) already",
        ),
        (
            [by_dr(address="192.168.0.200", port=443)],
            "",
            "its keepalived.conf has virtual_server 192.168.0.200:443 (service web) already",
        ),
        (
            [by_dr(address="192.168.0.200", port=81)],
            "",
            "its keepalived.conf has 192.168.0.200 in vrrp_instance VI_1 already",
        ),
    ],
)
def test_what_both_would_have(described: list[Any], field: str, why: str) -> None:
    """Neither would know of the other."""
    found = told(checker("keepalived"), *described)
    assert ("host director", field, why) in found


@pytest.mark.parametrize(
    "block",
    ["virtual_ipaddress { 192.168.0.200/24 dev eth1 }", "virtual_ipaddress {\n192.168.0.200/24 }"],
)
def test_an_address_that_goes_with_what_is_taken_over(block: str) -> None:
    """keepalived has given it with another prefix, and takes it away when it stops."""
    conf = f"vrrp_instance VI_1 {{\n    {block}\n}}\n"
    own = ["192.168.0.111/24", "192.168.0.200/24", "192.168.137.129/24"]
    links = host_info(eth1=own)
    same = by_dr(address="192.168.0.200")

    def with_names(text: str) -> list[tuple[str, str, str]]:
        return told({**checker("keepalived", text, **links), "director_take_over": True}, same)

    assert with_names(conf) == []
    (problem,) = with_names("")
    assert "192.168.0.200/24 is an address of its own" in problem[2]


def test_a_virtual_router_of_others() -> None:
    """Two on one link with the same number would take each other's advertisements."""
    (problem,) = told({**checker("keepalived"), "keepalived_virtual_router_id": 77}, by_dr())
    assert problem[:2] == ("host director", "keepalived_virtual_router_id")
    assert problem[2] == "is that of vrrp_instance VI_1 in keepalived.conf, on eth1 too"


@pytest.mark.parametrize("name", ["keepalived", "ldirectord"])
@pytest.mark.parametrize(
    "changed",
    [
        {"director_take_over": True},
        checker("", units={"keepalived.service": {"ActiveState": "inactive"}}),
        checker("", taken=["keepalived", "ldirectord"]),
    ],
    ids=["taken over", "not used", "ours already"],
)
def test_what_is_nobody_else_s(name: str, changed: dict[str, Any]) -> None:
    """It may be replaced."""
    same = by_dr(address="192.168.0.200")
    assert told({**checker(name), **changed, "director_manager": name}, same) == []


def test_what_goes_on_is_looked_at_every_time() -> None:
    """A description may come to what somebody else has."""
    director = checker("keepalived", taken=["keepalived"], kept=True)
    assert told(director, by_dr(address="192.168.0.200")) != []
