# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of the virtual hosts that a description asks for.

Private to the collection: names and behaviour may change in any release.

Pure code: it is handed a role's variables and gives back sentences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MAX_PORT = 65535

FIELDS = (
    "name",
    "aliases",
    "port",
    "document_root",
    "directory_index",
    "allow_override",
    "tls",
    "directives",
)

# What a Host header may carry: a name, with a leading wildcard as an alias, or an address.
_NAME = re.compile(r"(\*\.)?[0-9A-Za-z_]([0-9A-Za-z_.-]*[0-9A-Za-z_])?|\[[0-9A-Fa-f:.]+\]")
# RHEL 9 ships PHP without a module for Apache.
_FIRST_REDHAT_WITHOUT_MODULE = 9


def virtual_host_problems(hosts: Any, php: str, family: str, release: str) -> list[str]:
    """Return what cannot work of lamp_web's virtual hosts, a sentence each.

    C(family) and C(release) are the facts os_family and distribution_major_version.
    """
    problems = []
    if php == "module" and family == "RedHat" and _number(release) >= _FIRST_REDHAT_WITHOUT_MODULE:
        problems.append(f"lamp_web_php: module is not there on {family} {release}; use fpm.")
    seen: set[tuple[str, int]] = set()
    for number, host in enumerate(hosts or (), 1):
        if not isinstance(host, Mapping):
            problems.append(
                f"virtual host {number}: {host!r} is not a mapping; give name: and its name."
            )
            continue
        problems += _host_problems(number, host, seen)
    return problems


def _number(text: Any) -> int:
    return int(text) if str(text).isdecimal() else 0


def _host_problems(number: int, host: Mapping[str, Any], seen: set[tuple[str, int]]) -> list[str]:
    name = str(host.get("name") or "")
    item = f"virtual host {name or number}"
    problems = [
        f"{item}: {field} is not a field of a virtual host; use one of {', '.join(FIELDS)}."
        for field in host
        if field not in FIELDS
    ]
    if not name:
        problems.append(f"{item}: name is not given; give the name that clients ask for.")
    for field, names in (("name", [name] if name else []), ("aliases", host.get("aliases") or [])):
        problems += [
            f"{item}: {field} {one!r} is not a host name; give one, such as www.example.org."
            for one in map(str, names)
            if not _NAME.fullmatch(one)
        ]
    root = str(host.get("document_root") or "")
    if not root.startswith("/") or root == "/" or re.search(r'["\n\r]', root):
        problems.append(
            f"{item}: document_root {root!r} is not a directory that can be served; give its whole"
            " path, such as /var/www/site."
        )
    tls = host.get("tls")
    port = host.get("port") or (443 if tls else 80)
    if not str(port).isdecimal() or not 0 < int(port) <= MAX_PORT:
        problems.append(f"{item}: port {port!r} is not a port; give a number from 1 to 65535.")
    elif name:
        if (name, int(port)) in seen:
            problems.append(f"{item}: port {port} is named twice; leave out one of the two.")
        seen.add((name, int(port)))
    if tls is not None:
        problems += [
            f"{item}: tls.{field} is not given; give the file on the host that has it."
            for field in ("certificate", "key")
            if not (isinstance(tls, Mapping) and tls.get(field))
        ]
    return problems
