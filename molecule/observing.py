"""What lvs.cluster.status and the metrics say of a cluster."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from nodes import INVENTORY, ansible_playbook
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


def write_metrics(director: Host) -> None:
    """Have the metrics written now, and what the unit gives looked at again."""
    director.check_output("rm -f /run/lvs-metrics/unit.json; systemctl start lvs-metrics.service")


def metric(director: Host, name: str) -> str:
    """Return the value of a metric; with its labels, as the file has them."""
    text = director.file(f"{EXPORTED}/lvs.prom").content_string
    found = [line.rpartition(" ") for line in text.splitlines()]
    return next((value for key, _space, value in found if key == name), "")
