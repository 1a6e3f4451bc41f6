# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a description: what they mean, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import checks as _checks
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import model as _checks_model
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import checks as _checks_checks
from described import CHECKS, SQL, service


def checked(**check: Any) -> dict[str, Any]:
    """A service with this check."""
    return service(check=check)


@pytest.mark.parametrize("manager", _checks_model.HEALTH_CHECKERS)
@pytest.mark.parametrize("check_type", _checks.CHECK_TYPES)
def test_types(check_type: str, manager: str) -> None:
    """Each type is good for those who have it, and refused for the other one, with a mend."""
    check = {"type": check_type, **CHECKS.get(check_type, {})}
    if check_type == "dns" and manager == "keepalived":
        del check["expect"]
    problems = _checks_checks.check_problems(service(check=check), [manager])
    if manager in _checks.CHECK_TYPES[check_type].managers:
        assert problems == []
        return
    (problem,) = problems
    assert problem.startswith(f"check.type {check_type} is not one that {manager} has; use one of")
    assert "connect" in problem


def test_nobody_checks() -> None:
    """Without a health checker any check that holds together will do: verify reads it, too."""
    assert _checks_checks.check_problems(checked(type="mysql"), ["static"]) == []
    assert _checks_checks.check_problems(checked(type="udp", payload="00"), ["static"]) == []
    assert _checks_checks.check_problems(service(), ["static", "ldirectord", "keepalived"]) == []
    (problem,) = _checks_checks.check_problems(checked(type="http", url="/"), ["static"])
    assert problem.startswith("check.url is not a field of a check of type http; use one of path,")


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("http", "check 'http' is not a mapping; give type and its fields."),
        ({"type": "htp"}, "check.type 'htp' is not known; use one of connect, http, https"),
        ({"type": True}, "check.type True is not known; use one of"),
        ({"type": "always", "interval": 5}, "check.interval is not a field of a check of type al"),
        ({"interval": 0}, "check.interval 0 is not a time; give seconds, such as 5."),
        ({"interval": "soon"}, "check.interval 'soon' is not a time; give seconds"),
        ({"timeout": True}, "check.timeout True is not a time"),
        ({"failures": 0}, "check.failures 0 is out of range; give a number from 1 to 100."),
        ({"port": 70000}, "check.port 70000 is out of range; give a number from 1 to 65535."),
        ({"quiescent": "perhaps"}, "check.quiescent 'perhaps' is not a boolean; use true or"),
        ({"path": "index.html"}, "check.path 'index.html' is not the path of a page; give one"),
        ({"path": "/a b"}, "check.path '/a b' is not the path of a page; give one"),
        ({"expect": ""}, "check.expect '' is no text; give some."),
        ({"expect": "one\ntwo"}, "has a line break or a control character; leave it out."),
        ({"expect": ["one"]}, "check.expect ['one'] is no text; give some."),
        (
            {"path": "/", "method": "POST"},
            "check.method 'POST' is not known; use one of GET, HEAD.",
        ),
        ({"path": "/", "status": "2xx"}, "check.status '2xx' is not a status of HTTP; give one"),
        ({"path": "/", "status": []}, "check.status [] is not a status of HTTP; give one"),
        ({"path": "/", "digest": "xyz"}, "check.digest 'xyz' is not hexadecimal; give pairs"),
        (
            {"type": "external", "command": "check --now"},
            "check.command 'check --now' is not the path of a program; give one such as",
        ),
        ({"type": "http_proxy", "url": "/"}, "check.url '/' is not a whole URL; give one such as"),
    ],
)
def test_values(check: Any, told: str) -> None:
    """Each that cannot be is told once, with the field, the value and the mend."""
    (problem,) = _checks_checks.check_problems(service(check=check), ["static"])
    assert told in problem
    assert ";" in problem


@pytest.mark.parametrize(
    ("check", "manager", "told"),
    [
        ({"quorum": 2}, "ldirectord", "check.quorum is nothing that ldirectord has for type conn"),
        ({"path": "/", "method": "HEAD"}, "keepalived", "check.method is nothing that keepalived"),
        ({"type": "ping", "attempts": 3}, "keepalived", "check.attempts is nothing that keepal"),
        ({"path": "/", "connects_between": 3}, "keepalived", "check.connects_between is nothing"),
        ({"type": "mysql", **SQL, "query": None}, "ldirectord", "check.query is not given, and"),
        ({"type": "dns", "name": "a"}, "ldirectord", "check.expect is not given, and ldirectord"),
    ],
)
def test_what_one_has_and_the_other_has_not(check: dict[str, Any], manager: str, told: str) -> None:
    """Each is refused for the one, and never left out in silence."""
    (problem,) = _checks_checks.check_problems(service(check=check), [manager])
    assert problem.startswith(told)
    assert ";" in problem


def test_secrets_are_not_told() -> None:
    """A password that cannot be is not repeated."""
    check = {"type": "pgsql", **SQL, "password": "open\nsesame"}
    (problem,) = _checks_checks.check_problems(service(check=check), ["ldirectord"])
    assert problem == ("check.password has a line break or a control character; leave it out.")
    assert _checks.secrets_of(checked(type="mysql", **SQL)) == ["pass word"]
    assert _checks.secrets_of(checked(type="http")) == []


def test_what_there_is_to_connect_to() -> None:
    """A check by TCP needs a port, and a service by TCP."""
    marked = {"fwmark": 10, "check": {"type": "connect"}}
    (problem,) = _checks_checks.check_problems(marked, ["ldirectord"])
    assert problem.startswith("check.port is not given, and the service has no port that a check")
    udp = service(protocol="udp", check={"type": "connect"})
    (problem,) = _checks_checks.check_problems(udp, ["keepalived"])
    assert problem.startswith(
        "check.type connect would connect by TCP, and the service is udp; use"
    )


@pytest.mark.parametrize(
    ("described", "check_type"),
    [
        (service(), "connect"),
        (service(check={"interval": 1}), "connect"),
        (service(check={"path": "/up"}), "http"),
        (service(port=443, check={"expect": "ok"}), "https"),
        (service(port=25, check={"port": 8080, "expect": "ok"}), "http"),
        (service(protocol="udp"), "ping"),
        ({"fwmark": 10}, "ping"),
        (service(port=0, persistent_timeout=60), "ping"),
        (service(check={"type": "smtp"}), "smtp"),
    ],
)
def test_type_where_none_is_given(described: dict[str, Any], check_type: str) -> None:
    """What can be told from the service."""
    assert _checks.type_of(described) == check_type


def test_defaults() -> None:
    """A field that is not given, or given as nothing, has its default."""
    check = _checks.check_of(checked(path="/up", interval="2", timeout=1.5, port=None))
    assert check.type == "http"
    assert check["path"] == "/up"
    assert check["interval"] == 2
    assert check["timeout"] == 1.5
    assert check["failures"] == 1
    assert check["quiescent"] is False
    assert check["expect"] is None
    assert check["no such field"] is None
    assert _checks.check_of(service()).type == "connect"


@pytest.mark.parametrize(
    ("check", "server", "port"),
    [
        ({"type": "connect"}, {"port": 8080}, 8080),
        ({"type": "connect", "port": 81}, {"port": 8080}, 81),
        ({"type": "https"}, {"port": 0}, 443),
        ({"type": "ping"}, {"port": 80}, None),
        ({"type": "always"}, {"port": 80}, None),
    ],
)
def test_port_that_is_asked(check: dict[str, Any], server: dict[str, Any], port: Any) -> None:
    """The check's own, the server's, or where neither has one, the usual one of the type."""
    assert _checks.asked_port(service(check=check), server) == port
