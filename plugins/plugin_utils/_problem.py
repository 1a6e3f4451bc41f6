# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A refusal as data; it becomes a sentence only where it is shown.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError, sentence

_AS_THEY_ARE: Mapping[str, str] = MappingProxyType({})


class Problem(NamedTuple):
    """One thing that cannot work.

    C(item) is what the user calls the thing (C(service web), C(host rs1)), empty where a variable
    stands for itself; C(field) is the name that the user wrote, empty where it is the whole thing;
    C(value) is what was written, None where nothing was. C(why) goes on from these, and C(advice)
    is an imperative. Neither ends with a full stop.
    """

    item: str
    field: str
    value: Any
    why: str
    advice: str

    def __str__(self) -> str:
        """Return it as one sentence."""
        return sentence(*self)

    def as_result(self) -> dict[str, Any]:
        """Return it for a machine to read, with the sentence as C(message)."""
        return {**self._asdict(), "message": str(self)}


def problem_of(
    error: ModelError, item: str, names: Mapping[str, str] = _AS_THEY_ARE, within: str = ""
) -> Problem:
    """Return what a model refuses, with the item and the field as the user calls them.

    C(names) is what a field is called where it was written: C(virtual_address) is C(address).
    C(within) is the variable or field that it is a part of: C(port) is C(check.port).
    """
    field = names.get(error.field, error.field)
    if within:
        field = f"{within}.{field}"
    return Problem(item, field, error.value, error.why, error.advice)
