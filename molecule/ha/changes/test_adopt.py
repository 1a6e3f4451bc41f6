"""Two directors become an inventory: keepalived.conf says what is served, and who is first."""

from __future__ import annotations

from pathlib import Path

import yaml
from adopt import as_it_is
from nodes import node


def test_adopted_as_they_are(tmp_path: Path) -> None:
    """The one that serves, and the other one."""
    shop = as_it_is(tmp_path, {name: node(name) for name in ("director1", "director2")})
    hosts = yaml.safe_load((shop / "hosts.yml").read_text())["directors"]["hosts"]
    assert hosts == {
        "director1": {"keepalived_priority": 200},
        "director2": {"keepalived_priority": 190},
    }
