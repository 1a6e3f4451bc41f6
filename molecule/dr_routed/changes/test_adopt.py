"""The director becomes an inventory: its rules say which addresses and ports have a mark."""

from __future__ import annotations

from pathlib import Path

import yaml
from adopt import as_it_is
from testinfra.host import Host


def test_adopted_as_it_is(director: Host, tmp_path: Path) -> None:
    """One service a family, as the kernel has them."""
    shop = as_it_is(tmp_path, {"director": director})
    read = yaml.safe_load((shop / "group_vars/all/lvs.yml").read_text())
    marked = [(one["fwmark"], one["addresses"], one["ports"])
              for one in read["lvs_virtual_services"]]  # fmt: skip
    assert marked == [(10, ["10.0.0.100"], [80, 443]), (10, ["fd00:10::100"], [80, 443])]
