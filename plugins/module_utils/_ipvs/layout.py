# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers out of the kernel's messages, tens of thousands of them.

Private to the collection: names and behaviour may change in any release.

A kernel writes each real server alike: the same attributes, in the same order and of the same
lengths (ip_vs_genl_fill_dest in net/netfilter/ipvs/ip_vs_ctl.c). Which, is learned from the first
message, whichever kernel it is. A buffer of such messages is unpacked at once, if all heads of
messages and attributes are those of the first. Else the messages are taken apart one by one, by the
codec.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from socket import AF_INET, inet_ntop, ntohs
from types import MappingProxyType
from typing import Any, Generic, TypeVar, Union

from .._netlink import ATTRIBUTE, MESSAGE, NLA_TYPE_MASK, NLM_F_MULTI, NLMSG_MIN_TYPE, attributes
from . import codec as _codec
from .model import RealServer, RealServerKey

_Told = TypeVar("_Told")
# The type of an attribute, or that of the one that it is in and its own.
_Kind = Union[int, tuple[int, int]]
# With what is counted of it.
CountedServer = tuple[RealServer, int, int, int, int]
# With its attributes: type to value.
ToldServer = tuple[RealServer, dict[int, bytes]]
# Values of attributes, in the kernel's order.
_Row = tuple[Any, ...]

# How the attributes that are read here are packed, in the kernel's order.
_SERVER: Mapping[_Kind, str] = {
    _codec.DEST_ADDR: "16s",
    _codec.DEST_PORT: "H",
    _codec.DEST_FWD_METHOD: "I",
    _codec.DEST_WEIGHT: "I",
    _codec.DEST_TUN_TYPE: "B",
    _codec.DEST_TUN_PORT: "H",
    _codec.DEST_TUN_FLAGS: "H",
    _codec.DEST_U_THRESH: "I",
    _codec.DEST_L_THRESH: "I",
}
_FAMILY: Mapping[_Kind, str] = {_codec.DEST_ADDR_FAMILY: "H"}
_COUNTS: Mapping[_Kind, str] = {
    _codec.DEST_ACTIVE_CONNS: "I",
    _codec.DEST_INACT_CONNS: "I",
    _codec.DEST_PERSIST_CONNS: "I",
}
_ALL_CONNECTIONS: Mapping[_Kind, str] = {(_codec.DEST_STATS64, 1): "Q"}
_COUNTS_AT = len(_SERVER)
# What is counted of a real server: connections of now, then those of all time.
COUNTED = ("active_connections", "inactive_connections", "persistent_connections", "connections")
# struct nlmsghdr, struct genlmsghdr, then the head of the attribute that the others are in.
_FIRST = MESSAGE.size + 8


def server_attributes(payload: bytes) -> dict[int, bytes]:
    """Return the attributes of the real server that a message tells of."""
    return attributes(_codec.decode_body(payload)[_codec.ATTR_DEST])


class Reader(Generic[_Told]):
    """Reads of real servers what somebody wants to know.

    C(key) tells what is told of one from that of the others of its service, C(read) reads it of a
    message and its service's family, and C(read_row) of the attributes that are C(packed) so.
    """

    def __init__(
        self,
        key: Callable[[_Told], RealServerKey],
        read: Callable[[bytes, str], _Told],
        packed: Mapping[_Kind, str] = MappingProxyType({}),
        read_row: Callable[[_Row], _Told] | None = None,
    ) -> None:
        self.key = key
        self.read = read
        self._layout = _Layout(packed)
        self._read_row = read_row

    def read_buffer(self, buffer: bytes, sequence: int) -> list[_Told] | None:
        """Return what a buffer tells, or None where its messages are to be taken apart."""
        if self._read_row is None:
            return None
        rows = self._layout.rows(buffer, sequence)
        return None if rows is None else [*map(self._read_row, rows)]


def server_reader() -> Reader[RealServer]:
    """Return what reads real servers, and nothing else of them."""
    return Reader(_key, _read_server, {**_SERVER, **_FAMILY}, _server_of_row)


def counted_reader() -> Reader[CountedServer]:
    """Return what reads real servers, each with its C(COUNTED)."""
    packed = {**_SERVER, **_COUNTS, **_FAMILY, **_ALL_CONNECTIONS}
    return Reader(_key_of_first, _read_counted, packed, _counted_of_row)


def told_reader() -> Reader[ToldServer]:
    """Return what reads real servers, each with all attributes that the kernel tells."""
    return Reader(_key_of_first, _read_told)


def _key(server: RealServer) -> RealServerKey:
    return server.key


def _key_of_first(told: CountedServer | ToldServer) -> RealServerKey:
    return told[0].key


def _read_server(payload: bytes, service_family: str) -> RealServer:
    return _codec.decode_server(server_attributes(payload), service_family)


def _read_told(payload: bytes, service_family: str) -> ToldServer:
    told = server_attributes(payload)
    return _codec.decode_server(told, service_family), told


