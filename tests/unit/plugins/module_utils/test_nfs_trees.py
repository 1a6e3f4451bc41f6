# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exported directories: whose they are, and who else may do what in them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._accounts import Account, Known
from ansible_collections.lvs.cluster.plugins.module_utils._nfs_trees import (
    directories,
    directory_problems,
    entries,
    named,
)

APP = Account("app", 901, "app", 901)
KNOWN = Known({"root": 0, "www-data": 33}, {"root": 0, "www-data": 33}, {})
ENTRY: dict[str, Any] = {"etype": "user", "entity": "www-data", "permissions": "rwx"}
EXPORT: dict[str, Any] = {
    "path": "/srv",
    "owner": "www-data",
    "group": "app",
    "mode": "0770",
    "acl": [ENTRY],
}


def test_owners_that_are_yet_to_be_made_are_named_by_number() -> None:
    assert directories([EXPORT, {"path": "/x"}], [APP]) == [
        {"path": "/srv", "owner": "www-data", "group": 901, "mode": "0770"},
        {"path": "/x", "owner": None, "group": None, "mode": None},
    ]


def test_the_mode_says_what_the_group_may_do() -> None:
    assert entries([{"path": "/x"}, EXPORT]) == [
        {**ENTRY, "path": "/srv"},
        {"etype": "group", "permissions": "rwx", "path": "/srv"},
    ]


def test_who_is_named() -> None:
    assert named([EXPORT, "nonsense"]) == {"user": ["www-data", "www-data"], "group": ["app"]}


def test_nothing_is_said_of_what_works() -> None:
    assert directory_problems([EXPORT], [APP], KNOWN) == []
    assert directory_problems([{"path": "/x", "mode": "0755"}], [], KNOWN) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"owner": "apache"}, "export /srv: owner apache is no user of this host; give one that"),
        ({"group": "apache"}, "export /srv: group apache is no group of this host; give one that"),
        ({"mode": 770}, "export /srv: mode 770 is not octal digits in quotes; give one such as"),
        ({"mode": "rwx"}, "export /srv: mode 'rwx' is not octal digits in quotes"),
        ({"acl": "u:a:r"}, "export /srv: acl 'u:a:r' is not a list; give a list of entries."),
        ({"acl": ["u:a:r"]}, "export /srv: acl 'u:a:r' is not a mapping; give etype, entity and"),
        (
            {"acl": [{**ENTRY, "etype": "people"}]},
            "export /srv: acl entry people:www-data: etype 'people' is not known; use one of user,",
        ),
        (
            {"acl": [{**ENTRY, "entity": "apache"}]},
            "export /srv: acl entry user:apache: entity apache is no user of this host; give one",
        ),
        (
            {"acl": [{**ENTRY, "permissions": "all"}]},
            "export /srv: acl entry user:www-data: permissions 'all' are none; give some of r, w",
        ),
        (
            {"mode": "0750"},
            "export /srv: mode 0750 and acl do not go together, because the group's digit of a mode"
            " is the mask of what acl gives; give mode '0770', and what the group itself may do",
        ),
    ],
)
def test_refused(change: dict[str, Any], sentence: str) -> None:
    (problem,) = directory_problems([{**EXPORT, **change}], [APP], KNOWN)
    assert problem.startswith(sentence)
