# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel goes by."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.found import Found
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.kernel import (
    read_daemons,
    read_sysctls,
    read_timeouts,
)

# As Linux 6.12 has them at boot, of which the role sets two otherwise.
AT_BOOT = {
    "am_droprate": "10", "amemthresh": "1024", "backup_only": "0", "cache_bypass": "0",
    "conn_reuse_mode": "1", "conntrack": "0", "drop_entry": "0", "est_cpulist": "0-1",
    "est_nice": "0", "expire_nodest_conn": "0", "expire_quiescent_template": "0",
    "lblc_expiration": "86400", "pmtu_disc": "1", "run_estimation": "1", "snat_reroute": "1",
    "sync_ports": "1", "sync_qlen_max": "15532", "sync_threshold": "3 50", "sync_version": "1",
}  # fmt: skip
BY_ROLE = {"expire_nodest_conn": "1", "expire_quiescent_template": "1"}


def sysctls(*declared: str, **changed: str) -> Any:
    """What is said of the settings."""
    found = Found()
    read_sysctls({**AT_BOOT, **changed}, declared, found)
    return found.variables.get("director_ipvs_sysctls")


class TestSysctls:
    """The role sets those that it is told of, and four if it is told nothing."""

    def test_as_the_role_has_them(self) -> None:
        assert sysctls(**BY_ROLE) is None

    def test_as_at_boot(self) -> None:
        assert sysctls() == {
            "conntrack": 0, "conn_reuse_mode": 1, "expire_nodest_conn": 0,
            "expire_quiescent_template": 0,
        }  # fmt: skip

    def test_what_somebody_has_set(self) -> None:
        found = sysctls(sync_threshold="0 0", drop_entry="2", est_nice="-5", **BY_ROLE)
        assert found["sync_threshold"] == "0 0"
        assert found["drop_entry"] == 1
        assert found["est_nice"] == -5
        assert len(found) == 7

    def test_what_the_last_run_was_told(self) -> None:
        """Though it is what the kernel has by itself."""
        declared = ["net/ipv4/ip_forward 1", "net/ipv4/vs/cache_bypass 0"]
        assert sysctls(*declared, pmtu_disc="0") == {"cache_bypass": 0}

    def test_what_nobody_knows(self) -> None:
        assert sysctls(new_one="3", **BY_ROLE) is None


@pytest.mark.parametrize(
    ("live", "declared", "said"),
    [
        ({}, [], None),
        ({"tcp": 7200}, [], {"tcp": 7200}),
        ({"udp": 30}, ["900 0 30"], {"tcp": 900, "udp": 30}),
    ],
)
def test_timeouts(live: dict[str, int], declared: list[str], said: Any) -> None:
    """Those that differ from the kernel's, and those that the role was told of."""
    found = Found()
    read_timeouts({"tcp": 900, "tcp_fin": 120, "udp": 300, **live}, declared, found)
    assert found.variables.get("director_timeouts") == said


def live(role: str, **changed: Any) -> dict[str, Any]:
    """A daemon that runs."""
    maxlen = 1472 if role == "master" else 8972
    return {"role": role, "interface": "eth2", "sync_id": 0, "maxlen": maxlen,
            "group": "224.0.0.81", "port": 8848, "ttl": 1, **changed}  # fmt: skip


class TestDaemons:
    """Without what the kernel takes by itself."""

    def read(self, daemons: Any, declared: list[str] | None, **variables: Any) -> Any:
        """What is said of them."""
        found = Found(variables=variables)
        read_daemons(daemons, declared, {"eth2": 9000}, found)
        return found.variables.get("director_sync_daemons")

    def test_of_others(self) -> None:
        daemons = [live("master", sync_id=3, port=8849), live("backup")]
        assert self.read(daemons, None) == [
            {"role": "master", "interface": "eth2", "sync_id": 3, "port": 8849},
            {"role": "backup", "interface": "eth2"},
        ]
        assert self.read([live("backup", maxlen=1472)], None)[0]["maxlen"] == 1472

    def test_of_the_role(self) -> None:
        """By what it was told; a daemon of others that it starts at boot stays that."""
        declared = ["--start-daemon master --mcast-interface eth2 --syncid 51"]
        assert self.read([live("master", sync_id=51), live("backup")], declared) == [
            {"role": "master", "interface": "eth2", "sync_id": 51}
        ]
        assert self.read([live("master")], []) is None

    def test_of_keepalived(self) -> None:
        own = {"keepalived_sync_daemon": {"interface": "eth2"}}
        assert self.read([live("master")], None, **own) is None
