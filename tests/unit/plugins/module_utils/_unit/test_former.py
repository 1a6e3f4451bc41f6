# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What former releases left goes, and not before nobody needs it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._unit import former
from ansible_collections.lvs.cluster.plugins.module_utils._unit.files import HostFiles
from module_host import Module


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> HostFiles:
    """A host with all that former releases left."""
    for name in ("SETTINGS", "UNITS", "LISTS"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(former, name, tmp_path / name)
    programs = [tmp_path / "lvs-director", tmp_path / "lvs-real-server"]
    monkeypatch.setattr(former, "PROGRAMS", programs)
    lists = ["LISTS/director.vips", "LISTS/nat-real-server.before"]
    for name in [*lists, "SETTINGS/director.conf", "SETTINGS/dr-real-server.conf"]:
        (tmp_path / name).write_text("")
    for path in programs:
        path.write_text("")
    return HostFiles(cast("AnsibleModule", Module()))


def unit(tmp_path: Path, owner: str, program: str) -> None:
    """Have a unit that runs a program."""
    text = f"[Service]\nExecStart=/usr/local/sbin/{program} start\n"
    (tmp_path / "UNITS" / f"lvs-{owner}.service").write_text(text)


def test_programs_go_when_no_unit_runs_one(host: HostFiles, tmp_path: Path) -> None:
    """And settings with the unit that read them."""
    unit(tmp_path, "director", "lvs-unit director")
    unit(tmp_path, "dr-real-server", "lvs-real-server dr-real-server")
    former.remove_former(host, "director")
    assert [Path(path).name for path in host.paths()] == ["director.conf"]
    former.remove_former(host, "dr-real-server")
    assert (tmp_path / "SETTINGS" / "dr-real-server.conf").exists()
    unit(tmp_path, "dr-real-server", "lvs-unit dr-real-server")
    former.remove_former(host, "dr-real-server")
    assert not list(tmp_path.glob("lvs-*"))
    assert not list((tmp_path / "SETTINGS").iterdir())


def test_lists_get_their_new_name(host: HostFiles, tmp_path: Path) -> None:
    """Each by its own role."""
    former.keep_lists(host, "dr-real-server")
    assert host.paths() == []
    former.keep_lists(host, "director")
    former.keep_lists(host, "nat-real-server-shop")
    assert sorted(path.name for path in (tmp_path / "LISTS").iterdir()) == [
        "director.addresses",
        "nat-real-server.routes",
    ]
