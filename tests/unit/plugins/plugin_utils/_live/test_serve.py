# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of the playbook watch: for this machine alone, for who knows the path, to its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._live import serve, watching

# Makes the page as a run of the playbook would, with the number of the run.
MAKE = """
import pathlib, sys
folder = pathlib.Path(sys.argv[1])
runs = folder.parent / "runs"
runs.write_text((runs.read_text() if runs.exists() else "") + "x")
(folder / "status.html").write_text("run " + str(len(runs.read_text())))
(folder / "status.json").write_text("{}")
"""


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as asked:
        asked.bind((serve.HOST, 0))
        return int(asked.getsockname()[1])


def until(condition: Callable[[], Any]) -> Any:
    """Wait until it holds, and return what it gave."""
    end = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def ask(url: str) -> tuple[int, str]:
    """The status of an answer and its text; 0 where there is none."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


class Watching:
    """The program, while it runs."""

    def __init__(self, folder: Path, parent: int, **more: Any) -> None:
        """Begin; what makes the page is MAKE, unless something else is given."""
        folder.mkdir()
        given: dict[str, Any] = {
            "folder": str(folder), "remove": True, "token": "secret", "port": free_port(),
            "every": 0.1, "seconds": 0, "parent": parent,
            "words": [sys.executable, "-c", MAKE, str(folder)], **more,
        }  # fmt: skip
        self.url = f"http://{serve.HOST}:{given['port']}/secret/"
        self.process = subprocess.Popen(
            watching.PROGRAM, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdin
        self.process.stdin.write(json.dumps(given))
        self.process.stdin.close()

    def page(self) -> str:
        """The page, once it is there."""
        return str(until(lambda: ask(self.url)[0] == 200 and ask(self.url)[1]))


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., Watching]]:
    """Begin to watch; it is ended in any case."""
    begun: list[Watching] = []

    def watch(parent: int = os.getpid(), **more: Any) -> Watching:
        begun.append(Watching(tmp_path / "folder", parent, **more))
        return begun[0]

    yield watch
    for one in begun:
        one.process.kill()
        one.process.wait()


def test_made_again_and_again(begin: Callable[..., Watching]) -> None:
    """The page and the data, and nothing else; nobody keeps a copy."""
    watched = begin()
    first = watched.page()
    until(lambda: watched.page() != first)
    assert ask(f"{watched.url}status.json") == (200, "{}")
    with urllib.request.urlopen(watched.url, timeout=10) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
    host = watched.url.partition("/secret")[0]
    for path in ("/", "/secret", "/secret/runs", "/secret/../folder/status.html", "/status.html"):
        assert ask(f"{host}{path}")[0] == 404, path


def test_before_the_first_run(begin: Callable[..., Watching]) -> None:
    """It says what it waits for."""
    watched = begin(words=[sys.executable, "-c", "import time; time.sleep(60)"])
    status, text = until(lambda: ask(watched.url)[0] and ask(watched.url))
    assert (status, text) == (503, "The hosts are being asked; load this again.\n")


def test_on_this_machine_alone() -> None:
    assert serve.HOST == "127.0.0.1"


def test_ends_with_who_started_it(begin: Callable[..., Watching], tmp_path: Path) -> None:
    """Whoever kills that one; what it has made goes, and so does a run of it."""
    with subprocess.Popen(["sleep", "60"]) as parent:
        watched = begin(parent.pid)
        watched.page()
        parent.kill()
    assert watched.process.wait(30) == 0
    assert ask(watched.url) == (0, "")
    assert not (tmp_path / "folder").exists()


def test_folder_of_the_users_stays(begin: Callable[..., Watching], tmp_path: Path) -> None:
    watched = begin(remove=False, seconds=3)
    assert watched.process.wait(30) == 0
    assert (tmp_path / "folder" / "status.html").exists()


def test_is_told_to_end(begin: Callable[..., Watching], tmp_path: Path) -> None:
    """By a signal, in the middle of a run, which ends, too."""
    script = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()));"
    watched = begin(words=[sys.executable, "-c", f"{script} time.sleep(60)"])
    process = int(until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    watched.process.send_signal(signal.SIGTERM)
    watched.process.wait(30)
    assert not serve.is_there(process)
    assert not (tmp_path / "folder").exists()


def test_run_that_fails(begin: Callable[..., Watching]) -> None:
    """It is the last one, and what it said is told."""
    watched = begin(
        words=[sys.executable, "-c", "print('port 99999 is wrong'); raise SystemExit(2)"]
    )
    assert watched.process.wait(30) == 1
    assert watched.process.stderr
    assert watched.process.stderr.read().strip() == "port 99999 is wrong"


def test_is_there() -> None:
    assert serve.is_there(os.getpid())
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    assert not serve.is_there(gone.pid)
