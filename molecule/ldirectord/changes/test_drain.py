"""Real servers are drained and given back: ldirectord owns the table."""

from __future__ import annotations

from drain import drained_and_given_back
from nodes import Site
from testinfra.host import Host


def test_drained_and_given_back(site: Site, client: Host, director: Host) -> None:
    """Its checks go on, and succeed; its reloads cut nobody."""
    server = ("rs1", "192.168.137.131")
    drained_and_given_back(site, client, [director], ["10.0.0.100"], server)
