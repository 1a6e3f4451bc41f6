"""Real servers are drained and given back: keepalived owns the tables of two directors."""

from __future__ import annotations

from drain import drained_and_given_back
from nodes import Site, node
from pair import VIPS
from testinfra.host import Host


def test_drained_and_given_back(site: Site, client: Host) -> None:
    """On the one that serves and on the other one, by direct routing, of both families."""
    site()
    server = ("rs3", "192.168.0.133")
    drained_and_given_back(site, client, [node("director1"), node("director2")], VIPS, server)
