# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the cluster is to be taken away, and which data with it.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Callable

from .._problem import Problem
from .drain import read_variables

_DEFAULTS: Mapping[str, Any] = {"teardown": False, "teardown_data": ()}


def read_teardown(
    variable: Callable[[str, Any], Any], hosts: Sequence[str]
) -> tuple[list[str], list[Problem]]:
    """Read which data is deleted, and say why it cannot be.

    C(hosts) are those that the cluster is taken away from, which has to be meant.
    """
    problems: list[Problem] = []
    is_meant, data = read_variables(_DEFAULTS, variable, problems)
    if not is_meant and not problems:
        why = f"is not given, and the cluster of {', '.join(hosts)} would serve nobody after that"
        advice = "give -e lvs_teardown=true if that is meant"
        problems.append(Problem("", "lvs_teardown", None, why, advice))
    return list(data), problems


def left_out_problems(answers: Iterable[Mapping[str, Any]]) -> Iterator[Problem]:
    """Name the directors that go on serving, by what those have told that are not in the run."""
    for answer in answers:
        if answer.get("services") and not answer.get("unreachable"):
            yield Problem(
                f"host {answer['item']}",
                "",
                None,
                "is a director that this run leaves out, and it would go on giving clients to real"
                " servers that are none any more",
                "run it without --limit, or with the directors first",
            )
