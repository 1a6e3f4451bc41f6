# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a description: what they mean, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Service
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import check_types as _types
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import checks as _checks
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import (
    HEALTH_CHECKERS,
    Check,
)
from check_examples import SQL, check_of, had_by, whole_check_of

WEB = Service("tcp", "192.0.2.1", 80)
MARK = Service(fwmark=10)


def read(given: Any, service: Service | None = WEB) -> Check:
    """A check that nothing is wrong with."""
    check, problems = _checks.read_check("service web", given, service)
    assert problems == []
    return check


def problem(given: Any, service: Service | None = WEB) -> str:
    """The one thing that is wrong with a check, as a sentence."""
    _, (found,) = _checks.read_check("service web", given, service)
    return str(found)


@pytest.mark.parametrize("manager", HEALTH_CHECKERS)
@pytest.mark.parametrize("check_type", _types.CHECK_TYPES)
def test_types(check_type: str, manager: str) -> None:
    """Each type can be read with what it needs, and with all that it has."""
    if check_type not in had_by(manager):
        assert manager not in _types.CHECK_TYPES[check_type].managers
        return
    for given in (check_of(check_type, manager), whole_check_of(check_type, manager)):
        check = read(given)
        assert check.type == check_type
        assert check.given == given.keys() - {"type"}


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("http", "check 'http' is not a mapping; give type and its fields."),
        ([], "check [] is not a mapping; give type and its fields."),
        ({"type": "htp"}, "check.type 'htp' is not known; use one of connect, http, https"),
        ({"type": True}, "check.type true is not known; use one of"),
        ({"type": ["http"]}, "check.type ['http'] is not known; use one of"),
        ({"type": "always", "interval": 5}, "check.interval is not a field of a check of type al"),
        ({"type": "http", "url": "/"}, "check.url is not a field of a check of type http; use"),
        ({"interval": 0}, "check.interval 0 is out of range; give seconds from 0.001 to 3600."),
        ({"interval": "soon"}, "check.interval 'soon' is not a number; give seconds"),
        ({"timeout": True}, "check.timeout true is not a number"),
        ({"failures": 0}, "check.failures 0 is out of range; give one from 1 to 100."),
        ({"port": 70000}, "check.port 70000 is out of range; give one from 1 to 65535."),
        ({"quiescent": "perhaps"}, "check.quiescent 'perhaps' is not a boolean; use true or"),
        ({"path": "index.html"}, "check.path 'index.html' is not the path of a page; give one"),
        ({"path": "/a b"}, "check.path '/a b' is not the path of a page; give one"),
        ({"expect": ""}, "check.expect '' is empty; give some text."),
        (
            {"expect": "one\ntwo"},
            "has a character that is no part of a line (U+000A); leave it out.",
        ),
        ({"expect": ["one"]}, "check.expect ['one'] is not text; put it in quotes, or give some."),
        (
            {"path": "/", "method": "POST"},
            "check.method 'POST' is not known; use one of GET, HEAD.",
        ),
        ({"path": "/", "status": "2xx"}, "check.status '2xx' is not a status of HTTP; give one"),
        ({"path": "/", "status": []}, "check.status [] is not a status of HTTP; give one"),
        ({"path": "/", "digest": "xyz"}, "check.digest 'xyz' is not a digest by MD5; give its 32"),
        ({"type": "udp", "reply": "xyz"}, "check.reply 'xyz' is not hexadecimal; give pairs of"),
        (
            {"type": "external", "command": "check --now"},
            "check.command 'check --now' is not the path of a program; give one such as",
        ),
        ({"type": "http_proxy", "url": "/"}, "check.url '/' is not a whole URL; give one such as"),
    ],
)
def test_values(check: Any, told: str) -> None:
    """Each that cannot be is told once, with the item, the field, the value and what to do."""
    found = problem(check)
    assert found.startswith("service web: check")
    assert told in found
    assert ";" in found


def test_what_is_wrong_is_data() -> None:
    """Each field is told by itself; what is wrong with it is at its default."""
    given = {"path": "/up", "interval": 0, "failures": "many", "usr": "me"}
    check, problems = _checks.read_check("service web", given, WEB)
    assert [(found.item, found.field, found.value) for found in problems] == [
        ("service web", "check.interval", 0),
        ("service web", "check.failures", "many"),
        ("service web", "check.usr", None),
    ]
    assert (check.type, check["path"], check["interval"], check["failures"]) == (
        "http",
        "/up",
        10,
        1,
    )
    assert check.given == {"path", "interval", "failures"}


