# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and routes in the running kernel, by pyroute2: the one file that talks to rtnetlink.

Private to the collection: names and behaviour may change in any release.

What is said here is understood alike by all versions of pyroute2 from 0.5.14 to 0.9:

- Commands are pairs of a message's type and its flags. Of the named ones, C(del) of 0.5 and 0.6
  bears a flag that kernels since 5.19 refuse, and C(nlm_request) of 0.9 ends with a KeyError.
- C(ifa_cacheinfo) is the attribute itself. What C(preferred_lft) and C(cacheinfo) stand for
  differs from version to version, and 0.7 and 0.8 lose the value.
- No version tells of every dump that changed meanwhile, so that what is read is read twice.
"""

from __future__ import annotations

import errno
import os
import socket
import traceback
from collections.abc import Callable, Collection, Iterable
from importlib import metadata
from typing import Any, TypeVar

from .._effects import ADD, DELETE
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


def _version_of(library: object) -> str:
    """Return the version of pyroute2, from its package where it does not say so itself.

    Debian 12 has left out C(pyroute2.config.version), without which it calls itself unknown.
    """
    said = str(getattr(library, "__version__", "unknown"))
    if said[:1].isdecimal():
        return said
    try:
        return str(metadata.version("pyroute2"))
    except metadata.PackageNotFoundError:
        return said


PYROUTE2_IMPORT_ERROR: str | None = None
try:
    import pyroute2
    from pyroute2 import IPRoute, NetlinkError
except (ImportError, AttributeError):  # the latter where it is too old for this Python
    PYROUTE2_VERSION = ""
    PYROUTE2_IMPORT_ERROR = traceback.format_exc()
else:
    PYROUTE2_VERSION = _version_of(pyroute2)

OLDEST_PYROUTE2 = (0, 5, 14)

# linux/netlink.h
NLM_F_REQUEST = 0x001
NLM_F_ACK = 0x004
NLM_F_REPLACE = 0x100
NLM_F_EXCL = 0x200
NLM_F_CREATE = 0x400
ASK = NLM_F_REQUEST | NLM_F_ACK
# linux/rtnetlink.h, linux/if_addr.h
RTM_NEWADDR = 20
RTM_DELADDR = 21
RTM_NEWROUTE = 24
RTM_DELROUTE = 25
RTM_GETROUTE = 26
RTM_F_CLONED = 0x200
RTM_F_FIB_MATCH = 0x2000
RTN_UNICAST = 1
RTN_LOCAL = 2
RTPROT_STATIC = 4
RT_SCOPE_UNIVERSE = 0
RT_SCOPE_NOWHERE = 255
IFA_F_SECONDARY = 0x01
IFA_F_NODAD = 0x02
FOREVER = 2**32 - 1

AF = {"ipv4": int(socket.AF_INET), "ipv6": int(socket.AF_INET6)}
ATTEMPTS = 10
NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EINVAL, errno.ESRCH)

_Found = TypeVar("_Found")


def pyroute2_version() -> tuple[int, ...]:
    """Return the numbers of the version of pyroute2; nothing where it is unknown."""
    return tuple(int(number) for number in PYROUTE2_VERSION.split(".")[:3] if number.isdecimal())


class Links:
    """A conversation with the kernel's rtnetlink in this network namespace."""

    def __init__(self) -> None:
        self._kernel = IPRoute()

    def __enter__(self) -> Links:
        """Return itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the socket."""
        self._kernel.close()

    def addresses(self, interfaces: Collection[str]) -> list[Address]:
        """Return the addresses of interfaces, by one look at all."""
        names = {socket.if_nametoindex(name): name for name in interfaces}
        return self._twice(lambda: self._addresses(names))

    def _addresses(self, names: dict[int, str]) -> list[Address]:
        return [
            Address(
                address=answer.get_attr("IFA_LOCAL") or answer.get_attr("IFA_ADDRESS"),
                prefix=answer["prefixlen"],
                interface=names[answer["index"]],
                label=answer.get_attr("IFA_LABEL") or "",
                secondary=answer["family"] == AF["ipv4"]
                and bool((answer.get_attr("IFA_FLAGS") or answer["flags"]) & IFA_F_SECONDARY),
            )
            for answer in self._kernel.get_addr()
            if answer["index"] in names and answer["family"] in AF.values()
        ]

    def default_routes(self, family: str) -> list[DefaultRoute]:
        """Return the default routes of the main table, the first taken first."""
        found = self._twice(lambda: self._default_routes(family))
        return sorted(found, key=lambda route: route.metric)

    def _default_routes(self, family: str) -> list[DefaultRoute]:
        found = []
        for answer in self._kernel.get_routes(family=AF[family]):
            if answer["dst_len"] or answer["type"] != RTN_UNICAST:
                continue
            match = _match_of(answer)
            if match.table == RT_TABLE_MAIN and not answer["flags"] & RTM_F_CLONED:
                found.append(DefaultRoute(match.gateway, match.interface, match.metric, family))
        return found

    def route_to(self, address: str, source: str = "", interface: str = "") -> Match | None:
        """Return the route that the kernel takes to an address, or None if there is none."""
        family = "ipv6" if ":" in address else "ipv4"
        asked: dict[str, Any] = {
            "family": AF[family],
            "dst": address,
            "dst_len": BITS[family],
            "flags": RTM_F_FIB_MATCH,
        }
        if source:
            asked.update(src=source, src_len=BITS[family])
        if interface:
            asked.update(oif=socket.if_nametoindex(interface))
        try:
            answers = list(self._kernel.route((RTM_GETROUTE, ASK), **asked))
        except NetlinkError as error:
            if error.code in NO_ROUTE:
                return None
            raise OSError(error.code, os.strerror(error.code)) from error
        return _match_of(answers[0]) if answers else None

    def do(self, step: Step) -> None:
        """Make one change."""
        item = step.item
        try:
            if isinstance(item, Address):
                self._change_address(step, item)
            else:
                self._change_route(step, item)
        except NetlinkError as error:
            raise refused(error.code, step) from error
        except OSError as error:
            raise refused(error.errno or errno.ENODEV, step) from error

    def _change_address(self, step: Step, item: Address) -> None:
        added = step.action == ADD
        fields: dict[str, Any] = {
            "index": socket.if_nametoindex(item.interface),
            "family": AF[item.family],
            "prefixlen": item.prefix,
            "address": item.address,
            "local": item.address,
        }
        if added and item.family == "ipv4" and item.label:
            fields["label"] = item.label
        if added and item.family == "ipv6":
            fields["flags"] = IFA_F_NODAD
        if added and item.family == "ipv6" and item.prefix == BITS["ipv6"]:
            # Among several addresses the kernel would choose it, by its long prefix, for packets of
            # the host's own; a real server that has it too would take them for its own.
            fields["ifa_cacheinfo"] = {"ifa_preferred": 0, "ifa_valid": FOREVER}
        command = (RTM_NEWADDR, ASK | NLM_F_CREATE | NLM_F_EXCL) if added else (RTM_DELADDR, ASK)
        self._kernel.addr(command, **fields)

    def _change_route(self, step: Step, item: DefaultRoute) -> None:
        deleted = step.action == DELETE
        fields: dict[str, Any] = {
            "family": AF[item.family],
            "table": RT_TABLE_MAIN,
            "type": RTN_UNICAST,
            "scope": RT_SCOPE_NOWHERE if deleted else RT_SCOPE_UNIVERSE,
            "oif": socket.if_nametoindex(item.interface),
        }
        if item.gateway:
            fields["gateway"] = item.gateway
        if item.metric:
            fields["priority"] = item.metric
        if deleted:
            self._kernel.route((RTM_DELROUTE, ASK), **fields)
            return
        how = NLM_F_EXCL if step.action == ADD else NLM_F_REPLACE
        command = (RTM_NEWROUTE, ASK | NLM_F_CREATE | how)
        self._kernel.route(command, proto=RTPROT_STATIC, **fields)

    def _twice(self, read: Callable[[], list[_Found]]) -> list[_Found]:
        """Read until two looks in a row find the same: nothing changed, and no answer was lost."""
        last: list[_Found] | None = None
        for _attempt in range(ATTEMPTS):
            try:
                found = read()
            except (NetlinkError, OSError) as error:
                if not was_interrupted(error):
                    raise
                last = None
                # 0.9 goes on to fail with what it has failed with once.
                self._kernel.close()
                self._kernel = IPRoute()
                continue
            if found == last:
                return found
            last = found
        raise LinkError(
            "addresses and routes",
            field="",
            value=None,
            why="changed under each attempt to read them",
            advice="find out what else changes them, and run the task again",
        )


