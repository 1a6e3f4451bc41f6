# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are so already are left alone; others are replaced at once, and told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._unit.files import HostFiles
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from module_host import Module


def files(*, check: bool = False) -> HostFiles:
    """Files of a host."""
    return HostFiles(cast("AnsibleModule", Module(check_mode=check)))


def make(path: Path, text: str, mode: int = 0o644) -> Path:
    """Have a file."""
    path.write_text(text)
    path.chmod(mode)
    return path


def link(path: Path) -> None:
    """Have a link in the place of a file that is as wanted."""
    path.symlink_to(make(path.with_name("other"), "new\n"))


DRIFT: dict[str, tuple[Callable[[Path], Any], str, str]] = {
    "missing": (lambda path: None, "", "new\n"),
    "another": (lambda path: make(path, "old\n"), "old\n", "new\n"),
    "cut short": (lambda path: make(path, "new"), "new", "new\n"),
    "no text": (lambda path: path.write_bytes(b"\xff\n"), "\\xff\n", "new\n"),
    "a link": (link, "new\n", "new\n"),
    "its mode": (lambda path: make(path, "new\n", 0o600), "mode 0600\n", "mode 0644\n"),
}


@pytest.mark.parametrize(("drift", "before", "after"), DRIFT.values(), ids=list(DRIFT))
def test_drift(tmp_path: Path, drift: Callable[[Path], Any], before: str, after: str) -> None:
    """A check shows it, a run puts it right, and the next one has nothing to do."""
    path = tmp_path / "file"
    drift(path)
    was = path.read_bytes() if path.exists() else None
    told = {"before_header": str(path), "after_header": str(path)}
    told |= {"before": before, "after": after}
    checked, done, again = files(check=True), files(), files()
    checked.write(path, "new\n", 0o644)
    assert checked.diffs == [told]
    assert (path.read_bytes() if path.exists() else None) == was
    done.write(path, "new\n", 0o644)
    assert done.diffs == [told]
    assert path.read_text() == "new\n"
    assert path.stat().st_mode & 0o7777 == 0o644
    assert not path.is_symlink()
    again.write(path, "new\n", 0o644)
    assert again.diffs == []
    assert {entry.name for entry in tmp_path.iterdir()} <= {"file", "other"}


def test_what_is_so_is_not_written(tmp_path: Path) -> None:
    """Services look at when their files were."""
    path = make(tmp_path / "file", "same\n")
    was = path.stat().st_ino
    files().write(path, "same\n", 0o644)
    assert path.stat().st_ino == was


def test_directory(tmp_path: Path) -> None:
    """It is made, and has its mode."""
    path = tmp_path / "etc" / "lvs-cluster"
    checked, made, again = files(check=True), files(), files()
    checked.directory(path, 0o755)
    assert checked.paths() == [str(path)]
    assert not path.exists()
    made.directory(path, 0o755)
    path.chmod(0o700)
    again.directory(path, 0o755)
    assert again.paths() == made.paths() == [str(path)]
    assert path.stat().st_mode & 0o7777 == 0o755


def test_removal(tmp_path: Path) -> None:
    """Of a file, a link that leads nowhere, and a directory; what is not there is not told."""
    make(tmp_path / "file", "text\n")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "directory" / "inner").mkdir(parents=True)
    names = ["file", "link", "directory", "missing"]
    for check in (True, False):
        found = files(check=check)
        for name in names:
            found.remove(tmp_path / name)
        assert found.paths() == [str(tmp_path / name) for name in names[:3]]
        assert len(list(tmp_path.iterdir())) == (3 if check else 0)


def test_new_name(tmp_path: Path) -> None:
    """Once."""
    make(tmp_path / "old", "text\n")
    for check, told in ((True, 1), (False, 1), (False, 0)):
        found = files(check=check)
        found.rename(tmp_path / "old", tmp_path / "new")
        assert len(found.diffs) == told
    assert (tmp_path / "new").read_text() == "text\n"


def test_what_cannot_be_written_is_said_by_its_name(tmp_path: Path) -> None:
    """And nothing is left of it."""
    (tmp_path / "file").mkdir()
    with pytest.raises(ModelError, match="file: cannot be read"):
        files().write(tmp_path / "file", "text\n", 0o644)
    with pytest.raises(ModelError, match="no/file: cannot be written"):
        files().write(tmp_path / "no" / "file", "text\n", 0o644)


def test_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose a file is not it becomes, with its mode; who is not named may be anybody."""
    path, given = make(tmp_path / "file", "same\n", 0o600), []
    monkeypatch.setattr("os.chown", lambda *words: given.append(words))
    monkeypatch.setattr("grp.getgrnam", lambda _name: SimpleNamespace(gr_gid=4242))
    checked, done = files(check=True), files()
    checked.write(path, "same\n", 0o640, (None, "www-data"))
    assert given == []
    done.write(path, "same\n", 0o640, (None, "www-data"))
    assert given == [(path, -1, 4242)]
    was = path.stat().st_gid
    assert checked.diffs == done.diffs
    assert done.diffs[0]["before"] == f"mode 0600\ngroup {was}\n"
    assert done.diffs[0]["after"] == "mode 0640\ngroup 4242\n"
    done.directory(tmp_path / "new", 0o750, (None, "www-data"))
    assert given[1:] == [(tmp_path / "new", -1, 4242)]


def test_an_account_that_there_is_not(tmp_path: Path) -> None:
    """A check may come before what makes it."""
    owners = ("nobody-of-this-name", None)
    checked = files(check=True)
    checked.directory(tmp_path, 0o700, owners)
    checked.write(tmp_path / "file", "new\n", 0o644, owners)
    assert [diff["after_header"] for diff in checked.diffs] == [str(tmp_path / "file")]
    with pytest.raises(ModelError, match="no such account; create the account"):
        files().write(tmp_path / "file", "new\n", 0o644, owners)
    assert not tmp_path.joinpath("file").exists()


def test_what_is_not_valid_is_not_written(tmp_path: Path) -> None:
    """And leaves nothing; what it looks at has the new text."""
    path, seen = make(tmp_path / "file", "old\n"), []

    def refuse(temporary: str) -> None:
        seen.append(Path(temporary).read_text())
        raise ModelError("file", "", None, "is wrong", "do right")

    # What reads the directory looks at when something came into it.
    was = tmp_path.stat().st_mtime_ns
    files(check=True).write(path, "new\n", 0o644, validate=refuse)
    files().write(path, "old\n", 0o644, validate=refuse)
    assert seen == []
    with pytest.raises(ModelError):
        files().write(path, "new\n", 0o644, validate=refuse)
    assert seen == ["new\n"]
    assert path.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [path]
    assert tmp_path.stat().st_mtime_ns == was
