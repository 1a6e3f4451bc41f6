# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of the PHP application that a description asks for.

Private to the collection: names and behaviour may change in any release.

Pure code: it is handed a role's variables and gives back sentences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

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


def php_app_problems(app: Mapping[str, Any]) -> list[str]:
    """Return what cannot work of php_app's variables, a sentence each.

    C(app) has them by the last part of their names: php_app_archive is C(archive).
    """
    problems = _source_problems(app)
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z_.-]*", str(app["name"])):
        problems.append(
            f"php_app_name: {app['name']!r} cannot name a directory; use letters, digits, _, . and"
            " -."
        )
    path = str(app["path"])
    if not path.startswith("/") or path == "/":
        problems.append(
            f"php_app_path: {path!r} is not a directory for an application; give its whole path,"
            " such as /var/www/site."
        )
    for name in app["files"]:
        parts = str(name).split("/")
        if str(name).startswith("/") or ".." in parts or not all(parts):
            problems.append(
                f"php_app_files: {name!r} is not a path below php_app_path; give it without a"
                " leading / and without .. in it."
            )
    if app["url"] and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", str(app["url"])):
        problems.append(
            f"php_app_url: {app['url']!r} is not a URL; give one such as http://www.example.org."
        )
    if app["type"] == "wordpress":
        problems += _wordpress_problems(app)
    return problems


def _source_problems(app: Mapping[str, Any]) -> list[str]:
    archive, checksum, packages = app["archive"], str(app["checksum"]), app["packages"]
    problems = []
    if archive and packages:
        problems.append("php_app_archive: php_app_packages is given as well; give one of the two.")
    if packages and not app["package_directory"]:
        problems.append(
            "php_app_package_directory: it is not given; give the directory where"
            f" {packages[0]} puts the application."
        )
    if archive and not checksum:
        problems.append(
            f"php_app_checksum: it is not given, and nobody knows whether {archive} is what it"
            " should be; give it as sha256:DIGITS."
        )
    if checksum:
        digest, _colon, digits = checksum.partition(":")
        if digest not in DIGESTS:
            problems.append(
                f"php_app_checksum: {checksum!r} begins with no digest that is known; give it as"
                " sha256:DIGITS."
            )
        elif not re.fullmatch(f"[0-9A-Fa-f]{{{DIGESTS[digest]}}}", digits):
            problems.append(
                f"php_app_checksum: a {digest} has {DIGESTS[digest]} hexadecimal digits, and"
                f" {digits!r} has not; give it whole."
            )
    return problems


def _wordpress_problems(app: Mapping[str, Any]) -> list[str]:
    problems = []
    if not app["archive"] and not app["packages"]:
        problems.append(
            "php_app_type: wordpress needs its files; give php_app_packages, or php_app_archive and"
            " php_app_checksum."
        )
    if not app["url"]:
        problems.append(
            "php_app_url: it is not given; give how clients call the site, such as"
            " http://www.example.org."
        )
    for variable, fields in (("database", _DATABASE), ("wordpress", _WORDPRESS)):
        given = app[variable]
        problems += [
            f"php_app_{variable}: {field} is empty; give it"
            + (", from a vault." if field == "password" else ".")
            for field in fields
            if not given.get(field)
        ]
    prefix = str(app["wordpress"].get("table_prefix") or "wp_")
    if not re.fullmatch(r"[0-9A-Za-z_]+", prefix):
        problems.append(
            f"php_app_wordpress: table_prefix {prefix!r} is not one that WordPress takes; use"
            " letters, digits and _."
        )
    return problems
