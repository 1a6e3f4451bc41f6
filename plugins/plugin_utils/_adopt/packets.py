# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for packets that mark them or change their source, of nftables and of iptables.

Private to the collection: names and behaviour may change in any release.

Written against nft(8) of nftables 1.0 and 1.1 and iptables-save(8) of iptables 1.8. Of a rule that
says more than is understood here it is known that it does. Pure code.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import PROTOCOLS

from .statements import Statement

MARK, MASQUERADE, SNAT = "mark", "masquerade", "snat"
# Where packets have to be met for either.
_HOOKS = {MARK: "prerouting", MASQUERADE: "postrouting", SNAT: "postrouting"}
_FAMILIES = {"ip": "ipv4", "ip6": "ipv6"}
_TOKEN = re.compile(r'"[^"]*"|[{},]|[^\s{},]+')
_WHOLE_MARK = 0xFFFFFFFF
OURS = "nft, table inet lvs_cluster, chain "


@dataclass
class Rule:
    """What a rule does, and with which packets; what it does not say is empty.

    C(value) is the mark, or the address that packets leave with. C(sources) and C(destinations) are
    addresses or networks, C(ports) such as C(80) and C(8000-8080), C(interfaces) those by which
    packets leave. C(more) tells that it says something else, too.
    """

    statement: Statement
    action: str = ""
    value: str = ""
    family: str = ""
    sources: list[str] = field(default_factory=list)
    destinations: list[str] = field(default_factory=list)
    protocols: list[str] = field(default_factory=list)
    ports: list[str] = field(default_factory=list)
    interfaces: list[str] = field(default_factory=list)
    more: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether the role director has made it."""
        return self.statement.file.startswith(OURS)

    @property
    def mark(self) -> int | None:
        """The mark that it gives; None where it gives none, or a part of one."""
        return int(self.value) if self.action == MARK and self.value else None


def read_rules(texts: Mapping[str, str]) -> list[Rule]:
    """Return the rules that mark packets or change their source.

    C(texts) are what C(nft), C(iptables-save) and C(ip6tables-save) print, by these names.
    """
    found = [
        *_iptables(texts.get("iptables") or "", "iptables-save", "ipv4"),
        *_iptables(texts.get("ip6tables") or "", "ip6tables-save", "ipv6"),
        *_nft(texts.get("nft") or "", _tables_of_iptables(texts)),
    ]
    return [rule for rule in found if rule.action]


# ---- iptables ----------------------------------------------------------------------------------
def _tables_of_iptables(texts: Mapping[str, str]) -> set[str]:
    """Return the tables of nftables that belong to iptables, which tells more of them."""
    return {
        f"{family} {line[1:].strip()}"
        for name, family in (("iptables", "ip"), ("ip6tables", "ip6"))
        for line in (texts.get(name) or "").splitlines()
        if line.startswith("*") and "(nf_tables)" in (texts.get(name) or "")
    }


def _iptables(text: str, file: str, family: str) -> Iterator[Rule]:
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("*"):
            table = line[1:].strip()
        elif line.startswith("-A "):
            words = shlex.split(line)
            rule = Rule(Statement(file, number, line, tuple(words)), family=family)
            _read_iptables(rule, words[2:])
            hook = {"mangle": MARK, "nat": SNAT}.get(table, "")
            rule.more |= words[1].lower() != _HOOKS.get(rule.action, "") or (
                _HOOKS.get(rule.action) != _HOOKS.get(hook)
            )
            yield rule


def _read_iptables(rule: Rule, words: list[str]) -> None:
    values = iter(words)
    for word in values:
        if word in ("-s", "-d"):
            address = next(values, "")
            (rule.sources if word == "-s" else rule.destinations).append(_bare(address))
        elif word in ("-p", "-o"):
            (rule.protocols if word == "-p" else rule.interfaces).append(next(values, ""))
        elif word in ("--dport", "--dports"):
            rule.ports += next(values, "").replace(":", "-").split(",")
        elif word in ("-m", "--comment"):
            module = next(values, "")
            rule.more |= word == "-m" and module not in (*PROTOCOLS, "multiport", "comment")
        elif word == "-j":
            target = next(values, "")
            rule.action = {"MARK": MARK, "MASQUERADE": MASQUERADE, "SNAT": SNAT}.get(target, "")
        elif word in ("--set-mark", "--set-xmark"):
            _set_mark(rule, next(values, ""))
        elif word == "--to-source":
            rule.value = next(values, "")
        else:
            rule.more = True


def _set_mark(rule: Rule, text: str) -> None:
    value, _slash, mask = text.partition("/")
    whole = not mask or _number(mask) == _WHOLE_MARK
    mark = _number(value)
    rule.value = "" if mark is None else str(mark)
    rule.more |= not whole or mark is None


def _bare(address: str) -> str:
    """Return an address without the prefix length that says that it is one."""
    bare, _slash, length = address.partition("/")
    return bare if length == ("128" if ":" in bare else "32") else address


def _number(text: str) -> int | None:
    try:
        return int(text, 0)
    except ValueError:
        return None


# ---- nftables ----------------------------------------------------------------------------------
def _nft(text: str, apart: set[str]) -> Iterator[Rule]:
    """Give the rules of chains; C(apart) are tables that are not looked at."""
    table, chain, hook = "", "", ""
    for raw in text.splitlines():
        line = raw.strip()
        words = line.split()
        if words[:1] == ["table"] and words[-1] == "{":
            table, chain = " ".join(words[1:-1]), ""
        elif words[:1] == ["chain"] and words[-1] == "{":
            chain, hook = words[1], ""
        elif words[:1] == ["type"] and "hook" in words:
            hook = words[words.index("hook") + 1]
        elif line == "}":
            chain = ""
        elif chain and words and table not in apart:
            place = f"nft, table {table}, chain {chain}"
            rule = Rule(
                Statement(place, 0, line, tuple(words)),
                family=_FAMILIES.get(table.split()[0], ""),
            )
            _read_nft(rule, _TOKEN.findall(line))
            rule.more |= hook != _HOOKS.get(rule.action, "")
            yield rule


def _read_nft(rule: Rule, tokens: list[str]) -> None:
    while tokens:
        token = tokens.pop(0)
        if token in _FAMILIES and tokens[:1] in (["saddr"], ["daddr"]):
            rule.family = _FAMILIES[token]
            _read_addresses(rule, tokens)
        elif token in PROTOCOLS and tokens[:1] == ["dport"]:
            rule.protocols.append(token)
            rule.ports += _values(tokens[1:], tokens)
        elif token == "meta" and tokens[:1] == ["l4proto"]:
            rule.protocols += _values(tokens[1:], tokens)
        elif token == "meta" and tokens[:2] == ["mark", "set"]:
            rule.action = MARK
            (value, *more) = _values(tokens[2:], tokens)
            _set_mark(rule, "" if more else value)
        elif token == "oifname":
            rule.interfaces += [name.strip('"') for name in _values(tokens, tokens)]
        elif token == "counter":
            del tokens[: 4 if tokens[:1] == ["packets"] else 0]
        elif token == "comment":
            del tokens[:1]
        elif token == "masquerade":
            rule.action = MASQUERADE
        elif token == "snat":
            rule.action = SNAT
            del tokens[: tokens.index("to") + 1 if "to" in tokens else 0]
            rule.value = tokens.pop(0) if tokens else ""
        else:
            rule.more = True


def _read_addresses(rule: Rule, tokens: list[str]) -> None:
    which = tokens.pop(0)
    is_not = tokens[:1] == ["!="]
    values = _values(tokens[is_not:], tokens)
    if not is_not:
        (rule.sources if which == "saddr" else rule.destinations).extend(values)
    # What is for others than the network itself is the way of the role, too.
    elif which == "saddr" or values != rule.sources:
        rule.more = True


def _values(waiting: list[str], tokens: list[str]) -> list[str]:
    """Take a value, or those of a set, out of the tokens; C(waiting) are these from there on."""
    end = waiting.index("}") + 1 if waiting[:1] == ["{"] and "}" in waiting else 1
    found = [token for token in waiting[:end] if token not in "{},"]
    tokens[:] = waiting[end:]
    return found or [""]
