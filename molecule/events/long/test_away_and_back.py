"""The cluster is taken away, and made again, while the hosts have their networks by ifupdown."""

from __future__ import annotations

from nodes import Site, fetch
from teardown import is_taken_away
from testinfra.host import Host


def test_away_and_back(site: Site, client: Host) -> None:
    """Marks, both families, a tunnel, and the gateway that a real server had before."""
    is_taken_away()
    site(everywhere=True)
    found = [fetch(client, f"192.168.0.10{number}", 1) for number in (0, 1, 2)]
    assert found == [["rs1"], ["rs2"], ["rs2"]]
