# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's rules do with a packet, out of C(nft -j list ruleset); libnftables-json(5).

Private to the collection: names and behaviour may change in any release.

Of a packet not all is known, and of rules not all is understood. Such a match may hold or not, and
both are followed. So there is one sure answer, that all ways end in a drop, and it is the only one
that is given. Pure code.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Optional

# IPVS takes a packet from there on (NF_IP_PRI_NAT_SRC - 2, net/netfilter/ipvs/ip_vs_core.c).
IPVS_PRIORITY = 98
# Connection tracking takes a packet from there on (NF_IP_PRI_CONNTRACK).
CONNTRACK_PRIORITY = -200
# Does the match hold? None: it may.
Answer = Optional[bool]
ACCEPT, CONTINUE = "accept", "continue"
_CONDITIONS = ("limit", "ct count", "socket")
# They let a packet go on in the chain, as these targets of iptables do.
_TARGETS = (
    "LOG",
    "NFLOG",
    "ULOG",
    "MARK",
    "CONNMARK",
    "CT",
    "NOTRACK",
    "TCPMSS",
    "DSCP",
    "CHECKSUM",
)
_HARMLESS = frozenset(
    ("counter", "log", "mangle", "notrack", "quota", "ct helper", "flow", "map", "set", "comment")
)  # fmt: skip
_DROPS = ("drop", "reject")
_REJECT = {"type": "target", "name": "REJECT"}


class Packet(NamedTuple):
    """A packet at a hook (C(input), C(forward), C(output)); what is None is not known.

    C(state) is conntrack's word for it.
    """

    hook: str
    family: str
    protocol: str | None = None
    source: str | None = None
    destination: str | None = None
    source_port: int | None = None
    destination_port: int | None = None
    entered: str | None = None
    left: str | None = None
    state: str = "new"


@dataclass(frozen=True)
class _Chain:
    name: str
    hook: str = ""
    priority: int = 0
    policy: str = ACCEPT


