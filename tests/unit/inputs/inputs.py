# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an input is, in the tables of them: where it goes, and what has to come of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.roles import BY_NAME
from sites import Site, site, written

# Where a role's variables are looked at: the inventory, the term that tells, and the group.
ASKED = {
    "director": ("nat", "problems", "directors"),
    "keepalived": ("ha", "problems", "directors"),
    "ldirectord": ("ldirectord", "problems", "directors"),
    "bird": ("ecmp", "problems", "directors"),
    "nat_real_server": ("nat", "problems", "real_servers"),
    "dr_real_server": ("ldirectord", "problems", "real_servers"),
    "tun_real_server": ("nat", "problems", "real_servers"),
    "nfs_server": ("nat_wordpress", "nfs_server", "nfs_servers"),
    "nfs_client": ("nat_wordpress", "nfs_client", "nfs_clients"),
    "lamp_db": ("nat_wordpress", "lamp_db", "databases"),
    "lamp_web": ("nat_wordpress", "lamp_web", "web_servers"),
    "php_app": ("nat_wordpress", "php_app", "web_servers"),
}


class Input(NamedTuple):
    """A value in an inventory, and the sentence that it has to give, or the line of a file.

    C(where) is a field of the first service (C(port)), of its first real server
    (C(real_servers.port)), or a variable of the first host of group C(on). C(told) is what the
    sentence has in it. Of a value that may be, C(says) is the line that a file of C(role) has.
    """

    inventory: str
    where: str
    value: Any
    told: str = ""
    says: str | None = None
    role: str = ""
    on: str = "directors"

    def __str__(self) -> str:
        """Name it."""
        return f"{self.inventory} {self.where} {self.value!r}"[:80]


def changed(given: Input) -> Site:
    """Return the inventory with the value in it."""
    found = site(given.inventory)
    if "_" in given.where and any(given.where.startswith(f"{role}_") for role in (*BY_NAME, "lvs")):
        hosts = found.groups[given.on][:1] if given.on != "all" else found.hosts
        for name in hosts:
            found.hosts[name][given.where] = given.value
        return found
    for host in found.hosts.values():
        target: Any = host["lvs_virtual_services"][0]
        *path, field = given.where.split(".")
        for part in path:
            target = target[part]
            target = target[0] if isinstance(target, list) else target
        target[field] = given.value
    return found


def sentences(found: Site, term: str = "problems", host: str = "") -> list[str]:
    """Return what a host, or the first director, is told."""
    host = host or found.groups["directors"][0]
    return [str(problem["message"]) for problem in found.told(term, host)]


def lines(files: Mapping[str, str]) -> list[str]:
    """Return the lines of files, without how they are set in."""
    return [line.strip() for text in files.values() for line in text.split("\n")]


def lines_of(found: Site, role: str, host: str = "") -> list[str]:
    """Return the lines of the files that a role writes on a host, or on the first director."""
    return lines(written(found, role, host or found.groups["directors"][0]))
