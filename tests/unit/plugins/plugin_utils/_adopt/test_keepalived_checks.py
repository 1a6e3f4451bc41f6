# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of keepalived.conf: what they become, and which one is the service's."""

from __future__ import annotations

from typing import Any

import pytest
from adopted import keepalived, left_out, service, why
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.keepalived import virtual_servers
from check_examples import check_of, had_by, whole_check_of
from described import cluster
from described import service as described

KEEPALIVED = {"director": {"director_manager": "keepalived"}}
SERVERS = [{"address": "192.168.137.131"}, {"address": "192.168.137.130"}]


def rendered(own: dict[str, Any]) -> list[str]:
    """A service in the words of keepalived.conf, and what its check needs."""
    return [line for block in virtual_servers(cluster(own, **KEEPALIVED)) for line in block]


@pytest.mark.parametrize("check_type", had_by("keepalived"))
@pytest.mark.parametrize("make", [check_of, whole_check_of])
def test_there_and_back(make: Any, check_type: str) -> None:
    """Each type, with what it needs and with all that it has, is read as it was written."""
    lines = rendered(described(real_servers=SERVERS, check=make(check_type, "keepalived")))
    result = keepalived("\n".join(lines))
    known = ["the file has no vrrp_instance"]
    assert [one for each in left_out(result).values() for one in each if known[0] not in one] == []
    assert rendered(service(result)) == lines


def of_servers(*servers: str, own: str = "") -> dict[str, Any]:
    """What becomes of a service with real servers that say this."""
    blocks = [
        f"real_server 10.0.0.{number} 80 {{\n{inner}\n}}" for number, inner in enumerate(servers, 1)
    ]
    return keepalived("\n".join(["virtual_server 192.0.2.1 80 {", own, *blocks, "}"]))


def check(result: dict[str, Any]) -> dict[str, Any]:
    """The check of the service."""
    found: dict[str, Any] = service(result)["check"]
    return found


class TestWhichOne:
    """A service has one check."""

    def test_the_one_that_most_servers_have(self) -> None:
        result = of_servers("PING_CHECK { }", "TCP_CHECK { }", "TCP_CHECK { retry 1 }")
        assert check(result)["type"] == "connect"
        assert why(result, "PING_CHECK") == [
            "is not asked: a service has one check for all its servers, and it is that of line 7"
        ]

    def test_the_first_of_a_server(self) -> None:
        result = of_servers("TCP_CHECK { }\nPING_CHECK { }")
        assert check(result)["type"] == "connect"
        assert "is not asked" in why(result, "PING_CHECK")[0]

    def test_one_that_asks_nothing_is_told(self) -> None:
        result = of_servers("TCP_CHECK { }", "")
        assert why(result, "real_server 10.0.0.2 80") == [
            "is not asked anything, and would be asked what the others are"
        ]

    def test_none(self) -> None:
        result = of_servers("", own="quorum 1\ninhibit_on_failure\ndelay_loop 3")
        assert check(result) == {"type": "always"}
        assert left_out(result)[2] == ["goes by checks, and no check is carried over"]
        assert left_out(result)[3] == ["no check is carried over"]
        assert left_out(result)[4] == ["is for no check that is carried over"]

    def test_by_tcp_of_a_service_by_udp(self) -> None:
        result = of_servers("TCP_CHECK { }", own="protocol UDP")
        assert check(result) == {"type": "always"}
        assert "would connect by TCP, and the service is udp" in why(result, "TCP_CHECK")


class TestDefaults:
    """What keepalived takes where nothing is said is said."""

    @pytest.mark.parametrize(
        ("block", "failures"), [("TCP_CHECK", 2), ("DNS_CHECK", 4), ("PING_CHECK", 2)]
    )
    def test_of_keepalived(self, block: str, failures: int) -> None:
        found = check(of_servers(f"{block} {{ }}"))
        assert (found["interval"], found["failures"]) == (60, failures)
        assert "timeout" not in found

    def test_a_program_may_take_until_the_next_time(self) -> None:
        result = of_servers("MISC_CHECK { misc_path /bin/x\n delay_loop 7 }")
        assert check(result) == {
            "type": "external",
            "command": "/bin/x",
            "interval": 7,
            "timeout": 7,
        }

    def test_of_the_service_and_of_the_server(self) -> None:
        own = "connect_timeout 4\nretry 2\ndelay_loop 9\nalpha\nwarmup 3"
        result = of_servers("delay_loop 5\nTCP_CHECK { retry 3 }", own=own)
        assert check(result) == {
            "type": "connect",
            "interval": 5,
            "timeout": 4,
            "failures": 4,
            "warmup": 3,
            "alpha": True,
        }
        assert left_out(result)[3] == ["is for no check that is carried over"]
        assert left_out(result)[4] == ["is for no check that is carried over"]


