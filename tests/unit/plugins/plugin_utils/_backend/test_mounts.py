# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel and fstab(5) tell of mounts is read as it was written."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.mounts import (
    Mount,
    mount_of,
    mounted_at,
    parse_fstab,
    parse_mountinfo,
)

MOUNTINFO = """\
50 34 0:22 / / rw,relatime - ext4 /dev/vda1 rw,errors=remount-ro
60 50 0:30 / /srv rw shared:5 - tmpfs tmpfs rw,size=10k
61 50 0:31 / /srv\\040data ro,nosuid - nfs4 nas:/srv\\040data rw,vers=4.2
62 50 0:32 / /srv rw - ceph 192.0.2.1:/ rw
no mount at all
"""
FSTAB = """\
# a comment
/dev/vda1 / ext4 errors=remount-ro 0 1
nas:/srv\\040data /srv\\040data nfs ro,bg # with a comment
none /tmp tmpfs
"""


def test_mountinfo() -> None:
    """Names are unescaped, and both kinds of options are there."""
    mounts = parse_mountinfo(MOUNTINFO)
    assert len(mounts) == 4
    assert mounts[2] == Mount(
        "/srv data", "nas:/srv data", "nfs4", ("ro", "nosuid", "rw", "vers=4.2")
    )


def test_what_is_seen_at_a_path() -> None:
    """The later mount hides the earlier one; a path is in the nearest mount, by whole names."""
    mounts = parse_mountinfo(MOUNTINFO)
    there = mounted_at(mounts, "/srv")
    assert there is not None
    assert there.fstype == "ceph"
    assert mounted_at(mounts, "/srv/data") is None
    for path, fstype in (("/srv/data/new", "ceph"), ("/srvx", "ext4"), ("/", "ext4")):
        found = mount_of(mounts, path)
        assert found is not None
        assert found.fstype == fstype
    assert mount_of([], "/srv") is None


def test_fstab() -> None:
    """Comments are left out; a line without options has the default ones."""
    assert parse_fstab(FSTAB) == [
        Mount("/", "/dev/vda1", "ext4", ("errors=remount-ro",)),
        Mount("/srv data", "nas:/srv data", "nfs", ("ro", "bg")),
        Mount("/tmp", "none", "tmpfs", ("defaults",)),
    ]
