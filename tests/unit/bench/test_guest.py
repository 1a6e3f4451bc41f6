# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab's kernel has taken of the machine's processors."""

from __future__ import annotations

from pathlib import Path

import pytest
from lvs_bench import guest


def process(proc: Path, pid: int, parent: int, command: str, *ticks: int) -> None:
    """Make what the kernel tells of a process; a name may have anything in it."""
    there = proc / str(pid)
    there.mkdir()
    (there / "cmdline").write_text("\0".join(command.split()))
    fields = ["S", str(parent), *["0"] * 9, *map(str, ticks), "7"]
    (there / "stat").write_text(f"{pid} (a ) b) {' '.join(fields)}")


def test_the_kernel_and_its_processes_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of another lab do not, nor others of this one."""
    monkeypatch.setattr(guest, "PROC", tmp_path)
    monkeypatch.setattr(guest, "TICKS", 100)
    process(tmp_path, 10, 1, "/cache/linux mem=1M ubda=/mine/disk.cow,/base", 100, 20, 3, 4)
    process(tmp_path, 11, 10, "/cache/linux", 1000, 200, 50, 60)
    process(tmp_path, 12, 1, "/cache/linux mem=1M ubda=/mine-too/disk.cow", 9, 9, 9, 9)
    process(tmp_path, 13, 12, "/cache/linux", 9, 9, 9, 9)
    process(tmp_path, 14, 1, "ssh ubda=/mine/disk.cow", 9, 9, 9, 9)
    assert guest.spent(Path("/mine")) == pytest.approx(13.27)
