# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles use no collection that does not come with this one.

What a single role needs besides, it includes while it runs, after its preflight has asked for it.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

PROJECT = Path(__file__).parents[2]
OWN = {"ansible.builtin", "ansible.legacy", "lvs.cluster"}
# By who includes them.
ASKED_FOR = {
    f"roles/lamp_db/tasks/{name}.yml": {"community.mysql"} for name in ("databases", "drop")
}
# Not a template.
_USED = re.compile(
    r"(?:^|[\s'\"/])([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)\.(?!j2\b)[a-z][a-z0-9_]*\b(?=:|'|\")"
)


def test_collections_that_tasks_use() -> None:
    declared = OWN | set(yaml.safe_load((PROJECT / "galaxy.yml").read_text())["dependencies"])
    used: dict[str, set[str]] = {}
    for place in ("roles", "playbooks"):
        for path in sorted((PROJECT / place).rglob("*.yml")):
            found = set(_USED.findall(path.read_text()))
            used[str(path.relative_to(PROJECT))] = found - declared
    assert {path: found for path, found in used.items() if found} == ASKED_FOR


def test_what_a_role_asks_for_is_included_while_it_runs() -> None:
    """What is imported is read before anything runs, by others who have not got the collection."""
    for path in ASKED_FOR:
        tasks = (PROJECT / path).parent
        imported = [
            other.name
            for other in tasks.glob("*.yml")
            if f"import_tasks: {Path(path).name}" in other.read_text()
        ]
        assert imported == []
