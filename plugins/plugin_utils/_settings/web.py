# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the roles lamp_web and php_app, a row each.

Private to the collection: names and behaviour may change in any release.

What needs facts to be judged is looked at in C(_backend).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import MAX_PORT, ModelError

from .._formats import apache, php
from .._problem import Problem
from .databases import DATABASE
from .databases import USER as DATABASE_USER
from .directories import is_of_system, may_be_kept_from_others, plain_path
from .kinds import (
    BOOLEAN,
    MAIL,
    PATH,
    SELINUX_BOOLEANS,
    TEXT,
    USER,
    Kind,
    list_of,
    mapping_of,
    matching,
    number,
    one_of,
    optional,
    record,
    refused,
    secret,
    written,
)
from .php_settings import meant as meant_setting
from .role import Role

# ---- web servers -------------------------------------------------------------------------------
_EXTENSION = matching(r"[a-z0-9][a-z0-9.+_-]{0,63}", "the name of an extension of PHP", "mysql")
_HOST_NAME = matching(
    r"(?=.{1,253}$)(?!.*\.\.)(\*\.)?[0-9A-Za-z_]([0-9A-Za-z_.-]*[0-9A-Za-z_])?|\[[0-9A-Fa-f:.]+\]",
    "a host name",
    "www.example.org",
)
_OWN_DIRECTORY = matching(r"/.*|~/.+", "the whole path of a directory", "/var/cache/lvs-cluster")
_INDEX = matching(
    r"(?!(.*/)?\.\./)/?[^\s\"'\\$<>/]+(/[^\s\"'\\$<>/]+)*", "the name of a file", "index.php"
)
_INDEXES = list_of(_INDEX, needed="give one such as [index.php], or [disabled] for none")
_OVERRIDE = matching(
    r"None|All|(AuthConfig|FileInfo|Indexes|Limit|(Options|Nonfatal)(=[A-Za-z,]+)?)"
    r"( (AuthConfig|FileInfo|Indexes|Limit|(Options|Nonfatal)(=[A-Za-z,]+)?))*",
    "what Apache's AllowOverride takes",
    "None, All or 'FileInfo Limit'",
)


def application_path(value: Any) -> str:
    """Read the directory of an application, which is never one of the system."""
    path = str(PATH.parse(value))
    plain = plain_path(path)
    if is_of_system(plain):
        why = "is a directory of the system, and none for an application"
        raise refused(value, why, "give its whole path, such as /var/www/site")
    if plain != path.rstrip("/"):
        raise refused(value, "is spelled in a roundabout way", f"give {plain}")
    return path


def _cache(value: Any) -> str:
    """Read a directory of the controller, which gets a mode that nobody else comes in by."""
    path = str(_OWN_DIRECTORY.parse(value))
    if not may_be_kept_from_others(path):
        why = "is a directory of the system, and others could not get in any more"
        raise refused(value, why, f"give one for this alone, such as {_OWN_DIRECTORY.example}")
    return path


def _directive(value: Any) -> str:
    if not isinstance(value, str):
        raise refused(value, "is not text", "put it in quotes, or give some")
    if not value.lstrip().startswith("<"):
        apache.directive_lines([value])
    return value


def _php_setting_name(value: Any) -> str:
    name = php.setting_name(str(TEXT.parse(value)))
    other = meant_setting(name)
    if other is not None:
        raise refused(value, "is not a setting of PHP", f"give {other}")
    return name


def _php_setting(value: Any) -> Any:
    apache.quoted(php.setting_value(value))
    return value


_FILE = written(PATH, apache.quoted)


def _lamp_web_rules(item: str, settings: Mapping[str, Any]) -> Iterator[Problem]:
    for number_, host in enumerate(settings["virtual_hosts"], 1):
        whose = f"virtual host {host.get('name', number_)} of {item}"
        try:
            apache.directive_lines(host.get("directives", []))
        except ModelError as error:
            field = "lamp_web_virtual_hosts.directives"
            yield Problem(whose, field, error.value, error.why, error.advice)


LAMP_WEB = Role(
    "lamp_web",
    {
        "php": one_of("fpm", "module", "none"),
        "php_extensions": list_of(_EXTENSION),
        "php_settings": mapping_of(
            Kind(_php_setting_name, "memory_limit"), Kind(_php_setting, "64M", type="raw")
        ),
        "php_children": number(1, 10000),
        "virtual_hosts": list_of(
            record(
                "virtual host",
                {
                    "name": _HOST_NAME,
                    "aliases": list_of(_HOST_NAME),
                    "port": number(1, MAX_PORT),
                    "document_root": written(
                        Kind(application_path, "/var/www/site"), apache.directory
                    ),
                    "directory_index": _INDEXES,
                    "allow_override": _OVERRIDE,
                    "tls": record(
                        "",
                        {"certificate": _FILE, "key": _FILE},
                        required=("certificate", "key"),
                    ),
                    "directives": list_of(Kind(_directive, "Header set X-Site one"), unique=False),
                },
                required=("name", "document_root"),
            ),
            unique=False,
        ),
        "directory_index": _INDEXES,
        "first_is_default": BOOLEAN,
        "modules": list_of(
            matching(r"[a-z0-9][a-z0-9_.]{0,63}", "the name of a module of Apache", "rewrite")
        ),
        "selinux_booleans": SELINUX_BOOLEANS,
    },
    rules=(_lamp_web_rules,),
)

