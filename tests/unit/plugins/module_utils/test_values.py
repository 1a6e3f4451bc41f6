# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that are read, and refusals in parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    family_name,
    parse_address,
    parse_boolean,
    parse_choice,
    parse_integer,
    parse_server_address,
)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (
            ("service web", "port", 70000, "is out of range", "give one from 0 to 65535"),
            "service web: port 70000 is out of range; give one from 0 to 65535.",
        ),
        (
            ("service web", "scheduler", "best", "is not known", "use rr"),
            "service web: scheduler 'best' is not known; use rr.",
        ),
        (
            ("service web", "one_packet", True, "would break tcp", "leave it out"),
            "service web: one_packet true would break tcp; leave it out.",
        ),
        (("service web", "port", None, "is not given", "give one"),
         "service web: port is not given; give one."),
        (("", "scope", "x", "is no network", "give one"), "scope 'x' is no network; give one."),
        (("real server 1", "", None, "it has no service", "add one"),
         "real server 1: it has no service; add one."),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence(parts: tuple[Any, ...], told: str) -> None:
    """Item, field, value, why and advice, as far as there are such."""
    error = ModelError(*parts)
    assert str(error) == told
    assert (error.item, error.field, error.value, error.why, error.advice) == parts


class Item:
    """A thing whose words are counted when they are made."""

    def __init__(self) -> None:
        self.told = 0

    def __str__(self) -> str:
        self.told += 1
        return "thing"


@pytest.mark.parametrize(
    ("read", "good", "bad", "why"),
    [
        (lambda item, value: parse_integer(item, "n", value, 1, 9), "9", "x", "whole number"),
        (lambda item, value: parse_integer(item, "n", value, 1, 9), 1, 10, "out of range"),
        (lambda item, value: parse_integer(item, "n", value, 1, 9), 1, True, "whole number"),
        (lambda item, value: parse_choice(item, "n", value, ("a", "b")), "a", "c", "not known"),
        (lambda item, value: parse_choice(item, "n", value, ("a", "b")), "a", None, "not given"),
        (lambda item, value: parse_boolean(item, "n", value), "yes", "si", "boolean"),
        (lambda item, value: parse_address(item, "n", value), "::1", "localhost", "IPv4 or IPv6"),
        (lambda item, value: parse_address(item, "n", value), "::1", 5, "IPv4 or IPv6"),
        (lambda item, value: parse_server_address(item, "n", value), "::1", "::", "no host"),
        (lambda item, value: parse_server_address(item, "n", value), "::1", "ff02::1", "multicast"),
        (
            lambda item, value: parse_server_address(item, "n", value),
            "192.0.2.1",
            "224.0.0.5",
            "multicast",
        ),
    ],
)
def test_what_is_refused_is_named_and_what_is_not_makes_no_words(
    read: Callable[[object, object], object], good: object, bad: object, why: str
) -> None:
    """The value is given back as it was written; an item becomes words only for a reader."""
    item = Item()
    read(item, good)
    with pytest.raises(ModelError, match=why) as raised:
        read(item, bad)
    assert item.told == 1  # to be compared with the pattern
    assert (raised.value.item, raised.value.field) == (item, "n")
    assert raised.value.value is bad or raised.value.value == bad
    assert not raised.value.advice.endswith(".")


def test_the_names_of_families() -> None:
    """As people write them."""
    assert [family_name(family) for family in ("ipv4", "ipv6")] == ["IPv4", "IPv6"]
