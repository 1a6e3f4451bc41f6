# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an NFS server exports, to whom and how: the lines of exports(5).

Private to the collection: names and behaviour may change in any release.

Pure code: an export is what C(nfs_server_exports) says of it; what is mounted is handed over.
"""

from __future__ import annotations

import difflib
import ipaddress
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Union

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError, parse_integer

from .mounts import (
    Mount,
    escape,
    mount_of,
)

FIELDS = ("path", "clients", "options", "fsid", "owner", "group", "mode", "acl", "insecure")
CLIENT_FIELDS = ("host", "options")
MAX_FSID = 2**32 - 1

# The options of exports(5). Of one line the last counts.
_SWITCHES = (
    ("rw", "ro"),
    ("sync", "async"),
    ("secure", "insecure"),
    ("wdelay", "no_wdelay"),
    ("hide", "nohide"),
    ("crossmnt", "nocrossmnt"),
    ("subtree_check", "no_subtree_check"),
    ("root_squash", "no_root_squash"),
    ("all_squash", "no_all_squash"),
    ("auth_nlm", "no_auth_nlm", "secure_locks", "insecure_locks"),
    ("acl", "no_acl"),
    ("pnfs", "no_pnfs"),
    ("mountpoint", "mp"),
    ("nordirplus",),
    ("security_label",),
)
_VALUES = ("anonuid", "anongid", "sec", "xprtsec", "refer", "replicas", "reexport")
_WITH_OR_WITHOUT_VALUE = ("mountpoint", "mp")
_SUBJECTS: Mapping[str, str] = {
    **{option: options[0] for options in _SWITCHES for option in options},
    **{option: option for option in _VALUES},
}
# File systems that have no UUID by which a client's file handle could name them.
_WITHOUT_UUID = ("9p", "ceph", "cifs", "fuse", "nfs", "nfs4", "smb3", "tmpfs", "virtiofs")

_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?"
_HOST_NAME = re.compile(rf"({_LABEL}\.)*(?=[^.]*[A-Za-z]){_LABEL}\.?\Z")
_WILDCARD = re.compile(r"[A-Za-z0-9_.*?\[\]^-]+\Z")
_NETGROUP = re.compile(r"@[A-Za-z0-9_.-]+\Z")

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


class Client(NamedTuple):
    """Who may mount an export, and the options for it alone."""

    host: str
    options: tuple[str, ...]


def export_name(export: Mapping[str, Any], number: int) -> str:
    """Return what messages call an export."""
    if export.get("path"):
        return f"export {export['path']}"
    return f"export {number} of nfs_server_exports"


def merge_options(*layers: Iterable[str]) -> tuple[str, ...]:
    """Put lists of options over each other: of two that exclude each other the last counts."""
    merged: dict[str, str] = {}
    for options in layers:
        for option in options:
            word = option.partition("=")[0]
            merged[_SUBJECTS.get(word, word)] = option
    return tuple(merged.values())


def export_lines(exports: Sequence[Mapping[str, Any]], defaults: Sequence[str]) -> list[str]:
    """Return the lines of exports(5), one an export."""
    lines = []
    for export in exports:
        own = [] if export.get("fsid") is None else [f"fsid={export['fsid']}"]
        words = [escape(str(export["path"]))]
        for client in _clients(export, export_name(export, 0)):
            options = merge_options(defaults, export.get("options") or (), client.options, own)
            words.append(f"{client.host}({','.join(options)})")
        lines.append(" ".join(words))
    return lines


def client_hosts(exports: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return all clients by name, each once."""
    hosts = [c.host for export in exports for c in _clients(export, export_name(export, 0))]
    return list(dict.fromkeys(hosts))


