# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived.conf: the cases, what we write ourselves, and that nothing gets lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from adopted import (
    READ,
    carried,
    case,
    expected,
    keepalived,
    left_out,
    service,
    unaccounted,
    why,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from described import TOLD
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import Site, site, written

NAMES = ["1-keepalived-groups.conf", "2-keepalived-dr-udp.conf"]
MINIMAL = "virtual_server 192.0.2.1 80 {\n real_server 10.0.0.1 80 {\n }\n}\n"


class TestCases:
    """Two configurations as operators have them."""

    @pytest.mark.parametrize("name", NAMES)
    def test_what_becomes_of_it(self, name: str) -> None:
        result = READ[name](case(name)).as_result()
        wanted = expected(name)
        assert result["variables"] == wanted["variables"]
        assert carried(result) == wanted["carried_over"]
        assert left_out(result) == wanted["left_out"]

    @pytest.mark.parametrize("name", NAMES)
    def test_every_line_is_accounted_for(self, name: str) -> None:
        text = case(name)
        assert unaccounted(text, READ[name](text).as_result(), "#!") == []

    @pytest.mark.parametrize("name", NAMES)
    def test_preflight_has_nothing_to_say(self, name: str) -> None:
        assert READ[name](case(name)).as_result()["problems"] == []


def there_and_back(where: Site, host: str) -> tuple[dict[str, Any], Site]:
    """What is read of what the role writes, and the same cluster as it is described then."""
    text = written(where, "keepalived", host)["/etc/keepalived/lvs-cluster.conf"]
    result = keepalived(text)
    again = site("ha")
    for name in where.groups["directors"]:
        own = again.hosts[name]
        again.hosts[name] = {
            TOLD: own[TOLD],
            "ansible_facts": own["ansible_facts"],
            "ansible_connection": "local",
            **result["variables"],
        }
    return result, again


class TestOwn:
    """What the role has written is read as what it was written of."""

    @pytest.mark.parametrize("host", ["director1", "director2"])
    def test_there_and_back(self, host: str) -> None:
        where = site("ha")
        result, again = there_and_back(where, host)
        assert result["left_out"] == []
        assert result["director"] == host
        assert result["problems"] == []
        assert again.ask("problems", host) == []
        assert written(again, "keepalived", host) == written(where, "keepalived", host)

    def test_all_that_the_role_may_be_told(self) -> None:
        where = site("ha")
        for host in where.groups["directors"]:
            where.hosts[host].update(
                {
                    "director_sync_daemons": [],
                    "keepalived_sync_daemon": {"interface": "eth2", "sync_id": 5, "maxlen": 1400},
                    "keepalived_preempt": True,
                    "keepalived_preempt_delay": 20,
                    "keepalived_notify": "/usr/local/bin/tell 'a b'",
                    "keepalived_script_user": "nobody",
                    "keepalived_track_interfaces": ["eth0"],
                    "keepalived_track_scripts": [
                        {"name": "web", "command": "/usr/bin/true", "interval": 2, "user": "root"}
                    ],
                    "director_vip_prefix": 24,
                    "director_vip_prefix6": 64,
                }
            )
            link = {"name": "eth0", "mtu": 1500, "addresses": []}
            where.hosts[host][TOLD]["interfaces"].append(link)
        result, again = there_and_back(where, "director1")
        assert result["left_out"] == []
        assert written(again, "keepalived", "director1") == written(
            where, "keepalived", "director1"
        )


# Lines of each place, known ones and others, as they may stand there in any number and order.
GLOBAL = ["router_id a", "vrrp_version 2", "smtp_alert", "what is this", "lvs_timeouts tcp x"]
INSTANCE = [
    "state MASTER",
    "state BACKUP",
    "interface eth0",
    "virtual_router_id 300",
    "virtual_router_id 7",
    "nopreempt",
    "garp_master_delay 3",
    "track_interface { eth1 weight 3\n eth2 }",
    "virtual_ipaddress { 192.0.2.1/24 dev eth1 label x\n 300.1.1.1\n 10.0.0.9/40 }",
    "authentication {\n auth_type PASS\n auth_pass geheim\n}",
    "notify_master /bin/x",
    'notify "/bin/x a" root',
    "what is this",
]
SERVICE = [
    "lvs_sched rr",
    "lvs_sched none",
    "lb_algo sh",
    "sh-port",
    "mh-port",
    "lvs_method TUN type gue port 6080 csum",
    "lvs_method FAR",
    "persistence_timeout",
    "persistence_granularity 24.x",
    "protocol UDP",
    "quorum 9",
    "hysteresis 9",
    "delay_loop 3",
    "delay_loop never",
    "inhibit_on_failure",
    "sorry_server 127.0.0.1 80",
    "sorry_server x",
    "sorry_server_lvs_method DR",
    "virtualhost www.example.org",
    "what is this",
]
SERVER = [
    "weight 0",
    "weight much",
    "uthreshold 9",
    "inhibit_on_failure",
    "notify_up /bin/x",
    "delay_loop 9",
    "TCP_CHECK { connect_port 81\n connect_ip 10.9.9.9 }",
    "TCP_CHECK {\n}",
    "HTTP_GET { url { path /a\n status_code 200 99\n regex a b c\n regex_no_match }\n retry 2 }",
    'SSL_GET { enable_sni\n url { path /b\n virtualhost x.example.org\n regex "^a" } }',
    'MISC_CHECK { misc_path "/bin/check a"\n misc_dynamic }',
    "MISC_CHECK { misc_path /bin/check\n user a b }",
    "DNS_CHECK { }",
    "UDP_CHECK { payload 1 23\n require_reply\n min_reply_length 3 }",
    "FILE_CHECK { track_file x }",
    "what is this",
]


