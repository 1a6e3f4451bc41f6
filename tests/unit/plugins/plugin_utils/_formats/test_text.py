# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several formats have in common."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats.text import in_quotes, setting


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (-1.5, "-1.5"),
        ("", ""),
        ("it's", "it's"),
        ('"', '"'),
    ],
)
def test_setting(value: Any, text: str) -> None:
    assert setting(value, ("no", "yes"), "1") == text


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "has no value"),
        (float("inf"), "is neither text, a number nor a boolean"),
        (float("nan"), "is neither text, a number nor a boolean"),
        ([1], "is neither text, a number nor a boolean"),
        ("a\nb", "has a character that is no part of a line"),
        ("'a'", "has quotes of its own"),
        ('"a"', "has quotes of its own"),
    ],
)
def test_no_setting(value: Any, why: str) -> None:
    with pytest.raises(ModelError) as error:
        setting(value, ("no", "yes"), "64M")
    assert error.value.why == why


def test_in_quotes() -> None:
    assert in_quotes("a 'b' \\ \"c\"") == '"a \'b\' \\\\ \\"c\\""'
