"""The cluster of inventory events: it serves by each method, and each unit has its watcher."""

from __future__ import annotations

import pytest
from nodes import fetch, node
from testinfra.host import Host


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("192.168.0.100", "rs1"),
        ("192.168.0.101", "rs2"),
        ("[fd00::101]", "rs2"),
        ("192.168.0.102", "rs2"),
    ],
)
def test_it_serves(client: Host, address: str, server: str) -> None:
    """By NAT with a mark, by direct routing with both families, by a tunnel."""
    assert fetch(client, address, 2) == [server, server]


@pytest.mark.parametrize("name", ["director", "rs1", "rs2"])
def test_each_unit_has_its_watcher(name: str) -> None:
    """It runs, and none has failed."""
    host = node(name)
    units = host.check_output("systemctl list-units --plain --no-legend 'lvs-*.service'")
    states = {line.split()[0]: line.split()[2] for line in units.splitlines()}
    owners = {unit.removeprefix("lvs-") for unit in states if "@" not in unit}
    assert owners
    assert {unit.removeprefix("lvs-watch@") for unit in states if "@" in unit} == owners
    assert {*states.values()} == {"active"}
