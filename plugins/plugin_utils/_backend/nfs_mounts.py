# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an NFS client mounts: the lines of fstab(5), what is to be done, and what cannot work.

Private to the collection: names and behaviour may change in any release.

Pure code: a mount is what C(nfs_client_mounts) says of it; what the host has in fstab and what is
mounted are handed over. fstab is written while nothing is mounted, so that it always tells how a
mount was made. What the kernel changes in place it also shows, and is asked for. So a run that
breaks off is made up for by the next one, whichever description that has.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    MAX_PORT,
    ModelError,
    address_family,
)

from .._formats import fstab as fstab_format
from .._formats.systemd import mount_name
from .._problem import Problem, problem_of
from .._settings.directories import may_be_hidden, plain_path
from .given import entries_of, listed, unknown_fields
from .mounts import Mount, mounted_at
from .nfs_exports import path_problems
from .nfs_settings import parse_version

FIELDS = ("source", "path", "version", "options", "state")
STATES = ("mounted", "absent")
DEFAULT_VERSION = "4.2"

# What is done to a mount that is there, or is not.
MOUNT, REMOUNT, REPLACE, UNMOUNT, NOTHING = "mount", "remount", "replace", "unmount", ""

# systemd makes of bg that the boot does not wait, and that mounting is tried until it succeeds.
_FOR_BOOT = ("_netdev", "bg")
# Through a service that takes TCP alone, mountd and rpcbind have to be asked by TCP too.
_FOR_VERSION_3 = ("proto=tcp", "mountproto=tcp")
_VERSION_WORDS = ("vers", "nfsvers", "v3", "v4", "v4.0", "v4.1", "v4.2", "minorversion")
_AGAINST_BOOT = ("noauto", "x-systemd.automount")
# Options of the mount alone: the kernel changes them in place.
_IN_PLACE = (
    ("rw", "ro"),
    ("suid", "nosuid"),
    ("dev", "nodev"),
    ("exec", "noexec"),
    ("relatime", "noatime", "strictatime"),
    ("diratime", "nodiratime"),
)
# With them the mount has some of these options without being told.
_FOR_USERS = ("user", "users", "owner", "group")
_BY_USERS = ("suid", "dev", "exec")
# Options for who mounts, not for the mount.
_NOT_FOR_KERNEL = re.compile(
    r"(_netdev|nofail|auto|bg|fg|users?|group|owner|defaults|retry=.*|comment=.*|x-.*)\Z"
)
_SOURCE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*):(/.*)\Z")
# Whole numbers, from the first to the second.
_NUMBERS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("acdirmax", "acdirmin", "acregmax", "acregmin", "actimeo"), (0, 2**31 - 1)),
    **dict.fromkeys(("rsize", "wsize"), (1024, 1048576)),
    **dict.fromkeys(("port", "mountport"), (0, MAX_PORT)),
    **dict.fromkeys(("nconnect", "max_connect"), (1, 16)),
    "mountvers": (1, 3),
    "namlen": (1, 255),
    "retrans": (0, 1000),
    "retry": (0, 10000),
    "timeo": (1, 6000),
}
# Without a value; of each group one counts.
_GROUPS = (
    ("soft", "hard", "softerr", "softreval"),
    ("ac", "noac"),
    ("lock", "nolock"),
    ("cto", "nocto"),
    ("acl", "noacl"),
    ("fg", "bg"),
    ("intr", "nointr"),
    ("resvport", "noresvport"),
    ("sharecache", "nosharecache"),
    ("sync", "async"),
    ("migration", "nomigration"),
    ("tcp", "udp", "rdma"),
)
_SWITCHES = ("_netdev", *(option for group in (*_IN_PLACE, *_GROUPS) for option in group))
_OTHERS = (
    *("clientaddr", "local_lock", "lookupcache", "mounthost", "mountproto", "proto", "sec"),
    *("xprtsec", "write", "trunkdiscovery", "notrunkdiscovery", "fatal_neterrors", "alignwrite"),
    *("auto", "comment", "context", "defaults", "defcontext", "dirsync", "fscontext", "group"),
    *("iversion", "lazytime", "loud", "mand", "nofail", "noiversion", "nolazytime", "nomand"),
    *("norelatime", "nostrictatime", "nosymfollow", "nouser", "owner", "rootcontext", "silent"),
    *("atime", "user", "users", "fsc", "nofsc", "rdirplus", "nordirplus", "sloppy", "posix"),
    *("cert_serial", "privkey_serial", "noposix", "bsize", "addr", "mountaddr", "diratime"),
)
_NFS = ("nfs", "nfs4")
# Of a unit of systemd's.
_LONGEST_NAME = 255


