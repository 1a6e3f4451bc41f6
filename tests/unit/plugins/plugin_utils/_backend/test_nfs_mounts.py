# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an NFS client mounts, what is done for it, and what cannot work."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.mounts import Mount
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.nfs_mounts import (
    former_mounts,
    fstab_options,
    mount_plan,
    mount_problems,
    retried,
    steps_back,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem

SOURCE = "nas:/srv/data"
DEFAULT = ("nfsvers=4.2", "_netdev", "bg")


def mount(*options: Any, **changed: Any) -> dict[str, Any]:
    """A mount that is good, some fields changed."""
    return {"source": SOURCE, "path": "/data", "options": list(options), **changed}


def kept(*options: str, source: str = SOURCE) -> list[Mount]:
    """What fstab has of it."""
    return [Mount("/data", source, "nfs", options or DEFAULT)]


def live(*options: str, source: str = SOURCE) -> list[Mount]:
    """What is mounted."""
    shown = options if options else ("rw", "relatime", "vers=4.2", "hard")
    return [Mount("/", "/dev/vda1", "ext4", ("rw",)), Mount("/data", source, "nfs4", shown)]


@pytest.mark.parametrize(
    ("given", "options"),
    [
        (mount(), "nfsvers=4.2,_netdev,bg"),
        (mount("ro", "fg"), "nfsvers=4.2,ro,fg,_netdev"),
        (mount(version=4.1), "nfsvers=4.1,_netdev,bg"),
        (mount("nolock", version="3"), "nfsvers=3,proto=tcp,mountproto=tcp,nolock,_netdev,bg"),
        (mount("proto=udp", version=3), "nfsvers=3,mountproto=tcp,proto=udp,_netdev,bg"),
        (mount("udp", version="3"), "nfsvers=3,udp,_netdev,bg"),
    ],
)
def test_options_of_fstab(given: dict[str, Any], options: str) -> None:
    """The version, the mount's own options, and those that bring it back at boot."""
    assert ",".join(fstab_options(given)) == options


def test_nothing_is_to_be_done() -> None:
    """It is mounted as it should be, and will be; or is not there, and should not be."""
    assert mount_plan([mount()], kept(), live()) == []
    assert mount_plan([mount(state="absent")], [], live()[:1]) == []
    strict = mount("strictatime")
    assert mount_plan([strict], kept(*fstab_options(strict)), live("rw", "vers=4.2")) == []
    users = mount("users")
    mounted = live("rw", "nosuid", "nodev", "noexec", "relatime", "vers=4.2")
    assert mount_plan([users], kept(*fstab_options(users)), mounted) == []


@pytest.mark.parametrize(
    ("given", "fstab", "mounted", "action"),
    [
        (mount(), [], live()[:1], "mount"),
        (mount(), kept(), live()[:1], "mount"),
        (mount(), [], live(), "replace"),
        (mount(), kept(), live(source="old:/srv/data"), "replace"),
        (mount(), kept(source="old:/srv/data"), live(), "replace"),
        (mount(), kept(), live("rw", "vers=4.1"), "replace"),
        (mount("rsize=65536"), kept(), live(), "replace"),
        (mount(), kept(*DEFAULT, "soft"), live(), "replace"),
        (mount("ro"), kept(), live(), "remount"),
        (mount(), kept(*DEFAULT, "noatime"), live("rw", "noatime", "vers=4.2"), "remount"),
        (mount(), kept(), live("ro", "vers=4.2"), "remount"),
        (mount(), kept(), live("rw", "noatime", "vers=4.2"), "remount"),
        (mount(), kept(), live("rw", "nosuid", "relatime", "vers=4.2"), "remount"),
        (mount("fg"), kept(), live(), ""),
        (mount("x-systemd.requires=network.target"), kept(), live(), ""),
    ],
)
def test_action(
    given: dict[str, Any], fstab: list[Mount], mounted: list[Mount], action: str
) -> None:
    """In place where the kernel does so, again where it does not, not at all where it need not."""
    (step,) = mount_plan([given], fstab, mounted)
    assert step["action"] == action
    assert step["options"] == ",".join(fstab_options(given))


def test_what_a_step_has() -> None:
    """For now, what works at once or not at all; for the way back, what was there."""
    (step,) = mount_plan([mount("ro", "soft")], kept(*DEFAULT, "noexec"), live())
    assert step["mount_options"] == "nfsvers=4.2,ro,soft,fg,retry=0"
    assert step["remount_options"] == "ro,suid,dev,exec,relatime,diratime"
    assert step["former_source"] == SOURCE
    assert step["former_options"] == "nfsvers=4.2,noexec,fg,retry=0"
    assert step["former_type"] == "nfs"
    assert step["former_fstab_options"] == "nfsvers=4.2,_netdev,bg,noexec"


def test_absent() -> None:
    """Unmounted where it is mounted, out of fstab where it is there; outer paths come first."""
    gone = mount(state="absent")
    where = {"path": "/data", "fstab_path": "/data", "unit": "data"}
    assert mount_plan([gone], kept(), live()) == [{**where, "state": "absent", "action": "unmount"}]
    assert mount_plan([gone], kept(), live()[:1])[0]["action"] == ""
    both = [mount(path="/data/in"), mount(path="/data")]
    assert [step["path"] for step in mount_plan(both, [], live()[:1])] == ["/data", "/data/in"]


def test_units_that_are_tried_again() -> None:
    """Those of mounts that are wanted; systemd has another name for one that is too long."""
    longest = "/" + 231 * "a"
    mounts = [mount(), mount(path="/gone", state="absent"), mount(path="/srv/a-b")]
    assert retried(mounts, "mounted") == ["data", r"srv-a\x2db"]
    assert retried(mounts, "absent") == ["gone"]
    assert retried([mount(path=longest)], "mounted") == [longest[1:]]
    assert retried([mount(path=longest + "a")], "mounted") == []
    (step,) = mount_plan([mount(path=longest + "a")], [], [])
    assert step["unit"] == ""


@pytest.mark.parametrize(
    "given",
    [
        mount(),
        mount(source="[2001:db8::1]:/"),
        mount(source="192.0.2.1:/srv/a b"),
        mount("timeo=600", "nconnect=4", "x-systemd.mount-timeout=30", "sec=krb5:sys", "fsc=a"),
        mount(version=4.2),
        mount(path="/home"),
        {"path": "/data", "state": "absent"},
    ],
)
def test_nothing_is_wrong(given: dict[str, Any]) -> None:
    """Every kind of host; who takes one out need not say where it came from."""
    assert mount_problems([given], kept(), live()) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (mount(path="data"), "mount data: path 'data' is not absolute; give one that begins with"),
        (mount(path="/srv/../etc"), "path '/srv/../etc' is what the host itself needs,"),
        (mount(path="/data/"), "path '/data/' is spelled in a roundabout way; give /data."),
        (
            mount(path="/"),
            "mount /: path '/' is where /dev/vda1 (ext4) is mounted; give another path, or",
        ),
        (
            mount(path="/tmp"),
            "path '/tmp' is where /etc/fstab has none (tmpfs); give another path, or take",
        ),
        (mount(source="nas"), "source 'nas' is not a host and the path of its export; give one"),
        (mount(source=":/srv"), "source ':/srv' is not a host and the path of its export;"),
        (mount(source=None), "source is missing; give one such as 192.0.2.10:/srv/data."),
        (mount(source="nas:srv"), "source 'nas:srv' is not a host and the path of its export;"),
        (
            mount(source="nas:/srv/"),
            "source 'nas:/srv/' has a path that is spelled in a roundabout way; give nas:/srv.",
        ),
        (mount(version="4"), "mount /data: version '4' is not a version of NFS; use one of 3,"),
        (mount(state="on"), "state 'on' is not known; use one of mounted, absent."),
        (mount(src="x"), "mount /data: src is not a field of it; use one of source, path,"),
        (mount(options="ro"), "options 'ro' is not a list; give one such as [ro, noatime]."),
        (
            mount(path="/data\n/etc"),
            "mount 1 of nfs_client_mounts: path '/data\\n/etc' has a charac",
        ),
        (mount(path="/data#"), "mount /data#: path '/data#' has a #, which begins a comment;"),
        (mount(path="/etc/x"), "path '/etc/x' is what the host itself needs, and would be hidden;"),
        (mount(path=["/data"]), "mount 1 of nfs_client_mounts: path ['/data'] is not absolute;"),
        (mount(source="nas:/srv\nnas:/x"), "source 'nas:/srv\\nnas:/x' is not a host and the path"),
        (mount(source="nas:/srv#"), "source 'nas:/srv#' has a #, which begins a comment;"),
        (mount(source="-o:/srv"), "source '-o:/srv' is not a host and the path of its export;"),
        (mount(source="[192.0.2.1]:/srv"), "has no IPv6 address in brackets; give one such as"),
        (mount(version=0), "mount /data: version 0 is not a version of NFS;"),
        (mount(version="4.2\n"), "is not a version of NFS;"),
        (mount(5), "mount /data: options 5 is not text; give it in quotes."),
        (mount("ro\nx"), "options 'ro\\nx' is not one option;"),
        (mount("a b"), "options 'a b' is not one option;"),
        (mount("x-a=#"), "options 'x-a=#' is not one option; give one an entry, without a #."),
        (mount("-o"), "options '-o' is not one option;"),
        (mount("timeo=-5"), "options 'timeo=-5' is out of range; give timeo= and a number from 1"),
        (mount("nconnect=17"), "options 'nconnect=17' is out of range;"),
        (mount("rsize"), "options 'rsize' is out of range;"),
        (mount("rsize=1024\n"), "is not one option;"),
        (mount("soft=1"), "options 'soft=1' has a value, and there is none; give soft."),
        (
            mount("sofft"),
            "is not an option of nfs(5) or mount(8); give one of its options, such as",
        ),
        (mount("soft", "hard"), "options 'soft' and 'hard' exclude each other;"),
        (mount("ro,soft"), "options 'ro,soft' is not one option; give one an entry, without"),
        (mount("vers=4.1"), "options 'vers=4.1' is the version; give it in the field version."),
        (mount("noauto"), "options 'noauto' keeps it from being mounted at boot; leave it out."),
        (mount("ro", "rw"), "options 'ro' and 'rw' exclude each other; leave out all but one."),
    ],
)
def test_bad_mount(given: dict[str, Any], told: str) -> None:
    """One sentence, with the fix."""
    fstab = [*kept(), Mount("/tmp", "none", "tmpfs", ("defaults",))]
    (problem,) = mount_problems([given], fstab, live())
    assert told in str(problem)


