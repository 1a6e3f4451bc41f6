# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input of every kind in every place of the backends' variables.

Each is refused in a sentence, or what is written says it in one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.lvs.cluster.plugins.lookup.plan import LookupModule
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.roles import BACKENDS

FACTS = {"os_family": "Debian", "distribution_major_version": "13"}
FOUND = {"passwd": ["archive:x:2001:2001::/:"], "group": ["archive:x:2001:"]}
# With every field that there is.
GOOD: dict[str, Any] = {
    "nfs_server_exports": [
        {
            "path": "/srv/data",
            "clients": ["192.0.2.0/24", {"host": "nas", "options": ["ro"]}],
            "options": ["sync", "anonuid=65534"],
            "fsid": 1,
            "owner": "archive",
            "group": "archive",
            "mode": "0770",
            "acl": [
                {
                    "etype": "user",
                    "entity": "archive",
                    "permissions": "rwx",
                    "default": False,
                    "state": "present",
                }
            ],
            "insecure": False,
        }
    ],
    "nfs_server_options": ["rw"],
    "nfs_server_accounts": [{"user": "archive", "uid": 2001, "group": "archive", "gid": 2001}],
    "nfs_server_versions": ["3"],
    "nfs_server_mountd_port": 4001,
    "nfs_server_statd_port": 4002,
    "nfs_server_lockd_port": 4003,
    "nfs_client_mounts": [
        {
            "source": "nas:/srv",
            "path": "/data",
            "version": "4.2",
            "options": ["ro", "timeo=600"],
            "state": "mounted",
        }
    ],
    "nfs_client_accounts": [{"user": "archive", "uid": 2001}],
    "lamp_db_bind_address": "127.0.0.1",
    "lamp_db_port": 3306,
    "lamp_db_skip_name_resolve": True,
    "lamp_db_settings": {"max_connections": 200},
    "lamp_db_databases": [
        {"name": "shop", "encoding": "utf8mb4", "collation": "utf8mb4_unicode_ci"}
    ],
    "lamp_db_users": [
        {
            "name": "shop",
            "hosts": ["192.0.2.%"],
            "password": "secret",
            "privileges": {"shop.*": "ALL"},
            "state": "present",
        }
    ],
    "lamp_db_root_socket_only": True,
    "lamp_web_php": "fpm",
    "lamp_web_php_extensions": ["xml"],
    "lamp_web_php_settings": {"memory_limit": "64M"},
    "lamp_web_php_children": 10,
    "lamp_web_virtual_hosts": [
        {
            "name": "www.example.org",
            "aliases": ["example.org"],
            "port": 443,
            "document_root": "/var/www/site",
            "directory_index": ["index.php"],
            "allow_override": "None",
            "tls": {"certificate": "/etc/ssl/site.pem", "key": "/etc/ssl/site.key"},
            "directives": ["Header set X-Site one"],
        }
    ],
    "lamp_web_directory_index": ["index.php"],
    "lamp_web_first_is_default": False,
    "lamp_web_modules": ["rewrite"],
    "lamp_web_selinux_booleans": ["httpd_use_nfs"],
    "php_app_name": "site",
    "php_app_type": "wordpress",
    "php_app_packages": ["wordpress"],
    "php_app_package_directory": "/usr/share/wordpress",
    "php_app_archive": "",
    "php_app_checksum": "",
    "php_app_archive_directory": "upload",
    "php_app_cache": "/cache",
    "php_app_path": "/var/www/site",
    "php_app_owner": "www-data",
    "php_app_group": "www-data",
    "php_app_mode": "u=rwX",
    "php_app_hosts": ["web"],
    "php_app_shared": False,
    "php_app_files": {"config.php": "<?php"},
    "php_app_url": "http://www.example.org",
    "php_app_database": {"host": "db", "name": "shop", "user": "shop", "password": "secret"},
    "php_app_wordpress": {
        "title": "t",
        "user": "editor",
        "password": "secret",
        "email": "e@example.org",
        "language": "zh_CN",
        "table_prefix": "wp_",
        "public": True,
        "settings": {"WP_DEBUG": False},
    },
}
BAD: tuple[Any, ...] = (
    *(None, True, 0, -1, 0.5, 2**64, 1e400, "", " ", "no", "ünï\u202e", "a\x00b", "x" * 5000),
    *("a\nb", "a\n", "a\r\nuser = root", "a'b", 'a"b', 'a"\nX', "a`b", "a\\", "a;b", "a # b"),
    *("${HOME}", "$(id)", "*", "../x", "/etc/../x", "-x", "a,b", "rw) *(rw", "</VirtualHost>"),
    *("]\nuser = root ;", "'); system('id", "5\nskip-grant-tables", "ALL/*.*:ALL", "/srv /etc"),
    *([], {}, [[]], [{}], [None], ["a\nb"], {"a\nb": 1}, {"a": {"b": 1}}, {5: None}, (1,)),
)
# What roles write of a plan, or hand on to programs.
WRITTEN = {
    "nfs_server": ("lines", "hosts", "look_ups", "directories", "acl"),
    "nfs_client": ("steps", "look_ups"),
    "lamp_db": ("lines", "databases", "accounts", "absent_accounts"),
    "lamp_web": ("sections", "pool_lines", "module_lines", "modules", "packages", "ports"),
    "php_app": ("links", "packages", "archive", "hosts"),
}


