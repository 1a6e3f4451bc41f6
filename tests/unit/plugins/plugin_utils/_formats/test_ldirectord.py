# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
r"""What ldirectord\.cf can say."""

from __future__ import annotations

from typing import Callable

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats import ldirectord


def test_lines() -> None:
    """A quotation mark within others is one; a # is a comment in sections alone."""
    assert ldirectord.quoted("request", 'SELECT "1"') == 'request="SELECT "1""'
    assert ldirectord.quoted("passwd", " ") == 'passwd=" "'
    assert ldirectord.plain("servicename", "é 1") == "servicename=é 1"
    assert ldirectord.setting("fallbackcommand", '/bin/a "#1"') == 'fallbackcommand=/bin/a "#1"'
    assert ldirectord.quoted_setting("logfile", "/a#b") == 'logfile="/a#b"'


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (ldirectord.setting, "a\nvirtual=1.2.3.4:5"),
        (ldirectord.setting, " a"),
        (ldirectord.plain, "a#b"),
        (ldirectord.plain, "a\rb"),
        (ldirectord.plain, "a "),
        (ldirectord.quoted, "a#b"),
        (ldirectord.quoted, "a\tb"),
        (ldirectord.quoted_setting, 'a"b'),
        (ldirectord.quoted_setting, "a\nb"),
    ],
)
def test_what_it_cannot_say(write: Callable[[str, str], str], text: str) -> None:
    """A line more, a comment, or less than there was."""
    with pytest.raises(ModelError, match=r"nothing that ldirectord\.cf can say"):
        write("word", text)
