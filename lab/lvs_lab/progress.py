"""Say what the lab does while it does it."""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from lvs_lab.errors import LabError

HEARTBEAT = 20.0
"""Seconds between two signs of life of a long step."""


def say(text: str) -> None:
    """Print a line for the user at once."""
    print(f"lab: {text}", file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Name a step when it begins, and the seconds it took when it ends."""
    say(f"{title} ...")
    begin = time.monotonic()
    yield
    say(f"{title}: done in {time.monotonic() - begin:.1f} s")


def run_logged(
    command: Sequence[str],
    log: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a long command, its output in a log file, with a sign of life on the terminal.

    Raises LabError with the end of the log when the command fails.
    """
    with log.open("ab") as sink:
        sink.write(f"$ {shlex.join(command)}\n".encode())
        sink.flush()
        process = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
        finished = threading.Event()
        heart = threading.Thread(target=_beat, args=(finished, log), daemon=True)
        heart.start()
        try:
            status = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            finished.set()
            heart.join()
    if status != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        raise LabError(f"{command[0]} ended with status {status}; the end of {log}:\n{tail}")


def _beat(finished: threading.Event, log: Path) -> None:
    begin = time.monotonic()
    while not finished.wait(HEARTBEAT):
        lines = log.read_text(errors="replace").splitlines()
        last = lines[-1].strip()[:60] if lines else ""
        say(f"    {time.monotonic() - begin:.0f} s, {len(lines)} lines, now: {last}")
