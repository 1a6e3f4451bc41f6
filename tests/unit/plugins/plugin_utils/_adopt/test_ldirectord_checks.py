# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of ldirectord.cf."""

from __future__ import annotations

from typing import Any

import pytest
from adopted import ldirectord, left_out, service
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.ldirectord import virtual_sections
from check_examples import check_of, had_by, whole_check_of
from described import cluster
from described import service as described

LDIRECTORD = {"director": {"director_manager": "ldirectord"}}
SERVERS = [{"address": "192.168.137.131"}, {"address": "192.168.137.130"}]


def rendered(own: dict[str, Any]) -> list[str]:
    """A service in the words of ldirectord.cf."""
    (lines,) = virtual_sections(cluster(own, **LDIRECTORD), True)
    return lines


def with_values(found: Any, result: dict[str, Any]) -> Any:
    """A check with the secrets that it refers to."""
    known = {f"{{{{ {one['variable']} }}}}": one["value"] for one in result["secrets"]}
    return {name: known.get(str(value), value) for name, value in found.items()}


@pytest.mark.parametrize("check_type", had_by("ldirectord"))
@pytest.mark.parametrize("make", [check_of, whole_check_of])
def test_there_and_back(make: Any, check_type: str) -> None:
    """Each type, with what it needs and with all that it has, is read as it was written."""
    lines = rendered(described(real_servers=SERVERS, check=make(check_type, "ldirectord")))
    result = ldirectord("\n\t".join(lines) + "\nfork=yes\n")
    assert result["left_out"] == []
    again = service(result)
    again["check"] = with_values(again["check"], result)
    assert rendered(again) == lines


def of(*lines: str, head: str = "virtual=192.0.2.1:80", shared: str = "") -> dict[str, Any]:
    """What becomes of a section that says this."""
    return ldirectord("\n\t".join([f"{shared}{head}", "real=10.0.0.1:80 masq", *lines]))


def check(*lines: str, **more: str) -> dict[str, Any]:
    """The check of its service."""
    found: dict[str, Any] = service(of(*lines, **more))["check"]
    return found


class TestType:
    """What is asked, and by which protocol."""

    @pytest.mark.parametrize(
        ("head", "lines", "check_type"),
        [
            ("virtual=192.0.2.1:25", [], "smtp"),
            ("virtual=192.0.2.1:443", [], "https"),
            ("virtual=192.0.2.1:81", [], "always"),
            ("virtual=192.0.2.1:81", ["service=http"], "http"),
            ("virtual=192.0.2.1:80", ["service=none"], "always"),
            ("virtual=192.0.2.1:80", ["checktype=on"], "always"),
            ("virtual=192.0.2.1:80", ["checktype=off"], "never"),
            ("virtual=192.0.2.1:80", ["checktype=connect"], "connect"),
            ("virtual=192.0.2.1:81", ["checktype=3"], "connect"),
            ("virtual=192.0.2.1:53", ["checktype=connect"], "ping"),
            ("virtual=192.0.2.1:80", ["checktype=external-perl"], "external_perl"),
            ("virtual=7", [], "always"),
            ("virtual=7", ["service=nntp"], "nntp"),
        ],
    )
    def test_it_is(self, head: str, lines: list[str], check_type: str) -> None:
        assert check(*lines, head=head)["type"] == check_type

    def test_what_it_does_not_ask(self) -> None:
        result = of("checktype=ping", "service=http", 'request="/"')
        assert left_out(of("checktype=on", "checkport=80")) == {
            4: ["is for a check, and nothing is asked"]
        }
        assert left_out(result) == {
            4: ["is for checktype negotiate, and this is ping"],
            5: ["is nothing that is asked by a check of type ping"],
        }


class TestTimes:
    """ldirectord has two times, of which a type of check goes by one."""

    @pytest.mark.parametrize(
        ("shared", "own", "timeout"),
        [
            ("", "", 30),
            ("checktimeout=4\n", "", 4),
            ("checktimeout=4\nnegotiatetimeout=6\n", "", 6),
            ("negotiatetimeout=6\n", "checktimeout=3", 3),
            ("", "negotiatetimeout=8", 8),
        ],
    )
    def test_of_an_answer(self, shared: str, own: str, timeout: int) -> None:
        assert check(*filter(None, [own]), shared=shared)["timeout"] == timeout

    @pytest.mark.parametrize(
        ("shared", "timeout"),
        [("", 5), ("negotiatetimeout=6\n", 6), ("checktimeout=4\nnegotiatetimeout=6\n", 4)],
    )
    def test_of_a_connection(self, shared: str, timeout: int) -> None:
        assert check("checktype=connect", shared=shared).get("timeout", 5) == timeout

    def test_the_other_one_is_left_out(self) -> None:
        result = of("checktype=connect", "checktimeout=4", "negotiatetimeout=6")
        assert left_out(result) == {5: ["is not what this type of check waits"]}

    def test_an_interval_of_its_own(self) -> None:
        assert check("checkinterval=3", shared="fork=yes\n")["interval"] == 3
        result = of("checkinterval=3", shared="checkinterval=4\n")
        assert service(result)["check"]["interval"] == 4
        assert "which there is with fork=yes" in left_out(result)[4][0]


class TestText:
    """What is in quotation marks."""

    def test_a_path(self) -> None:
        assert check('request="a b"').get("path") is None
        assert check('request="a"')["path"] == "/a"

    def test_without_quotation_marks(self) -> None:
        assert "is not in quotation marks" in left_out(of("request=a"))[3][0]

    def test_a_comment_in_quotation_marks(self) -> None:
        result = of('receive="a # b"')
        assert "begins a comment there" in left_out(result)[3][0]
        assert "expect" not in service(result)["check"]

    def test_a_secret(self) -> None:
        result = of("service=imap", 'login="a"', 'passwd="b c"')
        assert service(result)["check"]["password"] == "{{ vault_192_0_2_1_80_password }}"
        assert result["secrets"] == [
            {
                "variable": "vault_192_0_2_1_80_password",
                "file": "/etc/ha.d/ldirectord.cf",
                "line": 5,
                "value": "b c",
            }
        ]


class TestQuiescent:
    """Whether a server that is out stays with weight 0."""

    def test_of_all(self) -> None:
        assert check(shared="quiescent=yes\n")["quiescent"] is True
        assert "quiescent" not in check("quiescent=no", shared="quiescent=yes\n")

    def test_with_a_scheduler_that_refuses(self) -> None:
        result = of("scheduler=dh", "quiescent=yes")
        assert "quiescent" not in service(result)["check"]
        assert "would refuse its share" in left_out(result)[4][0]
