# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of checks, a row each: its fields, and its words for each health checker.

Private to the collection: names and behaviour may change in any release.

A type is added by a row in C(CHECK_TYPES) and a row in docs/description.md. Nothing else names a
type. A field that a health checker has no word for is refused for it, and so is a type.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._values import MAX_PORT

from .._settings.kinds import BOOLEAN, TEXT, USER, number, one_of
from .check_fields import (
    DIGEST,
    DOMAIN,
    HOST_NAME,
    OCTETS,
    PATH,
    PROGRAM,
    SECONDS,
    STATUSES,
    URL,
    Field,
)
from .model import KEEPALIVED, LDIRECTORD

_NONE: Mapping[str, str] = MappingProxyType({})
_NO_FIELDS: Mapping[str, Field] = MappingProxyType({})


class Style(Enum):
    """How a health checker is told the value of a field. What is not given is not told."""

    PLAIN = auto()
    # Plain, and only where it is not the default.
    CHANGED = auto()
    QUOTED = auto()
    FLAG = auto()
    # keepalived: an expression, whose backslashes its own quotation marks would take away.
    EXPRESSION = auto()
    # keepalived: failures, of which it counts only those after the first.
    RETRIES = auto()
    # keepalived: a program, which is told whom it checks.
    PROGRAM = auto()
    # ldirectord: a request, whose first slash it takes away.
    SLASHED = auto()


class Line(NamedTuple):
    """A line of a health checker's configuration: the field, its word for it, and the style."""

    field: str
    word: str
    style: Style = Style.QUOTED


class Keepalived(NamedTuple):
    """A check in keepalived's words: the block's name, and its lines in their order.

    Without a block nothing is asked. C(url) are the lines of a block url within it. C(clients_way)
    tells whether it can ask by a virtual address and a firewall mark.
    """

    block: str = ""
    lines: tuple[Line, ...] = ()
    url: tuple[Line, ...] = ()
    clients_way: bool = False


class Ldirectord(NamedTuple):
    """A check in ldirectord's words: its checktype, its service if it negotiates, and its lines.

    C(packages) are what its Perl needs besides, a package for each C(os_family), by Debian's
    package index, and for Fedora by the rule perl-NAME of its packages of Perl modules;
    C(ipv6_packages) what it needs besides for a service of that family, where it has C(ipv6).
    """

    checktype: str = "negotiate"
    service: str = ""
    lines: tuple[Line, ...] = ()
    ipv6: bool = False
    packages: Mapping[str, str] = _NONE
    ipv6_packages: Mapping[str, str] = _NONE


class CheckType(NamedTuple):
    """A type of check: its own fields, its words for those who have it, and which port it asks."""

    fields: Mapping[str, Field] = _NO_FIELDS
    keepalived: Keepalived | None = None
    ldirectord: Ldirectord | None = None
    # The port where neither check nor server have one.
    port: int | None = None
    asks_port: bool = True
    # Nothing is asked, so that there is nothing to say of when and how.
    asks: bool = True
    # It connects by TCP, and so says nothing of a service by another protocol.
    by_tcp: bool = False
    # It asks for a page. A check without a type is this one where it has a field of it on these.
    web_ports: tuple[int, ...] = ()

    @property
    def managers(self) -> tuple[str, ...]:
        """The health checkers that have it."""
        words = {LDIRECTORD: self.ldirectord, KEEPALIVED: self.keepalived}
        return tuple(name for name, own in words.items() if own is not None)

    def fields_for(self, manager: str) -> frozenset[str]:
        """Return the names of the fields that a health checker which has the type has with it."""
        lines = [*COMMON_LINES[manager]]
        if manager == KEEPALIVED and self.keepalived is not None:
            lines += [*self.keepalived.lines, *self.keepalived.url]
        if manager == LDIRECTORD and self.ldirectord is not None:
            lines += self.ldirectord.lines
        found = {line.field for line in lines}
        if manager == LDIRECTORD and self.negotiates:
            found.update(NEGOTIATED_FIELDS)
        if manager == KEEPALIVED and self.keepalived is not None and self.keepalived.clients_way:
            found.add("clients_way")
        return frozenset(found)

    @property
    def negotiates(self) -> bool:
        """Whether ldirectord does more than connect."""
        return self.ldirectord is not None and bool(self.ldirectord.service)


