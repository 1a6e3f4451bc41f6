# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PHP application: what cannot work of it, and what it is installed from.

Private to the collection: names and behaviour may change in any release.

Pure code: it is handed a role's variables and gives back problems.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import basename, splitext
from typing import Any
from urllib.parse import urlsplit

from .._problem import Problem
from .given import listed, mapped

# The digests that ansible.builtin.get_url and stat know, and how many hexadecimal digits each has.
DIGESTS: Mapping[str, int] = {
    "md5": 32,
    "sha1": 40,
    "sha224": 56,
    "sha256": 64,
    "sha384": 96,
    "sha512": 128,
}

TYPES = ("plain", "wordpress")
_WORDPRESS = ("title", "user", "password", "email")
_DATABASE = ("host", "name", "user", "password")
# What unpacks an archive, by the end of its name; of all others tar does it alone.
_UNPACKERS: Mapping[str, tuple[str, str]] = {
    ".bz2": ("bzip2", "bzip2"),
    ".xz": ("xz-utils", "xz"),
    ".zip": ("unzip", "unzip"),
}


def php_app_problems(app: Mapping[str, Any]) -> list[Problem]:
    """Return what cannot work of php_app's variables.

    C(app) has them by the last part of their names: php_app_archive is C(archive).
    """
    problems = _source_problems(app)
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z_.-]*", str(app["name"])):
        advice = "use letters, digits, _, . and -"
        problems.append(_problem("name", app["name"], "cannot name a directory", advice))
    path = str(app["path"])
    if not path.startswith("/") or path == "/":
        why = "is not a directory for an application"
        problems.append(_problem("path", path, why, "give its whole path, such as /var/www/site"))
    advice = "give the content of each by its path"
    files, wrong = mapped("php_app_files", app["files"], advice)
    problems += wrong
    for name in map(str, files):
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or not all(parts):
            why = "is not a path below php_app_path"
            advice = "give it without a leading / and without .. in it"
            problems.append(_problem("files", name, why, advice))
    if app["url"] and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", str(app["url"])):
        advice = "give one such as http://www.example.org"
        problems.append(_problem("url", app["url"], "is not a URL", advice))
    if app["type"] not in TYPES:
        advice = f"use one of {', '.join(TYPES)}"
        problems.append(_problem("type", app["type"], "is not known", advice))
    if app["type"] == "wordpress":
        problems += _wordpress_problems(app)
    return problems


def _problem(name: str, value: Any, why: str, advice: str) -> Problem:
    return Problem("", f"php_app_{name}", value, why, advice)


def _source_problems(app: Mapping[str, Any]) -> list[Problem]:
    archive, checksum = app["archive"], str(app["checksum"])
    packages, problems = listed(
        "", "php_app_packages", app["packages"], "give a list of packages, or [] for none"
    )
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
        name = f"php_app_{variable}"
        given, wrong = mapped(name, app[variable], f"give {', '.join(fields)}")
        problems += wrong
        problems += [
            Problem(
                name,
                field,
                None,
                "is empty",
                "give it, from a vault" if field == "password" else "give it",
            )
            for field in fields
            if not wrong and not given.get(field)
        ]
    prefix = str(given.get("table_prefix") or "wp_")
    if not re.fullmatch(r"[0-9A-Za-z_]+", prefix):
        why = "is not one that WordPress takes"
        problems.append(Problem(name, "table_prefix", prefix, why, "use letters, digits and _"))
    return problems


# ---- what it is installed from ----------------------------------------------------------------
def packages(app: Mapping[str, Any], family: str) -> list[str]:
    """Return the packages of the application, and of what unpacks its archive."""
    found = list(app["packages"] or ())
    if app["type"] == "wordpress":
        found.append("php-cli")
    if app["archive"]:
        found.append("tar")
        names = _UNPACKERS.get(splitext(str(app["archive"]))[1])
        if names:
            found.append(names[family == "RedHat"])
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
    return [*(app["files"] or ()), *(["wp-config.php"] if app["type"] == "wordpress" else ())]
