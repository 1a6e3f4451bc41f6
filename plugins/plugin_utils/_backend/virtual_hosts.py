# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual hosts of Apache: what cannot work of them, and what they need of the distribution.

Private to the collection: names and behaviour may change in any release.

Pure code: it is handed a role's variables and gives back problems.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import MAX_PORT

from .._problem import Problem
from .given import entries_of, listed, unknown_fields

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

PHP = ("fpm", "module", "none")
# The families of distributions that are known, and what each calls Apache.
FAMILIES: Mapping[str, str] = {"Debian": "apache2", "RedHat": "httpd"}
# Beside php-fpm, the package php keeps others from asking for PHP in Apache.
_PHP: Mapping[tuple[str, str], Sequence[str]] = {
    ("Debian", "fpm"): ("php-fpm", "php"),
    ("Debian", "module"): ("libapache2-mod-php", "php"),
    ("RedHat", "fpm"): ("php-fpm",),
    ("RedHat", "module"): ("php",),
}
# Apache listens at these by itself: at 443 as soon as it knows TLS.
_OWN_PORTS = (80, 443)


def virtual_host_problems(hosts: Any, php: str, family: str, release: str) -> list[Problem]:
    """Return what cannot work of lamp_web's virtual hosts.

    C(family) and C(release) are the facts os_family and distribution_major_version.
    """
    good, problems = entries_of(
        "lamp_web_virtual_hosts", hosts, "virtual host", "name and document_root"
    )
    if php not in PHP:
        advice = f"use one of {', '.join(PHP)}"
        problems.append(Problem("", "lamp_web_php", php, "is not known", advice))
    if php == "module" and family == "RedHat" and _number(release) >= _FIRST_REDHAT_WITHOUT_MODULE:
        why = f"is not there on {family} {release}"
        problems.append(Problem("", "lamp_web_php", php, why, "use fpm"))
    seen: set[tuple[str, int]] = set()
    for number, host in good:
        problems += _host_problems(number, host, seen)
    return problems


def _number(text: Any) -> int:
    return int(text) if str(text).isdecimal() else 0


def _host_problems(
    number: int, host: Mapping[str, Any], seen: set[tuple[str, int]]
) -> list[Problem]:
    name = str(host.get("name") or "")
    item = f"virtual host {name or number}"
    problems = unknown_fields(item, host, FIELDS)
    if not name:
        advice = "give the name that clients ask for"
        problems.append(Problem(item, "name", None, "is not given", advice))
    aliases, wrong = listed(item, "aliases", host.get("aliases"), "give a list of names")
    problems += wrong
    for field, names in (("name", [name] if name else []), ("aliases", aliases)):
        problems += [
            Problem(item, field, one, "is not a host name", "give one, such as www.example.org")
            for one in map(str, names)
            if not _NAME.fullmatch(one)
        ]
    root = str(host.get("document_root") or "")
    if not root.startswith("/") or root == "/" or re.search(r'["\n\r]', root):
        why = "is not a directory that can be served"
        advice = "give its whole path, such as /var/www/site"
        problems.append(Problem(item, "document_root", root, why, advice))
    port = _port(host)
    if not str(port).isdecimal() or not 0 < int(port) <= MAX_PORT:
        advice = f"give a number from 1 to {MAX_PORT}"
        problems.append(Problem(item, "port", port, "is not a port", advice))
    elif name:
        if (name, int(port)) in seen:
            why = "is that of another virtual host of this name"
            problems.append(Problem(item, "port", port, why, "leave out one of the two"))
        seen.add((name, int(port)))
    tls = host.get("tls")
    if tls is not None:
        advice = "give the file on the host that has it"
        problems += [
            Problem(item, f"tls.{field}", None, "is not given", advice)
            for field in ("certificate", "key")
            if not (isinstance(tls, Mapping) and tls.get(field))
        ]
    return problems


def _port(host: Mapping[str, Any]) -> Any:
    return host.get("port") or (443 if host.get("tls") else 80)


# ---- what they need of the distribution -------------------------------------------------------
def packages(
    hosts: Sequence[Mapping[str, Any]], php: str, extensions: Sequence[str], family: str
) -> list[str]:
    """Return the packages of Apache, PHP, and the extensions of PHP."""
    found = [FAMILIES[family]]
    if family == "RedHat" and _has_tls(hosts):
        found.append("mod_ssl")
    if php == "none":
        return found
    names = {"mysql": "mysqlnd"} if family == "RedHat" else {}
    return [
        *found,
        *_PHP[family, php],
        *(f"php-{names.get(one, one)}" for one in map(str, extensions)),
    ]


def modules(
    hosts: Sequence[Mapping[str, Any]], php: str, further: Sequence[str], family: str
) -> list[str]:
    """Return the modules of Apache to enable; RHEL-like systems enable what is installed."""
    if family == "RedHat":
        return []
    return [
        *(("proxy_fcgi", "setenvif") if php == "fpm" else ()),
        *(("ssl",) if _has_tls(hosts) else ()),
        *map(str, further),
    ]


def ports(hosts: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the ports, each once, at which Apache does not listen by itself."""
    return [port for port in dict.fromkeys(int(_port(h)) for h in hosts) if port not in _OWN_PORTS]


def _has_tls(hosts: Sequence[Mapping[str, Any]]) -> bool:
    return any(host.get("tls") for host in hosts)
