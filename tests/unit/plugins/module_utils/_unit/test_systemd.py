# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd is told by what it says of units: nothing where all is well."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._unit import systemd as systemd_of
from ansible_collections.lvs.cluster.plugins.module_utils._unit.systemd import (
    Systemd,
    began,
    read_shown,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from module_host import Module

BEGAN, SINCE = 1_577_872_800.5, "Wed 2020-01-01 10:00:00.500000 UTC"


def shown(unit: str, **properties: str) -> str:
    """What systemctl says of a unit that is up."""
    well = {
        "LoadState": "loaded",
        "ActiveState": "active",
        "UnitFileState": "enabled",
        "NeedDaemonReload": "no",
        "InactiveExitTimestamp": SINCE,
    }
    lines = {"Id": f"{unit}.service", **well, **properties}
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def systemd(module: Module) -> Systemd:
    """Systemd of a host."""
    return Systemd(cast("AnsibleModule", module))


@pytest.mark.parametrize(
    ("properties", "done"),
    [
        ({}, []),
        ({"ActiveState": "inactive"}, ["start lab.service"]),
        ({"ActiveState": "failed"}, ["start lab.service"]),
        ({"UnitFileState": "disabled"}, ["enable lab.service"]),
        # Until the next boot is not what is wanted.
        ({"UnitFileState": "enabled-runtime"}, ["enable lab.service"]),
        (
            {"ActiveState": "inactive", "UnitFileState": ""},
            ["enable lab.service", "start lab.service"],
        ),
    ],
)
def test_start(properties: dict[str, str], done: list[str]) -> None:
    """What runs and will run is left; a check tells the rest, and does nothing."""
    for check in (True, False):
        module = Module(shown("lab", **properties), check_mode=check)
        found = systemd(module)
        found.start("lab.service")
        assert len(found.changes) == len(done)
        assert module.done == ([] if check else done)


def test_stop() -> None:
    """Now and at boot, once."""
    module = Module(shown("lab"))
    systemd(module).stop("lab.service")
    assert module.done == ["disable lab.service", "stop lab.service"]
    module = Module(shown("lab", ActiveState="failed", UnitFileState="disabled"))
    systemd(module).stop("lab.service")
    assert module.done == []


def test_reload() -> None:
    """Whichever of the units it is whose file has changed."""
    units = ["lab.service", "other.service"]
    module = Module(f"{shown('lab')}\n{shown('other')}")
    systemd(module).reload(units)
    assert module.done == []
    module = Module(f"{shown('lab')}\n{shown('other', NeedDaemonReload='yes')}")
    systemd(module).reload(units)
    assert module.done == ["daemon-reload"]


@pytest.mark.parametrize(
    ("written", "done"),
    [
        ({}, []),
        ({"fstab": BEGAN + 1}, ["daemon-reload"]),
        ({"system": BEGAN + 1}, ["daemon-reload"]),
        # A unit that somebody has changed in place, and one that is masked.
        ({"system/own.service": BEGAN + 1}, ["daemon-reload"]),
        ({"system/masked.service": BEGAN + 1}, ["daemon-reload"]),
    ],
)
def test_what_units_are_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: dict[str, float], done: list[str]
) -> None:
    """All is read again where one is newer than what has been made of it; its drop-ins it knew."""
    made, masked = tmp_path / "generator", tmp_path / "system" / "masked.service"
    monkeypatch.setattr(systemd_of, "GENERATED", made)
    for path in (made, masked.parent):
        path.mkdir()
    for path in (tmp_path / "fstab", masked.with_name("own.service")):
        path.touch()
    masked.symlink_to(tmp_path / "missing")
    for path in (tmp_path, *tmp_path.rglob("*")):
        when = written.get(str(path.relative_to(tmp_path)), BEGAN)
        os.utime(path, (when, when), follow_symlinks=False)
    sources = [str(tmp_path / name) for name in ("fstab", "system", "missing")]
    for check in (True, False):
        module = Module(shown("lab"), check_mode=check)
        found = systemd(module)
        assert found.reload(["lab.service"], [], sources)
        assert len(found.changes) == len(done)
        assert module.done == ([] if check else done)


def test_nothing_has_been_made_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody asks for it, all is read."""
    monkeypatch.setattr(systemd_of, "GENERATED", tmp_path / "missing")
    module = Module(shown("lab"))
    assert systemd(module).reload(["lab.service"], [])
    assert module.done == []
    assert systemd(module).reload(["lab.service"], [], [str(tmp_path)])
    assert module.done == ["daemon-reload"]


@pytest.mark.parametrize(
    ("written", "watchers", "done"),
    [
        (BEGAN - 1, {"director": {}, "dr-real-server": {}}, []),
        # All that run an old program, whoever has installed the new one, and in whichever run.
        (
            BEGAN + 1,
            {"director": {}, "dr-real-server": {}},
            ["try-restart lvs-watch@director.service lvs-watch@dr-real-server.service"],
        ),
        (
            BEGAN + 1,
            {"director": {"ActiveState": "inactive"}},
            ["start lvs-watch@director.service"],
        ),
        (
            BEGAN - 1,
            {"director": {"ActiveState": "inactive"}},
            ["start lvs-watch@director.service"],
        ),
        (BEGAN - 1, {"director": {"ActiveState": "failed"}}, ["start lvs-watch@director.service"]),
        (BEGAN - 1, {"director": {"LoadState": "masked", "ActiveState": "inactive"}}, []),
        (BEGAN - 1, {"director": {"LoadState": "not-found", "ActiveState": "inactive"}}, []),
    ],
)
def test_watchers(
    tmp_path: Path, written: float, watchers: dict[str, dict[str, str]], done: list[str]
) -> None:
    """They run what is installed; a masked one is left alone."""
    program = tmp_path / "lvs-watch"
    program.write_text("")
    os.utime(program, (written, written))
    told = "\n".join(shown(f"lvs-watch@{name}", **more) for name, more in watchers.items())
    # systemctl tells twice what is asked for by its name, and found by a pattern, too.
    module = Module(f"{told}\n{shown('lvs-watch@director', **watchers['director'])}")
    systemd(module).watch("director", [program, tmp_path / "missing"])
    assert module.done == done


def test_times() -> None:
    """As systemd tells them, and none."""
    assert began({"InactiveExitTimestamp": SINCE}) == BEGAN
    assert began({"InactiveExitTimestamp": ""}) == began({}) == 0


def test_what_is_shown() -> None:
    """A value may have the sign in it; a unit may have nothing to say."""
    assert read_shown("Id=a\nX=1=2\n\nId=b\n") == [{"Id": "a", "X": "1=2"}, {"Id": "b"}]
    assert read_shown("\n") == []


def test_what_fails_is_told() -> None:
    """By the command."""
    with pytest.raises(ModelError, match=r"systemctl show .*: failed"):
        systemd(Module(status=1)).start("lab.service")