def was_interrupted(error: Exception) -> bool:
    """Tell whether an error of reading says that answers were lost, or changed meanwhile."""
    # Some versions of pyroute2 tell of an interrupted dump by an errno that is none.
    code = getattr(error, "code", None) or getattr(error, "errno", None) or 0
    return code < 0 or code == errno.ENOBUFS


def _match_of(answer: Any) -> Match:
    index = answer.get_attr("RTA_OIF") or 0
    gateway = answer.get_attr("RTA_GATEWAY") or ""
    hops: Iterable[Any] = answer.get_attr("RTA_MULTIPATH") or ()
    for hop in () if index else hops:
        index = hop["oif"]
        gateway = hop.get_attr("RTA_GATEWAY") or ""
        break
    try:
        interface = socket.if_indextoname(index) if index else ""
    except OSError:
        interface = ""
    return Match(
        prefix=answer["dst_len"],
        gateway=gateway,
        interface=interface,
        table=answer.get_attr("RTA_TABLE") or answer["table"],
        metric=answer.get_attr("RTA_PRIORITY") or 0,
        local=answer["type"] == RTN_LOCAL,
        source=answer.get_attr("RTA_PREFSRC") or "",
    )


def find_gateway_interface(links: Links, wanted: WantedGateway) -> str:
    """Return the interface that a gateway is on; raise LinkError where it is on none."""

    def refusal(why: str, advice: str) -> LinkError:
        return LinkError("", "gateway", wanted.gateway, why, advice)

    link_local = in_network(packed_address(wanted.gateway), packed_address("fe80::"), 10)
    if link_local and wanted.interface is None:
        raise refusal(
            "is link-local, and no interface is given", "give the interface that it is on"
        )
    route = links.route_to(wanted.gateway, interface=wanted.interface or "")
    if route is not None and route.local:
        raise refusal(
            "is an address of this host itself",
            "give the address of the gateway, not that of the host that uses it",
        )
    if wanted.interface is not None and (route is None or route.interface != wanted.interface):
        route = None
    if route is None or route.gateway:
        where = f"interface {wanted.interface}" if wanted.interface else "a link of this host"
        raise refusal(
            f"is not on {where}", "give a gateway in a network that the host has an address in"
        )
    return route.interface


def refused(code: int, step: Step) -> LinkError:
    """Return what an error of the kernel means for a change, and its fix."""
    again = "run the task again"
    no_link = ("has its gateway on no link of this host", "give a gateway that is on one")
    why, advice = {
        errno.EPERM: ("may be changed by root (CAP_NET_ADMIN) only", "run it with become: true"),
        errno.EACCES: ("needs IPv6, which is disabled there", "set the sysctl disable_ipv6 to 0"),
        errno.EEXIST: ("was added by somebody else meanwhile", again),
        errno.ENETDOWN: ("is on an interface that is down", "set it up first"),
        errno.ENODEV: ("is on an interface that is gone", "give one that exists"),
        errno.ENETUNREACH: no_link,
        errno.EHOSTUNREACH: no_link,
        errno.EADDRNOTAVAIL: ("was deleted by somebody else meanwhile", again),
        errno.ESRCH: ("was deleted by somebody else meanwhile", again),
    }.get(code, (f"is refused by the kernel: {os.strerror(code)}", "correct what it names"))
    return LinkError(step.item.as_line().strip(), field="", value=None, why=why, advice=advice)
