# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and default routes.

Private to the collection: names and behaviour may change in any release.

What is to be done is worked out by functions without a socket; `Links` is what talks to the kernel,
and `ProcLinks` what reads, on a host that has no pyroute2 yet, from /proc.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._model import (
    ModelError,
    address_family,
    canonical_address,
    packed_address,
)
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import (
    NETLINK_ROUTE,
    NLM_F_ACK,
    NLM_F_DUMP,
    Interrupted,
    Netlink,
    attribute,
    attributes,
    repeated,
)
from ansible_collections.lvs.cluster.plugins.module_utils._plan import (
    ADD,
    DELETE,
    DROPS_CONNECTIONS,
    EDIT,
    NO_EFFECT,
    in_network,
)

# linux/netlink.h, linux/rtnetlink.h, linux/if_addr.h, linux/sockios.h
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
RT_TABLE_MAIN = 254
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
SIOCGIFMTU = 0x8921

# struct ifaddrmsg: family, prefix length, flags, scope, index.
_ADDRESS = struct.Struct("=4BI")
# struct rtmsg: family, lengths of destination and source, tos, table, protocol, scope, type, flags.
_ROUTE = struct.Struct("=8BI")
_NUMBER = struct.Struct("=I")
# struct ifa_cacheinfo: seconds preferred and valid, and two that only the kernel writes.
_LIFETIMES = struct.Struct("=4I")
FOREVER = 2**32 - 1
# struct ifreq: a name, and what is asked for.
_REQUEST = struct.Struct("=16si20x")
# struct rtnexthop: length, flags, hops, index.
_NEXT_HOP = struct.Struct("=HBBI")

AF = {"ipv4": int(socket.AF_INET), "ipv6": int(socket.AF_INET6)}
BITS = {"ipv4": 32, "ipv6": 128}
# What the kernel gives a route without a metric.
DEFAULT_METRIC = {"ipv4": 0, "ipv6": 1024}
MAX_METRIC = 2**32 - 1
MAX_LABEL = 15


class LinkError(Exception):
    """One sentence: what cannot be done, and the mend."""


@dataclass(frozen=True)
class Address:
    """An address on an interface."""

    address: str
    prefix: int
    interface: str
    label: str = ""
    secondary: bool = False

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`."""
        return "ipv6" if ":" in self.address else "ipv4"

    @property
    def order(self) -> tuple[Any, ...]:
        """Sort key: by family, address as a number, and prefix length."""
        return (self.family, packed_address(self.address), self.prefix)

    def as_result(self) -> dict[str, Any]:
        """What modules return for it."""
        return {
            "address": self.address,
            "prefix": self.prefix,
            "interface": self.interface,
            "label": self.label,
        }

    def as_line(self) -> str:
        """Return it as `ip address` would print it."""
        word = "inet6" if self.family == "ipv6" else "inet"
        label = f" {self.label}" if self.label else ""
        return f"{word} {self.address}/{self.prefix} dev {self.interface}{label}\n"


@dataclass(frozen=True)
class DefaultRoute:
    """A default route of the main table. A route without a gateway has an empty one."""

    gateway: str
    interface: str
    metric: int
    family: str

    @property
    def order(self) -> tuple[Any, ...]:
        """Sort key: the route that is used first comes first."""
        return (self.metric, self.gateway, self.interface)

    def as_result(self) -> dict[str, Any]:
        """What modules return for it."""
        return {"gateway": self.gateway, "interface": self.interface, "metric": self.metric}

    def as_line(self) -> str:
        """Return it as `ip route` would print it."""
        via = f" via {self.gateway}" if self.gateway else ""
        metric = f" metric {self.metric}" if self.metric else ""
        return f"default{via} dev {self.interface}{metric}\n"


@dataclass(frozen=True)
class Match:
    """The route that the kernel takes to an address."""

    prefix: int
    gateway: str
    interface: str
    table: int = RT_TABLE_MAIN
    metric: int = 0
    local: bool = False
    source: str = ""


@dataclass(frozen=True)
class Connection:
    """The SSH connection that the task came by, and the route back, if it takes one."""

    client: str
    server: str
    route: Match | None


@dataclass(frozen=True)
class Step:
    """One change of an address or a route."""

    action: str
    before: Address | DefaultRoute | None = None
    after: Address | DefaultRoute | None = None

    @property
    def item(self) -> Address | DefaultRoute:
        """What is changed: as it will be, or where it is deleted as it was."""
        item = self.after or self.before
        if item is None:
            raise ValueError("a step without an item")
        return item

    @property
    def effect(self) -> str:
        """What it does to connections that are established."""
        return NO_EFFECT if self.action == ADD else DROPS_CONNECTIONS

    def as_result(self) -> dict[str, Any]:
        """What modules return for it."""
        item = self.item
        result = {
            "action": self.action,
            "item": "address" if isinstance(item, Address) else "default_route",
            **item.as_result(),
            "effect": self.effect,
        }
        if self.before is not None and self.after is not None:
            old, new = self.before.as_result(), self.after.as_result()
            result["changes"] = {n: [old[n], new[n]] for n in new if old[n] != new[n]}
        return result


# ---- what is asked for --------------------------------------------------------------------------


@dataclass(frozen=True)
class WantedAddress:
    """An address as a task asks for it."""

    address: str
    interface: str
    prefix: int | None = None
    label: str | None = None

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`."""
        return "ipv6" if ":" in self.address else "ipv4"


@dataclass(frozen=True)
class WantedGateway:
    """A default route as a task asks for it."""

    gateway: str
    interface: str | None = None
    metric: int | None = None

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`."""
        return "ipv6" if ":" in self.gateway else "ipv4"


