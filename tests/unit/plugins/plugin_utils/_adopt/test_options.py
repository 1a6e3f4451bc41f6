# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the filters that read a configuration."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.options import (
    OPTIONS,
    read_options,
    take_names,
)


def test_what_is_empty_is_not_given() -> None:
    """As a variable that nobody has set."""
    assert read_options({"path": "", "ports": None, "as_hosts": "yes"}, *OPTIONS) == {
        "as_hosts": True
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"what": 1}, "what is no option; use one of path"),
        ({"secrets": True}, "secrets is no option"),
        ({"path": 3}, "path 3 is not text"),
    ],
)
def test_bad_input(given: dict[str, Any], told: str) -> None:
    """It is told by its name."""
    with pytest.raises(ModelError, match=told):
        read_options(given, "path")


def test_names_are_taken_out() -> None:
    """What is left is for the reader."""
    options = {"addresses": {"a": "10.0.0.1"}, "as_hosts": True, "path": "x"}
    names = take_names(options)
    assert options == {"path": "x"}
    assert names.host("10.0.0.1") == "a"
