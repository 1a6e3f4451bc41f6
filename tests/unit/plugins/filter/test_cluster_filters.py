# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters by which the director role checks and writes down its time-outs and daemons."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.filter.cluster import (
    daemon_words,
    setting_problems,
    timeout_words,
)
from ansible_collections.lvs.cluster.plugins.module_utils._daemon import SyncDaemon, print_daemon

INTERFACES = ["lo", "eth1", "eth2"]


def test_nothing_is_wrong() -> None:
    """With nothing, and with one daemon of each role."""
    assert setting_problems({}, [], INTERFACES) == []
    both = [{"role": role, "interface": "eth2", "sync_id": 1} for role in ("master", "backup")]
    assert setting_problems({"tcp": 7200}, both, INTERFACES) == []


def test_every_problem_is_told() -> None:
    """A sentence each, with the variable in it."""
    daemons: list[dict[str, Any]] = [
        {"role": "master", "interface": "eth9"},
        {"role": "master", "interface": "eth1"},
        {"role": "backup", "interface": "eth1", "port": 0},
    ]
    timeouts, missing, twice, port = setting_problems({"udp": 0}, daemons, INTERFACES)
    assert timeouts.startswith("director_timeouts: udp 0 is no time;")
    assert missing == (
        "director_sync_daemons: sync daemon master: interface 'eth9' does not exist on this host;"
        " use one of eth1, eth2, lo."
    )
    assert twice == (
        "director_sync_daemons: sync daemon master is there twice; leave out one of the two."
    )
    assert "sync daemon backup: port 0 is out of range" in port


def test_words_for_ipvsadm() -> None:
    """What is not named is left alone; a daemon is as the module returns it."""
    assert timeout_words({"tcp": "7200"}) == "--set 7200 0 0"
    daemon = SyncDaemon("master", "eth2", 7, 1472)
    assert daemon_words(daemon.as_result()) == print_daemon(daemon)