def _read_counted(payload: bytes, service_family: str) -> CountedServer:
    server, told = _read_told(payload, service_family)
    active, inactive, persistent = _codec.decode_connection_counts(told).values()
    return server, active, inactive, persistent, _codec.decode_statistics(told)[COUNTED[-1]]


def _server_of_row(row: _Row) -> RealServer:
    return _server(row[:-1], row[-1])


def _counted_of_row(row: _Row) -> CountedServer:
    active, inactive, persistent, family, connections = row[_COUNTS_AT:]
    return _server(row[:_COUNTS_AT], family), active, inactive, persistent, connections


def _server(values: _Row, family: int) -> RealServer:
    address, port, method, weight, kind, tunnel_port, flags, upper, lower = values
    spelled = inet_ntop(family, address[:4] if family == AF_INET else address)
    method &= _codec.CONN_F_FWD_MASK
    forward = _codec.FORWARD_NAMES.get(method) or str(method)
    if forward != "tun":
        return RealServer(spelled, ntohs(port), forward, weight, upper, lower)
    tunnel = _codec.tunnel_names(kind, ntohs(tunnel_port), flags)
    return RealServer(spelled, ntohs(port), forward, weight, upper, lower, *tunnel)


class _Layout:
    """Where certain attributes are in messages, as learned from the first one."""

    def __init__(self, packed: Mapping[_Kind, str]) -> None:
        """Take how each is packed, in the order in which they are."""
        self._packed = packed
        self._is_known = False
        self._row: struct.Struct | None = None
        # The heads in a message, without its sequence number, and which of its bits they are.
        self._heads = self._mask = b""
        # The same of so many messages, as numbers.
        self._several = (0, 0, 0)

    def rows(self, buffer: bytes, sequence: int) -> Iterator[_Row] | None:
        """Give the values in each message, or None where any is laid out otherwise."""
        if len(buffer) < MESSAGE.size or MESSAGE.unpack_from(buffer)[3] != sequence:
            return None
        if not self._is_known:
            self._learn(buffer)
        if self._row is None or len(buffer) % self._row.size:
            return None
        count = len(buffer) // self._row.size
        if self._several[0] != count:
            mask = int.from_bytes(self._mask * count, "little")
            self._several = (count, mask, int.from_bytes(self._heads * count, "little"))
        _count, mask, heads = self._several
        if int.from_bytes(buffer, "little") & mask != heads:
            return None
        return self._row.iter_unpack(buffer)

    def _learn(self, buffer: bytes) -> None:
        """Find out how the first message is laid out, unless it only says how the dump went."""
        length, kind, flags, _sequence, _port = MESSAGE.unpack_from(buffer)
        if kind < NLMSG_MIN_TYPE or flags != NLM_F_MULTI:
            return
        self._is_known = True
        told = buffer[:length]
        every = list(_places(told))
        places = {kind: start for kind, start, _size in every}
        sizes = {kind: size for kind, _start, size in every}
        starts = [places.get(kind, 0) for kind in self._packed]
        wanted = [struct.calcsize(f"={code}") for code in self._packed.values()]
        if (
            length % 4
            or starts != sorted(starts)
            or [sizes.get(kind) for kind in self._packed] != wanted
            or any(start + size > length for _kind, start, size in every)
        ):
            return
        mask = bytearray(length)
        mask[:8] = b"\xff" * 8
        mask[12 : MESSAGE.size] = b"\xff" * 4
        for start in (_FIRST, *(start for _kind, start, _size in every)):
            mask[start - ATTRIBUTE.size : start] = b"\xff" * ATTRIBUTE.size
        self._mask = bytes(mask)
        self._heads = bytes(one & bits for one, bits in zip(told, mask))
        self._row = _at(zip(starts, self._packed.values()), length)


def _places(told: bytes) -> Iterator[tuple[_Kind, int, int]]:
    """Give each attribute of a real server: where its value begins, and how long that is."""
    for kind, start, size in _attributes(told, _FIRST):
        yield kind, start, size
        if kind == _codec.DEST_STATS64:
            for inner, first, length in _attributes(told[: start + size], start):
                yield (kind, inner), first, length


def _attributes(data: bytes, offset: int) -> Iterator[tuple[int, int, int]]:
    while offset + ATTRIBUTE.size <= len(data):
        length, kind = ATTRIBUTE.unpack_from(data, offset)
        if length < ATTRIBUTE.size:
            return
        yield kind & NLA_TYPE_MASK, offset + ATTRIBUTE.size, length - ATTRIBUTE.size
        offset += (length + 3) & ~3


def _at(places: Iterable[tuple[int, str]], length: int) -> struct.Struct:
    """Return what reads values at these places, which go up, of a message so long."""
    code, end = "=", 0
    for start, packed in places:
        code += f"{start - end}x{packed}"
        end = start + struct.calcsize(f"={packed}")
    return struct.Struct(f"{code}{length - end}x")