def fstab_options(mount: Mapping[str, Any]) -> list[str]:
    """Return the options of a mount as fstab(5) has them."""
    item = f"mount {mount['path']}"
    version = parse_version(item, "version", _version(mount))
    own = [str(option) for option in mount.get("options") or ()]
    words = {option.partition("=")[0] for option in own}
    wanted = [f"nfsvers={version}"]
    if version == "3":
        wanted += [o for o in _FOR_VERSION_3 if o.partition("=")[0] not in {*words, *_udp(words)}]
    wanted += own
    wanted += [o for o in _FOR_BOOT if o not in words and not (o == "bg" and "fg" in words)]
    return wanted


def _version(mount: Mapping[str, Any]) -> Any:
    given = mount.get("version")
    return DEFAULT_VERSION if given is None else given


def _udp(words: set[str]) -> tuple[str, ...]:
    return ("proto", "mountproto") if words & {"udp", "tcp", "rdma"} else ()


def mount_plan(
    mounts: Sequence[Mapping[str, Any]], fstab: Sequence[Mount], live: Sequence[Mount]
) -> list[dict[str, Any]]:
    """Return what is to be done for each mount that is not as it should be; outer ones first."""
    steps = []
    for mount in mounts:
        path = mount["path"]
        where = _where(path)
        there = mounted_at(live, path)
        kept = [entry for entry in fstab if entry.path == path and entry.fstype in _NFS]
        if mount.get("state") == "absent":
            if there is not None or kept:
                action = UNMOUNT if there is not None else NOTHING
                steps.append({**where, "state": "absent", "action": action})
            continue
        options = fstab_options(mount)
        want = Mount(path, mount["source"], "nfs", tuple(options))
        have = kept[-1] if kept else None
        action = _action(want, have, there)
        if action or have is None or (have.source, have.options) != (want.source, want.options):
            steps.append(
                {
                    **where,
                    "state": "mounted",
                    "action": action,
                    "source": want.source,
                    "options": ",".join(options),
                    "mount_options": ",".join(_now(options)),
                    "remount_options": ",".join(_in_place(options)),
                    "former_source": have.source if have else "",
                    "former_type": have.fstype if have else "",
                    "former_options": ",".join(_now(have.options)) if have else "",
                    "former_fstab_options": ",".join(have.options) if have else "",
                }
            )
    return sorted(steps, key=lambda step: str(step["path"]).count("/"))


def former_mounts(
    steps: Sequence[Mapping[str, Any]], fstab: Sequence[Mount], live: Sequence[Mount]
) -> dict[str, dict[str, str]]:
    """Return what was there before each step that mounts, by path; nothing is empty.

    C(source) and C(options) are a line of fstab, C(mounted) is the source of what somebody has
    mounted without one.
    """
    found: dict[str, dict[str, str]] = {}
    for step in steps:
        if step["state"] != "mounted":
            continue
        path = step["path"]
        there = mounted_at(live, path)
        if step["former_source"]:
            line = {"source": step["former_source"], "options": step["former_fstab_options"]}
            found[path] = line
        else:
            found[path] = {} if there is None else {"mounted": there.source}
    return found


def steps_back(
    former: Mapping[str, Mapping[str, str]], fstab: Sequence[Mount], live: Sequence[Mount]
) -> list[dict[str, Any]]:
    """Return how mounts become what they were, as C(former_mounts) has them; inner ones first.

    A mount whose line somebody has taken out of fstab is that one's now, and stays.
    """
    steps = []
    for path, was in former.items():
        there = mounted_at(live, path)
        kept = [entry for entry in fstab if entry.path == path and entry.fstype in _NFS]
        if not kept:
            continue
        have = kept[-1]
        step: dict[str, Any] = _where(path)
        if "source" not in was:
            by_hand = there is not None and was.get("mounted") == there.source
            action = NOTHING if there is None or by_hand else UNMOUNT
            steps.append({**step, "state": "absent", "action": action})
            continue
        options = was["options"].split(",")
        if (have.source, list(have.options)) == (was["source"], options):
            continue
        steps.append(
            {
                **step,
                "state": "mounted",
                "action": NOTHING if there is None else REPLACE,
                "source": was["source"],
                "options": was["options"],
                "mount_options": ",".join(_now(options)),
                "former_source": have.source,
                "former_type": have.fstype,
                "former_options": ",".join(_now(have.options)),
                "former_fstab_options": ",".join(have.options),
            }
        )
    return sorted(steps, key=lambda step: -str(step["path"]).count("/"))