class Ruleset:
    """The tables of a host."""

    def __init__(self, text: str) -> None:
        """Read what nft prints; raise ValueError for what is something else."""
        self._chains: dict[tuple[str, str, str], _Chain] = {}
        self._rules: dict[tuple[str, str, str], list[Sequence[Any]]] = {}
        self._sets: dict[tuple[str, str, str], Sequence[Any]] = {}
        # Many services have the same real servers.
        self._answers: dict[Packet, str | None] = {}
        given = json.loads(text)
        entries = given.get("nftables") if isinstance(given, Mapping) else None
        if not isinstance(entries, list):
            raise ValueError("is no ruleset")
        try:
            for entry in entries:
                self._read(entry)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("is no ruleset") from error

    def _read(self, entry: Mapping[str, Mapping[str, Any]]) -> None:
        for kind, value in entry.items():
            if kind == "chain":
                self._chains[_key(value, "name")] = _Chain(
                    str(value["name"]),
                    str(value.get("hook", "")),
                    int(value.get("prio", 0)),
                    str(value.get("policy", ACCEPT)),
                )
            elif kind == "rule":
                self._rules.setdefault(_key(value, "chain"), []).append(value.get("expr", ()))
            elif kind in ("set", "map"):
                self._sets[_key(value, "name")] = value.get("elem", ())

    @property
    def tables(self) -> frozenset[tuple[str, str]]:
        """Family and name of each table that has chains."""
        return frozenset((family, table) for family, table, _name in self._chains)

    def chains(self, table: tuple[str, str]) -> frozenset[str]:
        """Return the names of a table's chains."""
        return frozenset(key[2] for key in self._chains if key[:2] == table)

    def without(self, tables: Sequence[tuple[str, str]]) -> Ruleset:
        """Return what is left without some tables."""
        left = Ruleset('{"nftables": []}')
        left._chains = {key: one for key, one in self._chains.items() if key[:2] not in tables}
        left._rules, left._sets = self._rules, self._sets
        return left

    def dropped_by(self, packet: Packet) -> str | None:
        """Return which chain is sure to drop a packet, or None where none is."""
        if packet not in self._answers:
            self._answers[packet] = self._dropped_by(packet)
        return self._answers[packet]

    def _dropped_by(self, packet: Packet) -> str | None:
        families = ("inet", packet.family)
        base = sorted(
            (chain.priority, key)
            for key, chain in self._chains.items()
            if chain.hook == packet.hook and chain.priority < IPVS_PRIORITY and key[0] in families
        )
        for _priority, key in base:
            found = self._ends(key, packet)
            policy = self._chains[key].policy
            if found <= {"drop"} or (policy == "drop" and found <= {"drop", CONTINUE}):
                by = "" if "drop" in found else " by its policy"
                return f"table {key[0]} {key[1]}, chain {key[2]}{by}"
        return None

    def may_leave_untracked(self, packet: Packet) -> bool:
        """Tell whether a rule may keep a packet that comes in out of connection tracking."""
        return any(
            self._may_leave_untracked(key, packet)
            for key, chain in self._chains.items()
            if chain.hook == "prerouting"
            and chain.priority < CONNTRACK_PRIORITY
            and key[0] in ("inet", packet.family)
        )

    def _may_leave_untracked(self, key: tuple[str, str, str], packet: Packet) -> bool:
        for statements in self._rules.get(key, ()):
            for statement in statements:
                kind, value = next(iter(statement.items()))
                if kind == "match" and self._holds(key, value, packet) is False:
                    break
                if kind == "notrack" or (_is_extension(value, "target") and _untracks(value)):
                    return True
                there = [(*key[:2], name) for name in self._targets(key, kind, value)]
                if any(self._may_leave_untracked(one, packet) for one in there):
                    return True
        return False

    def _targets(self, key: tuple[str, str, str], kind: str, value: Any) -> list[str]:
        """Return the chains that a statement may go to."""
        if kind in ("jump", "goto"):
            return [str(value["target"])]
        entries = self._elements(key, value["data"]) if kind == "vmap" else None
        verdicts = [next(iter(verdict.values())) for _wanted, verdict in entries or ()]
        return [str(one["target"]) for one in verdicts if one]

    def _ends(self, key: tuple[str, str, str], packet: Packet) -> frozenset[str]:
        """Return how a chain may end for a packet."""
        found: set[str] = set()
        for statements in self._rules.get(key, ()):
            ends = self._rule_ends(key, statements, packet)
            found |= ends - {CONTINUE}
            if "leave" in ends:
                found = (found - {"leave"}) | {CONTINUE}
            if CONTINUE not in ends:
                return frozenset(found)
        return frozenset(found | {CONTINUE})

    def _rule_ends(
        self, key: tuple[str, str, str], statements: Sequence[Any], packet: Packet
    ) -> set[str]:
        """Return what a rule may do: a verdict, C(continue), or C(leave) its chain."""
        may_not = False
        for statement in statements:
            kind, value = next(iter(statement.items()))
            if kind == "match":
                answer = self._holds(key, value, packet)
                if answer is False:
                    return {CONTINUE}
                may_not = may_not or answer is None
            elif kind in _CONDITIONS or _is_extension(value, "match"):
                answer = _ufw_holds(key[2], value, statements, packet)
                if answer is False:
                    return {CONTINUE}
                may_not = may_not or answer is None
            elif kind not in _HARMLESS and not _is_extension(value, "target"):
                ends = self._verdict(key, kind, value, packet)
                return ends | {CONTINUE} if may_not else ends
        return {CONTINUE}

    def _verdict(
        self, key: tuple[str, str, str], kind: str, value: Any, packet: Packet
    ) -> set[str]:
        if kind in _DROPS or (kind == "xt" and value == _REJECT):
            return {"drop"}
        if kind == "accept":
            return {ACCEPT}
        if kind == "return":
            return {"leave"}
        if kind in ("jump", "goto"):
            ends = set(self._ends((*key[:2], str(value["target"])), packet))
            if kind == "goto" and CONTINUE in ends:
                ends = (ends - {CONTINUE}) | {"leave"}
            return ends
        if kind == "vmap":
            return self._by_map(key, value, packet)
        # Such as a queue, and an extension of iptables.
        return {ACCEPT, "drop", CONTINUE}

    def _by_map(
        self, key: tuple[str, str, str], value: Mapping[str, Any], packet: Packet
    ) -> set[str]:
        left, data = value["key"], value["data"]
        entries = self._elements(key, data)
        if entries is None:
            return {ACCEPT, "drop", CONTINUE}
        ends: set[str] = set()
        for entry in entries:
            wanted, verdict = entry
            if isinstance(wanted, Mapping) and "elem" in wanted:
                wanted = wanted["elem"]["val"]
            answer = self._compare(key, _known(left, packet), wanted)
            if answer is False:
                continue
            ((kind, target),) = verdict.items()
            ends |= {CONTINUE} if kind == "continue" else self._verdict(key, kind, target, packet)
            if answer is True:
                return ends
        return ends | {CONTINUE}

    def _holds(self, key: tuple[str, str, str], match: Mapping[str, Any], packet: Packet) -> Answer:
        left, right = match["left"], match["right"]
        if not _may_have(left, packet):
            return False
        answer = self._compare(key, _known(left, packet), right)
        if match.get("op") == "!=":
            return None if answer is None else not answer
        return answer if match.get("op", "==") in ("==", "in") else None

    def _elements(self, key: tuple[str, str, str], right: Any) -> Sequence[Any] | None:
        """Return the elements of a set, which may have a name; None for what is no set."""
        if isinstance(right, str) and right.startswith("@"):
            return self._sets.get((*key[:2], right[1:]))
        if isinstance(right, Mapping) and "set" in right:
            found = right["set"]
            return found if isinstance(found, list) else [found]
        return right if isinstance(right, list) else None

    def _compare(self, key: tuple[str, str, str], value: Any, right: Any) -> Answer:
        elements = self._elements(key, right)
        if elements is not None:
            answers = [self._compare(key, value, _element(one)) for one in elements]
            return True if True in answers else None if None in answers else False
        if isinstance(right, str) and right.startswith("@"):
            return None
        return _is(value, right)


