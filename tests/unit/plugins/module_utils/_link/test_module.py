# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the modules for links run and end, with a kernel that is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.lvs.cluster.plugins.module_utils._link import guard, kernel, module
from ansible_collections.lvs.cluster.plugins.module_utils._link.model import (
    Address,
    LinkError,
    Place,
    Step,
)
from ansible_collections.lvs.cluster.plugins.module_utils._link.owner import OwnedAddresses
from ansible_collections.lvs.cluster.plugins.module_utils._link.plan import plan_addresses
from ansible_collections.lvs.cluster.plugins.module_utils._link.wanted import (
    WantedAddress,
    WantedAddresses,
)

OLD = Address("127.0.0.7", 32, "lo", "lo")
HOST = Address("127.0.0.1", 8, "lo", "lo")
NEW = (WantedAddress("127.0.0.8", "lo", 32), WantedAddress("127.0.0.9", "lo", 32))


class Kernel(kernel.Links):
    """Has two addresses, and refuses the step of this number."""

    def __init__(self, refused: int = -1) -> None:
        self.refused = refused
        self.done: list[Step] = []
        self.listed: list[list[Place]] = []
        self.owned: OwnedAddresses | None = None

    def __exit__(self, *_exception: object) -> None:
        """Do nothing."""

    def addresses(self, interfaces: Collection[str]) -> list[Address]:
        assert set(interfaces) == {"lo"}
        return [HOST, OLD]

    def do(self, step: Step) -> None:
        assert self.owned is not None
        self.listed.append(self.owned.read())
        if len(self.done) == self.refused:
            raise LinkError("the step", "", None, "is refused", "try another")
        self.done.append(step)


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run as virtual_ips does: one owned address gives way to two others."""

    def run(links: Kernel, *, check: bool = False) -> dict[str, Any]:
        arguments = {"_ansible_check_mode": check, "_ansible_remote_tmp": str(tmp_path)}
        given = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", given)
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        monkeypatch.setattr(module, "connect", lambda _module: links)
        monkeypatch.setattr(module, "Links", Kernel)
        monkeypatch.setattr(guard, "ssh_endpoints", lambda: None)
        owned = links.owned = OwnedAddresses("one", tmp_path)
        owned.change(add=[OLD.place])
        wanted = WantedAddresses(NEW, prune=True)

        def plan(
            have: Sequence[Address], mine: Collection[Place], promoting: Collection[str]
        ) -> list[Step]:
            return plan_addresses(have, mine, wanted, promoting=promoting)

        with pytest.raises(SystemExit):
            module.run_addresses(
                basic.AnsibleModule(argument_spec={}, supports_check_mode=True), NEW, plan, owned
            )
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run


def shown(entries: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    """Return addresses, and whether they are the owner's."""
    return [(entry["address"], entry["owned"]) for entry in entries]


def test_a_run(run: Run, tmp_path: Path) -> None:
    """The list has what is added before, and what is deleted until after."""
    links = Kernel()
    result = run(links)
    assert shown(result["before"]) == [("127.0.0.7", True)]
    assert shown(result["after"]) == [("127.0.0.8", True), ("127.0.0.9", True)]
    assert [step.action for step in links.done] == ["add", "add", "delete"]
    assert all(len(listed) == 3 for listed in links.listed)
    listed = {place.address for place in OwnedAddresses("one", tmp_path).read()}
    assert listed == {"127.0.0.8", "127.0.0.9"}


def test_a_check(run: Run, tmp_path: Path) -> None:
    """It tells the same, and changes neither kernel nor list."""
    links = Kernel()
    result = run(links, check=True)
    assert (result["changed"], len(result["operations"]), links.done) == (True, 3, [])
    assert OwnedAddresses("one", tmp_path).read() == [OLD.place]


@pytest.mark.parametrize(
    ("refused", "listed"),
    [
        (0, {"127.0.0.7"}),
        (1, {"127.0.0.7", "127.0.0.8"}),
        (2, {"127.0.0.7", "127.0.0.8", "127.0.0.9"}),
    ],
)
def test_a_run_that_is_refused(run: Run, tmp_path: Path, refused: int, listed: set[str]) -> None:
    """What was not added is not the owner's, and the result has what was done."""
    result = run(Kernel(refused))
    assert result["failed"] is True
    assert result["msg"] == "the step: is refused; try another."
    assert (result["changed"], len(result["operations"])) == (refused > 0, refused)
    assert {place.address for place in OwnedAddresses("one", tmp_path).read()} == listed


@pytest.mark.parametrize(
    ("version", "words"),
    [("0.5.13", "pyroute2 0.5.13 is too old"), ("0.4.21", "pyroute2 0.4.21 is too old")],
)
def test_too_old_a_pyroute2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], version: str, words: str
) -> None:
    """It is named, and so is the version that will do."""
    given = json.dumps({"ANSIBLE_MODULE_ARGS": {}}).encode()
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", given)
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.setattr(kernel, "PYROUTE2_VERSION", version)
    with pytest.raises(SystemExit):
        module.has_pyroute2(basic.AnsibleModule(argument_spec={}))
    told = json.loads(capsys.readouterr().out)["msg"]
    assert words in told
    assert "0.5.14 or later" in told


@pytest.mark.parametrize("version", ["0.5.14", "0.6.4", "0.9.7", "unknown"])
def test_versions_that_will_do(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """All others, and one that does not say its number."""
    given = json.dumps({"ANSIBLE_MODULE_ARGS": {}}).encode()
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", given)
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.setattr(kernel, "PYROUTE2_VERSION", version)
    assert module.has_pyroute2(basic.AnsibleModule(argument_spec={}))
