"""A day of drains, an update, other weights and another scheduler, by direct routing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nodes import Site
from operated import operated_at_noon
from testinfra.host import Host


def test_operated_at_noon(
    site: Site, client: Host, director: Host, services: list[dict[str, Any]], tmp_path: Path
) -> None:
    """No request fails, and no download is cut."""
    operated_at_noon(site, client, [director], services, ["rs1", "rs2"], tmp_path / "update.yml")
