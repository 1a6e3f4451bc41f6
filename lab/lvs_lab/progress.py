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

_running: set[subprocess.Popen[bytes]] = set()
_ending = threading.Event()


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


@contextmanager
def nothing_left_running() -> Iterator[None]:
    """Where the body breaks off, end the commands that other threads run, and let none begin."""
    try:
        yield
    except BaseException:
        _ending.set()
        for process in list(_running):
            process.terminate()
        raise


def run_logged(
    command: Sequence[str],
    log: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    lines: int = 0,
) -> None:
    """Run a long command, its output in a log file, with a sign of life on the terminal.

    That tells how much of it is done where it is known about how many lines the command writes.
    Raises LabError with the end of the log when the command fails.
    """
    if _ending.is_set():
        raise LabError(f"{command[0]} was not run")
    with log.open("ab") as sink:
        sink.write(f"$ {shlex.join(command)}\n".encode())
        sink.flush()
        before = len(_lines(log))
        process = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
        _running.add(process)
        if _ending.is_set():  # Who ends them may not have seen this one.
            process.terminate()
        finished = threading.Event()
        heart = threading.Thread(
            target=_beat, args=(finished, command[0], log, before, lines), daemon=True
        )
        heart.start()
        try:
            status = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            _running.discard(process)
            finished.set()
            heart.join()
    if status != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        raise LabError(f"{command[0]} ended with status {status}; the end of {log}:\n{tail}")


def _beat(finished: threading.Event, name: str, log: Path, before: int, lines: int) -> None:
    begin = time.monotonic()
    while not finished.wait(HEARTBEAT):
        written = _lines(log)
        last = written[-1].strip()[:60] if written else ""
        done = len(written) - before
        share = f"about {min(99, 100 * done // lines)} %" if lines else f"{done} lines"
        say(f"    {name}, {time.monotonic() - begin:.0f} s, {share}, now: {last}")


def _lines(log: Path) -> list[str]:
    return log.read_text(errors="replace").splitlines()
