# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of virtual hosts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.virtual_hosts import (
    module_lines,
    modules,
    packages,
    pool_lines,
    ports,
    sections,
    virtual_host_problems,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem

HOST: dict[str, Any] = {"name": "www.example.org", "document_root": "/var/www/site"}
TLS = {"certificate": "/etc/ssl/site.pem", "key": "/etc/ssl/private/site.pem"}


def problems(*hosts: Any) -> list[Problem]:
    return list(virtual_host_problems(hosts, "fpm", "Debian", "13"))


def test_nothing_is_said_of_what_works() -> None:
    assert problems() == []
    assert problems(HOST, {**HOST, "tls": TLS}, {**HOST, "port": 8080, "aliases": ["*.a.b"]}) == []
    assert problems({**HOST, "name": "192.168.0.111"}, {**HOST, "name": "[fd00::1]"}) == []


@pytest.mark.parametrize(
    ("others", "change", "why"),
    [
        ((), {"port": 443}, "is listened at only where there is TLS"),
        ((), {"port": 80, "tls": TLS}, "is shared with the distribution's own site, and only one"),
        (({**HOST, "port": 8443, "tls": TLS},), {"name": "b", "port": 8443}, "is shared with virt"),
    ],
)
def test_ports_refused(others: Any, change: dict[str, Any], why: str) -> None:
    (problem,) = problems(*others, {**HOST, **change})
    assert problem.field == "lamp_web_virtual_hosts.port"
    assert problem.why.startswith(why)


def test_one_name_and_port_twice() -> None:
    (problem,) = problems(HOST, HOST)
    assert problem == Problem(
        "virtual host www.example.org",
        "lamp_web_virtual_hosts.port",
        80,
        "is that of another virtual host of this name",
        "leave out one of the two",
    )


@pytest.mark.parametrize(
    ("family", "release", "there"),
    [("RedHat", "8", True), ("RedHat", "9", False), ("Debian", "13", True)],
)
def test_php_in_apache(family: str, release: str, there: bool) -> None:
    found = list(virtual_host_problems([], "module", family, release))
    problem = Problem("", "lamp_web_php", "module", "is not there on RedHat 9", "use fpm")
    assert found == ([] if there else [problem])


@pytest.mark.parametrize(
    ("family", "php", "there"),
    [
        ("Debian", "fpm", ["apache2", "php-fpm", "php", "php-mysql", "php-gd"]),
        ("Debian", "module", ["apache2", "libapache2-mod-php", "php", "php-mysql", "php-gd"]),
        ("Debian", "none", ["apache2"]),
        ("RedHat", "fpm", ["httpd", "mod_ssl", "php-fpm", "php-mysqlnd", "php-gd"]),
        ("RedHat", "module", ["httpd", "mod_ssl", "php", "php-mysqlnd", "php-gd"]),
        ("RedHat", "none", ["httpd", "mod_ssl"]),
    ],
)
def test_packages(family: str, php: str, there: list[str]) -> None:
    """By the distribution's own names; TLS is a package of its own on RHEL-like systems only."""
    assert packages([{**HOST, "tls": TLS}], php, ["mysql", "gd"], family) == there
    assert "mod_ssl" not in packages([HOST], php, ["mysql", "gd"], family)


def test_modules() -> None:
    """What is installed is enabled on RHEL-like systems."""
    tls = {**HOST, "tls": TLS}
    assert modules([HOST, tls], "fpm", ["rewrite"], "Debian") == (
        ["proxy_fcgi", "setenvif", "ssl", "rewrite"]
    )
    assert modules([HOST], "module", [], "Debian") == []
    assert modules([tls], "fpm", ["rewrite"], "RedHat") == []


def test_ports() -> None:
    """Each once, without those at which Apache listens by itself."""
    hosts = [HOST, {**HOST, "tls": TLS}, {**HOST, "port": 8080}, {**HOST, "port": 8080}]
    assert ports([*hosts, {**HOST, "port": 80}, {**HOST, "port": 8443}]) == [8080, 8443]


def test_sections() -> None:
    """Each argument as Apache's file has it."""
    host = {**HOST, "aliases": ["*.example.org", "[fd00::1]"], "document_root": '/var/www/a "b"'}
    (plain,) = sections({"virtual_hosts": [host], "directory_index": ["index.php", "a;b.html"]})
    assert plain == {
        "port": 80,
        "name": "www.example.org",
        "aliases": "*.example.org [fd00::1]",
        "document_root": '"/var/www/a \\"b\\""',
        "directory": '"/var/www/a \\"b\\""',
        "directory_index": 'index.php "a;b.html"',
        "allow_override": "None",
        "tls": {},
        "directives": [],
    }
    own = {**HOST, "tls": TLS, "directory_index": ["x"], "directives": ["Header set A b"]}
    (site,) = sections({"virtual_hosts": [own], "directory_index": ["index.php"]})
    assert (site["port"], site["directory_index"]) == (443, "x")
    assert site["tls"]["key"] == '"/etc/ssl/private/site.pem"'
    assert site["directives"] == ["Header set A b"]


def test_settings_of_php() -> None:
    """In the order of their names, whatever their case."""
    settings = {"php_settings": {"memory_limit": "64M", "error_log": "/a;b", "SMTP": True}}
    assert pool_lines(settings) == [
        "php_admin_value[error_log] = '/a;b'",
        "php_admin_value[memory_limit] = 64M",
        "php_admin_value[SMTP] = on",
    ]
    assert module_lines(settings) == [
        'php_admin_value error_log "/a;b"',
        'php_admin_value memory_limit "64M"',
        'php_admin_value SMTP "on"',
    ]
