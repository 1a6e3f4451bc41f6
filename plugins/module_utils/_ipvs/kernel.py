# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that talks to the kernel's IPVS.

Private to the collection: names and behaviour may change in any release.

Messages are made and read by the codec; this sends them, and says what the answers mean.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from .._effects import ADD, DELETE, EDIT
from .._netlink import (
    NETLINK_GENERIC,
    NLM_F_ACK,
    NLM_F_DUMP,
    Interrupted,
    Netlink,
    attributes,
    repeated,
)
from . import codec as _codec
from .codec import Command
from .model import (
    RealServer,
    RealServerKey,
    Service,
    ServiceKey,
    Table,
    key_family,
)

if TYPE_CHECKING:
    from .plan import Operation
    from .sync_daemon import SyncDaemon
from .errors import (
    IpvsError,
    describe_daemon_error,
    describe_error,
    describe_no_socket,
    describe_timeouts_error,
)

BATCH = 64

_Answer = TypeVar("_Answer")

# The beginning of the payload, by action and whether it is a real server's.
_COMMANDS = {
    (ADD, False): _codec.payload_of(Command.NEW_SERVICE),
    (EDIT, False): _codec.payload_of(Command.SET_SERVICE),
    (DELETE, False): _codec.payload_of(Command.DEL_SERVICE),
    (ADD, True): _codec.payload_of(Command.NEW_DEST),
    (EDIT, True): _codec.payload_of(Command.SET_DEST),
    (DELETE, True): _codec.payload_of(Command.DEL_DEST),
}


