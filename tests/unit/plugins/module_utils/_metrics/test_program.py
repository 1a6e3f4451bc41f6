# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program: what it is made of, how it writes, and when it looks at what the unit gives."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils._metrics import program
from ansible_collections.lvs.cluster.plugins.module_utils._metrics.declared import read_declared
from ansible_collections.lvs.cluster.plugins.module_utils._metrics.exposition import PARTS
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.metrics import declared_text
from described import cluster

HOUSE = Path(__file__).parents[5]
CODE = HOUSE / "plugins" / "module_utils"
VARIABLES = yaml.safe_load((HOUSE / "roles" / "director" / "vars" / "main.yml").read_text())
NFT = frozenset(["nft"])
INSTALLED: list[str] = VARIABLES["__director_metrics_program"]


def imported(path: Path) -> Iterator[Path]:
    """The files of ours that one imports when it runs."""
    tree = ast.parse(path.read_text())
    skipped = {
        id(each)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for each in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and id(node) not in skipped:
            directory = path.parents[node.level - 1]
            names = [node.module] if node.module else [one.name for one in node.names]
            for name in names:
                yield directory.joinpath(*name.split(".")).with_suffix(".py")


def test_all_that_it_needs_is_installed() -> None:
    """And nothing else."""
    needed = {CODE / "_metrics" / "program.py"}
    while more := {found for path in needed for found in imported(path)} - needed:
        needed |= more
    assert sorted(str(path.relative_to(CODE)) for path in needed) == sorted(INSTALLED)


def test_runs_as_the_unit_runs_it(tmp_path: Path) -> None:
    """Without Ansible, and without what others have installed for Python."""
    for name in INSTALLED:
        target = tmp_path / "lvs_cluster" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CODE / name, target)
    unit = (
        HOUSE / "roles/director/templates/etc/systemd/system/lvs-metrics.service.j2"
    ).read_text()
    (line,) = [one for one in unit.splitlines() if one.startswith("ExecStart=")]
    words = line.replace("{{ director_metrics_directory }}", "").split()[1:]
    done = subprocess.run(
        [sys.executable, *(word.replace("/var/cache", str(tmp_path)) for word in words)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("usage: lvs_cluster._metrics.program DIRECTORY")


def test_starts_without_what_is_seldom_needed(tmp_path: Path) -> None:
    """It starts every few seconds; what runs the unit's program is needed once a minute."""
    (tmp_path / "lvs_cluster").symlink_to(CODE)
    code = "import lvs_cluster._metrics.program, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-EsSc", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"subprocess", "tempfile", "threading"} & {*done.stdout.split()}


class TestReplace:
    """The file is there as a whole, or as it was."""

    def test_readers(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever has the directory's group, or everybody where that is root's."""
        asked: list[int] = []
        monkeypatch.setattr(os, "fchown", lambda _file, _user, group: asked.append(group))
        path = tmp_path / "lvs.prom"
        program.replace(path, ["lvs_up ", "1\n"])
        assert path.read_text() == "lvs_up 1\n"
        group = tmp_path.stat().st_gid
        assert asked == ([group] if group else [])
        assert path.stat().st_mode & 0o777 == (0o640 if group else 0o644)

    def test_what_a_killed_one_left_goes(self, tmp_path: Path) -> None:
        (tmp_path / ".lvs.prom.abc").write_text("lvs_up")
        program.replace(tmp_path / "lvs.prom", ["lvs_up 1\n"])
        assert [path.name for path in tmp_path.iterdir()] == ["lvs.prom"]

    def test_a_link_is_not_followed(self, tmp_path: Path) -> None:
        """Somebody else may write to the directory."""
        other = tmp_path / "other"
        other.write_text("theirs")
        (tmp_path / "lvs.prom").symlink_to(other)
        program.replace(tmp_path / "lvs.prom", ["lvs_up 1\n"])
        assert other.read_text() == "theirs"
        assert not (tmp_path / "lvs.prom").is_symlink()

    def test_it_fails(self, tmp_path: Path) -> None:
        """What was there stays, and nothing else does."""
        path = tmp_path / "lvs.prom"
        path.write_text("lvs_up 1\n")
        with pytest.raises(UnicodeEncodeError):
            program.replace(path, ["lvs_up 0\n", "\udcff"])
        assert [one.name for one in tmp_path.iterdir()] == ["lvs.prom"]
        assert path.read_text() == "lvs_up 1\n"


def test_parts_of() -> None:
    """By what the unit's program says."""
    lines = [
        "added net/ipv4/ip_forward 1", "added 192.168.0.111/24 eth1", "loaded director.nft",
        "loaded director-marks.nft", "loaded keepalived.nft", "set the timeouts to 1 2 3",
        "started daemon master",
    ]  # fmt: skip
    assert program.parts_of(lines) == set(PARTS)
    assert program.parts_of(["something else"]) == set()


class TestLook:
    """What the unit would give again is asked once a minute."""

    def unit(self, tmp_path: Path, *lines: str, status: int = 0) -> str:
        """A program that says so, and counts how often it runs."""
        path = tmp_path / "lvs-unit"
        said = "".join(f"echo {line}\n" for line in lines)
        script = f"#!/bin/sh\nprintf '%s ' \"$@\" >>{tmp_path}/runs\necho >>{tmp_path}/runs\n"
        path.write_text(f"{script}{said}exit {status}\n")
        path.chmod(0o755)
        return str(path)

    def test_once_a_minute(self, tmp_path: Path) -> None:
        unit = self.unit(tmp_path, "loaded director.nft")
        run = tmp_path / "run"
        assert program.look(1000.0, run, unit) == (NFT, 1000.0)
        assert program.look(1059.0, run, unit) == (NFT, 1000.0)
        assert program.look(1060.0, run, unit) == (NFT, 1060.0)
        # A clock that was put back.
        assert program.look(900.0, run, unit) == (NFT, 900.0)
        runs = (tmp_path / "runs").read_text().splitlines()
        assert len(runs) == 3
        assert runs[0].startswith("-n director give settings addresses nft")
        assert "table" not in runs[0]

    def test_it_cannot_be(self, tmp_path: Path) -> None:
        """The program is not there, or is another one; a part that fails tells of the others."""
        assert program.look(1.0, tmp_path / "run", str(tmp_path / "none")) == (None, 1.0)
        usage = self.unit(tmp_path, "loaded director.nft", status=2)
        assert program.look(1.0, tmp_path / "run", usage) == (None, 1.0)
        failed = self.unit(tmp_path, "loaded director.nft", status=1)
        assert program.look(1.0, tmp_path / "run", failed) == (NFT, 1.0)


def test_kernel_without_ipvs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said in the file, and why in the journal."""

    def refuse() -> None:
        raise IpvsError("this kernel has no IPVS loaded")

    monkeypatch.setattr(program, "Ipvs", refuse)
    found = cluster()
    declared = read_declared(declared_text(found, found.hosts["director"], []))
    assert "lvs_up 0" in "".join(program.texts_of(declared, 1.0))
    assert "no IPVS" in capsys.readouterr().err
