# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The codec: what is encoded decodes to the same, and the kernel's own messages are read.

C(golden.json) has answers of a kernel (Linux 7.2) to a table that ipvsadm 1.31 had set.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import codec as _codec
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.ipvsadm import print_table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    Service,
    Table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import ROLES, SyncDaemon
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import (
    NLMSG_ERROR,
    NetlinkError,
    attribute,
    attributes,
    error_code,
    message,
    messages,
)
from hypothesis import given
from hypothesis import strategies as st
from strategies import real_servers, services

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("golden.json").read_text())


@given(services())
def test_services_come_back(service: Service) -> None:
    """Encoded and decoded, a service is the same."""
    found = attributes(_codec.encode_service(service))
    assert _codec.decode_service(attributes(found[_codec.ATTR_SERVICE])) == service


@given(services(), st.data())
def test_real_servers_come_back(service: Service, data: st.DataObject) -> None:
    """Encoded and decoded, a real server is the same."""
    server = data.draw(real_servers(service))
    found = attributes(_codec.encode_server(server))
    assert _codec.decode_server(attributes(found[_codec.ATTR_DEST]), service.family) == server


@given(services())
def test_keys_are_part_of_the_whole(service: Service) -> None:
    """A key has the attributes of the service that name it, and no others."""
    whole = attributes(attributes(_codec.encode_service(service))[_codec.ATTR_SERVICE])
    key = attributes(attributes(_codec.encode_service_key(service.key))[_codec.ATTR_SERVICE])
    assert key.items() <= whole.items()
    # The kernel demands all of these of a service, whatever it is.
    assert {6, 7, 8, 9} <= whole.keys()


@given(st.lists(st.tuples(st.integers(16, 65535), st.integers(0, 2**32 - 1), st.binary())))
def test_messages_come_back(sent: list[tuple[int, int, bytes]]) -> None:
    """Messages in one buffer are told apart."""
    data = b""
    for kind, sequence, payload in sent:
        one = message(kind, 0, sequence, payload)
        data += one + bytes(-len(one) % 4)
    assert [(kind, sequence, payload) for kind, _f, sequence, payload in messages(data)] == sent


@given(st.dictionaries(st.integers(1, 0x3FFF), st.binary(max_size=200)))
def test_attributes_come_back(sent: dict[int, bytes]) -> None:
    """Attributes are told apart."""
    assert attributes(b"".join(attribute(kind, value) for kind, value in sent.items())) == sent


@given(st.binary())
def test_no_octets_break_the_reader(data: bytes) -> None:
    """What is no message is said to be none, and nothing else happens."""
    for read in (lambda: list(messages(data)), lambda: attributes(data)):
        try:
            read()
        except NetlinkError as error:
            assert "does not fit" in str(error)


def test_errors() -> None:
    """An error is a negative number, an acknowledgement is 0."""
    assert error_code((-17).to_bytes(4, "little", signed=True)) == 17
    assert error_code(bytes(4)) == 0
    assert error_code(b"") == 0
    assert next(messages(message(NLMSG_ERROR, 0, 7, bytes(4))))[2] == 7


def golden_table() -> Table:
    """Return the table of the kernel's messages."""
    found, servers = {}, {}
    for entry in GOLDEN["services"]:
        body = _codec.decode_body(bytes.fromhex(entry["service"]))
        service = _codec.decode_service(attributes(body[_codec.ATTR_SERVICE]))
        found[service.key] = service
        decoded = [
            _codec.decode_server(
                attributes(_codec.decode_body(bytes.fromhex(text))[_codec.ATTR_DEST]),
                service.family,
            )
            for text in entry["real_servers"]
        ]
        servers[service.key] = {server.key: server for server in decoded}
    return Table(found, servers)


def test_the_kernels_messages_are_read() -> None:
    """What ipvsadm had set is what is read."""
    assert print_table(golden_table()).splitlines() == GOLDEN["rules"]


def test_the_kernels_counters_are_read() -> None:
    """Counters and connections of the service that had got three datagrams."""
    (entry,) = [entry for entry in GOLDEN["services"] if entry["rule"].startswith("-A -u")]
    body = _codec.decode_body(bytes.fromhex(entry["service"]))
    statistics = _codec.decode_statistics(attributes(body[_codec.ATTR_SERVICE]))
    assert list(statistics.values())[:5] == [1, 3, 0, 300, 0]
    body = _codec.decode_body(bytes.fromhex(entry["real_servers"][0]))
    server = attributes(body[_codec.ATTR_DEST])
    assert list(_codec.decode_statistics(server).values())[:5] == [1, 3, 0, 300, 0]
    assert _codec.decode_connection_counts(server) == {
        "active_connections": 0,
        "inactive_connections": 1,
        "persistent_connections": 0,
    }


