# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of a PHP application."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.php_app import (
    configuration,
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
    assert php_app_problems(app, ["rs1", "rs2"]) == []


@pytest.mark.parametrize(
    ("app", "change", "sentence"),
    [
        (PLAIN, {"hosts": ["rs3"]}, "php_app_hosts 'rs3' is no host of the inventory; give hosts"),
        (PLAIN, {"files": {".php_app": ""}}, "php_app_files '.php_app' takes the place of the rec"),
        (
            PLAIN,
            {"files": {"a/b": "", "a_b": ""}},
            "php_app_files 'a_b' takes the place of a/b",
        ),
        (WORDPRESS, {"files": {"wp-config.php": ""}}, "php_app_files 'wp-config.php' takes the pl"),
        (ARCHIVE, {"checksum": ""}, "php_app_checksum is not given, and nobody knows whether"),
        (ARCHIVE, {"checksum": "0a" * 32}, "php_app_checksum '0a0a"),
        (
            ARCHIVE,
            {"checksum": "sha256:0a"},
            "php_app_checksum 'sha256:0a' does not have the 64 hexadecimal",
        ),
        (ARCHIVE, {"checksum": "sha256:" + "xy" * 32}, "php_app_checksum 'sha256:xyxy"),
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
            {"database": {"host": "192.0.2.1", "name": "w", "user": "w"}},
            "php_app_database.password is not given; give it, from a vault.",
        ),
        (
            WORDPRESS,
            {"wordpress": {"title": "t", "user": "u", "password": "p"}},
            "php_app_wordpress.email is not given; give it.",
        ),
    ],
)
def test_refused(app: dict[str, Any], change: dict[str, Any], sentence: str) -> None:
    (problem,) = php_app_problems({**app, **change}, ["rs1", "rs2"])
    assert str(problem).startswith(sentence)


def test_configuration() -> None:
    """Every text is one literal; further constants go by their names, whatever their case."""
    app = {
        **WORDPRESS,
        "path": "/var/www/it's",
        "database": {**WORDPRESS["database"], "password": "a'b\\"},
        "wordpress": {"settings": {"wp_b": 1.5, "WP_A": True}, "table_prefix": "x_"},
    }
    assert configuration(app, {"AUTH_KEY": "k", "AUTH_SALT": "'"}) == {
        "database": [
            "define('DB_NAME', 'w');",
            "define('DB_USER', 'w');",
            "define('DB_PASSWORD', 'a\\'b\\\\');",
            "define('DB_HOST', '192.0.2.1');",
        ],
        "salts": ["define('AUTH_KEY', 'k');", "define('AUTH_SALT', '\\'');"],
        "site": [
            "define('WP_HOME', 'http://www.example.org/blog');",
            "define('WP_SITEURL', 'http://www.example.org/blog');",
        ],
        "settings": ["define('WP_A', true);", "define('wp_b', 1.5);"],
        "table_prefix": "'x_'",
        "path": "'/var/www/it\\'s/'",
    }
    assert configuration(WORDPRESS, {})["table_prefix"] == "'wp_'"


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
