# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has already, of ours and of others, in files that are read and programs that answer.

Private to the collection: names and behaviour may change in any release.

Nothing is changed. C(root) is the host's, or a test's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Callable

from .systemd import read_shown

# What the first run for a health checker writes first, and the last one removes last; of former
# releases it is the unit's drop-in.
SIGNS = {
    "keepalived": (
        "etc/keepalived/keepalived.conf.before-lvs-cluster",
        "etc/systemd/system/keepalived.service.d/lvs-cluster.conf",
    ),
    "ldirectord": (
        "etc/ha.d/ldirectord.cf.before-lvs-cluster",
        "etc/systemd/system/ldirectord.service.d/lvs-cluster.conf",
    ),
}
UNITS = ("ipvsadm.service", "keepalived.service", "ldirectord.service")
FIREWALLS = {"firewalld": ("firewall-cmd", "--state"), "ufw": ("ufw", "status")}
_MODULE = re.compile(r"\bip_vs(?:_[a-z0-9]+)?\.ko")
_HAS_IPVS = "IP Virtual Server"
_OWNER = r"(?:nat|dr|tun)-real-server(?:-[a-z0-9-]+)?"
# By their settings, too: a run may have broken off before it installed the unit.
_LEFT = (
    ("etc/systemd/system", re.compile(rf"lvs-({_OWNER})\.service")),
    (
        "etc/lvs-cluster",
        re.compile(rf"({_OWNER})\.(?:addresses|cluster|devices|gateway|modules|ports|settings)"),
    ),
)
# Whose units they are, which services are directed, and which gateways there were before ours.
_TELLING = re.compile(
    r"director\.(?:cluster|services)|.*-real-server.*\.cluster|nat-real-server.*\.(?:gateway|routes)"
)
# No more than the names: there may be passwords beside them.
_NAMES = re.compile(
    r"[ \t]*(?:(?:vrrp_instance|virtual_server(?:_group)?|interface|virtual_router_id)"
    r"[ \t][^#!{\n]*"
    # All of it in one line.
    r"|virtual_ipaddress(?:_excluded)?[ \t]*\{[ \t]*[0-9A-Fa-f:][^#!}\n]*"
    r"|virtual6?[ \t]*=[^#\n]*|[0-9A-Fa-f.:]+[.:][0-9A-Fa-f.:/]*(?:[ \t]+[0-9]+)?)"
)

# Where health checkers have their configurations.
CONFIGURATIONS = {
    "keepalived": "etc/keepalived/keepalived.conf",
    "ldirectord": "etc/ha.d/ldirectord.cf",
}
_INCLUDE = re.compile(r"[ \t]*include[rmwba]?[ \t]+(\S+)")
# What the last run wrote down that a director that runs does not tell.
_DECLARED = ("settings", "timeouts")
_RULES = {
    "nft": ("nft", "--stateless", "list", "ruleset"),
    "iptables": ("iptables-save",),
    "ip6tables": ("ip6tables-save",),
}

# Runs a program, and returns its status and what it says; None where there is none.
Run = Callable[[Sequence[str]], "tuple[int, str] | None"]


def unit_files(root: Path) -> dict[str, list[str]]:
    """Return the lines of the files that tell whose units a host has, by the file's name."""
    found: dict[str, list[str]] = {}
    for directory in ("etc/lvs-cluster", "run/lvs-cluster"):
        for path in sorted((root / directory).glob("*")):
            lines = lines_of(path) if _TELLING.fullmatch(path.name) else None
            if lines:
                found.setdefault(path.name, []).extend(lines)
    return found


def owners(root: Path) -> list[str]:
    """Return which owners have something on a real server."""
    found = {
        match[1]
        for directory, pattern in _LEFT
        for path in (root / directory).glob("*")
        if (match := pattern.fullmatch(path.name))
    }
    return sorted(found)


