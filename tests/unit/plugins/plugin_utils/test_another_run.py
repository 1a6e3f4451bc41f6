# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a playbook starts another run."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._another_run import (
    PLAYBOOKS,
    asks_for_password,
    handed_on,
    inventories,
    whole_source,
)


def test_options() -> None:
    """Those that say how to connect; whatever else this run was given is its own."""
    options = {
        "forks": 9, "become": True, "vault_ids": ["a@b", "c"], "check": True, "tags": ["all"],
        "private_key_file": None,
    }  # fmt: skip
    assert list(handed_on(options)) == [
        "--forks", "9", "--vault-id", "a@b", "--vault-id", "c", "--become",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["ask_pass", "become_ask_pass", "ask_vault_pass"])
def test_passwords(name: str) -> None:
    assert asks_for_password({name: True})
    assert not asks_for_password({name: False})


def test_inventories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By whole paths, for the other run may be elsewhere; hosts with commas stay as they are."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hosts.yml").touch()
    sources = [whole_source(one) for one in ("hosts.yml", "lb1,")]
    assert inventories(sources) == [
        "--inventory", str(tmp_path / "hosts.yml"), "--inventory", "lb1,",
    ]  # fmt: skip


def test_playbooks() -> None:
    assert (PLAYBOOKS / "site.yml").is_file()
