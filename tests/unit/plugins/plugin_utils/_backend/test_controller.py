# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller has to have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.controller import (
    collection_problems,
)


def collection(directory: Path, version: str) -> None:
    """Make an installed collection lvs_test.one."""
    path = directory / "ansible_collections" / "lvs_test" / "one"
    path.mkdir(parents=True)
    information = {"collection_info": {"version": version}}
    (path / "MANIFEST.json").write_text(json.dumps(information))


def test_a_collection_that_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a checkout has is not asked for its version."""
    assert collection_problems("lvs.cluster", "3.8.0", "it is needed") == []
    collection(tmp_path, "3.10.0")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert collection_problems("lvs_test.one", "3.8.0", "it is needed") == []
    (problem,) = collection_problems("lvs_test.one", "3.11.0", "it is needed")
    assert str(problem) == (
        "lvs_test.one '3.10.0' is too old, and it is needed; run ansible-galaxy collection install"
        " 'lvs_test.one:>=3.11.0' --upgrade."
    )


def test_a_collection_that_is_missing() -> None:
    (problem,) = collection_problems("lvs_test.none", "3.8.0", "it is needed")
    assert str(problem) == (
        "lvs_test.none is not installed on the controller, and it is needed; run ansible-galaxy"
        " collection install 'lvs_test.none:>=3.8.0' --upgrade."
    )
