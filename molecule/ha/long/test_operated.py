"""A day of drains, an update, other weights and another scheduler: keepalived has both tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nodes import Site, node
from operated import operated_at_noon
from pair import became_master, serving
from testinfra.host import Host


def test_operated_at_noon(
    site: Site, client: Host, services: list[dict[str, Any]], tmp_path: Path
) -> None:
    """By NAT and by direct routing, of both families: no request fails, no download is cut."""
    directors = [node("director1"), node("director2")]
    # One of each kind: with all four it takes twice the time. On a machine that has much to do, a
    # director that says nothing for 0.3 seconds, as the inventory has it, need not be dead.
    names, tasks, slowly = ["rs1", "rs3"], tmp_path / "update.yml", {"keepalived_advert_int": 1}
    site(everywhere=True, **slowly)
    master, _backup = serving()
    since = became_master(master)
    operated_at_noon(site, client, directors, services, names, tasks, **slowly)
    assert (serving()[0], became_master(master)) == (master, since)
