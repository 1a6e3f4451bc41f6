# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an NFS client mounts: fstab(5), what is done, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._mountinfo import Mount
from ansible_collections.lvs.cluster.plugins.module_utils._nfs_mounts import (
    fstab_options,
    mount_plan,
    mount_problems,
)

MOUNT: dict[str, Any] = {"source": "192.0.2.1:/srv", "path": "/mnt"}
KEPT = Mount("/mnt", "192.0.2.1:/srv", "nfs", ("nfsvers=4.2", "_netdev", "bg"))
LIVE = Mount("/mnt", "192.0.2.1:/srv", "nfs4", ("rw", "relatime", "rw", "vers=4.2"))


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({}, "nfsvers=4.2 _netdev bg"),
        ({"version": 3}, "nfsvers=3 proto=tcp mountproto=tcp _netdev bg"),
        ({"version": "3", "options": ["udp"]}, "nfsvers=3 udp _netdev bg"),
        ({"options": ["ro", "fg"]}, "nfsvers=4.2 ro fg _netdev"),
    ],
)
def test_options_for_fstab(change: dict[str, Any], options: str) -> None:
    assert fstab_options({**MOUNT, **change}) == options.split()


@pytest.mark.parametrize(
    ("change", "fstab", "live", "action"),
    [
        ({}, [], [], "mount"),
        ({}, [KEPT], [], "mount"),
        ({}, [KEPT], [LIVE], None),
        ({"options": ["hard", "noatime"]}, [KEPT], [LIVE], "replace"),
        ({"options": ["noatime"]}, [KEPT], [LIVE], "remount"),
        ({"version": "3"}, [KEPT], [LIVE], "replace"),
        ({"source": "192.0.2.2:/srv"}, [KEPT], [LIVE], "replace"),
        ({}, [], [LIVE], "replace"),
        ({"state": "absent"}, [KEPT], [LIVE], "unmount"),
        ({"state": "absent"}, [KEPT], [], ""),
        ({"state": "absent"}, [], [], None),
    ],
)
def test_what_is_done(
    change: dict[str, Any], fstab: list[Mount], live: list[Mount], action: str | None
) -> None:
    steps = mount_plan([{**MOUNT, **change}], fstab, live)
    assert [step["action"] for step in steps] == ([] if action is None else [action])


def test_outer_mounts_come_first() -> None:
    inner = {"source": "192.0.2.1:/in", "path": "/mnt/in"}
    assert [step["path"] for step in mount_plan([inner, MOUNT], [], [])] == ["/mnt", "/mnt/in"]


def test_mounting_now_works_at_once_or_not_at_all() -> None:
    (step,) = mount_plan([MOUNT], [], [])
    assert step["options"] == "nfsvers=4.2,_netdev,bg"
    assert step["mount_options"] == "nfsvers=4.2,fg,retry=0"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"source": "/srv"}, "mount /mnt: source '/srv' is not a host and the path of its export;"),
        ({"source": "h:"}, "mount /mnt: source 'h:' is not a host and the path of its export;"),
        ({"path": "mnt"}, "mount mnt: path 'mnt' is not absolute; give one that begins with"),
        ({"path": "/"}, "mount /: the host itself is there; give another path."),
        ({"version": "2"}, "mount /mnt: version '2' is not a version of NFS; use one of 3, 4.0,"),
        ({"options": "ro"}, "mount /mnt: options 'ro' is not a list; give one such as"),
        ({"options": ["vers=3"]}, "mount /mnt: options: vers=3 is the version; give it in the"),
        ({"options": ["noauto"]}, "mount /mnt: options: noauto keeps it from being mounted at"),
        ({"options": ["ro", "rw"]}, "mount /mnt: options ro and rw exclude each other; leave out"),
        ({"options": ["ro,bg"]}, "mount /mnt: options: 'ro,bg' is not one option; give one an"),
        ({"state": "gone"}, "mount /mnt: state 'gone' is not known; use one of mounted, absent."),
        ({"src": "x"}, "mount /mnt: src is not a field of it; use one of source, path, version,"),
    ],
)
def test_refused(change: dict[str, Any], sentence: str) -> None:
    (problem,) = mount_problems([{**MOUNT, **change}], [], [])
    assert problem.startswith(sentence)


def test_what_else_is_there() -> None:
    disk = Mount("/mnt", "/dev/sdb1", "ext4", ("rw",))
    assert mount_problems([MOUNT], [KEPT], [LIVE]) == []
    assert mount_problems([MOUNT, MOUNT], [], []) == [
        "mount /mnt: the path is there twice; leave out one of the two."
    ]
    (kept,) = mount_problems([MOUNT], [disk], [])
    assert kept.startswith("mount /mnt: /etc/fstab has /dev/sdb1 (ext4) there; give another path")
    (live,) = mount_problems([MOUNT], [], [disk])
    assert live.startswith("mount /mnt: /dev/sdb1 (ext4) is mounted there; give another path")