# ---- what every check has that asks something --------------------------------------------------
COMMON_FIELDS: Mapping[str, Field] = {
    "interval": Field(SECONDS, 10),
    "timeout": Field(SECONDS, 5),
    "failures": Field(number(1, 100), 1),
    "port": Field(number(1, MAX_PORT)),
    "quiescent": Field(BOOLEAN, False),
    "delay_before_retry": Field(SECONDS),
    "warmup": Field(SECONDS),
    "alpha": Field(BOOLEAN, False),
    "quorum": Field(number(1, 2**31 - 1), 1),
    "hysteresis": Field(number(0, 2**31 - 1), 0),
    "clients_way": Field(BOOLEAN, False),
}
# With ldirectord, where it does more than connect.
NEGOTIATED_FIELDS: Mapping[str, Field] = {"connects_between": Field(number(1, 1000))}

KEEPALIVED_SERVICE = (
    Line("interval", "delay_loop", Style.PLAIN),
    Line("quorum", "quorum", Style.PLAIN),
    Line("hysteresis", "hysteresis", Style.PLAIN),
    Line("alpha", "alpha", Style.FLAG),
)
KEEPALIVED_SERVER = (Line("quiescent", "inhibit_on_failure", Style.FLAG),)
_CONNECTS = (
    Line("port", "connect_port", Style.PLAIN),
    Line("timeout", "connect_timeout", Style.PLAIN),
)
_RETRIES = (
    Line("failures", "retry", Style.RETRIES),
    Line("delay_before_retry", "delay_before_retry", Style.PLAIN),
    Line("warmup", "warmup", Style.PLAIN),
)
LDIRECTORD_INTERVAL = Line("interval", "checkinterval", Style.PLAIN)
LDIRECTORD_PORT = Line("port", "checkport", Style.PLAIN)
LDIRECTORD_SERVICE = (
    Line("timeout", "checktimeout", Style.PLAIN),
    Line("timeout", "negotiatetimeout", Style.PLAIN),
    Line("failures", "failurecount", Style.PLAIN),
    Line("quiescent", "quiescent", Style.FLAG),
)
COMMON_LINES: Mapping[str, tuple[Line, ...]] = {
    KEEPALIVED: (*KEEPALIVED_SERVICE, *KEEPALIVED_SERVER, *_CONNECTS, *_RETRIES),
    LDIRECTORD: (LDIRECTORD_PORT, LDIRECTORD_INTERVAL, *LDIRECTORD_SERVICE),
}


# ---- what several types have -------------------------------------------------------------------
def _block(name: str, *own: Line, url: tuple[Line, ...] = ()) -> Keepalived:
    return Keepalived(name, (*_CONNECTS, *_RETRIES, *own), url)


def _by_tcp(name: str, *own: Line, url: tuple[Line, ...] = ()) -> Keepalived:
    return _block(name, *own, url=url)._replace(clients_way=True)


def _negotiate(
    service: str,
    *lines: Line,
    ipv6: bool = False,
    packages: Mapping[str, str] = _NONE,
    ipv6_packages: Mapping[str, str] = _NONE,
) -> Ldirectord:
    return Ldirectord("negotiate", service, lines, ipv6, packages, ipv6_packages)


_EXPECT = Line("expect", "receive")
_LOGIN = (Line("login", "login"), Line("password", "passwd"))
_ACCOUNT = {"login": Field(TEXT), "password": Field(TEXT, secret=True)}

