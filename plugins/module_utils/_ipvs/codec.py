# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's IPVS messages, to and from the model.

Private to the collection: names and behaviour may change in any release.

Octets in, values out, and back: no socket is opened here. The numbers are those of linux/ip_vs.h
and linux/genetlink.h. Numbers travel in the machine's own order, but for addresses, ports and IPv4
netmasks, which travel in the network's.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from .._netlink import (
    ATTRIBUTE,
    NLA_F_NESTED,
    attribute,
    attributes,
    nested,
)
from .._values import packed_address
from .model import (
    RealServer,
    RealServerKey,
    Service,
    ServiceKey,
    default_netmask,
    flag_names,
    key_family,
)

if TYPE_CHECKING:
    from .sync_daemon import SyncDaemon

FAMILY_NAME = "IPVS"
FAMILY_VERSION = 1

# linux/genetlink.h
GENL_ID_CTRL = 16
CTRL_CMD_GETFAMILY = 3
CTRL_ATTR_FAMILY_ID = 1
CTRL_ATTR_FAMILY_NAME = 2

# linux/ip_vs.h
SVC_F_PERSISTENT = 0x01
SVC_F_ONE_PACKET = 0x04
SVC_F_SCHED = (0x08, 0x10, 0x20)
_SVC_F_SCHED = sum(SVC_F_SCHED)
SVC_F_OURS = SVC_F_PERSISTENT | SVC_F_ONE_PACKET | _SVC_F_SCHED
CONN_F_FWD_MASK = 0x07


class Command(IntEnum):
    """IPVS_CMD_*: what a message asks for."""

    NEW_SERVICE = 1
    SET_SERVICE = 2
    DEL_SERVICE = 3
    GET_SERVICE = 4
    NEW_DEST = 5
    SET_DEST = 6
    DEL_DEST = 7
    GET_DEST = 8
    NEW_DAEMON = 9
    DEL_DAEMON = 10
    GET_DAEMON = 11
    SET_CONFIG = 12
    GET_CONFIG = 13
    GET_INFO = 15


# IPVS_CMD_ATTR_*
ATTR_SERVICE = 1
ATTR_DEST = 2
ATTR_DAEMON = 3
TIMEOUTS = {4: "tcp", 5: "tcp_fin", 6: "udp"}

# IPVS_INFO_ATTR_*
INFO_VERSION = 1
INFO_CONN_TAB_SIZE = 2

# IPVS_SVC_ATTR_*
SVC_AF = 1
SVC_PROTOCOL = 2
SVC_ADDR = 3
SVC_PORT = 4
SVC_FWMARK = 5
SVC_SCHED_NAME = 6
SVC_FLAGS = 7
SVC_TIMEOUT = 8
SVC_NETMASK = 9
SVC_STATS = 10
SVC_PE_NAME = 11
SVC_STATS64 = 12

# IPVS_DEST_ATTR_*
DEST_ADDR = 1
DEST_PORT = 2
DEST_FWD_METHOD = 3
DEST_WEIGHT = 4
DEST_U_THRESH = 5
DEST_L_THRESH = 6
DEST_ACTIVE_CONNS = 7
DEST_INACT_CONNS = 8
DEST_PERSIST_CONNS = 9
DEST_STATS = 10
DEST_ADDR_FAMILY = 11
DEST_STATS64 = 12
DEST_TUN_TYPE = 13
DEST_TUN_PORT = 14
DEST_TUN_FLAGS = 15

# IPVS_DAEMON_ATTR_*
DAEMON_STATE = 1
DAEMON_MCAST_IFN = 2
DAEMON_SYNC_ID = 3
DAEMON_SYNC_MAXLEN = 4
DAEMON_MCAST_GROUP = 5
DAEMON_MCAST_GROUP6 = 6
DAEMON_MCAST_PORT = 7
DAEMON_MCAST_TTL = 8

