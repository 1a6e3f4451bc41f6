# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that hold refusals back; what the kernel makes of them is in tests/kernel."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._effects import ADD, DELETE, EDIT
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.hold import (
    refusals_held,
    rules_for,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer, Service
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.module import operation_results
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import Operation

WEB = Service("tcp", "192.0.2.1", 80, scheduler="rr")
OTHER = WEB._replace(scheduler="wrr")
SERVER = RealServer("10.0.0.1", 80)


def rules(*services: Service) -> list[str]:
    """Return what is dropped."""
    start = "add rule inet lvs_scheduler output "
    lines = rules_for(services, 11).splitlines()
    return [line[len(start) :] for line in lines if line.startswith(start)]


def test_the_rules_of_a_service() -> None:
    """They are for the answer to its clients alone, and for as long as the set has elements."""
    assert rules(WEB) == [
        "icmp type destination-unreachable icmp code 3 @th,136,8 6 @th,192,32 0xc0000201"
        " @th,240,16 80 meta l4proto @held drop"
    ]
    assert rules(Service("udp", "2001:db8::1", 53, family="ipv6")) == [
        "icmpv6 type destination-unreachable icmpv6 code 4 @th,112,8 17"
        " @th,256,128 0x20010db8000000000000000000000001 @th,400,16 53 meta l4proto @held drop"
    ]
    assert "@th,240" not in rules(Service("tcp", "192.0.2.1", 0))[0]
    assert "held { icmp timeout 11s, ipv6-icmp timeout 11s }" in rules_for([WEB], 11)


def test_a_packet_that_is_quoted_has_no_mark() -> None:
    """Services of marks have one rule for each family."""
    marked = [Service(fwmark=mark, family=family) for mark in (1, 2) for family in ("ipv4", "ipv6")]
    assert [rule.split()[0] for rule in rules(*marked)] == ["icmp", "icmpv6"]


@pytest.mark.parametrize(
    "operation",
    [
        Operation(ADD, WEB.key, after=WEB),
        Operation(DELETE, WEB.key, before=WEB),
        Operation(EDIT, WEB.key, before=WEB, after=WEB._replace(persistent_timeout=60)),
        Operation(EDIT, WEB.key, SERVER.key, SERVER, SERVER._replace(weight=3)),
    ],
)
def test_what_needs_no_rules(monkeypatch: pytest.MonkeyPatch, operation: Operation) -> None:
    """Nobody looks for nftables."""
    monkeypatch.delattr("subprocess.run")
    assert not operation.changes_scheduler
    with refusals_held([operation]) as held:
        assert held is False


def test_what_a_result_says_of_it() -> None:
    """The effect is another one where refusals are held back."""
    operations = (
        Operation(EDIT, WEB.key, before=WEB, after=OTHER),
        Operation(EDIT, WEB.key, SERVER.key, SERVER, SERVER._replace(weight=3)),
    )
    effects = [[step["effect"] for step in operation_results(operations, h)] for h in (True, False)]
    assert effects == [
        ["delays new connections", "new connections only"],
        ["refuses new connections", "new connections only"],
    ]
