# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink: messages, attributes, and a socket to send and receive them by.

Private to the collection: names and behaviour may change in any release.

It needs nothing but Python: whoever talks to IPVS by it has nothing to install.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

# linux/netlink.h
NETLINK_ROUTE = 0
NETLINK_GENERIC = 16
NLMSG_ERROR = 2
NLMSG_DONE = 3
NLMSG_MIN_TYPE = 16
NLM_F_REQUEST = 0x001
NLM_F_MULTI = 0x002
NLM_F_ACK = 0x004
NLM_F_DUMP_INTR = 0x010
NLM_F_DUMP = 0x300
NLA_F_NESTED = 0x8000
NLA_TYPE_MASK = 0x3FFF

RECEIVE_SIZE = 1 << 16
RECEIVE_BUFFER = 1 << 22
SO_RCVBUFFORCE = 33
SOL_NETLINK = 270
NETLINK_GET_STRICT_CHK = 12
ATTEMPTS = 10
ANSWER_SECONDS = 30.0

MESSAGE = struct.Struct("=IHHII")
ATTRIBUTE = struct.Struct("=HH")
# struct timeval: seconds and microseconds
TIMEVAL = struct.Struct("@ll")
_ERROR = struct.Struct("=i")

_Answer = TypeVar("_Answer")


class NetlinkError(ValueError):
    """A message that is not one."""


class Interrupted(Exception):
    """What was being read changed under it, or answers were lost."""


def message(kind: int, flags: int, sequence: int, payload: bytes) -> bytes:
    """Return one message."""
    length = MESSAGE.size + len(payload)
    return MESSAGE.pack(length, kind, flags | NLM_F_REQUEST, sequence, 0) + payload


