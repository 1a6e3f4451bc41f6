# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a value may be: that, and nothing near it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats import nftables
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings import kinds
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.kinds import Kind, Place

SCRIPT = kinds.record(
    "script",
    {"name": kinds.USER, "interval": kinds.number(1, 9), "key": kinds.secret(kinds.TEXT)},
    required=("name",),
)


def read(kind: Kind, value: Any) -> tuple[Any, list[str]]:
    """What is read of a value, and what is told of it."""
    problems: list[Any] = []
    found = kind.read(value, Place("host d", "x"), problems)
    return found, list(map(str, problems))


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (kinds.TEXT, "é 1", "é 1"),
        (kinds.optional(kinds.INTERFACE), "", ""),
        (kinds.INTERFACE, "eth1.160", "eth1.160"),
        (kinds.PATH, "/a b", "/a b"),
        (kinds.USER, "www-data", "www-data"),
        (kinds.number(1, 9), "5", 5),
        (kinds.seconds(0.01, 40.95), 0.5, 0.5),
        (kinds.seconds(0.01, 40.95), "2", 2),
        (kinds.BOOLEAN, "no", False),
        (kinds.BOOLEAN, "True", True),
        (kinds.ADDRESS, "2001:DB8::0", "2001:db8::"),
        (kinds.NETWORK, "2001:DB8::/32", "2001:db8::/32"),
        (kinds.NETWORK, "192.0.2.0/255.255.255.0", "192.0.2.0/24"),
        (kinds.list_of(kinds.INTERFACE), ["eth1", "eth2"], ["eth1", "eth2"]),
        (kinds.list_of(kinds.INTERFACE), [], []),
        (SCRIPT, {"name": "a", "interval": "3", "key": None}, {"name": "a", "interval": 3}),
        (kinds.mapping_of(kinds.USER, kinds.number(0, 9)), {"a": "1"}, {"a": 1}),
    ],
)
def test_what_may_be(kind: Kind, value: Any, found: Any) -> None:
    """It is returned as it is used."""
    assert read(kind, value) == (found, [])


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        (kinds.TEXT, 5, "x 5 is not text; put it in quotes, or give some"),
        (kinds.TEXT, ["a"], "x ['a'] is not text"),
        (kinds.TEXT, " ", "x ' ' is empty; give some text"),
        (kinds.TEXT, "a\nb", "x 'a\\nb' has a character that is no part of a line (U+000A)"),
        (kinds.TEXT, "a\u202e", "(U+202E); leave it out"),
        (kinds.INTERFACE, 'eth1" accept; "', "is not the name of a network interface; give one"),
        (kinds.INTERFACE, "eth1\n", "is no part of a line"),
        (kinds.INTERFACE, "eth1:0", "is not the name of a network interface"),
        (kinds.INTERFACE, "sixteen-letters-", "is not the name of a network interface"),
        (kinds.INTERFACE, "..", "is not the name of a network interface"),
        (kinds.PATH, "etc/passwd", "is not the whole path of a file"),
        (kinds.USER, "no such user", "is not the name of a user"),
        (kinds.number(1, 9), True, "x true is not a whole number; give one from 1 to 9"),
        (kinds.number(1, 9), 10, "x 10 is out of range"),
        (kinds.number(1, 9), 1.5, "x 1.5 is not a whole number"),
        (kinds.seconds(0.01, 40.95), True, "x true is not a number; give seconds from 0.01 to 40"),
        (kinds.seconds(0.01, 40.95), "nan", "x 'nan' is not a number"),
        (kinds.seconds(0.01, 40.95), 41, "x 41 is out of range"),
        (kinds.BOOLEAN, "maybe", "x 'maybe' is not a boolean; use true or false"),
        (kinds.BOOLEAN, 1, "x 1 is not a boolean"),
        (kinds.one_of("a", "b"), "c", "x 'c' is not known; use one of a, b"),
        (kinds.one_of("a", "b"), ["a"], "x ['a'] is not known"),
        (kinds.ADDRESS, "192.0.2.1 ", "x '192.0.2.1 ' has white space around it"),
        (kinds.ADDRESS, "192.0.2.1\n", "has white space around it"),
        (kinds.ADDRESS, "192.0.2.1/24", "is not an IPv4 or IPv6 address"),
        (kinds.NETWORK, "192.0.2.1/24", "is an address in the network 192.0.2.0/24; give 192.0.2."),
        (kinds.NETWORK, "192.0.2.0/33", "is not a network; give address and prefix length"),
        (kinds.NETWORK, "10.0.0.0/8 accept", "is not a network"),
        (kinds.NETWORK, "0.0.0.0/0", "is every address that there is"),
        (kinds.NETWORK, "192.0.2.1", "is not a network"),
        (kinds.list_of(kinds.INTERFACE), "eth1", "x 'eth1' is not a list; write it as a list: [et"),
        (kinds.list_of(kinds.INTERFACE), "a, b", "x 'a, b' is not a list; give a list"),
        (kinds.list_of(kinds.INTERFACE), {"eth1": 1}, "is not a list"),
        (kinds.list_of(kinds.INTERFACE), [5], "x 5 is not text"),
        (kinds.list_of(kinds.INTERFACE), ["eth1", "eth1"], "x 'eth1' is there twice; leave out"),
        (kinds.list_of(SCRIPT), ["a"], "host d: x is not a mapping; give name"),
        (kinds.list_of(SCRIPT), [{"interval": 0}], "script 1 of host d: x.interval 0 is out of"),
        (kinds.list_of(SCRIPT), [{"name": "a", "nme": 1}], "script a of host d: x.nme is not a f"),
        (SCRIPT, {"name": "a", "key": ["s"]}, "script a of host d: x.key is not text; put it in"),
        (kinds.mapping_of(kinds.USER, kinds.TEXT), ["a"], "x ['a'] is not a mapping"),
        (kinds.mapping_of(kinds.USER, kinds.TEXT), {"a b": "x"}, "x 'a b' is not the name of a u"),
        (kinds.mapping_of(kinds.USER, kinds.TEXT), {"a": 1}, "x.a 1 is not text"),
        (
            kinds.written(kinds.TEXT, nftables.string),
            'a"',
            "that nftables can say",
        ),
    ],
)
def test_what_may_not_be(kind: Kind, value: Any, told: str) -> None:
    """It is told with place, value and fix."""
    sentence = read(kind, value)[1][0]
    assert told in sentence
    assert sentence.endswith(".")