def parse_virtual_ip(text: str, interface: str, label: str | None) -> WantedAddress:
    """Read what virtual_ip is given."""
    host, slash, length = text.strip().partition("/")
    address = canonical_address(host)
    family = address_family(host)
    if address is None or family is None:
        raise ModelError(
            f"address {text!r} is not an IPv4 or IPv6 address;"
            " give one such as 192.0.2.10, 192.0.2.10/24 or 2001:db8::10."
        )
    prefix = None
    if slash:
        if not (length.isdecimal() and length.isascii() and 1 <= int(length) <= BITS[family]):
            raise ModelError(
                f"address {text!r} has no prefix length that fits;"
                f" give one from 1 to {BITS[family]}, or leave it out."
            )
        prefix = int(length)
    if label is not None:
        if family == "ipv6":
            raise ModelError(
                f"address {address}: label {label!r} is for IPv4 only; leave label out."
            )
        if not label.startswith(interface) or len(label) > MAX_LABEL:
            raise ModelError(
                f"address {address}: label {label!r} does not fit; give one that begins with"
                f" {interface} and has at most {MAX_LABEL} characters, such as {interface}:1."
            )
    return WantedAddress(address, interface, prefix, label)


def parse_default_gateway(text: str, interface: str | None, metric: int | None) -> WantedGateway:
    """Read what default_gateway is given."""
    gateway = canonical_address(text.strip())
    if gateway is None:
        raise ModelError(
            f"gateway {text!r} is not an IPv4 or IPv6 address; give that of the gateway."
        )
    if metric is not None and not 0 <= metric <= MAX_METRIC:
        raise ModelError(
            f"gateway {gateway}: metric {metric} is out of range; give one from 0 to {MAX_METRIC}."
        )
    if ":" in gateway and metric == 0:
        # The kernel takes 0 to mean its default.
        metric = DEFAULT_METRIC["ipv6"]
    return WantedGateway(gateway, interface, metric)


def check_interface(interface: str) -> None:
    """Raise ModelError for an interface that does not exist."""
    known = sorted(name for _index, name in socket.if_nameindex())
    if interface in known:
        return
    raise ModelError(
        f"interface {interface!r} does not exist on this host; use one of {', '.join(known)}."
    )


