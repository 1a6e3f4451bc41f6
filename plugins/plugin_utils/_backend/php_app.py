# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PHP application: what cannot work of it, and what it is installed from.

Private to the collection: names and behaviour may change in any release.

Pure code: it is handed the role's variables, read and without the role's name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from posixpath import basename, splitext
from typing import Any
from urllib.parse import urlsplit

from .._cluster.names import names_of
from .._formats import php
from .._problem import Problem

# The digests that ansible.builtin.get_url and stat know, and how many hexadecimal digits each has.
DIGESTS: Mapping[str, int] = {
    "md5": 32,
    "sha1": 40,
    "sha224": 56,
    "sha256": 64,
    "sha384": 96,
    "sha512": 128,
}

_WORDPRESS = ("title", "user", "password", "email")
_DATABASE = ("host", "name", "user", "password")


def php_app_problems(app: Mapping[str, Any], hosts: Collection[str]) -> list[Problem]:
    """Return what cannot work of php_app's variables, read and without the role's name.

    C(hosts) are those of the inventory; without any nothing is said of who serves it.
    """
    problems = _source_problems(app)
    for name in app.get("hosts") or ():
        if hosts and name not in hosts:
            advice = "give hosts by their names in the inventory"
            problems.append(_problem("hosts", name, "is no host of the inventory", advice))
    problems += _file_problems(app)
    if app["type"] == "wordpress":
        problems += _wordpress_problems(app)
    return problems


def host_file(name: str) -> str:
    """Return what a file of the application is called among the host's own."""
    return name.replace("/", "_")


def _file_problems(app: Mapping[str, Any]) -> list[Problem]:
    problems = []
    seen = {".php_app": "the record of what is installed"}
    if app["type"] == "wordpress":
        seen |= {"wp-config.php": "WordPress's own configuration", "salts.json": "its salts"}
    for name in app["files"]:
        other = seen.setdefault(host_file(name), name)
        if other != name:
            why = f"takes the place of {other} among the host's own files"
            problems.append(_problem("files", name, why, "give it another name"))
    return problems


def _problem(name: str, value: Any, why: str, advice: str) -> Problem:
    return Problem("", f"php_app_{name}", value, why, advice)


def _source_problems(app: Mapping[str, Any]) -> list[Problem]:
    problems = []
    archive, checksum, packages = app["archive"], app["checksum"], app["packages"]
    if archive and packages:
        why = "is given beside php_app_packages"
        problems.append(_problem("archive", archive, why, "give one of the two"))
    if packages and not app["package_directory"]:
        advice = f"give the directory where {packages[0]} puts the application"
        problems.append(_problem("package_directory", None, "is not given", advice))
    if archive and not checksum:
        why = f"is not given, and nobody knows whether {archive} is what it should be"
        problems.append(_problem("checksum", None, why, "give it as sha256:DIGITS"))
    if checksum:
        digest, _colon, digits = checksum.partition(":")
        if digest not in DIGESTS:
            why = "begins with no digest that is known"
            problems.append(_problem("checksum", checksum, why, "give it as sha256:DIGITS"))
        elif not re.fullmatch(f"[0-9A-Fa-f]{{{DIGESTS[digest]}}}", digits):
            why = f"does not have the {DIGESTS[digest]} hexadecimal digits of a {digest}"
            problems.append(_problem("checksum", checksum, why, "give it whole"))
    return problems


def _wordpress_problems(app: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if not app["archive"] and not app["packages"]:
        advice = "give php_app_packages, or php_app_archive and php_app_checksum"
        problems.append(_problem("type", "wordpress", "needs its files", advice))
    if not app["url"]:
        advice = "give how clients call the site, such as http://www.example.org"
        problems.append(_problem("url", None, "is not given", advice))
    for variable, fields in (("database", _DATABASE), ("wordpress", _WORDPRESS)):
        for field in fields:
            if not app[variable].get(field):
                advice = "give it, from a vault" if field == "password" else "give it"
                problems.append(_problem(f"{variable}.{field}", None, "is not given", advice))
    return problems


# ---- what is written of it ---------------------------------------------------------------------
def configuration(app: Mapping[str, Any], salts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what wp-config.php has: lines that define constants, and two literals."""
    database, site = app["database"], app["wordpress"]
    names = {"DB_NAME": "name", "DB_USER": "user", "DB_PASSWORD": "password", "DB_HOST": "host"}
    own = sorted(site.get("settings", {}).items(), key=lambda item: str(item[0]).lower())
    return {
        "database": [php.definition(name, database[field]) for name, field in names.items()],
        "salts": [php.definition(name, str(salt)) for name, salt in salts.items()],
        "site": [php.definition(name, app["url"]) for name in ("WP_HOME", "WP_SITEURL")],
        "settings": [php.definition(name, value) for name, value in own],
        "table_prefix": php.literal(site.get("table_prefix", "wp_")),
        "path": php.literal(f"{app['path']}/"),
    }


# ---- what it is installed from ----------------------------------------------------------------
def packages(app: Mapping[str, Any], family: str) -> list[str]:
    """Return the packages of the application, and of what unpacks its archive."""
    found, names = list(app["packages"]), names_of(family)["php_app"]
    if app["type"] == "wordpress":
        found.append(names["php"])
    if app["archive"]:
        found.append("tar")
        # Of all others tar does it alone.
        unpacker = names["unpackers"].get(splitext(str(app["archive"]))[1])
        if unpacker:
            found.append(unpacker)
    return found


def is_url(archive: str) -> bool:
    """Tell whether an archive has to be downloaded first."""
    return re.match(r"[a-z]+://", archive) is not None


def local_archive(app: Mapping[str, Any]) -> str:
    """Return the archive's file on the controller; one that is downloaded has its checksum."""
    archive = str(app["archive"])
    if not is_url(archive):
        return archive
    digits = str(app["checksum"]).rpartition(":")[2]
    return f"{app['cache']}/{digits[:16]}-{basename(urlsplit(archive).path)}"


def links(app: Mapping[str, Any]) -> list[str]:
    """Return the paths in the application that are links to what each host has for itself."""
    return [*app["files"], *(["wp-config.php"] if app["type"] == "wordpress" else ())]
