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
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Union

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError, parse_integer

from .._formats import exports as exports_format
from .._formats.octal import unescape
from .._problem import Problem, problem_of
from .._settings.directories import plain_path
from .given import entries_of, listed, unknown_fields
from .mounts import Mount, mount_of

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
# Those that the server's list of what is exported has in so many words.
_SHOWN = _SWITCHES[:3] + _SWITCHES[7:9]
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
    path = export.get("path")
    if path and isinstance(path, str) and path.isprintable():
        return f"export {path}"
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
        own = [] if export.get("fsid") is None else [f"fsid={str(export['fsid']).strip()}"]
        clients = [
            (
                client.host,
                merge_options(defaults, export.get("options") or (), client.options, own),
            )
            for client in _clients(export, export_name(export, 0))
        ]
        lines.append(exports_format.export_line(export["path"], clients))
    return lines


def client_hosts(exports: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return all clients by name, each once."""
    hosts = [c.host for export in exports for c in _clients(export, export_name(export, 0))]
    return list(dict.fromkeys(hosts))


def not_exported(
    exports: Sequence[Mapping[str, Any]], defaults: Sequence[str], etab: str
) -> list[str]:
    """Return what the server does not export as it should, C(CLIENT:PATH) each.

    The server's own list, C(/var/lib/nfs/etab), has a single host by the name that it has found for
    it: where one is not there as it is written, another single host of that path may be it.
    """
    there = _exported(etab)
    missing = []
    for export in exports:
        path, clients = str(export["path"]), _clients(export, export_name(export, 0))
        at_path = there.get(path, {})
        others = [h for h in at_path if _is_single(h) and h not in {c.host for c in clients}]
        for client in clients:
            have = at_path.get(client.host)
            if have is None and _is_single(client.host) and others:
                continue
            wanted = merge_options(defaults, export.get("options") or (), client.options)
            if have is None or any(o in wanted and o not in have for pair in _SHOWN for o in pair):
                missing.append(f"{client.host}:{path}")
    return missing


def exported_by(text: str) -> list[str]:
    """Return what a file of ours exports, C(CLIENT:PATH) each."""
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return [
        f"{client.partition('(')[0]}:{unescape(path)}"
        for path, *rest in filter(None, lines)
        for client in rest
    ]


def _exported(etab: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Read what is exported: the options, by client and by path."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for line in etab.splitlines():
        path, _tab, rest = line.partition("\t")
        client, _bracket, options = rest.rstrip(")").partition("(")
        found.setdefault(unescape(path), {})[unescape(client)] = tuple(options.split(","))
    return found


def _is_single(host: str) -> bool:
    """Tell whether a client is a single host, by its name or address."""
    return not re.search(r"[/*?\[]|^@", host)


# ---- what cannot work -------------------------------------------------------------------------
def export_problems(exports: Any, defaults: Any, mounts: Sequence[Mount]) -> list[Problem]:
    """Return what cannot work of the exports and of the options that all of them have."""
    problems = _option_problems("", "nfs_server_options", defaults)
    good, wrong = entries_of("nfs_server_exports", exports, "export", "path and clients")
    problems += wrong
    paths: set[str] = set()
    fsids: dict[str, str] = {}
    for number, export in good:
        item, path = export_name(export, number), export.get("path")
        problems += unknown_fields(item, export, FIELDS)
        problems += path_problems(item, path)
        if str(path) in paths:
            advice = "put the clients of both into one export"
            problems.append(Problem(item, "path", path, "is there twice", advice))
        if path is not None:
            paths.add(str(path))
        problems += _option_problems(item, "options", export.get("options"))
        problems += _client_problems(item, export)
        problems += _fsid_problems(item, export, fsids, mounts)
    return problems


def path_problems(item: str, path: Any) -> list[Problem]:
    """Name what is wrong with a path, which has one spelling."""
    if not isinstance(path, str) or not path.startswith("/"):
        advice = "give one that begins with a slash, such as /srv/data"
        why = "is missing" if path is None else "is not absolute"
        return [Problem(item, "path", path, why, advice)]
    if not path.isprintable():
        why = "has a character that is no part of a line"
        return [Problem(item, "path", path, why, "leave it out")]
    plain = plain_path(path)
    if plain != path:
        return [Problem(item, "path", path, "is spelled in a roundabout way", f"give {plain}")]
    return []


def _option_problems(item: str, field: str, options: Any) -> list[Problem]:
    """Name the options that exports(5) does not have, and those that exclude each other."""
    given, problems = listed(item, field, options, "give one such as [rw, sync]")
    seen: dict[str, str] = {}
    for option in given:
        if not isinstance(option, str):
            advice = "give it in quotes"
            problems.append(Problem(item, field, option, "is not text", advice))
            continue
        word = option.partition("=")[0]
        wrong = _option_fault(option)
        if wrong is not None:
            problems.append(Problem(item, field, option, *wrong))
        if word not in _SUBJECTS:
            continue
        other = seen.setdefault(_SUBJECTS[word], option)
        if other != option:
            why = f"and {option!r} exclude each other"
            problems.append(Problem(item, field, other, why, "leave out one of the two"))
    return problems


def _option_fault(option: str) -> tuple[str, str] | None:
    """Return why an option is none of exports(5), and what to do instead."""
    word, has_value, value = option.partition("=")
    if word == "fsid":
        return "belongs to one export", "give it in the field fsid of the export"
    if word not in _SUBJECTS:
        near = difflib.get_close_matches(word, _SUBJECTS, 1)
        advice = f"give one of its options{f', such as {near[0]}' if near else ''}"
        return "is not an option of exports(5)", advice
    fits = word in _WITH_OR_WITHOUT_VALUE or bool(has_value) == (word in _VALUES)
    if not fits or (has_value and not value):
        advice = f"give {word}=VALUE" if word in _VALUES else f"give {word} alone"
        return "is not how exports(5) has it", advice
    if word in ("anonuid", "anongid") and not re.fullmatch(r"-[12]|[0-9]{1,10}", value):
        return "is not the number of a user or group", f"give one such as {word}=65534"
    try:
        exports_format.word(option)
    except ModelError:
        return "is more than one option", "give one an entry"
    return None


def _clients(export: Mapping[str, Any], item: str) -> list[Client]:
    given = export.get("clients")
    if not isinstance(given, (list, tuple)) or not given:
        advice = "give a list of hosts or networks, such as [192.0.2.0/24]"
        raise ModelError(item, "clients", given, "names no client", advice)
    found = []
    for number, client in enumerate(given, 1):
        entry = {"host": client} if isinstance(client, str) else client
        if not isinstance(entry, Mapping) or not _is_word(entry.get("host")):
            advice = "give a host or a network, or a mapping with host and options"
            raise ModelError(f"client {number} of {item}", "", client, "names no host", advice)
        options = entry.get("options")
        found.append(
            Client(
                str(entry["host"]),
                tuple(map(str, options or ())) if isinstance(options, (list, tuple)) else (),
            )
        )
    return found


def _is_word(host: Any) -> bool:
    return isinstance(host, str) and host != "" and host.isprintable()


def _client_problems(item: str, export: Mapping[str, Any]) -> list[Problem]:
    try:
        clients = _clients(export, item)
    except ModelError as error:
        return [problem_of(error, str(error.item))]
    problems = []
    for entry in export["clients"]:
        if isinstance(entry, Mapping):
            who = f"client {entry['host']} of {item}"
            problems += unknown_fields(who, entry, CLIENT_FIELDS)
            problems += _option_problems(who, "options", entry.get("options"))
    hosts = [client.host for client in clients]
    for host in dict.fromkeys(hosts):
        wrong = _host_fault(host)
        if wrong is not None:
            problems.append(Problem(item, "clients", host, *wrong))
        elif hosts.count(host) > 1:
            problems.append(Problem(item, "clients", host, "is there twice", "leave out one"))
    asked = export.get("insecure")
    if asked is not None and not isinstance(asked, bool):
        why = "is neither true nor false"
        problems.append(Problem(item, "insecure", asked, why, "give one of them"))
    world = world_of(hosts)
    if world and asked is not True:
        advice = (
            "name the hosts or networks that may mount it, or say insecure: true if everybody may"
        )
        problems.append(Problem(item, "clients", world, "are the whole world", advice))
    return problems


def _host_fault(host: str) -> tuple[str, str] | None:
    """Return why a client is none that exports(5) knows, and what to do instead."""
    if len(host) > 253:
        return "is longer than the name of a host may be", "give a shorter one"
    if host == "*" or _NETGROUP.match(host) or _HOST_NAME.match(host) or _network(host):
        return None
    if any(character in host for character in "*?[") and _WILDCARD.match(host):
        if re.search(r"[A-Za-z]", host) or not re.search(r"[0-9]", host):
            return None
        why = "is a wildcard of addresses, and wildcards are for names"
        return why, "give a network such as 192.0.2.0/24"
    return (
        "is neither a host name, an address, a network, a wildcard nor a netgroup",
        "give one of these, and options in the field options",
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
) -> list[Problem]:
    fsid = export.get("fsid")
    if fsid is None:
        mount = mount_of(mounts, str(export.get("path")))
        if mount is not None and mount.fstype.split(".")[0] in _WITHOUT_UUID:
            why = f"is missing, and {mount.fstype} at {mount.path} has no UUID of its own"
            advice = "give a number that no other export of the host has"
            return [Problem(item, "fsid", None, why, advice)]
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
            advice = (
                f"give a number from 1 to {MAX_FSID}, a UUID, or root for the one export that is"
                " the root of NFS 4"
            )
            return [Problem(item, "fsid", fsid, "is none", advice)]
    other = fsids.setdefault(key, item)
    if other != item:
        why = f"is that of {other} already"
        return [Problem(item, "fsid", fsid, why, "give it another one")]
    return []
