"""A director that runs becomes an inventory: what every scenario asks of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml
from nodes import INVENTORY, ansible_playbook
from testinfra.host import Host


def play(name: str, *words: str | Path) -> str:
    """Run a playbook, and return what it said."""
    done = ansible_playbook(*words, f"playbooks/{name}.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def how_to_connect(folder: Path, directors: Mapping[str, Host]) -> Path:
    """Write an inventory that has the directors, and nothing of what they serve."""
    known = yaml.safe_load((INVENTORY / "lab.yml").read_text())["all"]
    own = {name: value for name, value in known["vars"].items() if name.startswith("ansible_")}
    path = folder / "own.yml"
    hosts = dict.fromkeys(directors)
    path.write_text(yaml.safe_dump({"directors": {"hosts": hosts, "vars": own}}))
    return path


def adopted(folder: Path, directors: Mapping[str, Host]) -> tuple[tuple[str | Path, ...], str]:
    """Adopt directors; return the inventories for a run by what was written, and what was said."""
    own, shop = how_to_connect(folder, directors), folder / "shop"
    told = play("adopt", "-i", own, "-e", f"lvs_adopt_to={shop}")
    return ("-i", own, "-i", shop, "--limit", "directors"), " ".join(told.split())


def as_it_is(folder: Path, directors: Mapping[str, Host]) -> Path:
    """A run by the inventory that was written changes nothing; return where that one is.

    The description that the directors were made from is not known to it.
    """
    before = {name: host.check_output("ipvsadm -Sn") for name, host in directors.items()}
    inventories, told = adopted(folder, directors)
    for name in directors:
        assert f"{name}: lvs.cluster.site would change nothing." in told
    changes_nothing(play("site", *inventories), directors)
    for name, host in directors.items():
        assert host.check_output("ipvsadm -Sn") == before[name]
    shop = folder / "shop"
    left_out = (shop / "left-out.md").read_text()
    assert left_out.count("Nothing is left out.") == len(directors), left_out
    return shop


def changes_nothing(said: str, names: Iterable[str]) -> None:
    """Assert that a run changed nothing on these hosts."""
    for name in names:
        assert re.search(rf"^{name} .*\bchanged=0\b.*\bfailed=0\b", said, re.MULTILINE), said