@pytest.mark.parametrize("given", ["http", {"type": "htp", "quorum": 9}])
def test_what_cannot_be_read(given: Any) -> None:
    """It asks nothing, so that nothing else is told of it."""
    check, _ = _checks.read_check("service web", given, WEB)
    assert check == Check("always")


def test_secrets_are_not_told() -> None:
    """A password that cannot be is not repeated, nor is one where none belongs."""
    given = {**SQL, "password": "open\nsesame"}
    assert problem(given) == (
        "service web: check.password has a character that is no part of a line (U+000A); leave it"
        " out."
    )
    assert "sesame" not in problem({"type": "http", "password": "open sesame"})
    assert _checks.has_secrets(read(SQL))
    assert not _checks.has_secrets(read({**SQL, "password": None}))
    assert not _checks.has_secrets(read({"type": "http"}))


@pytest.mark.parametrize(
    ("service", "given", "check_type"),
    [
        (WEB, None, "connect"),
        (WEB, {}, "connect"),
        (WEB, {"type": None}, "connect"),
        (WEB, {"interval": 1}, "connect"),
        (WEB, {"path": "/up"}, "http"),
        (WEB._replace(port=443), {"expect": "ok"}, "https"),
        (WEB._replace(port=8080), {"expect": "ok"}, "http"),
        (WEB._replace(port=25), {"port": 8080, "expect": "ok"}, "http"),
        (WEB._replace(protocol="udp"), None, "ping"),
        (WEB._replace(protocol="sctp"), {"port": 81}, "ping"),
        (MARK, None, "ping"),
        (MARK, {"port": 81}, "connect"),
        (WEB._replace(port=0, persistent_timeout=60), None, "ping"),
        (WEB, {"type": "smtp"}, "smtp"),
    ],
)
def test_type_where_none_is_given(service: Service, given: Any, check_type: str) -> None:
    """What can be told from the service."""
    assert read(given, service).type == check_type


@pytest.mark.parametrize("field", ["type", "path", "expect", "port", "interval", "name"])
def test_what_is_null_is_not_given(field: str) -> None:
    """So it says nothing of the type either."""
    found = _checks.read_check("service web", {field: None}, WEB)
    assert found == _checks.read_check("service web", {}, WEB)


def test_a_service_that_could_not_be_read() -> None:
    """What is wrong with its check is told all the same, and nothing that may be right."""
    for given in ({"path": "/up"}, {"attempts": 3}, {"interval": 5}, {"type": "smtp"}, None):
        read(given, None)
    assert "check.path 'up' is not the path" in problem({"path": "up"}, None)
    assert "check.usr is not a field of a check of type connect" in problem({"usr": 1}, None)


def test_a_field_that_is_of_another_type() -> None:
    """Where nothing is there that speaks of a page, its fields are none."""
    told = problem({"path": "/up"}, WEB._replace(port=25))
    assert "check.path is not a field of a check of type connect; use one of interval," in told


def test_defaults() -> None:
    """A field that is not given, or given as nothing, has its default."""
    check = read({"path": "/up", "interval": "2", "timeout": 1.5, "port": None})
    assert check.type == "http"
    assert check["path"] == "/up"
    assert check["interval"] == 2
    assert check["timeout"] == 1.5
    assert check["failures"] == 1
    assert check["quiescent"] is False
    assert check["expect"] is None
    assert check["no such field"] is None
    assert check.given == {"path", "interval", "timeout"}
    # Most services say nothing of it, and share one.
    assert read(None) is read(None)


@pytest.mark.parametrize(
    ("check", "server", "port"),
    [
        ({"type": "connect"}, 8080, 8080),
        ({"type": "connect", "port": 81}, 8080, 81),
        ({"type": "https"}, 0, 443),
        ({"type": "ping"}, 80, None),
        ({"type": "always"}, 80, None),
    ],
)
def test_port_that_is_asked(check: dict[str, Any], server: int, port: int | None) -> None:
    """The check's own, the server's, or where neither has one, the usual one of the type."""
    assert _checks.asked_port(read(check), server) == port


def test_web_type() -> None:
    """The ports where pages are."""
    assert {port: _checks.web_type(port) for port in (80, 8080, 443, 81)} == {
        80: "http",
        8080: "http",
        443: "https",
        81: None,
    }
