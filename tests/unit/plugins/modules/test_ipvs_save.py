# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The saved table, and what was in its place before."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    Service,
    Table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._unit.files import HostFiles
from ansible_collections.lvs.cluster.plugins.modules import ipvs_save
from module_host import Module

KEY = ("tcp", "192.0.2.1", 80)
RULES = ["-A -t 192.0.2.1:80 -s rr", "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1"]
TEXT = "".join(f"{rule}\n" for rule in RULES)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A host whose file of rules is nobody's."""
    (tmp_path / "etc").mkdir()
    monkeypatch.setattr(ipvs_save, "SETTINGS", tmp_path / "etc")
    return tmp_path


def save(host: Path, *, check: bool = False) -> list[str]:
    """Save, and return the names of what was written."""
    files = HostFiles(cast("AnsibleModule", Module(check_mode=check)))
    ipvs_save.save(files, host / "rules", RULES)
    return [Path(path).name for path in files.paths()]


def test_the_order_of_real_servers() -> None:
    """That in which the kernel got them: it puts each before the others."""
    names = ["10.0.0.2", "10.0.0.1", "10.0.0.3"]
    servers = {(name, 80): RealServer(name, 80) for name in names}
    table = Table({KEY: Service(*KEY)}, {KEY: servers})
    rules = ipvs_save.rules_of(table)
    assert rules[0].startswith("-A -t 192.0.2.1:80 -s ")
    assert [rule.split()[4] for rule in rules[1:]] == [f"{name}:80" for name in reversed(names)]


@pytest.mark.parametrize(
    ("before", "kept"), [(None, False), ("# empty\n", False), ("# x\n-A -f 9 -s rr\n", True)]
)
def test_first_time(host: Path, before: str | None, kept: bool) -> None:
    """Rules of before are kept before anything else, and the link comes last."""
    if before is not None:
        (host / "rules").write_text(before)
        (host / "rules").chmod(0o640)
    wanted = ["rules.before-lvs-cluster"] * kept + ["director.saved", "rules", "director.rules"]
    assert save(host, check=True) == wanted
    assert (host / "rules").exists() == (before is not None)
    assert save(host) == wanted
    assert (host / "rules").read_text() == TEXT
    assert (host / "rules").stat().st_mode & 0o777 == 0o600
    assert (host / "etc/director.rules").readlink() == host / "rules"
    if kept:
        was = host / "rules.before-lvs-cluster"
        assert was.read_text() == before
        assert was.stat().st_mode & 0o777 == 0o640
    assert save(host) == []


@pytest.mark.parametrize("broken_off", [1, 2, 3])
def test_after_a_run_that_broke_off(host: Path, broken_off: int) -> None:
    """What was there before is never taken for ours, nor ours for what was there before."""
    (host / "rules").write_text("-A -f 9 -s rr\n")
    steps = [
        ("rules.before-lvs-cluster", "-A -f 9 -s rr\n"),
        ("etc/director.saved", ""),
        ("rules", TEXT),
    ]
    for name, text in steps[:broken_off]:
        (host / name).write_text(text)
    save(host)
    assert (host / "rules.before-lvs-cluster").read_text() == "-A -f 9 -s rr\n"
    assert (host / "rules").read_text() == TEXT
    assert save(host) == []


@pytest.mark.parametrize("name", ["rules", "etc/director.rules"])
def test_drift_of_each_file(host: Path, name: str) -> None:
    """It is put right."""
    save(host)
    (host / name).unlink()
    assert save(host)[0] == Path(name).name
    assert save(host) == []
    (host / "rules").write_text(f"{TEXT}-A -f 9 -s rr\n")
    assert save(host) == ["rules"]


def test_services_that_are_about_to_go() -> None:
    """By their whole name, and with their servers."""
    rules = [*RULES, "-A -t 192.0.2.1:8080 -s rr", "-A -f 1 -s rr", "-A -f 1 -6 -s rr"]
    rules += ["-a -f 1 -6 -r [fd00::1]:0 -g -w 1"]
    left = ipvs_save.rules_without(rules, ["-t 192.0.2.1:80", "-f 1 -6"])
    assert left == ["-A -t 192.0.2.1:8080 -s rr", "-A -f 1 -s rr"]
    assert ipvs_save.rules_without(rules, []) == rules
