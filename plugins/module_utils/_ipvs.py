# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that talks to the kernel's IPVS.

Private to the collection: names and behaviour may change in any release.

Messages are made and read by the codec. Of pyroute2 only the netlink socket is used, as something
to send octets to and receive them from: that much is the same in all of its versions since 0.7.
"""

from __future__ import annotations

import errno
import os
import socket
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from ansible_collections.lvs.cluster.plugins.module_utils import _codec
from ansible_collections.lvs.cluster.plugins.module_utils._codec import Command
from ansible_collections.lvs.cluster.plugins.module_utils._model import (
    RealServer,
    RealServerKey,
    Service,
    ServiceKey,
    Table,
    key_family,
)
from ansible_collections.lvs.cluster.plugins.module_utils._plan import (
    ADD,
    DELETE,
    EDIT,
    Operation,
)

PYROUTE2_IMPORT_ERROR: str | None = None
try:
    from pyroute2.config.version import __version__ as PYROUTE2_VERSION
    from pyroute2.netlink import NETLINK_GENERIC
    from pyroute2.netlink.nlsocket import NetlinkSocket
except ImportError:
    PYROUTE2_VERSION = ""
    PYROUTE2_IMPORT_ERROR = traceback.format_exc()

_Answer = TypeVar("_Answer")

OLDEST_PYROUTE2 = (0, 7)
RECEIVE_SIZE = 1 << 16
RECEIVE_BUFFER = 1 << 22
BATCH = 64
ATTEMPTS = 10
ANSWER_SECONDS = 30.0

_COMMANDS = {
    (ADD, False): Command.NEW_SERVICE,
    (EDIT, False): Command.SET_SERVICE,
    (DELETE, False): Command.DEL_SERVICE,
    (ADD, True): Command.NEW_DEST,
    (EDIT, True): Command.SET_DEST,
    (DELETE, True): Command.DEL_DEST,
}


class IpvsError(Exception):
    """One sentence: what the kernel did not do, and the mend.

    `done` are the operations that the kernel had done by then; `no_ipvs` says that this kernel has
    no IPVS, or has not loaded it.
    """

    def __init__(self, text: str, done: Sequence[Operation] = (), *, no_ipvs: bool = False) -> None:
        super().__init__(text)
        self.done = tuple(done)
        self.no_ipvs = no_ipvs


class _Interrupted(Exception):
    """The table changed, or answers were lost, while it was read."""


def pyroute2_version() -> tuple[int, ...]:
    """Return the first two numbers of the version of pyroute2; nothing where it is unknown."""
    return tuple(int(n) for n in PYROUTE2_VERSION.split(".")[:2] if n.isdecimal())


def known_to_be_empty() -> bool:
    """Tell whether the kernel can be seen to hold no service, without asking it over netlink."""
    try:
        with open("/proc/net/ip_vs", encoding="ascii") as stream:  # noqa: PTH123
            # Three lines of heading, then the services.
            return len(stream.readlines()) <= 3
    except FileNotFoundError:
        return True
    except OSError:
        return False


class Ipvs:
    """A conversation with the kernel's IPVS in this network namespace."""

    def __init__(self) -> None:
        self._sequence = 0
        self._owner = NetlinkSocket(family=NETLINK_GENERIC)
        # The same socket, without what pyroute2's versions put around it.
        self._socket = socket.socket(fileno=os.dup(self._owner.fileno()))
        self._socket.settimeout(ANSWER_SECONDS)
        self._enlarge_buffer()
        try:
            self._family = self._find_family()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Ipvs:
        """Return itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the socket."""
        self.close()

    def close(self) -> None:
        """End the conversation."""
        self._socket.close()
        self._owner.close()

    # ---- reading ------------------------------------------------------------------------------

    def read(self) -> Table:
        """Return all services with their real servers."""
        return self._repeated(self._read)

    def read_service(self, key: ServiceKey) -> Table:
        """Return a table of this one service with its real servers, empty if there is none."""
        return self._repeated(lambda: self._read_service(key))

    def read_details(self) -> list[tuple[Service, dict[str, int], list[Any]]]:
        """Return services, their counters, and their real servers with counters and connections.

        Real servers are (RealServer, counters, connection counts).
        """
        return self._repeated(self._read_details)

    def connection_counts(self, key: ServiceKey, server: RealServerKey) -> dict[str, int] | None:
        """Return how many connections a real server has now, or None if there is no such server."""
        for found, attributes in self._repeated(lambda: self._servers(key)):
            if found.key == server:
                return _codec.decode_connection_counts(attributes)
        return None

    def info(self) -> dict[str, Any]:
        """Return the version of IPVS and the size of its connection table."""
        return _codec.decode_info(self._get(Command.GET_INFO))

    def timeouts(self) -> dict[str, int]:
        """Return the time-outs of connections."""
        return _codec.decode_timeouts(self._get(Command.GET_CONFIG))

    def daemons(self) -> list[dict[str, Any]]:
        """Return the connection synchronisation daemons that run."""
        answers = self._repeated(lambda: self._dump(Command.GET_DAEMON))
        return [
            _codec.decode_daemon(_codec.attributes(found[_codec.ATTR_DAEMON]))
            for found in answers
            if _codec.ATTR_DAEMON in found
        ]

    def _read(self) -> Table:
        services = [service for service, _attributes in self._services()]
        return Table(
            {service.key: service for service in services},
            {
                service.key: {server.key: server for server, _rest in self._servers(service.key)}
                for service in services
            },
        )

    def _read_service(self, key: ServiceKey) -> Table:
        try:
            answer = self._get(Command.GET_SERVICE, _codec.encode_service_key(key))
        except OSError as error:
            if error.errno == errno.ESRCH:
                return Table()
            raise
        service = _codec.decode_service(_codec.attributes(answer[_codec.ATTR_SERVICE]))
        servers = {server.key: server for server, _rest in self._servers(key)}
        return Table({service.key: service}, {service.key: servers})

    def _read_details(self) -> list[tuple[Service, dict[str, int], list[Any]]]:
        return [
            (
                service,
                _codec.decode_statistics(attributes),
                [
                    (server, _codec.decode_statistics(rest), _codec.decode_connection_counts(rest))
                    for server, rest in self._servers(service.key)
                ],
            )
            for service, attributes in self._services()
        ]

    def _services(self) -> list[tuple[Service, dict[int, bytes]]]:
        found = [
            _codec.attributes(answer[_codec.ATTR_SERVICE])
            for answer in self._dump(Command.GET_SERVICE)
        ]
        return [(_codec.decode_service(attributes), attributes) for attributes in found]

    def _servers(self, key: ServiceKey) -> list[tuple[RealServer, dict[int, bytes]]]:
        family = key_family(key)
        found = [
            _codec.attributes(answer[_codec.ATTR_DEST])
            for answer in self._dump(Command.GET_DEST, _codec.encode_service_key(key))
        ]
        return [(_codec.decode_server(attributes, family), attributes) for attributes in found]

    # ---- writing ------------------------------------------------------------------------------

    def apply(self, operations: Iterable[Operation]) -> None:
        """Do the operations in their order, a batch of messages a send.

        The last message of a batch asks for an acknowledgement; the kernel answers every error in
        any case, and goes on with the next message. No batch follows one that had an error.
        """
        todo = tuple(operations)
        for start in range(0, len(todo), BATCH):
            batch = todo[start : start + BATCH]
            errors = self._send_batch(batch, todo[:start])
            if not errors:
                continue
            done = [*todo[:start], *(op for i, op in enumerate(batch) if i not in errors)]
            first = min(errors)
            raise IpvsError(describe_error(errors[first], batch[first]), done)

    def _send_batch(
        self, batch: Sequence[Operation], before: Sequence[Operation]
    ) -> dict[int, int]:
        first = self._sequence + 1
        last = len(batch) - 1
        self._sequence += len(batch)
        data = b"".join(
            _codec.message(
                self._family,
                _COMMANDS[operation.action, operation.server is not None],
                _codec.NLM_F_ACK if index == last else 0,
                first + index,
                encode_operation(operation),
            )
            for index, operation in enumerate(batch)
        )
        errors: dict[int, int] = {}
        try:
            self._socket.sendto(data, (0, 0))
            while True:
                for kind, _flags, sequence, payload in _codec.messages(self._receive()):
                    if kind != _codec.NLMSG_ERROR or not first <= sequence <= first + last:
                        continue
                    code = _codec.error_code(payload)
                    if code:
                        errors[sequence - first] = code
                    if sequence == first + last:
                        return errors
        except OSError as error:
            raise IpvsError(
                f"the kernel's answers about the IPVS table were lost ({error.strerror or error});"
                " run the task again, it goes on from what was done.",
                before,
            ) from error

    # ---- netlink ------------------------------------------------------------------------------

    def _enlarge_buffer(self) -> None:
        # SO_RCVBUFFORCE, which needs the privilege that IPVS needs anyway.
        for option in (33, socket.SO_RCVBUF):
            try:
                self._socket.setsockopt(socket.SOL_SOCKET, option, RECEIVE_BUFFER)
            except PermissionError:
                continue
            return

    def _find_family(self) -> int:
        self._sequence += 1
        try:
            self._socket.sendto(_codec.encode_family_request(self._sequence), (0, 0))
            for kind, _flags, sequence, payload in _codec.messages(self._receive()):
                if sequence != self._sequence:
                    continue
                if kind == _codec.NLMSG_ERROR:
                    code = _codec.error_code(payload)
                    raise OSError(code, os.strerror(code))
                return _codec.decode_family(payload)
        except OSError as error:
            if error.errno == errno.ENOENT:
                raise IpvsError(
                    "this kernel has no IPVS loaded; load it with modprobe ip_vs, or run a kernel"
                    " that has it.",
                    no_ipvs=True,
                ) from error
            raise IpvsError(describe_error(error.errno or 0)) from error
        raise IpvsError("the kernel did not say whether it has IPVS; run the task again.")

    def _receive(self) -> bytes:
        return self._socket.recv(RECEIVE_SIZE)

    def _get(self, command: Command, body: bytes = b"") -> dict[int, bytes]:
        answers = self._ask(command, _codec.NLM_F_ACK, body)
        return answers[0] if answers else {}

    def _dump(self, command: Command, body: bytes = b"") -> list[dict[int, bytes]]:
        return self._ask(command, _codec.NLM_F_DUMP, body)

    def _ask(self, command: Command, flags: int, body: bytes) -> list[dict[int, bytes]]:
        self._sequence += 1
        answers: list[dict[int, bytes]] = []
        self._socket.sendto(
            _codec.message(self._family, command, flags, self._sequence, body), (0, 0)
        )
        interrupted = False
        while True:
            for kind, flags_, sequence, payload in _codec.messages(self._receive()):
                if sequence != self._sequence:
                    continue
                interrupted = interrupted or bool(flags_ & _codec.NLM_F_DUMP_INTR)
                if kind in (_codec.NLMSG_ERROR, _codec.NLMSG_DONE):
                    code = _codec.error_code(payload)
                    if code:
                        raise OSError(code, os.strerror(code))
                    if interrupted:
                        raise _Interrupted
                    return answers
                answers.append(_codec.decode_body(payload))

    def _repeated(self, read: Callable[[], _Answer]) -> _Answer:
        for _attempt in range(ATTEMPTS):
            try:
                return read()
            except _Interrupted:
                continue
            except OSError as error:
                if error.errno == errno.ENOBUFS:
                    continue
                raise IpvsError(describe_error(error.errno or 0)) from error
        raise IpvsError(
            f"the IPVS table changed under each of {ATTEMPTS} attempts to read it;"
            " find out what else edits it, and run the task again."
        )