def messages(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Take a received buffer apart: type, flags, sequence number, and what follows the header."""
    unpack, head, end = MESSAGE.unpack_from, MESSAGE.size, len(data)
    offset = 0
    while offset + head <= end:
        length, kind, flags, sequence, _port = unpack(data, offset)
        after = offset + length
        if length < head or after > end:
            raise NetlinkError(f"a netlink message of {length} octets does not fit its buffer")
        yield kind, flags, sequence, data[offset + head : after]
        offset = (after + 3) & ~3


def error_code(payload: bytes) -> int:
    """Return the errno of an NLMSG_ERROR or NLMSG_DONE; 0 is an acknowledgement."""
    if len(payload) < _ERROR.size:
        return 0
    return -int(_ERROR.unpack_from(payload)[0])


def attributes(data: bytes, offset: int = 0) -> dict[int, bytes]:
    """Take attributes apart: type to value."""
    found: dict[int, bytes] = {}
    end = len(data)
    while offset + 4 <= end:
        length, kind = ATTRIBUTE.unpack_from(data, offset)
        if length < 4 or offset + length > end:
            raise NetlinkError(f"a netlink attribute of {length} octets does not fit its message")
        found[kind & NLA_TYPE_MASK] = data[offset + 4 : offset + length]
        offset += (length + 3) & ~3
    return found


def attribute(kind: int, value: bytes) -> bytes:
    """Return one attribute, padded."""
    return ATTRIBUTE.pack(len(value) + 4, kind) + value + bytes(-len(value) % 4)


def nested(kind: int, value: bytes) -> bytes:
    """Return one attribute that holds attributes."""
    return attribute(kind | NLA_F_NESTED, value)


def _as_it_is(payload: bytes) -> bytes:
    return payload


def _taken_apart(_buffer: bytes, _sequence: int) -> None:
    """Have the messages of each buffer read one by one."""


class Netlink:
    """A conversation with one family of the kernel in this network namespace.

    With C(strict) the kernel gives of what there is only what the request describes; one before
    4.20 gives all. Raises OSError where there is no such socket to be had.
    """

    def __init__(self, family: int, *, strict: bool = False) -> None:
        self._sequence = 0
        self._socket = _bound_socket(family)
        if strict:
            with suppress(OSError):
                self._socket.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
        _limit(self._socket, ANSWER_SECONDS)
        for option in (SO_RCVBUFFORCE, socket.SO_RCVBUF):
            try:
                self._socket.setsockopt(socket.SOL_SOCKET, option, RECEIVE_BUFFER)
            except PermissionError:
                continue
            break

    def close(self) -> None:
        """End the conversation."""
        self._socket.close()

    def ask(self, kind: int, flags: int, payload: bytes) -> list[bytes]:
        """Send one message and return what answers it; errors are raised as OSError.

        The flags have to include NLM_F_ACK, which marks the end of the answer.
        """
        return self._ask(kind, flags, payload, _as_it_is, _taken_apart)[0]

    def dump(self, kind: int, payload: bytes) -> tuple[list[bytes], bool]:
        """Ask for all that there is of a kind; return that, and whether nothing can be missing.

        The kernel fills one buffer after the other, and only while it fills one keeps everybody
        else from changing what it tells of. Errors are raised as OSError.
        """
        return self.dump_read(kind, payload, _as_it_is)

    def dump_read(
        self,
        kind: int,
        payload: bytes,
        read: Callable[[bytes], _Answer],
        read_buffer: Callable[[bytes, int], list[_Answer] | None] = _taken_apart,
    ) -> tuple[list[_Answer], bool]:
        """Ask for all that there is of a kind, each as C(read) reads it.

        C(read_buffer) reads a whole buffer of messages of this sequence number at once, or returns
        None where it cannot, or there are other messages in it.
        """
        answers, buffers = self._ask(kind, NLM_F_DUMP, payload, read, read_buffer)
        return answers, buffers <= 1

    def _ask(
        self,
        kind: int,
        flags: int,
        payload: bytes,
        read: Callable[[bytes], _Answer],
        read_buffer: Callable[[bytes, int], list[_Answer] | None],
    ) -> tuple[list[_Answer], int]:
        """Return answers, and in how many buffers they came."""
        self._sequence += 1
        answers: list[_Answer] = []
        buffers = 0
        interrupted = False
        self._socket.sendto(message(kind, flags, self._sequence, payload), (0, 0))
        while True:
            buffer = self._receive()
            at_once = read_buffer(buffer, self._sequence)
            if at_once is not None:
                answers += at_once
                buffers += 1
                continue
            before = len(answers)
            for found, its_flags, sequence, answer in messages(buffer):
                if sequence != self._sequence:
                    continue
                interrupted = interrupted or bool(its_flags & NLM_F_DUMP_INTR)
                if found not in (NLMSG_ERROR, NLMSG_DONE):
                    answers.append(read(answer))
                    continue
                code = error_code(answer)
                if code:
                    raise OSError(code, os.strerror(code))
                if interrupted:
                    raise Interrupted
                return answers, buffers + (len(answers) > before)
            buffers += len(answers) > before

    def send_batch(self, batch: Sequence[tuple[int, bytes]]) -> dict[int, int]:
        """Send messages (type and payload) at once; return the errors, by index.

        The last one asks for an acknowledgement; the kernel answers every error in any case, and
        goes on with the next message.
        """
        first = self._sequence + 1
        last = len(batch) - 1
        self._sequence += len(batch)
        data = b"".join(
            [
                message(kind, NLM_F_ACK if index == last else 0, first + index, payload)
                for index, (kind, payload) in enumerate(batch)
            ]
        )
        errors: dict[int, int] = {}
        self._socket.sendto(data, (0, 0))
        while True:
            for kind, _flags, sequence, answer in messages(self._receive()):
                if kind != NLMSG_ERROR or not first <= sequence <= first + last:
                    continue
                code = error_code(answer)
                if code:
                    errors[sequence - first] = code
                if sequence == first + last:
                    return errors

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(RECEIVE_SIZE)
        except BlockingIOError as error:
            raise TimeoutError("timed out") from error


def _limit(opened: socket.socket, seconds: float) -> None:
    """Have no answer waited for longer than that.

    The kernel does so by itself; Python would ask before each call whether there is something.
    """
    limit = TIMEVAL.pack(*divmod(int(seconds * 1_000_000), 1_000_000))
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    except OSError:
        # A machine of 32 bits may have another struct.
        opened.settimeout(seconds)


def _bound_socket(family: int) -> socket.socket:
    """Return a socket to which the kernel has given an address of its own choice."""
    netlink = getattr(socket, "AF_NETLINK", None)
    if netlink is None:
        raise OSError(errno.EAFNOSUPPORT, "this Python has no netlink sockets")
    opened = socket.socket(netlink, socket.SOCK_RAW, family)
    try:
        opened.bind((0, 0))
    except OSError:
        opened.close()
        raise
    return opened


def repeated(read: Callable[[], _Answer]) -> _Answer:
    """Read until nothing changed meanwhile and no answer was lost; raise Interrupted in the end."""
    for _attempt in range(ATTEMPTS):
        try:
            return read()
        except Interrupted:
            continue
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
    raise Interrupted
