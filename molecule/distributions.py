#!/usr/bin/env python3
"""Run scenarios on distributions of Debian, and write down in docs what came of it.

molecule/distributions.py                              each of RUNS, for some hours
molecule/distributions.py nat forky                    one scenario, all of its hosts on testing
molecule/distributions.py ha bookworm director2=trixie  a mixed cluster
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
TABLE = CHECKOUT / "docs" / "distributions-run.md"
SUITES = {"bookworm": "12", "trixie": "13", "forky": "testing"}
SCENARIOS = ("nat", "dr", "tun", "ldirectord", "ha", "ecmp")
RUNS = (
    *((name, suite) for name in SCENARIOS for suite in SUITES),
    ("ha", "bookworm director2=trixie"),
    ("ha", "trixie director2=bookworm"),
)  # fmt: skip
"""Each scenario, and the hosts' distributions as LVS_LAB_SUITE has them."""

PACKAGES = (
    "systemd", "python3", "python3-pyroute2", "ipvsadm", "nftables", "keepalived", "ldirectord",
    "bird2",
)  # fmt: skip
"""Whose versions tell one distribution from another, and how the roles fared with them."""

RESULTS = "| scenario | Debian | came to | minutes | when |\n| --- | --- | --- | --- | --- |\n"
VERSIONS = f"| Debian | {' | '.join(PACKAGES)} |\n| --- |{' --- |' * len(PACKAGES)}\n"  # as RESULTS


@dataclass(frozen=True)
class Scenario:
    """One scenario on the distributions that it is given, in a lab of its own."""

    name: str
    suites: str

    @property
    def state(self) -> Path:
        """Where its lab and its log are."""
        words = re.sub(r"[^a-z0-9]+", "-", f"{self.name} {self.suites}")
        return CHECKOUT / ".build" / f"distribution-{words}"

    def run(self, *words: str) -> str:
        """Run a command for it; what it says is in the log, and given where it ended well."""
        env = {
            **os.environ,
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_STRATEGY": "mitogen_unpinned",
            "ANSIBLE_STRATEGY_PLUGINS": str(CHECKOUT / "molecule" / "shared" / "strategy"),
            "LVS_LAB_STATE": str(self.state),
            "LVS_LAB_SUITE": self.suites,
            "MOLECULE_EPHEMERAL_DIRECTORY": str(self.state.parent),
            "MOLECULE_SCENARIO_NAME": self.name,
        }
        done = subprocess.run(
            words, cwd=CHECKOUT, env=env, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        with self.state.with_suffix(".log").open("a") as log:
            log.write(f"\n$ {' '.join(words)}\n{done.stdout}")
        if done.returncode != 0:
            raise subprocess.CalledProcessError(done.returncode, words, done.stdout)
        return done.stdout

    def play(self, playbook: str) -> str:
        """Run a playbook on its inventory."""
        return self.run("ansible-playbook", "-i", f"inventories/{self.name}", playbook)

    def idempotence(self) -> str:
        """Run the site a second time, which has to change nothing."""
        said = self.play("playbooks/site.yml")
        changed = re.findall(r"^(\S+) .*changed=[1-9]", said, re.MULTILINE)
        if changed:
            raise subprocess.CalledProcessError(1, f"changed on {', '.join(changed)}", said)
        return said

    def steps(self) -> dict[str, Callable[[], str]]:
        """What has to hold, one after the other."""
        return {
            "create": lambda: self.run("lab/lab", "up", f"inventories/{self.name}"),
            "prepare": lambda: self.play("molecule/shared/prepare.yml"),
            "converge": lambda: self.play("playbooks/site.yml"),
            "idempotence": self.idempotence,
            "verify": lambda: self.run("pytest", f"molecule/{self.name}/tests"),
            "teardown": lambda: self.run("pytest", "molecule/shared/teardown"),
        }

    def outcome(self) -> str:
        """Go through the steps and say what came of it."""
        self.state.parent.mkdir(exist_ok=True)
        self.state.with_suffix(".log").unlink(missing_ok=True)
        for name, step in self.steps().items():
            print(f"{time.strftime('%T')} {self.name} on {self.suites}: {name}", flush=True)
            try:
                step()
            except subprocess.CalledProcessError as error:
                print(str(error.stdout)[-3000:], flush=True)
                return f"**{name} failed**"
        return "all holds"

    def versions(self) -> dict[str, list[str]]:
        """Ask the hosts for the packages' versions, by their distributions."""
        found: dict[str, list[str]] = {}
        question = (
            ". /etc/os-release; echo @ $VERSION_CODENAME; dpkg-query --show "
            f"--showformat='${{Package}} ${{Version}}\\n' {' '.join(PACKAGES)} 2>/dev/null || :"
        )
        inventory = f"inventories/{self.name}"
        said = self.run("ansible", "-i", inventory, "all", "-m", "shell", "-a", question)
        for answer in said.split("@ ")[1:]:
            suite, _, lines = answer.partition("\n")
            have = dict(line.split() for line in lines.splitlines() if len(line.split()) == 2)
            before = found.setdefault(suite, [""] * len(PACKAGES))
            found[suite] = [have.get(name) or old for name, old in zip(PACKAGES, before)]
        return found


def debian(suites: str) -> str:
    """Name the distributions as people do: "12, director2 13"."""
    return ", ".join(
        f"{host} {SUITES[suite]}".strip()
        for host, _, suite in (word.rpartition("=") for word in suites.split())
    )


def with_row(text: str, head: str, key: int, row: Sequence[str]) -> str:
    """Give the page with a row in the table of this head, or in place of one that begins so.

    An empty cell leaves what is known.
    """
    before, _, after = text.partition(head)
    lines = [*itertools.takewhile(lambda line: line.startswith("|"), after.splitlines())]
    rest = after.splitlines()[len(lines) :]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    have = {tuple(known[:key]): known for known in cells}
    old = have.get(tuple(row[:key]), [""] * len(row))
    have[tuple(row[:key])] = [new or known for new, known in zip(row, old)]
    table = [f"| {' | '.join(known)} |" for known in have.values()]
    return before + head + "".join(f"{line}\n" for line in [*table, *rest])


def run(scenario: Scenario) -> bool:
    """Run one, and write down what came of it."""
    began = time.monotonic()
    versions: dict[str, list[str]] = {}
    try:
        outcome = scenario.outcome()
        if scenario.state.exists():
            versions = scenario.versions()
    finally:
        scenario.run("lab/lab", "down")
    minutes = f"{(time.monotonic() - began) / 60:.0f}"
    row = (scenario.name, debian(scenario.suites), outcome, minutes, time.strftime("%Y-%m-%d"))
    text = with_row(TABLE.read_text(), RESULTS, 2, row)
    for suite, found in versions.items():
        text = with_row(text, VERSIONS, 1, (SUITES[suite], *found))
    TABLE.write_text(text)
    print(f"{time.strftime('%T')} {' | '.join(row)}", flush=True)
    return outcome == "all holds"


def main(words: Sequence[str]) -> int:
    """Run what is asked for; gives the exit status."""
    asked = [(words[0], " ".join(words[1:]))] if words else RUNS
    failed = [words for words in asked if not run(Scenario(*words))]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
