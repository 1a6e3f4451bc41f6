# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether BIRD takes a configuration."""

from __future__ import annotations

from pathlib import Path

from machine import Machine

OURS = 'include "/etc/bird/lvs-cluster.conf";'


def check(host: Machine, text: str, status: int | None = 0) -> str:
    """Check a part beside a configuration that includes one already."""
    conf, part = host.root / "bird.conf", host.root / "part"
    conf.write_text(f"protocol device {{ }}\n{OURS}\n")
    part.write_text(text)
    said = host.run("lvs-bird-check", str(part), str(conf), status=status)
    assert conf.read_text() == f"protocol device {{ }}\n{OURS}\n"
    assert not [*Path(host.root).glob(".lvs-check.*")]
    return said


def test_the_whole_is_tested(host: Machine) -> None:
    """With the part in the place of what is included now."""
    check(host, "define a = 1;\n")
    assert host.has("tested") == ["protocol device { }", f'include "{host.root}/part";']


def test_a_mistake_is_told(host: Machine) -> None:
    """In BIRD's words."""
    text = host.root / "bird.conf"
    text.write_text("MISTAKE\n")
    (host.root / "part").write_text("")
    said = host.run("lvs-bird-check", str(host.root / "part"), str(text), status=None)
    assert "unexpected MISTAKE" in said