def mtu_of(interface: str) -> int:
    """Return how many octets a packet on the interface may have; 0 where there is no such."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            answer = fcntl.ioctl(asked, SIOCGIFMTU, _REQUEST.pack(os.fsencode(interface), 0))
        except OSError:
            return 0
    return int(_REQUEST.unpack(answer)[1])


# ---- what is to be done -------------------------------------------------------------------------


def plan_address(
    have: Sequence[Address], wanted: WantedAddress, *, promote_secondaries: bool
) -> list[Step]:
    """Work out how to get an address onto its interface."""
    same = [entry for entry in have if entry.address == wanted.address]
    bits = BITS[wanted.family]
    prefix = wanted.prefix
    if prefix is None:
        prefix = same[0].prefix if same else bits
    label = wanted.label
    fits = [entry for entry in same if entry.prefix == prefix and label in (None, entry.label)]
    others = [] if wanted.prefix is None and fits else [e for e in same if e not in fits]
    deletions = _deletions(have, others, promote_secondaries)
    if fits:
        return deletions
    default_label = wanted.interface if wanted.family == "ipv4" else ""
    addition = Step(
        ADD, after=Address(wanted.address, prefix, wanted.interface, label or default_label)
    )
    # The kernel takes the same address with another prefix length beside the first for IPv4 only.
    beside = wanted.family == "ipv4" and all(entry.prefix != prefix for entry in others)
    return [addition, *deletions] if beside else [*deletions, addition]


def plan_address_absent(
    have: Sequence[Address], wanted: WantedAddress, *, promote_secondaries: bool
) -> list[Step]:
    """Work out how to get an address off its interface."""
    gone = [
        entry
        for entry in have
        if entry.address == wanted.address and wanted.prefix in (None, entry.prefix)
    ]
    return _deletions(have, gone, promote_secondaries)


def _deletions(have: Sequence[Address], gone: Sequence[Address], promote: bool) -> list[Step]:
    """Delete addresses, and add those again that the kernel deletes with them."""
    steps = []
    for entry in gone:
        steps.append(Step(DELETE, before=entry))
        lost = [other for other in _secondaries(have, entry, promote) if other not in gone]
        steps.extend(
            Step(ADD, after=replace(other, secondary=index > 0)) for index, other in enumerate(lost)
        )
    return steps


def plan_gateway(have: Sequence[DefaultRoute], wanted: WantedGateway, interface: str) -> list[Step]:
    """Work out how to get the default route; the interface is where the gateway was found to be."""
    ordered = sorted(have, key=lambda route: route.metric)
    metric = wanted.metric
    if metric is None:
        lowest = ordered[0].metric if ordered else MAX_METRIC
        best = [route for route in ordered if route.metric == lowest]
        if any(_is_via(route, wanted, interface) for route in best):
            return []
        metric = DEFAULT_METRIC[wanted.family]
        if wanted.family == "ipv6":
            metric = min(metric, lowest)
    there = [route for route in ordered if route.metric == metric]
    if any(_is_via(route, wanted, interface) for route in there):
        return []
    after = DefaultRoute(wanted.gateway, interface, metric, wanted.family)
    return [Step(EDIT, there[0], after) if there else Step(ADD, after=after)]


def plan_gateway_absent(have: Sequence[DefaultRoute], wanted: WantedGateway) -> list[Step]:
    """Work out how to get rid of default routes by way of a gateway."""
    return [
        Step(DELETE, before=route)
        for route in have
        if route.gateway == wanted.gateway
        and wanted.interface in (None, route.interface)
        and wanted.metric in (None, route.metric)
    ]


def _is_via(route: DefaultRoute, wanted: WantedGateway, interface: str) -> bool:
    return route.gateway == wanted.gateway and route.interface == interface


def after_steps(have: Sequence[Any], steps: Iterable[Step]) -> list[Any]:
    """Return what results where these steps are done."""
    result = list(have)
    for step in steps:
        if step.before is not None and step.after is not None:
            result[result.index(step.before)] = step.after
        elif step.before is not None:
            result.remove(step.before)
        elif step.after is not None:
            shown = step.after.as_result()
            result = [entry for entry in result if entry.as_result() != shown]
            result.append(step.after)
    return result


# ---- what must not be cut -----------------------------------------------------------------------


def refuse_cut_by_gateway(
    connection: Connection | None, have: Sequence[DefaultRoute], steps: Sequence[Step]
) -> None:
    """Raise LinkError where the way back to the controller would be another, or none."""
    if connection is None or connection.route is None or not steps:
        return
    route = connection.route
    family = "ipv6" if ":" in connection.client else "ipv4"
    if route.prefix or route.table != RT_TABLE_MAIN:
        return
    if not have or have[0].family != family:
        return
    left = sorted(after_steps(have, steps), key=lambda entry: entry.metric)
    if left and (left[0].gateway, left[0].interface) == (route.gateway, route.interface):
        return
    now = f"{route.gateway or 'no gateway'} on {route.interface}"
    then = f"by way of {left[0].gateway} on {left[0].interface}" if left else "nowhere"
    raise LinkError(
        f"the change would cut the connection that this task came by: the way back to"
        f" {connection.client} goes by the default route, by way of {now}, and would go {then};"
        f" give {connection.client} a route of its own first, for example with ip route add"
        f" {connection.client}{f' via {route.gateway}' if route.gateway else ''}"
        f" dev {route.interface}, or connect by another way."
    )


def refuse_cut_by_address(
    connection: Connection | None,
    have: Sequence[Address],
    steps: Sequence[Step],
    *,
    promote_secondaries: bool,
) -> None:
    """Raise LinkError where the connection would lose its address, or its way back."""
    if connection is None:
        return
    for step in steps:
        if isinstance(step.before, Address):
            lost = [step.before, *_secondaries(have, step.before, promote_secondaries)]
            if any(entry.address == connection.server for entry in lost):
                raise LinkError(
                    f"the change would cut the connection that this task came by: it arrived at"
                    f" {connection.server}, which would be taken from {step.before.interface};"
                    " connect to another address of this host first."
                )
            if _carries(step.before, connection):
                raise LinkError(
                    f"the change would cut the connection that this task came by: the way back to"
                    f" {connection.client} is the network of {step.before.address}/"
                    f"{step.before.prefix} on {step.before.interface}; connect by another way."
                )
        if isinstance(step.after, Address) and _captures(step.after, connection):
            raise LinkError(
                f"the change would cut the connection that this task came by: {connection.client}"
                f" would be looked for in the network of {step.after.address}/{step.after.prefix}"
                f" on {step.after.interface}; give the address with a longer prefix length, such"
                f" as {BITS[step.after.family]}, or connect by another way."
            )


def _secondaries(have: Sequence[Address], gone: Address, promote: bool) -> list[Address]:
    """Return what the kernel deletes along with an IPv4 address that is first of its network."""
    if promote or gone.secondary or gone.family == "ipv6":
        return []
    return [
        entry
        for entry in have
        if entry.secondary
        and entry.prefix == gone.prefix
        and in_network(packed_address(entry.address), packed_address(gone.address), gone.prefix)
    ]


def _carries(address: Address, connection: Connection) -> bool:
    """Tell whether the way back is the link route that came with this address."""
    route = connection.route
    return (
        route is not None
        and not route.gateway
        and route.interface == address.interface
        and route.prefix == address.prefix
        and route.source == address.address
        and _holds(address, connection.client)
    )


def _captures(address: Address, connection: Connection) -> bool:
    """Tell whether the link route that comes with this address would be taken for the way back."""
    route = connection.route
    if address.address == connection.client:
        return True
    return (
        route is not None
        and address.prefix < BITS[address.family]
        and _holds(address, connection.client)
        and route.prefix < address.prefix
        and (route.gateway != "" or route.interface != address.interface)
    )


def _holds(address: Address, client: str) -> bool:
    return in_network(packed_address(client), packed_address(address.address), address.prefix)


def ssh_endpoints() -> tuple[str, str] | None:
    """Return the addresses of the SSH connection that this process came by: client and server.

    sudo and its like drop the variable that says so; then a parent has it.
    """
    value = os.environ.get("SSH_CONNECTION", "")
    pid = os.getpid()
    while not value and pid > 1:
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        for entry in environment:
            if entry.startswith(b"SSH_CONNECTION="):
                value = entry.partition(b"=")[2].decode("ascii", "replace")
        parents = [line for line in status.splitlines() if line.startswith("PPid:")]
        pid = int(parents[0].split()[1]) if parents else 0
    words = value.split()
    if len(words) != 4:
        return None
    client, server = (canonical_address(_unmapped(words[i])) for i in (0, 2))
    # An address with a zone is on a link, and no route has a say in it.
    return (client, server) if client and server else None


def _unmapped(address: str) -> str:
    prefix = "::ffff:"
    return address[len(prefix) :] if address.startswith(prefix) and "." in address else address


# ---- the kernel ---------------------------------------------------------------------------------


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


class ProcLinks:
    """What can be read of addresses and default routes without netlink, for check mode only."""

    def __enter__(self) -> ProcLinks:
        """Return itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Do nothing: nothing was opened."""

    def addresses(self, interface: str) -> list[Address]:
        """Return the addresses of an interface; IPv4 addresses of any interface, as /32."""
        found = []
        for words in _proc_lines("if_inet6"):
            if words[5] == interface:
                text = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(words[0]))
                found.append(Address(text, int(words[2], 16), interface))
        last = ""
        for words in _proc_lines("fib_trie"):
            if words[0] == "|--":
                last = words[1]
            elif words == ["/32", "host", "LOCAL"]:
                found.append(Address(last, 32, interface, interface))
        return list(dict.fromkeys(found))

    def default_routes(self, family: str) -> list[DefaultRoute]:
        """Return the default routes, the first taken first."""
        found = []
        if family == "ipv4":
            for words in _proc_lines("route")[1:]:
                if words[1] == words[7] == "00000000":
                    octets = bytes.fromhex(words[2])[::-1]
                    gateway = socket.inet_ntop(socket.AF_INET, octets) if any(octets) else ""
                    found.append(DefaultRoute(gateway, words[0], int(words[6]), family))
        else:
            for words in _proc_lines("ipv6_route"):
                flags = int(words[8], 16)
                # RTF_GATEWAY, and not RTF_REJECT
                if words[1] == "00" and flags & 0x2 and not flags & 0x200:
                    gateway = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(words[4]))
                    found.append(DefaultRoute(gateway, words[9], int(words[5], 16), family))
        return sorted(found, key=lambda route: route.metric)

    def gateway_interface(self, wanted: WantedGateway) -> str:
        """Return the interface that a gateway is on, as far as that can be seen."""
        if wanted.interface is not None:
            return wanted.interface
        gateway = packed_address(wanted.gateway)
        for words in _proc_lines("route")[1:]:
            network, mask = (bytes.fromhex(words[i])[::-1] for i in (1, 7))
            prefix = bin(int.from_bytes(mask, "big")).count("1")
            if prefix and words[2] == "00000000" and in_network(gateway, network, prefix):
                return words[0]
        for words in _proc_lines("ipv6_route"):
            prefix = int(words[1], 16)
            if prefix and words[9] != "lo" and in_network(gateway, bytes.fromhex(words[0]), prefix):
                return words[9]
        return ""


def _proc_lines(name: str) -> list[list[str]]:
    try:
        text = Path("/proc/net", name).read_text(encoding="ascii")
    except OSError:
        return []
    return [line.split() for line in text.splitlines() if line.strip()]


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


def find_connection(links: Links) -> Connection | None:
    """Return the SSH connection that this process came by, or None if there is none to be cut."""
    endpoints = ssh_endpoints()
    if endpoints is None:
        return None
    client, server = endpoints
    route = links.route_to(client, source=server) or links.route_to(client)
    if route is not None and route.local:
        return None
    return Connection(client, server, route)


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


def promotes_secondaries(interface: str) -> bool:
    """Tell whether the kernel keeps the other addresses of a network when its first one goes."""
    for name in ("all", interface):
        path = Path("/proc/sys/net/ipv4/conf", name, "promote_secondaries")
        try:
            if path.read_text(encoding="ascii").strip() == "1":
                return True
        except OSError:
            continue
    return False


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
