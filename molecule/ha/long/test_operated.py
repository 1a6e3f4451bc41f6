"""A day of drains, an update, other weights and another scheduler: keepalived has both tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nodes import Site, node
from operated import operated_at_noon
from pair import became_master, serving, tunnelled
from testinfra.host import Host


def test_operated_at_noon(
    site: Site, client: Host, services: list[dict[str, Any]], tmp_path: Path
) -> None:
    """By NAT, direct routing and tunnels, of both families: no request fails, none is cut."""
    directors = [node("director1"), node("director2")]
    described = [*services, *tunnelled(services)]
    # On a machine that has much to do, a director that says nothing for 0.3 seconds, as the
    # inventory has it, need not be dead.
    given = {"keepalived_advert_int": 1, "lvs_virtual_services": described}
    site(everywhere=True, **given)
    master, _backup = serving()
    since = became_master(master)
    names = ["rs1", "rs2", "rs3", "rs4"]
    operated_at_noon(site, client, directors, described, names, tmp_path / "update.yml", **given)
    assert (serving()[0], became_master(master)) == (master, since)
