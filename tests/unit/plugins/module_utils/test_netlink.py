# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink conversations as a kernel may lead them, but cannot be made to when one wants it."""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _netlink
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import (
    NLM_F_DUMP_INTR,
    NLMSG_DONE,
    NLMSG_ERROR,
    Interrupted,
    Netlink,
    NetlinkError,
)
from hypothesis import given
from hypothesis import strategies as st

ANSWER = 30


def answer(kind: int, sequence: int, payload: bytes, flags: int = 0) -> bytes:
    """Return a message as the kernel sends it."""
    return struct.pack("=IHHII", 16 + len(payload), kind, flags, sequence, 0) + payload


def code(number: int) -> bytes:
    """Return what an error or the end of a dump carries."""
    return struct.pack("=i", -number)


class Wire:
    """A socket at whose other end the answers lie ready; an exception among them is raised."""

    def __init__(self, answers: Iterable[bytes | Exception]) -> None:
        self.sent: list[bytes] = []
        self._answers = iter(answers)

    def sendto(self, data: bytes, _address: object) -> None:
        self.sent.append(data)

    def recv(self, _size: int, flags: int = 0) -> bytes:
        if flags & socket.MSG_DONTWAIT:
            raise BlockingIOError
        found = next(self._answers)
        if isinstance(found, Exception):
            raise found
        return found


def conversation(*answers: bytes | Exception) -> Netlink:
    """Return a conversation with these answers."""
    netlink = Netlink.__new__(Netlink)
    vars(netlink).update(_sequence=0, _socket=Wire(answers))
    return netlink


def test_a_dump_of_several_buffers() -> None:
    """It ends with NLMSG_DONE; answers to something else are passed over."""
    netlink = conversation(
        answer(ANSWER, 9, b"late") + answer(ANSWER, 1, b"one."),
        answer(ANSWER, 1, b"two."),
        answer(NLMSG_DONE, 1, code(0)),
    )
    assert netlink.dump(ANSWER, b"") == ([b"one.", b"two."], False)


@pytest.mark.parametrize("together", [True, False])
def test_a_dump_of_one_buffer(together: bool) -> None:
    """Nothing can have changed meanwhile, wherever its end comes."""
    end = answer(NLMSG_DONE, 1, code(0))
    told = answer(ANSWER, 1, b"one.") + answer(ANSWER, 1, b"two.")
    netlink = conversation(*([told + end] if together else [told, end]))
    assert netlink.dump(ANSWER, b"") == ([b"one.", b"two."], True)
    assert conversation(end).dump(ANSWER, b"") == ([], True)


def test_buffers_that_are_read_at_once() -> None:
    """Those that can be: the messages of others are read one by one, and the end is found."""
    end = answer(NLMSG_DONE, 1, code(0))
    first = answer(ANSWER, 1, b"one.") + answer(ANSWER, 1, b"two.")
    asked = []

    def read_buffer(buffer: bytes, sequence: int) -> list[str] | None:
        asked.append((buffer, sequence))
        return ["first"] if buffer == first else None

    def dump(*answers: bytes) -> tuple[list[str], bool]:
        return conversation(*answers).dump_read(ANSWER, b"", bytes.decode, read_buffer)

    assert dump(first, end) == (["first"], True)
    assert asked == [(first, 1), (end, 1)]
    assert dump(first, answer(ANSWER, 1, b"more") + end) == (["first", "more"], False)
    assert dump(answer(ANSWER, 1, b"more"), first, end) == (["more", "first"], False)


