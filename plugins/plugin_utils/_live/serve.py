# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of the playbook watch: it makes the page again and again, and serves it.

Private to the collection: names and behaviour may change in any release.

What it is told comes by its standard input, as JSON: a command line is for all to see. It listens
on this machine alone, and on a path that nobody else on it can know. It ends with the run that
started it. It needs nothing but Python.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
FILES = {"": ("status.html", "text/html"), "status.json": ("status.json", "application/json")}
# Between two looks whether this has to end.
_LOOK_SECONDS = 0.2


class Server(ThreadingHTTPServer):
    """Serves the files of a folder below a path that has the token."""

    daemon_threads = True

    def __init__(self, port: int, folder: Path, token: str) -> None:
        self.folder, self.token = folder, token
        super().__init__((HOST, port), Handler)


class Handler(BaseHTTPRequestHandler):
    """Answers a request."""

    server: Server

    def do_GET(self) -> None:
        """Send the page, or the data."""
        prefix = f"/{self.server.token}/"
        name = self.path[len(prefix) :] if self.path.startswith(prefix) else None
        if name not in FILES:
            self._answer(404, "text/plain", b"There is nothing here.\n")
            return
        file, kind = FILES[name]
        try:
            data = (self.server.folder / file).read_bytes()
        except FileNotFoundError:
            self._answer(503, "text/plain", b"The hosts are being asked; load this again.\n")
            return
        self._answer(200, kind, data)

    def _answer(self, status: int, kind: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(data)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing of each request."""


def is_there(process: int) -> bool:
    """Tell whether a process runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def run(words: Sequence[str], goes_on: Callable[[], bool]) -> tuple[int, str]:
    """Run a command, as long as this goes on; return its status, and what it has said."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
        try:
            while process.poll() is None and goes_on():
                time.sleep(_LOOK_SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait()
        said.seek(0)
        return process.returncode, said.read().decode(errors="replace")


def watch(words: Sequence[str], every: float, goes_on: Callable[[], bool]) -> str:
    """Make the page every so many seconds, as long as this goes on.

    Return what a run has said that failed: a bad description gets no better by itself.
    """
    while goes_on():
        begin = time.monotonic()
        status, said = run(words, goes_on)
        if status > 0:
            return said
        while goes_on() and time.monotonic() < begin + every:
            time.sleep(_LOOK_SECONDS)
    return ""


def main() -> None:
    """Serve until this has to end."""
    given: dict[str, Any] = json.load(sys.stdin)
    folder, parent = Path(given["folder"]), given["parent"]
    end = time.monotonic() + given["seconds"] if given["seconds"] else float("inf")
    server = Server(given["port"], folder, given["token"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        failed = watch(
            given["words"], given["every"], lambda: time.monotonic() < end and is_there(parent)
        )
    finally:
        server.shutdown()
        if given["remove"]:
            shutil.rmtree(folder, ignore_errors=True)
    if failed:
        sys.exit(failed)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
