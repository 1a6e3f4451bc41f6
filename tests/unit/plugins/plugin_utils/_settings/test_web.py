# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the variables of lamp_web and php_app may be."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.role import Role, read_settings
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.web import LAMP_WEB, PHP_APP

SITE: dict[str, Any] = {"name": "www.example.org", "document_root": "/var/www/wordpress"}
WORDPRESS: dict[str, Any] = {"title": "t", "user": "u", "password": "SECRETy", "email": "a@b.org"}


def told(role: Role, name: str, value: Any) -> list[str]:
    """What is wrong with a value of a variable."""
    return list(map(str, read_settings(role, {role.variable(name): value}.get, "host rs1")[1]))


@pytest.mark.parametrize(
    ("role", "name", "value"),
    [
        (LAMP_WEB, "virtual_hosts", [{**SITE, "aliases": ["*.a.b", "[fd00::1]"], "port": "8080"}]),
        (LAMP_WEB, "virtual_hosts", [{**SITE, "allow_override": "FileInfo Options=All,Indexes"}]),
        (LAMP_WEB, "virtual_hosts", [{**SITE, "tls": {"certificate": "/a b", "key": "/k"}}]),
        (LAMP_WEB, "virtual_hosts", [{**SITE, "document_root": "/usr/share/wordpress/"}]),
        (LAMP_WEB, "virtual_hosts", [{**SITE, "directives": ["<Location />", "</Location>"]}]),
        (LAMP_WEB, "directory_index", ["disabled"]),
        (
            LAMP_WEB,
            "php_settings",
            {"memory_limit": "64M", "own.setting": 5, "display_errors": True},
        ),
        (LAMP_WEB, "first_is_default", "no"),
        (PHP_APP, "url", "https://[2001:db8::1]:8443/blog/~a?"[:-1]),
        (PHP_APP, "url", ""),
        (PHP_APP, "url", "http://www.example.org:65535"),
        (PHP_APP, "cache", "~/.cache/lvs-cluster"),
        # What the role's default is for root.
        (PHP_APP, "cache", "/root/.cache/lvs-cluster"),
        (PHP_APP, "files", {"conf/config.php": "<?php\n\t$a = 'b';\n", "empty": ""}),
        (PHP_APP, "mode", "u=rwX,g=rX,o="),
        (PHP_APP, "mode", "0750"),
        (PHP_APP, "wordpress", {**WORDPRESS, "settings": {"A": "it's", "B": False, "C": 0.5}}),
        (PHP_APP, "database", {"host": "localhost:/run/x.sock", "password": "p'\"\\"}),
    ],
)
def test_what_may_be(role: Role, name: str, value: Any) -> None:
    assert told(role, name, value) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": None}, "lamp_web_virtual_hosts.name is not given;"),
        ({"name": "a b"}, "name 'a b' is not a host name; give one such as www.example.org."),
        ({"aliases": "a"}, "aliases 'a' is not a list; write it as a list: [a]."),
        ({"aliases": ["a\nb"]}, "aliases 'a\\nb' has a character that is no part of a line"),
        ({"document_root": "site"}, "'site' is not the whole path of a file;"),
        ({"document_root": "/var/../etc"}, "'/var/../etc' is a directory of the system,"),
        ({"document_root": "/srv/../var/www/"}, "is spelled in a roundabout way; give /var/www."),
        ({"name": "www..example.org"}, "'www..example.org' is not a host name;"),
        ({"document_root": "/etc"}, "'/etc' is a directory of the system, and none for an appl"),
        ({"document_root": "/"}, "'/' is a directory of the system,"),
        ({"document_root": "/root/site"}, "is a directory of the system,"),
        ({"document_root": "/var/www/*"}, "has a character that stands for others"),
        ({"document_root": "/var/www/${x}"}, "has what Apache puts a variable in place of"),
        ({"port": 0}, "port 0 is out of range; give one from 1 to 65535."),
        ({"port": "http"}, "port 'http' is not a whole number;"),
        ({"root": "/x"}, "lamp_web_virtual_hosts.root is not a field of it;"),
        ({"directory_index": "x"}, "directory_index 'x' is not a list; write it as a list: [x]."),
        ({"directory_index": ["a\nRequire all denied"]}, "has a character that is no part of a"),
        ({"directory_index": []}, "directory_index [] is empty; give one such as [index.php],"),
        ({"allow_override": "Everything"}, "is not what Apache's AllowOverride takes;"),
        ({"tls": {"certificate": "/a"}}, "lamp_web_virtual_hosts.tls.key is not given;"),
        ({"tls": {"certificate": '/a"\nX', "key": "/b"}}, "tls.certificate '/a\"\\nX' has a char"),
        ({"tls": {"certificate": "/a", "key": "b"}}, "tls.key 'b' is not the whole path"),
        ({"tls": "/a"}, "lamp_web_virtual_hosts.tls '/a' is not a mapping; give certificate, key."),
        ({"directives": ["</VirtualHost>"]}, "begins or ends a virtual host, which is an entry"),
        ({"directives": ["<Location />"]}, "directives '<Location>' is not closed; close it by"),
        ({"directives": [5]}, "directives 5 is not text;"),
        ({"directives": ["a\nb"]}, "directives 'a\\nb' has a character that is no part of a"),
        ({"directives": ["a \\"]}, "goes on in the next line;"),
    ],
)
def test_virtual_hosts(change: dict[str, Any], sentence: str) -> None:
    (only,) = told(LAMP_WEB, "virtual_hosts", [{**SITE, **change}])
    assert sentence in only


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("php_children", -3, "lamp_web_php_children -3 is out of range; give one from 1 to"),
        ("php_settings", {"memory_limit": "1M\nlisten.mode = 0666"}, "is no part of a line"),
        ("php_settings", {"memory_limit]\nuser = root ;": 1}, "is no part of a line"),
        ("php_settings", {"memory limit": 1}, "'memory limit' is not the name of a setting of PHP"),
        ("php_settings", {"memory_limt": "1M"}, "is not a setting of PHP; give memory_limit."),
        ("php_settings", {"memory_limit": [1]}, "is neither text, a number nor a boolean;"),
        ("php_settings", {"error_log": '"/a"'}, "has quotes of its own; give it without them."),
        ("modules", "rewrite", "'rewrite' is not a list; write it as a list: [rewrite]."),
        ("modules", ["no such"], "'no such' is not the name of a module of Apache;"),
        ("modules", ["../x"], "is not the name of a module of Apache;"),
        ("directory_index", "index.php", "is not a list; write it as a list: [index.php]."),
        ("directory_index", ["a\nb"], "is no part of a line"),
        ("php_extensions", ["a b"], "'a b' is not the name of an extension of PHP;"),
        ("selinux_booleans", ["a b"], "is not the name of a boolean of SELinux;"),
        ("first_is_default", "perhaps", "is not a boolean;"),
    ],
)
def test_web_servers(name: str, value: Any, sentence: str) -> None:
    (only,) = told(LAMP_WEB, name, value)
    assert sentence in only


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("name", "../x", "php_app_name '../x' is not the name of a directory;"),
        ("path", "/var/www/a\nb", "is no part of a line"),
        ("path", "html", "is not the whole path of a file;"),
        ("path", "/usr", "is a directory of the system,"),
        ("owner", "nobody here", "'nobody here' is not the name of a user;"),
        ("owner", "", "php_app_owner '' is empty;"),
        ("group", "x y", "'x y' is not the name of a group;"),
        ("mode", 755, "php_app_mode 755 is not text; put it in quotes,"),
        ("mode", "0644", "'0644' is not a mode in symbols; give one such as u=rwX,g=rX,o=."),
        ("hosts", "rs1", "php_app_hosts 'rs1' is not a list; write it as a list: [rs1]."),
        ("hosts", [], "php_app_hosts [] is empty; give the hosts that serve it,"),
        ("shared", "perhaps", "is not a boolean;"),
        ("files", {"a": None}, "php_app_files.a is not text; give the content of the file."),
        ("files", {"/etc/x": ""}, "'/etc/x' is not a path below another;"),
        ("files", {"a/../../x": ""}, "is not a path below another;"),
        ("files", "SECRET", "php_app_files is not a mapping;"),
        ("url", "www.example.org", "'www.example.org' is not a URL; give one such as http://www.e"),
        ("url", "http://a'b", "is not a URL;"),
        ("url", "http://a:65536/", "is not a URL;"),
        ("cache", "downloads", "'downloads' is not the whole path of a directory;"),
        ("cache", "/root/../etc", "'/root/../etc' is a directory of the system, and others"),
        ("cache", "/root", "'/root' is a directory of the system, and others could not get in"),
        ("cache", "/etc/", "'/etc/' is a directory of the system, and others could not get in"),
        ("url", "http://a/b\n", "is no part of a line"),
        ("archive_directory", "../x", "is not a path below another;"),
        (
            "database",
            {"user": "a'b"},
            'php_app_database.user "a\'b" is not the name of a user of M',
        ),
        ("database", "user:SECRET", "php_app_database is not a mapping;"),
        ("wordpress", {**WORDPRESS, "email": "nope"}, "email 'nope' is not an address;"),
        ("wordpress", {**WORDPRESS, "table_prefix": "a-b"}, "is not one that WordPress takes;"),
        ("wordpress", {**WORDPRESS, "user": "é"}, "is not a user name that WordPress takes;"),
        (
            "wordpress",
            {**WORDPRESS, "settings": {"A'); system('id": 1}},
            "is not the name of",
        ),
        ("wordpress", {**WORDPRESS, "settings": {"A": [1]}}, "is neither text, a number nor a boo"),
        ("wordpress", {**WORDPRESS, "settings": {"DB_HOST": "x"}}, "is defined by php_app_databas"),
        ("wordpress", {**WORDPRESS, "settings": {"AUTH_KEY": "SECRET"}}, "is defined by the role"),
    ],
)
def test_applications(name: str, value: Any, sentence: str) -> None:
    (only,) = told(PHP_APP, name, value)
    assert sentence in only
    assert "SECRET" not in only
