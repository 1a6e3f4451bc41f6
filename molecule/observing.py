"""What lvs.cluster.status and the metrics say of a cluster."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import Any

from nodes import CHECKOUT, INVENTORY, ansible_playbook, environment
from testinfra.host import Host

EXPORTED = "/var/lib/prometheus/node-exporter"


class Status:
    """The cluster, as a run of lvs.cluster.status has found it."""

    def __init__(self, to: Path, **variables: object) -> None:
        """Run it; reports of before are in the same folder."""
        given = json.dumps({"lvs_status_to": str(to), **variables})
        done = ansible_playbook("-i", INVENTORY, "-e", given, "playbooks/status.yml")
        assert done.returncode == 0, done.stdout + done.stderr
        self.said = done.stdout
        self.page = (to / "status.html").read_text()
        self.data: dict[str, Any] = json.loads((to / "status.json").read_text())

    @property
    def state(self) -> str:
        """That of the whole cluster."""
        return str(self.data["state"])

    def named(self, kind: str, name: str) -> dict[str, Any]:
        """Return one of the services, directors or real servers."""
        found: dict[str, Any] = next(one for one in self.data[kind] if one["name"] == name)
        return found

    def card(self, director: str) -> str:
        """Return what the page has of a director."""
        cards: list[str] = re.findall('<article class="card">.*?</article>', self.page, re.DOTALL)
        return next(card for card in cards if f"<h3>{director}</h3>" in card)


class Watch:
    """The page, as lvs.cluster.watch serves it while the body runs."""

    def __init__(self, **variables: object) -> None:
        """Choose a port that nobody has."""
        with socket.socket() as asked:
            asked.bind(("127.0.0.1", 0))
            self.port = int(asked.getsockname()[1])
        self._given = json.dumps({"lvs_watch_port": self.port, **variables})
        self._address = ""

    def __enter__(self) -> Watch:
        """Begin, and read where the page is."""
        # Who runs the tests may be deaf to Ctrl-C, and so would be what they start.
        self._run = subprocess.Popen(
            [
                *("env", "--default-signal=INT", "ansible-playbook", "-i", INVENTORY),
                *("-e", self._given, "playbooks/watch.yml"),
            ],
            cwd=CHECKOUT,
            env=environment(alone=True),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self._run.stdout is not None
        said = []
        for line in self._run.stdout:
            said.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+/[^/ ]+", line)
            if found:
                self._address = found[0]
                return self
        raise AssertionError("".join(said))

    def __exit__(self, *_exception: object) -> None:
        """Make sure that it has ended."""
        self.interrupt()
        self._run.communicate(timeout=60)

    def interrupt(self) -> None:
        """End it as Ctrl-C does, which all of the terminal's processes get."""
        if self._run.poll() is None:
            os.killpg(self._run.pid, signal.SIGINT)
            self._run.wait(60)

    def is_served(self, address: str) -> bool:
        """Tell whether somebody listens at the port, at an address of this machine."""
        with socket.socket() as asked:
            return asked.connect_ex((address, self.port)) == 0

    def get(self, name: str) -> str:
        """Return the page, or the data; empty as long as nothing is served yet."""
        try:
            with urllib.request.urlopen(f"{self._address}/{name}", timeout=10) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            assert error.code == HTTPStatus.SERVICE_UNAVAILABLE, error
            return ""
        except urllib.error.URLError:
            return ""

    def state(self) -> str:
        """Return the state of the whole cluster."""
        data = self.get("status.json")
        return str(json.loads(data)["state"]) if data else ""

    def status(self, path: str) -> int:
        """Return how a path is answered for who does not know where the page is."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", timeout=10
            ) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code


def write_metrics(director: Host) -> None:
    """Have the metrics written now, and what the unit gives looked at again."""
    director.check_output("rm -f /run/lvs-metrics/unit.json; systemctl start lvs-metrics.service")


def metric(director: Host, name: str) -> str:
    """Return the value of a metric; with its labels, as the file has them."""
    text = director.file(f"{EXPORTED}/lvs.prom").content_string
    found = [line.rpartition(" ") for line in text.splitlines()]
    return next((value for key, _space, value in found if key == name), "")
