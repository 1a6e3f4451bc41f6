# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that move between directors, of keepalived.conf in the variables of the roles.

Private to the collection: names and behaviour may change in any release.

keepalived has settings of each VRRP instance, and the role keepalived has one of each for all of
them, which move together. Where instances differ, the first one counts. Pure code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    canonical_address,
    in_network,
    packed_address,
)

from .._settings.kinds import INTERFACE, Kind, ListOf, Record
from .._settings.roles import DIRECTOR
from .._settings.roles import KEEPALIVED as ROLE
from .found import Found, nat_servers
from .keepalived_syntax import escaped_words
from .statements import NO_PLACE, Ledger, Statement

# What the role itself has keepalived run.
_OWN_PROGRAM = "/usr/local/sbin/lvs-handover"
_SCRIPT = cast(Record, cast(ListOf, ROLE.variables["track_scripts"]).elements).fields
_SHARED = ("virtual_router_id", "priority", "advert_int", "preempt_delay")
_TELLS_ALL = "use keepalived_notify, which is told the new state"
_VERSION_3 = "VRRP is of version 3 with the role, and directors of version 2 do not hear it"
_LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "authentication": (
        "VRRP of version 3, which the role has, has no authentication",
        "let VRRP in from the other directors alone, by the host's firewall",
    ),
    "auth_hmac": ("the role has no authentication", ""),
    "smtp_alert": ("the role sends no mail", _TELLS_ALL),
    **dict.fromkeys(
        (
            "notify_master",
            "notify_backup",
            "notify_fault",
            "notify_stop",
            "notify_deleted",
            "notify_master_rx_lower_pri",
        ),
        (NO_PLACE, _TELLS_ALL),
    ),
}


class Address(NamedTuple):
    """An address that an instance gives: with its prefix length, and where."""

    statement: Statement
    address: str
    prefix: int
    interface: str
    # The instance's own.
    link: str

    @property
    def longest(self) -> int:
        """The prefix length of this address alone."""
        return 8 * len(packed_address(self.address))

    def holds(self, other: str) -> bool:
        """Tell whether another address is in its network."""
        octets = packed_address(self.address)
        return self.prefix < self.longest and in_network(packed_address(other), octets, self.prefix)