class Dumping:
    """A kernel that has these buffers for each dump, and takes up one at a time.

    A program that keeps messages away keeps those that end a dump well.
    """

    def __init__(self, dumps: Sequence[Sequence[bytes]], *, filters: bool = True) -> None:
        self._dumps = [list(buffers) for buffers in dumps]
        self._filters = filters
        self.running: tuple[int, list[bytes]] | None = None
        self.queue: list[bytes] = []
        self.keeps = False
        self.calls = 0

    def setsockopt(self, _level: int, option: int, _value: object) -> None:
        if not self._filters:
            raise OSError(errno.EINVAL, "Invalid argument")
        self.keeps = option == _netlink.SO_ATTACH_FILTER

    def sendto(self, data: bytes, _address: object) -> None:
        self.calls += 1
        ((_kind, _flags, sequence, payload),) = _netlink.messages(data)
        if self.running is not None:
            self.queue.append(answer(NLMSG_ERROR, sequence, code(errno.EBUSY)))
            return
        self.running = (sequence, self._dumps[int(payload)])
        self._go_on()

    def _go_on(self) -> None:
        if self.running is None:
            return
        sequence, buffers = self.running
        if buffers:
            told = buffers.pop(0)
            self.queue.append(b"".join(answer(ANSWER, sequence, bytes([one] * 4)) for one in told))
            return
        self.running = None
        if not self.keeps:
            self.queue.append(answer(NLMSG_DONE, sequence, code(0)))

    def recv(self, _size: int, flags: int = 0) -> bytes:
        self.calls += 1
        if not self.queue:
            assert flags & socket.MSG_DONTWAIT
            raise BlockingIOError
        found = self.queue.pop(0)
        self._go_on()
        return found

    def conversation(self) -> Netlink:
        """Return a conversation with it."""
        netlink = Netlink.__new__(Netlink)
        vars(netlink).update(_sequence=0, _socket=self)
        return netlink


def requests(number: int) -> list[tuple[bytes, Callable[[bytes], tuple[int, bytes]]]]:
    """Return what asks for so many dumps, each read by somebody else."""

    def reading(which: int) -> Callable[[bytes], tuple[int, bytes]]:
        return lambda told: (which, told)

    return [(str(which).encode(), reading(which)) for which in range(number)]


@given(st.lists(st.lists(st.binary(min_size=1, max_size=3), max_size=4)), st.booleans())
def test_several_dumps(dumps: list[list[bytes]], filters: bool) -> None:
    """Each has its answers, in however many buffers they come, and whether any can be missing."""
    kernel = Dumping(dumps, filters=filters)
    found = list(kernel.conversation().dumps(ANSWER, requests(len(dumps))))
    assert found == [
        ([(which, bytes([one] * 4)) for one in b"".join(buffers)], len(buffers) <= 1)
        for which, buffers in enumerate(dumps)
    ]
    assert not kernel.keeps


def test_several_dumps_take_two_calls_each() -> None:
    """And two more, by which it is seen that nothing is left."""
    kernel = Dumping([[b"1"]] * 100)
    assert len(list(kernel.conversation().dumps(ANSWER, requests(100)))) == 100
    assert kernel.calls == 2 * 100 + 2
    assert list(kernel.conversation().dumps(ANSWER, requests(0))) == []


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (answer(NLMSG_DONE, 1, code(0), NLM_F_DUMP_INTR), Interrupted),
        (answer(ANSWER, 1, b"one.", NLM_F_DUMP_INTR) + answer(NLMSG_DONE, 1, code(0)), Interrupted),
        (answer(NLMSG_DONE, 1, code(errno.ENOMEM)), OSError),
        (answer(NLMSG_ERROR, 2, code(errno.EPERM)), OSError),
        # Nothing runs that it could wait for the end of.
        (answer(NLMSG_ERROR, 2, code(errno.EBUSY)), OSError),
    ],
)
def test_several_dumps_of_which_one_is_refused(told: bytes, said: type[Exception]) -> None:
    """Whatever it is, nothing is left of them, and the next dump gets its end."""

    class Telling(Dumping):
        def sendto(self, data: bytes, _address: object) -> None:
            super().sendto(data, _address)
            self.queue += [told] if self.calls > 1 else []

    kernel = Telling([[b"1"], []])
    with pytest.raises(said):
        list(kernel.conversation().dumps(ANSWER, requests(2)))
    assert not kernel.keeps
    assert (kernel.running, kernel.queue) == (None, [])


