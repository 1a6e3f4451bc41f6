# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of a PHP application."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.php_app import (
    links,
    local_archive,
    packages,
    php_app_problems,
)

PLAIN: dict[str, Any] = {
    "name": "app",
    "type": "plain",
    "packages": [],
    "package_directory": "",
    "archive": "",
    "checksum": "",
    "path": "/var/www/html",
    "files": {},
    "url": "",
    "database": {},
    "wordpress": {},
}
ARCHIVE = {**PLAIN, "archive": "app.tar.gz", "checksum": "sha256:" + "0a" * 32}
WORDPRESS = {
    **PLAIN,
    "type": "wordpress",
    "packages": ["wordpress"],
    "package_directory": "/usr/share/wordpress",
    "url": "http://www.example.org/blog",
    "database": {"host": "192.0.2.1", "name": "w", "user": "w", "password": "x"},
    "wordpress": {"title": "t", "user": "u", "password": "p", "email": "e@example.org"},
}


@pytest.mark.parametrize("app", [PLAIN, ARCHIVE, WORDPRESS])
def test_nothing_is_said_of_what_works(app: dict[str, Any]) -> None:
    assert php_app_problems(app) == []


@pytest.mark.parametrize(
    ("app", "change", "sentence"),
    [
        (PLAIN, {"name": "../x"}, "php_app_name '../x' cannot name a directory; use letters,"),
        (PLAIN, {"path": "html"}, "php_app_path 'html' is not a directory for an application;"),
        (PLAIN, {"path": "/"}, "php_app_path '/' is not a directory for an application;"),
        (PLAIN, {"files": {"/etc/x": ""}}, "php_app_files '/etc/x' is not a path below"),
        (PLAIN, {"files": {"a/../../x": ""}}, "php_app_files 'a/../../x' is not a path below"),
        (PLAIN, {"url": "www.example.org"}, "php_app_url 'www.example.org' is not a URL; give"),
        (ARCHIVE, {"checksum": ""}, "php_app_checksum is not given, and nobody knows whether"),
        (ARCHIVE, {"checksum": "0a" * 32}, "php_app_checksum '0a0a"),
        (
            ARCHIVE,
            {"checksum": "sha256:0a"},
            "php_app_checksum 'sha256:0a' does not have the 64 hexadecimal",
        ),
        (
            ARCHIVE,
            {"packages": ["wordpress"], "package_directory": "/x"},
            "php_app_archive 'app.tar.gz' is given beside php_app_packages; give one of the two.",
        ),
        (WORDPRESS, {"package_directory": ""}, "php_app_package_directory is not given; give"),
        (WORDPRESS, {"packages": []}, "php_app_type 'wordpress' needs its files; give"),
        (WORDPRESS, {"url": ""}, "php_app_url is not given; give how clients call the site"),
        (
            WORDPRESS,
            {"database": {**WORDPRESS["database"], "password": ""}},
            "php_app_database: password is empty; give it, from a vault.",
        ),
        (
            WORDPRESS,
            {"wordpress": {**WORDPRESS["wordpress"], "email": ""}},
            "php_app_wordpress: email is empty; give it.",
        ),
        (
            WORDPRESS,
            {"wordpress": {**WORDPRESS["wordpress"], "table_prefix": "a-b"}},
            "php_app_wordpress: table_prefix 'a-b' is not one that WordPress takes;",
        ),
    ],
)
def test_refused(app: dict[str, Any], change: dict[str, Any], sentence: str) -> None:
    (problem,) = php_app_problems({**app, **change})
    assert str(problem).startswith(sentence)


@pytest.mark.parametrize(
    ("archive", "family", "there"),
    [
        ("", "Debian", []),
        ("app.tar.gz", "Debian", ["tar"]),
        ("app.tar.bz2", "RedHat", ["tar", "bzip2"]),
        ("app.tar.xz", "Debian", ["tar", "xz-utils"]),
        ("app.tar.xz", "RedHat", ["tar", "xz"]),
        ("app.zip", "RedHat", ["tar", "unzip"]),
    ],
)
def test_packages(archive: str, family: str, there: list[str]) -> None:
    """What unpacks the archive, by the distribution's own names."""
    assert packages({**PLAIN, "archive": archive}, family) == there
    assert packages(WORDPRESS, family) == ["wordpress", "php-cli"]


def test_archive_on_the_controller() -> None:
    """One that is downloaded is kept by its checksum and its name."""
    assert local_archive(ARCHIVE) == "app.tar.gz"
    app = {**ARCHIVE, "archive": "https://www.example.org/a/app.zip?v=1", "cache": "/cache"}
    assert local_archive(app) == "/cache/0a0a0a0a0a0a0a0a-app.zip"


def test_links() -> None:
    """What a host has for itself; the salts of WordPress are among it."""
    assert links({**PLAIN, "files": {"config.php": ""}}) == ["config.php"]
    assert links(WORDPRESS) == ["wp-config.php"]
