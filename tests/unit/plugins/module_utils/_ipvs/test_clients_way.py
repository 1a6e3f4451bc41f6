# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check sets in the kernel while it asks; that it asks is shown on a kernel."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import clients_way
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.clients_way import (
    Way,
    own_address_accepted,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer

WAY = Way("eth1", "10.0.0.1")
DR = RealServer("10.0.0.11", 80, forward="dr")


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The device's accept_local, which is off."""
    path = tmp_path / "eth1" / "accept_local"
    path.parent.mkdir()
    path.write_text("0\n")
    monkeypatch.setattr(clients_way, "_SETTINGS", tmp_path)
    return path


def test_own_address_is_accepted_meanwhile(setting: Path) -> None:
    """And not after that, whatever went wrong."""
    with pytest.raises(ValueError, match="wrong"), own_address_accepted(WAY, DR):
        assert setting.read_text() == "1"
        raise ValueError("wrong")
    assert setting.read_text() == "0"


def test_a_check_that_is_killed(setting: Path) -> None:
    """It is put back all the same."""
    pid = os.fork()
    if not pid:
        with own_address_accepted(WAY, DR):
            os.kill(os.getpid(), signal.SIGKILL)
    _pid, status = os.waitpid(pid, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    end = time.monotonic() + 10
    while setting.read_text().strip() != "0":
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("way", "server", "before"),
    [
        (WAY, DR, "1\n"),
        (WAY, DR._replace(forward="nat"), "0\n"),
        (Way("eth1", "fd00::1"), DR._replace(address="fd00::11"), "0\n"),
    ],
)
def test_a_setting_that_is_left_alone(
    setting: Path, way: Way, server: RealServer, before: str
) -> None:
    """Where it is on already, or the answer does not come from an own address."""
    setting.write_text(before)
    with own_address_accepted(way, server):
        assert setting.read_text() == before
    assert setting.read_text() == before
