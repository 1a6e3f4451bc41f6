"""Real servers are drained and given back: keepalived owns the tables of two directors."""

from __future__ import annotations

from drain import drained_and_given_back
from nodes import Site, node
from pair import VIPS
from testinfra.host import Host


def test_drained_and_given_back(site: Site, client: Host) -> None:
    """On the one that serves and on the other one, by direct routing, of both families."""
    # As when it is operated: a director that says nothing for 0.3 seconds need not be dead.
    directors, slowly = [node("director1"), node("director2")], {"keepalived_advert_int": 1}
    site(**slowly)
    server = ("rs3", "192.168.0.133")
    drained_and_given_back(site, client, directors, VIPS, server, **slowly)