class Ipvs:
    """A conversation with the kernel's IPVS in this network namespace."""

    def __init__(self) -> None:
        try:
            self._netlink = Netlink(NETLINK_GENERIC)
        except OSError as error:
            raise IpvsError(describe_no_socket(error)) from error
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
        self._netlink.close()

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
        for found, rest in self._repeated(lambda: self._servers(key)):
            if found.key == server:
                return _codec.decode_connection_counts(rest)
        return None

    def info(self) -> dict[str, Any]:
        """Return the version of IPVS and the size of its connection table."""
        return _codec.decode_info(self._repeated(lambda: self._get(Command.GET_INFO)))

    def timeouts(self) -> dict[str, int]:
        """Return the timeouts of connections."""
        return _codec.decode_timeouts(self._repeated(lambda: self._get(Command.GET_CONFIG)))

    def daemons(self) -> list[dict[str, Any]]:
        """Return the connection synchronisation daemons that run."""
        answers = self._repeated(lambda: self._dump(Command.GET_DAEMON))
        return [
            _codec.decode_daemon(attributes(found[_codec.ATTR_DAEMON]))
            for found in answers
            if _codec.ATTR_DAEMON in found
        ]

    def _read(self) -> Table:
        services = [service for service, _rest in self._services()]
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
        service = _codec.decode_service(attributes(answer[_codec.ATTR_SERVICE]))
        servers = {server.key: server for server, _rest in self._servers(key)}
        return Table({service.key: service}, {service.key: servers})

    def _read_details(self) -> list[tuple[Service, dict[str, int], list[Any]]]:
        return [
            (
                service,
                _codec.decode_statistics(rest),
                [
                    (server, _codec.decode_statistics(more), _codec.decode_connection_counts(more))
                    for server, more in self._servers(service.key)
                ],
            )
            for service, rest in self._services()
        ]

    def _services(self) -> list[tuple[Service, dict[int, bytes]]]:
        found = [
            attributes(answer[_codec.ATTR_SERVICE]) for answer in self._dump(Command.GET_SERVICE)
        ]
        services = [(_codec.decode_service(entry), entry) for entry in found]
        # A kernel that moves its services to a larger table, as 7.2 does a moment after many were
        # added, tells some twice and others not at all, and does not say that it was interrupted.
        if len({service.key for service, _entry in services}) < len(services):
            raise Interrupted
        return services

    def _servers(self, key: ServiceKey) -> list[tuple[RealServer, dict[int, bytes]]]:
        family = key_family(key)
        found = [
            attributes(answer[_codec.ATTR_DEST])
            for answer in self._dump(Command.GET_DEST, _codec.encode_service_key(key))
        ]
        return [(_codec.decode_server(entry, family), entry) for entry in found]

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
        try:
            return self._netlink.send_batch(
                [(self._family, encode_operation(operation)) for operation in batch]
            )
        except OSError as error:
            raise IpvsError(
                f"the kernel's answers about the IPVS table were lost ({error.strerror or error});"
                " run the task again, it goes on from what was done.",
                before,
            ) from error

    def set_timeouts(self, seconds: Mapping[str, int]) -> None:
        """Set the timeouts of connections that are named; the others stay."""
        try:
            self._ask(Command.SET_CONFIG, NLM_F_ACK, _codec.encode_timeouts(seconds))
        except OSError as error:
            raise IpvsError(describe_timeouts_error(error.errno or 0)) from error

    def start_daemon(self, daemon: SyncDaemon) -> None:
        """Start a synchronisation daemon."""
        self._command_daemon(Command.NEW_DAEMON, _codec.encode_daemon(daemon), daemon)

    def stop_daemon(self, daemon: SyncDaemon) -> None:
        """Stop a synchronisation daemon, and wait until it has ended."""
        self._command_daemon(Command.DEL_DAEMON, _codec.encode_daemon_role(daemon.role), daemon)

    def _command_daemon(self, command: Command, body: bytes, daemon: SyncDaemon) -> None:
        try:
            self._ask(command, NLM_F_ACK, body)
        except OSError as error:
            raise IpvsError(describe_daemon_error(error.errno or 0, daemon)) from error

    # ---- netlink ------------------------------------------------------------------------------

    def _find_family(self) -> int:
        try:
            answers = self._netlink.ask(
                _codec.GENL_ID_CTRL, NLM_F_ACK, _codec.encode_family_request()
            )
        except OSError as error:
            if error.errno == errno.ENOENT:
                raise IpvsError(
                    "this kernel has no IPVS loaded; load it with modprobe ip_vs, or run a kernel"
                    " that has it.",
                    no_ipvs=True,
                ) from error
            raise IpvsError(describe_error(error.errno or 0)) from error
        return _codec.decode_family(answers[0])

    def _get(self, command: Command, body: bytes = b"") -> dict[int, bytes]:
        return self._ask(command, NLM_F_ACK, body)[0]

    def _dump(self, command: Command, body: bytes = b"") -> list[dict[int, bytes]]:
        return self._ask(command, NLM_F_DUMP, body)

    def _ask(self, command: Command, flags: int, body: bytes) -> list[dict[int, bytes]]:
        answers = self._netlink.ask(self._family, flags, _codec.payload_of(command, body))
        return [_codec.decode_body(answer) for answer in answers]

    @staticmethod
    def _repeated(read: Callable[[], _Answer]) -> _Answer:
        try:
            return repeated(read)
        except OSError as error:
            raise IpvsError(describe_error(error.errno or 0)) from error
        except Interrupted as error:
            raise IpvsError(
                "the IPVS table changed under each attempt to read it;"
                " find out what else edits it, and run the task again."
            ) from error


def encode_operation(operation: Operation) -> bytes:
    """Return the payload of the message that does an operation."""
    action, key, server, _before, after = operation
    if isinstance(after, RealServer):
        return _beginning(action, key, True) + _codec.encode_server(after)
    if server is not None:
        return _beginning(action, key, True) + _codec.encode_server_key(server)
    if isinstance(after, Service):
        return _COMMANDS[action, False] + _codec.encode_service(after)
    return _beginning(action, key, False)


@lru_cache(maxsize=1)
def _beginning(action: str, key: ServiceKey, of_server: bool) -> bytes:
    """Return the command, and the service that it is about.

    The operations on the real servers of one service follow each other: the last answer is kept.
    """
    return _COMMANDS[action, of_server] + _codec.encode_service_key(key)
