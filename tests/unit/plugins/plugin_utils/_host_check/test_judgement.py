# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a host of each family that lacks something, by answers as such hosts give them.

The answers are made up by the names that each family has.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.names import names_of
from ansible_collections.lvs.cluster.plugins.plugin_utils._host_check.judgement import (
    Asked,
    lacks,
    notes,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._host_check.needs import Wish, needs_of

ROLES = ["director", "keepalived"]
SELINUX = {"selinux": {"status": "enabled"}}
HOSTS: dict[str, tuple[dict[str, Any], str, list[int], str]] = {
    "Debian 12": ({"os_family": "Debian"}, "apt", [3, 11, 2], "0.7.2"),
    "Debian 13": ({"os_family": "Debian"}, "apt", [3, 13, 5], "0.7.7"),
    "Ubuntu 22.04": ({"os_family": "Debian"}, "apt", [3, 10, 12], "0.5.14"),
    "Ubuntu 24.04": ({"os_family": "Debian"}, "apt", [3, 12, 3], "0.7.11"),
    "Ubuntu 26.04": ({"os_family": "Debian"}, "apt", [3, 14, 0], "0.8.1"),
    "Rocky 9.6": ({"os_family": "RedHat", **SELINUX}, "dnf", [3, 9, 21], "0.5.14"),
    "RedHat 10.1": ({"os_family": "RedHat", **SELINUX}, "dnf", [3, 12, 9], "0.7.12"),
    "Fedora 43": ({"os_family": "RedHat", **SELINUX}, "dnf", [3, 14, 0], "0.7.12"),
}


def host(system: str, **differs: Any) -> Asked:
    """A host that has all, but for what differs."""
    facts, manager, python, pyroute2 = HOSTS[system]
    distribution, _, release = system.partition(" ")
    facts = {**facts, "distribution": distribution, "distribution_version": release}
    wish = Wish(booleans={"keepalived": ["keepalived_connect_any"]})
    needs = needs_of(ROLES, names_of(facts["os_family"]), wish, "selinux" in facts)
    answer: dict[str, Any] = {
        "packages": {
            "installed": [*needs.packages],
            "installable": [*needs.packages],
            "manager": manager,
            "trouble": "",
        },
        "units": dict.fromkeys(needs.services, "loaded"),
        "kernel_modules": {"release": "6.12", "listed": True, "missing": []},
        "missing_booleans": [],
        "directories": dict.fromkeys(needs.directories, "writable"),
        "python": {"executable": "/usr/bin/python3", "version": python, "pyroute2": pyroute2},
        "uid": 0,
    }
    for name, value in differs.items():
        answer[name] = {**answer[name], **value} if isinstance(value, dict) else value
    return Asked("lb1", {"service_mgr": "systemd", **facts}, needs, answer)


def told(asked: Asked) -> list[str]:
    """What is missing, a sentence each."""
    return [str(problem) for problem in lacks(asked)]


@pytest.mark.parametrize("system", HOSTS)
def test_host_that_has_all(system: str) -> None:
    """Nothing is missing, and what there is is said."""
    assert told(host(system)) == []
    assert notes(host(system))[0].startswith(f"{system}, Python 3.")


@pytest.mark.parametrize("system", HOSTS)
def test_one_package_one_unit_and_one_module_missing(system: str) -> None:
    """Each is named, with the role that needs it and what to do there."""
    asked = host(system)
    without = [name for name in asked.needs.packages if name != "python3-pyroute2"]
    asked = host(
        system,
        packages={"installed": without, "installable": without},
        units={"keepalived.service": "not-found"},
        kernel_modules={"missing": ["ip_vs_wrr"]},
    )
    package, unit, module = told(asked)
    assert package.startswith(
        "host lb1: package python3-pyroute2, for the role director, is not installed, and no"
        " repository that is configured has it; "
    )
    family, distribution = asked.facts["os_family"], system.split(maxsplit=1)[0]
    where = "add a repository that has it" if distribution == "Debian" else "enable EPEL"
    where = {"Ubuntu": "enable the component universe"}.get(distribution, where)
    where = "enable a repository that has it" if distribution == "Fedora" else where
    assert where in package
    assert unit == (
        "host lb1: unit keepalived.service is not-found, and package keepalived is there; install"
        " package keepalived again."
    )
    assert module.startswith(
        "host lb1: kernel 6.12 has no module ip_vs_wrr, for the role director; "
    )
    extra = {"Debian": "linux-image-amd64", "Ubuntu": "linux-modules-extra"}
    assert extra.get(distribution, "kernel-modules-extra") in module
    assert (family == "RedHat") == ("kernel-modules-extra" in module)


@pytest.mark.parametrize("system", [name for name in HOSTS if "selinux" in HOSTS[name][0]])
def test_boolean_that_the_policy_has_not(system: str) -> None:
    """By the variable that names it."""
    assert told(host(system, missing_booleans=["keepalived_connect_any"])) == [
        "host lb1: SELinux has no boolean keepalived_connect_any, which the role keepalived would"
        " set; update selinux-policy, or take it out of keepalived_selinux_booleans."
    ]


@pytest.mark.parametrize(
    ("differs", "sentence"),
    [
        ({"uid": 1000}, "its tasks run as uid 1000"),
        ({"packages": {"installed": [], "installable": [], "manager": ""}}, "neither apt nor dnf"),
        (
            {"packages": {"installed": [], "installable": [], "trouble": "no network"}},
            "apt cannot tell which packages there are: no network; see that it can reach",
        ),
        ({"units": {"keepalived.service": "masked"}}, "systemctl unmask keepalived.service"),
        (
            {"directories": {"/etc/keepalived": "read-only"}},
            "in /etc/keepalived, for the role keepalived, nothing can be made: it is on a file"
            " system that is read-only",
        ),
        ({"directories": {"/etc/keepalived": "no directory"}}, "nothing can be made; make it a"),
        ({"python": {"version": [3, 6, 8]}}, "/usr/bin/python3 is Python 3.6.8; set ansible_pyth"),
        ({"python": {"pyroute2": None}}, "does not find pyroute2, which package python3-pyroute2"),
        ({"python": {"pyroute2": "0.5.3"}}, "pyroute2 is 0.5.3; install 0.5.14 or later"),
    ],
)
def test_what_else_may_be_missing(differs: dict[str, Any], sentence: str) -> None:
    """One sentence each, and no more of it."""
    (problem,) = told(host("Debian 13", **differs))
    assert sentence in problem


def test_another_than_systemd() -> None:
    """The roles' units are its."""
    asked = host("Debian 13")
    asked = asked._replace(facts={**asked.facts, "service_mgr": "sysvinit"})
    assert told(asked) == ["host lb1: it is run by sysvinit; use a host that systemd runs."]


def test_bare_host() -> None:
    """What can be installed is not missing, with the unit that comes with it and pyroute2."""
    asked = host(
        "Debian 13",
        packages={"installed": ["nftables"]},
        units={"keepalived.service": "not-found", "ufw.service": "loaded"},
        kernel_modules={"listed": False, "missing": ["nft_masq"]},
        python={"pyroute2": None},
    )
    assert told(asked) == []
    assert notes(asked) == [
        "Debian 13, Python 3.13.5, kernel 6.12",
        "packages: 1 of 4 installed",
        "the roles would install ipvsadm, keepalived, python3-pyroute2",
        "units that come with their packages: keepalived.service",
        "the kernel has no list of its modules, so that only use shows whether it has nft_masq",
        "ufw is there: where it runs, director_firewall: ufw lets the services through",
    ]


def test_kernel_without_a_list_and_without_ipvs() -> None:
    """IPVS shows itself, wherever it lies."""
    (problem,) = told(host("Debian 13", kernel_modules={"listed": False, "missing": ["ip_vs"]}))
    assert "has no module ip_vs," in problem
