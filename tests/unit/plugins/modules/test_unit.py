# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a unit, in the order in which a killed run may leave them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._link import unit as lines
from ansible_collections.lvs.cluster.plugins.module_utils._unit import former
from ansible_collections.lvs.cluster.plugins.modules import unit
from module_host import Module

INSTALL = {name: f"{name}\n" for name in lines.INSTALLED}
NOTHING: dict[str, Any] = {
    "owner": "director", "contents": {}, "lines": {}, "former": "keep", "install": {}, "give": [],
    "addresses": None, "adopt": False, "release": [], "start": False, "retire": False,
}  # fmt: skip


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Have the paths of a host below another directory."""
    etc, units, programs = (tmp_path / name for name in ("etc", "units", "sbin"))
    units.mkdir()
    programs.mkdir()
    monkeypatch.setattr(unit, "SETTINGS", etc)
    monkeypatch.setattr(unit, "UNITS", units)
    monkeypatch.setattr(unit, "PROGRAM", programs / "lvs-unit")
    monkeypatch.setattr(unit, "WATCH_PROGRAM", programs / "lvs-watch")
    monkeypatch.setattr(unit, "WATCH_SERVICE", units / "lvs-watch@.service")
    monkeypatch.setattr(lines.UnitFile.__init__, "__defaults__", (etc,))
    for name, value in (("SETTINGS", etc), ("UNITS", units), ("PROGRAMS", [programs / "old"])):
        monkeypatch.setattr(former, name, value)
    monkeypatch.setattr(former, "_DIRECTORS", [etc / "director.sysctls"])
    (programs / "old").write_text("")
    return tmp_path


def have(module: Module, **given: Any) -> dict[str, Any]:
    """Have a unit be so, and return what is told."""
    made = unit.Unit(cast("AnsibleModule", module), {**NOTHING, **given})
    made.have()
    return made.result()


def test_what_is_ours_is_written_down_before_anything_gives_it(host: Path) -> None:
    """And what former releases had goes last."""
    given = {"contents": {"director.nft": "x"}, "lines": {"services": ["-f 1"]}, "install": INSTALL}
    wanted = [
        "etc",
        "etc/director.nft",
        "etc/director.services",
        "sbin/lvs-unit",
        "sbin/lvs-watch",
        "units/lvs-watch@.service",
        "units/lvs-director.service",
        "sbin/old",
    ]
    for check in (True, False):
        told = have(Module("NeedDaemonReload=no\n", check_mode=check), **given)
        assert [str(Path(name).relative_to(host)) for name in told["files"]] == wanted
        assert (host / "sbin" / "old").exists() == check
    again = have(Module("NeedDaemonReload=no\n"), **given)
    assert not again["changed"], again
    assert again["diff"] == []


DRIFT = ["etc/director.nft", "etc/director.services", "sbin/lvs-unit", "sbin/lvs-watch"]
DRIFT += ["units/lvs-watch@.service", "units/lvs-director.service"]


@pytest.mark.parametrize("name", DRIFT)
@pytest.mark.parametrize("how", ["gone", "another"])
def test_drift_of_each_file(host: Path, name: str, how: str) -> None:
    """It is put right, and told with what changes in it; nothing else is."""
    given: dict[str, Any] = {"former": "drop"}
    given |= {
        "contents": {"director.nft": "x"},
        "lines": {"services": ["-f 1"]},
        "install": INSTALL,
    }
    have(Module("NeedDaemonReload=no\n"), **given)
    path = host / name
    good = path.read_text()
    if how == "gone":
        path.unlink()
    else:
        path.write_text(good + "more\n")
    told = have(Module("NeedDaemonReload=no\n"), **given)
    assert told["files"] == [str(path)]
    assert told["diff"][0]["before"] != told["diff"][0]["after"]
    assert path.read_text() == good


def test_a_file_without_lines_is_shown_where_it_is_missing(host: Path) -> None:
    """Or else a check would say that something changes, and not what."""
    told = have(Module(check_mode=True), lines={"daemons": []})
    (file,) = [diff for diff in told["diff"] if diff["after_header"].endswith("director.daemons")]
    assert (file["before"], file["after"]) == ("", f"{lines.HEADER}\n")


def test_systemd_reads_what_it_has_not_read(host: Path) -> None:
    """Although nothing of it is changed by this run."""
    given = {"install": INSTALL}
    have(Module("NeedDaemonReload=no\n"), **given)
    module = Module("NeedDaemonReload=yes\n")
    told = have(module, **given)
    assert module.done == ["daemon-reload"]
    assert told["changes"] == ["reloaded systemd"]
    assert told["changed"]


def taken_away(host: Path) -> list[str]:
    """Install a unit and take it away; return the files that went, in order."""
    contents = {"director.nft": "x", "director-marks.nft": "x"}
    given = {"contents": contents, "lines": {"services": ["-f 1"]}, "install": INSTALL}
    have(Module("NeedDaemonReload=no\n"), **given)
    stopped = "ActiveState=inactive\nUnitFileState=disabled\nNeedDaemonReload=no\n"
    made = unit.Unit(cast("AnsibleModule", Module(stopped)), dict(NOTHING))
    made.take_away()
    return [str(Path(name).relative_to(host)) for name in made.result()["files"]]


def test_the_units_own_file_goes_last(host: Path) -> None:
    """By it the next run finds what this one did not get to. Nothing of ours is left."""
    assert taken_away(host) == [
        "etc/director.nft",
        "etc/director.services",
        "etc/director-marks.nft",
        "sbin/lvs-watch",
        "units/lvs-watch@.service",
        "sbin/lvs-unit",
        "units/lvs-director.service",
    ]
    assert not [path for path in host.rglob("*") if path.is_file()]


def test_programs_stay_for_another_owner(host: Path) -> None:
    """Whose unit runs them."""
    (host / "units" / "lvs-dr-real-server.service").write_text("")
    gone = taken_away(host)
    assert not {"sbin/lvs-watch", "units/lvs-watch@.service", "sbin/lvs-unit"} & {*gone}
    assert gone[-1] == "units/lvs-director.service"