_PAGE = {
    "path": Field(PATH, "/"),
    "expect": Field(TEXT),
    "virtual_host": Field(HOST_NAME),
    "method": Field(one_of("GET", "HEAD"), "GET"),
    "status": Field(STATUSES, ("200-299",)),
    "digest": Field(DIGEST),
}
_PAGE_URL = (
    Line("path", "path"),
    Line("virtual_host", "virtualhost"),
    Line("status", "status_code", Style.PLAIN),
    Line("digest", "digest", Style.PLAIN),
    Line("expect", "regex", Style.EXPRESSION),
)
_PAGE_LINES = (
    Line("path", "request"),
    _EXPECT,
    Line("virtual_host", "virtualhost"),
    Line("method", "httpmethod", Style.CHANGED),
)
_WEB_OVER_IPV6 = {"Debian": "libnet-inet6glue-perl", "RedHat": "perl-Net-INET6Glue"}

_DIRECTORY = {"base": Field(TEXT, required=True), "expect": Field(TEXT), **_ACCOUNT}
_DIRECTORY_LINES = (Line("base", "request", Style.SLASHED), _EXPECT, *_LOGIN)
_DIRECTORY_PACKAGES = {"RedHat": "perl-LDAP"}

_SQL = {
    "database": Field(TEXT, required=True),
    "query": Field(TEXT, required=True),
    "login": Field(TEXT, required=True),
    "password": Field(TEXT, secret=True),
}
_SQL_LINES = (Line("query", "request", Style.SLASHED), *_LOGIN, Line("database", "database"))


