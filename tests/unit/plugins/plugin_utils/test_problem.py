# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A refusal as data."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import (
    Problem,
    problem_of,
)

ERROR = ModelError("service tcp 192.0.2.1:80", "virtual_port", 70000, "is wrong", "give another")


def test_for_a_machine() -> None:
    """Each part, and the sentence that is made of them."""
    problem = Problem("service web", "port", 70000, "is out of range", "give another one")
    sentence = "service web: port 70000 is out of range; give another one."
    assert problem.as_result() == {
        "item": "service web",
        "field": "port",
        "value": 70000,
        "why": "is out of range",
        "advice": "give another one",
        "message": sentence,
    }
    assert str(problem) == sentence


def test_as_the_user_calls_it() -> None:
    """Thing and field have the names of the description, not those of the model."""
    found = problem_of(ERROR, "service web", {"virtual_port": "port"})
    assert found == Problem("service web", "port", 70000, "is wrong", "give another")
    assert problem_of(ERROR, "service web").field == "virtual_port"
    assert problem_of(ERROR, "host a", within="settings").field == "settings.virtual_port"
