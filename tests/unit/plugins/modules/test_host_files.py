# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files, directories and links that are so already are left; others are had so, in their order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.modules import host_files
from module_host import Ended, EndingModule

NOTHING = ("path", "paths", "content", "contents", "target", "mode", "owner", "group", "validate")


def run(
    monkeypatch: pytest.MonkeyPatch, *files: dict[str, Any], check: bool = False, status: int = 0
) -> tuple[dict[str, Any], list[str]]:
    """Run the module; return its result, and the commands that it has run."""
    whole = [{**dict.fromkeys(NOTHING), "state": "file", **one} for one in files]
    module = EndingModule("", {"files": whole}, status, check_mode=check)
    monkeypatch.setattr(host_files, "AnsibleModule", lambda **_options: module)
    with pytest.raises(Ended) as ended:
        host_files.main()
    return ended.value.args[0], module.commands


def test_all_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check shows it, a run has it so, and the next one has nothing to do."""
    etc = tmp_path / "etc"
    old = tmp_path / "old"
    old.mkdir()
    wanted: list[dict[str, Any]] = [
        {"paths": [str(etc), str(etc / "sites")], "state": "directory"},
        {"contents": {str(etc / "a"): "a\n", str(etc / "b"): "b\n"}, "mode": "0600"},
        {"path": str(etc / "sites" / "c"), "content": "c\n"},
        {"path": str(etc / "link"), "state": "link", "target": "sites/c"},
        {"paths": [str(old), str(tmp_path / "never")], "state": "absent"},
    ]
    names = [etc, etc / "sites", etc / "a", etc / "b", etc / "sites" / "c", etc / "link", old]
    checked, _none = run(monkeypatch, *wanted, check=True)
    assert not etc.exists()
    done, _none = run(monkeypatch, *wanted)
    assert checked["changed_files"] == done["changed_files"] == [str(path) for path in names]
    assert done["changed"]
    assert [diff["after"] for diff in done["diff"]][2:5] == ["a\n", "b\n", "c\n"]
    modes = [path.stat().st_mode & 0o7777 for path in names[:5]]
    assert modes == [0o755, 0o755, 0o600, 0o600, 0o644]
    assert etc.joinpath("link").read_text() == "c\n"
    assert not old.exists()
    again, _none = run(monkeypatch, *wanted)
    assert (again["changed"], again["changed_files"]) == (False, [])


def test_what_must_not_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is not written; what was before it in the list stays."""
    first, second = tmp_path / "first", tmp_path / "second"
    wanted: list[dict[str, Any]] = [
        {"path": str(first), "content": "1\n"},
        {"path": str(second), "content": "2\n", "validate": ["apache", "-t", "-c", "Include %s"]},
    ]
    told, asked = run(monkeypatch, *wanted, status=1)
    assert told["failed"]
    assert told["changed_files"] == [str(first)]
    assert told["msg"].startswith(f"{second}: would have what apache says no to: ")
    # Elsewhere: a directory that a service reads is as it was.
    assert asked[0].startswith("-t -c Include /")
    assert str(tmp_path) not in asked[0]
    assert [*tmp_path.iterdir()] == [first]
    assert run(monkeypatch, *wanted)[0]["changed_files"] == [str(second)]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"path": "etc/a", "content": ""}, "host_files: path 'etc/a' is no whole path"),
        ({"path": "/a"}, "/a: content is missing of a file; give its content"),
        ({"path": "/a", "state": "link"}, "/a: target is missing of a link; give its target"),
        ({"path": "/a", "content": "", "mode": "0688"}, "/a: mode '0688' is no mode"),
        ({"path": "/a", "content": "", "mode": "u=rw"}, "/a: mode 'u=rw' is no mode"),
        ({"path": "/a", "content": "", "mode": "-1"}, "/a: mode '-1' is no mode"),
        ({"path": "/a", "content": "", "mode": "0010000"}, "/a: mode '0010000' is no mode"),
        (
            {"path": "/a", "content": "", "validate": ["apache", "-t"]},
            "/a: validate ['apache', '-t'] does not say which file it is about",
        ),
    ],
)
def test_what_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: dict[str, Any], message: str
) -> None:
    """Is told before anything is done."""
    good = {"path": str(tmp_path / "good"), "content": ""}
    told, _none = run(monkeypatch, good, entry)
    assert told["failed"]
    assert told["msg"].startswith(message)
    assert [*tmp_path.iterdir()] == []
