# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director's metrics are made of, read from a real kernel, with ipvsadm as the witness."""

from __future__ import annotations

import json
from typing import Any

from node import ON_NODE, Node
from witness import Ipvs

VIP, RIP = "192.168.0.111", "192.168.137.129"
WEB = f"-t {VIP}:8201"
COUNT = 3
# Connections to nobody are refused, and counted.
ASK = f"for i in $(seq {COUNT}); do timeout 5 bash -c 'echo > /dev/tcp/{VIP}/8201'; done; true"
READ = """
import json
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Ipvs
from ansible_collections.lvs.cluster.plugins.module_utils._metrics.addresses import addresses
with Ipvs() as kernel:
    counted, details = kernel.read_counted(lambda *told: told), kernel.read_details()
print(json.dumps([counted, details, sorted(addresses())]))
"""


def read(node: Node) -> Any:
    """Return what is counted, quickly and slowly, and the addresses."""
    return json.loads(node.command("env", f"PYTHONPATH={ON_NODE}", "python3", "-c", READ))


def counts(node: Node) -> list[int]:
    """Return how many connections the service has had, and its real servers."""
    ((_service, statistics, servers),) = read(node)[0]
    return [statistics["connections"], sum(server[-1] for server in servers)]


def test_counted(ipvs: Ipvs, node: Node) -> None:
    """Connections of now and of all time, of more real servers than one message."""
    others = [f"10.9.0.{last}" for last in range(1, 201)]
    ipvs.add(
        f"-A {WEB} -s wrr",
        f"-a {WEB} -r {RIP}:8201 -m -w 7",
        *(f"-a {WEB} -r {other}:8201 -m -w 0" for other in others),
    )
    node.command("sh", "-c", ASK)
    # Each processor counts for itself; the kernel adds that up every two seconds.
    ipvs.wait_for(lambda: counts(node) == [COUNT, COUNT])
    counted, details, found = read(node)
    ((_service, _statistics, servers),) = counted
    by_address = {server[0]: (server[3], numbers) for server, *numbers in servers}
    assert by_address.keys() == {RIP, *others}
    weight, (active, inactive, persistent, connections) = by_address[RIP]
    assert (weight, connections) == (7, COUNT)
    rows = {row[1]: row for row in ipvs.listed() if row[0] == "->"}
    assert [active, inactive] == [int(word) for word in rows[f"{RIP}:8201"][4:6]]
    assert persistent == 0
    stats = {row[1]: row for row in ipvs.listed("--stats", "--exact") if row[0] == "->"}
    assert int(stats[f"{RIP}:8201"][2]) == COUNT
    # The slow way reads the same.
    ((_service, _statistics, slowly),) = details
    names = ("active_connections", "inactive_connections", "persistent_connections")
    assert [
        [server, *(numbers[name] for name in names), own["connections"]]
        for server, own, numbers in slowly
    ] == servers
    assert {VIP, RIP, "127.0.0.1"} <= {*found}
