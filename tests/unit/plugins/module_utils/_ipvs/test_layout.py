# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buffers read by what was learned of the first: the same as the codec reads, one by one."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import codec as _codec
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.codec import Command
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.layout import (
    CountedServer,
    counted_reader,
    server_attributes,
    server_reader,
    told_reader,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import (
    MESSAGE,
    NLM_F_DUMP_INTR,
    NLM_F_MULTI,
    NLMSG_DONE,
    attribute,
    messages,
    nested,
)
from hypothesis import given
from hypothesis import strategies as st
from strategies import real_servers, services

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())
SERVERS = services().flatmap(real_servers)
NUMBER, LONG = st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
COUNTED = st.tuples(SERVERS, NUMBER, NUMBER, NUMBER, LONG)
# The kernel's order (ip_vs_genl_fill_dest).
ORDER = (1, 2, 3, 4, 13, 14, 15, 5, 6, 7, 8, 9, 11, 10, 12)
SEQUENCE, PORT, FAMILY = 7, 4711, 30


def payload(
    told: CountedServer,
    order: Sequence[int] = ORDER,
    left_out: frozenset[int] = frozenset(),
    *,
    padded: bool = False,
) -> bytes:
    """Return what a kernel says of a real server.

    Where numbers of 64 bits have to be at even addresses, there is an empty attribute before each.
    """
    server, *now, ever = told
    whole = _codec.payload_of(Command.NEW_DEST, _codec.encode_server(server))
    counts = {kind: struct.pack("=I", count) for kind, count in zip((7, 8, 9), now)}
    pad = attribute(0, b"") if padded else b""
    numbers = b"".join(pad + attribute(n, struct.pack("=Q", ever if n == 1 else n)) for n in (1, 2))
    found = {**server_attributes(whole), **counts, 10: attribute(1, bytes(4)), 12: numbers}
    body = b"".join(attribute(kind, found[kind]) for kind in order if kind not in left_out)
    return _codec.payload_of(Command.NEW_DEST, nested(_codec.ATTR_DEST, body))


def buffer(*payloads: bytes, flags: int = NLM_F_MULTI, sequence: int = SEQUENCE) -> bytes:
    """Return a buffer of messages."""
    return b"".join(
        MESSAGE.pack(MESSAGE.size + len(one), FAMILY, flags, sequence, PORT) + one
        for one in payloads
    )


def plain(*servers: RealServer) -> bytes:
    """Return a buffer that tells of real servers."""
    return buffer(*(payload((server, 0, 0, 0, 0)) for server in servers))


def one_by_one(told: bytes) -> list[RealServer]:
    """Return the real servers as the codec reads them, of which each tells its family."""
    return [
        _codec.decode_server(server_attributes(answer), "ipv4")
        for _kind, _flags, _sequence, answer in messages(told)
    ]


@given(st.lists(st.lists(SERVERS, min_size=1, max_size=8), min_size=1, max_size=4))
def test_servers_come_back(buffers: list[list[RealServer]]) -> None:
    """Whatever the first is that is learned from, and however many each buffer has."""
    read = server_reader().read_buffer
    for servers in buffers:
        assert read(plain(*servers), SEQUENCE) == servers


@given(st.lists(st.tuples(st.lists(COUNTED, min_size=1, max_size=8), st.integers(0, 9))))
def test_counts_come_back(buffers: list[tuple[list[CountedServer], int]]) -> None:
    """Each buffer has a sequence number of its own."""
    read = counted_reader().read_buffer
    for told, sequence in buffers:
        assert read(buffer(*map(payload, told), sequence=sequence), sequence) == told


@given(COUNTED, st.booleans())
def test_a_kernel_that_pads(told: CountedServer, padded: bool) -> None:
    """One of 32 bits: it is learned as any other, and not taken for another."""
    reader = counted_reader()
    assert reader.read_buffer(buffer(payload(told, padded=padded)), SEQUENCE) == [told]
    assert reader.read_buffer(buffer(payload(told, padded=not padded)), SEQUENCE) is None