def _is_extension(value: Any, kind: str) -> bool:
    """Tell whether a statement is a match of iptables, or a target that lets packets go on."""
    if not isinstance(value, Mapping) or value.get("type") != kind:
        return False
    return kind == "match" or value.get("name") in _TARGETS


def _untracks(target: Mapping[str, Any]) -> bool:
    """Tell whether a target of iptables may do so; of CT JSON does not say what it does."""
    return target["name"] in ("CT", "NOTRACK")


def _ufw_holds(chain: str, extension: Any, statements: Sequence[Any], packet: Packet) -> Answer:
    """Tell whether a match of iptables holds, of which JSON has the name alone.

    Of conntrack in the chains that ufw begins with it is known: what is established they accept,
    and what they do not accept is what is invalid.
    """
    is_conntrack = isinstance(extension, Mapping) and extension.get("name") == "conntrack"
    if not is_conntrack or not chain.startswith(("ufw-before-", "ufw6-before-")):
        return None
    accepts = any("accept" in statement for statement in statements)
    return packet.state == ("established" if accepts else "invalid")


def _key(value: Mapping[str, Any], name: str) -> tuple[str, str, str]:
    return str(value["family"]), str(value["table"]), str(value[name])


def _element(one: Any) -> Any:
    return one["elem"]["val"] if isinstance(one, Mapping) and "elem" in one else one


def _may_have(left: Any, packet: Packet) -> bool:
    """Tell whether a packet may have a field of a header at all."""
    payload = left.get("payload") if isinstance(left, Mapping) else None
    header = payload.get("protocol") if isinstance(payload, Mapping) else None
    if header in ("ip", "ip6"):
        return bool(header == packet.family)
    others = ("tcp", "udp", "sctp", "icmp", "icmpv6", "dccp", "udplite", "esp", "ah")
    return packet.protocol is None or header not in others or header == packet.protocol


def _known(left: Any, packet: Packet) -> Any:
    """Return what a packet has of what a match looks at; None where that is not known."""
    if not isinstance(left, Mapping) or len(left) != 1:
        return None
    ((kind, value),) = left.items()
    if not isinstance(value, Mapping):
        return None
    name = value.get("field") if kind == "payload" else value.get("key")
    if kind == "meta":
        return {
            "iifname": packet.entered,
            "iif": packet.entered,
            "oifname": packet.left,
            "oif": packet.left,
            "l4proto": packet.protocol,
            "nfproto": "ipv4" if packet.family == "ip" else "ipv6",
            "protocol": packet.family,
        }.get(str(name))
    if kind == "ct":
        # Nobody but IPVS translates the destination of what IPVS gets.
        return {"state": packet.state, "status": _Status()}.get(str(name))
    if kind == "payload":
        return {
            "saddr": packet.source,
            "daddr": packet.destination,
            "sport": packet.source_port,
            "dport": packet.destination_port,
            "protocol": packet.protocol,
            "nexthdr": packet.protocol,
        }.get(str(name))
    return None


class _Status:
    """The status of a connection that nobody but IPVS translates."""


def _is(value: Any, right: Any) -> Answer:
    """Tell whether what a packet has is what a match wants."""
    if value is None:
        return None
    if isinstance(value, _Status):
        return False if right in ("dnat", "snat") else None
    if isinstance(right, Mapping):
        bounds = _bounds(right)
        try:
            return bounds[0] <= _comparable(value) <= bounds[1] if bounds else None
        except (TypeError, ValueError):
            return None
    if isinstance(right, str) and right.endswith("*"):
        return str(value).startswith(right[:-1])
    return str(value) == str(right)


def _bounds(right: Mapping[str, Any]) -> tuple[Any, Any] | None:
    """Return the first and the last value of a range or network."""
    if "range" in right:
        first, last = right["range"]
        return _comparable(first), _comparable(last)
    if "prefix" in right:
        given = right["prefix"]
        network = ipaddress.ip_network(f"{given['addr']}/{given['len']}", strict=False)
        return network[0], network[-1]
    return None


def _comparable(value: Any) -> Any:
    return ipaddress.ip_address(value) if isinstance(value, str) else value
