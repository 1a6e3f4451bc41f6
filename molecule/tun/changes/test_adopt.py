"""The director becomes an inventory: the kernel says which tunnels there are."""

from __future__ import annotations

from pathlib import Path

from adopt import as_it_is
from testinfra.host import Host


def test_adopted_as_it_is(director: Host, tmp_path: Path) -> None:
    """Of both families."""
    shop = as_it_is(tmp_path, {"director": director})
    assert (shop / "group_vars/all/lvs.yml").read_text().count("forward: tun") == 3
