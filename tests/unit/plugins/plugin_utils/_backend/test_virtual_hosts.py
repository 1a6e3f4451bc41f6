# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of virtual hosts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.virtual_hosts import (
    modules,
    packages,
    ports,
    virtual_host_problems,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._problem import Problem

HOST: dict[str, Any] = {"name": "www.example.org", "document_root": "/var/www/site"}
TLS = {"certificate": "/etc/ssl/site.pem", "key": "/etc/ssl/private/site.pem"}


def problems(*hosts: Any) -> list[Problem]:
    return virtual_host_problems(hosts, "fpm", "Debian", "13")


def test_nothing_is_said_of_what_works() -> None:
    assert problems() == []
    assert problems(HOST, {**HOST, "tls": TLS}, {**HOST, "port": 8080, "aliases": ["*.a.b"]}) == []
    assert problems({**HOST, "name": "192.168.0.111"}, {**HOST, "name": "[fd00::1]"}) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "virtual host 1: name is not given; give the name that clients ask for."),
        ({"aliases": "a"}, "virtual host www.example.org: aliases 'a' is not a list; give a list"),
        ({"name": "a b"}, "virtual host a b: name 'a b' is not a host name; give one, such as"),
        ({"aliases": ["a\nb"]}, r"virtual host www.example.org: aliases 'a\nb' is not a host name"),
        ({"document_root": ""}, "virtual host www.example.org: document_root '' is not a"),
        ({"document_root": "site"}, "virtual host www.example.org: document_root 'site' is not a"),
        ({"document_root": "/"}, "virtual host www.example.org: document_root '/' is not a"),
        ({"document_root": '/a"b'}, "virtual host www.example.org: document_root '/a\"b' is not a"),
        ({"port": 70000}, "virtual host www.example.org: port 70000 is not a port; give a number"),
        ({"port": "http"}, "virtual host www.example.org: port 'http' is not a port"),
        (
            {"root": "/x"},
            "virtual host www.example.org: root is not a field of it; use one of name,",
        ),
        (
            {"tls": {"key": "/x"}},
            "virtual host www.example.org: tls.certificate is not given; give the file on the host",
        ),
    ],
)
def test_hosts_refused(change: dict[str, Any], sentence: str) -> None:
    (problem,) = problems({**HOST, **change})
    assert str(problem).startswith(sentence)


def test_one_name_and_port_twice() -> None:
    (problem,) = problems(HOST, HOST)
    assert problem == Problem(
        "virtual host www.example.org",
        "port",
        80,
        "is that of another virtual host of this name",
        "leave out one of the two",
    )


def test_what_is_no_mapping() -> None:
    (problem,) = problems("www")
    assert str(problem) == (
        "virtual host 1 of lamp_web_virtual_hosts: 'www' is not a mapping; give name and"
        " document_root."
    )
    (problem,) = virtual_host_problems("www", "fpm", "Debian", "13")
    assert str(problem).startswith("lamp_web_virtual_hosts 'www' is not a list; give a list of")


@pytest.mark.parametrize(
    ("family", "release", "there"),
    [("RedHat", "8", True), ("RedHat", "9", False), ("Debian", "13", True)],
)
def test_php_in_apache(family: str, release: str, there: bool) -> None:
    found = virtual_host_problems([], "module", family, release)
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
    hosts = [HOST, {**HOST, "tls": TLS}, {**HOST, "port": 8080}, {**HOST, "port": "8080"}]
    assert ports([*hosts, {**HOST, "port": 80}, {**HOST, "port": 8443}]) == [8080, 8443]
