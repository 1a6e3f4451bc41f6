# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a module as the task has them.

Private to the collection: names and behaviour may change in any release.

AnsibleModule makes a text of a list and a mapping, and a number of C(8_0), C(8e1), a boolean and
digits of any script, with white space around them. Of an infinite one it makes a traceback, and
what is none it refuses without a word of what would be one. The readers of values take what is one,
and say what is wrong with the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule, _load_params

Spec = dict[str, dict[str, Any]]


def unread(spec: Spec) -> Spec:
    """Return an argument specification by which no whole number is read that is given."""
    given = _load_params() or {}
    return {
        name: {**option, "type": "raw"}
        if option.get("type") == "int" and given.get(name) is not None
        else option
        for name, option in spec.items()
    }


def as_written(module: AnsibleModule) -> dict[str, Any]:
    """Return the options, with texts and whole numbers as they were given."""
    return _options(module.argument_spec, _load_params(), module.params)


def _options(
    spec: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any], read: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        name: _option(spec[name], given[name], value)
        if name in spec and given.get(name) is not None
        else value
        for name, value in read.items()
    }


def _option(spec: Mapping[str, Any], given: Any, read: Any) -> Any:
    """Return one option; a list that was given as a text is what AnsibleModule makes of it."""
    if spec.get("type", "str") == "str" and "choices" not in spec:
        return given
    if spec.get("type") == "path":
        return read if isinstance(given, str) else given
    if spec.get("type") != "list" or "choices" in spec or not isinstance(given, list):
        return read
    if "options" not in spec:
        return given
    return [
        _options(spec["options"], raw, value) if isinstance(raw, Mapping) else value
        for raw, value in zip(given, read)
    ]
