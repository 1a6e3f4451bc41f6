# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model: what users write is read, and what cannot work is named."""

from __future__ import annotations

from typing import Any

import netaddr
import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.judgement import (
    check_real_server,
    check_service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    Service,
    Table,
    key_family,
    service_of_key,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    parse_real_server,
    parse_service,
    parse_services,
    resolve_real_server,
    resolve_service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    address_family,
    canonical_address,
    join_host_port,
    netmask_of_prefix,
)
from hypothesis import given
from hypothesis import strategies as st
from strategies import addresses, real_servers, services

WEB = {"virtual_address": "10.0.0.1", "virtual_port": 80}
KEY = ("tcp", "10.0.0.1", 80)


@given(services())
def test_every_service_is_valid(service: Service) -> None:
    """What the strategy makes passes, and reads back from what modules return."""
    check_service(service)
    wanted = parse_service(service.as_result())
    assert wanted.key == service.key
    assert resolve_service(wanted) == service


@given(st.data())
def test_every_real_server_is_valid(data: st.DataObject) -> None:
    """The same for real servers."""
    service = data.draw(services())
    server = data.draw(real_servers(service))
    check_real_server(server, service)
    wanted = parse_real_server(server.as_result(), service.key)
    assert resolve_real_server(wanted, service) == server


@given(st.sampled_from(["ipv4", "ipv6"]).flatmap(lambda family: addresses(family, False)))
def test_addresses(address: str) -> None:
    """An address is its own canonical form, whatever its case."""
    assert canonical_address(address.upper()) == address
    assert address_family(address) == ("ipv6" if ":" in address else "ipv4")


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    """Whatever is given as an address, the worst is one sentence."""
    try:
        parse_service({"virtual_address": text, "virtual_port": 80})
    except ModelError as error:
        assert str(error).endswith(".")


