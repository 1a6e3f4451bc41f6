# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of exports(5), and what cannot work of an export."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.mounts import Mount
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.nfs_exports import (
    client_hosts,
    export_lines,
    export_problems,
    merge_options,
    not_exported,
    world_of,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem

DEFAULTS = ["rw", "sync", "no_subtree_check", "root_squash"]
MOUNTS = [
    Mount("/", "/dev/vda1", "ext4", ("rw",)),
    Mount("/mnt/cephfs", "192.0.2.1:/", "ceph", ("rw",)),
    Mount("/mnt/gluster", "nas:/g", "fuse.glusterfs", ("rw",)),
]


def export(**changed: Any) -> dict[str, Any]:
    """An export that is good, some fields changed."""
    return {"path": "/srv/data", "clients": ["192.0.2.0/24"], **changed}


def problems(*exports: Any) -> list[Problem]:
    """What is told of exports."""
    return export_problems(list(exports), DEFAULTS, MOUNTS)


def test_options_lie_over_each_other() -> None:
    """The last of those that exclude each other counts, in the place of the first."""
    assert merge_options(DEFAULTS, ["ro"], ["no_root_squash", "sec=krb5"]) == (
        ("ro", "sync", "no_subtree_check", "no_root_squash", "sec=krb5")
    )


def test_lines() -> None:
    """Defaults, the export's options, the client's, and fsid; spaces in octal."""
    exports = [
        export(
            path="/srv/a b",
            options=["ro"],
            fsid=7,
            clients=["web.example.org", {"host": "192.0.2.9", "options": ["rw", "anonuid=33"]}],
        ),
        export(clients=["@backup"]),
    ]
    assert export_lines(exports, DEFAULTS) == [
        "/srv/a\\040b web.example.org(ro,sync,no_subtree_check,root_squash,fsid=7)"
        " 192.0.2.9(rw,sync,no_subtree_check,root_squash,anonuid=33,fsid=7)",
        "/srv/data @backup(rw,sync,no_subtree_check,root_squash)",
    ]
    assert client_hosts(exports) == ["web.example.org", "192.0.2.9", "@backup"]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {
            "clients": [
                "*.example.org",
                "10.0.0.0/8",
                "2001:db8::/32",
                "@web",
                "nas",
                "192.0.2.1/24",
            ]
        },
        {"clients": ["*"], "insecure": True},
        {"clients": [{"host": "nas", "options": ["no_root_squash", "insecure", "mp=/srv"]}]},
        {"path": "/mnt/cephfs/data", "fsid": 1},
        {"fsid": "root"},
        {"fsid": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
    ],
)
def test_nothing_is_wrong(changed: dict[str, Any]) -> None:
    """Every kind of client, an open export that is meant to be, every kind of fsid."""
    assert problems(export(**changed)) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"path": "srv"}, "export srv: path 'srv' is not absolute; give one that begins with"),
        ({"path": None}, "export 1 of nfs_server_exports: path is missing; give one that"),
        ({"path": "/srv//x/../data/"}, "is spelled in a roundabout way; give /srv/data."),
        ({"clinets": []}, "export /srv/data: clinets is not a field of it; use one of path,"),
        ({"clients": []}, "export /srv/data: clients [] names no client; give a list of hosts"),
        ({"clients": "*"}, "clients '*' names no client;"),
        ({"clients": [{}]}, "client 1 of export /srv/data: {} names no host; give a host"),
        ({"clients": [{"host": "a", "fsid": 1}]}, "client a of export /srv/data: fsid is not a"),
        ({"clients": ["a", "a"]}, "export /srv/data: clients 'a' is there twice; leave out"),
        ({"clients": ["192.0.2.300"]}, "export /srv/data: clients '192.0.2.300' is neither a"),
        (
            {"clients": ["0/0"]},
            "clients '0/0' is neither a host name, an address, a network, a wildcard nor",
        ),
        ({"clients": ["nas(rw)"]}, "a netgroup; give one of these, and options in the field opt"),
        (
            {"clients": ["192.0.2.*"]},
            "is a wildcard of addresses, and wildcards are for names; give a network",
        ),
        ({"clients": ["*"]}, "export /srv/data: clients ['*'] are the whole world; name the"),
        (
            {"clients": ["nas", "0.0.0.0/0.0.0.0"]},
            "clients ['0.0.0.0/0.0.0.0'] are the whole world;",
        ),
        (
            {"path": "/srv\n/etc *(rw)"},
            "export 1 of nfs_server_exports: path '/srv\\n/etc *(rw)' has",
        ),
        ({"path": "/srv\u202e"}, "has a character that is no part of a line; leave it out."),
        ({"clients": ["nas\n"]}, "client 1 of export /srv/data: 'nas\\n' names no host;"),
        ({"clients": [5]}, "client 1 of export /srv/data: 5 names no host;"),
        ({"clients": [{"host": 5}]}, "client 1 of export /srv/data: {'host': 5} names no host;"),
        ({"options": [5]}, "export /srv/data: options 5 is not text; give it in quotes."),
        ({"options": ["sec=sys\n/etc *(rw)"]}, "(rw)' is more than one option; give one an entry."),
        ({"options": ['refer=/a"b']}, "is more than one option; give one an entry."),
        ({"options": ["anonuid=-5"]}, "'anonuid=-5' is not the number of a user or group;"),
        ({"options": ["anongid=web"]}, "'anongid=web' is not the number of a user or group;"),
        ({"insecure": "yes"}, "insecure 'yes' is neither true nor false; give one of them."),
        ({"options": "rw"}, "export /srv/data: options 'rw' is not a list; give one such as"),
        ({"options": ["synk"]}, "options 'synk' is not an option of exports(5); give one of its"),
        ({"options": ["synk"]}, "such as sync."),
        ({"options": ["rw", "ro"]}, "options 'rw' and 'ro' exclude each other; leave out one of"),
        ({"options": ["anonuid"]}, "'anonuid' is not how exports(5) has it; give anonuid=VALUE."),
        ({"options": ["rw=1"]}, "'rw=1' is not how exports(5) has it; give rw alone."),
        ({"options": ["rw="]}, "'rw=' is not how exports(5) has it; give rw alone."),
        ({"options": ["sec="]}, "'sec=' is not how exports(5) has it; give sec=VALUE."),
        ({"options": ["sec=sys,ro"]}, "'sec=sys,ro' is more than one option; give one an entry."),
        ({"options": ["fsid=1"]}, "options 'fsid=1' belongs to one export; give it in the field"),
        (
            {"clients": [{"host": "nas", "options": ["synk"]}]},
            "client nas of export /srv/data: options 'synk' is not an option of exports(5);",
        ),
        ({"fsid": "one"}, "export /srv/data: fsid 'one' is none; give a number from 1 to"),
        ({"fsid": True}, "fsid true is none;"),
        (
            {"path": "/mnt/cephfs/a"},
            "fsid is missing, and ceph at /mnt/cephfs has no UUID of its own;",
        ),
        (
            {"path": "/mnt/gluster"},
            "fsid is missing, and fuse.glusterfs at /mnt/gluster has no UUID",
        ),
    ],
)
def test_bad_export(changed: dict[str, Any], told: str) -> None:
    """One sentence, with the fix."""
    (problem,) = problems(export(**changed))
    assert told in str(problem)