class _Settings:
    """What instances say of what is one setting to the role."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.first: dict[str, tuple[Any, Statement]] = {}

    def give(self, name: str, value: Any, statement: Statement, into: str) -> None:
        """Set what is not set yet; what differs from that is left out."""
        known, said = self.first.setdefault(name, (value, statement))
        if known == value:
            self.ledger.carry(statement, into)
        else:
            why = f"differs from line {said.line}, and the role has one for all instances"
            self.ledger.leave(statement, why, "look whether all of them can have the same")


def read_vrrp(statements: Sequence[Statement], found: Found) -> None:
    """Read instances, groups of them, and scripts; the services have to be read already."""
    instances = [one for one in statements if one.name == "vrrp_instance"]
    groups = [one for one in statements if one.name == "vrrp_sync_group"]
    scripts = {one.value: one for one in statements if one.name == "vrrp_script"}
    if not instances:
        _tell_of_vrrp(statements, found)
        return
    settings = _Settings(found.ledger)
    tracked: dict[str, None] = {}
    addresses: list[Address] = []
    for one in (*groups, *instances):
        found.ledger.carry(one, "VRRP")
        addresses += _read_instance(one, settings, tracked, found)
    _read_together(instances, groups, found.ledger)
    found.variables.update(
        {
            ROLE.variable(name): settings.first[name][0]
            for name in settings.first
            if name in ROLE.variables
        }
    )
    preempts = settings.first.get("preempt", (True, None))[0]
    found.variables[ROLE.variable("preempt")] = preempts
    if preempts:
        found.variables.setdefault(ROLE.variable("preempt_delay"), 0)
    _place(addresses, found)
    _read_scripts(scripts, tracked, found)


def _tell_of_vrrp(statements: Sequence[Statement], found: Found) -> None:
    first = next((one for one in statements if one.name == "virtual_server"), None)
    if first is not None and found.services:
        why = (
            "the file has no vrrp_instance that gives the address to the director, and the role"
            " gives it by VRRP"
        )
        advice = (
            "give keepalived_virtual_router_id, if another router of the link has 51; take the"
            " address out of the host's own network configuration"
        )
        found.ledger.leave(first, why, advice)


def _read_together(
    instances: Sequence[Statement], groups: Sequence[Statement], ledger: Ledger
) -> None:
    grouped: list[set[str]] = []
    for group in groups:
        names: set[str] = set()
        for one in group.block or ():
            if one.name == "group":
                ledger.carry(one, "all instances move together")
                for line in one.block or ():
                    names.update(line.words)
                    ledger.carry(line, "all instances move together")
        grouped.append(names)
    whole = {one.value for one in instances}
    if len(whole) > 1 and whole not in grouped:
        for one in instances[1:]:
            why = "moves by itself, and the role has all addresses of a director move together"
            ledger.leave(one, why)


# ---- an instance, or a group of them -----------------------------------------------------------
def _read_instance(
    one: Statement, settings: _Settings, tracked: dict[str, None], found: Found
) -> Iterator[Address]:
    ledger = found.ledger
    entries = list(
        ledger.last_ones(one.block or (), ("virtual_ipaddress", "virtual_ipaddress_excluded"))
    )
    said = dict(entries)
    link = said["interface"].value if "interface" in said else ""
    for name, each in entries:
        if name in _SHARED:
            kind = ROLE.variables[name]
            value = _parsed(kind, each, each.value, ledger)
            if value is not None:
                settings.give(name, value, each, ROLE.variable(name))
        elif name in ("track_interface", "track_script"):
            _read_tracked(each, name, tracked, found)
        elif name in ("unicast_src_ip", "unicast_peer"):
            _read_unicast(each, settings, ledger)
        elif name in ("virtual_ipaddress", "virtual_ipaddress_excluded"):
            ledger.carry(each, "virtual addresses")
            for line in each.block or ():
                address = _read_address(line, link, ledger)
                if address is not None:
                    yield address
        elif name.startswith("notify"):
            _read_notify(name, each, settings, found)
        elif name not in ("interface", "group"):
            _read_word(name, each, said, settings, ledger)
    if "interface" in said:
        ledger.carry(said["interface"], "where its addresses are, and directors hear each other")


def _read_word(
    name: str,
    each: Statement,
    said: Mapping[str, Statement],
    settings: _Settings,
    ledger: Ledger,
) -> None:
    is_master = "state" in said and said["state"].value == "MASTER"
    if name == "state" and is_master:
        why = "each director begins as backup, and the highest priority wins"
        ledger.leave(each, why)
    elif name == "state":
        ledger.carry(each, "each director begins as backup")
    elif name == "version":
        read_version(each, ledger)
    elif name == "nopreempt" and is_master:
        ledger.leave(each, "means nothing to keepalived where state is MASTER")
    elif name in ("nopreempt", "preempt"):
        settings.give("preempt", name == "preempt", each, "keepalived_preempt")
    elif name in ("native_ipv6", "accept"):
        ledger.carry(each, "is so with the role")
    elif name in _LEFT_OUT:
        ledger.leave_whole(each, *_LEFT_OUT[name])
    else:
        ledger.leave_whole(each, NO_PLACE)


def read_version(each: Statement, ledger: Ledger) -> None:
    """Read the version of VRRP, which is 3 with the role."""
    if each.value == "3":
        ledger.carry(each, "VRRP is of version 3")
    else:
        ledger.leave(each, _VERSION_3, "take all directors of the cluster over at once")


def _parsed(kind: Kind, one: Statement, value: Any, ledger: Ledger) -> Any:
    """Return a value as it is used; None, and the statement left out, for one that may not be."""
    try:
        return kind.parse(value)
    except ModelError as error:
        ledger.leave(one, error.why, error.advice)
        return None


def _read_tracked(one: Statement, name: str, tracked: dict[str, None], found: Found) -> None:
    ledger, carried = found.ledger, False
    for line in one.block or ():
        weight = line.words[2] if len(line.words) > 2 and line.value == "weight" else "0"
        if weight != "0" or "reverse" in line.words:
            why = "changes the priority, and with the role a director without it does not serve"
            ledger.leave(line, why, f"add it to keepalived_{name}s, if it may not serve then")
        elif name == "track_script":
            tracked[line.name], carried = None, True
            ledger.carry(line, "keepalived_track_scripts")
        elif _parsed(INTERFACE, line, line.name, ledger) is not None:
            variable = ROLE.variable("track_interfaces")
            known = found.variables.setdefault(variable, [])
            known += [line.name] if line.name not in known else []
            ledger.carry(line, variable)
            carried = True
    if carried:
        ledger.carry(one, f"keepalived_{name}s")
    else:
        ledger.leave(one, "nothing of it is carried over")


def _read_unicast(one: Statement, settings: _Settings, ledger: Ledger) -> None:
    settings.give("unicast", True, one, "keepalived_unicast")
    for line in one.block or ():
        why = "is the address of another director, which the inventory has to have, too"
        ledger.leave(line, why, "read its configuration as well, and put it into group directors")


def _read_notify(name: str, one: Statement, settings: _Settings, found: Found) -> None:
    words = escaped_words(one)
    command = words[1] if len(words) > 1 else ""
    if command.split(" ")[0] == _OWN_PROGRAM:
        found.ledger.carry(one, "is so with the role")
    elif name != "notify":
        found.ledger.leave(one, *_LEFT_OUT.get(name, (NO_PLACE, "")))
    else:
        value = _parsed(ROLE.variables["notify"], one, command, found.ledger)
        if value is not None:
            settings.give("notify", value, one, "keepalived_notify")
        user = found.variables.get("keepalived_script_user", "root")
        if words[2:] not in ([], [user]):
            why = f"is run as {' '.join(words[2:])}, and with the role as keepalived_script_user"
            found.ledger.leave(one, why)


# ---- addresses ---------------------------------------------------------------------------------
def _read_address(line: Statement, link: str, ledger: Ledger) -> Address | None:
    bare, _slash, length = line.name.partition("/")
    address = canonical_address(bare)
    if address is None:
        ledger.leave(line, f"{bare} is not an IPv4 or IPv6 address", "give one")
        return None
    longest = 8 * len(packed_address(address))
    if length and not (length.isdecimal() and int(length) <= longest):
        ledger.leave(line, f"{length} is not a prefix length", f"give one up to {longest}")
        return None
    words = [*line.words[1:]]
    interface = link
    others = []
    while words:
        word = words.pop(0)
        if word == "dev" and words:
            interface = words.pop(0)
        else:
            others.append(word)
    if others:
        ledger.leave(line, f"{' '.join(others)}: {NO_PLACE}")
    prefix = int(length) if length else longest
    return Address(line, address, prefix, interface, link)


def _place(addresses: Sequence[Address], found: Found) -> None:
    """Say where the virtual addresses go, and which one the real servers have as gateway."""
    ledger = found.ledger
    virtual = {one["address"] for one in found.services if "address" in one}
    ours = [one for one in addresses if one.address in virtual]
    others = [one for one in addresses if one.address not in virtual]
    dip = _dip(others, found)
    for one in others:
        if one is dip:
            found.variables["lvs_dip"] = one.address
            ledger.carry(one.statement, "lvs_dip")
            if one.prefix not in (one.longest, 0):
                why = f"/{one.prefix}: lvs_dip is given as the address of one host"
                advice = "give the director an address of its own in that network"
                ledger.leave(one.statement, why, advice)
        else:
            why = "is the address of no service here"
            advice = "give it by the host's network configuration, or describe a service with it"
            ledger.leave(one.statement, why, advice)
    _place_all(ours, found)
    _name_links([*ours, *([dip] if dip is not None else [])], found)


def _dip(others: Sequence[Address], found: Found) -> Address | None:
    """Return the address that real servers behind NAT answer through.

    It is in their network; where no prefix length tells that, it is the only one that is left.
    """
    servers = nat_servers(found.services, found.hosts)
    near = [one for one in others for each in servers if one.holds(each)]
    if near or not servers:
        return near[0] if near else None
    family = [one for one in others if (":" in one.address) == (":" in servers[0])]
    return family[0] if len(family) == 1 and family[0].prefix == family[0].longest else None


def _place_all(ours: Sequence[Address], found: Found) -> None:
    """Name the interface and the prefix lengths of virtual addresses, where they have the same."""
    ledger = found.ledger
    settings = _Settings(ledger)
    interfaces = {one.interface for one in ours} - {""}
    for one in ours:
        ledger.carry(one.statement, "a service's address")
        six = "6" if ":" in one.address else ""
        settings.give(f"vip_prefix{six}", one.prefix, one.statement, f"director_vip_prefix{six}")
        if len(interfaces) > 1:
            why = f"goes to {one.interface}, and the role finds the interface by its network"
            advice = f"look whether {one.interface} is the one that is in it"
            ledger.leave(one.statement, why, advice)
    if len(interfaces) == 1:
        found.variables[DIRECTOR.variable("vip_interface")] = interfaces.pop()
    for name, longest in (("vip_prefix", 32), ("vip_prefix6", 128)):
        prefix, _said = settings.first.get(name, (longest, None))
        if prefix != longest:
            found.variables[DIRECTOR.variable(name)] = prefix


def _name_links(addresses: Sequence[Address], found: Found) -> None:
    """Name the interface by which directors hear each other, where it is not the addresses'."""
    links = {one.link for one in addresses} - {""}
    apart = [one for one in addresses if one.link not in ("", one.interface)]
    if apart and len(links) == 1:
        found.variables[ROLE.variable("interface")] = links.pop()
    elif apart:
        for one in apart:
            why = f"is announced on {one.link}, and with the role on the interface where it is"
            found.ledger.leave(one.statement, why, "give keepalived_interface, if one will do")


