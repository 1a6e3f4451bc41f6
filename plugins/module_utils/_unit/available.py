# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has, or can have, of what roles would need there.

Private to the collection: names and behaviour may change in any release.

Files are read, and programs answer; nothing is changed. C(root) is the host's, or a test's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .host import Run, installed
from .systemd import read_shown

_CANDIDATE = re.compile(r"^(\S+):\n(?:[ \t].*\n)*?[ \t]+Candidate: (\S+)", re.MULTILINE)
# Of a path in modules.dep or modules.builtin, however the file is compressed.
_MODULE_FILE = re.compile(r"([^/\s]+)\.ko(?:\.(?:xz|zst|gz))?$")
WRITABLE, READ_ONLY, NO_DIRECTORY = "writable", "read-only", "no directory"


def packages(run: Run, wanted: Sequence[str]) -> dict[str, Any]:
    """Return which packages are installed, and which can be.

    C(trouble) is what the package manager has said where it failed. C(manager) is C(apt) or
    C(dnf); empty where there is neither.
    """
    have = set(installed(run, wanted))
    told: dict[str, Any] = {"manager": "", "installable": [], "trouble": ""}
    asked = run(["apt-cache", "policy", *wanted]) if wanted else None
    if asked is not None:
        told["manager"] = "apt"
        told["installable"] = candidates(asked[1])
    elif wanted:
        have.update(_provided(run, [name for name in wanted if name not in have]))
        told.update(_by_dnf(run, [name for name in wanted if name not in have]))
    return {**told, "installed": sorted(have)}


def candidates(told: str) -> list[str]:
    """Return the packages of which C(apt-cache policy) has a version that can be installed."""
    return sorted(name for name, version in _CANDIDATE.findall(told) if version != "(none)")


def _provided(run: Run, wanted: Sequence[str]) -> Iterator[str]:
    """Give those that an installed package of another name provides."""
    for name in wanted:
        told = run(["rpm", "-q", "--whatprovides", name])
        if told is not None and told[0] == 0:
            yield name


def _by_dnf(run: Run, wanted: Sequence[str]) -> dict[str, Any]:
    """Return what dnf has in its repositories, by name or provided by a package of another one."""
    query = ["dnf", "-q", "repoquery", "--available", "--queryformat", "%{name}\n"]
    if not wanted:
        return {"manager": "dnf" if run(["dnf", "--version"]) else ""}
    told = run([*query, *wanted])
    if told is None:
        return {}
    if told[0] != 0:
        return {"manager": "dnf", "trouble": " ".join(told[1].split())[-200:] or "dnf failed"}
    found = set(told[1].split()) & set(wanted)
    for name in wanted:
        if name not in found and (run([*query, "--whatprovides", name]) or (1, ""))[1].split():
            found.add(name)
    return {"manager": "dnf", "installable": sorted(found)}


def units(run: Run, names: Sequence[str]) -> dict[str, str]:
    """Return what systemd says of loading each unit, by the name that was asked for."""
    if not names:
        return {}
    told = run(["systemctl", "show", "--property=Id,LoadState", *names])
    shown = [one.get("LoadState", "") for one in read_shown(told[1] if told else "")]
    return dict(zip(names, shown)) if len(shown) == len(names) else {}


def kernel_modules(root: Path, release: str, names: Sequence[str]) -> dict[str, Any]:
    """Return which modules the kernel that runs does not have, as files or built in.

    C(listed) tells whether there are lists of what it has; else a module that shows nothing of
    itself may be built in.
    """
    listed = False
    there: set[str] = set()
    for name in ("modules.dep", "modules.builtin"):
        text = _text(root / "lib/modules" / release / name)
        listed = listed or text is not None
        for line in (text or "").splitlines():
            match = _MODULE_FILE.search(line.partition(":")[0])
            if match:
                there.add(match[1].replace("-", "_"))
    there.update(path.name for path in (root / "sys/module").glob("*"))
    if (root / "proc/net/ip_vs").exists():
        there.add("ip_vs")
    return {
        "release": release,
        "listed": listed,
        "missing": [name for name in names if name not in there],
    }


def booleans(root: Path, names: Sequence[str]) -> list[str]:
    """Return those that the policy of SELinux does not have."""
    known = {path.name for path in (root / "sys/fs/selinux/booleans").glob("*")}
    return [name for name in names if name not in known]


def directories(root: Path, paths: Sequence[str]) -> dict[str, str]:
    """Return whether something can be made in each directory, or where it would be made itself."""
    return {path: _state(root / path.lstrip("/"), root) for path in paths}


def _state(path: Path, root: Path) -> str:
    while path != root and not os.path.lexists(path):
        path = path.parent
    if not path.is_dir():
        return NO_DIRECTORY
    return READ_ONLY if os.statvfs(path).f_flag & os.ST_RDONLY else WRITABLE


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