# ---- applications ------------------------------------------------------------------------------
_PACKAGE = matching(r"[A-Za-z0-9][A-Za-z0-9.+_:-]{0,127}", "the name of a package", "wordpress")
_GROUP = matching(
    r"[A-Za-z_][A-Za-z0-9_.-]{0,30}[A-Za-z0-9_$.-]?", "the name of a group", "www-data"
)
_MODE = matching(
    r"[ugoa]*[-+=][rwxXst]*(,[ugoa]*[-+=][rwxXst]*)*|0?7[0-7]{2}",
    "a mode in symbols",
    "u=rwX,g=rX,o=",
)
_URL = matching(
    r"https?://([0-9A-Za-z]([0-9A-Za-z_.-]*[0-9A-Za-z])?|\[[0-9A-Fa-f:.]+\])"
    r"(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
    r"(/[0-9A-Za-z._~!$&()*+,;=:@%/-]*)?",
    "a URL",
    "http://www.example.org",
)
_BELOW = matching(
    r"(?!\.{1,2}(/|$))[^/]+(/(?!\.{1,2}(/|$))[^/]+)*", "a path below another", "config.php"
)


def _content(value: Any) -> str:
    if not isinstance(value, str):
        raise refused(value, "is not text", "give the content of the file")
    return value


def _constant_name(value: Any) -> str:
    name = str(TEXT.parse(value))
    php.definition(name, True)
    return name


def _constant(value: Any) -> Any:
    php.literal(value)
    return value


# What wp-config.php has from other variables, or from nobody.
_DEFINED: Mapping[str, str] = {
    **dict.fromkeys(("DB_NAME", "DB_USER", "DB_PASSWORD", "DB_HOST"), "php_app_database"),
    **dict.fromkeys(("WP_HOME", "WP_SITEURL"), "php_app_url"),
    "ABSPATH": "php_app_path",
    **dict.fromkeys(
        (
            *("DB_CHARSET", "DB_COLLATE", "FS_METHOD"),
            *(f"{name}_{kind}" for kind in ("KEY", "SALT") for name in ("AUTH", "SECURE_AUTH")),
            *(f"{name}_{kind}" for kind in ("KEY", "SALT") for name in ("LOGGED_IN", "NONCE")),
        ),
        "the role itself",
    ),
}


def _php_app_rules(item: str, settings: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in settings["wordpress"].get("settings", {}).items():
        if name in _DEFINED:
            why = f"is defined by {_DEFINED[name]} already"
            field = f"php_app_wordpress.settings.{name}"
            shown = None if name.endswith(("PASSWORD", "KEY", "SALT")) else value
            yield Problem(item, field, shown, why, "leave it out")


PHP_APP = Role(
    "php_app",
    {
        "name": matching(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,63}", "the name of a directory", "app"),
        "type": one_of("plain", "wordpress"),
        "packages": list_of(_PACKAGE),
        "package_directory": optional(PATH),
        "archive": optional(TEXT),
        "checksum": optional(TEXT),
        "archive_directory": optional(_BELOW),
        "cache": Kind(_cache, _OWN_DIRECTORY.example),
        "path": Kind(application_path, "/var/www/html"),
        "owner": USER,
        "group": _GROUP,
        "mode": _MODE,
        "hosts": list_of(TEXT, needed="give the hosts that serve it, such as [rs1, rs2]"),
        "shared": BOOLEAN,
        "files": secret(mapping_of(_BELOW, secret(Kind(_content, "<?php")))),
        "url": optional(_URL),
        "database": record(
            "",
            {
                "host": matching(
                    r"[0-9A-Za-z_.:\[][0-9A-Za-z_.:/\[\]-]{0,254}",
                    "an address or a host name",
                    "192.0.2.1",
                ),
                "name": DATABASE,
                "user": DATABASE_USER,
                "password": secret(TEXT),
            },
        ),
        "wordpress": record(
            "",
            {
                "title": TEXT,
                "user": matching(
                    r"(?=.{1,60}$)[0-9A-Za-z_.@*-]([0-9A-Za-z _.@*-]*[0-9A-Za-z_.@*-])?",
                    "a user name that WordPress takes",
                    "editor",
                ),
                "password": secret(TEXT),
                "email": MAIL,
                "language": matching(r"[a-z]{2,3}(_[A-Za-z0-9]+)*", "a language", "zh_CN"),
                "table_prefix": matching(r"[0-9A-Za-z_]{1,32}", "one that WordPress takes", "wp_"),
                "public": BOOLEAN,
                "settings": mapping_of(
                    Kind(_constant_name, "WP_DEBUG"), Kind(_constant, False, type="raw")
                ),
            },
        ),
    },
    rules=(_php_app_rules,),
)