# IPVS_STATS_ATTR_*, from 1
STATISTICS = (
    "connections",
    "incoming_packets",
    "outgoing_packets",
    "incoming_bytes",
    "outgoing_bytes",
    "connections_per_second",
    "incoming_packets_per_second",
    "outgoing_packets_per_second",
    "incoming_bytes_per_second",
    "outgoing_bytes_per_second",
)
CONNECTION_COUNTS = {
    DEST_ACTIVE_CONNS: "active_connections",
    DEST_INACT_CONNS: "inactive_connections",
    DEST_PERSIST_CONNS: "persistent_connections",
}


class _Numbers(dict[str, int]):
    """Names and the kernel's numbers for them; one without a name is called by its digits."""

    def __missing__(self, name: str) -> int:
        return int(name)


PROTOCOL_NUMBERS = _Numbers(tcp=6, udp=17, sctp=132)
PROTOCOL_NAMES = {number: name for name, number in PROTOCOL_NUMBERS.items()}
_AF_INET = int(socket.AF_INET)
_AF_INET6 = int(socket.AF_INET6)
FAMILY_NUMBERS = {"ipv4": _AF_INET, "ipv6": _AF_INET6}
FAMILY_NAMES = {number: name for name, number in FAMILY_NUMBERS.items()}
# The kernel knows two more that nobody can ask for here: local and bypass.
FORWARD_NUMBERS = _Numbers(nat=0, local=1, tun=2, dr=3, bypass=4)
FORWARD_NAMES = {number: name for name, number in FORWARD_NUMBERS.items()}
TUNNEL_NUMBERS = _Numbers(ipip=0, gue=1, gre=2)
TUNNEL_NAMES = {number: name for name, number in TUNNEL_NUMBERS.items()}
CHECKSUM_NUMBERS = _Numbers(none=0, csum=1, remcsum=2)
CHECKSUM_NAMES = {number: name for name, number in CHECKSUM_NUMBERS.items()}
DAEMON_STATES = {1: "master", 2: "backup"}
DAEMON_NUMBERS = {name: number for number, name in DAEMON_STATES.items()}


class _Layout:
    """Attributes of fixed size in a row, packed at once."""

    def __init__(self, *rows: tuple[int, str], within: int | None = None) -> None:
        """Take (type, format of the value) of each, and the type of the attribute they are in."""
        sizes = [struct.calcsize("=" + code) for _kind, code in rows]
        formats = [f"4s{row[1]}{-size % 4}x" for row, size in zip(rows, sizes)]
        self._words: list[bytes | int] = []
        for row, size in zip(rows, sizes):
            self._words += [ATTRIBUTE.pack(size + 4, row[0]), 0]
        self._struct = struct.Struct("=" + "".join(formats))
        if within is not None:
            # The head of the attribute that they are in is one word more, before the others.
            head = ATTRIBUTE.pack(self._struct.size + 4, within | NLA_F_NESTED)
            self._words.insert(0, head)
            self._struct = struct.Struct("=4s" + "".join(formats))
        self._values = slice(1 if within is None else 2, None, 2)
        self._heads = slice(0 if within is None else 1, None, 2)

    def pack(self, *values: bytes | int) -> bytes:
        """Return the attributes with these values."""
        words = self._words.copy()
        words[self._values] = values
        return self._struct.pack(*words)

    def unpack(self, data: bytes) -> tuple[Any, ...] | None:
        """Return the values of these attributes, or None where they are not these."""
        if len(data) != self._struct.size:
            return None
        words = self._struct.unpack(data)
        return words[self._values] if list(words[self._heads]) == self._words[self._heads] else None


_GENERIC = struct.Struct("=BBH")
_FLAGS = struct.Struct("=II")

