# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is mounted, as the kernel and fstab(5) write it."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils._mountinfo import (
    Mount,
    escape,
    mount_of,
    mounted_at,
    parse_fstab,
    parse_mountinfo,
    unescape,
)
from hypothesis import given
from hypothesis import strategies as st

MOUNTINFO = """\
22 1 0:20 / / rw,relatime shared:1 - overlay overlay rw,lowerdir=/a
30 22 0:31 / /srv/a\\040b rw,nosuid - tmpfs tmpfs rw,size=1k
31 22 0:32 / /mnt rw - nfs4 192.0.2.1:/first rw,vers=4.2
32 31 0:33 / /mnt ro - nfs 192.0.2.1:/second rw,vers=3
"""


def test_mounts_are_read() -> None:
    mounts = parse_mountinfo(MOUNTINFO)
    assert mounts[1] == Mount("/srv/a b", "tmpfs", "tmpfs", ("rw", "nosuid", "rw", "size=1k"))
    assert [mount.path for mount in mounts] == ["/", "/srv/a b", "/mnt", "/mnt"]


def test_the_later_one_hides_the_other() -> None:
    mount = mounted_at(parse_mountinfo(MOUNTINFO), "/mnt")
    assert mount is not None
    assert mount.source == "192.0.2.1:/second"
    assert mounted_at(parse_mountinfo(MOUNTINFO), "/srv") is None


def test_the_mount_that_a_path_is_in() -> None:
    mounts = parse_mountinfo(MOUNTINFO)
    found = [mount_of(mounts, path) for path in ("/srv/a b/c", "/srv/a", "/mntx")]
    assert [mount.fstype for mount in found if mount] == ["tmpfs", "overlay", "overlay"]


def test_fstab_is_read() -> None:
    assert parse_fstab(
        "# no mount\n\n/dev/sda1 / ext4\nh:/x\t/mnt\\040x nfs ro,bg 0 0 # why\n"
    ) == [
        Mount("/", "/dev/sda1", "ext4", ("defaults",)),
        Mount("/mnt x", "h:/x", "nfs", ("ro", "bg")),
    ]


@given(st.text(st.characters(max_codepoint=127)))
def test_what_is_written_is_read_again(text: str) -> None:
    written = escape(text)
    assert unescape(written) == text
    assert not set(written) & set(' \t\n"#')
