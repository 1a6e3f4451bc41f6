# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of the roles, as systemd has them.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from .._values import ModelError

WATCHERS = "lvs-watch@*.service"
RUNNING = ("active", "activating", "reloading")
GENERATED = Path("/run/systemd/generator")
_DROP_IN = re.compile(r"/etc/systemd/system/[^/]+\.d/")
# Sat 2026-01-03 10:00:00.123456 UTC
_TIME = re.compile(r"\S+ (\d+-\d+-\d+ \d+:\d+:\d+\.\d+) UTC")


class Systemd:
    """systemctl, which in check mode only shows. C(changes) are what has been done."""

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        self.changes: list[str] = []

    def show(
        self, units: Sequence[str], properties: Sequence[str], *options: str
    ) -> list[dict[str, str]]:
        """Return what systemd says of units, each with its properties."""
        told = self._run("show", *options, f"--property={','.join(properties)}", *units)
        return read_shown(told)

    def reload(
        self, units: Sequence[str], files: Iterable[str] = (), sources: Sequence[str] = ()
    ) -> bool:
        """Have it read the units' own files, where it has not since they changed.

        Return whether it knew of all drop-ins among C(files). Before 257 it goes by the directories
        that it knew at its last reload, and says of a unit whose directory for drop-ins is new that
        nothing is to be read (systemd's issue 31752). Neither does it say so of units that are new
        in C(sources), or are made of them.
        """
        shown = self.show(units, ["NeedDaemonReload", "DropInPaths"])
        known = {path for one in shown for path in one.get("DropInPaths", "").split()}
        new = [x for x in files if _DROP_IN.match(x) and x not in known and Path(x).exists()]
        told = any(one.get("NeedDaemonReload") == "yes" for one in shown)
        if told or new or _has_made_before(sources):
            self._do("reloaded systemd", "daemon-reload")
        return told or not new

    def start(self, unit: str) -> None:
        """Have a unit run, now and at boot."""
        (shown,) = self.show([unit], ["ActiveState", "UnitFileState"])
        self._enable(unit, shown)
        self._start(unit, shown)

    def enable(self, unit: str) -> None:
        """Have a unit start at boot."""
        (shown,) = self.show([unit], ["UnitFileState"])
        self._enable(unit, shown)

    def unread(self, unit: str, files: Iterable[str], *, by_restart: bool) -> list[str] | None:
        """Return which of the files a unit that runs has not read since they changed.

        None of one that does not run: it will read them when it starts. A directory is newer by
        what was added or taken out. C(by_restart) says that it reads them only when it starts.
        """
        # Of the last change of its state, which a reload is, too.
        when = "InactiveExitTimestamp" if by_restart else "StateChangeTimestamp"
        (shown,) = self.show([unit], ["ActiveState", when], "--timestamp=us+utc")
        if shown["ActiveState"] != "active":
            return None
        read = time_of(shown.get(when, ""))
        return [path for path in files if os.path.lexists(path) and os.lstat(path).st_mtime > read]

    def have_read(self, units: Sequence[str], state: str) -> None:
        """Have units read their files: C(reload) or C(restart), in this order."""
        for unit in units:
            self._do(f"{state}ed {unit}", state, unit)

    def stop(self, unit: str) -> None:
        """Have a unit stopped, now and at boot."""
        (shown,) = self.show([unit], ["ActiveState", "UnitFileState"])
        if shown["UnitFileState"] == "enabled":
            self._do(f"disabled {unit}", "disable", unit)
        if shown["ActiveState"] not in ("inactive", "failed"):
            self._do(f"stopped {unit}", "stop", unit)

    def leave(self, unit: str, was: Mapping[str, str]) -> None:
        """Have a unit stopped that did not run before, and not start at boot if it did not."""
        (shown,) = self.show([unit], ["ActiveState", "UnitFileState"])
        if shown["UnitFileState"] == "enabled" and was["UnitFileState"] in ("", "disabled"):
            self._do(f"disabled {unit}", "disable", unit)
        if shown["ActiveState"] in RUNNING and was["ActiveState"] not in RUNNING:
            self._do(f"stopped {unit}", "stop", unit)

    def resume(self, unit: str, was: Mapping[str, str]) -> None:
        """Have a unit run that ran before, and start at boot if it did.

        Who has masked it meanwhile, or removed its package, does not want it.
        """
        (shown,) = self.show([unit], ["LoadState", "ActiveState", "UnitFileState"])
        if was["UnitFileState"] == "enabled" and shown["UnitFileState"] == "disabled":
            self._do(f"enabled {unit}", "enable", unit)
        if was["ActiveState"] in RUNNING and shown["LoadState"] == "loaded":
            self._start(unit, shown)

    def watch(self, owner: str, files: Iterable[Path]) -> None:
        """Have the owner's watcher run, and all that run, run what is in the files.

        One that is masked, or that a check has not installed, is not loaded. The unit starts it;
        but one that was up already, from a former release, has not been started.
        """
        own = f"lvs-watch@{owner}.service"
        properties = ["Id", "LoadState", "ActiveState", "InactiveExitTimestamp"]
        shown = {
            one["Id"]: one for one in self.show([WATCHERS, own], properties, "--timestamp=us+utc")
        }
        written = max((x.stat().st_mtime for x in files if x.exists()), default=0.0)
        old = [
            unit
            for unit, one in shown.items()
            if one["ActiveState"] in RUNNING and began(one) < written
        ]
        if old:
            self._do(f"restarted {' '.join(old)}", "try-restart", *old)
        if shown[own]["LoadState"] == "loaded":
            self._start(own, shown[own])

    def _enable(self, unit: str, shown: Mapping[str, str]) -> None:
        if shown["UnitFileState"] != "enabled":
            self._do(f"enabled {unit}", "enable", unit)

    def _start(self, unit: str, shown: Mapping[str, str]) -> None:
        if shown["ActiveState"] not in RUNNING:
            self._do(f"started {unit}", "start", unit)

    def _do(self, change: str, *words: str) -> None:
        if not self._module.check_mode:
            self._run(*words)
        self.changes.append(change)

    def _run(self, *words: str) -> str:
        # Words as systemctl has them, whatever the language of the host.
        status, told, problems = self._module.run_command(
            ["systemctl", *words], environ_update={"LC_ALL": "C"}
        )
        if status != 0:
            why = f"failed: {(problems or told).strip()}"
            raise ModelError(f"systemctl {' '.join(words)}", "", None, why, "look into the journal")
        return str(told)