# ---- scripts -----------------------------------------------------------------------------------
def _read_scripts(
    scripts: Mapping[str, Statement], tracked: Mapping[str, None], found: Found
) -> None:
    ledger = found.ledger
    read = []
    for name, one in scripts.items():
        if name not in tracked:
            ledger.leave_whole(one, "is looked at by no instance, or for its weight alone")
            continue
        script: dict[str, Any] = {}
        _take(script, "name", one, name, ledger)
        for word, each in ledger.last_ones(one.block or ()):
            if word == "script":
                escaped = escaped_words(each)
                command = escaped[1] if len(escaped) > 1 else ""
                _take(script, "command", each, command, ledger)
            elif word in _SCRIPT and word != "name" and len(each.words) == 2:
                _take(script, word, each, each.value, ledger)
            elif word == "weight" and each.value == "0":
                ledger.carry(each, "without it a director does not serve")
            else:
                ledger.leave(each, NO_PLACE)
        if {"name", "command"} <= script.keys():
            read.append(script)
        else:
            ledger.leave_whole(one, "has no name or program that the role takes")
    if read:
        found.variables[ROLE.variable("track_scripts")] = read


def _take(
    script: dict[str, Any],
    name: str,
    one: Statement,
    value: str,
    ledger: Ledger,
) -> None:
    read = ledger.take(one, _SCRIPT[name], value, f"keepalived_track_scripts.{name}")
    if read is not None:
        script[name] = read
