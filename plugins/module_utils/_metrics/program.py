# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What C(lvs-metrics.service) runs on a director: it writes a file for node_exporter.

Private to the collection: names and behaviour may change in any release.

    python3 -m lvs_cluster._metrics.program DIRECTORY

The file is replaced at once, so that nobody reads a half of it. Nothing else is changed.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from .._ipvs.errors import IpvsError
from .._ipvs.kernel import Ipvs
from .addresses import addresses
from .declared import Declared, read_declared
from .exposition import PARTS, Host, exposition, sampling, unreadable

ETC = Path("/etc/lvs-cluster")
RUN = Path("/run/lvs-metrics")
UNIT = "/usr/local/sbin/lvs-unit"
NAME = "lvs.prom"
# Between two looks at what the unit would give again: it takes longer than all the rest.
LOOK_SECONDS = 60
# By the beginning of what the program says.
_WORDS = {
    "loaded director.nft": "nft",
    "loaded director-marks.nft": "marks",
    "loaded keepalived.nft": "handover",
    "started daemon ": "daemons",
    "set the timeouts ": "timeouts",
    "added net/": "settings",
    "added ": "addresses",
}


def parts_of(lines: Iterable[str]) -> frozenset[str]:
    """Return the parts that the unit's program tells of."""
    found = (
        next((part for begin, part in _WORDS.items() if line.startswith(begin)), "")
        for line in lines
    )
    return frozenset(filter(None, found))


def look(now: float, run: Path = RUN, unit: str = UNIT) -> tuple[frozenset[str] | None, float]:
    """Return which parts the unit would give again, and when that was looked at.

    It is not looked at each time; None is told where it could not be.
    """
    path = run / "unit.json"
    try:
        known = json.loads(path.read_text(encoding="ascii"))
        if 0 <= now - known["looked"] < LOOK_SECONDS:
            return frozenset(known["parts"]), known["looked"]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    lines = _said(unit)
    if lines is None:
        return None, now
    parts = parts_of(lines)
    run.mkdir(parents=True, exist_ok=True)
    replace(path, [json.dumps({"looked": now, "parts": sorted(parts)})])
    return parts, now


def _said(unit: str) -> list[str] | None:
    """Return what the unit's program says that it would do, or None where it does not."""
    import subprocess

    try:
        # A program of its own has no module, whose run_command this would be.
        told = subprocess.run(  # pylint: disable=ansible-bad-function
            [unit, "-n", "director", "give", *PARTS],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return None if told.returncode == 2 else told.stdout.splitlines()


def replace(path: Path, texts: Iterable[str]) -> None:
    """Write a file at once, of texts in a row. The group of its directory may read it, none else.

    Where that is root's, everybody may: who reads it is not known then.
    """
    directory = path.parent
    for left in directory.glob(f".{path.name}.*"):
        left.unlink()
    # The directory may be somebody else's: nothing that lies there is opened.
    new = directory / f".{path.name}.{os.urandom(8).hex()}"
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            group = directory.stat().st_gid
            if group:
                os.fchown(handle, -1, group)
            os.fchmod(handle, 0o640 if group else 0o644)
            file.writelines(texts)
        new.replace(path)
    except BaseException:
        new.unlink()
        raise


def texts_of(declared: Declared, now: float) -> Iterator[str]:
    """Give what there is to say."""
    try:
        with Ipvs() as kernel:
            table = dict(kernel.read_counted(sampling(declared)))
            daemons = frozenset(one["role"] for one in kernel.daemons())
    except IpvsError as error:
        sys.stderr.write(f"{error}\n")
        return unreadable(declared, now)
    parts, looked = look(now)
    return exposition(declared, table, Host(now, addresses(), daemons, parts, looked))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def main() -> None:
    """Write the file once."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: lvs_cluster._metrics.program DIRECTORY")
    drained = _read(ETC / "director.drained").splitlines()
    declared = read_declared((ETC / "director.metrics").read_text(encoding="utf-8"), drained)
    replace(Path(sys.argv[1]) / NAME, texts_of(declared, time.time()))


if __name__ == "__main__":
    # It ends in a moment. To look again and again for cycles in a large table takes its time.
    gc.disable()
    main()
