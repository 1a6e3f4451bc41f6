# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found, and what hosts and ports are called."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.found import (
    Found,
    Names,
    name_apart,
    nat_servers,
    problems_of,
    refuses_clients,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.statements import Statement


class TestNames:
    """What hosts and ports are called in a file."""

    def test_addresses(self) -> None:
        names = Names({"a": ["10.0.0.1", "2001:db8::1"], "b": "10.0.0.2"})
        assert names.address("a", "ipv4") == "10.0.0.1"
        assert names.address("a", "ipv6") == "2001:db8::1"
        assert names.address("b", "ipv6") is None
        assert names.address("[2001:DB8:0::2]", "ipv6") == "2001:db8::2"
        assert names.address("c", "ipv4") is None

    def test_ports(self) -> None:
        names = Names(None, {"http": 8080})
        assert names.port("http", "tcp") == 8080
        assert names.port("https", "tcp") == 443
        assert names.port("65536", "tcp") is None
        assert names.port("nobody-has-this", "tcp") is None

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"addresses": ["a"]}, "is not a mapping"),
            ({"addresses": {"a": "x"}}, "addresses.a 'x' is not an IPv4 or IPv6 address"),
            ({"addresses": {"a b": "10.0.0.1"}}, "'a b' is not the name of a host"),
            ({"ports": {"a": 0}}, "ports.a 0 is not a port"),
            ({"ports": 3}, "is not a mapping"),
        ],
    )
    def test_bad_input(self, given: dict[str, Any], told: str) -> None:
        with pytest.raises(ModelError, match=told):
            Names(**given)


def test_a_host_has_one_address_of_each_family() -> None:
    """Whichever of them is found first."""
    found = Found(Names({"a": ["10.0.0.1", "2001:db8::1"]}, None, True))
    assert found.server("2001:db8::1") == {"host": "a"}
    assert found.hosts == {"a": {"lvs_rip": "2001:db8::1"}}
    assert found.server("10.0.0.1") == {"host": "a"}
    assert found.hosts == {"a": {"lvs_rip": "10.0.0.1", "lvs_rip6": "2001:db8::1"}}
    assert found.server("10.0.0.1", may_be_host=False) == {"address": "10.0.0.1"}


def test_secrets_that_differ_have_different_names() -> None:
    """And one that is the same has one."""
    found, one = Found(), Statement("", 1, "", ())
    assert found.secret("a", "x", one) == found.secret("a", "x", one) == "{{ a }}"
    assert found.secret("a", "y", one) == "{{ a_2 }}"
    result = found.as_result()
    assert [entry["variable"] for entry in result["secrets"]] == ["a", "a_2"]
    assert "value" not in result["secrets"][0]


def test_names_where_two_would_be_called_the_same() -> None:
    """By their protocols; a name that there is stays."""
    one, other = {"address": "a", "port": 1}, {"address": "a", "port": 1, "protocol": "udp"}
    assert [each.get("name") for each in name_apart([one, other])] == ["a:1/tcp", "a:1/udp"]
    assert name_apart([one, {**other, "name": "x"}]) == [one, {**other, "name": "x"}]


def test_schedulers_that_refuse() -> None:
    """Those that hash, without a fallback."""
    assert refuses_clients("rr", ()) is None
    assert refuses_clients("sh", ["sh-fallback"]) is None
    assert refuses_clients("sh", ["sh-port"]) is not None
    assert refuses_clients("dh", ()) is not None


def test_servers_behind_nat() -> None:
    """By address and by host, each once."""
    services = [
        {"forward": "dr", "real_servers": [{"address": "1"}, {"address": "2", "forward": "nat"}]},
        {"forward": "nat", "real_servers": [{"host": "a"}, {"address": "2"}]},
    ]
    assert nat_servers(services, {"a": {"lvs_rip": "3"}}) == ["2", "3"]


def test_problems_are_those_of_preflight() -> None:
    """With nothing known of any host."""
    services = [{"address": "192.0.2.1", "port": 80, "forward": "far", "real_servers": []}]
    (problem,) = problems_of({"lvs_virtual_services": services}, {}, "lb1")
    assert problem["field"] == "forward"
