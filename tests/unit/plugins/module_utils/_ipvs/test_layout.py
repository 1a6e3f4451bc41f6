# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers read by what was learned of others: the same as the codec reads, one by one."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import codec as _codec
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import layout
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.codec import Command
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.layout import (
    CountReader,
    ServerReader,
    server_attributes,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import attribute, nested
from hypothesis import given
from hypothesis import strategies as st
from strategies import real_servers, services

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())
SERVERS = services().flatmap(real_servers)


def payload(server: RealServer) -> bytes:
    """Return a message that tells of a real server."""
    return _codec.payload_of(Command.NEW_DEST, _codec.encode_server(server))


def shuffled(told: bytes, order: list[int], left_out: set[int]) -> bytes:
    """Return the message with its attributes in another order, without some of them."""
    found = server_attributes(told)
    body = b"".join(
        attribute(kind, found[kind]) for kind in order if kind in found and kind not in left_out
    )
    return _codec.payload_of(Command.NEW_DEST, nested(_codec.ATTR_DEST, body))


def one_by_one(told: bytes, family: str) -> RealServer:
    """Return the real server as the codec reads it."""
    return _codec.decode_server(server_attributes(told), family)


@pytest.fixture
def taken_apart(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Give the messages that were taken apart, and not read by what was learned."""
    found: list[bytes] = []

    def noted(told: bytes) -> dict[int, bytes]:
        found.append(told)
        return server_attributes(told)

    monkeypatch.setattr(layout, "server_attributes", noted)
    return found


@given(st.lists(SERVERS, min_size=1, max_size=8))
def test_servers_come_back(servers: list[RealServer]) -> None:
    """Whatever the first is that is learned from."""
    read = ServerReader().read
    assert [read(payload(server), "ipv4") for server in servers] == servers


@given(
    st.lists(SERVERS, min_size=2, max_size=8),
    st.permutations([*range(1, 16)]),
    st.sets(st.sampled_from([_codec.DEST_ADDR_FAMILY, _codec.DEST_TUN_TYPE, 7, 8]), max_size=2),
)
def test_kernels_differ(servers: list[RealServer], order: list[int], left_out: set[int]) -> None:
    """Each kernel has an order of its own, and some lack what others tell."""
    messages = [shuffled(payload(server), order, left_out) for server in servers]
    read = ServerReader().read
    for told, server in zip(messages, servers):
        assert read(told, server.family) == one_by_one(told, server.family)


@given(SERVERS, st.lists(st.tuples(SERVERS, st.permutations([*range(1, 16)]))))
def test_what_is_laid_out_otherwise_is_not_misread(
    first: RealServer, others: list[tuple[RealServer, list[int]]]
) -> None:
    """Messages that are as long as the first, and have their attributes elsewhere."""
    read = ServerReader().read
    read(payload(first), first.family)
    for server, order in others:
        assert read(shuffled(payload(server), order, set()), server.family) == server
        assert read(payload(server), server.family) == server


def test_the_kernels_own_are_learned_from_the_first(taken_apart: list[bytes]) -> None:
    """IPv4 and IPv6, nat, dr and tunnels of each kind: one is taken apart, the others are not."""
    read = ServerReader().read
    messages = [
        (bytes.fromhex(text), "ipv4" if "[" not in entry["rule"] else "ipv6")
        for entry in GOLDEN["services"]
        for text in entry["real_servers"]
    ]
    for told, family in messages:
        assert read(told, family) == one_by_one(told, family)
    assert len(messages) > 3
    assert len(taken_apart) == 1


def test_a_kernel_that_knows_no_tunnel_types(taken_apart: list[bytes]) -> None:
    """Nothing is learned from what lacks something: each is taken apart."""
    server = RealServer("10.0.0.1", 80, "tun")
    told = shuffled(payload(server), [*range(1, 16)], {13, 14, 15})
    read = ServerReader().read
    assert [read(told, "ipv4") for _ in range(3)] == [server] * 3
    assert len(taken_apart) == 3


@given(SERVERS, st.integers(0, 200))
def test_what_is_cut_off_is_not_misread(server: RealServer, length: int) -> None:
    """It is refused as the codec refuses it, before and after something was learned."""
    whole = payload(server)
    told = whole[: min(length, len(whole) - 1)]
    reader = ServerReader()
    reader.read(whole, "ipv4")
    for read in (ServerReader().read, reader.read, one_by_one):
        with pytest.raises((ValueError, KeyError)):
            read(told, "ipv4")


# ---- what is counted -----------------------------------------------------------------------------
COUNTS = st.tuples(*[st.integers(0, 2**32 - 1)] * 3, st.integers(0, 2**64 - 1))


def counted(
    counts: tuple[int, ...], *, stats: str = "=Q", padded: bool = False, last: bool = False
) -> bytes:
    """Return a message that tells of so many connections, as the kernel does."""
    now = [
        attribute(kind, struct.pack("=I", count))
        for kind, count in zip((7, 8, 9), counts)  # ACTIVE, INACT, PERSIST
    ]
    # Where numbers of 64 bits have to be at even addresses, there is an empty attribute before.
    pad = attribute(0, b"") if padded else b""
    numbers = [attribute(kind, struct.pack(stats, counts[3])) for kind in (1, 2)]
    statistics = nested(_codec.DEST_STATS64, b"".join(pad + number for number in numbers))
    parts = [*now, statistics]
    body = attribute(1, bytes(16)) + b"".join([statistics, *now] if last else parts)
    return _codec.payload_of(Command.NEW_DEST, nested(_codec.ATTR_DEST, body))


@given(st.lists(COUNTS, min_size=1, max_size=8))
def test_counts_come_back(counts: list[tuple[int, ...]]) -> None:
    read = CountReader().read
    assert [read(counted(each)) for each in counts] == counts


@given(st.lists(st.tuples(COUNTS, st.booleans(), st.booleans()), min_size=2, max_size=8))
def test_counts_of_other_layouts(told: list[tuple[tuple[int, ...], bool, bool]]) -> None:
    """Each message may be laid out in another way than the first."""
    read = CountReader().read
    for counts, padded, last in told:
        assert read(counted(counts, padded=padded, last=last)) == counts


def test_counts_are_read_at_once(taken_apart: list[bytes]) -> None:
    """Only the first is taken apart."""
    read = CountReader().read
    for number in range(5):
        assert read(counted((number, 1, 2, 3))) == (number, 1, 2, 3)
    assert len(taken_apart) == 1


def test_counts_of_a_kernel_without_64_bits() -> None:
    """What it does not tell is 0, and nothing is learned of it."""
    bare = _codec.payload_of(Command.NEW_DEST, nested(_codec.ATTR_DEST, attribute(7, b"\1\0\0\0")))
    read = CountReader().read
    assert read(bare) == (1, 0, 0, 0)
    assert read(counted((4, 3, 2, 1))) == (4, 3, 2, 1)