def test_a_dump_of_which_something_was_lost_leaves_nothing() -> None:
    """The kernel would refuse the next one until it has ended."""

    class Losing(Dumping):
        def recv(self, size: int, flags: int = 0) -> bytes:
            found = super().recv(size, flags)
            if self.calls == 2:
                raise OSError(errno.ENOBUFS, "No buffer space available")
            return found

    kernel = Losing([[b"1", b"2", b"3"]])
    netlink = kernel.conversation()
    with pytest.raises(OSError, match="No buffer space"):
        netlink.dump(ANSWER, b"0")
    assert (kernel.running, kernel.queue) == (None, [])


def test_a_dump_that_something_changed_under_is_not_believed() -> None:
    """The kernel marks it, on any of its messages."""
    netlink = conversation(
        answer(ANSWER, 1, b"one.", NLM_F_DUMP_INTR) + answer(ANSWER, 1, b"two."),
        answer(NLMSG_DONE, 1, code(0)),
    )
    with pytest.raises(Interrupted):
        netlink.dump(ANSWER, b"")


def test_what_was_interrupted_or_lost_is_asked_for_again() -> None:
    """The answers of the attempt that failed are passed over in the next."""
    netlink = conversation(
        answer(ANSWER, 1, b"old.", NLM_F_DUMP_INTR) + answer(NLMSG_DONE, 1, code(0)),
        OSError(errno.ENOBUFS, "No buffer space available"),
        answer(ANSWER, 2, b"left"),
        answer(ANSWER, 3, b"new.") + answer(NLMSG_DONE, 3, code(0)),
    )
    assert _netlink.repeated(lambda: netlink.dump(ANSWER, b"")) == ([b"new."], True)


def test_it_is_not_tried_for_ever() -> None:
    """A table that never stands still is an error in the end."""
    tried = []

    def read() -> None:
        tried.append(1)
        raise Interrupted

    with pytest.raises(Interrupted):
        _netlink.repeated(read)
    assert len(tried) == _netlink.ATTEMPTS


def test_another_error_is_not_tried_again() -> None:
    """Only what was lost may be there the next time."""
    netlink = conversation(answer(NLMSG_ERROR, 1, code(errno.EPERM)))
    with pytest.raises(OSError, match="not permitted"):
        _netlink.repeated(lambda: netlink.dump(ANSWER, b""))


def test_the_errors_of_a_batch_are_told_apart() -> None:
    """Each is traced by its sequence number; only the last message asks for an answer."""
    netlink = conversation(
        answer(NLMSG_ERROR, 2, code(errno.EEXIST)),
        answer(NLMSG_ERROR, 3, code(errno.ENOENT)) + answer(NLMSG_ERROR, 4, code(0)),
    )
    batch = [(ANSWER, bytes(4))] * 4
    assert netlink.send_batch(batch) == {1: errno.EEXIST, 2: errno.ENOENT}
    wire: Any = netlink._socket
    (sent,) = wire.sent
    flags = [flags for _kind, flags, _sequence, _payload in _netlink.messages(sent)]
    assert [bool(flag & _netlink.NLM_F_ACK) for flag in flags] == [False, False, False, True]


def test_answers_of_a_batch_that_are_lost_are_an_error() -> None:
    """What was done cannot be known then: the next run finds out."""
    netlink = conversation(OSError(errno.ENOBUFS, "No buffer space available"))
    with pytest.raises(OSError, match="No buffer space"):
        netlink.send_batch([(ANSWER, b"")])