class TestFields:
    """What a block says, and what a check cannot say."""

    def test_the_port_of_each_server_is_none(self) -> None:
        assert "port" not in check(of_servers("TCP_CHECK { connect_port 80 }"))
        assert check(of_servers("TCP_CHECK { connect_port 81 }"))["port"] == 81

    def test_a_page(self) -> None:
        page = (
            "HTTP_GET {\n virtualhost a.example.org\n url {\n path /a\n"
            " status_code 200-299 304\n regex_options caseless multiline\n"
            ' regex "^a \\\\d \\x22b\\x22"\n }\n fast_recovery\n nb_get_retry 3\n}'
        )
        result = of_servers(page)
        assert check(result) == {
            "type": "http",
            "path": "/a",
            "expect": '^a \\d "b"',
            "virtual_host": "a.example.org",
            "status": ["200-299", "304"],
            "interval": 60,
            "failures": 4,
        }
        assert why(result, "regex_options caseless multiline") == [
            "caseless: has no place in the description"
        ]
        assert why(result, "fast_recovery") == ["has no place in the description"]

    def test_what_a_page_must_not_have(self) -> None:
        result = of_servers("HTTP_GET { url { path /\n regex a\n regex_no_match } }")
        assert "expect" not in check(result)
        assert why(result, "regex a") == [
            "is what the page must not have, which a check cannot say"
        ]

    def test_where_a_line_begins(self) -> None:
        result = of_servers("HTTP_GET { url { path /\n regex ^a } }")
        assert check(result)["expect"] == "^a"
        assert "is asked with multiline" in why(result, "regex ^a")[0]

    def test_a_program_with_arguments_of_its_own(self) -> None:
        result = of_servers('MISC_CHECK { misc_path "/bin/x -a" }')
        assert check(result) == {"type": "always"}
        assert "has arguments of its own" in why(result, 'misc_path "/bin/x -a"')[0]

    def test_a_program_with_the_arguments_of_the_role(self) -> None:
        result = of_servers('MISC_CHECK { misc_path "/bin/x 192.0.2.1 80 10.0.0.1 80" }')
        assert check(result)["command"] == "/bin/x"
        assert left_out(result).keys() == {1}

    def test_digits_as_keepalived_takes_them(self) -> None:
        result = keepalived(
            "virtual_server 192.0.2.1 53 {\nprotocol UDP\nreal_server 10.0.0.1 53 {\n"
            "UDP_CHECK { payload Ab12f 3 456\n require_reply\n min_reply_length 4 }\n}\n}"
        )
        assert check(result)["payload"] == "Ab120f034506"
        assert "asks for any answer" in why(result, "require_reply")[0]

    def test_sni_without_a_name(self) -> None:
        result = of_servers("SSL_GET { enable_sni\n url { path / } }")
        assert why(result, "enable_sni") == ["is for a check with virtual_host"]

    def test_what_cannot_be_a_value(self) -> None:
        result = of_servers("TCP_CHECK { connect_timeout 4000\n connect_port x }")
        assert why(result, "connect_timeout 4000") == ["is out of range"]
        assert why(result, "connect_port x") == ["is not a whole number"]


class TestQuiescent:
    """inhibit_on_failure, which is one for all servers."""

    def test_of_the_service(self) -> None:
        assert check(of_servers("TCP_CHECK { }", own="inhibit_on_failure"))["quiescent"] is True

    def test_of_the_server_whose_check_it_is(self) -> None:
        result = of_servers("inhibit_on_failure\nTCP_CHECK { }", "TCP_CHECK { }")
        assert check(result)["quiescent"] is True
        assert "is taken out when it fails" in why(result, "real_server 10.0.0.2 80")[0]

    def test_of_another(self) -> None:
        result = of_servers("TCP_CHECK { }", "inhibit_on_failure\nTCP_CHECK { }")
        assert "quiescent" not in check(result)
        assert "is not so for the server" in why(result, "inhibit_on_failure")[0]

    @pytest.mark.parametrize(
        ("scheduler", "is_kept"),
        [("dh", False), ("sh", False), ("sh\nsh-fallback", True), ("mh", False), ("rr", True)],
    )
    def test_with_a_scheduler_that_refuses(self, scheduler: str, is_kept: bool) -> None:
        own = f"lvs_sched {scheduler}\ninhibit_on_failure"
        result = of_servers("TCP_CHECK { }", own=own)
        assert check(result).get("quiescent", False) is is_kept
        assert result["problems"] == [] or "lvs_dip" in str(result["problems"])


def test_quorum_as_keepalived_bounds_it() -> None:
    """It is no more than all servers weigh, and hysteresis less than it."""
    result = of_servers("weight 3\nTCP_CHECK { }", own="quorum 9\nhysteresis 9")
    assert (check(result)["quorum"], check(result)["hysteresis"]) == (3, 2)
    assert left_out(result)[2] == ["is more than all servers weigh, and 3 to keepalived, too"]
    assert left_out(result)[3] == ["is not less than the quorum, and 2 to keepalived, too"]


def test_the_port_where_a_service_has_none() -> None:
    """A mark has no port that could be asked: it is that of the servers."""
    result = keepalived(
        "virtual_server fwmark 3 {\nreal_server 10.0.0.1 8080 {\nTCP_CHECK { }\n}\n}"
    )
    assert check(result)["port"] == 8080


WAY = {"type": "http", "path": "/a", "clients_way": True}


def test_by_the_clients_way() -> None:
    """What it needs is no service of the user's, and comes again when the role writes it."""
    direct = described(real_servers=SERVERS, forward="dr", check=WAY)
    result = keepalived("\n".join(rendered(direct)))
    assert [each["address"] for each in result["variables"]["lvs_virtual_services"]] == [
        direct["address"]
    ]
    assert check(result) == WAY


def test_by_another_mark() -> None:
    """Somebody's own way is not the role's."""
    own = ["connect_ip 192.0.2.1", "bindto 192.0.2.2", "fwmark 7"]
    result = of_servers("\n".join(["TCP_CHECK {", *own, "}"]))
    assert "clients_way" not in check(result)
    assert [why(result, line) for line in own] == [["has no place in the description"]] * 3


def test_by_the_clients_way_of_a_mark() -> None:
    """Nobody knows the addresses: they are in the rules that mark."""
    shop = {"name": "shop", "fwmark": 10, "addresses": ["192.168.0.100"], "forward": "dr"}
    text = rendered({**shop, "real_servers": SERVERS, "check": {**WAY, "port": 80}})
    result = keepalived("\n".join(text))
    assert "clients_way" not in check(result)
    assert why(result, "HTTP_GET") == [
        "asks the addresses whose packets get the mark, and they are not in the file"
    ]
    assert result["problems"] == []
