# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields of fstab(5) are found again, and are one field."""

from __future__ import annotations

import re

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats.fstab import field, field_pattern
from hypothesis import given
from hypothesis import strategies as st

PRINTABLE = st.text(alphabet=st.characters(max_codepoint=0x7F, exclude_categories=["Cc"]))


@given(PRINTABLE)
def test_field_is_found(text: str) -> None:
    """Whether its characters are in octal or not, and no other field is."""
    pattern = field_pattern(text)
    assert re.fullmatch(pattern, "".join(octal(c) if c in " \\&" else c for c in text))
    assert re.fullmatch(pattern, "".join(octal(c) if c in ' \t\\"#' else c for c in text))
    assert not re.fullmatch(pattern, f"{text}x")


def octal(character: str) -> str:
    """Spell a character as fstab(5) may have it."""
    return f"\\{ord(character):03o}"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_field_is_one(text: str) -> None:
    """As ansible.posix.mount reads it: Python's blanks end one, and a # the line."""
    try:
        written = field(text)
    except ModelError:
        return
    assert f"nas:/srv {written} nfs".split("#")[0].split() == ["nas:/srv", written, "nfs"]


@pytest.mark.parametrize("text", ["", "a\nb", "a\tb", "a#b", "a\u00a0b", "a\x00", "\u202e"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(ModelError):
        field(text)


def test_written() -> None:
    assert field("/srv/a b&c\\") == r"/srv/a\040b\046c\134"
