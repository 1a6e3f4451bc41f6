# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters by which the backends' roles check their variables and plan by them."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.filter.backends import (
    account_differences,
    account_look_ups,
    account_problems,
    missing_accounts,
    nfs_client_plan,
    nfs_client_problems,
    nfs_server_plan,
    nfs_server_problems,
)

FOUND = {"passwd": ["root:x:0:0::/root:/bin/sh"], "group": ["root:x:0:"]}
ARCHIVE = {"user": "archive", "uid": 2001}
EXPORT = {"path": "/srv", "clients": ["nas"], "owner": "archive", "mode": "0770"}
SETTINGS: dict[str, Any] = {
    "accounts": [ARCHIVE],
    "options": ["rw"],
    "versions": ["3", "4.2"],
    "mountd_port": None,
}
MOUNT = {"source": "nas:/srv", "path": "/data"}


def test_accounts() -> None:
    """Asked for, made where they are missing; bad ones are told once, and asked for by none."""
    assert account_look_ups([ARCHIVE], [EXPORT])["passwd"] == ["root", "archive", "2001"]
    assert account_look_ups("none") == {"passwd": ["root"], "group": ["root"]}
    assert missing_accounts([ARCHIVE], FOUND)["groups"] == [{"name": "archive", "gid": 2001}]
    assert account_problems([ARCHIVE], FOUND, "nfs_client_accounts") == []
    (problem,) = account_problems("none", FOUND, "nfs_client_accounts")
    assert problem.startswith("nfs_client_accounts 'none' is not a list;")


def test_accounts_of_all_hosts() -> None:
    """Servers are compared with clients; a host that is bad itself is passed over here."""
    groups = {"nfs_servers": ["nas"], "nfs_clients": ["web", "bad", "bare"]}
    hosts = {
        "nas": {"nfs_server_accounts": [ARCHIVE]},
        "web": {"nfs_client_accounts": [{**ARCHIVE, "uid": 2002, "gid": 2001}]},
        "bad": {"nfs_client_accounts": "none"},
        "bare": {},
    }
    (problem,) = account_differences(hosts, groups)
    assert problem.startswith("account archive: uid of archive is 2001 on nas and 2002 on web;")


def test_nfs_server() -> None:
    """Settings, exports and owners are told of together; the plan has all that is written."""
    assert nfs_server_problems([EXPORT], SETTINGS, FOUND, "") == []
    settings = {**SETTINGS, "accounts": "none", "versions": ["5"], "mountd_port": 0}
    version, port, client, owner = nfs_server_problems(
        [{**EXPORT, "clients": ["*"]}], settings, FOUND, ""
    )
    assert "'5' is not a version of NFS" in version
    assert port.startswith("nfs_server_mountd_port 0 is out of range;")
    assert "are the whole world" in client
    assert "owner archive is no user of this host" in owner
    assert nfs_server_plan([EXPORT], ["rw"], [ARCHIVE]) == {
        "directories": [{"path": "/srv", "owner": 2001, "group": None, "mode": "0770"}],
        "acl": [],
        "lines": ["/srv nas(rw)"],
        "hosts": ["nas"],
    }


def test_nfs_client() -> None:
    """Told and planned by what fstab and the kernel say."""
    fstab = "nas:/srv /data nfs nfsvers=4.2,_netdev,bg 0 0\n"
    live = "50 34 0:22 / /data rw - nfs4 nas:/srv rw,vers=4.2\n"
    assert nfs_client_plan([MOUNT], fstab, live) == []
    assert nfs_client_plan([MOUNT], fstab, "")[0]["action"] == "mount"
    assert nfs_client_problems([MOUNT], fstab, live) == []
    (problem,) = nfs_client_problems([MOUNT], "/dev/sdb1 /data ext4 rw 0 0\n", "")
    assert "/etc/fstab has /dev/sdb1 (ext4) there" in problem
