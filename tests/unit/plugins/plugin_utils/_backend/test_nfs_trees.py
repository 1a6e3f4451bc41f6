# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose an exported directory is."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.accounts import Account, Known
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.nfs_trees import (
    directories,
    directory_problems,
    entries,
    named,
)

ACCOUNTS = [Account("archive", 2001, "readers", 2002)]
KNOWN = Known({"root": 0, "www-data": 33}, {"root": 0, "www-data": 33})
WWW = {"etype": "user", "entity": "www-data", "permissions": "rwx"}


def export(**changed: Any) -> dict[str, Any]:
    """An export with the fields that are of interest here."""
    return {"path": "/srv", "clients": ["nas"], **changed}


def test_directories() -> None:
    """An owner that may be yet to be made is named by number."""
    exports = [export(owner="archive", group="readers", mode="0750"), export(owner="www-data")]
    assert directories(exports, ACCOUNTS) == [
        {"path": "/srv", "owner": 2001, "group": 2002, "mode": "0750"},
        {"path": "/srv", "owner": "www-data", "group": None, "mode": None},
    ]


def test_entries() -> None:
    """With a mode, the list says too what the group itself may do."""
    assert entries([export(acl=[WWW])]) == [{**WWW, "path": "/srv"}]
    own = {"etype": "group", "permissions": "r-x", "path": "/srv"}
    reading = {**WWW, "permissions": "rx"}
    assert entries([export(acl=[reading], mode="0750")]) == [{**reading, "path": "/srv"}, own]
    assert entries([export(acl=[{**WWW, "default": True}], mode="0750")])[1:] == []


def test_named() -> None:
    """Users and groups that have to be there."""
    acl = [WWW, {"etype": "group", "entity": "web"}, {"etype": "other", "permissions": "r"}]
    assert named([export(owner="archive", group="readers", acl=acl), "no export"]) == {
        "user": ["archive", "www-data"],
        "group": ["readers", "web"],
    }
    assert named("no list") == {"user": [], "group": []}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"owner": "archive", "group": "www-data", "mode": "2770"},
        {"mode": "0770", "acl": [WWW]},
        {"mode": "0750", "acl": [{**WWW, "permissions": "r-x"}]},
        {"mode": "0770", "acl": [WWW, {"etype": "group", "permissions": "r"}]},
        {"mode": "0750", "acl": [WWW, {"etype": "mask", "permissions": "rx"}]},
        {"mode": "0750", "acl": [{**WWW, "default": True}]},
        {"mode": "0750", "acl": [{"etype": "user", "entity": "www-data", "state": "absent"}]},
    ],
)
def test_nothing_is_wrong(changed: dict[str, Any]) -> None:
    """Modes that are the mask of their lists."""
    assert directory_problems([export(**changed)], ACCOUNTS, KNOWN) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"owner": "nemo"}, "export /srv: owner 'nemo' is no user of this host; give one that is"),
        ({"group": "nemo"}, "export /srv: group 'nemo' is no group of this host;"),
        ({"mode": 493}, "export /srv: mode 493 is not octal digits in quotes; give one such as"),
        ({"mode": "u=rwx"}, "mode 'u=rwx' is not octal digits in quotes;"),
        ({"acl": "u:www-data:rwx"}, "acl 'u:www-data:rwx' is not a list; give a list of entries."),
        ({"acl": ["u:www-data:rwx"]}, "acl 'u:www-data:rwx' is not a mapping; give etype,"),
        ({"acl": [{**WWW, "who": 1}]}, "entry user:www-data of export /srv: who is not a field"),
        ({"acl": [{**WWW, "etype": "u"}]}, "etype 'u' is not known; use one of user, group,"),
        ({"acl": [{**WWW, "etype": "mask"}]}, "entity 'www-data' is given, and mask has none;"),
        ({"acl": [{**WWW, "entity": "nemo"}]}, "entity 'nemo' is no user of this host;"),
        ({"acl": [{**WWW, "permissions": "xwr"}]}, "permissions 'xwr' are none; give some of r,"),
        ({"acl": [{**WWW, "permissions": ""}]}, "permissions '' are none;"),
        ({"acl": [{**WWW, "state": "gone"}]}, "state 'gone' is not known; use one of present,"),
        ({"mode": "0750", "acl": [WWW]}, "mode '0750' and acl do not go together, because the"),
        ({"mode": "0750", "acl": [WWW]}, "give mode '0770', and what the group itself may do"),
        (
            {"mode": "2770", "acl": [{**WWW, "permissions": "rx"},
                                     {"etype": "group", "permissions": "r"}]},
            "give mode '2750'",
        ),
    ],
)  # fmt: skip
def test_bad_directory(changed: dict[str, Any], told: str) -> None:
    """One sentence, with the fix."""
    (problem,) = directory_problems([export(**changed)], ACCOUNTS, KNOWN)
    assert told in str(problem)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"path": "/etc", "owner": "archive"},
            "export /etc: owner 'archive' would be changed on a",
        ),
        (
            {"path": "/usr", "mode": "0755"},
            "export /usr: mode '0755' would be changed on a directory",
        ),
        ({"owner": "-x"}, "export /srv: owner '-x' is no name of a user; give one."),
        ({"owner": 33}, "export /srv: owner 33 is no name of a user;"),
        ({"group": "a\nb"}, "export /srv: group 'a\\nb' is no name of a group;"),
        ({"mode": 770}, "export /srv: mode 770 is not octal digits in quotes;"),
        ({"mode": "-770"}, "export /srv: mode '-770' is not octal digits in quotes;"),
        (
            {"acl": [{**WWW, "default": "no"}]},
            "default 'no' is neither true nor false; give one of",
        ),
        (
            {"acl": [{**WWW, "entity": "a\nb"}]},
            "acl entry user: of export /srv: entity 'a\\nb' is no",
        ),
        ({"acl": [{**WWW, "permissions": "rwx\n"}]}, "permissions 'rwx\\n' are none;"),
    ],
)
def test_what_is_no_name_and_no_place(changed: dict[str, Any], told: str) -> None:
    """No directory of the system is given away, and getent is asked for nothing but names."""
    (problem,) = directory_problems([export(**changed)], ACCOUNTS, KNOWN)
    assert told in str(problem)
    names = [name for kind in named([export(**changed)]).values() for name in kind]
    assert all(str(name).isalnum() or name == "www-data" for name in names)


def test_a_directory_of_the_system_is_exported_as_it_is() -> None:
    assert directory_problems([export(path="/etc")], ACCOUNTS, KNOWN) == []