def test_the_kernels_other_answers_are_read() -> None:
    """Version, timeouts, and a synchronisation daemon."""
    info = _codec.decode_info(_codec.decode_body(bytes.fromhex(GOLDEN["info"])))
    assert info["version"] == "1.2.1"
    timeouts = _codec.decode_timeouts(_codec.decode_body(bytes.fromhex(GOLDEN["config"])))
    assert timeouts == {"tcp": 901, "tcp_fin": 121, "udp": 301}
    body = _codec.decode_body(bytes.fromhex(GOLDEN["daemon"]))
    daemon = _codec.decode_daemon(attributes(body[_codec.ATTR_DAEMON]))
    assert (daemon["role"], daemon["interface"], daemon["sync_id"]) == ("master", "eth1", 7)
    assert (daemon["group"], daemon["port"], daemon["ttl"]) == ("224.0.0.81", 8848, 1)


@pytest.mark.parametrize("kind", ["service", "server"])
def test_what_is_sent_says_no_less_than_the_kernel(kind: str) -> None:
    """Every attribute that we send has the octets that the kernel answers with."""
    for service in golden_table().services.values():
        (entry,) = [
            entry
            for entry in GOLDEN["services"]
            if _codec.decode_service(
                attributes(_codec.decode_body(bytes.fromhex(entry["service"]))[1])
            ).key
            == service.key
        ]
        if kind == "service":
            sent = attributes(attributes(_codec.encode_service(service))[_codec.ATTR_SERVICE])
            answered = attributes(_codec.decode_body(bytes.fromhex(entry["service"]))[1])
            # Flags are sent with a mask, and answered with another.
            sent[7], answered[7] = sent[7][:4], bytes([answered[7][0] & ~2]) + answered[7][1:4]
            assert sent.items() <= answered.items()
            continue
        for text in entry["real_servers"]:
            answered = attributes(_codec.decode_body(bytes.fromhex(text))[_codec.ATTR_DEST])
            server: RealServer = _codec.decode_server(answered, service.family)
            sent = attributes(attributes(_codec.encode_server(server))[_codec.ATTR_DEST])
            assert sent.items() <= answered.items()


def test_counters_beyond_32_bits() -> None:
    """Where the kernel answers with both, those of 64 bits are what is read."""

    def counters(size: int) -> bytes:
        values = range(2**40, 2**40 + len(_codec.STATISTICS))
        return b"".join(
            attribute(kind, (value % 2 ** (8 * size)).to_bytes(size, sys.byteorder))
            for kind, value in enumerate(values, 1)
        )

    both = {_codec.SVC_STATS: counters(4), _codec.SVC_STATS64: counters(8)}
    assert list(_codec.decode_statistics(both).values()) == list(range(2**40, 2**40 + 10))
    old = {_codec.SVC_STATS: counters(4)}
    assert list(_codec.decode_statistics(old).values()) == list(range(10))
    # The kernel of the golden messages does answer with both, for services and real servers alike.
    for entry in GOLDEN["services"]:
        body = _codec.decode_body(bytes.fromhex(entry["service"]))
        assert _codec.SVC_STATS64 in attributes(body[_codec.ATTR_SERVICE])
        for text in entry["real_servers"]:
            body = _codec.decode_body(bytes.fromhex(text))
            assert _codec.DEST_STATS64 in attributes(body[_codec.ATTR_DEST])


@given(st.dictionaries(st.sampled_from(sorted(_codec.TIMEOUTS.values())), st.integers(1, 2**31)))
def test_timeouts_come_back(seconds: dict[str, int]) -> None:
    """Encoded and decoded, timeouts are the same; what is not there is not sent."""
    found = attributes(_codec.encode_timeouts(seconds))
    decoded = _codec.decode_timeouts(found)
    assert {name: value for name, value in decoded.items() if value} == seconds
    assert len(found) == len(seconds)


@given(
    st.builds(
        SyncDaemon,
        st.sampled_from(ROLES),
        st.from_regex(r"[a-z][a-z0-9.]{0,14}", fullmatch=True),
        st.integers(0, 255),
        st.integers(1, 65507),
        st.sampled_from(["224.0.0.81", "239.1.2.3", "ff02::81", "ff0e::1"]),
        st.integers(1, 65535),
        st.integers(1, 255),
    )
)
def test_daemons_come_back(daemon: SyncDaemon) -> None:
    """Encoded and decoded, a daemon is the same."""
    found = attributes(attributes(_codec.encode_daemon(daemon))[_codec.ATTR_DAEMON])
    assert SyncDaemon(**_codec.decode_daemon(found)) == daemon


def test_a_daemon_is_sent_as_the_kernel_answers() -> None:
    """The golden daemon, octet by octet; to stop it, its role is all."""
    body = _codec.decode_body(bytes.fromhex(GOLDEN["daemon"]))
    answered = attributes(body[_codec.ATTR_DAEMON])
    daemon = SyncDaemon(**_codec.decode_daemon(answered))
    assert attributes(attributes(_codec.encode_daemon(daemon))[_codec.ATTR_DAEMON]) == answered
    role = attributes(attributes(_codec.encode_daemon_role("master"))[_codec.ATTR_DAEMON])
    assert role == {_codec.DAEMON_STATE: answered[_codec.DAEMON_STATE]}
