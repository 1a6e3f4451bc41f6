# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of MariaDB. What the quoted ones stand for was seen with my_print_defaults of 11.8."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats.my_cnf import option_line


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("128M", "128M"),
        ("a b", "a b"),
        ("", ""),
        (5, "5"),
        (0.5, "0.5"),
        (True, "ON"),
        (False, "OFF"),
        ("no", "no"),
        ("tcp://x:1?y=2;z", "tcp://x:1?y=2;z"),
        ("x # y", '"x # y"'),
        (" lead", '" lead"'),
        ('it\'s "a"', '"it\'s \\"a\\""'),
        ("a\\nb", '"a\\\\nb"'),
    ],
)
def test_value(value: Any, written: str) -> None:
    """In quotes only where MariaDB would read something else without them."""
    assert option_line("x", value) == f"x = {written}"


@pytest.mark.parametrize(
    "value", ["5\nskip-grant-tables", "a\x00", "'a'", '"a b"', "a" * 5000, None, {}, [1], 1e999]
)
def test_what_is_none(value: Any) -> None:
    with pytest.raises(ModelError):
        option_line("x", value)


@pytest.mark.parametrize("name", ["", "a b", "x\ny", "[mariadb]", "!include", "#x", "é", "a=b"])
def test_names(name: str) -> None:
    with pytest.raises(ModelError):
        option_line(name, 1)
    assert option_line("hot_cache.key-buffer-size", 1) == "hot_cache.key-buffer-size = 1"