def retried(mounts: Sequence[Mapping[str, Any]], state: str) -> list[str]:
    """Return the units of the mounts in a state, without their C(.mount); see the README."""
    units = [_unit(mount["path"]) for mount in mounts if mount.get("state", "mounted") == state]
    return [unit for unit in units if unit]


def _where(path: str) -> dict[str, Any]:
    return {"path": path, "fstab_path": fstab_format.field_pattern(path), "unit": _unit(path)}


def _unit(path: str) -> str:
    """Return the unit that mounts there; nothing where systemd has to shorten its name."""
    name = mount_name(path)
    return name if len(f"lvs-mount-again@{name}.service") <= _LONGEST_NAME else ""


def _action(want: Mount, have: Mount | None, there: Mount | None) -> str:
    if there is None:
        return MOUNT
    version = next(o.partition("=")[2] for o in want.options if o.startswith("nfsvers="))
    if (
        have is None
        or there.source != want.source
        or have.source != want.source
        or f"vers={version}" not in there.options
        or _for_file_system(have.options) != _for_file_system(want.options)
    ):
        return REPLACE
    if _in_place(have.options) != _in_place(want.options):
        return REMOUNT
    return NOTHING if _is_in_effect(want.options, there.options) else REMOUNT


def _is_in_effect(wanted: Sequence[str], shown: Sequence[str]) -> bool:
    """Tell whether a mount has the options that the kernel changes in place."""
    by_users = bool({*wanted} & {*_FOR_USERS})
    return all(
        option == found
        for group, option, found in zip(_IN_PLACE, _in_place(wanted), _shown_in_place(shown))
        if not (by_users and group[0] in _BY_USERS)
    )


def _shown_in_place(shown: Sequence[str]) -> list[str]:
    """Return them as the kernel shows them: nothing for strictatime, or what is allowed."""
    return [
        next(
            (option for option in reversed(group) if option in shown),
            "strictatime" if "strictatime" in group else group[0],
        )
        for group in _IN_PLACE
    ]


def _for_file_system(options: Sequence[str]) -> list[str]:
    """Return the options that the kernel takes once, when it mounts."""
    in_place = {option for group in _IN_PLACE for option in (*group, "atime", "norelatime")}
    return sorted(o for o in options if o not in in_place and not _NOT_FOR_KERNEL.match(o))


def _in_place(options: Sequence[str]) -> list[str]:
    """Return what the mount's own options are, those that nobody names too."""
    return [
        next((option for option in reversed(options) if option in group), group[0])
        for group in _IN_PLACE
    ]


def _now(options: Sequence[str]) -> list[str]:
    """Return the options for mounting now: it works at the first try, or not at all."""
    return [*(o for o in options if not _NOT_FOR_KERNEL.match(o)), "fg", "retry=0"]


# ---- what cannot work -------------------------------------------------------------------------
def mount_problems(mounts: Any, fstab: Sequence[Mount], live: Sequence[Mount]) -> list[Problem]:
    """Return what cannot work of the mounts, beside what the host mounts already."""
    good, problems = entries_of("nfs_client_mounts", mounts, "mount", "source and path")
    paths: set[str] = set()
    for number, mount in good:
        path = mount.get("path")
        name = path if isinstance(path, str) and path.isprintable() else ""
        item = f"mount {name}" if name else f"mount {number} of nfs_client_mounts"
        problems += unknown_fields(item, mount, FIELDS)
        state = mount.get("state", "mounted")
        if state not in STATES:
            advice = f"use one of {', '.join(STATES)}"
            problems.append(Problem(item, "state", state, "is not known", advice))
        # What is there says more than how it is spelled.
        plain = plain_path(name) if name.startswith("/") else ""
        taken = _taken_problems(item, plain, fstab, live) if plain else []
        problems += [one._replace(value=path) for one in taken] or path_problems(item, path)
        if str(path) in paths:
            advice = "leave out one of the two"
            problems.append(Problem(item, "path", path, "is there twice", advice))
        if path is not None:
            paths.add(str(path))
        if state != "absent":
            problems += _source_problems(item, mount.get("source"))
            problems += _mount_option_problems(item, mount)
    return problems


