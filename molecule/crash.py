"""Runs of site.yml that break off, and what they leave on the hosts."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from nodes import CHECKOUT, environment, lab, node

SHARED = CHECKOUT / "molecule" / "shared"
SNAPSHOT = SHARED / "files" / "crash-snapshot"
STRANGER = SHARED / "files" / "crash-stranger"
FORGET = SHARED / "files" / "crash-forget"
OWN_DIRECTOR = SHARED / "files" / "crash-own-director"

Snapshot = dict[str, str]
"""What each host has, as text."""


@dataclass(frozen=True)
class Run:
    """How a run ended."""

    broken_off: bool
    changed: tuple[str, ...]  # "HOST: TASK", a line each
    told: str

    @property
    def last(self) -> str:
        """What it had just changed."""
        return self.changed[-1] if self.changed else "nothing"


@dataclass(frozen=True)
class Cluster:
    """The inventory, and the hosts of it that may have something of ours."""

    inventories: Sequence[Path]
    hosts: Sequence[str]

    def site(self, description: dict[str, Any], break_off: str = "", limit: str = "all") -> Run:
        """Run site.yml; broken off at a place, if one is named; see callback/break_off.py."""
        with tempfile.NamedTemporaryFile("r", prefix="changed-") as told:
            done = subprocess.run(
                self._command(description, limit),
                cwd=CHECKOUT,
                env=_environment(told.name, break_off),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            changed = tuple(told.read().splitlines())
        broken_off = done.returncode == -signal.SIGKILL
        assert broken_off or done.returncode == 0, done.stdout[-6000:]
        return Run(broken_off, changed, done.stdout)

    def _command(self, description: dict[str, Any], limit: str) -> list[str]:
        sources = [word for path in self.inventories for word in ("-i", str(path))]
        words = ["--limit", limit, "-e", json.dumps(description), "playbooks/site.yml"]
        return ["ansible-playbook", *sources, *words]

    def snapshot(self) -> Snapshot:
        """Return all that we and others could have on the hosts."""
        return {name: run_on(name, SNAPSHOT) for name in self.hosts}

    def strangers_come(self) -> None:
        """Somebody else has something of every kind on the hosts."""
        for name in self.hosts:
            run_on(name, STRANGER)

    def forget(self, then: Path | None = None) -> None:
        """Take away all that the roles have made, and boot: they have never been here."""
        for name in self.hosts:
            run_on(name, FORGET)
            if then is not None:
                run_on(name, then)
        lab("reboot", *self.hosts)


def run_on(name: str, script: Path) -> str:
    """Run a script on a node, and return what it says."""
    done = node(name).run("sh -s <<'END_OF_SCRIPT'\n" + script.read_text() + "\nEND_OF_SCRIPT")
    assert done.rc == 0, f"{name}: {done.stdout}{done.stderr}"
    return str(done.stdout)


def own_director_serves() -> bool:
    """Tell whether what crash-own-director has set up serves: its service, and its daemon."""
    told = node("director").check_output("ipvsadm -L --daemon")
    answer = node("client").run("curl -sS --max-time 5 http://207.175.44.200/").stdout
    return "master sync daemon (mcast=eth2, syncid=7" in told and answer == "rs1\n"


def difference(before: Snapshot, after: Snapshot) -> list[str]:
    """Return what is not as before: what is gone begins with -, what has come with +."""
    return [
        f"{name} {line}"
        for name in before
        for line in unified_diff(
            before[name].splitlines(), after[name].splitlines(), lineterm="", n=0
        )
        if line[0] in "+-" and line[:3] not in ("+++", "---")
    ]


def _environment(told: str, break_off: str) -> dict[str, str]:
    return {
        **environment(alone=True),
        "ANSIBLE_CALLBACK_PLUGINS": str(SHARED / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "break_off",
        "LVS_BREAK_OFF": break_off,
        "LVS_BREAK_OFF_TOLD": told,
    }
