"""What the scenarios' tests ask the nodes with."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import testinfra
from testinfra.host import Host

CHECKOUT = Path(__file__).resolve().parents[1]
STATE = Path(os.environ.get("LVS_LAB_STATE") or CHECKOUT / ".lab")
INVENTORY = CHECKOUT / "inventories" / os.environ.get("MOLECULE_SCENARIO_NAME", "nat")

Site = Callable[..., "subprocess.CompletedProcess[str]"]
"""Runs site.yml with other services."""


def node(name: str) -> Host:
    """Connect to a node of the lab."""
    return testinfra.get_host(f"ssh://root@{name}?ssh_config={STATE / 'ssh_config'}")


def fetch(client: Host, vip: str, count: int) -> list[str]:
    """Return the client's answers to so many requests, one after the other."""
    loop = f"for i in $(seq {count}); do curl -sS --max-time 10 http://{vip}/; done"
    return str(client.check_output(loop)).split()


def table(director: Host) -> list[list[str]]:
    """Return ipvsadm's own listing, without its head and without the connections' counts."""
    lines = director.check_output("ipvsadm -Ln").splitlines()[3:]
    return [line.split()[:4] if "->" in line else line.split() for line in lines]


def established(director: Host) -> list[str]:
    """Return the established connections: client, virtual address and real server of each."""
    lines = director.check_output("ipvsadm -Lnc").splitlines()
    return [" ".join(line.split()[3:]) for line in lines if " ESTABLISHED " in line]


def until(what: str, condition: Callable[[], Any], seconds: float = 20) -> Any:
    """Wait until the condition holds, and return what it gave."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.2)


DOWNLOAD = """
import http.client, os, time
connection = http.client.HTTPConnection("{vip}", timeout=30)
connection.request("GET", "/large")
answer, size = connection.getresponse(), 0
while data := answer.read(65536):
    size += len(data)
    if not os.path.exists("/tmp/hurry"):
        time.sleep(0.2)
print(size)
"""


class Download:
    """A download by the client that takes its time until it is told to hurry."""

    def __init__(self, client: Host, vip: str) -> None:
        """Begin."""
        self._client = client
        script = DOWNLOAD.replace("{vip}", vip)
        client.check_output("rm -f /tmp/hurry /tmp/size")
        client.check_output(f"python3 -c '{script}' >/tmp/size 2>&1 </dev/null &")

    def size(self) -> int:
        """Hurry to the end, and return how much there was."""
        self._client.check_output("touch /tmp/hurry")
        text = until("the download has ended", lambda: self._client.check_output("cat /tmp/size"))
        return int(text)