def test_mounts_beside_each_other() -> None:
    """A path is there once; and it all is a list of mappings."""
    (twice,) = mount_problems([mount(), mount()], [], [])
    assert twice == Problem(
        "mount /data", "path", "/data", "is there twice", "leave out one of the two"
    )
    (no_list,) = mount_problems("all", [], [])
    assert "nfs_client_mounts 'all' is not a list" in str(no_list)
    (no_mapping,) = mount_problems(["nas:/srv"], [], [])
    assert str(no_mapping).startswith("mount 1 of nfs_client_mounts: 'nas:/srv' is not a mapping;")


NOTHING_THERE = live()[:1]
OWN_LINE = {"source": "other:/x", "options": "ro,hard"}


@pytest.mark.parametrize(
    ("fstab", "mounted", "was"),
    [
        ([], NOTHING_THERE, {}),
        (kept("ro", "hard", source="other:/x"), NOTHING_THERE, OWN_LINE),
        (kept("ro", "hard", source="other:/x"), live(source="other:/x"), OWN_LINE),
        ([], live(), {"mounted": SOURCE}),
    ],
)
def test_what_was_there_before(fstab: list[Mount], mounted: list[Mount], was: Any) -> None:
    """Nothing, a line of fstab, or what somebody has mounted by hand."""
    steps = mount_plan([mount()], fstab, mounted)
    assert former_mounts(steps, fstab, mounted) == {"/data": was}
    gone = mount_plan([mount(state="absent")], fstab, mounted)
    assert former_mounts(gone, fstab, mounted) == {}


