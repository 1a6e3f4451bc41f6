# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts with the same numbers on all hosts that share files."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._accounts import (
    Account,
    account_problems,
    look_ups,
    missing,
    parse_accounts,
    parse_known,
    unequal,
)
from ansible_collections.lvs.cluster.plugins.module_utils._model import ModelError

WEB = Account("www-data", 33, "www-data", 33)
KNOWN = parse_known(
    ["root:x:0:0:root:/root:/bin/sh", "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin"],
    ["root:x:0:", "www-data:x:33:"],
)


def test_group_is_called_and_numbered_like_the_user() -> None:
    assert parse_accounts([{"user": "app", "uid": "901"}], "v") == [Account("app", 901, "app", 901)]


@pytest.mark.parametrize(
    ("accounts", "sentence"),
    [
        ("www-data", "v 'www-data' is not a list; give a list of user, uid, group and gid"),
        (["www-data"], "account 1 of v: 'www-data' is not a mapping; give user and uid."),
        ([{"user": "a"}], "account 1 of v: uid is missing; give it."),
        ([{"user": "a b", "uid": 1}], "account 1 of v: user 'a b' is no name of a user; give one."),
        ([{"user": "a", "uid": 1, "id": 2}], "account 1 of v: id is not a field of it; use one of"),
        (
            [{"user": "a", "uid": 901}, {"user": "b", "uid": 901}],
            "account b of v: its uid 901 and that of a, 901, do not go together; give each user",
        ),
        (
            [{"user": "a", "uid": 1, "group": "g"}, {"user": "b", "uid": 2, "group": "g"}],
            "account b of v: its group g with gid 2 and g with 1 of a do not go together;",
        ),
    ],
)
def test_accounts_refused(accounts: Any, sentence: str) -> None:
    with pytest.raises(ModelError) as refused:
        parse_accounts(accounts, "v")
    assert str(refused.value).startswith(sentence)


def test_getent_is_never_asked_for_everything() -> None:
    assert look_ups([], [], []) == {"passwd": ["root"], "group": ["root"]}
    assert look_ups([WEB], ["app"], []) == {
        "passwd": ["root", "app", "www-data", "33"],
        "group": ["root", "www-data", "33"],
    }


def test_what_is_there_is_not_made_and_what_is_missing_is() -> None:
    assert account_problems([WEB], KNOWN) == []
    assert missing([WEB], KNOWN) == {"groups": [], "users": []}
    app = Account("app", 901, "app", 901)
    assert account_problems([app], KNOWN) == []
    assert missing([app], KNOWN) == {
        "groups": [{"name": "app", "gid": 901}],
        "users": [{"name": "app", "uid": 901, "group": "app"}],
    }


@pytest.mark.parametrize(
    ("account", "sentence"),
    [
        (
            Account("www-data", 48, "www-data", 33),
            "account www-data: uid 48 is not that of www-data on this host, which is 33;",
        ),
        (
            Account("app", 33, "app", 901),
            "account app: uid 33 is www-data's on this host; give app a number that is free",
        ),
        (
            Account("www-data", 33, "root", 0),
            "account www-data: gid 0 is not that of its primary group on this host, which is 33;",
        ),
    ],
)
def test_nobody_is_renumbered(account: Account, sentence: str) -> None:
    (problem,) = account_problems([account], KNOWN)
    assert problem.startswith(sentence)


def test_one_number_on_all_hosts() -> None:
    other = WEB._replace(uid=48)
    assert unequal({"nfs": [WEB], "rs1": [WEB]}) == []
    assert unequal({"nfs": [WEB], "rs1": [other]}) == [
        "account www-data: uid of www-data is 33 on nfs and 48 on rs1; give one number on all hosts"
        " that share files."
    ]
