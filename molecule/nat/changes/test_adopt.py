"""The director becomes an inventory: the kernel says what it serves."""

from __future__ import annotations

from pathlib import Path

from adopt import as_it_is
from testinfra.host import Host


def test_adopted_as_it_is(director: Host, tmp_path: Path) -> None:
    """The real servers answer through the same address, and are masqueraded by the same."""
    shop = as_it_is(tmp_path, {"director": director})
    assert "lvs_dip: 192.168.137.129" in (shop / "group_vars/directors.yml").read_text()
