# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kernel that does not answer as one with IPVS; the rest is in tests/kernel."""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._effects import DELETE, EDIT
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import codec
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import kernel as _kernel
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Ipvs
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.layout import server_reader
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Operation,
    Policy,
    apply_operations,
    plan_table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import (
    Interrupted,
    attribute,
    nested,
)
from hypothesis import given
from hypothesis import strategies as st
from strategies import tables, wanted

ANSWERING_FAMILY = 30


class Conversation:
    """A conversation in which the first question is about the family, and the rest is refused."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.closed = False

    def __call__(self, _family: int) -> Conversation:
        return self

    def dump(self, *_question: object) -> Any:
        return self.ask()

    def dump_read(
        self, _kind: int, _payload: bytes, read: Callable[[bytes], Any], *_read_buffer: object
    ) -> Any:
        answers, whole = self.ask()
        return list(map(read, answers)), whole

    def dumps(
        self, _kind: int, requests: Iterable[tuple[bytes, Any]], *_read_buffer: object
    ) -> Any:
        return (self.dump_read(0, payload, read) for payload, read in requests)

    def ask(self, *_question: object) -> Any:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True


def led(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> Conversation:
    """Return the conversation that the kernel has with whoever asks, the last answer for ever."""
    conversation = Conversation(*answers)
    monkeypatch.setattr(_kernel, "Netlink", conversation)
    return conversation


def test_a_python_without_netlink(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, with what to do."""
    monkeypatch.delattr(socket, "AF_NETLINK")
    with pytest.raises(IpvsError) as raised:
        Ipvs()
    assert str(raised.value) == (
        "there is no netlink socket to ask the kernel's IPVS by (this Python has no netlink"
        " sockets); run the task on Linux, by a Python that has them."
    )
    assert not raised.value.no_ipvs


@pytest.mark.parametrize(
    ("code", "said", "no_ipvs"),
    [
        (errno.ENOENT, "this kernel has no IPVS loaded; load it with modprobe ip_vs", True),
        (errno.EPERM, "only for root (CAP_NET_ADMIN); run the task with become: true", False),
        (errno.ENOMEM, "could not be read: Cannot allocate memory; see the kernel's log", False),
    ],
)
def test_a_family_that_is_refused(
    monkeypatch: pytest.MonkeyPatch, code: int, said: str, no_ipvs: bool
) -> None:
    """One sentence; and the socket does not stay open."""
    conversation = led(monkeypatch, OSError(code, "?"))
    with pytest.raises(IpvsError) as raised:
        Ipvs()
    assert said in str(raised.value)
    assert raised.value.no_ipvs == no_ipvs
    assert conversation.closed


FAMILY = [bytes(4) + b"\6\0\1\0" + bytes((ANSWERING_FAMILY, 0, 0, 0))]


def test_a_table_that_never_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not believed, nor asked for without end."""
    led(monkeypatch, FAMILY, Interrupted())
    with Ipvs() as ipvs, pytest.raises(IpvsError, match="changed under each attempt to read it"):
        ipvs.read()


# ---- dumps with gaps ----------------------------------------------------------------------------
KEY = ("tcp", "192.0.2.1", 80)


def told(*numbers: int, whole: bool) -> tuple[list[bytes], bool]:
    """Return what the kernel tells of servers of KEY, in one buffer or in several."""
    servers = (RealServer(f"10.0.0.{number}", 80) for number in numbers)
    counters = b"".join(attribute(kind, bytes(4)) for kind in (7, 8, 9))
    family = attribute(11, struct.pack("=H", socket.AF_INET))
    return [
        bytes(4) + nested(codec.ATTR_DEST, codec.encode_server(server)[4:] + counters + family)
        for server in servers
    ], whole


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        pytest.param([told(1, 2, whole=True)], [1, 2], id="in one go, once"),
        pytest.param([told(1, 2, 3, whole=False)], [1, 2, 3], id="the same again"),
        pytest.param(
            [told(1, 3, whole=False), told(1, 2, 3, whole=False)], [1, 2, 3], id="with a gap"
        ),
        pytest.param(
            [told(1, 1, 2, whole=False), told(1, 1, 2, whole=False), told(1, 2, whole=False)],
            [1, 2],
            id="one twice",
        ),
    ],
)
def test_servers_are_read_until_two_reads_agree(
    monkeypatch: pytest.MonkeyPatch, answers: list[Any], found: list[int]
) -> None:
    """Unless the kernel tells all in one buffer, for which nobody else can change them."""
    led(monkeypatch, FAMILY, *answers)
    with Ipvs() as ipvs:
        assert [server.address for server in ipvs._servers(KEY, server_reader())] == [
            f"10.0.0.{number}" for number in found
        ]


def test_a_service_that_goes_while_it_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not taken for one without real servers: the table is read once more."""
    service = Service("tcp", "192.0.2.1", 80)
    services = ([bytes(4) + codec.encode_service(service)], True)
    none: Any = ([], True)
    # All services, several buffers of its real servers, none of them, no service; and again.
    led(monkeypatch, FAMILY, services, told(1, 2, whole=False), none, none, none)
    with Ipvs() as ipvs:
        assert ipvs.read() == Table({}, {})


