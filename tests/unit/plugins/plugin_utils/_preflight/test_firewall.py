# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director's own firewall is sure to drop of what a service needs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.firewall import (
    firewall_problems,
)
from described import ANNOUNCE, VIP, cluster, host_info, service
from nft_rules import LO, Entry, base, chain, has, is_meta, is_state, rule, table, told, verdict

ACCEPT, DROP = verdict("accept"), verdict("drop")
WEB_IN = rule("input", has("tcp", "dport", 80), verdict("accept"))
WEB = has("tcp", "dport", 80)
ESTABLISHED = is_state("established", "related")
NAT, DR = service(), service(forward="dr")
ADVICE = "(docs/firewall.md); director_firewall_check: false if it is accepted all the same."


def problems(
    *tables: list[Entry],
    described: dict[str, Any] = NAT,
    state: str = "",
    director: dict[str, Any] | None = None,
    **settings: Any,
) -> list[str]:
    """What is told of a director with these tables."""
    found = cluster(described, director=director or {})
    given = {"firewall": "none", "firewall_check": True, "ipvs_sysctls": {}, **settings}
    answer = {"ruleset": told(*tables), "firewall": state}
    return [str(p) for p in firewall_problems(found, found.hosts["director"], given, answer)]


def test_nothing_is_dropped() -> None:
    """Without rules, without an answer, and where all that is needed is accepted."""
    assert problems() == []
    found = cluster()
    given = {"firewall": "none", "firewall_check": True, "ipvs_sysctls": {}}
    for answer in ({}, {"ruleset": None}, {"ruleset": "Error: syntax"}):
        assert list(firewall_problems(found, found.hosts["director"], given, answer)) == []
    open_ones = table(
        base("input"),
        rule("input", LO, ACCEPT),
        rule("input", WEB, ACCEPT),
        base("forward"),
        rule("forward", is_meta("iifname", "eth2"), ACCEPT),
        base("output"),
        rule(
            "output", has("ip", "daddr", {"prefix": {"addr": "192.168.137.0", "len": 24}}), ACCEPT
        ),
    )
    assert problems(open_ones) == []


def test_input() -> None:
    """Where nothing accepts what clients send; whichever way real servers have it."""
    closed = table(base("input"), rule("input", LO, ACCEPT), rule("input", ESTABLISHED, ACCEPT))
    for described in (NAT, DR):
        assert problems(closed, described=described) == [
            f"host director: its firewall drops what clients send to {VIP}, port 80 of tcp, of"
            " service web (table inet filter, chain input by its policy); accept it there " + ADVICE
        ]
    assert problems(closed, firewall_check=False) == []


def test_an_interface_that_clients_may_come_by() -> None:
    """It need not be that of the virtual address."""
    by = table(base("input"), rule("input", is_meta("iifname", "eth2"), WEB, ACCEPT))
    assert problems(by) == []
    by = table(base("input"), rule("input", is_meta("iifname", "eth9"), WEB, ACCEPT))
    assert len(problems(by)) == 1


def test_forward() -> None:
    """For NAT alone; docker and ufw have it so."""
    docker = table(base("forward"), rule("forward", is_meta("iifname", "docker0"), ACCEPT))
    for conntrack in (0, 1):
        assert problems(docker, ipvs_sysctls={"conntrack": conntrack}) == [
            "host director: its firewall drops the answers of rs1 of service web (table inet"
            " filter, chain forward by its policy); accept it there " + ADVICE
        ]
    assert problems(docker, described=DR) == []


def test_output() -> None:
    """What is sent on leaves the host as its own packets do."""
    assert problems(table(base("output"), rule("output", WEB, DROP))) == [
        "host director: its firewall drops what is sent on to rs1 of service web (table inet"
        " filter, chain output); accept it there " + ADVICE
    ]


@pytest.mark.parametrize("policy", ["accept", "drop"])
def test_answers_of_no_connection(policy: str) -> None:
    """Without conntrack the kernel takes them for invalid, and many firewalls drop such packets."""
    strict = table(
        base("forward", policy),
        rule("forward", ESTABLISHED, ACCEPT),
        rule("forward", is_state("invalid"), DROP),
    )
    (problem,) = problems(strict)
    assert problem.startswith(
        "host director: director_ipvs_sysctls.conntrack 0 leaves the answers of rs1 without a"
        " connection that the host's firewall knows of, and it drops such packets (table inet"
        " filter, chain forward"
    )
    assert problem.endswith("; set conntrack: 1.")
    assert problems(strict, ipvs_sysctls={"conntrack": 1}) == []
    assert problems(strict, ipvs_sysctls={"conntrack": True}) == []
    assert problems(strict, described=DR) == []
    udp = service(protocol="udp", port=53)
    assert len(problems(strict, described=udp)) == (1 if policy == "drop" else 0)


