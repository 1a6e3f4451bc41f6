"""Clusters in labs of their own, one for each build, and runs of site on them."""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lvs_lab.paths import state_dir

from lvs_bench.builds import CHECKOUT, Build

# What Ansible says, with -vvv, when it starts Python on a host.
START = re.compile(r"^<([^>]+)> SSH: EXEC .*python3", re.MULTILINE)
CHANGED = re.compile(r" changed=[1-9]| failed=[1-9]| unreachable=[1-9]")
LAB = str(CHECKOUT / "lab" / "lab")


@dataclass(frozen=True)
class Run:
    """One run of a playbook."""

    seconds: float
    told: str
    tasks: list[dict[str, Any]] = field(default_factory=list)
    """What the callback wrote down: host, task, and seconds."""


@dataclass(frozen=True)
class Cluster:
    """A build on the hosts of a lab."""

    build: Build
    state: Path

    def lab(self, *words: str | Path) -> None:
        """Tell the lab something; it says on standard error what it does."""
        command = [LAB, *map(str, words)]
        subprocess.run(command, check=True, stdout=sys.stderr, env=self._environment())

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "LVS_LAB_STATE": str(self.state),
            "MOLECULE_EPHEMERAL_DIRECTORY": str(self.state),
        }

    def prepare(self, inventory: Path) -> None:
        """Have what answers behind the virtual addresses on the hosts."""
        self.play(inventory, CHECKOUT / "molecule" / "shared" / "prepare.yml")

    def site(self, inventory: Path, *options: str) -> Run:
        """Run site."""
        return self.play(inventory, self.build.checkout / "playbooks" / "site.yml", *options)

    def play(self, inventory: Path, playbook: Path, *options: str, **more: str) -> Run:
        """Run a playbook, with plain Ansible."""
        with tempfile.NamedTemporaryFile("r", prefix="durations-") as told:
            began = time.monotonic()
            output = self.build.play(
                "--inventory", inventory, *options, playbook,
                LVS_LAB_STATE=str(self.state),
                MOLECULE_EPHEMERAL_DIRECTORY=str(self.state),
                ANSIBLE_CALLBACK_PLUGINS=str(CHECKOUT / "bench" / "callback"),
                ANSIBLE_CALLBACKS_ENABLED="durations",
                LVS_DURATIONS=told.name,
                **more,
            )  # fmt: skip
            took = time.monotonic() - began
            return Run(took, output, [json.loads(line) for line in told])

    def unchanged(self, run: Run) -> Run:
        """Return a run that has changed nothing; stops the bench where it has."""
        if CHANGED.search(run.told):
            raise SystemExit(f"bench: {self.build.name}: it changed something: {run.told[-4000:]}")
        return run

    def starts(self, inventory: Path, *options: str) -> Counter[str]:
        """Return how often a run of site starts Python on each host."""
        return Counter(START.findall(self.site(inventory, "-vvv", *options).told))


@contextlib.contextmanager
def clusters(builds: list[Build], inventory: Path) -> Iterator[list[Cluster]]:
    """Give a cluster for each build, in labs side by side that end with this."""
    made = [Cluster(build, Path(f"{state_dir()}-{build.name}")) for build in builds]
    try:
        for cluster in made:
            cluster.lab("up", inventory)
        yield made
    finally:
        for cluster in made:
            cluster.lab("down")