# ---- what cannot work -------------------------------------------------------------------------
def export_problems(exports: Any, defaults: Any, mounts: Sequence[Mount]) -> list[str]:
    """Return what cannot work, a sentence each: the item, the field, the value, and the mend."""
    problems = _option_problems("nfs_server_options", defaults, "")
    if not isinstance(exports, (list, tuple)):
        return [
            *problems,
            f"nfs_server_exports {exports!r} is not a list; give the list of exports, or [] for"
            " none.",
        ]
    paths: set[str] = set()
    fsids: dict[str, str] = {}
    for number, export in enumerate(exports, 1):
        if not isinstance(export, Mapping):
            problems.append(
                f"export {number} of nfs_server_exports: {export!r} is not a mapping; give path"
                " and clients."
            )
            continue
        item = export_name(export, number)
        problems += [
            f"{item}: {name} is not a field of it; use one of {', '.join(FIELDS)}."
            for name in export
            if name not in FIELDS
        ]
        problems += path_problems(item, "path", export.get("path"))
        if export.get("path") in paths:
            problems.append(
                f"{item}: the path is there twice; put the clients of both into one export."
            )
        paths.add(str(export.get("path")))
        problems += _option_problems(item, export.get("options"), "options")
        problems += _client_problems(item, export)
        problems += _fsid_problems(item, export, fsids, mounts)
    return problems


def path_problems(item: str, field: str, value: Any) -> list[str]:
    """Name what is wrong with a path, which has one spelling."""
    if not isinstance(value, str) or not value.startswith("/"):
        return [
            f"{item}: {field} {value!r} is not absolute; give one that begins with a slash, such"
            " as /srv/data."
        ]
    plain = posixpath.normpath("/" + value.lstrip("/"))
    if plain != value:
        return [f"{item}: {field} {value!r} is spelled in a roundabout way; give {plain}."]
    return []


def _option_problems(item: str, options: Any, field: str) -> list[str]:
    """Name the options that exports(5) does not have, and those that exclude each other."""
    where = f"{item}: {field}".rstrip(": ")
    if options is None:
        return []
    if not isinstance(options, (list, tuple)):
        return [f"{where} {options!r} is not a list; give one such as [rw, sync]."]
    problems = []
    seen: dict[str, str] = {}
    for option in map(str, options):
        word, has_value, value = option.partition("=")
        if word == "fsid":
            problems.append(
                f"{where}: {option} belongs to one export; give it in the field fsid of the export."
            )
            continue
        if word not in _SUBJECTS:
            near = difflib.get_close_matches(word, _SUBJECTS, 1)
            problems.append(
                f"{where}: {option!r} is not an option of exports(5); give one of its"
                f" options{f', such as {near[0]}' if near else ''}."
            )
            continue
        fits = word in _WITH_OR_WITHOUT_VALUE or bool(has_value) == (word in _VALUES)
        if not fits or (has_value and not value):
            mend = f"give {word}=VALUE" if word in _VALUES else f"give {word} alone"
            problems.append(f"{where}: {option!r} is not how exports(5) has it; {mend}.")
        elif re.search(r"[\s,()]", option):
            problems.append(f"{where}: {option!r} is more than one option; give one an entry.")
        other = seen.setdefault(_SUBJECTS[word], option)
        if other != option:
            problems.append(
                f"{where}: {other} and {option} exclude each other; leave out one of the two."
            )
    return problems


def _clients(export: Mapping[str, Any], item: str) -> list[Client]:
    given = export.get("clients")
    if not isinstance(given, (list, tuple)) or not given:
        raise ModelError(
            f"{item}: clients {given!r} names no client; give a list of hosts or networks, such as"
            " [192.0.2.0/24]."
        )
    found = []
    for number, client in enumerate(given, 1):
        entry = {"host": client} if isinstance(client, str) else client
        if not isinstance(entry, Mapping) or not entry.get("host"):
            raise ModelError(
                f"client {number} of {item}: {client!r} names no host; give a host or a network,"
                " or a mapping with host and options."
            )
        for name in entry:
            if name not in CLIENT_FIELDS:
                raise ModelError(
                    f"client {entry['host']} of {item}: {name} is not a field of it; use one of"
                    f" {', '.join(CLIENT_FIELDS)}."
                )
        options = entry.get("options")
        found.append(
            Client(
                str(entry["host"]),
                tuple(map(str, options or ())) if isinstance(options, (list, tuple)) else (),
            )
        )
    return found