def places(value: Any) -> Iterator[tuple[Any, ...]]:
    """Give the way to each part of a value, and to the keys that are the user's."""
    yield ()
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ((key, *way) for way in places(inner))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from ((number, *way) for way in places(inner))


def replaced(value: Any, way: tuple[Any, ...], bad: Any) -> Any:
    """Return a value with another one in one place."""
    if not way:
        return bad
    inner = replaced(value[way[0]], way[1:], bad)
    if isinstance(value, dict):
        return {**value, way[0]: inner}
    return [inner if number == way[0] else entry for number, entry in enumerate(value)]


def texts(value: Any) -> Iterator[str]:
    """Give all that is text in a plan."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def plan(term: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Return what the lookup gives for a host."""
    known = {
        "inventory_hostname": "web",
        "hostvars": {"web": {}},
        "ansible_facts": FACTS,
        **GOOD,
        **variables,
    }
    lookup = LookupModule(loader=None, templar=Templar(loader=DataLoader(), variables=known))
    (found,) = lookup.run([term], known, found=FOUND, fstab="", mountinfo="")
    return dict(found)


@pytest.mark.parametrize("term", WRITTEN)
def test_nothing_is_said_of_what_works(term: str) -> None:
    """All that is below is about one value that differs from this."""
    assert plan(term, {})["problems"] == []


@pytest.mark.parametrize("name", GOOD)
def test_bad_input(name: str) -> None:
    """In each of the places of a variable."""
    (term,) = [role.name for role in BACKENDS if name.startswith(f"{role.name}_")]
    for way in places(GOOD[name]):
        for bad in BAD:
            found = plan(term, {name: replaced(GOOD[name], way, bad)})
            for problem in found["problems"]:
                assert problem["message"].isprintable(), (way, bad)
                assert problem["message"].endswith("."), (way, bad)
                assert problem["why"], (way, bad)
                assert problem["advice"], (way, bad)
            if not found["problems"]:
                told = [found.get(part) for part in WRITTEN[term]]
                assert all(text.replace("\t", "").isprintable() for text in texts(told)), (way, bad)


@pytest.mark.parametrize("name", ["lamp_db_settings", "lamp_web_php_settings", "php_app_files"])
def test_bad_names(name: str) -> None:
    """Where they are the user's."""
    (term,) = [role.name for role in BACKENDS if name.startswith(f"{role.name}_")]
    for bad in BAD:
        if isinstance(bad, str):
            found = plan(term, {name: {bad: "1"}})
            told = [found.get(part) for part in WRITTEN[term]]
            assert all(problem["message"].isprintable() for problem in found["problems"]), bad
            assert all(text.isprintable() for text in texts(told)), bad
