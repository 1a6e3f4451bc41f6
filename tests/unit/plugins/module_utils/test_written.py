# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a module, as the task has them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written, unread

SPEC: dict[str, dict[str, Any]] = {
    "number": {"type": "int"},
    "limit": {"type": "int", "default": 300},
    "text": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "file": {"type": "path"},
    "switch": {"type": "bool"},
    "words": {"type": "list", "elements": "str"},
    "parts": {
        "type": "list",
        "elements": "dict",
        "options": {"name": {"type": "str", "required": True}, "switch": {"type": "bool"}},
    },
}


def options(monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]) -> dict[str, Any]:
    """What a module has of a task's arguments."""
    sent = json.dumps({"ANSIBLE_MODULE_ARGS": {**given, "_ansible_remote_tmp": "/tmp"}})
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", sent.encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    return as_written(AnsibleModule(argument_spec=unread(SPEC)))


@pytest.mark.parametrize("number", [5, "5", "8_0", " 8", 8.0, 1e400, True, "eight", [8], {}])
def test_a_number_is_what_was_given(monkeypatch: pytest.MonkeyPatch, number: Any) -> None:
    """Whatever it is: readers of values say what is wrong with it."""
    found = options(monkeypatch, {"number": number})["number"]
    assert found == number
    assert type(found) is type(number)


def test_what_is_not_given_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or is None."""
    found = options(monkeypatch, {"number": None})
    assert (found["number"], found["limit"], found["state"]) == (None, 300, "present")


def test_texts_are_what_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """In lists and in their entries, too. A word for a boolean is read, and a text for a list."""
    parts = [{"name": ["a"], "switch": "yes"}]
    given = {"text": {"a": 1}, "words": [["a"], 5], "parts": parts, "switch": "no", "file": 5}
    found = options(monkeypatch, given)
    assert found["text"] == {"a": 1}
    assert found["words"] == [["a"], 5]
    assert found["parts"] == [{"name": ["a"], "switch": True}]
    assert found["switch"] is False
    assert found["file"] == 5
    assert options(monkeypatch, {"words": "a,b"})["words"] == ["a", "b"]
