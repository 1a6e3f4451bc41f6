# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synchronisation daemons: what is given is read, merged with what runs, planned and printed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import (
    ROLES,
    START,
    STOP,
    SyncDaemon,
    WantedDaemon,
    check_new_daemon,
    parse_daemon,
    plan_daemon,
    print_daemon,
    resolve_daemon,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from hypothesis import given
from hypothesis import strategies as st

MTU = {"eth1": 1500, "eth2": 9000, "tun0": 1400, "huge0": 100000}
RUNNING = SyncDaemon("backup", "eth1", 7, 1472)
DAEMONS = st.builds(
    SyncDaemon,
    st.just("master"),
    st.sampled_from(sorted(MTU)),
    st.integers(0, 255),
    st.integers(1, 65487),
    st.sampled_from(["224.0.0.81", "239.255.0.1", "ff02::81"]),
    st.integers(1, 65535),
    st.integers(1, 255),
)


def resolve(have: SyncDaemon | None, **given: Any) -> SyncDaemon:
    """Read a daemon as a task gives it, and merge it with the one that runs."""
    return resolve_daemon(have, parse_daemon(given), lambda interface: MTU.get(interface, 0))


@given(st.none() | DAEMONS, st.none() | DAEMONS)
def test_a_change_is_a_stop_and_a_start(have: SyncDaemon | None, after: SyncDaemon | None) -> None:
    """Done in their order, what runs is what is wanted; at no point do two run."""
    running = have
    for operation in plan_daemon(have, after):
        if operation.action == STOP:
            assert running == operation.daemon
            running = None
        else:
            assert operation.action == START
            assert running is None
            running = operation.daemon
    assert running == after
    assert plan_daemon(after, after) == ()


@given(DAEMONS, DAEMONS, st.sets(st.sampled_from(["interface", "sync_id", "port", "ttl"])))
def test_what_is_not_named_is_left(have: SyncDaemon, other: SyncDaemon, names: set[str]) -> None:
    """Merged with what runs, only the named fields differ, but for a length the kernel chose."""
    given = {name: other.as_result()[name] for name in names}
    after = resolve(have, role="master", **given)
    assert after._replace(maxlen=have.maxlen) == have._replace(**given)
    assert after.maxlen == have.maxlen


@pytest.mark.parametrize("role", ROLES)
def test_a_new_one_gets_the_kernels_defaults(role: str) -> None:
    """As start_sync_thread has them."""
    assert resolve(None, role=role, interface="eth1") == SyncDaemon(
        role, "eth1", 0, 1472, "224.0.0.81", 8848, 1
    )


@pytest.mark.parametrize(
    ("role", "interface", "group", "maxlen"),
    [
        ("master", "eth2", "224.0.0.81", 1472),
        ("master", "eth2", "ff02::81", 1452),
        ("backup", "eth2", "224.0.0.81", 8972),
        ("backup", "eth2", "ff02::81", 8952),
        ("backup", "tun0", "224.0.0.81", 1472),
        ("backup", "huge0", "224.0.0.81", 65507),
    ],
)
def test_length_by_default(role: str, interface: str, group: str, maxlen: int) -> None:
    """A backup takes what its interface brings, a master sends what every backup takes."""
    assert resolve(None, role=role, interface=interface, group=group).maxlen == maxlen


def test_length_that_the_kernel_chose() -> None:
    """It follows the interface and the group; one that somebody gave stays."""
    assert resolve(RUNNING, role="backup", interface="eth2").maxlen == 8972
    assert resolve(RUNNING, role="backup", group="ff02::81").maxlen == 1452
    given = RUNNING._replace(maxlen=1300)
    assert resolve(given, role="backup", interface="eth2", group="ff02::81").maxlen == 1300


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({}, "sync daemon: role is not given; use one of master, backup."),
        ({"role": "both"}, "sync daemon: role 'both' is not known"),
        ({"role": "master"}, "sync daemon master: interface is not given"),
        ({"role": "master", "interface": ""}, "interface '' is not the name of"),
        ({"role": "master", "interface": "eth 1"}, "interface 'eth 1' is not the name of"),
        ({"role": "master", "interface": "eth1\0"}, "interface 'eth1\\x00' is not the name of"),
        ({"role": "master", "interface": ".."}, "interface '..' is not the name of"),
        ({"role": "master", "interface": "e" * 16}, "is not the name of"),
        ({"role": "master", "interface": "eth1", "syncid": 1}, "syncid is not known; use one of"),
        ({"role": "master", "interface": "eth1", "sync_id": "x"}, "sync_id 'x' is not a whole"),
        (
            {"role": "master", "interface": "eth1", "group": "ff::1"},
            "group 'ff::1' is no multicast",
        ),
        ({"role": "master", "interface": "eth1", "group": "240.0.0.1"}, "is no multicast address"),
        ({"role": "backup", "interface": "eth1", "maxlen": 9}, "give one from 1024 to 65507"),
        (
            {"role": "master", "interface": "eth1", "maxlen": 65488, "group": "ff02::1"},
            "maxlen 65488 is out of range; give one from 1 to 65487",
        ),
    ],
)
def test_what_is_no_daemon(source: dict[str, Any], said: str) -> None:
    """One sentence with field, value and fix."""
    with pytest.raises(ModelError) as raised:
        resolve(None, **source)
    assert said in str(raised.value)


def test_what_cannot_start_on_a_host() -> None:
    """An interface that is not there, and two of one role."""
    check_new_daemon({"role": "master", "interface": "eth1"}, ["lo", "eth1"], ["backup"])
    with pytest.raises(ModelError, match="'eth9' does not exist on this host; use one of eth1, lo"):
        check_new_daemon({"role": "master", "interface": "eth9"}, ["lo", "eth1"], [])
    with pytest.raises(ModelError, match="role 'master' is there twice"):
        check_new_daemon({"role": "master", "interface": "eth1"}, ["lo", "eth1"], ["master"])


def test_as_result() -> None:
    """A start in the place of another says what is not as it was."""
    stop, start = plan_daemon(RUNNING, RUNNING._replace(sync_id=8, ttl=2))
    common = {"item": "sync_daemon", "role": "backup", "effect": "none"}
    assert stop.as_result() == {"action": "stop", **common}
    changes = {"sync_id": [7, 8], "ttl": [1, 2]}
    assert start.as_result() == {"action": "start", "changes": changes, **common}
    assert "changes" not in plan_daemon(None, RUNNING)[0].as_result()


def test_printed_for_ipvsadm() -> None:
    """As ipvsadm takes it."""
    assert print_daemon(RUNNING) == (
        "--start-daemon backup --mcast-interface eth1 --syncid 7 --sync-maxlen 1472"
        " --mcast-group 224.0.0.81 --mcast-port 8848 --mcast-ttl 1"
    )


def test_only_a_role_is_left_alone() -> None:
    """A task that names the role only asks for nothing of one that runs."""
    assert parse_daemon({"role": "backup", "interface": None}) == WantedDaemon("backup")
    assert resolve(RUNNING, role="backup") == RUNNING
