# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and routes in the running kernel: the one file that talks to its rtnetlink.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import errno
import os
import socket
import struct

from .._effects import ADD, DELETE
from .._netlink import (
    NETLINK_ROUTE,
    NLM_F_ACK,
    NLM_F_DUMP,
    Interrupted,
    Netlink,
    attribute,
    attributes,
    repeated,
)
from .._values import in_network, packed_address
from .model import (
    BITS,
    RT_TABLE_MAIN,
    Address,
    DefaultRoute,
    LinkError,
    Match,
    Step,
)
from .wanted import WantedGateway

# linux/netlink.h, linux/rtnetlink.h, linux/if_addr.h
NLM_F_REPLACE = 0x100
NLM_F_EXCL = 0x200
NLM_F_CREATE = 0x400
RTM_NEWADDR = 20
RTM_DELADDR = 21
RTM_GETADDR = 22
RTM_NEWROUTE = 24
RTM_DELROUTE = 25
RTM_GETROUTE = 26
RTM_F_CLONED = 0x200
RTM_F_FIB_MATCH = 0x2000
RTA_DST = 1
RTA_SRC = 2
RTA_OIF = 4
RTA_GATEWAY = 5
RTA_PRIORITY = 6
RTA_PREFSRC = 7
RTA_MULTIPATH = 9
RTA_TABLE = 15
RTN_UNICAST = 1
RTN_LOCAL = 2
RTPROT_STATIC = 4
RTPROT_UNSPEC = 0
RT_SCOPE_UNIVERSE = 0
RT_SCOPE_NOWHERE = 255
IFA_ADDRESS = 1
IFA_LOCAL = 2
IFA_LABEL = 3
IFA_CACHEINFO = 6
IFA_FLAGS = 8
IFA_F_SECONDARY = 0x01
IFA_F_NODAD = 0x02

# struct ifaddrmsg: family, prefix length, flags, scope, index.
_ADDRESS = struct.Struct("=4BI")
# struct rtmsg: family, lengths of destination and source, tos, table, protocol, scope, type, flags.
_ROUTE = struct.Struct("=8BI")
_NUMBER = struct.Struct("=I")
# struct ifa_cacheinfo: seconds preferred and valid, and two that only the kernel writes.
_LIFETIMES = struct.Struct("=4I")
FOREVER = 2**32 - 1
# struct rtnexthop: length, flags, hops, index.
_NEXT_HOP = struct.Struct("=HBBI")

AF = {"ipv4": int(socket.AF_INET), "ipv6": int(socket.AF_INET6)}


class Links:
    """A conversation with the kernel's rtnetlink in this network namespace."""

    def __init__(self) -> None:
        self._netlink = Netlink(NETLINK_ROUTE)

    def __enter__(self) -> Links:
        """Return itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the socket."""
        self._netlink.close()

    def addresses(self, interface: str) -> list[Address]:
        """Return the addresses of an interface."""
        index = socket.if_nametoindex(interface)
        found = []
        for answer in self._dump(RTM_GETADDR, _ADDRESS.pack(0, 0, 0, 0, 0)):
            family, prefix, flags, _scope, its_index = _ADDRESS.unpack_from(answer)
            if its_index != index or family not in AF.values():
                continue
            values = attributes(answer, _ADDRESS.size)
            flags = _number(values.get(IFA_FLAGS)) or flags
            found.append(
                Address(
                    address=_text(values.get(IFA_LOCAL) or values[IFA_ADDRESS]),
                    prefix=prefix,
                    interface=interface,
                    label=values.get(IFA_LABEL, b"").rstrip(b"\0").decode("ascii", "replace"),
                    secondary=family == AF["ipv4"] and bool(flags & IFA_F_SECONDARY),
                )
            )
        return found

    def default_routes(self, family: str) -> list[DefaultRoute]:
        """Return the default routes of the main table, the first taken first."""
        found = []
        for answer in self._dump(RTM_GETROUTE, _ROUTE.pack(AF[family], *[0] * 8)):
            header = _ROUTE.unpack_from(answer)
            match = _match_of(answer)
            if header[7] != RTN_UNICAST or header[8] & RTM_F_CLONED:
                continue
            if match.prefix == 0 and match.table == RT_TABLE_MAIN:
                found.append(DefaultRoute(match.gateway, match.interface, match.metric, family))
        return sorted(found, key=lambda route: route.metric)

    def route_to(self, address: str, source: str = "", interface: str = "") -> Match | None:
        """Return the route that the kernel takes to an address, or None if there is none."""
        family = "ipv6" if ":" in address else "ipv4"
        bits = BITS[family]
        payload = _ROUTE.pack(
            AF[family], bits, bits if source else 0, 0, 0, 0, 0, 0, RTM_F_FIB_MATCH
        ) + attribute(RTA_DST, packed_address(address))
        if source:
            payload += attribute(RTA_SRC, packed_address(source))
        if interface:
            payload += attribute(RTA_OIF, _NUMBER.pack(socket.if_nametoindex(interface)))
        try:
            answers = self._netlink.ask(RTM_GETROUTE, NLM_F_ACK, payload)
        except OSError as error:
            if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EINVAL, errno.ESRCH):
                return None
            raise
        return _match_of(answers[0]) if answers else None

    def do(self, step: Step) -> None:
        """Make one change."""
        item = step.item
        try:
            if isinstance(item, Address):
                self._change_address(step, item)
            else:
                self._change_route(step, item)
        except OSError as error:
            raise LinkError(describe_error(error.errno or 0, step)) from error

    def _change_address(self, step: Step, item: Address) -> None:
        address = packed_address(item.address)
        added = step.action == ADD
        payload = (
            _ADDRESS.pack(
                AF[item.family],
                item.prefix,
                IFA_F_NODAD if added and item.family == "ipv6" else 0,
                0,
                socket.if_nametoindex(item.interface),
            )
            + attribute(IFA_LOCAL, address)
            + attribute(IFA_ADDRESS, address)
        )
        if added and item.family == "ipv6" and item.prefix == BITS["ipv6"]:
            # Among several addresses the kernel would choose it, by its long prefix, for packets of
            # the host's own; a real server that has it too would take them for its own.
            payload += attribute(IFA_CACHEINFO, _LIFETIMES.pack(0, FOREVER, 0, 0))
        if added and item.family == "ipv4" and item.label:
            payload += attribute(IFA_LABEL, item.label.encode() + b"\0")
        if added:
            self._netlink.ask(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, payload)
        else:
            self._netlink.ask(RTM_DELADDR, NLM_F_ACK, payload)

    def _change_route(self, step: Step, item: DefaultRoute) -> None:
        deleted = step.action == DELETE
        payload = _ROUTE.pack(
            AF[item.family],
            0,
            0,
            0,
            RT_TABLE_MAIN,
            RTPROT_UNSPEC if deleted else RTPROT_STATIC,
            RT_SCOPE_NOWHERE if deleted else RT_SCOPE_UNIVERSE,
            RTN_UNICAST,
            0,
        ) + attribute(RTA_OIF, _NUMBER.pack(socket.if_nametoindex(item.interface)))
        if item.gateway:
            payload += attribute(RTA_GATEWAY, packed_address(item.gateway))
        if item.metric:
            payload += attribute(RTA_PRIORITY, _NUMBER.pack(item.metric))
        if deleted:
            self._netlink.ask(RTM_DELROUTE, NLM_F_ACK, payload)
            return
        how = NLM_F_EXCL if step.action == ADD else NLM_F_REPLACE
        self._netlink.ask(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | how, payload)

    def _dump(self, kind: int, payload: bytes) -> list[bytes]:
        try:
            return repeated(lambda: self._netlink.ask(kind, NLM_F_DUMP, payload))
        except Interrupted as error:
            raise LinkError(
                "addresses or routes changed under each attempt to read them;"
                " find out what else changes them, and run the task again."
            ) from error


