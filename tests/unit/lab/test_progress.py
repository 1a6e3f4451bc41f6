# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab says of a long step, and how such a step ends."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lvs_lab import progress
from lvs_lab.errors import LabError
from lvs_lab.progress import nothing_left_running, run_logged


@pytest.mark.parametrize(("lines", "told"), [(5, "about 40 %"), (2, "about 99 %"), (0, "2 lines")])
def test_how_much_is_done_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lines: int,
    told: str,
) -> None:
    """As a share, where it is known how much there is to do; what the log had does not count."""
    log, done = tmp_path / "log", tmp_path / "done"
    log.write_text("$ something before\nit\n")
    monkeypatch.setattr(progress, "HEARTBEAT", 0.05)
    script = f"echo one; echo two; until [ -e {done} ]; do sleep 0.01; done"
    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(run_logged, ["sh", "-c", script], log, lines=lines)
        try:
            for _beat in range(200):
                if told in capsys.readouterr().err:
                    break
                time.sleep(0.05)
            else:
                pytest.fail(f"it never said {told}")
        finally:
            done.touch()
        running.result()


def test_what_runs_beside_ends_with_what_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the kernel where the image cannot be made."""
    monkeypatch.setattr(progress, "_ending", threading.Event())
    begun = tmp_path / "begun"
    script = ["sh", "-c", f"touch {begun}; exec sleep 600"]
    with ThreadPoolExecutor(1) as beside:
        with pytest.raises(LabError, match="no mirror"), nothing_left_running():
            running = beside.submit(run_logged, script, tmp_path / "log")
            while not begun.exists():
                pass
            raise LabError("no mirror")
        with pytest.raises(LabError, match="ended with status"):
            running.result()
        with pytest.raises(LabError, match="was not run"):
            run_logged(["true"], tmp_path / "log")
