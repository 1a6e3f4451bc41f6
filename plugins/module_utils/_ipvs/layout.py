# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers out of the kernel's messages, tens of thousands of them.

Private to the collection: names and behaviour may change in any release.

A kernel writes each real server alike: the same attributes, in the same order and of the same
lengths (ip_vs_genl_fill_dest in net/netfilter/ipvs/ip_vs_ctl.c). Which, is learned from the first
message, whichever kernel it is. The next are unpacked at once, if all heads of their attributes are
those of the first; else they are taken apart one by one by the codec, as the first was.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from socket import AF_INET, AF_INET6, inet_ntop, ntohs
from typing import Any

from .._netlink import ATTRIBUTE, NLA_TYPE_MASK, attributes
from . import codec as _codec
from .model import RealServer

# How each attribute that is read here is packed; of others only the head is looked at.
_PACKED = {
    _codec.DEST_ADDR: "16s",
    _codec.DEST_PORT: "H",
    _codec.DEST_ADDR_FAMILY: "H",
    _codec.DEST_FWD_METHOD: "I",
    _codec.DEST_WEIGHT: "I",
    _codec.DEST_U_THRESH: "I",
    _codec.DEST_L_THRESH: "I",
    _codec.DEST_TUN_TYPE: "B",
    _codec.DEST_TUN_PORT: "H",
    _codec.DEST_TUN_FLAGS: "H",
}
# struct genlmsghdr, then the head of the attribute that the others are in.
_GENERIC = "4x"
_FIRST = 8
_Numbers = Callable[[bytes], tuple[Any, ...]]


def server_attributes(payload: bytes) -> dict[int, bytes]:
    """Return the attributes of the real server that a message tells of."""
    return attributes(_codec.decode_body(payload)[_codec.ATTR_DEST])


class ServerReader:
    """Reads real servers, and learns from the first how they are laid out."""

    def __init__(self) -> None:
        self._length: int | None = None
        self._heads: tuple[int, ...] = ()
        self._read_heads: _Numbers
        self._read_values: _Numbers
        self._in_order: Callable[[tuple[Any, ...]], tuple[Any, ...]]

    def read(self, payload: bytes, service_family: str) -> RealServer:
        """Return the real server that a message tells of, of a service of this family."""
        if len(payload) != self._length or self._read_heads(payload) != self._heads:
            if self._length is None:
                self._learn(payload)
            return _codec.decode_server(server_attributes(payload), service_family)
        address, port, family, method, weight, upper, lower, kind, tunnel_port, flags = (
            self._in_order(self._read_values(payload))
        )
        if family == AF_INET:
            spelled = inet_ntop(AF_INET, address[:4])
        else:
            spelled = inet_ntop(AF_INET6, address)
        method &= _codec.CONN_F_FWD_MASK
        forward = _codec.FORWARD_NAMES.get(method) or str(method)
        if forward != "tun":
            return RealServer(spelled, ntohs(port), forward, weight, upper, lower)
        tunnel = _codec.tunnel_names(kind, ntohs(tunnel_port), flags)
        return RealServer(spelled, ntohs(port), forward, weight, upper, lower, *tunnel)

    def _learn(self, payload: bytes) -> None:
        """Find out how this message is laid out, for the next ones; leave it where it lacks any."""
        heads, values = f"={_GENERIC}I", f"={_GENERIC}4x"
        places: dict[int, int] = {}
        offset = _FIRST
        while offset + ATTRIBUTE.size <= len(payload):
            length, kind = ATTRIBUTE.unpack_from(payload, offset)
            size = ((length + 3) & ~3) - ATTRIBUTE.size
            kind &= NLA_TYPE_MASK
            code = _PACKED.get(kind, "")
            heads += f"I{size}x"
            if code and struct.calcsize(f"={code}") == length - ATTRIBUTE.size:
                places[kind] = len(places)
                values += f"4x{code}{-length % 4}x"
            else:
                values += f"4x{size}x"
            offset += ATTRIBUTE.size + size
        self._length = -1
        if len(places) == len(_PACKED) and struct.calcsize(heads) == len(payload):
            self._length = len(payload)
            self._read_heads = struct.Struct(heads).unpack
            self._read_values = struct.Struct(values).unpack
            self._in_order = itemgetter(*(places[kind] for kind in _PACKED))
            self._heads = self._read_heads(payload)


# What is counted of a real server: connections of now, then those of all time.
COUNTED = ("active_connections", "inactive_connections", "persistent_connections", "connections")
_COUNTS = (_codec.DEST_ACTIVE_CONNS, _codec.DEST_INACT_CONNS, _codec.DEST_PERSIST_CONNS)
_STATS64_CONNECTIONS = 1


class CountReader:
    """Reads what messages count, by the layout of the first; see ServerReader."""

    def __init__(self) -> None:
        self._length: int | None = None
        self._heads: tuple[int, ...] = ()
        self._read_heads: _Numbers
        self._read_values: _Numbers

    def read(self, payload: bytes) -> tuple[int, ...]:
        """Return C(COUNTED) of the real server that a message tells of."""
        if len(payload) == self._length and self._read_heads(payload) == self._heads:
            return self._read_values(payload)
        if self._length is None:
            self._learn(payload)
        found = server_attributes(payload)
        counts = _codec.decode_connection_counts(found)
        return (*counts.values(), _codec.decode_statistics(found)[COUNTED[-1]])

    def _learn(self, payload: bytes) -> None:
        """Find out where the numbers are, and the heads of attributes that are before them."""
        self._length = -1
        places = {kind: (start, size) for kind, start, size in _attributes(payload, _FIRST)}
        start, size = places.get(_codec.DEST_STATS64, (0, 0))
        inside = {
            kind: (first, length)
            for kind, first, length in _attributes(payload[: start + size], start)
        }
        counts = [places.get(kind, (0, 0)) for kind in _COUNTS]
        counts.append(inside.get(_STATS64_CONNECTIONS, (0, 0)))
        if [size for _start, size in counts] != [4, 4, 4, 8] or counts != sorted(counts):
            return
        every = (*places.values(), *inside.values())
        heads = sorted(first - ATTRIBUTE.size for first, _size in every)
        self._length = len(payload)
        self._read_heads = _at([(start, "I") for start in heads])
        self._heads = self._read_heads(payload)
        self._read_values = _at([(start, "IQ"[size == 8]) for start, size in counts])


def _attributes(data: bytes, offset: int) -> Iterator[tuple[int, int, int]]:
    """Give the type of each attribute, and where its value begins and how long that is."""
    while offset + ATTRIBUTE.size <= len(data):
        length, kind = ATTRIBUTE.unpack_from(data, offset)
        if length < ATTRIBUTE.size:
            return
        yield kind & NLA_TYPE_MASK, offset + ATTRIBUTE.size, length - ATTRIBUTE.size
        offset += (length + 3) & ~3


def _at(places: Iterable[tuple[int, str]]) -> _Numbers:
    """Return what reads numbers at these places, which go up."""
    code, end = "=", 0
    for start, kind in places:
        code += f"{start - end}x{kind}"
        end = start + struct.calcsize(f"={kind}")
    read = struct.Struct(code)
    return read.unpack_from
