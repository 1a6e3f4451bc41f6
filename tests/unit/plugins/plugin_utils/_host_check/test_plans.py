# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook check_host asks for, host by host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._asked import Asked
from ansible_collections.lvs.cluster.plugins.plugin_utils._host_check.plans import PLANS
from described import GROUPS, hostvars, service

DEBIAN = {"os_family": "Debian", "distribution": "Debian", "distribution_version": "13"}
ROCKY = {"os_family": "RedHat", "distribution": "Rocky", "distribution_version": "9.6"}
ALL = {**GROUPS, "databases": ["db"], "web_servers": ["rs1"], "nfs_servers": ["nas"]}
SH = service(scheduler="sh", real_servers=[{"host": "rs1"}])


def asked(host: str, facts: dict[str, Any] | None = None, **own: Any) -> Asked:
    """Someone who asks for a host of the inventory, or one beside it."""
    hosts = hostvars()
    known = {
        "lvs_virtual_services": [SH],
        **hosts.get(host, {}),
        "ansible_facts": DEBIAN if facts is None else facts,
        **own,
    }
    hosts[host] = known

    def variable(name: str, default: Any) -> Any:
        return known.get(name, default)

    options = own.get("options", {})
    return Asked(host, hosts, ALL, variable, options, known)


def needs(host: str, facts: dict[str, Any] | None = None, **own: Any) -> dict[str, Any]:
    """What it is told."""
    found: dict[str, Any] = PLANS["host_needs"](asked(host, facts, **own))
    return found


@pytest.mark.parametrize(
    ("host", "own", "roles"),
    [
        ("director", {}, ["director"]),
        ("director", {"director_manager": "keepalived"}, ["director", "keepalived"]),
        ("director", {"lvs_announce": {"asn": 1}}, ["director", "bird"]),
        ("rs1", {}, ["nat_real_server", "lamp_web", "php_app"]),
        ("rs2", {}, ["nat_real_server", "dr_real_server", "tun_real_server"]),
        ("db", {}, ["lamp_db"]),
        ("nas", {}, ["nfs_server"]),
        (
            "another",
            {},
            ["director", "nat_real_server", "dr_real_server", "tun_real_server"],
        ),
        ("rs1", {"lvs_check_roles": "keepalived,director"}, ["keepalived", "director"]),
        ("rs1", {"lvs_check_roles": ["nfs_client"]}, ["nfs_client"]),
        ("director", {"lvs_virtual_services": [{"name": "bad"}]}, ["director"]),
    ],
)
def test_roles(host: str, own: dict[str, Any], roles: Sequence[str]) -> None:
    """By the host's groups and variables, or those that are asked for."""
    told = needs(host, **own)
    assert (told["problems"], told["roles"]) == ([], [*roles])


def test_what_is_asked() -> None:
    """By the description, the variables, and the distribution."""
    ask = needs("director", director_manager="ldirectord")["ask"]
    assert "ip_vs_sh" in ask["kernel_modules"]
    assert "ldirectord" in ask["packages"]
    https = [{**SH, "check": {"type": "https"}}]
    ask = needs("director", director_manager="ldirectord", lvs_virtual_services=https)["ask"]
    assert "liblwp-protocol-https-perl" in ask["packages"]
    ask = needs("rs1", ROCKY, lamp_web_php_extensions=["mysql"])["ask"]
    assert {"httpd", "php-fpm", "php-mysqlnd"} <= set(ask["packages"])
    assert ask["booleans"] == []
    enforced = {**ROCKY, "selinux": {"status": "enabled"}}
    ask = needs("director", enforced, director_manager="keepalived")["ask"]
    assert ask["booleans"] == ["keepalived_connect_any"]
    assert "python3-libsemanage" in ask["packages"]


@pytest.mark.parametrize(
    ("facts", "own", "told"),
    [
        ({"os_family": "Suse", "distribution": "SLES"}, {}, "host rs1: it runs SLES, whose pack"),
        (
            DEBIAN,
            {"lvs_check_roles": "directr"},
            "lvs_check_roles 'directr' is not known; use one of director",
        ),
        (DEBIAN, {"lvs_groups": 5}, "lvs_groups"),
    ],
)
def test_what_is_refused(facts: dict[str, Any], own: dict[str, Any], told: str) -> None:
    """Before the host is asked for anything."""
    found = needs("rs1", facts, **own)
    assert "ask" not in found
    assert told in found["problems"][0]["message"]


def answer(**differs: Any) -> dict[str, Any]:
    """A host that has all of what a director needs."""
    have = ["ipvsadm", "nftables", "python3-pyroute2"]
    return {
        "packages": {"installed": have, "installable": [], "manager": "apt", "trouble": ""},
        "units": {},
        "kernel_modules": {"release": "6.12", "listed": True, "missing": []},
        "missing_booleans": [],
        "directories": {},
        "python": {"executable": "python3", "version": [3, 13, 5], "pyroute2": "0.7.7"},
        "uid": 0,
        **differs,
    }


def lacks(facts: dict[str, Any], roles: str, **differs: Any) -> dict[str, Any]:
    """What it is told of its answer."""
    options = {"answer": answer(**differs)}
    given = asked("director", facts, lvs_check_roles=roles, options=options)
    found: dict[str, Any] = PLANS["host_lacks"](given)
    return found


def test_what_a_host_lacks() -> None:
    """As data with a sentence, beside what there is."""
    assert lacks(DEBIAN, "director")["problems"] == []
    found = lacks(DEBIAN, "director", uid=1000)
    (problem,) = found["problems"]
    assert problem["message"].startswith("host director: its tasks run as uid 1000")
    assert found["lines"][:2] == [
        "host director: for director",
        "Debian 13, Python 3.13.5, kernel 6.12",
    ]


def test_role_that_cannot_be_there() -> None:
    """It is told beside the package that is missing, which no repository would help."""
    told = [problem["message"] for problem in lacks(ROCKY, "ldirectord")["problems"]]
    assert "use keepalived, or install a package ldirectord of your own before" in told[0]
    assert "package ldirectord, for the role ldirectord, is not installed" in told[1]
