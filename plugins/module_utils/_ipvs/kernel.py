# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that talks to the kernel's IPVS.

Private to the collection: names and behaviour may change in any release.

Messages are made and read by the codec; this sends them, and says what the answers mean.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from .._effects import ADD, DELETE, EDIT
from .._netlink import (
    ATTEMPTS,
    NETLINK_GENERIC,
    NLM_F_ACK,
    Interrupted,
    Netlink,
    attributes,
    repeated,
)
from . import codec as _codec
from .codec import Command
from .layout import (
    CountedServer,
    Reader,
    ToldServer,
    counted_reader,
    server_reader,
    told_reader,
)
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
# What the kernel answers where a real server or its service is not there.
GONE = (errno.ENOENT, errno.ESRCH)

_Answer = TypeVar("_Answer")
_Server = TypeVar("_Server")
_Kept = TypeVar("_Kept")
_Rest = TypeVar("_Rest")
# Type to value.
_Attributes = dict[int, bytes]

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
        self._bare = server_reader()
        self._counted = counted_reader()
        self._told = told_reader()
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

    def read_counted(
        self, keep: Callable[[Service, dict[str, int], list[CountedServer]], _Kept]
    ) -> list[_Kept]:
        """Return what is kept of each service, its counters, and its real servers with COUNTED.

        It is what M(lvs.cluster.ipvs_info) tells of them, without rates, in a fraction of its time
        and memory: the rest of a service is let go before the next one. C(keep) may be given a
        service again, where the table changed meanwhile; what it returned before is not kept then.
        """
        return self._repeated(lambda: self._read_all(self._counted, _codec.decode_statistics, keep))

    def find_server(
        self, key: ServiceKey, server: RealServerKey
    ) -> tuple[RealServer, dict[str, int]] | None:
        """Return a real server with how many connections it has, or None if there is no such one.

        What is in an answer is there; what is not in one may be missing from that one only.
        """
        for found, told in self._repeated(lambda: self._servers(key, self._told, enough=server)):
            if found.key == server:
                return found, _codec.decode_connection_counts(told)
        return None

    def info(self) -> dict[str, Any]:
        """Return the version of IPVS and the size of its connection table."""
        return _codec.decode_info(self._repeated(lambda: self._get(Command.GET_INFO)))

    def timeouts(self) -> dict[str, int]:
        """Return the timeouts of connections."""
        return _codec.decode_timeouts(self._repeated(lambda: self._get(Command.GET_CONFIG)))

    def daemons(self) -> list[dict[str, Any]]:
        """Return the connection synchronisation daemons that run."""
        answers, _whole = self._repeated(lambda: self._dump(Command.GET_DAEMON))
        return [
            _codec.decode_daemon(attributes(found[_codec.ATTR_DAEMON]))
            for found in map(_codec.decode_body, answers)
            if _codec.ATTR_DAEMON in found
        ]

    def _read(self) -> Table:
        """Return the table; the kernel's messages are let go one after the other."""

        def keep(
            service: Service, _rest: None, servers: list[RealServer]
        ) -> tuple[Service, dict[RealServerKey, RealServer]]:
            return service, {server[:2]: server for server in servers}

        found = self._read_all(self._bare, lambda _service: None, keep)
        return Table(
            {service.key: service for service, _servers in found},
            {service.key: servers for service, servers in found},
        )

    def _read_service(self, key: ServiceKey) -> Table:
        service = self._service(key)
        if service is None:
            return Table()
        servers = {server.key: server for server in self._servers(key, self._bare)}
        if not servers and self._service(key) is None:
            # It was deleted before its real servers were read.
            return Table()
        return Table({key: service}, {key: servers})

    def _service(self, key: ServiceKey) -> Service | None:
        try:
            answer = self._get(Command.GET_SERVICE, _codec.encode_service_key(key))
        except OSError as error:
            if error.errno == errno.ESRCH:
                return None
            raise
        return _codec.decode_service(attributes(answer[_codec.ATTR_SERVICE]))

    def _read_details(self) -> list[tuple[Service, dict[str, int], list[Any]]]:
        def keep(
            service: Service, statistics: dict[str, int], servers: list[ToldServer]
        ) -> tuple[Service, dict[str, int], list[Any]]:
            return (
                service,
                statistics,
                [
                    (server, _codec.decode_statistics(told), _codec.decode_connection_counts(told))
                    for server, told in servers
                ],
            )

        return self._read_all(self._told, _codec.decode_statistics, keep)

    def _read_all(
        self,
        reader: Reader[_Server],
        rest_of: Callable[[_Attributes], _Rest],
        keep: Callable[[Service, _Rest, list[_Server]], _Kept],
    ) -> list[_Kept]:
        """Return what is kept of each service, the rest that is wanted of it, and its real servers.

        A service that is deleted before its real servers are read has none, and a long list of
        services may have gaps: then they have to be the same ones afterwards.
        """
        services, whole = self._services(rest_of)
        kept = []
        # Those of which one may be missing are read again, when no other dump goes on.
        again = []
        requests = (_servers_request(key, reader) for key, _service, _rest in services)
        dumps = self._netlink.dumps(self._family, requests, reader.read_buffer)
        for (servers, is_whole), (key, service, rest) in zip(dumps, services):
            if is_whole:
                whole = whole and bool(servers)
                kept.append(keep(service, rest, servers))
            else:
                again.append((key, service, rest))
        for key, service, rest in again:
            servers = self._servers(key, reader)
            whole = whole and bool(servers)
            kept.append(keep(service, rest, servers))
        if not whole and self._keys() != [key for key, _service, _rest in services]:
            raise Interrupted
        return kept

    def _services(
        self, rest_of: Callable[[_Attributes], _Rest]
    ) -> tuple[list[tuple[ServiceKey, Service, _Rest]], bool]:
        """Return each service with the rest of what the kernel says, and if none can be missing."""

        def read(answer: bytes) -> tuple[ServiceKey, Service, _Rest]:
            told = _service_attributes(answer)
            service = _codec.decode_service(told)
            return service.key, service, rest_of(told)

        found, whole = self._dump_services(read)
        # A kernel that moves its services to a larger table, as 7.2 does a moment after many were
        # added, tells some twice and others not at all, and does not say that it was interrupted.
        if len({key for key, _service, _rest in found}) < len(found):
            raise Interrupted
        return found, whole

    def _keys(self) -> list[ServiceKey]:
        """Return what tells the services from each other."""
        keys, _whole = self._dump_services(
            lambda answer: _codec.decode_service_key(_service_attributes(answer))
        )
        return keys

    def _dump_services(self, read: Callable[[bytes], _Answer]) -> tuple[list[_Answer], bool]:
        payload = _codec.payload_of(Command.GET_SERVICE)
        return self._netlink.dump_read(self._family, payload, read)

    def _servers(
        self,
        key: ServiceKey,
        reader: Reader[_Server],
        *,
        enough: RealServerKey | None = None,
    ) -> list[_Server]:
        """Return the real servers of a service, as this reads them.

        It will do if C(enough) is one of them.

        Where somebody deletes one between two buffers, the kernel passes another one over, and
        does not say so; where somebody adds one, it tells one twice.
        """
        payload, read = _servers_request(key, reader)
        before: list[RealServerKey] | None = None
        for _attempt in range(ATTEMPTS):
            servers, whole = self._netlink.dump_read(
                self._family, payload, read, reader.read_buffer
            )
            if whole:
                return servers
            names = list(map(reader.key, servers))
            if enough in names or (names == before and len(set(names)) == len(names)):
                return servers
            before = names
        raise Interrupted

    # ---- writing ------------------------------------------------------------------------------

    def apply(self, operations: Iterable[Operation]) -> tuple[Operation, ...]:
        """Do the operations in their order, a batch of messages a send; return what was done.

        The last message of a batch asks for an acknowledgement; the kernel answers every error in
        any case, and goes on with the next message. No batch follows one that had an error, and
        none is of two stages: what takes away is not sent before all is there that adds. What is
        to be deleted and is gone already is no error.
        """
        done: list[Operation] = []
        for batch in batches(operations):
            errors = self._send_batch(batch, done)
            done += [operation for i, operation in enumerate(batch) if i not in errors]
            for i in sorted(errors):
                if batch[i].action != DELETE or errors[i] not in GONE:
                    raise IpvsError(describe_error(errors[i], batch[i]), done)
        return tuple(done)

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
            self._ask(Command.SET_CONFIG, _codec.encode_timeouts(seconds))
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
            self._ask(command, body)
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
        return self._ask(command, body)[0]

    def _dump(self, command: Command, body: bytes = b"") -> tuple[list[bytes], bool]:
        return self._netlink.dump(self._family, _codec.payload_of(command, body))

    def _ask(self, command: Command, body: bytes) -> list[dict[int, bytes]]:
        answers = self._netlink.ask(self._family, NLM_F_ACK, _codec.payload_of(command, body))
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


def _servers_request(
    key: ServiceKey, reader: Reader[_Server]
) -> tuple[bytes, Callable[[bytes], _Server]]:
    """Return what asks for the real servers of a service, and what reads a message of them."""
    family = key_family(key)
    payload = _codec.payload_of(Command.GET_DEST, _codec.encode_service_key(key))
    return payload, lambda told: reader.read(told, family)


def _service_attributes(answer: bytes) -> _Attributes:
    return attributes(_codec.decode_body(answer)[_codec.ATTR_SERVICE])


def batches(operations: Iterable[Operation]) -> Iterator[list[Operation]]:
    """Yield operations in their order, so many at once and of one stage."""
    for _stage, found in groupby(operations, key=attrgetter("stage")):
        todo = list(found)
        for start in range(0, len(todo), BATCH):
            yield todo[start : start + BATCH]


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