class Kernel:
    """The sockets that a kernel gives, with what it refuses."""

    def __init__(self, *refused: str | int) -> None:
        self.done: list[tuple[Any, ...]] = []
        self._refused = refused

    def __call__(self, *kind: int) -> Kernel:
        self.done.append(("socket", *kind))
        return self

    def bind(self, address: object) -> None:
        self.done.append(("bind", address))
        if "bind" in self._refused:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")

    def setsockopt(self, level: int, option: int, value: int | bytes) -> None:
        if option in self._refused:
            raise PermissionError
        self.done.append(("option", level, option, value))

    def settimeout(self, seconds: float) -> None:
        self.done.append(("timeout", seconds))

    def close(self) -> None:
        self.done.append(("close",))


def kernel_that_refuses(monkeypatch: pytest.MonkeyPatch, *refused: str | int) -> Kernel:
    """Return the kernel whose sockets are had from now on."""
    kernel = Kernel(*refused)
    monkeypatch.setattr(socket, "socket", kernel)
    return kernel


LIMIT = _netlink.TIMEVAL.pack(int(_netlink.ANSWER_SECONDS), 0)


@pytest.mark.parametrize(
    ("refused", "option"),
    [((), _netlink.SO_RCVBUFFORCE), ((_netlink.SO_RCVBUFFORCE,), socket.SO_RCVBUF)],
)
def test_a_conversation_begins(
    monkeypatch: pytest.MonkeyPatch, refused: tuple[int, ...], option: int
) -> None:
    """The kernel chooses the address; the buffer is as large as this user may make it."""
    kernel = kernel_that_refuses(monkeypatch, *refused)
    Netlink(_netlink.NETLINK_GENERIC).close()
    assert kernel.done == [
        ("socket", 16, socket.SOCK_RAW, 16),
        ("bind", (0, 0)),
        ("option", socket.SOL_SOCKET, socket.SO_RCVTIMEO, LIMIT),
        ("option", socket.SOL_SOCKET, option, _netlink.RECEIVE_BUFFER),
        ("close",),
    ]


def test_a_kernel_that_takes_no_such_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python waits then, which takes a call more for each."""
    kernel = kernel_that_refuses(monkeypatch, socket.SO_RCVTIMEO)
    Netlink(_netlink.NETLINK_GENERIC)
    assert ("timeout", _netlink.ANSWER_SECONDS) in kernel.done


def test_a_socket_without_an_address_is_not_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nobody else to close it."""
    kernel = kernel_that_refuses(monkeypatch, "bind")
    with pytest.raises(OSError, match="Cannot allocate memory"):
        Netlink(_netlink.NETLINK_GENERIC)
    assert kernel.done[-1] == ("close",)


def test_a_python_without_netlink(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, as any error of a socket."""
    monkeypatch.delattr(socket, "AF_NETLINK")
    with pytest.raises(OSError, match="this Python has no netlink sockets") as raised:
        Netlink(_netlink.NETLINK_GENERIC)
    assert raised.value.errno == errno.EAFNOSUPPORT


def test_a_silent_kernel_is_not_waited_for_forever() -> None:
    """The socket's timeout is an error as any other, and is not tried again."""
    for silence in (BlockingIOError(errno.EAGAIN, "?"), TimeoutError("timed out")):
        for ask in (
            lambda netlink: netlink.dump(ANSWER, b""),
            lambda netlink: netlink.ask(ANSWER, _netlink.NLM_F_ACK, b""),
            lambda netlink: netlink.send_batch([(ANSWER, b"")]),
        ):
            with pytest.raises(TimeoutError, match="timed out"):
                _netlink.repeated(partial(ask, conversation(silence)))


def test_a_socket_waits_no_longer_than_it_may() -> None:
    """This machine's own kernel, at a socket to which nobody says anything."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        _netlink._limit(ours, 0.01)
        assert ours.gettimeout() is None
        netlink = conversation()
        vars(netlink).update(_socket=ours)
        with pytest.raises(TimeoutError):
            netlink._receive()


@given(st.binary(max_size=80))
def test_junk_is_no_message(data: bytes) -> None:
    """Whatever comes, it is read or refused."""
    for read in (_netlink.messages, _netlink.attributes):
        try:
            list(read(data))
        except NetlinkError as error:
            assert str(error)
