"""The virtual address comes and goes with the unit and with the description."""

from __future__ import annotations

from typing import Any

from nodes import Site, fetch, table
from testinfra.host import Host

VIP = "192.168.2.130"


def test_unit_takes_its_address_back(client: Host, director: Host) -> None:
    """stop removes the address that the role added, and the director's own stays."""
    director.check_output("systemctl stop lvs-director")
    shown = director.check_output("ip -4 address show dev eth1")
    assert VIP not in shown
    assert "192.168.2.1/24" in shown
    director.check_output("systemctl start lvs-director")
    assert len(fetch(client, VIP, 2)) == 2


def test_address_moves(site: Site, client: Host, director: Host, web: dict[str, Any]) -> None:
    """Another address in the description: the old one goes, with its service."""
    site({**web, "address": "192.168.2.131"})
    shown = director.check_output("ip -4 address show dev eth1")
    assert "192.168.2.131/32" in shown
    assert VIP not in shown
    assert [row[1] for row in table(director) if row[0] == "TCP"] == ["192.168.2.131:80"]
    assert len(fetch(client, "192.168.2.131", 2)) == 2
    assert "changed=0" in site({**web, "address": "192.168.2.131"}).stdout