def _has_made_before(sources: Sequence[str]) -> bool:
    """Tell whether one, or what is in it, is newer than what systemd has made of such.

    Each time it reads its files it makes that directory anew.
    """
    if not sources:
        return False
    try:
        made = GENERATED.stat().st_mtime_ns
    except FileNotFoundError:
        return True
    given = [Path(source) for source in sources]
    inside = [path for each in given if each.is_dir() for path in each.iterdir()]
    return any(_written(path) > made for path in (*given, *inside))


def _written(path: Path) -> int:
    try:
        return path.lstat().st_mtime_ns
    except FileNotFoundError:
        return 0


def read_shown(told: str) -> list[dict[str, str]]:
    """Read what C(systemctl show) says: NAME=VALUE, and an empty line between units."""
    return [
        dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        for block in re.split(r"\n\s*\n", told.strip())
        if block
    ]


def began(shown: Mapping[str, str]) -> float:
    """Return when a unit began to start, in seconds; 0 where it has not."""
    return time_of(shown.get("InactiveExitTimestamp", ""))


def time_of(told: str) -> float:
    """Return a time that systemctl tells in UTC, in seconds; 0 where it tells none."""
    found = _TIME.fullmatch(told)
    if found is None:
        return 0.0
    read = datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S.%f")
    return read.replace(tzinfo=timezone.utc).timestamp()
