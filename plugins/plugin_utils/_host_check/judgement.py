# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host does not have of what the roles need, and cannot have without its owner's doing.

Private to the collection: names and behaviour may change in any release.

Pure code: it is handed what M(lvs.cluster.host_check) has returned, and facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._unit.available import WRITABLE

from .._cluster.names import FROM_EPEL
from .._cluster.systems import RED_HAT
from .._problem import Problem
from .needs import Needs, firewall_of

_OLDEST_PYTHON = (3, 9)
_OLDEST_PYROUTE2 = (0, 5, 14)


class Asked(NamedTuple):
    """A host that was asked: its name, its facts, what it needs, and what it has answered."""

    host: str
    facts: Mapping[str, Any]
    needs: Needs
    answer: Mapping[str, Any]

    @property
    def item(self) -> str:
        """What messages call it."""
        return f"host {self.host}"

    @property
    def system(self) -> str:
        """What it runs."""
        names = ("distribution", "distribution_version")
        return " ".join(str(self.facts[name]) for name in names if self.facts.get(name))

    def problem(self, why: str, advice: str) -> Problem:
        """Return something that is missing."""
        return Problem(self.item, "", None, why, advice)


def lacks(asked: Asked) -> list[Problem]:
    """Return all that is missing."""
    return [
        *_running(asked),
        *_packages(asked),
        *_units(asked),
        *_kernel(asked),
        *_booleans(asked),
        *_directories(asked),
        *_python(asked),
    ]


def notes(asked: Asked) -> list[str]:
    """Return what there is, a line each, and what the owner of the host should know of it."""
    answer, needs = asked.answer, asked.needs
    have = [name for name in needs.packages if name in answer["packages"]["installed"]]
    can = [name for name in needs.packages if name in answer["packages"]["installable"]]
    can = [name for name in can if name not in have]
    found = [
        f"{asked.system}, Python {_dotted(answer['python']['version'])},"
        f" kernel {answer['kernel_modules']['release']}",
        f"packages: {len(have)} of {len(needs.packages)} installed",
    ]
    if can:
        found.append(f"the roles would install {', '.join(sorted(can))}")
    waiting = [unit for unit, package in needs.services.items() if package not in have]
    if waiting:
        found.append(f"units that come with their packages: {', '.join(sorted(waiting))}")
    if needs.kernel_modules and not answer["kernel_modules"]["listed"]:
        unknown = [name for name in answer["kernel_modules"]["missing"] if name != "ip_vs"]
        found.append(
            "the kernel has no list of its modules, so that only use shows whether it has"
            f" {', '.join(unknown) or 'others'}"
        )
    if "director" in needs.packages.values():
        found += [
            f"{name} is there: where it runs, director_firewall: {name} lets the services through"
            for name in firewall_of(answer["units"])
        ]
    return found


def _running(asked: Asked) -> Iterator[Problem]:
    if asked.answer["uid"] != 0:
        why = f"its tasks run as uid {asked.answer['uid']}, and only root may do what the roles do"
        yield asked.problem(why, "set ansible_become to true, or connect as root")
    manager = asked.facts.get("service_mgr")
    if manager not in (None, "systemd"):
        yield asked.problem(f"it is run by {manager}", "use a host that systemd runs")


def _packages(asked: Asked) -> Iterator[Problem]:
    told = asked.answer["packages"]
    missing = [
        (name, role)
        for name, role in asked.needs.packages.items()
        if name not in told["installed"] and name not in told["installable"]
    ]
    if not missing:
        return
    if not told["manager"]:
        yield asked.problem("it has neither apt nor dnf", "use a host that has one of them")
    elif told["trouble"]:
        why = f"{told['manager']} cannot tell which packages there are: {told['trouble']}"
        yield asked.problem(why, "see that it can reach its repositories")
    else:
        for name, role in missing:
            why = (
                f"package {name}, for the role {role}, is not installed, and no repository that is"
                " configured has it"
            )
            yield asked.problem(why, _where(asked, name))


def _where(asked: Asked, package: str) -> str:
    distribution = asked.facts.get("distribution")
    if distribution == "Ubuntu":
        return "enable the component universe, and run apt-get update"
    if asked.facts.get("os_family") != RED_HAT:
        return "add a repository that has it, and run apt-get update"
    if package in FROM_EPEL and distribution != "Fedora":
        return "enable EPEL, by the package epel-release"
    return "enable a repository that has it"


def _units(asked: Asked) -> Iterator[Problem]:
    for unit, package in asked.needs.services.items():
        state = asked.answer["units"].get(unit, "")
        if package in asked.answer["packages"]["installed"] and state != "loaded":
            why = f"unit {unit} is {state or 'unknown to systemd'}, and package {package} is there"
            advice = f"unmask it: systemctl unmask {unit}"
            yield asked.problem(
                why, advice if state == "masked" else f"install package {package} again"
            )


def _kernel(asked: Asked) -> Iterator[Problem]:
    told = asked.answer["kernel_modules"]
    for name in told["missing"]:
        # What nothing shows of itself may be built in; IPVS does.
        if told["listed"] or name == "ip_vs":
            why = (
                f"kernel {told['release']} has no module {name}, for the role"
                f" {asked.needs.kernel_modules[name]}"
            )
            yield asked.problem(why, _kernel_advice(asked))


def _kernel_advice(asked: Asked) -> str:
    if asked.facts.get("os_family") == RED_HAT:
        return "install kernel-modules-extra of this kernel, or boot another one"
    if asked.facts.get("distribution") == "Ubuntu":
        return "install linux-modules-extra of this kernel, or boot linux-image-generic"
    return "boot a kernel that has it, such as linux-image-amd64"


def _booleans(asked: Asked) -> Iterator[Problem]:
    for name in asked.answer["missing_booleans"]:
        role = asked.needs.booleans[name]
        why = f"SELinux has no boolean {name}, which the role {role} would set"
        yield asked.problem(
            why, f"update selinux-policy, or take it out of {role}_selinux_booleans"
        )


def _directories(asked: Asked) -> Iterator[Problem]:
    for path, state in asked.answer["directories"].items():
        if state != WRITABLE:
            why = f"in {path}, for the role {asked.needs.directories[path]}, nothing can be made"
            why += ": it is on a file system that is read-only" if state == "read-only" else ""
            yield asked.problem(why, "make it a directory that can be written to")


def _python(asked: Asked) -> Iterator[Problem]:
    told = asked.answer["python"]
    version = tuple(told["version"])
    if version < _OLDEST_PYTHON:
        why = f"{told['executable']} is Python {_dotted(version)}"
        advice = f"set ansible_python_interpreter to one of {_dotted(_OLDEST_PYTHON)} or later"
        yield asked.problem(why, advice)
    library = told["pyroute2"]
    package = "python3-pyroute2"
    installed = package in asked.answer["packages"]["installed"]
    if package not in asked.needs.packages:
        return
    if library is None and installed:
        why = f"{told['executable']} does not find pyroute2, which package {package} has installed"
        advice = "set ansible_python_interpreter to the distribution's own, /usr/bin/python3"
        yield asked.problem(why, advice)
    elif library and _numbers(library) < _OLDEST_PYROUTE2:
        why = f"pyroute2 is {library}"
        yield asked.problem(why, f"install {_dotted(_OLDEST_PYROUTE2)} or later")


def _dotted(version: Any) -> str:
    return ".".join(map(str, version))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