@pytest.mark.parametrize(
    ("was", "mounted", "state", "action"),
    [
        ({}, live(), "absent", "unmount"),
        ({}, NOTHING_THERE, "absent", ""),
        ({"mounted": SOURCE}, live(), "absent", ""),
        ({"mounted": "other:/x"}, live(), "absent", "unmount"),
        (OWN_LINE, live(), "mounted", "replace"),
        (OWN_LINE, NOTHING_THERE, "mounted", ""),
    ],
)
def test_the_way_back(was: Any, mounted: list[Mount], state: str, action: str) -> None:
    """A mount that somebody had made stays, and a line that somebody had written comes back."""
    (step,) = steps_back({"/data": was}, kept(), mounted)
    assert (step["state"], step["action"]) == (state, action)
    if state == "mounted":
        assert (step["source"], step["options"]) == ("other:/x", "ro,hard")
        assert step["former_options"] == "nfsvers=4.2,fg,retry=0"


def test_there_is_no_way_back() -> None:
    """From where somebody has taken the line out, or has put in what was there."""
    assert steps_back({"/data": {}}, [], live()) == []
    back = kept("ro", "hard", source="other:/x")
    assert steps_back({"/data": OWN_LINE}, back, live(source="other:/x")) == []


def test_inner_ones_are_unmounted_first() -> None:
    inner = Mount("/data/inner", SOURCE, "nfs", DEFAULT)
    steps = steps_back({"/data": {}, "/data/inner": {}}, [*kept(), inner], live())
    assert [step["path"] for step in steps] == ["/data/inner", "/data"]