_SERVICE_KEY = _Layout((SVC_AF, "H"), (SVC_PROTOCOL, "H"), (SVC_ADDR, "16s"), (SVC_PORT, "H"))
_MARK_KEY = _Layout((SVC_AF, "H"), (SVC_FWMARK, "I"))
_SERVICE_OPTIONS = _Layout((SVC_FLAGS, "8s"), (SVC_TIMEOUT, "I"), (SVC_NETMASK, "4s"))
_STATISTICS = _Layout(*((kind, "Q") for kind, _name in enumerate(STATISTICS, 1)))
_SERVER_KEY_ROWS = ((DEST_ADDR, "16s"), (DEST_PORT, "H"), (DEST_ADDR_FAMILY, "H"))
_SERVER_KEY = _Layout(*_SERVER_KEY_ROWS, within=ATTR_DEST)
_SERVER = _Layout(
    *_SERVER_KEY_ROWS,
    (DEST_FWD_METHOD, "I"),
    (DEST_WEIGHT, "I"),
    (DEST_U_THRESH, "I"),
    (DEST_L_THRESH, "I"),
    (DEST_TUN_TYPE, "B"),
    (DEST_TUN_PORT, "H"),
    (DEST_TUN_FLAGS, "H"),
    within=ATTR_DEST,
)


def payload_of(command: int, body: bytes = b"") -> bytes:
    """Return the payload of a generic netlink message."""
    return _GENERIC.pack(command, FAMILY_VERSION, 0) + body


def _text(value: str) -> bytes:
    return value.encode("ascii") + b"\0"


def _name(value: bytes) -> str:
    return value.split(b"\0", 1)[0].decode("ascii", "replace")


def _number(value: bytes) -> int:
    return int.from_bytes(value, sys.byteorder)


# ---- services ---------------------------------------------------------------------------------
def encode_service_key(key: ServiceKey) -> bytes:
    """Return the nested attribute that names a service."""
    return nested(ATTR_SERVICE, _service_key(key))


def _service_key(key: ServiceKey) -> bytes:
    family = FAMILY_NUMBERS[key_family(key)]
    if len(key) == 2:
        return _MARK_KEY.pack(family, key[0])
    return _SERVICE_KEY.pack(
        family, PROTOCOL_NUMBERS[key[0]], packed_address(key[1]), socket.htons(key[2])
    )


def encode_service(service: Service) -> bytes:
    """Return the nested attribute with all of a service."""
    flags = SVC_F_PERSISTENT if service.persistent_timeout else 0
    if service.one_packet:
        flags |= SVC_F_ONE_PACKET
    names = flag_names(service.scheduler)
    for flag in service.scheduler_flags:
        flags |= SVC_F_SCHED[names.index(flag)]
    if service.family == "ipv4":
        netmask = packed_address(service.persistent_netmask)
    else:
        netmask = int(service.persistent_netmask).to_bytes(4, sys.byteorder)
    body = (
        _service_key(service.key)
        + attribute(SVC_SCHED_NAME, _text(service.scheduler))
        + _SERVICE_OPTIONS.pack(_FLAGS.pack(flags, SVC_F_OURS), service.persistent_timeout, netmask)
    )
    if service.persistence_engine != "none":
        body += attribute(SVC_PE_NAME, _text(service.persistence_engine))
    return nested(ATTR_SERVICE, body)


def decode_service_key(found: dict[int, bytes]) -> ServiceKey:
    """Return what tells the service that these attributes describe from the others."""
    family = FAMILY_NAMES[_number(found[SVC_AF])]
    if SVC_FWMARK in found:
        return (_number(found[SVC_FWMARK]), family)
    protocol = _protocol(found[SVC_PROTOCOL])
    return (protocol, _address(family, found[SVC_ADDR]), int.from_bytes(found[SVC_PORT], "big"))


def decode_service(found: dict[int, bytes]) -> Service:
    """Return the service that these attributes describe."""
    key = decode_service_key(found)
    family = key_family(key)
    scheduler = _name(found.get(SVC_SCHED_NAME, b"none"))
    flags = _FLAGS.unpack_from(found[SVC_FLAGS])[0]
    persistent = bool(flags & SVC_F_PERSISTENT)
    # A netmask without persistence has no effect: it is not told apart from none.
    netmask = default_netmask(family)
    if persistent and family == "ipv4":
        netmask = socket.inet_ntop(socket.AF_INET, found[SVC_NETMASK])
    elif persistent:
        netmask = str(_number(found[SVC_NETMASK]))
    protocol, address, port = ("", "", 0) if len(key) == 2 else key
    return Service(
        protocol=protocol,
        address=address,
        port=port,
        fwmark=key[0] if len(key) == 2 else 0,
        family=family,
        scheduler=scheduler,
        scheduler_flags=_scheduler_flags(scheduler, flags),
        persistent_timeout=_number(found[SVC_TIMEOUT]) if persistent else 0,
        persistent_netmask=netmask,
        persistence_engine=_name(found[SVC_PE_NAME]) if SVC_PE_NAME in found else "none",
        one_packet=bool(flags & SVC_F_ONE_PACKET),
    )