def _match_of(answer: bytes) -> Match:
    _family, prefix, _src, _tos, table, _protocol, _scope, kind, _flags = _ROUTE.unpack_from(answer)
    values = attributes(answer, _ROUTE.size)
    index = _number(values.get(RTA_OIF))
    gateway = values.get(RTA_GATEWAY, b"")
    hops = values.get(RTA_MULTIPATH, b"")
    if hops and not index:
        length, _flags, _hops, index = _NEXT_HOP.unpack_from(hops)
        gateway = attributes(hops[:length], _NEXT_HOP.size).get(RTA_GATEWAY, b"")
    try:
        interface = socket.if_indextoname(index) if index else ""
    except OSError:
        interface = ""
    source = values.get(RTA_PREFSRC, b"")
    return Match(
        prefix=prefix,
        gateway=_text(gateway) if gateway else "",
        interface=interface,
        table=_number(values.get(RTA_TABLE)) or table,
        metric=_number(values.get(RTA_PRIORITY)),
        local=kind == RTN_LOCAL,
        source=_text(source) if source else "",
    )


def _text(address: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(address) == 4 else socket.AF_INET6, address)


def _number(value: bytes | None) -> int:
    return int(_NUMBER.unpack(value)[0]) if value else 0


def find_gateway_interface(links: Links, wanted: WantedGateway) -> str:
    """Return the interface that a gateway is on; raise LinkError where it is on none."""
    link_local = in_network(packed_address(wanted.gateway), packed_address("fe80::"), 10)
    if link_local and wanted.interface is None:
        raise LinkError(
            f"gateway {wanted.gateway}: it is link-local, and no interface is given;"
            " give the interface that it is on."
        )
    route = links.route_to(wanted.gateway, interface=wanted.interface or "")
    if route is not None and route.local:
        raise LinkError(
            f"gateway {wanted.gateway} is an address of this host itself;"
            " give the address of the gateway, not that of the host that uses it."
        )
    if wanted.interface is not None and (route is None or route.interface != wanted.interface):
        route = None
    if route is None or route.gateway:
        where = f"interface {wanted.interface}" if wanted.interface else "a link of this host"
        raise LinkError(
            f"gateway {wanted.gateway} is not on {where};"
            " give a gateway in a network that the host has an address in."
        )
    return route.interface


def describe_error(code: int, step: Step) -> str:
    """Return one sentence for an error of the kernel: the item, what is wrong, and the mend."""
    line = step.item.as_line().strip()
    texts = {
        errno.EPERM: "only root (CAP_NET_ADMIN) may change it; run the task with become: true.",
        errno.EACCES: "IPv6 is disabled on the interface; set its sysctl disable_ipv6 to 0.",
        errno.EEXIST: "somebody else added it meanwhile; run the task again.",
        errno.ENETDOWN: "the interface is down; set it up first.",
        errno.ENETUNREACH: "the gateway is on no link of this host; give one that is.",
        errno.EHOSTUNREACH: "the gateway is on no link of this host; give one that is.",
        errno.EADDRNOTAVAIL: "somebody else deleted it meanwhile; run the task again.",
        errno.ESRCH: "somebody else deleted it meanwhile; run the task again.",
    }
    return f"{line}: {texts.get(code, f'the kernel refuses it: {os.strerror(code)}.')}"
