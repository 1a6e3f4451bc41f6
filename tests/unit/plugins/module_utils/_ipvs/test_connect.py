# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts on which there is no conversation to be had with IPVS."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import connect as _connect
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.errors import IpvsError


class Module:
    """What a module does, in check mode or not."""

    def __init__(self, check_mode: bool) -> None:
        self.check_mode = check_mode
        self.params = {"prune": "all"}
        self.warnings: list[str] = []
        self.failures: list[dict[str, Any]] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def fail_json(self, **result: Any) -> None:
        self.failures.append(result)
        raise SystemExit(1)


def connected(module: Any, monkeypatch: pytest.MonkeyPatch, error: IpvsError) -> object:
    """Return what connecting gives where the kernel answers with an error."""

    def refuse() -> None:
        raise error

    monkeypatch.setattr(_connect, "Ipvs", refuse)
    return _connect.connect(module)


def test_a_check_before_ipvs_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check goes on from nothing, and says so."""
    module = Module(check_mode=True)
    assert connected(module, monkeypatch, IpvsError("no IPVS", no_ipvs=True)) is None
    assert len(module.warnings) == 1
    assert module.warnings[0].startswith("IPVS is not loaded yet")


@pytest.mark.parametrize(("check_mode", "no_ipvs"), [(False, True), (True, False), (False, False)])
def test_any_other_host_is_refused(
    monkeypatch: pytest.MonkeyPatch, check_mode: bool, no_ipvs: bool
) -> None:
    """Also in check mode, where something else than IPVS is missing."""
    module = Module(check_mode)
    with pytest.raises(SystemExit):
        connected(module, monkeypatch, IpvsError("why not", no_ipvs=no_ipvs))
    assert module.failures == [{"msg": "why not", "invocation": {"module_args": {"prune": "all"}}}]
    assert module.warnings == []
