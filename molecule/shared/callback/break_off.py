"""End ansible-playbook as a crash does, at a place that the environment names; for tests alone.

LVS_BREAK_OFF_TOLD   a file that gets a line for each changed result: its host and its task
LVS_BREAK_OFF        where to end, by SIGKILL for the process and all that it has started:
                         changed 7     after the seventh changed result
                         task NAME     after the first changed result of a task of this name
                         play NAME     after a play of this name, when the next one begins
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Count what has changed, and end where it is said."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "break_off"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        """Read where to end."""
        super().__init__()
        self._kind, _, self._what = os.environ.get("LVS_BREAK_OFF", "").partition(" ")
        self._told = Path(os.environ["LVS_BREAK_OFF_TOLD"])
        self._changed = 0
        self._play = ""

    def v2_runner_on_ok(self, result: Any) -> None:
        """Count a result that has changed something; an unchanged one leaves the same host."""
        found = getattr(result, "result", None) or result._result
        if not found.get("changed"):
            return
        self._changed += 1
        task = getattr(result, "task", None) or result._task
        host = getattr(result, "host", None) or result._host
        name = task.name or task.action
        with self._told.open("a") as file:
            file.write(f"{host.get_name()}: {name}\n")
        if self._kind == "changed" and self._changed == int(self._what):
            self._end()
        if self._kind == "task" and name == self._what:
            self._end()

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """End where the play before was the last one."""
        self._end_after_play()
        self._play = play.get_name()

    def v2_playbook_on_stats(self, _stats: Any) -> None:
        """The last play has no play after it."""
        self._end_after_play()

    def _end_after_play(self) -> None:
        if self._kind == "play" and self._play == self._what:
            self._end()

    def _end(self) -> None:
        """As a crash of the controller: nobody is asked, and nothing is put in order."""
        for process in [*_descendants(os.getpid()), os.getpid()]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _descendants(process: int) -> list[int]:
    """Return all that a process has started: the workers are in sessions of their own."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    children = parents.get(process, [])
    return children + [found for child in children for found in _descendants(child)]