def block(head: str, lines: list[str]) -> str:
    """A block with these lines."""
    return "\n".join([f"{head} {{", *lines, "}"])


def some(lines: list[str]) -> st.SearchStrategy[list[str]]:
    """Some of these lines, some of them more than once."""
    return st.lists(st.sampled_from(lines), max_size=8)


@st.composite
def configurations(draw: st.DrawFn) -> str:
    """A keepalived.conf."""
    heads = ["192.0.2.1 80", "192.0.2.1", "2001:db8::1 80", "fwmark 3", "group web", "x 80"]
    blocks = [block("global_defs", draw(some(GLOBAL)))]
    for number in range(draw(st.integers(0, 2))):
        blocks.append(block(f"vrrp_instance i{number}", draw(some(INSTANCE))))
    group = ["192.0.2.7-9 80", "fwmark 9", "192.0.2.0/29", "nonsense", "192.0.2.9-1 80"]
    blocks.append(block("virtual_server_group web", draw(some(group))))
    for _number in range(draw(st.integers(0, 3))):
        servers = [
            block(f"real_server {draw(st.sampled_from(['10.0.0.1 80', '10.0.0.2', 'y 1']))}", own)
            for own in draw(st.lists(some(SERVER), max_size=3))
        ]
        own = [*draw(some(SERVICE)), *servers]
        blocks.append(block(f"virtual_server {draw(st.sampled_from(heads))}", own))
    return "\n".join([*blocks, *draw(some(["static_routes { a }", "$A=b", "@one x", "what"]))])


class TestNothingGetsLost:
    """Whatever a file says."""

    @settings(max_examples=50)
    @given(configurations())
    def test_every_line_is_accounted_for(self, text: str) -> None:
        result = keepalived(text)
        assert unaccounted(text, result, "#!") == []
        assert "geheim" not in json.dumps(result)

    def test_a_password_is_hidden(self) -> None:
        text = "vrrp_instance a {\n authentication { auth_type PASS\n auth_pass geheim }\n}\n"
        result = keepalived("$A_PASS=geheim\nSSL {\n password geheim\n}\n" + text)
        assert "geheim" not in json.dumps(result)
        assert why(result, "auth_pass ********") == ["belongs to authentication of line 6"]


class TestBadInput:
    """What is no configuration is refused, with the line."""

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("a {\n", "line 1: 'a' begins a block that is not ended"),
            (f"{MINIMAL}}}\n", "line 5: '}' ends a block where none has begun"),
            ("\n{\n}\n", "line 2: '{' begins a block that has no name"),
            ("virtual_servers 1 2 {\n}\n", "line 1: 'virtual_servers' .*; use virtual_server"),
            (
                "virtual_server 192.0.2.1 80 {\n real_server 10.0.0.1 80 {\n  HTTP_GETT {\n}\n}\n}",
                "line 3: 'HTTP_GETT' is no block that keepalived has there; use HTTP_GET",
            ),
            ('global_defs {\n router_id "a\n}\n', "line 2: .* quotation mark that is not closed"),
            ("<html>\nfor you\n", "line 1: '<html>' is nothing that keepalived has"),
            ("a\n\0b", "line 2: is no text"),
            (None, "is no text"),
            (["a"], "is no text"),
        ],
    )
    def test_it_is_told(self, text: Any, told: str) -> None:
        with pytest.raises(ModelError, match=told):
            keepalived(text)

    def test_a_password_is_not_told(self) -> None:
        with pytest.raises(ModelError) as told:
            keepalived('vrrp_instance a {\n authentication {\n auth_pass "geheim\n')
        assert "geheim" not in str(told.value)

    def test_nothing_is_no_error(self) -> None:
        assert keepalived("# nothing\n")["variables"] == {
            "lvs_virtual_services": [],
            "director_manager": "keepalived",
        }


class TestGlobals:
    """global_defs in the variables of the roles."""

    def test_timeouts_and_the_daemon(self) -> None:
        text = block(
            "global_defs",
            [
                "lvs_timeouts tcp 900 udp 30",
                "lvs_sync_daemon eth2 inst web id 3 ttl 2 port 8849 group 224.0.0.90",
                "script_user nobody nogroup",
                'router_id "two words"',
            ],
        )
        result = keepalived(text)
        variables = result["variables"]
        assert variables["director_timeouts"] == {"tcp": 900, "udp": 30}
        assert variables["keepalived_sync_daemon"] == {
            "interface": "eth2",
            "sync_id": 3,
            "ttl": 2,
            "port": 8849,
            "group": "224.0.0.90",
        }
        assert variables["keepalived_script_user"] == "nobody"
        assert left_out(result) == {
            4: ["the group nogroup: has no place in the description"],
            5: ["is not the name of a host"],
        }
        assert result["director"] == ""

    def test_the_smallest(self) -> None:
        assert service(keepalived(MINIMAL)) == {
            "address": "192.0.2.1",
            "port": 80,
            "scheduler": "wlc",
            "forward": "nat",
            "real_servers": [{"address": "10.0.0.1"}],
            "check": {"type": "always"},
        }
