# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles need on a host: packages, units, modules of its kernel, booleans, directories.

Private to the collection: names and behaviour may change in any release.

Pure code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from posixpath import dirname
from typing import Any, Callable, NamedTuple

# Without which no role of a director or of a real server works.
_UNIT_DIRECTORIES = ("/etc/systemd/system", "/etc/lvs-cluster", "/usr/local/sbin")
_FIREWALLS = {"firewalld": "firewalld.service", "ufw": "ufw.service"}
# The kernel's parts for the rules of a director: all of them, and those of masquerading.
_FOR_RULES = ("nf_tables", "nf_conntrack", "nft_chain_nat", "nft_masq")


class Wish(NamedTuple):
    """What a description and the variables of roles ask for beyond what a role always needs."""

    schedulers: Sequence[str] = ("rr", "wrr")
    tunnels: Sequence[str] = ("ipip",)
    packages: Mapping[str, Sequence[str]] = {}
    booleans: Mapping[str, Sequence[str]] = {}


class Needs(NamedTuple):
    """What is needed, each with the role that needs it; of units, the package that has it."""

    packages: Mapping[str, str]
    services: Mapping[str, str]
    kernel_modules: Mapping[str, str]
    booleans: Mapping[str, str]
    directories: Mapping[str, str]

    def as_options(self) -> dict[str, list[str]]:
        """Return what M(lvs.cluster.host_check) is asked."""
        firewalls = list(_FIREWALLS.values())
        return {
            **{name: list(getattr(self, name)) for name in self._fields if name != "services"},
            "services": [*self.services, *firewalls],
        }


Names = Mapping[str, Mapping[str, Any]]


class _Own(NamedTuple):
    """What a role needs by itself."""

    packages: Callable[[Names], Iterable[str]]
    # The unit, and which of the packages has it.
    service: Callable[[Names], str] = lambda _names: ""
    modules: Callable[[Wish], Iterable[str]] = lambda _wish: ()
    directories: Callable[[Names], Iterable[str]] = lambda _names: ()
    of_package: int = 0


def _links(*which: str) -> Callable[[Names], Iterable[str]]:
    return lambda names: [names["links"][name] for name in which]


_ROLES: Mapping[str, _Own] = {
    "director": _Own(
        lambda names: names["director"]["packages"],
        modules=lambda wish: ("ip_vs", *(f"ip_vs_{one}" for one in wish.schedulers), *_FOR_RULES),
        directories=lambda names: (
            *_UNIT_DIRECTORIES,
            "/etc/modules-load.d",
            "/etc/modprobe.d",
            dirname(names["director"]["rules_file"]),
        ),
    ),
    "nat_real_server": _Own(_links("pyroute2"), directories=lambda _names: _UNIT_DIRECTORIES),
    "dr_real_server": _Own(
        _links("iproute", "pyroute2"), directories=lambda _names: _UNIT_DIRECTORIES
    ),
    "tun_real_server": _Own(
        _links("iproute", "kmod", "pyroute2"),
        modules=lambda wish: wish.tunnels,
        directories=lambda _names: _UNIT_DIRECTORIES,
    ),
    "keepalived": _Own(
        lambda names: names["keepalived"]["packages"],
        lambda _names: "keepalived.service",
        directories=lambda _names: ("/etc/keepalived", *_UNIT_DIRECTORIES),
        of_package=1,
    ),
    "ldirectord": _Own(
        lambda names: names["ldirectord"]["packages"],
        lambda _names: "ldirectord.service",
        directories=lambda _names: ("/etc/ha.d", *_UNIT_DIRECTORIES),
        of_package=1,
    ),
    "bird": _Own(
        lambda names: names["bird"]["packages"],
        lambda _names: "bird.service",
        directories=lambda names: (dirname(names["bird"]["conf"]), *_UNIT_DIRECTORIES),
    ),
    "lamp_db": _Own(
        lambda names: names["lamp_db"]["packages"],
        lambda _names: "mariadb.service",
        directories=lambda names: (dirname(names["lamp_db"]["settings_file"]),),
    ),
    "lamp_web": _Own(
        lambda names: names["lamp_web"]["apache_packages"],
        lambda names: str(names["lamp_web"]["apache_unit"]),
        directories=lambda names: (names["lamp_web"]["sites"], "/var/www"),
    ),
    "php_app": _Own(lambda _names: ()),
    "nfs_server": _Own(
        lambda names: names["nfs_server"]["packages"],
        lambda _names: "nfs-server.service",
        lambda _wish: ("nfsd",),
        lambda _names: ("/etc/exports.d", "/etc/nfs.conf.d", "/etc/systemd/system"),
    ),
    "nfs_client": _Own(
        lambda names: names["nfs_client"]["packages"],
        modules=lambda _wish: ("nfs",),
        directories=lambda _names: ("/etc/systemd/system",),
    ),
}
ROLES = tuple(_ROLES)


def needs_of(roles: Sequence[str], names: Names, wish: Wish, selinux: bool = False) -> Needs:
    """Return what roles need where things have these names, each for the first that needs it."""
    found = Needs({}, {}, {}, {}, {})

    def add(kind: str, things: Iterable[str], why: str) -> None:
        for thing in things:
            getattr(found, kind).setdefault(thing, why)

    for role in roles:
        own = _ROLES[role]
        packages = list(own.packages(names))
        add("packages", [*packages, *wish.packages.get(role, ())], role)
        if own.service(names):
            add("services", [own.service(names)], packages[own.of_package])
        add("kernel_modules", own.modules(wish), role)
        add("directories", own.directories(names), role)
        booleans = wish.booleans.get(role, ()) if selinux else ()
        add("booleans", booleans, role)
        if booleans:
            add("packages", names["selinux"]["packages"], role)
    return found


def firewall_of(units: Mapping[str, str]) -> list[str]:
    """Return the firewalls that a host has by what systemd says of their units."""
    return [name for name, unit in _FIREWALLS.items() if units.get(unit) == "loaded"]
