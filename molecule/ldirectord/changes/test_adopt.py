"""The director becomes an inventory: ldirectord.cf says what is served."""

from __future__ import annotations

from pathlib import Path

from adopt import as_it_is
from testinfra.host import Host


def test_adopted_as_it_is(director: Host, tmp_path: Path) -> None:
    """With its checks and its sorry server; ldirectord reads nothing anew."""
    since = director.check_output("systemctl show -P ActiveEnterTimestamp ldirectord")
    shop = as_it_is(tmp_path, {"director": director})
    assert "director_manager: ldirectord" in (shop / "group_vars/directors.yml").read_text()
    assert director.check_output("systemctl show -P ActiveEnterTimestamp ldirectord") == since
