# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's rules are sure to drop."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.ruleset import Packet, Ruleset
from nft_rules import COUNTER, LO, base, chain, has, is_meta, is_state, rule, table, told, verdict

WEB = Packet("input", "ip", "tcp", None, "192.0.2.1", None, 80, "eth1")
ACCEPT, DROP = verdict("accept"), verdict("drop")
POLICY = "table inet filter, chain input by its policy"
NETWORK = {"prefix": {"addr": "192.0.2.0", "len": 24}}


def dropped(*rules: list[dict[str, Any]], packet: Packet = WEB, **sets: list[Any]) -> bool:
    """Tell whether rules of an input chain whose policy is drop are sure to drop a packet."""
    entries = [base("input"), *(rule("input", *statements) for statements in rules)]
    by = Ruleset(told(table(*entries, sets=sets))).dropped_by(packet)
    assert by in (None, POLICY)
    return by is not None


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [[LO, ACCEPT]],
        [[is_state("established", "related"), ACCEPT]],
        [[has("tcp", "dport", 22), COUNTER, ACCEPT]],
        [[has("udp", "dport", 80), ACCEPT]],
        [[has("ip6", "daddr", "2001:db8::1"), ACCEPT]],
        [[has("ip", "daddr", {"prefix": {"addr": "198.51.100.0", "len": 24}}), ACCEPT]],
        [[has("tcp", "dport", {"set": [22, {"range": [8000, 8010]}]}), ACCEPT]],
        [[has("tcp", "dport", 80, op="!="), ACCEPT]],
        [[is_meta("l4proto", "udp"), ACCEPT]],
        [[is_meta("iifname", "eth2*"), ACCEPT]],
        [[{"match": {"op": "in", "left": {"ct": {"key": "status"}}, "right": "dnat"}}, ACCEPT]],
        # It is said, and is not accepted.
        [[{"limit": {"rate": 3, "per": "minute"}}, {"log": {"prefix": "in: "}}]],
        [[{"xt": {"type": "target", "name": "LOG"}}]],
        [[{"xt": {"type": "target", "name": "REJECT"}}], [ACCEPT]],
        [[has("tcp", "dport", 80), {"reject": {"type": "icmp", "expr": "port-unreachable"}}]],
        [[has("tcp", "dport", 80), verdict("return")], [ACCEPT]],
    ],
)
def test_surely_dropped(rules: list[list[dict[str, Any]]]) -> None:
    """No rule accepts it, or the one that would is behind one that does not let it come there."""
    by = Ruleset(told(table(base("input"), *(rule("input", *each) for each in rules))))
    assert by.dropped_by(WEB) is not None


@pytest.mark.parametrize(
    "statements",
    [
        [ACCEPT],
        [has("tcp", "dport", 80), COUNTER, ACCEPT],
        [has("th", "dport", 80), ACCEPT],
        [has("tcp", "dport", {"set": [22, {"range": [70, 90]}]}), is_state("new"), ACCEPT],
        [has("ip", "daddr", NETWORK), ACCEPT],
        [has("ip", "daddr", {"range": ["192.0.2.1", "192.0.2.9"]}), ACCEPT],
        [is_meta("iifname", "eth*"), ACCEPT],
        [is_meta("nfproto", "ipv4"), ACCEPT],
        # Who asks is not known, nor what all that is.
        [has("ip", "saddr", {"prefix": {"addr": "198.51.100.0", "len": 24}}), ACCEPT],
        [is_meta("mark", 7), ACCEPT],
        [{"xt": {"type": "match", "name": "geoip"}}, ACCEPT],
        [{"xt": None}],
        [{"queue": {"num": 1}}],
        [has("ip", "daddr", "@missing"), ACCEPT],
        [{"limit": {"rate": 9, "per": "second"}}, ACCEPT],
        [{"match": {"op": ">", "left": {"meta": {"key": "length"}}, "right": 9}}, ACCEPT],
    ],
)
def test_accepted_or_may_be(statements: list[dict[str, Any]]) -> None:
    """What is not known is no reason to refuse."""
    assert not dropped(statements)


def test_sets_with_names() -> None:
    """Their elements count, those with a comment or a timeout too."""
    match = has("tcp", "dport", "@ports")
    assert not dropped([match, ACCEPT], ports=[22, {"elem": {"val": 80, "comment": "web"}}])
    assert dropped([match, ACCEPT], ports=[22])