def _client_problems(item: str, export: Mapping[str, Any]) -> list[str]:
    try:
        clients = _clients(export, item)
    except ModelError as error:
        return [str(error)]
    problems = []
    for entry in export["clients"]:
        if isinstance(entry, Mapping):
            who = f"client {entry['host']} of {item}"
            problems += _option_problems(who, entry.get("options"), "options")
    hosts = [client.host for client in clients]
    for host in hosts:
        problem = _host_problem(host)
        if problem:
            problems.append(f"client {host} of {item}: {problem}")
        elif hosts.count(host) > 1:
            problems.append(f"client {host} of {item}: it is there twice; leave out one.")
    asked = export.get("insecure")
    if asked is not None and not isinstance(asked, bool):
        problems.append(f"{item}: insecure {asked!r} is neither true nor false; give one of them.")
    world = world_of(hosts)
    if world and asked is not True:
        problems.append(
            f"{item}: clients {', '.join(world)} are the whole world; name the hosts or networks"
            " that may mount it, or say insecure: true if everybody may."
        )
    return list(dict.fromkeys(problems))


def _host_problem(host: str) -> str | None:
    if host == "*" or _NETGROUP.match(host) or _HOST_NAME.match(host) or _network(host):
        return None
    if any(character in host for character in "*?[") and _WILDCARD.match(host):
        if re.search(r"[A-Za-z]", host) or not re.search(r"[0-9]", host):
            return None
        return "a wildcard is for names, not for addresses; give a network such as 192.0.2.0/24."
    return (
        "it is neither a host name, an address, a network, a wildcard nor a netgroup; give one of"
        " these, and options in the field options."
    )


def _network(host: str) -> Network | None:
    try:
        return ipaddress.ip_network(host, strict=False)
    except ValueError:
        return None


def world_of(hosts: Sequence[str]) -> list[str]:
    """Return those clients that are, alone or together, everybody."""
    found = [host for host in hosts if "*" in host and not host.strip("*?.")]
    for version in (4, 6):
        theirs = {host: _network(host) for host in hosts}
        of_version = {host: net for host, net in theirs.items() if net and net.version == version}
        together: Any = ipaddress.collapse_addresses(of_version.values())
        if any(network.prefixlen == 0 for network in together):
            found += of_version
    return list(dict.fromkeys(found))


def _fsid_problems(
    item: str, export: Mapping[str, Any], fsids: dict[str, str], mounts: Sequence[Mount]
) -> list[str]:
    fsid = export.get("fsid")
    if fsid is None:
        mount = mount_of(mounts, str(export.get("path")))
        if mount is not None and mount.fstype.split(".")[0] in _WITHOUT_UUID:
            return [
                f"{item}: it is on {mount.fstype} at {mount.path}, which has no UUID of its own;"
                " give fsid, a number that no other export of the host has."
            ]
        return []
    digits = re.sub(r"[-:.]", "", str(fsid)).lower()
    if str(fsid) == "root":
        key = "0"
    elif re.fullmatch(r"[0-9a-f]{32}", digits):
        key = digits
    else:
        try:
            key = str(parse_integer(item, "fsid", fsid, 0, MAX_FSID))
        except ModelError:
            return [
                f"{item}: fsid {fsid!r} is none; give a number from 1 to {MAX_FSID}, a UUID, or"
                " root for the one export that is the root of NFS 4."
            ]
    other = fsids.setdefault(key, item)
    if other != item:
        return [f"{item}: fsid {fsid} is that of {other} already; give it another one."]
    return []
