# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written down of a host before a role comes, and what is given back by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.modules import host_before
from module_host import Ended, EndingModule

NOTHING = "ActiveState=inactive\nUnitFileState=\n"
RUNS = "ActiveState=active\nUnitFileState=enabled\n"
STOPPED = "LoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\n"


def params(given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with the defaults of this module."""
    lists: dict[str, Any] = {"units": [], "paths": [], "made": {}, "forget": {}}
    rest = {"leave": False, "resume": False, "state": "present", "role": "nfs_server"}
    return {**lists, **rest, **given}


@pytest.fixture
def etc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Have the record below another directory."""
    monkeypatch.setattr(host_before, "SETTINGS", tmp_path / "etc")
    return tmp_path / "etc"


def run(
    monkeypatch: pytest.MonkeyPatch, told: str = "", *, check_mode: bool = False, **given: Any
) -> tuple[dict[str, Any], list[str]]:
    """Run the module beside a systemctl that says so; return its result, and what it did."""
    module = EndingModule(told, params(given), check_mode=check_mode)
    monkeypatch.setattr(host_before, "AnsibleModule", lambda **_options: module)
    with pytest.raises(Ended) as ended:
        host_before.main()
    return ended.value.args[0], module.done


def test_what_was_first_stays(etc: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The run that finds what an earlier one has made is not believed."""
    given: dict[str, Any] = {
        "units": ["nfs-server.service"],
        "paths": [str(tmp_path / "srv"), str(tmp_path)],
    }
    for check_mode, there in ((True, False), (False, True)):
        first, did = run(monkeypatch, NOTHING, check_mode=check_mode, **given)
        assert first["changed"]
        assert did == []
        assert etc.joinpath("nfs_server.before").exists() is there
    assert first["units"] == {
        "nfs-server.service": {"ActiveState": "inactive", "UnitFileState": ""}
    }
    assert first["made"] == {"paths": {str(tmp_path / "srv"): {}}}
    tmp_path.joinpath("srv").mkdir()
    again, _did = run(monkeypatch, RUNS, **given)
    assert not again["changed"]
    assert (again["units"], again["made"]) == (first["units"], first["made"])
    assert json.loads(etc.joinpath("nfs_server.before").read_text())["made"] == first["made"]


def test_things_come_and_go(etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a list, or with what was in their place; of a kind that is empty nothing is written."""
    run(monkeypatch, made={"mounts": {"/a": {"mounted": "nas:/a"}}, "others": []})
    told, _did = run(monkeypatch, made={"mounts": ["/a", "/b"]})
    assert told["made"] == {"mounts": {"/a": {"mounted": "nas:/a"}, "/b": {}}}
    told, _did = run(monkeypatch, forget={"mounts": ["/a", "/b", "/c"], "others": ["/d"]})
    assert told["made"] == {}
    assert told["changed"]
    assert json.loads(etc.joinpath("nfs_server.before").read_text()) == {"made": {}, "units": {}}
    told, _did = run(monkeypatch, forget={"mounts": ["/a"]})
    assert not told["changed"]


def test_nothing_is_written_where_nothing_is_known(
    etc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, _did = run(monkeypatch, forget={"mounts": ["/a"]}, made={"mounts": {}})
    assert not told["changed"]
    assert not etc.exists()


@pytest.mark.parametrize(
    ("was", "now", "done"),
    [
        (NOTHING, RUNS, ["disable a.service", "stop a.service"]),
        (NOTHING, NOTHING, []),
        (RUNS, RUNS, []),
        ("ActiveState=active\nUnitFileState=disabled\n", RUNS, ["disable a.service"]),
        ("ActiveState=failed\nUnitFileState=enabled\n", RUNS, ["stop a.service"]),
        ("ActiveState=active\nUnitFileState=static\n", RUNS, []),
    ],
)
def test_units_are_what_they_were(
    etc: Path, monkeypatch: pytest.MonkeyPatch, was: str, now: str, done: list[str]
) -> None:
    """What did not run is stopped, and what did runs on."""
    run(monkeypatch, was, units=["a.service"])
    told, did = run(monkeypatch, now, leave=True, check_mode=True)
    assert did == []
    assert told["changed"] is bool(done)
    told, did = run(monkeypatch, now, leave=True)
    assert did == done
    assert len(told["changes"]) == len(done)
    assert etc.joinpath("nfs_server.before").exists()


@pytest.mark.parametrize(
    ("was", "now", "done"),
    [
        (
            RUNS,
            STOPPED,
            ["enable a.service", "start a.service"],
        ),
        ("ActiveState=inactive\nUnitFileState=enabled\n", f"LoadState=not-found\n{NOTHING}", []),
        (RUNS, "LoadState=masked\nActiveState=inactive\nUnitFileState=masked\n", []),
        (RUNS, f"LoadState=not-found\n{NOTHING}", []),
        (RUNS, f"LoadState=loaded\n{RUNS}", []),
        (NOTHING, STOPPED, []),
    ],
)
def test_units_run_again(
    etc: Path, monkeypatch: pytest.MonkeyPatch, was: str, now: str, done: list[str]
) -> None:
    """That ran before, and no others; nor one that somebody has masked, or removed."""
    run(monkeypatch, was, units=["a.service"])
    told, did = run(monkeypatch, now, resume=True, state="absent")
    assert did == done
    assert told["changed"]
    assert not etc.exists()


@pytest.mark.parametrize(
    ("was", "now", "goes"),
    [
        (NOTHING, STOPPED, True),
        (NOTHING, NOTHING, True),
        (RUNS, RUNS, True),
        (RUNS, STOPPED, False),
        ("ActiveState=inactive\nUnitFileState=enabled\n", STOPPED, False),
        ("ActiveState=active\nUnitFileState=disabled\n", STOPPED, False),
        (NOTHING, RUNS, False),
    ],
)
def test_record_goes_when_all_is_given_back(
    etc: Path, monkeypatch: pytest.MonkeyPatch, was: str, now: str, goes: bool
) -> None:
    """What is still owed stays written down."""
    run(monkeypatch, was, units=["a.service"])
    for check_mode in (True, False):
        told, did = run(monkeypatch, now, state="given_back", check_mode=check_mode)
        assert told["changed"] is goes
        assert did == []
    assert etc.exists() is not goes


def test_record_goes_with_its_directory(etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless others have something there."""
    for other in (True, False):
        run(monkeypatch, made={"mounts": ["/a"]})
        if other:
            etc.joinpath("other").write_text("")
        told, _did = run(monkeypatch, state="absent", check_mode=True)
        assert told["changed"]
        told, _did = run(monkeypatch, state="absent")
        assert told["changed"]
        assert etc.exists() is other
        if other:
            etc.joinpath("other").unlink()
    told, _did = run(monkeypatch, state="absent")
    assert not told["changed"]


def test_record_that_is_none(etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is done by it."""
    etc.mkdir()
    for text in ("", "[]", "{}", '{"units": 5, "made": {}}'):
        etc.joinpath("nfs_server.before").write_text(text)
        told, did = run(monkeypatch, RUNS, leave=True)
        assert "cannot be read" in told["msg"]
        assert did == []
