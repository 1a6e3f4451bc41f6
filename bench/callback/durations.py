"""Write down how long each task took on each host; for the bench alone.

LVS_DURATIONS   a file that gets a line of JSON for each result: host, role and task, and seconds
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Measure from a task's start on a host to its result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "durations"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        """Have no task yet."""
        super().__init__()
        self._file = Path(os.environ["LVS_DURATIONS"])
        self._began: dict[tuple[str, str], float] = {}

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """Begin."""
        self._began[host.get_name(), task._uuid] = time.monotonic()

    def v2_runner_on_ok(self, result: Any) -> None:
        """End."""
        self._tell(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """End, of what there was nothing to do for."""
        self._tell(result)

    def _tell(self, result: Any) -> None:
        host, task = result._host.get_name(), result._task
        began = self._began.get((host, task._uuid))
        if began is not None:
            told = {"host": host, "task": task.get_name(), "seconds": time.monotonic() - began}
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(told) + "\n")