def kernel_ipvs(root: Path, release: str) -> list[str]:
    """Return the files of IPVS's modules, and C(IP Virtual Server) where it is in the kernel.

    Of those that are built in, the name: no option of a file is theirs.
    """
    modules = root / "lib/modules" / release
    found = {*_MODULE.findall(_text(modules / "modules.dep") or "")}
    built_in = _MODULE.findall(_text(modules / "modules.builtin") or "")
    found.update(name.removesuffix(".ko") for name in built_in)
    if (_text(root / "proc/net/ip_vs") or "").startswith(_HAS_IPVS):
        found.add(_HAS_IPVS)
    return sorted(found)


def loaded_modules(root: Path) -> list[str]:
    """Return IPVS's modules that are loaded."""
    return sorted(path.name for path in (root / "sys/module").glob("ip_vs*"))


def conn_tab_bits(root: Path) -> int | None:
    """Return how large a table of connections IPVS was loaded with, as a power of 2."""
    told = _text(root / "sys/module/ip_vs/parameters/conn_tab_bits")
    return int(told) if told else None


def arp_ignoring(root: Path) -> list[str]:
    """Return the interfaces on which the kernel does not answer ARP for all that it has."""
    settings = (root / "proc/sys/net/ipv4/conf").glob("*/arp_ignore")
    return sorted(path.parent.name for path in settings if (_text(path) or "0").strip() != "0")


def director_files(root: Path) -> dict[str, Any]:
    """Return what the last run wrote down on a director. None is a file that is not there."""
    etc = root / "etc/lvs-cluster"
    return {
        "services": lines_of(etc / "director.services") or [],
        "daemons": lines_of(etc / "director.daemons") or [],
        "drained": lines_of(etc / "director.drained") or [],
        # The first thing that the role bird writes down, and the last one that it forgets.
        "announces": os.path.lexists(etc / "bird.before"),
        "left": lines_of(etc / "director.left") or [],
        "firewalld": lines_of(etc / "director.firewalld"),
        "ufw": lines_of(etc / "director.ufw"),
        "metrics": next(iter(lines_of(etc / "director.metrics-directory") or ()), None),
        "saved": os.path.lexists(etc / "director.saved"),
        "replaces": os.path.lexists(etc / "director.replaces"),
        "taken": [
            name
            for name, signs in SIGNS.items()
            if any(os.path.lexists(root / sign) for sign in signs)
        ],
    }


def health_checkers(root: Path) -> dict[str, Any]:
    """Return which health checkers are ours, and the names that their configurations have."""
    return {
        "kept": os.path.lexists(root / "etc/lvs-cluster/keepalived.kept"),
        "names": [name for path in _configurations(root) for name in _names(path)],
    }


def units(run: Run) -> dict[str, dict[str, str]]:
    """Return what systemd says of the units that may have the table, by name."""
    properties = "Id,LoadState,ActiveState,UnitFileState,WantedBy"
    told = run(["systemctl", "show", f"--property={properties}", *UNITS])
    return {one["Id"]: one for one in read_shown(told[1] if told else "") if "Id" in one}


def installed(run: Run, packages: Sequence[str]) -> dict[str, str]:
    """Return the versions of the packages that are installed, as dpkg or rpm know them by name.

    rpm's have no release.
    """
    if not packages:
        return {}
    told = run(["dpkg-query", "-W", "-f", "${Package} ${Version} ${db:Status-Status}\n", *packages])
    if told is not None:
        words = [line.split() for line in told[1].splitlines()]
        return {one[0]: one[1] for one in words if one[2:] == ["installed"]}
    told = run(["rpm", "-q", "--qf", "%{NAME} %{VERSION}\n", *packages])
    words = [line.split() for line in (told[1].splitlines() if told else ())]
    return {one[0]: one[1] for one in words if len(one) == 2 and one[0] in packages}


