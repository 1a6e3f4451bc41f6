# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PHP. What the quoted settings stand for was seen with php-fpm -tt of 8.4."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats.php import (
    definition,
    literal,
    pool_line,
    setting_name,
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("64M", "64M"),
        ("", ""),
        (5, "5"),
        (True, "on"),
        (False, "off"),
        ("/a:/b", "/a:/b"),
        ("a b", "a b"),
        ("E_ALL & ~E_NOTICE", "E_ALL & ~E_NOTICE"),
        ("x;y=z", "'x;y=z'"),
        ("a(b", "'a(b'"),
        ("${PATH}", "'${PATH}'"),
        ("a\\", "'a\\'"),
        (" lead", "' lead'"),
        ("é", "'é'"),
        ('it\'s "a" ${b} \\', '"it\'s \\"a\\" \\${b} \\\\"'),
    ],
)
def test_setting_of_a_pool(value: Any, written: str) -> None:
    """In quotes where PHP would reckon with it, or end it."""
    assert pool_line("a.b", value) == f"php_admin_value[a.b] = {written}"


@pytest.mark.parametrize("value", ["1M\nlisten.mode = 0666", "'a'", '"a"', None, {}, [1], 1e999])
def test_what_is_no_setting(value: Any) -> None:
    with pytest.raises(ModelError):
        pool_line("a", value)


@pytest.mark.parametrize("name", ["", "a]\nuser = root ;", "a b", "a=b", ".a", "a\n", "é"])
def test_names(name: str) -> None:
    with pytest.raises(ModelError):
        setting_name(name)
    with pytest.raises(ModelError):
        definition(name, 1)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a", "'a'"),
        ("it's \\ $x", r"'it\'s \\ $x'"),
        ("a\nb", "'a\nb'"),
        (True, "true"),
        (5, "5"),
        (0.5, "0.5"),
    ],
)
def test_literal(value: Any, written: str) -> None:
    assert definition("A", value) == f"define('A', {written});"


@pytest.mark.parametrize("value", [None, [1], {}, "a\0b", float("inf")])
def test_what_is_no_literal(value: Any) -> None:
    with pytest.raises(ModelError):
        literal(value)


@pytest.mark.parametrize("name", ["A'); system('id", "true", "NULL", "1A"])
def test_what_is_no_constant(name: str) -> None:
    with pytest.raises(ModelError):
        definition(name, 1)