# ---- the table ---------------------------------------------------------------------------------
CHECK_TYPES: Mapping[str, CheckType] = {
    "connect": CheckType(
        keepalived=_by_tcp("TCP_CHECK"), ldirectord=Ldirectord("connect", ipv6=True), by_tcp=True
    ),
    "http": CheckType(
        _PAGE,
        _by_tcp("HTTP_GET", url=_PAGE_URL),
        _negotiate("http", *_PAGE_LINES, ipv6=True, ipv6_packages=_WEB_OVER_IPV6),
        port=80,
        web_ports=(80, 8080),
    ),
    "https": CheckType(
        _PAGE,
        _by_tcp("SSL_GET", Line("virtual_host", "enable_sni", Style.FLAG), url=_PAGE_URL),
        _negotiate(
            "https",
            *_PAGE_LINES,
            ipv6=True,
            packages={
                "Debian": "liblwp-protocol-https-perl",
                "RedHat": "perl-LWP-Protocol-https",
            },
            ipv6_packages=_WEB_OVER_IPV6,
        ),
        port=443,
        web_ports=(443,),
    ),
    "smtp": CheckType(
        {"helo_name": Field(HOST_NAME)},
        _by_tcp("SMTP_CHECK", Line("helo_name", "helo_name")),
        _negotiate("smtp"),
        port=25,
    ),
    "dns": CheckType(
        {
            "name": Field(DOMAIN, required=True),
            "expect": Field(TEXT, required=True),
            "record": Field(one_of("A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA"), "SOA"),
        },
        _block("DNS_CHECK", Line("record", "type", Style.PLAIN), Line("name", "name", Style.PLAIN)),
        _negotiate(
            "dns",
            Line("name", "request", Style.SLASHED),
            _EXPECT,
            ipv6=True,
            packages={"RedHat": "perl-Net-DNS"},
        ),
        port=53,
    ),
    "ping": CheckType(
        {"attempts": Field(number(1, 100), 1)},
        _block("PING_CHECK"),
        Ldirectord("ping", lines=(Line("attempts", "checkcount", Style.CHANGED),)),
        asks_port=False,
    ),
    "external": CheckType(
        {
            "command": Field(PROGRAM, required=True),
            "dynamic": Field(BOOLEAN, False),
            "user": Field(USER),
        },
        Keepalived(
            "MISC_CHECK",
            (
                Line("command", "misc_path", Style.PROGRAM),
                Line("timeout", "misc_timeout", Style.PLAIN),
                Line("dynamic", "misc_dynamic", Style.FLAG),
                Line("user", "user", Style.PLAIN),
                *_RETRIES,
            ),
        ),
        Ldirectord("external", lines=(Line("command", "checkcommand"),), ipv6=True),
        asks_port=False,
    ),
    "always": CheckType(
        keepalived=Keepalived(),
        ldirectord=Ldirectord("on", ipv6=True),
        asks_port=False,
        asks=False,
    ),
    "never": CheckType(ldirectord=Ldirectord("off", ipv6=True), asks_port=False, asks=False),
    "external_perl": CheckType(
        {"command": Field(PROGRAM, required=True)},
        ldirectord=Ldirectord("external-perl", lines=(Line("command", "checkcommand"),), ipv6=True),
        asks_port=False,
    ),
    "http_proxy": CheckType(
        {"url": Field(URL, required=True), "expect": Field(TEXT)},
        ldirectord=_negotiate("http_proxy", Line("url", "request"), _EXPECT),
        port=3128,
    ),
    "simpletcp": CheckType(
        {"request": Field(TEXT, required=True), "expect": Field(TEXT, required=True)},
        ldirectord=_negotiate(
            "simpletcp", Line("request", "request", Style.SLASHED), _EXPECT, ipv6=True
        ),
    ),
    "submission": CheckType(ldirectord=_negotiate("submission"), port=587),
    "ftp": CheckType(
        {"path": Field(PATH, required=True), "expect": Field(TEXT, required=True), **_ACCOUNT},
        ldirectord=_negotiate("ftp", Line("path", "request"), _EXPECT, *_LOGIN),
        port=21,
    ),
    "nntp": CheckType(ldirectord=_negotiate("nntp", ipv6=True), port=119),
    "imap": CheckType(_ACCOUNT, ldirectord=_negotiate("imap", *_LOGIN), port=143),
    "imaps": CheckType(_ACCOUNT, ldirectord=_negotiate("imaps", *_LOGIN), port=993),
    "pop": CheckType(_ACCOUNT, ldirectord=_negotiate("pop", *_LOGIN), port=110),
    "pops": CheckType(_ACCOUNT, ldirectord=_negotiate("pops", *_LOGIN), port=995),
    "ldap": CheckType(
        _DIRECTORY,
        ldirectord=_negotiate("ldap", *_DIRECTORY_LINES, packages=_DIRECTORY_PACKAGES),
        port=389,
    ),
    "ldaps": CheckType(
        _DIRECTORY,
        ldirectord=_negotiate("ldaps", *_DIRECTORY_LINES, packages=_DIRECTORY_PACKAGES),
        port=636,
    ),
    "mysql": CheckType(
        _SQL,
        ldirectord=_negotiate(
            "mysql",
            *_SQL_LINES,
            packages={"Debian": "libdbd-mysql-perl", "RedHat": "perl-DBD-MySQL"},
        ),
        port=3306,
    ),
    "pgsql": CheckType(
        _SQL,
        ldirectord=_negotiate(
            "pgsql", *_SQL_LINES, packages={"Debian": "libdbd-pg-perl", "RedHat": "perl-DBD-Pg"}
        ),
        port=5432,
    ),
    # Its Perl is in no package of these families.
    "oracle": CheckType(_SQL, ldirectord=_negotiate("oracle", *_SQL_LINES), port=1521),
    "radius": CheckType(
        {
            "login": Field(TEXT, required=True),
            "password": Field(TEXT, required=True, secret=True),
            "secret": Field(TEXT, required=True, secret=True),
        },
        ldirectord=_negotiate("radius", *_LOGIN, Line("secret", "secret")),
        port=1812,
    ),
    "sip": CheckType(
        {"login": Field(TEXT)},
        ldirectord=_negotiate("sip", Line("login", "login"), ipv6=True),
        port=5060,
    ),
    "udp": CheckType(
        {"payload": Field(OCTETS), "reply": Field(OCTETS)},
        _block(
            "UDP_CHECK",
            Line("payload", "payload", Style.PLAIN),
            Line("reply", "require_reply", Style.PLAIN),
        ),
    ),
}
# What a check is of which neither type nor fields say more: where there is a port to connect to,
# and where there is none.
WITH_PORT, WITHOUT_PORT = "connect", "ping"
# What a check is taken for that cannot be read: nothing else is wrong with it.
UNREAD = "always"
