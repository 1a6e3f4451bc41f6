# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of virtual hosts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.virtual_hosts import (
    virtual_host_problems,
)

HOST: dict[str, Any] = {"name": "www.example.org", "document_root": "/var/www/site"}
TLS = {"certificate": "/etc/ssl/site.pem", "key": "/etc/ssl/private/site.pem"}


def problems(*hosts: Any) -> list[str]:
    return virtual_host_problems(hosts, "fpm", "Debian", "13")


def test_nothing_is_said_of_what_works() -> None:
    assert problems() == []
    assert problems(HOST, {**HOST, "tls": TLS}, {**HOST, "port": 8080, "aliases": ["*.a.b"]}) == []
    assert problems({**HOST, "name": "192.168.0.111"}, {**HOST, "name": "[fd00::1]"}) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "virtual host 1: name is not given; give the name that clients ask for."),
        ({"name": "a b"}, "virtual host a b: name 'a b' is not a host name; give one, such as"),
        ({"aliases": ["a\nb"]}, r"virtual host www.example.org: aliases 'a\nb' is not a host name"),
        ({"document_root": ""}, "virtual host www.example.org: document_root '' is not a"),
        ({"document_root": "site"}, "virtual host www.example.org: document_root 'site' is not a"),
        ({"document_root": "/"}, "virtual host www.example.org: document_root '/' is not a"),
        ({"document_root": '/a"b'}, "virtual host www.example.org: document_root '/a\"b' is not a"),
        ({"port": 70000}, "virtual host www.example.org: port 70000 is not a port; give a number"),
        ({"port": "http"}, "virtual host www.example.org: port 'http' is not a port"),
        ({"root": "/x"}, "virtual host www.example.org: root is not a field of a virtual host;"),
        (
            {"tls": {"key": "/x"}},
            "virtual host www.example.org: tls.certificate is not given; give the file on the host",
        ),
    ],
)
def test_hosts_refused(change: dict[str, Any], sentence: str) -> None:
    (problem,) = problems({**HOST, **change})
    assert problem.startswith(sentence)


def test_one_name_and_port_twice() -> None:
    assert problems(HOST, HOST) == [
        "virtual host www.example.org: port 80 is named twice; leave out one of the two."
    ]


def test_what_is_no_mapping() -> None:
    assert problems("www") == ["virtual host 1: 'www' is not a mapping; give name: and its name."]


@pytest.mark.parametrize(
    ("family", "release", "there"),
    [("RedHat", "8", True), ("RedHat", "9", False), ("Debian", "13", True)],
)
def test_php_in_apache(family: str, release: str, there: bool) -> None:
    found = virtual_host_problems([], "module", family, release)
    assert found == ([] if there else ["lamp_web_php: module is not there on RedHat 9; use fpm."])