@pytest.mark.parametrize("forward", ["dr", "tun"])
def test_clients_whose_answers_are_not_seen(forward: str) -> None:
    """With conntrack the kernel takes all but their first packet for invalid."""
    strict = table(base("input", "accept"), rule("input", is_state("invalid"), DROP), WEB_IN)
    tracked: dict[str, Any] = {"ipvs_sysctls": {"conntrack": 1}}
    direct = service(forward=forward)
    assert problems(strict, described=direct, **tracked) == [
        "host director: director_ipvs_sysctls.conntrack 1 has all but the first packet of a client"
        f" to {VIP}, port 80 of tcp, invalid, for its answers do not come by this host, and the"
        " host's firewall drops such packets (table inet filter, chain input); set conntrack: 0, or"
        " keep them from being tracked (docs/firewall.md)."
    ]
    assert problems(strict, described=direct) == []
    assert problems(strict, **tracked) == []
    assert problems(strict, described=service(forward=forward, protocol="udp"), **tracked) == []
    for untracked in ({"notrack": None}, {"xt": {"type": "target", "name": "CT"}}):
        raw = table(
            base("prerouting", "accept", -300), rule("prerouting", WEB, untracked), name="raw"
        )
        assert problems(strict, raw, described=direct, **tracked) == []
    # The role does it, and its own table is none of somebody else's.
    opened = {**tracked, "firewall": "firewalld", "state": "running"}
    assert problems(strict, described=direct, **opened) == []
    own = table(chain("untracked"), rule("untracked", {"notrack": None}), name="lvs_cluster")
    assert len(problems(strict, own, described=direct, **tracked)) == 1


def test_a_service_of_both_kinds() -> None:
    """Its connections would have to be tracked, and must not be."""
    servers = [{"host": "rs1"}, {"address": "192.168.0.112", "forward": "dr"}]
    both = service(real_servers=servers)
    tracked: dict[str, Any] = {"ipvs_sysctls": {"conntrack": 1}, "described": both}
    assert problems(firewall="ufw", state="Status: active", **tracked) == [
        "service web: forward 'dr and nat' are tracked in one way only, and ufw drops what is not"
        " as it has to be; give all its servers one of them, or set director_firewall: none and"
        " open it yourself (docs/firewall.md)."
    ]
    assert problems(**tracked) == []


def test_answers_that_are_accepted_before() -> None:
    """Then nobody asks for their connection."""
    rs = rule(
        "forward", has("ip", "saddr", {"prefix": {"addr": "192.168.137.0", "len": 24}}), ACCEPT
    )
    assert problems(table(base("forward"), rs, rule("forward", is_state("invalid"), DROP))) == []


def firewalld() -> list[Entry]:
    """As firewalld has it, in short."""
    reject = {"reject": {"type": "icmpx", "expr": "admin-prohibited"}}
    return table(
        base("input", "accept", 10),
        rule("input", ESTABLISHED, ACCEPT),
        rule("input", LO, ACCEPT),
        chain("zone"),
        rule("zone", has("tcp", "dport", 22), ACCEPT),
        rule("input", is_meta("iifname", "eth1"), verdict("jump", "zone")),
        rule("input", reject),
        name="firewalld",
    )


def test_firewalld() -> None:
    """It is named; where the role opens it, it is asked whether it runs."""
    (problem,) = problems(firewalld(), described=DR)
    assert "(table inet firewalld, chain input); set director_firewall: firewalld, or" in problem
    opened: dict[str, Any] = {"firewall": "firewalld", "ipvs_sysctls": {"conntrack": 1}}
    assert problems(firewalld(), state="running", **opened) == []
    assert problems(firewalld(), state="not running", **opened) == [
        "host director: director_firewall 'firewalld' does not run on the host; start it, or set"
        " none."
    ]
    # Somebody else's rules still count.
    assert len(problems(firewalld(), table(base("input")), state="running", **opened)) == 1


def ufw() -> list[Entry]:
    """As ufw has it, in short: of what iptables knows by itself JSON has the name alone."""
    conntrack = {"xt": {"type": "match", "name": "conntrack"}}
    local = {"xt": {"type": "match", "name": "addrtype"}}
    entries: list[Entry] = []
    for hook in ("input", "forward"):
        before = f"ufw-before-{hook}"
        entries += [
            base(hook),
            chain(before),
            rule(hook, verdict("jump", before)),
            rule(before, LO, ACCEPT),
            rule(before, conntrack, ACCEPT),
            rule(before, conntrack, DROP),
        ]
    here = rule("ufw-before-input", local, verdict("return"))
    return table(*entries, here, family="ip")