def test_of_two_chains_either_may_drop() -> None:
    """Whoever accepts it first; behind IPVS nobody is asked any more."""
    yes, no = base("input", "accept", -10), base("input", "drop", 10)
    late = base("input", "drop", 100)
    other: dict[str, Any] = {"family": "ip", "name": "mine"}
    rules = Ruleset(told(table(yes, rule("input", ACCEPT)), table(no, **other)))
    assert rules.dropped_by(WEB) == "table ip mine, chain input by its policy"
    assert rules.dropped_by(WEB._replace(family="ip6")) is None
    assert rules.dropped_by(WEB._replace(hook="forward")) is None
    assert rules.without([("ip", "mine")]).dropped_by(WEB) is None
    assert Ruleset(told(table(yes), table(late, **other))).dropped_by(WEB) is None


@pytest.mark.parametrize(
    ("kind", "inner", "is_dropped"),
    [
        ("jump", [has("tcp", "dport", 80), ACCEPT], False),
        ("jump", [has("tcp", "dport", 81), ACCEPT], False),
        ("goto", [has("tcp", "dport", 81), ACCEPT], True),
        ("jump", [DROP], True),
        ("jump", [verdict("return")], False),
        ("goto", [verdict("return")], True),
    ],
)
def test_chains_that_are_jumped_to(
    kind: str, inner: list[dict[str, Any]], is_dropped: bool
) -> None:
    """After a jump it goes on behind it, after a goto it is at the end."""
    entries = [base("input"), chain("zone"), rule("zone", *inner)]
    entries += [rule("input", verdict(kind, "zone")), rule("input", ACCEPT)]
    found = Ruleset(told(table(*entries))).dropped_by(WEB)
    assert (found is not None) == is_dropped


@pytest.mark.parametrize(
    ("data", "is_dropped"),
    [
        ([[22, verdict("accept")], [80, verdict("jump", "web")]], False),
        ([[22, verdict("accept")], [80, verdict("drop")]], True),
        ([[22, verdict("accept")]], True),
        ([[{"range": [1, 100]}, verdict("continue")]], True),
    ],
)
def test_maps_of_verdicts(data: list[Any], is_dropped: bool) -> None:
    """Of a map only the element counts that the packet has."""
    left = {"payload": {"protocol": "tcp", "field": "dport"}}
    entries = [base("input"), chain("web"), rule("web", ACCEPT)]
    by_map = {"vmap": {"key": left, "data": {"set": data}}}
    found = Ruleset(told(table(*entries, rule("input", by_map)))).dropped_by(WEB)
    assert (found is not None) == is_dropped
    unknown = {"vmap": {"key": left, "data": "@missing"}}
    assert Ruleset(told(table(*entries, rule("input", unknown)))).dropped_by(WEB) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"nftables": 1}', '{"nftables": [{"chain": 1}]}']
)
def test_what_is_no_ruleset(text: str) -> None:
    """Another program's answer, or none."""
    with pytest.raises(ValueError, match=r"."):
        Ruleset(text)


RAW = base("prerouting", "accept", -300)
NOTRACK = {"notrack": None}


@pytest.mark.parametrize(
    "entries",
    [
        [rule("prerouting", has("ip", "daddr", NETWORK), NOTRACK)],
        [rule("prerouting", has("tcp", "dport", 22), NOTRACK), rule("prerouting", NOTRACK)],
        [rule("prerouting", {"xt": {"type": "target", "name": "CT"}})],
        [chain("web"), rule("prerouting", verdict("jump", "web")), rule("web", NOTRACK)],
        [
            chain("web"),
            rule(
                "prerouting",
                {
                    "vmap": {
                        "key": {"payload": {"protocol": "tcp", "field": "dport"}},
                        "data": {"set": [[22, ACCEPT], [80, verdict("jump", "web")]]},
                    }
                },
            ),
            rule("web", NOTRACK),
        ],
    ],
)
def test_what_may_be_kept_out_of_connection_tracking(entries: list[dict[str, Any]]) -> None:
    """By a chain that comes before it."""
    assert Ruleset(told(table(RAW, *entries))).may_leave_untracked(WEB)
    late = base("prerouting", "accept", -150)
    assert not Ruleset(told(table(late, *entries))).may_leave_untracked(WEB)


@pytest.mark.parametrize(
    "statements",
    [
        [has("tcp", "dport", 22), NOTRACK],
        [has("ip6", "daddr", "2001:db8::1"), NOTRACK],
        [COUNTER, ACCEPT],
        [{"xt": {"type": "target", "name": "LOG"}}],
    ],
)
def test_what_connection_tracking_sees(statements: list[dict[str, Any]]) -> None:
    """Rules about other packets, and other rules, do not keep a packet out of it."""
    assert not Ruleset(told(table(RAW, rule("prerouting", *statements)))).may_leave_untracked(WEB)