def _taken_problems(
    item: str, path: str, fstab: Sequence[Mount], live: Sequence[Mount]
) -> list[Problem]:
    """Name what the host mounts at the path that is no NFS."""
    entry = next((e for e in fstab if e.path == path and e.fstype not in _NFS), None)
    if entry is not None:
        why = f"is where /etc/fstab has {entry.source} ({entry.fstype})"
        advice = "give another path, or take that line out first"
        return [Problem(item, "path", path, why, advice)]
    there = mounted_at(live, path)
    if there is not None and there.fstype not in _NFS:
        why = f"is where {there.source} ({there.fstype}) is mounted"
        advice = "give another path, or unmount it first"
        return [Problem(item, "path", path, why, advice)]
    if not may_be_hidden(path):
        why = "is what the host itself needs, and would be hidden"
        return [Problem(item, "path", path, why, "give another path")]
    return _field_problems(item, "path", path)


def _field_problems(item: str, name: str, text: str) -> list[Problem]:
    """Name what no field of fstab(5) can say."""
    try:
        fstab_format.field(text)
    except ModelError as error:
        return [Problem(item, name, text, error.why, error.advice)]
    return []


def _source_problems(item: str, source: Any) -> list[Problem]:
    found = _SOURCE.match(source) if isinstance(source, str) else None
    if found is None:
        why = "is missing" if source is None else "is not a host and the path of its export"
        advice = "give one such as 192.0.2.10:/srv/data"
        return [Problem(item, "source", source, why, advice)]
    host, path = found.groups()
    if host.startswith("[") and address_family(host[1:-1]) != "ipv6":
        advice = "give one such as [2001:db8::1]:/srv/data"
        return [Problem(item, "source", source, "has no IPv6 address in brackets", advice)]
    plain = plain_path(path)
    if plain != path:
        why = "has a path that is spelled in a roundabout way"
        return [Problem(item, "source", source, why, f"give {host}:{plain}")]
    return _field_problems(item, "source", source)


def _mount_option_problems(item: str, mount: Mapping[str, Any]) -> list[Problem]:
    options, problems = listed(
        item, "options", mount.get("options"), "give one such as [ro, noatime]"
    )
    try:
        parse_version(item, "version", _version(mount))
    except ModelError as error:
        problems.append(problem_of(error, item))
    for option in options:
        wrong = _option_fault(option)
        if wrong is not None:
            problems.append(Problem(item, "options", option, *wrong))
    words = [option for option in options if isinstance(option, str)]
    for group in (*_IN_PLACE, *_GROUPS):
        first, *others = [o for o in dict.fromkeys(words) if o in group] or [""]
        if others:
            why = f"and {', '.join(map(repr, others))} exclude each other"
            problems.append(Problem(item, "options", first, why, "leave out all but one"))
    return problems


def _option_fault(option: Any) -> tuple[str, str] | None:
    """Return why an option is none that a mount may have, and what to do instead."""
    if not isinstance(option, str):
        return "is not text", "give it in quotes"
    if not _is_option(option):
        return "is not one option", "give one an entry, without a #"
    word, has_value, value = option.partition("=")
    if word in _VERSION_WORDS:
        return "is the version", "give it in the field version"
    if word in _AGAINST_BOOT:
        return "keeps it from being mounted at boot", "leave it out"
    return _value_fault(word, value if has_value else None)


def _is_option(text: str) -> bool:
    try:
        fstab_format.field(text)
    except ModelError:
        return False
    return re.fullmatch(r"[A-Za-z0-9_][^\s,\\&]*", text) is not None


def _value_fault(word: str, value: str | None) -> tuple[str, str] | None:
    """Return why it is not how nfs(5) and mount(8) have it, and what to do instead."""
    if word in _NUMBERS:
        lowest, highest = _NUMBERS[word]
        digits = value or ""
        if re.fullmatch(r"0|[1-9][0-9]{0,9}", digits) and lowest <= int(digits) <= highest:
            return None
        return "is out of range", f"give {word}= and a number from {lowest} to {highest}"
    if value is not None and word in _SWITCHES:
        return "has a value, and there is none", f"give {word}"
    if word in (*_SWITCHES, *_OTHERS) or word.startswith(("x-", "X-")):
        return None
    near = difflib.get_close_matches(word, (*_SWITCHES, *_OTHERS, *_NUMBERS), 1, 0.7)
    advice = f"give one of its options{f', such as {near[0]}' if near else ''}"
    return "is not an option of nfs(5) or mount(8)", advice
