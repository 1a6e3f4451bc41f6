# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How BIRD's configuration is written."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats import bird


def test_blocks() -> None:
    """An option with a block is ended, a block of its own is not."""
    inner = bird.option("ipv4", ["import none;"])
    assert bird.block("protocol direct a", inner) == [
        "protocol direct a {",
        "    ipv4 {",
        "        import none;",
        "    };",
        "}",
    ]


def test_strings() -> None:
    """As they are: nothing stands for another character."""
    assert bird.string(r"a\n; }'#") == r'''"a\n; }'#"'''
    assert bird.key("ä" * 40) == f'"{"ä" * 40}"'


@pytest.mark.parametrize("text", ['a"b', "a\nb", "a\x00", "a\u202e"])
def test_what_it_cannot_say(text: str) -> None:
    """It would be the end of the string, or a line more."""
    with pytest.raises(ModelError, match="nothing that BIRD can say"):
        bird.string(text)


def test_a_key_that_is_too_long() -> None:
    """In octets, as the kernel has them."""
    with pytest.raises(ModelError, match="nothing that BIRD can say"):
        bird.key("ä" * 40 + "a")


def test_sets_and_names() -> None:
    """Of addresses."""
    assert bird.prefixes(["192.0.2.1/32", "192.0.2.2/32"]) == "[ 192.0.2.1/32, 192.0.2.2/32 ]"
    assert bird.symbol("192.0.2.1") == "192_0_2_1"
    assert bird.symbol("fd00::1") == "fd00__1"


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.1, "100 ms"), (1, "1000 ms"), (0.01, "10 ms"), (0.0125, "12500 us")]
)
def test_intervals(seconds: float, told: str) -> None:
    """In whole milliseconds where that is what they are."""
    assert bird.interval(seconds) == told