def test_exports_beside_each_other() -> None:
    """A path and an fsid are there once, however the number is spelled."""
    (path,) = problems(export(), export())
    assert path == Problem(
        "export /srv/data",
        "path",
        "/srv/data",
        "is there twice",
        "put the clients of both into one export",
    )
    (fsid,) = problems(export(fsid="root"), export(path="/srv/b", fsid=0))
    assert (
        str(fsid)
        == "export /srv/b: fsid 0 is that of export /srv/data already; give it another one."
    )


def test_what_is_no_list() -> None:
    """Nor a list of mappings."""
    (problem,) = export_problems("all", DEFAULTS, MOUNTS)
    assert "nfs_server_exports 'all' is not a list" in str(problem)
    (problem,) = problems("/srv")
    assert str(problem).startswith(
        "export 1 of nfs_server_exports: '/srv' is not a mapping; give path"
    )
    (problem,) = export_problems([], ["synk"], MOUNTS)
    assert str(problem).startswith("nfs_server_options 'synk' is not an option of exports(5);")


@pytest.mark.parametrize(
    ("hosts", "world"),
    [
        (["nas", "192.0.2.0/24"], []),
        (["*.example.org"], []),
        (["nas", "*"], ["*"]),
        (["*.*"], ["*.*"]),
        (["0.0.0.0/0"], ["0.0.0.0/0"]),
        (["192.0.2.1/0"], ["192.0.2.1/0"]),
        (["::/0"], ["::/0"]),
        (["0:0::/0"], ["0:0::/0"]),
        (["0.0.0.0/1", "nas", "128.0.0.0/1"], ["0.0.0.0/1", "128.0.0.0/1"]),
        (["0.0.0.0/1", "8000::/1"], []),
    ],
)
def test_every_spelling_of_the_world(hosts: list[str], world: list[str]) -> None:
    """Alone, or together."""
    assert world_of(hosts) == world


def etab(client: str, options: str = "rw,sync,root_squash", path: str = "/srv/data") -> str:
    """What the server exports, as it writes it down."""
    return f"{path}\t{client}({options},no_subtree_check,sec=sys)\n"


@pytest.mark.parametrize(
    ("clients", "exported", "missing"),
    [
        (["192.0.2.0/24"], etab("192.0.2.0/24"), []),
        (["192.0.2.0/24"], "", ["192.0.2.0/24"]),
        (["192.0.2.0/24"], etab("192.0.2.0/24", path="/srv/other"), ["192.0.2.0/24"]),
        (["192.0.2.0/24"], etab("nas.example.org"), ["192.0.2.0/24"]),
        (["192.0.2.0/24"], etab("192.0.2.0/24", "ro,sync,root_squash"), ["192.0.2.0/24"]),
        (["192.0.2.0/24"], etab("192.0.2.0/24", "rw,sync,no_root_squash"), ["192.0.2.0/24"]),
        (["192.0.2.1", "192.0.2.2"], etab("192.0.2.1"), ["192.0.2.2"]),
        (["nas"], etab("nas.example.org"), []),
        (["nas"], etab("192.0.2.0/24"), ["nas"]),
    ],
)
def test_what_is_not_exported(clients: list[str], exported: str, missing: list[str]) -> None:
    """It is not there, or not as it should be; a host's name may be another one there."""
    given = [export(clients=clients)]
    assert not_exported(given, DEFAULTS, exported) == [f"{host}:/srv/data" for host in missing]


def test_a_number_is_written_as_it_is_read() -> None:
    """And not with what stood around it."""
    assert export_lines([export(fsid="5\n")], []) == ["/srv/data 192.0.2.0/24(fsid=5)"]