def _scheduler_flags(scheduler: str, flags: int) -> tuple[str, ...]:
    if not flags & _SVC_F_SCHED:
        return ()
    return tuple(name for name, bit in zip(flag_names(scheduler), SVC_F_SCHED) if flags & bit)


def _protocol(value: bytes) -> str:
    number = _number(value)
    return PROTOCOL_NAMES.get(number, str(number))


def _address(family: str, value: bytes) -> str:
    if family == "ipv4":
        return socket.inet_ntop(socket.AF_INET, value[:4])
    return socket.inet_ntop(socket.AF_INET6, value[:16])


# ---- real servers -----------------------------------------------------------------------------
def encode_server_key(key: RealServerKey) -> bytes:
    """Return the nested attribute that names a real server of a service."""
    address, port = key
    family = _AF_INET6 if ":" in address else _AF_INET
    return _SERVER_KEY.pack(socket.inet_pton(family, address), socket.htons(port), family)


def encode_server(server: RealServer) -> bytes:
    """Return the nested attribute with all of a real server."""
    address, port, forward, weight, upper, lower, tunnel_type, tunnel_port, checksum = server
    family = _AF_INET6 if ":" in address else _AF_INET
    return _SERVER.pack(
        socket.inet_pton(family, address),
        socket.htons(port),
        family,
        FORWARD_NUMBERS[forward],
        weight,
        upper,
        lower,
        TUNNEL_NUMBERS[tunnel_type],
        socket.htons(tunnel_port),
        CHECKSUM_NUMBERS[checksum],
    )


def decode_server(found: dict[int, bytes], service_family: str) -> RealServer:
    """Return the real server that these attributes describe."""
    family = service_family
    if DEST_ADDR_FAMILY in found:
        family = FAMILY_NAMES[_number(found[DEST_ADDR_FAMILY])]
    number = _number(found[DEST_FWD_METHOD]) & CONN_F_FWD_MASK
    forward = FORWARD_NAMES.get(number, str(number))
    server = (
        _address(family, found[DEST_ADDR]),
        int.from_bytes(found[DEST_PORT], "big"),
        forward,
        _number(found[DEST_WEIGHT]),
        _number(found[DEST_U_THRESH]),
        _number(found[DEST_L_THRESH]),
    )
    if forward != "tun" or DEST_TUN_TYPE not in found:
        return RealServer(*server)
    port = int.from_bytes(found[DEST_TUN_PORT], "big")
    tunnel = tunnel_names(_number(found[DEST_TUN_TYPE]), port, _number(found[DEST_TUN_FLAGS]))
    return RealServer(*server, *tunnel)


def tunnel_names(kind: int, port: int, checksum: int) -> tuple[str, int, str]:
    """Return tunnel_type, tunnel_port and tunnel_checksum for the kernel's numbers."""
    kind_name = TUNNEL_NAMES.get(kind, str(kind))
    return kind_name, port, CHECKSUM_NAMES.get(checksum, str(checksum))


# ---- what can only be read --------------------------------------------------------------------
def decode_statistics(found: dict[int, bytes]) -> dict[str, int]:
    """Return the counters and rates of a service or real server, of 64 bits where there are."""
    # SVC_STATS and DEST_STATS are the same number, and so are the two for 64 bits.
    told = found.get(SVC_STATS64) or found.get(SVC_STATS, b"")
    numbers = _STATISTICS.unpack(told)
    if numbers is not None:
        return dict(zip(STATISTICS, numbers))
    counters = attributes(told)
    return {name: _number(counters.get(i, b"")) for i, name in enumerate(STATISTICS, 1)}