def accounts(run: Run, names: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the lines of users and groups that there are, as getent prints them, by database."""
    found = {}
    for database, keys in names.items():
        told = run(["getent", database, *keys]) if keys else None
        found[database] = told[1].splitlines() if told else []
    return found


def texts(paths: Sequence[str]) -> dict[str, str]:
    """Return the texts of the files that there are, by path."""
    found = {}
    for path in paths:
        with suppress(FileNotFoundError):
            found[path] = Path(path).read_bytes().decode("utf-8", "backslashreplace")
    return found


def times(paths: Sequence[str]) -> dict[str, int]:
    """Return when the files that there are were last written, in nanoseconds, by path."""
    found = {}
    for path in paths:
        with suppress(FileNotFoundError):
            found[path] = Path(path).stat().st_mtime_ns
    return found


def entries(paths: Sequence[str]) -> dict[str, list[str]]:
    """Return the names of what is in the directories that there are, by path."""
    found = {}
    for path in paths:
        with suppress(FileNotFoundError):
            found[path] = sorted(one.name for one in Path(path).iterdir())
    return found


def ruleset(run: Run) -> str | None:
    """Return the rules that the host has for packets, as nft tells them in JSON."""
    told = run(["nft", "--json", "list", "ruleset"])
    return told[1] if told else None


def firewall(run: Run, name: str) -> str | None:
    """Return what a firewall says of its state; None of one that nobody asks for."""
    if name not in FIREWALLS:
        return None
    told = run(FIREWALLS[name])
    return told[1] if told else ""


def running(root: Path, run: Run) -> dict[str, Any]:
    """Return of what an inventory is made for a director that runs. There may be secrets in it."""
    etc = root / "etc/lvs-cluster"
    return {
        "configurations": {
            name: configuration(root, root / path) for name, path in CONFIGURATIONS.items()
        },
        "declared": {name: lines_of(etc / f"director.{name}") for name in _DECLARED},
        "known_hosts": known_hosts(root),
        "rules": {name: (run(command) or (0, ""))[1] for name, command in _RULES.items()},
        "sysctls": ipvs_sysctls(root),
    }


def configuration(root: Path, path: Path) -> dict[str, str]:
    """Return the text of a configuration and of each file that it includes, by whole path."""
    found: dict[str, str] = {}
    waiting = [path]
    while waiting:
        each = waiting.pop(0)
        name = f"/{each.relative_to(root)}"
        text = None if name in found else _text(each)
        if text is None:
            continue
        found[name] = text
        for include in filter(None, map(_INCLUDE.match, text.splitlines())):
            pattern = Path(name).parent / include[1].strip("\"'")
            waiting += sorted(root.glob(os.path.normpath(pattern).lstrip("/")))
    return found


def known_hosts(root: Path) -> dict[str, list[str]]:
    """Return the addresses of each name in C(/etc/hosts)."""
    found: dict[str, list[str]] = {}
    for line in (_text(root / "etc/hosts") or "").splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        for name in names:
            found.setdefault(name, []).append(address)
    return found


def ipvs_sysctls(root: Path) -> dict[str, str]:
    """Return IPVS's own settings, C(net.ipv4.vs.*)."""
    found = ((path.name, _text(path)) for path in (root / "proc/sys/net/ipv4/vs").glob("*"))
    return {name: " ".join(text.split()) for name, text in sorted(found) if text is not None}


def _configurations(root: Path) -> Iterator[Path]:
    for directory in ("etc/keepalived", "etc/ha.d"):
        for path in sorted((root / directory).rglob("*")):
            named = path.suffix == ".conf" or path.name == "ldirectord.cf"
            if named and path.name != "lvs-cluster.conf" and path.is_file():
                yield path


def _names(path: Path) -> list[str]:
    found = (_NAMES.match(line) for line in (_text(path) or "").splitlines())
    return [match[0] for match in found if match]


def lines_of(path: Path) -> list[str] | None:
    """Return the lines of a file that mean something; None where there is none."""
    text = _text(path)
    if text is None:
        return None
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
