# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection from the director to a virtual address, which one real server alone can answer.

Private to the collection: names and behaviour may change in any release.

A service of a firewall mark has this one real server behind it, and the connection's packets have
the mark (SO_MARK, socket(7)). So they take the way of clients' packets: by direct routing and
tunnel the real server has to have the virtual address, and the tunnel, to answer. Its answer
comes from an address that the director has itself, which the kernel takes with C(accept_local)
only (Documentation/networking/ip-sysctl.rst).
"""

from __future__ import annotations

import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from .._effects import ADD, DELETE
from .._netlink import (
    NETLINK_ROUTE,
    NLM_F_ACK,
    Netlink,
    attribute,
    attributes,
)
from .._values import ModelError, address_family
from .kernel import Ipvs
from .lock import locked
from .model import RealServer, Service, default_netmask
from .plan import Operation

# asm-generic/socket.h
SO_MARK = 36
# linux/rtnetlink.h
RTM_GETROUTE = 26
RTA_DST, RTA_OIF, RTA_PREFSRC = 1, 4, 7
# struct rtmsg: family, lengths of destination and source, tos, table, protocol, scope, type, flags
_ROUTE = struct.Struct("=8BI")
_INDEX = struct.Struct("=I")
_SETTINGS = Path("/proc/sys/net/ipv4/conf")
# One at a time in a network namespace: the name of an abstract socket goes with its process.
_TAKEN = "\0lvs-cluster-check"


class Way(NamedTuple):
    """By which device packets leave for a real server, and the address that they have then."""

    device: str
    source: str


def way_to(address: str) -> Way:
    """Return the way to a host; raises ModelError where there is none."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    packed = socket.inet_pton(family, address)
    netlink = Netlink(NETLINK_ROUTE)
    try:
        request = _ROUTE.pack(family, 8 * len(packed), 0, 0, 0, 0, 0, 0, 0)
        answer = netlink.ask(RTM_GETROUTE, NLM_F_ACK, request + attribute(RTA_DST, packed))[0]
        told = attributes(answer, _ROUTE.size)
        device = socket.if_indextoname(_INDEX.unpack(told[RTA_OIF])[0])
        return Way(device, socket.inet_ntop(family, told[RTA_PREFSRC]))
    except (OSError, KeyError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no address to come from"
        why = f"cannot be reached from here ({reason})"
        raise ModelError("real server", "address", address, why, "give a route to it") from error
    finally:
        netlink.close()


@contextmanager
def alone() -> Iterator[None]:
    """Keep others that ask on this host out; raises ModelError where somebody asks now."""
    taken = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        taken.bind(_TAKEN)
    except OSError as error:
        why = "another task asks a real server on this host at the moment"
        raise ModelError("", "", None, why, "run this one when it has ended") from error
    try:
        yield
    finally:
        taken.close()


@contextmanager
def only(kernel: Ipvs, mark: int, server: RealServer) -> Iterator[None]:
    """Have one real server for packets of a mark; what a killed run has left goes first.

    Raises ModelError for a mark by which somebody else has a service.
    """
    family = server.family
    service = Service(
        fwmark=mark,
        family=family,
        scheduler="rr",
        persistent_netmask=default_netmask(family),
    )
    delete = Operation(DELETE, service.key, before=service)
    with locked():
        there = kernel.read_service(service.key)
        if there.services and (
            there.services[service.key] != service or len(there.servers_of(service.key)) > 1
        ):
            why, advice = "has a service on this host already", "give a mark that nothing else uses"
            raise ModelError("", "mark", mark, why, advice)
        kernel.apply([delete])
        kernel.apply(
            [
                Operation(ADD, service.key, after=service),
                Operation(ADD, service.key, server.key, after=server._replace(weight=1)),
            ]
        )
    try:
        yield
    finally:
        with locked():
            kernel.apply([delete])


@contextmanager
def own_address_accepted(way: Way, server: RealServer) -> Iterator[None]:
    """Have the kernel take packets that come from one of its own addresses, by this device."""
    setting = _SETTINGS / way.device / "accept_local"
    if server.forward == "nat" or ":" in way.source or setting.read_text().strip() == "1":
        yield
        return
    # Its input ends with this process, however that ends, and it puts the setting back.
    # run_command would wait for it.
    keeper = subprocess.Popen(  # pylint: disable=ansible-bad-function
        ["/bin/sh", "-c", 'read -r _; echo 0 >"$1"', "sh", setting],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        setting.write_text("1")
        yield
    finally:
        keeper.communicate()
        setting.write_text("0")


def drops_own_address(way: Way, address: str) -> str:
    """Return the setting that drops an answer from an own address on this device, or nothing.

    A strict C(rp_filter) does where the address is on another device.
    """
    if address_family(address) != "ipv4":
        return ""
    # The kernel goes by the higher one.
    found = {
        (_SETTINGS / name / "rp_filter").read_text().strip(): name for name in ("all", way.device)
    }
    return f"net.ipv4.conf.{found['1']}.rp_filter" if max(found) == "1" else ""


def connected(address: str, port: int, mark: int, source: str, seconds: float) -> socket.socket:
    """Return a TCP connection whose packets have a mark; raises OSError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, SO_MARK, mark)
        opened.bind((source, 0))
        opened.settimeout(seconds)
        opened.connect((address, port))
    except OSError:
        opened.close()
        raise
    return opened
