# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual hosts of Apache: what is written of them, what cannot work, and what they need.

Private to the collection: names and behaviour may change in any release.

Pure code: it is handed lamp_web's variables, read and without the role's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._cluster.names import names_of
from .._formats import apache, php
from .._problem import Problem

# RHEL 9 ships PHP without a module for Apache.
_FIRST_WITHOUT_MODULE = 9
# Apache listens at these by itself: at 443 as soon as it knows TLS.
_OWN_PORTS = (80, 443)


def virtual_host_problems(
    hosts: Sequence[Mapping[str, Any]], php_by: str, family: str, release: str
) -> Iterator[Problem]:
    """Give what cannot work of virtual hosts whose fields are read.

    C(family) and C(release) are the facts os_family and distribution_major_version.
    """
    if php_by == "module" and family == "RedHat" and _number(release) >= _FIRST_WITHOUT_MODULE:
        why = f"is not there on {family} {release}"
        yield Problem("", "lamp_web_php", php_by, why, "use fpm")
    seen: dict[tuple[str, int], None] = {}
    tls: dict[int, tuple[bool, str]] = {80: (False, "the distribution's own site")}
    for host in hosts:
        name, port = host.get("name", ""), port_of(host)
        item, field = f"virtual host {name}", "lamp_web_virtual_hosts.port"
        if (name, port) in seen:
            why = "is that of another virtual host of this name"
            yield Problem(item, field, port, why, "leave out one of the two")
        seen[name, port] = None
        has_tls = bool(host.get("tls"))
        if port == 443 and not has_tls:
            why = "is listened at only where there is TLS"
            yield Problem(item, field, port, why, "give tls, or another port")
            continue
        first, other = tls.setdefault(port, (has_tls, f"virtual host {name}"))
        if first != has_tls:
            why = f"is shared with {other}, and only one of the two has TLS"
            yield Problem(item, field, port, why, "give it another port")


def _number(text: Any) -> int:
    return int(text) if str(text).isdecimal() else 0


def port_of(host: Mapping[str, Any]) -> int:
    """Return where a virtual host is."""
    return int(host.get("port") or (443 if host.get("tls") else 80))


# ---- what is written of them -------------------------------------------------------------------
def sections(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each virtual host as Apache's file has it: its arguments, and its further lines."""
    return [
        {
            "port": port_of(host),
            "name": apache.argument(host["name"]),
            "aliases": " ".join(map(apache.argument, host.get("aliases", ()))),
            "document_root": apache.quoted(host["document_root"]),
            "directory": apache.directory(host["document_root"]),
            "directory_index": " ".join(
                map(apache.argument, host.get("directory_index", settings["directory_index"]))
            ),
            "allow_override": host.get("allow_override", "None"),
            "tls": {name: apache.quoted(path) for name, path in host.get("tls", {}).items()},
            "directives": apache.directive_lines(host.get("directives", [])),
        }
        for host in settings["virtual_hosts"]
    ]


def pool_lines(settings: Mapping[str, Any]) -> list[str]:
    """Return the lines of the pool that fix settings of PHP."""
    return [php.pool_line(name, value) for name, value in _php_settings(settings)]


def module_lines(settings: Mapping[str, Any]) -> list[str]:
    """Return the lines of a virtual host that fix settings of PHP in Apache."""
    return [
        f"php_admin_value {php.setting_name(name)} {apache.quoted(php.setting_value(value))}"
        for name, value in _php_settings(settings)
    ]


def _php_settings(settings: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(settings["php_settings"].items(), key=lambda item: str(item[0]).lower())


# ---- what they need of the distribution -------------------------------------------------------
def packages(
    hosts: Sequence[Mapping[str, Any]], php_by: str, extensions: Sequence[str], family: str
) -> list[str]:
    """Return the packages of Apache, PHP, and the extensions of PHP."""
    names = names_of(family)["lamp_web"]
    found = [*names["apache_packages"], *(names["tls_packages"] if _has_tls(hosts) else ())]
    if php_by == "none":
        return found
    called = names["extensions"]
    return [
        *found,
        *names[f"{php_by}_packages"],
        *(f"php-{called.get(one, one)}" for one in extensions),
    ]


def modules(
    hosts: Sequence[Mapping[str, Any]], php_by: str, further: Sequence[str], family: str
) -> list[str]:
    """Return the modules of Apache to enable; RHEL-like systems enable what is installed."""
    if family == "RedHat":
        return []
    return [
        *(("proxy_fcgi", "setenvif") if php_by == "fpm" else ()),
        *(("ssl",) if _has_tls(hosts) else ()),
        *further,
    ]


def ports(hosts: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the ports, each once, at which Apache does not listen by itself."""
    return [port for port in dict.fromkeys(port_of(h) for h in hosts) if port not in _OWN_PORTS]


def _has_tls(hosts: Sequence[Mapping[str, Any]]) -> bool:
    return any(host.get("tls") for host in hosts)
