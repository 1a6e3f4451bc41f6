# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of site.yml that are killed after each of their changes, and what the next run makes of it.

`make crash` runs this in a lab of its own. It takes long, and is no part of `make test`.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from crash import OWN_DIRECTOR, SHARED, Cluster, Snapshot, difference, own_director_serves
from load import Load
from nodes import CHECKOUT, LAB, lab, node, until

INVENTORY = Path(__file__).with_name("inventory")
CLUSTER = Cluster([INVENTORY], ["director", "rs1", "rs2", "rs3", "client"])
BASE = "207.175.44.110"
EXPORT = {"path": "/srv/shared", "clients": ["10.0.0.4"]}
MOUNT = {"source": "10.0.0.2:/srv/shared", "path": "/mnt/shared"}


def service(name: str, forward: str, host: str, **more: Any) -> dict[str, Any]:
    """A service of one real server."""
    server = {"scheduler": "rr", "forward": forward, "real_servers": [{"host": host}]}
    return {"name": name, **server, **more}


KEPT = service("kept", "dr", "rs1", address=BASE, port=80)
EMPTY: dict[str, Any] = {
    "lvs_virtual_services": [],
    "nfs_server_exports": [],
    "nfs_client_mounts": [{**MOUNT, "state": "absent"}],
}
FORMER: dict[str, Any] = {
    **EMPTY,
    "lvs_virtual_services": [
        KEPT,
        service("moving", "dr", "rs2", address="207.175.44.111", port=80),
    ],
    "nfs_server_exports": [EXPORT],
}
# A virtual address, a service, a mark, a daemon, other methods, a tunnel, an export, a mount.
CHANGED: dict[str, Any] = {
    "lvs_virtual_services": [
        KEPT,
        service("moving", "tun", "rs2", address="207.175.44.111", port=80),
        service("new", "nat", "rs3", address="207.175.44.112", port=80),
        service("marked", "dr", "rs1", fwmark=7, addresses=["207.175.44.113"], ports=[80, 443]),
    ],
    "director_sync_daemons": [{"role": "master", "interface": "eth2", "sync_id": 7}],
    "nfs_server_exports": [EXPORT, {**EXPORT, "path": "/srv/more"}],
    "nfs_client_mounts": [MOUNT],
}


@pytest.fixture(scope="module", autouse=True)
def nodes_up() -> Iterator[None]:
    """Have the nodes, and what answers on them."""
    up = subprocess.run([LAB, "exec", "director", "true"], capture_output=True, check=False)
    if up.returncode != 0:
        lab("up", str(INVENTORY))
    prepare = ["ansible-playbook", "-i", str(INVENTORY), str(SHARED / "prepare.yml")]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg")}
    subprocess.run(prepare, cwd=CHECKOUT, env=environment, check=True)
    yield
    lab("down")


def broken_off(
    change: dict[str, Any], at: str, former: dict[str, Any], was: Snapshot
) -> str | None:
    """Break a change off, go back to the former description, and return what is not as it was.

    None where the run comes to its end before that.
    """
    run = CLUSTER.site(change, at)
    if not run.broken_off:
        return None
    again = CLUSTER.site(former)
    left = difference(was, CLUSTER.snapshot())
    print(
        f"{at}, {run.last}: {len(again.changed)} changes to make up for it, left {left}", flush=True
    )
    return f"{at}, {run.last}: {left}" if left else ""


def test_change_is_broken_off(every: int, first: int) -> None:
    """Nothing of ours is left, nothing of others is touched, no request fails."""
    CLUSTER.forget()
    CLUSTER.strangers_come()
    for description in (FORMER, CHANGED, FORMER):
        CLUSTER.site(description)
    was = CLUSTER.snapshot()
    wrong: list[str] = []
    with Load(node("client"), [BASE], requests=0, rate=20, downloads=0) as clients:
        for number in itertools.count(first, every):
            left = broken_off(CHANGED, f"changed {number}", FORMER, was)
            if left is None:
                break
            wrong.append(left)
    assert wrong
    print(f"{len(clients.requests)} requests, {len(clients.failed())} failed")
    assert not any(wrong), "\n".join(wrong)
    assert len(clients.failed()) == 0


def test_first_run_is_broken_off(every: int, first: int) -> None:
    """What is left is what the empty description makes of such hosts."""
    CLUSTER.forget()
    CLUSTER.strangers_come()
    CLUSTER.site(EMPTY)
    was = CLUSTER.snapshot()
    number, wrong = first, []
    while True:
        CLUSTER.forget()
        CLUSTER.strangers_come()
        run = CLUSTER.site(CHANGED, f"changed {number}")
        if not run.broken_off:
            break
        CLUSTER.site(EMPTY)
        left = difference(was, CLUSTER.snapshot())
        print(f"changed {number}, {run.last}: left {left}", flush=True)
        wrong += [f"changed {number}, {run.last}: {left}"] if left else []
        number += every
    assert number > first
    assert not wrong, "\n".join(wrong)


def plays_of_site() -> list[str]:
    """Return the plays of site.yml that do something, by their names, in order."""
    books = yaml.safe_load((CHECKOUT / "playbooks" / "site.yml").read_text())
    return [
        play["name"]
        for book in books
        for play in yaml.safe_load(
            (CHECKOUT / "playbooks" / book["ansible.builtin.import_playbook"]).read_text()
        )
        if "tasks" in play
    ]


@pytest.mark.parametrize("play", plays_of_site())
def test_own_director_serves_after_a_broken_run_and_a_boot(play: str) -> None:
    """By its own ipvsadm.service and daemon, or by ours."""
    CLUSTER.forget(then=OWN_DIRECTOR)
    until("it serves of its own", own_director_serves, 60)
    assert CLUSTER.site(FORMER, f"play {play}").broken_off
    lab("reboot", "director")
    until("it serves after the boot", own_director_serves, 60)
