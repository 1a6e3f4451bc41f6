"""Builds of the collection: this checkout, and another beside it."""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lvs_bench.runs import BEFORE, NOW

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Build:
    """One build, as Ansible finds it."""

    name: str
    checkout: Path
    collections: Path

    @property
    def role(self) -> Path:
        """The director's role. It is a copy, to which tasks can be added."""
        return self.collections / "ansible_collections" / "lvs" / "cluster" / "roles" / "director"

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment in which Ansible takes this build."""
        return {
            **os.environ,
            "ANSIBLE_CONFIG": str(self.checkout / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_NOCOLOR": "true",
            **more,
        }

    def play(self, *words: str | Path, **more: str) -> str:
        """Run ansible-playbook, and return what it printed; stops the bench where it fails."""
        done = subprocess.run(
            ["ansible-playbook", *words], cwd=self.checkout, env=self.environment(**more),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise SystemExit(f"bench: {self.name}: {done.stdout[-4000:]}{done.stderr[-4000:]}")
        return done.stdout

    def version(self) -> str:
        """Return the commit, with a mark where the checkout differs from it."""
        return subprocess.run(
            ["git", "-C", self.checkout, "describe", "--always", "--dirty"],
            check=True, capture_output=True, text=True,
        ).stdout.strip()  # fmt: skip


@contextlib.contextmanager
def builds(beside: Path | None) -> Iterator[list[Build]]:
    """Give this build, and the one of another checkout."""
    with tempfile.TemporaryDirectory(prefix="lvs-bench-") as directory:
        checkouts = {NOW: CHECKOUT, **({} if beside is None else {BEFORE: beside.resolve()})}
        yield [
            Build(name, checkout, _installed(checkout, Path(directory) / name))
            for name, checkout in checkouts.items()
        ]


def _installed(checkout: Path, collections: Path) -> Path:
    """Make what Ansible looks for collections in, which a checkout alone is not."""
    collection = collections / "ansible_collections" / "lvs" / "cluster"
    (collection / "roles").mkdir(parents=True)
    for name in ("galaxy.yml", "meta", "playbooks", "plugins"):
        (collection / name).symlink_to(checkout / name)
    for role in sorted((checkout / "roles").iterdir()):
        if role.name == "director":
            shutil.copytree(role, collection / "roles" / role.name)
        else:
            (collection / "roles" / role.name).symlink_to(role)
    return collections
