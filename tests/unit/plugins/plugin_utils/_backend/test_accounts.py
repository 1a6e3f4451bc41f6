# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts have one number everywhere, and none that is there is touched."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.accounts import (
    Account,
    Known,
    account_problems,
    look_ups,
    missing,
    parse_accounts,
    parse_known,
    unequal,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem

KNOWN = parse_known(
    ["root:x:0:0:root:/root:/bin/bash", "www-data:x:33:33::/var/www:/usr/sbin/nologin"],
    ["root:x:0:", "www-data:x:33:", "staff:x:50:"],
)
ARCHIVE = Account("archive", 2001, "archive", 2001)


def test_group_is_like_the_user() -> None:
    """Where nothing else is said."""
    assert parse_accounts([{"user": "archive", "uid": "2001"}], "accounts") == [ARCHIVE]
    (given,) = parse_accounts([{"user": "a", "uid": 7, "group": "b", "gid": 8}], "accounts")
    assert given == Account("a", 7, "b", 8)


@pytest.mark.parametrize(
    ("accounts", "told"),
    [
        ("archive", "is not a list; give a list of user, uid, group and gid"),
        (["archive"], "account 1 of accounts: 'archive' is not a mapping; give user and uid."),
        ([{"user": "a"}], "account 1 of accounts: uid is missing; give it."),
        ([{"user": "a", "uid": 1, "shell": "x"}], "shell is not a field of it; use one of user,"),
        ([{"user": "a:b", "uid": 1}], "user 'a:b' is no name of a user; give one."),
        ([{"user": "a", "uid": "one"}], "account a: uid 'one' is not a whole number;"),
        ([{"user": "a", "uid": -1}], "account a: uid -1 is out of range;"),
        ([{"user": "a", "uid": 1}, {"user": "a", "uid": 2}], "do not go together"),
        ([{"user": "a", "uid": 1}, {"user": "b", "uid": 1}], "do not go together"),
        (
            [{"user": "a", "uid": 1, "group": "g"}, {"user": "b", "uid": 2, "group": "g"}],
            "group 'g' with gid 2 and 'g' with gid 1 of a do not go together",
        ),
    ],
)
def test_bad_accounts(accounts: Any, told: str) -> None:
    """One sentence, with the fix."""
    with pytest.raises(ModelError) as raised:
        parse_accounts(accounts, "accounts")
    assert told in str(raised.value)


def test_nobody_is_renumbered() -> None:
    """A name that has another number, and a number that has another name, are refused."""
    assert account_problems([ARCHIVE, Account("www-data", 33, "www-data", 33)], KNOWN) == []
    (uid, gid, primary) = map(
        str, account_problems([Account("www-data", 48, "www-data", 48)], KNOWN)
    )
    assert uid.startswith("account www-data: uid 48 is not that of www-data on this host, which")
    assert "is 33; give that number on every host" in gid
    assert "gid 48 is not that of its primary group on this host, which is 33" in primary
    (taken,) = account_problems([Account("apache", 33, "staff", 50)], KNOWN)
    assert taken == Problem(
        "account apache",
        "uid",
        33,
        "is www-data's on this host",
        "give apache a number that is free on every host",
    )


def test_what_getent_prints() -> None:
    """Lines without numbers, such as those of NIS, are passed over."""
    known = parse_known(["+::::::", "a:x:7:8:::", "b:x:9:none::"], ["+:::", "g:x:8:a"])
    assert known == Known({"a": 7}, {"g": 8}, {"a": 8})


def test_only_what_is_missing_is_made() -> None:
    """Each group once; what is there is left alone."""
    accounts = [Account("a", 1, "shared", 9), Account("b", 2, "shared", 9)]
    assert missing([*accounts, Account("www-data", 33, "staff", 50)], KNOWN) == {
        "groups": [{"name": "shared", "gid": 9}],
        "users": [
            {"name": "a", "uid": 1, "group": "shared"},
            {"name": "b", "uid": 2, "group": "shared"},
        ],
    }


def test_hosts_are_asked_for_names_and_numbers() -> None:
    """Each once, and nobody else's."""
    assert look_ups([], [], []) == {"passwd": [], "group": []}
    assert look_ups([ARCHIVE], ["www-data"], ["archive"]) == {
        "passwd": ["www-data", "archive", "2001"],
        "group": ["archive", "2001"],
    }


def test_hosts_are_compared() -> None:
    """One name, one number; that a number has another name elsewhere is no problem."""
    apache = Account("apache", 2001, "apache", 2001)
    assert unequal({"nas": [ARCHIVE], "web": [ARCHIVE, apache]}) == []
    (uid,) = unequal({"nas": [ARCHIVE], "web": [ARCHIVE._replace(uid=2002)]})
    assert uid == Problem(
        "account archive of host web",
        "uid",
        2002,
        "of archive is 2001 on nas",
        "give one number on all hosts that share files",
    )