def test_one_server_is_there_where_any_read_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not there where two reads agree, and nothing is said where none do."""
    changing = [told(*range(1 + n % 2, 9), whole=False) for n in range(2)]
    led(monkeypatch, FAMILY, *changing)
    with Ipvs() as ipvs:
        found = ipvs.find_server(KEY, ("10.0.0.1", 80))
        assert found is not None
        assert found[0].address == "10.0.0.1"
    led(monkeypatch, FAMILY, told(2, 3, whole=False))
    with Ipvs() as ipvs:
        assert ipvs.find_server(KEY, ("10.0.0.1", 80)) is None
    led(monkeypatch, FAMILY, *changing * 1000)
    with Ipvs() as ipvs, pytest.raises(IpvsError, match="changed under each attempt to read it"):
        ipvs.find_server(KEY, ("10.0.0.99", 80))


# ---- writes that are refused --------------------------------------------------------------------
class Refusing(Conversation):
    """Keeps what is sent, and refuses the one of this number."""

    def __init__(self, refused: int, code: int) -> None:
        super().__init__(FAMILY)
        self.refused = refused
        self.code = code
        self.sent: list[bytes] = []

    def send_batch(self, batch: Sequence[tuple[int, bytes]]) -> dict[int, int]:
        index = self.refused - len(self.sent)
        self.sent += [payload for _kind, payload in batch]
        return {index: self.code} if 0 <= index < len(batch) else {}


@given(tables(), tables(), st.integers(1, 5))
def test_each_single_write_refused(have: Table, want: Table, size: int) -> None:
    """Nothing of a later stage is sent, and no service that works loses its last server."""
    operations = plan_table(have, wanted(want), Policy(prune="all")).operations
    for number, refused in enumerate(operations):
        kernel = Refusing(number, errno.EINVAL)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_kernel, "Netlink", kernel)
            patch.setattr(_kernel, "BATCH", size)
            with Ipvs() as ipvs, pytest.raises(IpvsError) as raised:
                ipvs.apply(operations)
        sent = operations[: len(kernel.sent)]
        assert kernel.sent == [_kernel.encode_operation(operation) for operation in sent]
        assert all(operation.stage <= refused.stage for operation in sent)
        done = raised.value.done
        assert done == tuple(operation for operation in sent if operation != refused)
        between = apply_operations(have, done)
        for key in have.services.keys() & want.services.keys():
            if works(have, key) and works(want, key):
                assert works(between, key)


def works(table: Table, key: ServiceKey) -> bool:
    """Tell whether a service has a real server that gets connections."""
    return any(server.weight for server in table.servers_of(key).values())


@pytest.mark.parametrize("code", [errno.ENOENT, errno.ESRCH])
def test_what_is_gone_already_is_no_failure(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """It was to be deleted; what is done is the rest. To edit it is another thing."""
    server = RealServer("10.0.0.1", 80)
    gone = Operation(DELETE, KEY, server.key, before=server)
    other = Operation(DELETE, KEY, ("10.0.0.2", 80), before=server)
    monkeypatch.setattr(_kernel, "Netlink", Refusing(0, code))
    with Ipvs() as ipvs:
        assert ipvs.apply([gone, other]) == (other,)
    edit = Operation(EDIT, KEY, server.key, server, server._replace(weight=2))
    monkeypatch.setattr(_kernel, "Netlink", Refusing(0, code))
    with Ipvs() as ipvs, pytest.raises(IpvsError, match="was deleted by somebody else"):
        ipvs.apply([edit])