def assert_fit_for_a_description(error: ModelError) -> None:
    """The parts around the field hold too where a field has another name, as in a description."""
    assert error.why
    assert error.advice
    assert "virtual_" not in error.why + error.advice


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            {**WEB, "virtual_port": 70000},
            "service: virtual_port 70000 is out of range; give one from 0 to 65535.",
        ),
        (
            {**WEB, "virtual_port": True},
            "service: virtual_port true is not a whole number; give one from 0 to 65535.",
        ),
        (
            {**WEB, "virtual_port": "http"},
            "service: virtual_port 'http' is not a whole number; give one from 0 to 65535.",
        ),
        (
            {**WEB, "virtual_port": 0},
            "service tcp 10.0.0.1:0: virtual_port 0 (all ports) needs persistence, or each"
            " connection of a client may go elsewhere; give persistent_timeout in seconds, or a"
            " port.",
        ),
        (
            {**WEB, "scheduler": "best"},
            "service tcp 10.0.0.1:80: scheduler 'best' is not known; use one of rr, wrr, lc, wlc,"
            " lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh, twos.",
        ),
        (
            {**WEB, "scheduler": "mh", "scheduler_flags": "sh-port"},
            "service tcp 10.0.0.1:80: scheduler_flags 'sh-port' does not belong to scheduler mh;"
            " use scheduler sh or leave it out.",
        ),
        (
            {**WEB, "scheduler": "mh", "scheduler_flags": ["flag-3"]},
            "service tcp 10.0.0.1:80: scheduler_flags 'flag-3' means nothing to scheduler mh;"
            " use mh-fallback or mh-port, or leave it out.",
        ),
        (
            {"fwmark": 10, **WEB},
            "service: virtual_address '10.0.0.1' cannot name a service together with fwmark 10;"
            " leave out one of the two.",
        ),
        (
            {"fwmark": 10, "protocol": "tcp"},
            "service: protocol 'tcp' cannot name a service together with fwmark 10;"
            " leave out one of the two.",
        ),
        (
            {**WEB, "one_packet": True},
            "service tcp 10.0.0.1:80: one_packet true would break tcp, which needs its connections;"
            " use protocol udp or a fwmark, or leave it out.",
        ),
        (
            {**WEB, "one_packet": "maybe"},
            "service tcp 10.0.0.1:80: one_packet 'maybe' is not a boolean; use true or false.",
        ),
        (
            {**WEB, "virtual_address": "fd00::1", "persistent_timeout": 1,
             "persistent_netmask": "255.255.255.0"},
            "service tcp [fd00::1]:80: persistent_netmask '255.255.255.0' does not fit an IPv6"
            " service; give a prefix length from 1 to 128.",
        ),
        (
            {**WEB, "persistent_timeout": 5, "persistence_engine": "sip"},
            "service tcp 10.0.0.1:80: persistence_engine 'sip' reads UDP only, and would refuse"
            " tcp; use protocol udp or a fwmark, or leave it out.",
        ),
        (
            {**WEB, "protocol": "icmp"},
            "service: protocol 'icmp' is not known; use one of tcp, udp, sctp.",
        ),
    ],
)  # fmt: skip
def test_bad_services(source: dict[str, Any], message: str) -> None:
    """Each error is one sentence with item, field, value and fix."""
    with pytest.raises(ModelError) as error:
        resolve_service(parse_service(source))
    assert str(error.value) == message
    assert_fit_for_a_description(error.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            {"address": "fd00::1"},
            "real server [fd00::1]:80 of service tcp 10.0.0.1:80: address 'fd00::1' is IPv6 and"
            " the service is IPv4, which forward nat cannot translate; give an IPv4 address, or use"
            " forward tun.",
        ),
        (
            {"address": "10.0.0.2", "weight": -1},
            "real server 10.0.0.2:80 of service tcp 10.0.0.1:80: weight -1 is out of range;"
            " give one from 0 to 65535.",
        ),
        (
            {"address": "10.0.0.2", "port": 8080, "forward": "dr"},
            "real server 10.0.0.2:8080 of service tcp 10.0.0.1:80: port 8080 differs from the"
            " service's, which forward dr cannot change; leave port out or use 80, or use forward"
            " nat.",
        ),
        (
            {"address": "10.0.0.2", "upper_threshold": 4, "lower_threshold": 5},
            "real server 10.0.0.2:80 of service tcp 10.0.0.1:80: lower_threshold 5 is above"
            " upper_threshold 4; give an upper_threshold that is not below it.",
        ),
        (
            {"address": "10.0.0.2", "tunnel_type": "gre"},
            "real server 10.0.0.2:80 of service tcp 10.0.0.1:80: tunnel_type 'gre' is for"
            " forward tun only, and forward is nat; leave it out or use forward tun.",
        ),
        (
            {"address": "10.0.0.2", "forward": "tun", "tunnel_type": "gre",
             "tunnel_checksum": "remcsum"},
            "real server 10.0.0.2:80 of service tcp 10.0.0.1:80: tunnel_checksum 'remcsum' does"
            " not exist with tunnel_type gre; use none or csum.",
        ),
        ({}, "real server of service tcp 10.0.0.1:80: address is not given;"
             " give the real server's address."),
    ],
)  # fmt: skip
def test_bad_real_servers(source: dict[str, Any], message: str) -> None:
    """The same for real servers, whose service is named too."""
    with pytest.raises(ModelError) as error:
        resolve_real_server(parse_real_server(source, KEY), service_of_key(KEY))
    assert str(error.value) == message
    assert_fit_for_a_description(error.value)