def test_ufw() -> None:
    """Its tables are iptables's, with chains of its own."""
    (problem,) = problems(ufw(), described=DR)
    assert "set director_firewall: ufw, or open it yourself" in problem
    conntrack = problems(ufw())[1]
    assert conntrack.startswith("host director: director_ipvs_sysctls.conntrack 0 leaves the answ")
    assert len(problems(ufw(), ipvs_sysctls={"conntrack": 1})) == 1
    opened: dict[str, Any] = {"firewall": "ufw", "described": DR}
    assert problems(ufw(), state="Status: active", **opened) == []
    assert len(problems(ufw(), state="Status: inactive", **opened)) == 1


def test_what_is_opened_needs_connections() -> None:
    """Of NAT: both drop what belongs to none."""
    assert problems(firewall="ufw", state="Status: active") == [
        "host director: director_ipvs_sysctls.conntrack 0 keeps ufw from knowing the connections of"
        " services by NAT, and it drops what belongs to none; set conntrack: 1."
    ]
    assert problems(described=DR, firewall="ufw", state="Status: active") == []


def test_sctp() -> None:
    """It is no protocol of ufw's."""
    sctp = service(forward="dr", protocol="sctp")
    assert problems(described=sctp, firewall="ufw", state="Status: active") == [
        "host director: director_firewall 'ufw' has no rules for SCTP, which a service is; use"
        " firewalld, or none and open it yourself."
    ]
    assert problems(described=sctp, firewall="firewalld", state="running") == []


def test_tables_of_the_roles() -> None:
    """What they drop is the role's own affair, such as while another director takes over."""
    own = table(base("forward"), base("input"), name="lvs_handover")
    assert problems(own) == []


def test_ipv6() -> None:
    """Rules of IPv4 say nothing of it."""
    six = service(address="2001:db8::100", real_servers=[{"address": "fd00::9"}])
    hosts: dict[str, Any] = {
        "__preflight_host": host_info(eth1=["2001:db8::1/64"], eth2=["fd00::1/64"]),
        "lvs_dip": "fd00::1",
    }
    closed = [base("input"), base("forward")]
    assert problems(table(*closed, family="ip"), described=six, director=hosts) == []
    assert len(problems(table(*closed, family="ip6"), described=six, director=hosts)) == 2
    assert len(problems(table(*closed), described=six, director=hosts)) == 2


def invalid_dropped(*more: Entry, name: str = "filter") -> list[Entry]:
    """As many firewalls begin, with the service let in behind it."""
    return table(
        *more,
        base("input"),
        rule("input", ESTABLISHED, ACCEPT),
        rule("input", is_state("invalid"), DROP),
        rule("input", WEB, ACCEPT),
        name=name,
    )


def of_many(*tables: list[Entry], described: dict[str, Any] = DR, **settings: Any) -> list[str]:
    """What is told of a director that serves beside others."""
    return problems(*tables, described=described, director={"lvs_announce": ANNOUNCE}, **settings)


def test_ends_of_connections_that_nobody_knows() -> None:
    """Where directors serve at once none would see an end; one by itself is told by the docs."""
    assert of_many(invalid_dropped()) == [
        f"host director: its firewall drops what ends the connections of clients to {VIP}, port 80"
        " of tcp, of service web (table inet filter, chain input), for it never sees the answers"
        " and knows no connection; keep them out of connection tracking " + ADVICE
    ]
    assert problems(invalid_dropped(), described=DR) == []
    assert of_many(invalid_dropped(), firewall_check=False) == []
    udp = service(forward="dr", protocol="udp", port=53)
    first = table(base("input", "accept"), rule("input", is_state("invalid"), DROP))
    assert of_many(first, described=udp) == []
    assert len(of_many(first)) == 1
    # Nothing gets in, and that is what is said.
    closed = table(base("input"), rule("input", is_state("invalid"), DROP))
    assert "drops what clients send" in " ".join(of_many(closed))
    assert len(of_many(closed)) == 1


def test_what_the_role_opens_is_not_tracked() -> None:
    """A firewall's own rule for such packets comes before all that is opened."""
    rules = invalid_dropped(name="firewalld")
    assert of_many(rules, firewall="firewalld", state="running") == []
    assert len(of_many(rules)) == 1


def test_ends_of_connections_that_are_let_in_or_not_tracked() -> None:
    """Before the rule, or kept away from it."""
    before = table(
        base("input"), rule("input", WEB, ACCEPT), rule("input", is_state("invalid"), DROP)
    )
    assert of_many(before) == []
    raw = base("prerouting", "accept", -300)
    kept = rule("prerouting", has("ip", "daddr", VIP), WEB, {"notrack": None})
    assert of_many(invalid_dropped(raw, kept)) == []
    other = rule("prerouting", has("ip", "daddr", VIP), has("tcp", "dport", 81), {"notrack": None})
    assert len(of_many(invalid_dropped(raw, other))) == 1
