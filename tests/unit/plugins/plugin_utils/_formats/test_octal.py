# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Octets that are written in octal are read as they were."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.plugin_utils._formats.octal import escape, unescape
from hypothesis import given
from hypothesis import strategies as st


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_escaping_is_undone(text: str) -> None:
    """And nothing is left of what is escaped."""
    assert unescape(escape(text, ' \t\\"#')) == text
    assert not set(escape(text, ' \t\\"#')) & set(' \t"#')


def test_octets_of_utf_8() -> None:
    assert unescape(r"/srv/\303\251\040x") == "/srv/é x"
