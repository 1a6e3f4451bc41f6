# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an NFS server exports: the lines of exports(5), and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._mountinfo import Mount
from ansible_collections.lvs.cluster.plugins.module_utils._nfs_exports import (
    client_hosts,
    export_lines,
    export_problems,
    world_of,
)

DEFAULTS = ["rw", "sync", "no_subtree_check", "root_squash"]
ROOT = Mount("/", "/dev/sda1", "ext4", ("rw",))
EXPORT: dict[str, Any] = {"path": "/srv/data", "clients": ["192.0.2.0/24"]}


def problems(*exports: Any, mounts: tuple[Mount, ...] = (ROOT,)) -> list[str]:
    return export_problems(list(exports), DEFAULTS, mounts)


def test_lines() -> None:
    exports = [
        EXPORT,
        {
            "path": "/srv/a b",
            "clients": ["@trusted", {"host": "*.example.org", "options": ["ro", "no_root_squash"]}],
            "options": ["async"],
            "fsid": 7,
        },
    ]
    assert export_lines(exports, DEFAULTS) == [
        "/srv/data 192.0.2.0/24(rw,sync,no_subtree_check,root_squash)",
        "/srv/a\\040b @trusted(rw,async,no_subtree_check,root_squash,fsid=7)"
        " *.example.org(ro,async,no_subtree_check,no_root_squash,fsid=7)",
    ]
    assert client_hosts(exports) == ["192.0.2.0/24", "@trusted", "*.example.org"]


@pytest.mark.parametrize(
    "export",
    [
        EXPORT,
        {**EXPORT, "clients": ["192.0.2.1", "fd00::/64", "nfs.example.org", "@net", "*.a.org"]},
        {**EXPORT, "clients": ["*"], "insecure": True},
        {**EXPORT, "options": ["ro", "anonuid=33", "sec=krb5p"], "fsid": "root"},
        {**EXPORT, "fsid": "0a0b0c0d-0102-0304-0506-070809101112"},
    ],
)
def test_nothing_is_said_of_what_works(export: dict[str, Any]) -> None:
    assert problems(export) == []


@pytest.mark.parametrize(
    "world",
    [["*"], ["0.0.0.0/0"], ["::/0"], ["192.0.2.1/0"], ["0.0.0.0/1", "128.0.0.0/1"], ["*.*"]],
)
def test_the_world_is_asked_for(world: list[str]) -> None:
    (problem,) = problems({**EXPORT, "clients": world})
    assert problem == (
        f"export /srv/data: clients {', '.join(world)} are the whole world; name the hosts or"
        " networks that may mount it, or say insecure: true if everybody may."
    )
    assert world_of(world) == world
    assert problems({**EXPORT, "clients": world, "insecure": True}) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"path": "srv"}, "export srv: path 'srv' is not absolute; give one that begins with"),
        (
            {"path": "/srv/"},
            "export /srv/: path '/srv/' is spelled in a roundabout way; give /srv.",
        ),
        ({"clients": []}, "export /srv/data: clients [] names no client; give a list of hosts"),
        ({"clients": [{}]}, "client 1 of export /srv/data: {} names no host; give a host or"),
        ({"clients": ["10.*"]}, "client 10.* of export /srv/data: a wildcard is for names, not"),
        ({"clients": ["a(rw)"]}, "client a(rw) of export /srv/data: it is neither a host name, an"),
        ({"clients": ["a.b"] * 2}, "client a.b of export /srv/data: it is there twice; leave out"),
        ({"options": "ro"}, "export /srv/data: options 'ro' is not a list; give one such as"),
        (
            {"options": ["no_root_squah"]},
            "export /srv/data: options: 'no_root_squah' is not an option of exports(5); give one of"
            " its options, such as no_root_squash.",
        ),
        ({"options": ["ro", "rw"]}, "export /srv/data: options: ro and rw exclude each other;"),
        ({"options": ["anonuid"]}, "export /srv/data: options: 'anonuid' is not how exports(5)"),
        ({"options": ["fsid=1"]}, "export /srv/data: options: fsid=1 belongs to one export; give"),
        ({"fsid": "x"}, "export /srv/data: fsid 'x' is none; give a number from 1 to 4294967295,"),
        ({"insecure": "yes"}, "export /srv/data: insecure 'yes' is neither true nor false; give"),
        ({"acls": []}, "export /srv/data: acls is not a field of it; use one of path, clients,"),
    ],
)
def test_refused(change: dict[str, Any], sentence: str) -> None:
    (problem,) = problems({**EXPORT, **change})
    assert problem.startswith(sentence)


def test_two_exports() -> None:
    other = {**EXPORT, "path": "/srv/other"}
    assert problems(EXPORT, other) == []
    assert problems(EXPORT, EXPORT) == [
        "export /srv/data: the path is there twice; put the clients of both into one export."
    ]
    assert problems({**EXPORT, "fsid": 1}, {**other, "fsid": "1"}) == [
        "export /srv/other: fsid 1 is that of export /srv/data already; give it another one."
    ]


def test_a_file_system_without_a_uuid_needs_fsid() -> None:
    ceph = Mount("/srv", "mon:/", "ceph", ("rw",))
    (problem,) = problems(EXPORT, mounts=(ROOT, ceph))
    assert problem.startswith("export /srv/data: it is on ceph at /srv, which has no UUID of its")
    assert problems({**EXPORT, "fsid": 1}, mounts=(ROOT, ceph)) == []
