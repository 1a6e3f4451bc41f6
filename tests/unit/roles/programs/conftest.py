# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts with what the programs of the roles give."""

from __future__ import annotations

from pathlib import Path

import pytest
from machine import (
    ALL_STRICT,
    ARP,
    CHAINS,
    CONNTRACK,
    DEVICE_STRICT,
    FORWARD,
    MARKED,
    MASTER,
    RULES,
    Machine,
)


@pytest.fixture
def host(tmp_path: Path) -> Machine:
    """A host with nothing on it."""
    return Machine(tmp_path / "host")


@pytest.fixture
def director(host: Machine) -> Machine:
    """A director with all that its unit starts."""
    host.etc("director.nft", *CHAINS.format(table="lvs_cluster", chain="postrouting").splitlines())
    host.etc("director-marks.nft", *CHAINS.format(table="lvs_cluster", chain="marks").splitlines())
    host.etc("director.settings", "# Managed", f"{FORWARD} 1", f"{CONNTRACK} 0")
    host.etc("director.timeouts", "# Managed", "7200 0 60")
    for path, value in ((FORWARD, "0"), (CONNTRACK, "1")):
        host.sysctl(path, value)
    host.state("timeouts", "900 120 300")
    host.etc("director.addresses", "# Managed", "192.0.2.1/32 eth1", "2001:db8::1/128 eth1")
    host.etc("director.services", "-t 192.0.2.1:80", "-f 1 -6")
    host.etc("director.daemons", MASTER)
    rules = host.root / "etc/ipvsadm.rules"
    rules.write_text("".join(f"{rule}\n" for rule in (*RULES, *MARKED)))
    (host.root / "etc/lvs-cluster/director.rules").symlink_to(rules)
    return host


@pytest.fixture
def tunnels(host: Machine) -> Machine:
    """A real server behind a tunnel, on which the unit has something of each kind to give."""
    host.etc("tun-real-server.modules", "ipip", "fou")
    host.etc("tun-real-server.devices", "tunl0")
    host.etc("tun-real-server.ports", "4 6080")
    host.etc("tun-real-server.settings", "# Managed", f"{ARP} 1", f"{DEVICE_STRICT} 2")
    host.etc("tun-real-server.addresses", "192.0.2.1/32 tunl0", "2001:db8::1/128 tunl0")
    host.state("modules", "ipip tunl0", "fou fou0")
    for path, value in ((ARP, "0"), (ALL_STRICT, "1"), (DEVICE_STRICT, "0")):
        host.sysctl(path, value)
    return host
