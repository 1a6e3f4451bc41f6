"""Runs of site.yml that are killed at chosen places; `make crash` kills them after every change."""

from __future__ import annotations

from typing import Any

import pytest
from crash import OWN_DIRECTOR, Cluster, Snapshot, difference, own_director_serves
from load import Load
from nodes import CHECKOUT, INVENTORY, lab, node, until

CLUSTER = Cluster(
    [INVENTORY, CHECKOUT / "molecule" / "dr_and_tun" / "inventory" / "nfs.yml"],
    ["director", "rs1", "client"],
)
VIP = "207.175.44.110"
EXPORTS = {"nfs_server_exports": [{"path": "/srv/shared", "clients": ["10.0.0.3"]}]}
MOUNT = {"source": "10.0.0.2:/srv/shared", "path": "/mnt/shared"}


@pytest.fixture(scope="module")
def former(services: list[dict[str, Any]]) -> dict[str, Any]:
    """The service by direct routing alone."""
    mounts = [{**MOUNT, "state": "absent"}]
    direct = {**services[0], "port": 80}
    return {"lvs_virtual_services": [direct], "nfs_client_mounts": mounts, **EXPORTS}


@pytest.fixture(scope="module")
def changed(former: dict[str, Any], services: list[dict[str, Any]]) -> dict[str, Any]:
    """What comes is a tunnel, a virtual address, a mark, a daemon and a mount."""
    (direct,) = former["lvs_virtual_services"]
    tunnelled = {**services[1], "address": "207.175.44.111"}
    marked = {key: value for key, value in direct.items() if key not in ("address", "port")}
    marked |= {"name": "marked", "fwmark": 7, "addresses": [VIP], "ports": [443, 8443]}
    return {
        "lvs_virtual_services": [direct, tunnelled, marked],
        "director_sync_daemons": [{"role": "master", "interface": "eth2", "sync_id": 7}],
        "nfs_client_mounts": [MOUNT],
        **EXPORTS,
    }


@pytest.fixture(scope="module")
def was(former: dict[str, Any]) -> Snapshot:
    """All that the hosts have by the former description, and what others have there."""
    CLUSTER.forget()
    CLUSTER.strangers_come()
    CLUSTER.site(former)
    return CLUSTER.snapshot()


@pytest.mark.parametrize(
    ("task", "limit"),
    [
        ("Install settings, program and unit", "rs1"),
        ("Add it to /etc/fstab", "rs1"),
        ("Write the table", "director"),
    ],
)
def test_what_a_killed_run_made_is_gone(
    former: dict[str, Any], changed: dict[str, Any], was: Snapshot, task: str, limit: str
) -> None:
    """With the former description: nothing of ours is left, and nothing of others is touched."""
    with Load(node("client"), [VIP], requests=0, rate=20, downloads=0) as clients:
        assert CLUSTER.site(changed, f"task {task}", limit).broken_off
        CLUSTER.site(former, limit=limit)
    left = difference(was, CLUSTER.snapshot())
    assert not left, "\n".join(left)
    assert len(clients.failed()) == 0


def test_own_director_serves_after_broken_runs_and_boots(former: dict[str, Any]) -> None:
    """By its own ipvsadm.service and daemon, or by ours: by one of them at any time."""
    CLUSTER.forget(then=OWN_DIRECTOR)
    until("it serves of its own", own_director_serves, 60)
    for play in ("Directors forward", "Directors serve"):
        assert CLUSTER.site(former, f"play {play}").broken_off
        lab("reboot", "director")
        until(f"it serves after {play} and a boot", own_director_serves, 60)
