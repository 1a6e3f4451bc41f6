# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments and lines of Apache."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats.apache import (
    argument,
    directive_lines,
    directory,
    quoted,
)


def test_arguments() -> None:
    assert argument("index.php") == "index.php"
    assert argument("*.example.org") == "*.example.org"
    assert argument("a;b") == '"a;b"'
    assert quoted("/var/www/site") == '"/var/www/site"'
    assert quoted('a "b" \\') == '"a \\"b\\" \\\\"'
    assert directory("/var/www/a b") == '"/var/www/a b"'


@pytest.mark.parametrize("text", ["a\nb", "${X}", "a\u2028b", 5])
def test_what_is_no_argument(text: Any) -> None:
    with pytest.raises(ModelError):
        quoted(text)


@pytest.mark.parametrize("path", ["/var/www/*", "/var/www/[a]", "/var/w?w", "/var/www/a\\"])
def test_a_directory_is_one(path: str) -> None:
    """Apache has patterns there."""
    with pytest.raises(ModelError):
        directory(path)


def test_lines() -> None:
    """With whole sections in them, in each other too."""
    lines = ["<Location />", "\t<IfModule x>", "Require all denied", "</ifmodule>", "</Location>"]
    assert directive_lines(lines) == lines
    assert directive_lines([]) == []


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["</VirtualHost>"], "begins or ends a virtual host"),
        (["</Location>", "</VirtualHost>"], "closes a section that is not open"),
        ([" < /VirtualHost>"], "begins or ends a virtual host"),
        (["<Virtualhost *:81>"], "begins or ends a virtual host"),
        (["</Directory>"], "closes a section that is not open"),
        (["<Location />", "</Directory>"], "closes a section that is not open"),
        (["<Location />"], "is not closed"),
        (["Header set A \\"], "goes on in the next line"),
        (["A b\n</VirtualHost>"], "has a character that is no part of a line"),
        ([5], "is not text"),
    ],
)
def test_lines_that_leave_their_place(lines: list[Any], why: str) -> None:
    with pytest.raises(ModelError, match=why):
        directive_lines(lines)
