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
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

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
# asm-generic/socket.h
SO_ATTACH_FILTER = 26
SO_DETACH_FILTER = 27
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


class _Dump(Generic[_Answer]):
    """What answers one message, and in how many buffers it came."""

    def __init__(
        self,
        sequence: int,
        read: Callable[[bytes], _Answer],
        read_buffer: Callable[[bytes, int], list[_Answer] | None],
    ) -> None:
        self.sequence = sequence
        self.answers: list[_Answer] = []
        self.has_ended = False
        self._buffers = 0
        self._interrupted = False
        self._read = read
        self._read_buffer = read_buffer

    @property
    def result(self) -> tuple[list[_Answer], bool]:
        """The answers, and whether nothing can be missing."""
        return self.answers, self._buffers <= 1

    def take(self, buffer: bytes) -> bool:
        """Take what there is for it in a buffer, and tell whether there was anything."""
        at_once = self._read_buffer(buffer, self.sequence)
        if at_once is not None:
            self.answers += at_once
            self._buffers += 1
            return True
        before = len(self.answers)
        is_mine = False
        for kind, flags, sequence, answer in messages(buffer):
            if sequence != self.sequence or self.has_ended:
                continue
            is_mine = True
            self._interrupted = self._interrupted or bool(flags & NLM_F_DUMP_INTR)
            if kind not in (NLMSG_ERROR, NLMSG_DONE):
                self.answers.append(self._read(answer))
                continue
            code = error_code(answer)
            if code:
                raise OSError(code, os.strerror(code))
            if self._interrupted:
                raise Interrupted
            self.has_ended = True
        self._buffers += len(self.answers) > before
        return is_mine


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
        return self._ask(kind, flags, payload, _as_it_is, _taken_apart).answers

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
        return self._ask(kind, NLM_F_DUMP, payload, read, read_buffer).result

    def dumps(
        self,
        kind: int,
        requests: Iterable[tuple[bytes, Callable[[bytes], _Answer]]],
        read_buffer: Callable[[bytes, int], list[_Answer] | None] = _taken_apart,
    ) -> Iterator[tuple[list[_Answer], bool]]:
        """Give the same as C(dump_read) for each payload with what reads it, in two calls each.

        The third would fetch the message that ends a dump, which a filter keeps away where it says
        nothing else. A dump has ended when the kernel takes up the next one: until then it refuses
        that. It answers before C(sendto) returns, so that nothing has to be waited for.
        """
        try:
            _keep_ends_away(self._socket)
        except OSError:
            for payload, read in requests:
                yield self.dump_read(kind, payload, read, read_buffer)
            return
        try:
            before: _Dump[_Answer] | None = None
            for payload, read in requests:
                self._sequence += 1
                this = _Dump(self._sequence, read, read_buffer)
                self._begin(message(kind, NLM_F_DUMP, this.sequence, payload), this, before)
                if before is not None:
                    yield before.result
                before = this
            if before is not None:
                while buffer := self._received():
                    before.take(buffer)
                yield before.result
        finally:
            self._socket.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
            self._let_go()

    def _begin(self, request: bytes, this: _Dump[_Answer], before: _Dump[_Answer] | None) -> None:
        """Have the kernel take up a dump; it does so at the end of the one before."""
        goes_on = True
        while goes_on:
            goes_on = False
            self._socket.sendto(request, (0, 0))
            while buffer := self._received():
                try:
                    if this.take(buffer):
                        return
                except OSError as error:
                    if error.errno != errno.EBUSY or not goes_on:
                        raise
                    continue
                goes_on = (before is not None and before.take(buffer)) or goes_on

    def _let_go(self) -> None:
        """Let go what is left of a dump: the kernel takes up no other one before its end."""
        while True:
            try:
                if not self._received():
                    return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise

    def _received(self) -> bytes:
        """Return what is there already, or nothing."""
        try:
            return self._socket.recv(RECEIVE_SIZE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return b""

    def _ask(
        self,
        kind: int,
        flags: int,
        payload: bytes,
        read: Callable[[bytes], _Answer],
        read_buffer: Callable[[bytes, int], list[_Answer] | None],
    ) -> _Dump[_Answer]:
        """Return what answers a message, when it has ended."""
        self._sequence += 1
        dump = _Dump(self._sequence, read, read_buffer)
        self._socket.sendto(message(kind, flags, self._sequence, payload), (0, 0))
        try:
            while not dump.has_ended:
                dump.take(self._receive())
        except OSError:
            self._let_go()
            raise
        return dump

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


def _keep_ends_away(opened: socket.socket) -> None:
    """Have the socket not get messages of NLMSG_DONE alone, without an error or NLM_F_DUMP_INTR.

    It is a program of linux/filter.h, which the kernel copies. It takes numbers for big-endian.
    """
    half, word, equal, any_of, end = 0x28, 0x20, 0x15, 0x45, 0x06
    steps = (
        (half, 0, 0, 4),  # nlmsg_type
        (equal, 0, 5, socket.htons(NLMSG_DONE)),
        (word, 0, 0, MESSAGE.size),
        (equal, 0, 3, 0),
        (half, 0, 0, 6),  # nlmsg_flags
        (any_of, 1, 0, socket.htons(NLM_F_DUMP_INTR)),
        (end, 0, 0, 0),
        (end, 0, 0, 0xFFFFFFFF),
    )
    program = array("B", b"".join(struct.pack("=HBBI", *step) for step in steps))
    address, _size = program.buffer_info()
    # struct sock_fprog
    told = struct.pack("@HP", len(steps), address)
    opened.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, told)


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
