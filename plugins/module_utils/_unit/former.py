# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What former releases installed on a host.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re
from pathlib import Path

from .files import HostFiles

SETTINGS = Path("/etc/lvs-cluster")
UNITS = Path("/etc/systemd/system")
LISTS = Path("/run/lvs-cluster")
# They had a program for each kind of host, and one file of settings.
_NAMES = ("lvs-director", "lvs-real-server", "lvs-nat-real-server")
PROGRAMS = [Path("/usr/local/sbin", name) for name in _NAMES]
_RUNS_ONE = re.compile(rf"^ExecStart=/usr/local/sbin/({'|'.join(_NAMES)})\s", re.MULTILINE)
# Lists of what is ours to take back, and what they are called now.
_RENAMED = {
    "director": ("director.vips", "director.addresses"),
    "nat-real-server": ("nat-real-server.before", "nat-real-server.routes"),
}
_DIRECTORS = [SETTINGS / "director.sysctls", Path("/etc/sysctl.d/60-lvs-cluster.conf")]


def keep_lists(files: HostFiles, owner: str) -> None:
    """Keep what is ours to take back; before the unit is installed that goes by the new name."""
    for kind, (name, now) in _RENAMED.items():
        if owner.startswith(kind):
            files.rename(LISTS / name, LISTS / now)


def remove_former(files: HostFiles, owner: str) -> None:
    """Remove the programs, unless a unit still runs one, and the owner's settings with them."""
    runs_one = [
        path.name
        for path in sorted(UNITS.glob("lvs-*.service"))
        if _RUNS_ONE.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    for path in PROGRAMS if not runs_one else ():
        files.remove(path)
    if not any(owner in name for name in runs_one):
        files.remove(SETTINGS / f"{owner}.conf")
    for path in _DIRECTORS if owner == "director" else ():
        files.remove(path)