@pytest.mark.parametrize(
    ("source", "field", "value"),
    [
        ({}, "virtual_address", None),
        ({"virtual_address": "x", "virtual_port": 80}, "virtual_address", "x"),
        ({"virtual_address": "10.0.0.1"}, "virtual_port", None),
        ({**WEB, "virtual_port": 0}, "virtual_port", 0),
        ({**WEB, "fwmark": 3}, "virtual_address", "10.0.0.1"),
        ({**WEB, "family": "ipv6"}, "family", "ipv6"),
        ({**WEB, "scheduler": "mh", "scheduler_flags": ["sh-port"]}, "scheduler_flags", "sh-port"),
        ({**WEB, "persistent_netmask": 24}, "persistent_netmask", "255.255.255.0"),
        ({**WEB, "persistence_engine": "sip"}, "persistence_engine", "sip"),
        ({**WEB, "one_packet": "yes"}, "one_packet", True),
    ],
)
def test_the_field_of_a_bad_service(source: dict[str, Any], field: str, value: object) -> None:
    """It is the option's name, beside what was given for it."""
    with pytest.raises(ModelError) as error:
        resolve_service(parse_service(source))
    assert (error.value.field, error.value.value) == (field, value)
    assert_fit_for_a_description(error.value)


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ([WEB, WEB], "service tcp 10.0.0.1:80: services names it twice"),
        ([{**WEB, "weight": 1}], "service tcp 10.0.0.1:80: weight is not known; use one of family"),
        (
            [WEB, {"virtual_port": 1}],
            "service 2: virtual_address is not given, and no fwmark either",
        ),
        ([{**WEB, "real_servers": {"a": 1}}], "real_servers {'a': 1} is not a list"),
        ([{**WEB, "real_servers": ["rs1"]}], "real_servers 'rs1' is not a real server"),
        (
            [{**WEB, "real_servers": [{"address": "10.0.0.2"}, {"address": "nowhere"}]}],
            "real server 2 of service tcp 10.0.0.1:80: address 'nowhere'",
        ),
    ],
)
def test_bad_lists(sources: list[dict[str, Any]], message: str) -> None:
    """An item without a usable name is named by its place."""
    with pytest.raises(ModelError, match=r"^") as error:
        parse_services(sources)
    assert message in str(error.value)


def test_defaults() -> None:
    """A new service and a new real server get these."""
    assert resolve_service(parse_service(WEB)) == Service("tcp", "10.0.0.1", 80, scheduler="wlc")
    wanted = parse_real_server({"address": "10.0.0.2"}, KEY)
    server = resolve_real_server(wanted, service_of_key(KEY))
    assert server == RealServer("10.0.0.2", 80, "nat", 1)
    assert parse_real_server({"address": "10.0.0.2"}, (1, "ipv4")).port == 0


def test_what_is_not_given_stays() -> None:
    """What hangs on a value goes with it, and all else stays."""
    have = Service(
        "udp", "10.0.0.1", 80, scheduler="sh", scheduler_flags=("sh-port",),
        persistent_timeout=9, persistent_netmask="255.0.0.0", persistence_engine="sip",
    )  # fmt: skip
    udp = {**WEB, "protocol": "udp"}
    assert resolve_service(parse_service(udp), have) == have
    ended = resolve_service(parse_service({**udp, "persistent_timeout": 0}), have)
    assert (ended.persistent_netmask, ended.persistence_engine) == ("255.255.255.255", "none")
    assert ended.scheduler_flags == ("sh-port",)
    other = resolve_service(parse_service({**udp, "scheduler": "mh"}), have)
    assert (other.scheduler_flags, other.persistent_timeout) == ((), 9)


def test_numbers_as_text() -> None:
    """Templates give text where numbers are meant."""
    wanted = parse_service({**WEB, "virtual_port": "443", "persistent_timeout": "30"})
    assert wanted.key == ("tcp", "10.0.0.1", 443)
    assert wanted.given == {"persistent_timeout": 30}
    assert parse_service({"fwmark": "10"}).key == (10, "ipv4")


def test_flags_by_bit_or_name() -> None:
    """flag-1 is the scheduler's own name for it, where it has one."""
    flags = resolve_service(
        parse_service({**WEB, "scheduler": "sh", "scheduler_flags": ["flag-2", "flag-1"]})
    ).scheduler_flags
    assert flags == ("sh-fallback", "sh-port")


def test_small_things() -> None:
    """How things are written."""
    assert join_host_port("fd00::1", 80) == "[fd00::1]:80"
    assert key_family((1, "ipv6")) == "ipv6"
    assert service_of_key((1, "ipv6")).persistent_netmask == "128"
    assert Table().only([KEY]) == Table({}, {})


@given(st.ip_addresses())
def test_addresses_are_written_as_netaddr_does(address: object) -> None:
    """In the one canonical way, however they were spelled."""
    independent = netaddr.IPAddress(str(address))
    spelled = [str(address), str(address).upper()]
    if independent.version == 6:
        spelled.append(independent.format(netaddr.ipv6_verbose))
    assert {canonical_address(text) for text in spelled} == {str(independent)}


@given(st.integers(0, 32))
def test_netmasks_are_netaddrs(prefix: int) -> None:
    """A prefix length as a netmask."""
    assert netmask_of_prefix(prefix) == str(netaddr.IPNetwork(f"0.0.0.0/{prefix}").netmask)