def encode_operation(operation: Operation) -> bytes:
    """Return the body of the message that does an operation."""
    after = operation.after
    if isinstance(after, Service):
        return _codec.encode_service(after)
    service = _codec.encode_service_key(operation.key)
    if isinstance(after, RealServer):
        return service + _codec.encode_server(after)
    if operation.server is not None:
        return service + _codec.encode_server_key(operation.server)
    return service


def describe_error(code: int, operation: Operation | None = None) -> str:
    """Return one sentence for an error of the kernel: the item, what is wrong, and the mend."""
    if code in (errno.EPERM, errno.EACCES):
        return "the IPVS table is only for root (CAP_NET_ADMIN); run the task with become: true."
    reason = os.strerror(code) if code else "no answer"
    if operation is None:
        return f"the IPVS table could not be read: {reason}; see the kernel's log."
    after = operation.after
    texts = {errno.EEXIST: "was created by somebody else meanwhile; run the task again."}
    if isinstance(after, Service):
        texts[errno.ENOENT] = f"the kernel has no scheduler {after.scheduler};" + (
            f" load it with modprobe ip_vs_{after.scheduler}, or use another."
        )
        if after.persistence_engine != "none":
            texts[errno.ENOENT] = (
                f"the kernel has no scheduler {after.scheduler} or no persistence engine"
                f" {after.persistence_engine}; load them with modprobe -a ip_vs_{after.scheduler}"
                f" ip_vs_pe_{after.persistence_engine}."
            )
        texts[errno.EAFNOSUPPORT] = "the kernel's IPVS has no IPv6; run a kernel that has it."
        texts[errno.EPROTONOSUPPORT] = (
            f"the kernel's IPVS has no {after.protocol}; run a kernel that has it."
        )
    if isinstance(after, RealServer):
        texts[errno.EINVAL] = (
            f"the kernel refuses address {after.address} with forward {after.forward};"
            " give the unicast address of a host"
        )
        texts[errno.EINVAL] += (
            ", and mind that a director that runs a synchronisation daemon takes no real server"
            " of the other address family."
            if after.family != key_family(operation.key)
            else "."
        )
    if operation.server is not None:
        texts[errno.ENOENT] = "was deleted by somebody else meanwhile; run the task again."
    texts[errno.ESRCH] = "its service was deleted by somebody else meanwhile; run the task again."
    text = texts.get(code, f"the kernel refuses to {operation.action} it: {reason}.")
    return f"{operation.label}: {text}"