def test_the_kernels_own_are_read_at_once() -> None:
    """IPv4 and IPv6, nat, dr and tunnels of each kind."""
    answers = [
        bytes.fromhex(text) for entry in GOLDEN["services"] for text in entry["real_servers"]
    ]
    assert len(answers) > 3
    told = buffer(*answers)
    servers, counted = server_reader(), counted_reader()
    assert servers.read_buffer(told, SEQUENCE) == one_by_one(told)
    assert counted.read_buffer(told, SEQUENCE) == [counted.read(one, "ipv4") for one in answers]


@given(st.lists(COUNTED, min_size=1, max_size=4), st.permutations(ORDER), st.integers(0, 4))
def test_another_order_is_taken_apart(
    told: list[CountedServer], order: list[int], place: int
) -> None:
    """Of attributes that are as long as others: whether it comes first, or among others."""
    whole = [payload(one) for one in told]
    odd = payload(told[0], order)
    mixed = buffer(*whole[:place], odd, *whole[place:])
    for reader in (counted_reader(), server_reader()):
        reader.read_buffer(buffer(*whole), SEQUENCE)
        assert (reader.read_buffer(mixed, SEQUENCE) is None) == (order != [*ORDER])
    assert server_reader().read_buffer(buffer(odd), SEQUENCE) in (None, [told[0][0]])


@given(COUNTED, st.sampled_from(ORDER))
def test_a_kernel_that_knows_less(told: CountedServer, lacking: int) -> None:
    """Nothing is learned from what lacks something that is read, and nothing else is lost."""
    odd = buffer(payload(told, left_out=frozenset({lacking})))
    found = server_reader().read_buffer(odd, SEQUENCE)
    assert found == ([told[0]] if lacking in (7, 8, 9, 10, 12) else None)
    assert counted_reader().read_buffer(odd, SEQUENCE) == ([told] if lacking == 10 else None)


def test_counts_that_a_kernel_does_not_tell() -> None:
    """They are 0; a tunnel without a type is one of IPIP."""
    server = RealServer("10.0.0.1", 80, "tun")
    bare = payload((server, 1, 2, 3, 4), left_out=frozenset({8, 12, 13, 14, 15}))
    assert counted_reader().read(bare, "ipv4") == (server, 1, 0, 3, 0)


@given(SERVERS, st.integers(0, 400))
def test_what_is_cut_off_is_not_read(server: RealServer, length: int) -> None:
    """Before and after something was learned."""
    whole = plain(server)
    reader = server_reader()
    cut = whole[: min(length, len(whole) - 1)]
    assert reader.read_buffer(cut, SEQUENCE) is None
    assert reader.read_buffer(whole, SEQUENCE) in ([server], None)
    assert reader.read_buffer(cut, SEQUENCE) is None


def test_what_is_no_answer_is_taken_apart() -> None:
    """What answers another question, what was interrupted, and the end; none is learned from."""
    server = RealServer("10.0.0.1", 80)
    whole = payload((server, 0, 0, 0, 0))
    done = MESSAGE.pack(20, NLMSG_DONE, NLM_F_MULTI, SEQUENCE, PORT) + bytes(4)
    others = [
        b"",
        done,
        buffer(whole, flags=NLM_F_MULTI | NLM_F_DUMP_INTR),
        buffer(whole, sequence=SEQUENCE - 1),
    ]
    reader = server_reader()
    for _before_and_after in range(2):
        assert [reader.read_buffer(other, SEQUENCE) for other in others] == [None] * 4
        assert reader.read_buffer(buffer(whole), SEQUENCE) == [server]
    assert reader.read_buffer(buffer(whole) + done, SEQUENCE) is None


def test_all_that_the_kernel_tells() -> None:
    """The attributes as they are, of one message at a time."""
    told = (RealServer("fd00::1", 80), 1, 2, 3, 4)
    reader = told_reader()
    assert reader.read_buffer(buffer(payload(told)), SEQUENCE) is None
    server, found = reader.read(payload(told), "ipv6")
    assert (server, found[7]) == (told[0], struct.pack("=I", 1))