def test_all_at_once() -> None:
    """The good elements stay."""
    found, told = read(kinds.list_of(kinds.INTERFACE), ["eth1", 5, "a b", "eth2"])
    assert found == ["eth1", "eth2"]
    assert len(told) == 2
    found, told = read(SCRIPT, {"interval": 0, "other": 1})
    assert found == {}
    assert [sentence.split(": ")[1].split(" ")[0] for sentence in told] == [
        "x.interval",
        "x.other",
        "x.name",
    ]


def test_secrets_are_not_told() -> None:
    """Wherever they are."""
    kind = kinds.mapping_of(kinds.USER, kinds.list_of(kinds.secret(kinds.TEXT)))
    for value in ({"a": ["s\n"]}, {"a": "s"}, {"a": [["s"]]}):
        (told,) = read(kind, value)[1]
        assert "'s" not in told


def test_secret_of_a_vault() -> None:
    """Older Ansible hands on an object that is its text once it is asked for it."""

    class Vault:
        __ENCRYPTED__ = True

        def __str__(self) -> str:
            return "opened"

    assert read(kinds.secret(kinds.TEXT), Vault()) == ("opened", [])


def test_nearest() -> None:
    """The one that is meant, or all."""
    assert kinds.nearest("interfce", ["interface", "network"]) == "interface"
    assert kinds.nearest("q", ["interface", "network"]) == "one of interface, network"


@pytest.mark.parametrize("name", ["TEXT", "PATH", "INTERFACE", "USER", "HOST", "MAIL", "NETWORK"])
def test_examples(name: str) -> None:
    """They may be what they are given for."""
    kind = getattr(kinds, name)
    assert read(kind, kind.example) == (kind.example, [])
