# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every result has, and what it does not repeat."""

from __future__ import annotations

import gc
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ansible.module_utils import basic
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import _result
from ansible_collections.lvs.cluster.plugins.module_utils._result import (
    diff_of,
    fail,
    invocation_of,
    let_go_of_long,
    succeed,
)

SERVERS = [{"address": f"10.0.0.{host}"} for host in range(99)]


@pytest.fixture(autouse=True)
def _no_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of modules that other tests have run are still there."""
    for name in ("get_warning_messages", "get_deprecation_messages"):
        monkeypatch.setattr(_result, name, lambda: ())


class Ended(Exception):
    """How a module has ended."""


def module(diff: bool = False, secrets: tuple[str, ...] = (), **params: Any) -> AnsibleModule:
    """A module with these arguments."""

    def end(**result: Any) -> None:
        raise Ended(result)

    return cast(
        "AnsibleModule",
        SimpleNamespace(
            params=params, _diff=diff, no_log_values={*secrets}, exit_json=end, fail_json=end
        ),
    )


def repeated(**params: Any) -> Any:
    """Return the arguments as the result repeats them."""
    return invocation_of(module(**params))["invocation"]["module_args"]


def test_arguments_are_repeated() -> None:
    """As Ansible does itself: those who ask by -vvv see what was asked for."""
    asked = {"prune": "all", "rules": "-A -f 1", "services": [{"real_servers": SERVERS}], "n": 5}
    assert repeated(**asked, src=None) == {**asked, "src": None}


@pytest.mark.parametrize(
    ("long", "told"),
    [
        ("-A -f 1\n" * 200, "(1600 characters)"),
        ([{"fwmark": mark} for mark in range(1, 1001)], "(1000 items)"),
        ([{"fwmark": 1, "real_servers": SERVERS}, {"fwmark": 2}], "(2 items)"),
    ],
)
def test_long_arguments_are_not_repeated(long: object, told: str) -> None:
    """A result is as large as the change, not as the task."""
    assert repeated(prune="all", services=long) == {"prune": "all", "services": told}


def test_nothing_refers_to_long_arguments_that_have_been_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They would lie beside the result, which is as long. Ansible has a copy of its own."""
    given = {"ANSIBLE_MODULE_ARGS": {"services": [{"fwmark": n} for n in range(200)], "n": 5}}
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps(given).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    reads = AnsibleModule({"services": {"type": "list", "elements": "dict"}, "n": {"type": "int"}})
    services = reads.params["services"]
    assert [one["fwmark"] for one in services] == [*range(200)]
    let_go_of_long(reads)
    assert not any(isinstance(one, (dict, list)) for one in gc.get_referrers(services))
    assert (reads.params["services"], reads.params["n"]) == ("(200 items)", 5)
    assert invocation_of(reads)["invocation"]["module_args"] == reads.params


@pytest.mark.parametrize("length", [0, 1, 100, 101, 200, 250])
def test_long_lists_are_whole(capsys: pytest.CaptureFixture[str], length: int) -> None:
    """They go out part by part."""
    operations = [{"action": "add", "number": number} for number in range(length)]
    with pytest.raises(SystemExit):
        succeed(module(), changed=True, operations=operations, before=[])
    told = json.loads(capsys.readouterr().out)
    assert (told["operations"], told["before"], told["changed"]) == (operations, [], True)


def test_every_end_is_short(capsys: pytest.CaptureFixture[str]) -> None:
    """A failure as well as a success."""
    long = module(rules="x" * 5000)
    with pytest.raises(Ended) as ended:
        fail(long, ValueError("no."), operations=[])
    assert ended.value.args[0] == {
        "msg": "no.",
        "operations": [],
        "invocation": {"module_args": {"rules": "(5000 characters)"}},
    }
    with pytest.raises(SystemExit) as status:
        succeed(long, changed=True)
    assert status.value.code == 0
    assert json.loads(capsys.readouterr().out) == {
        "changed": True,
        "invocation": {"module_args": {"rules": "(5000 characters)"}},
    }


def test_ansible_ends_a_module_that_has_secrets_or_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It leaves the secrets out, and adds the warnings."""
    with pytest.raises(Ended):
        succeed(module(secrets=("word",), password="word"), changed=True)
    for name in ("get_warning_messages", "get_deprecation_messages"):
        with monkeypatch.context() as patched:
            patched.setattr(_result, name, lambda: ("mind the gap",))
            with pytest.raises(Ended):
                succeed(module(), changed=True)


def test_a_diff_is_made_only_where_it_is_asked_for() -> None:
    """Without --diff nobody sees it."""

    def never() -> tuple[str, str]:
        raise AssertionError

    assert diff_of(module(), never) == {}
    told = diff_of(module(diff=True), lambda: ("a\n", "b\n"))
    assert told == {"diff": {"before": "a\n", "after": "b\n"}}