def decode_connection_counts(found: dict[int, bytes]) -> dict[str, int]:
    """Return how many connections of each kind a real server has now."""
    return {name: _number(found.get(kind, b"")) for kind, name in CONNECTION_COUNTS.items()}


def decode_timeouts(found: dict[int, bytes]) -> dict[str, int]:
    """Return the timeouts of connections, in seconds."""
    return {name: _number(found.get(kind, b"")) for kind, name in TIMEOUTS.items()}


def decode_info(found: dict[int, bytes]) -> dict[str, Any]:
    """Return the version of IPVS and the size of its connection table."""
    version = _number(found.get(INFO_VERSION, b""))
    return {
        "version": f"{version >> 16 & 0xFF}.{version >> 8 & 0xFF}.{version & 0xFF}",
        "connection_table_size": _number(found.get(INFO_CONN_TAB_SIZE, b"")),
    }


def decode_daemon(found: dict[int, bytes]) -> dict[str, Any]:
    """Return one connection synchronisation daemon."""
    state = _number(found.get(DAEMON_STATE, b""))
    group = found.get(DAEMON_MCAST_GROUP) or found.get(DAEMON_MCAST_GROUP6)
    return {
        "role": DAEMON_STATES.get(state, str(state)),
        "interface": _name(found.get(DAEMON_MCAST_IFN, b"")),
        "sync_id": _number(found.get(DAEMON_SYNC_ID, b"")),
        "maxlen": _number(found.get(DAEMON_SYNC_MAXLEN, b"")),
        "group": _address("ipv4" if len(group) == 4 else "ipv6", group) if group else "",
        "port": _number(found.get(DAEMON_MCAST_PORT, b"")),
        "ttl": _number(found.get(DAEMON_MCAST_TTL, b"")),
    }


# ---- timeouts and daemons -----------------------------------------------------------------------
def encode_timeouts(seconds: Mapping[str, int]) -> bytes:
    """Return the attributes that set these timeouts; those that are not there stay."""
    return b"".join(
        attribute(kind, struct.pack("=I", seconds[name]))
        for kind, name in TIMEOUTS.items()
        if name in seconds
    )


def encode_daemon(daemon: SyncDaemon) -> bytes:
    """Return the nested attribute with all of a daemon that is to be started."""
    group = packed_address(daemon.group)
    return nested(
        ATTR_DAEMON,
        _daemon_role(daemon.role)
        + attribute(DAEMON_MCAST_IFN, os.fsencode(daemon.interface) + b"\0")
        + attribute(DAEMON_SYNC_ID, struct.pack("=I", daemon.sync_id))
        + attribute(DAEMON_SYNC_MAXLEN, struct.pack("=H", daemon.maxlen))
        + attribute(DAEMON_MCAST_GROUP if len(group) == 4 else DAEMON_MCAST_GROUP6, group)
        # Unlike the ports of services, this one travels in the machine's order.
        + attribute(DAEMON_MCAST_PORT, struct.pack("=H", daemon.port))
        + attribute(DAEMON_MCAST_TTL, struct.pack("=B", daemon.ttl)),
    )


def encode_daemon_role(role: str) -> bytes:
    """Return the nested attribute that names a daemon that is to be stopped."""
    return nested(ATTR_DAEMON, _daemon_role(role))


def _daemon_role(role: str) -> bytes:
    return attribute(DAEMON_STATE, struct.pack("=I", DAEMON_NUMBERS[role]))


# ---- the family's number ----------------------------------------------------------------------
def encode_family_request() -> bytes:
    """Return the payload that asks GENL_ID_CTRL for the number of the IPVS family."""
    return payload_of(CTRL_CMD_GETFAMILY, attribute(CTRL_ATTR_FAMILY_NAME, _text(FAMILY_NAME)))


def decode_family(payload: bytes) -> int:
    """Return the number of the IPVS family from the answer."""
    return _number(attributes(payload, _GENERIC.size)[CTRL_ATTR_FAMILY_ID])


def decode_body(payload: bytes) -> dict[int, bytes]:
    """Return the attributes of an answer of the IPVS family."""
    return attributes(payload, _GENERIC.size)
