# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a director joins those that announce, and leaves them."""

from __future__ import annotations

import pytest
from machine import BACKUP, Machine

KEY, MARKED, CHECK = "-t 192.0.2.1:80", "-f 1 -6", "-f 1281359873"
RULES = [
    f"-A {KEY} -s mh -b flag-1,flag-2",
    f"-a {KEY} -r 10.0.0.1:80 -g -w 1",
    f"-A {MARKED} -s mh",
    "-a -f 1 -6 -r [fd00::1]:0 -g -w 1",
]
PERIOD = "sys/net/ipv4/vs/sync_refresh_period"
PACKETS = """       Total Incoming
CPU    Conns  Packets
  0        0 {number:8X}        0
  ~        0        7        0

     Conns/s   Pkts/s
           0        {rate}        3
"""


@pytest.fixture
def ready(host: Machine) -> Machine:
    """A director that can serve, and BIRD beside it."""
    host.etc("director.services", "# Managed", KEY, MARKED)
    host.etc("director.addresses", "# Managed", "192.0.2.1/32 lo", "2001:db8::1/128 lo")
    host.etc("director.daemons", "# Managed", BACKUP)
    host.etc("director.rules", *RULES)
    host.etc("director.announced", "# Managed", f"192.0.2.1 {KEY}", f"2001:db8::1 {MARKED}")
    host.state("table", *RULES)
    host.state("addresses", "lo 192.0.2.1/32", "lo 2001:db8::1/128")
    host.state("daemons", BACKUP)
    names = ["lvs_addresses", "lvs_withdrawn_192_0_2_1", "lvs_withdrawn_2001_db8__1"]
    host.state("protocols", *names)
    host.sysctl("net/ipv4/vs/sync_refresh_period", "10")
    counts(host, 0)
    return host


def counts(host: Machine, number: int, rate: int = 0) -> None:
    """So many packets have come; C(rate) is what the kernel has worked out of it by now."""
    path = host.root / "proc/net/ip_vs_stats_percpu"
    path.parent.mkdir(exist_ok=True)
    path.write_text(PACKETS.format(number=number, rate=rate))


def meanwhile(host: Machine, *commands: str) -> None:
    """What somebody does while the program sleeps; C($state) is the host's."""
    host.state("meanwhile", "set -eu", f"state={host.root}/state", *commands)


class TestJoin:
    """It announces when it can serve, and not before."""

    def test_it_has_heard_of_the_others(self, ready: Machine) -> None:
        """Two periods, in which they tell each that has a packet in every one, and two seconds."""
        said = ready.run("lvs-announce", "join")
        assert said.splitlines() == [
            "hears of connections for 22 seconds",
            "announces the virtual addresses",
        ]
        assert ready.has("slept") == ["22"]
        assert ready.has("enabled") == ["lvs_addresses"]
        assert ready.ours("announce.joined") == ["disabled no;"]

    def test_nobody_tells_it_anything(self, ready: Machine) -> None:
        """There is nothing to wait for."""
        ready.etc("director.daemons")
        ready.run("lvs-announce", "join")
        assert ready.has("slept") == []
        assert ready.has("enabled") == ["lvs_addresses"]

    @pytest.mark.parametrize(
        ("part", "lines", "said"),
        [
            ("table", RULES[2:], ["service -t 192.0.2.1:80", "real server 10.0.0.1:80"]),
            ("table", RULES[:-1], ["real server [fd00::1]:0"]),
            ("addresses", ["lo 192.0.2.1/32"], ["address 2001:db8::1 on lo"]),
            (
                "addresses",
                ["eth1 192.0.2.1/32", "lo 2001:db8::1/128"],
                ["address 192.0.2.1 on lo"],
            ),
            ("daemons", [], ["synchronisation daemon backup"]),
            ("protocols", ["another"], ["lvs_addresses in BIRD"]),
        ],
    )
    def test_something_is_missing(
        self, ready: Machine, part: str, lines: list[str], said: list[str]
    ) -> None:
        """It waits, says once for what, and goes on when it is there."""
        there = ready.has(part)
        ready.state(part, *lines)
        ready.state("then", *there)
        # At the third time.
        meanwhile(
            ready,
            "[ ! -e $state/enabled ]",
            "[ $(wc -l <$state/slept) -ge 3 ] && [ -e $state/then ] || exit 0",
            f"mv $state/then $state/{part}",
        )
        told = ready.run("lvs-announce", "join").splitlines()
        assert told[: len(said)] == [f"waits for {one}" for one in said]
        assert told[len(said) :] == [
            "hears of connections for 22 seconds",
            "announces the virtual addresses",
        ]
        assert ready.has("slept") == ["1", "1", "1", "22"]

    def test_what_is_no_longer_declared_is_not_waited_for(self, ready: Machine) -> None:
        """It is in the files until the run that takes it away is over."""
        ready.etc("director.services", KEY, MARKED, "# Declared before", "-t 192.0.2.9:80")
        ready.etc(
            "director.rules", *RULES, "-A -t 192.0.2.9:80 -s rr", "-a -t 192.0.2.9:80 -r x:1 -g"
        )
        ready.run("lvs-announce", "join")
        assert ready.has("slept") == ["22"]

    def test_a_health_checker_has_the_table(self, ready: Machine) -> None:
        """Which servers there are is up to it; an address without one is withdrawn first."""
        (ready.root / "etc/lvs-cluster/director.rules").unlink()
        ready.state("table", *RULES[:3])
        assert "withdrew 2001:db8::1: it has no real server" in ready.run("lvs-announce", "join")
        assert ready.has("enabled") == ["lvs_withdrawn_2001_db8__1", "lvs_addresses"]


class TestLeave:
    """It withdraws, and goes when no packet comes any more."""

    def test_nothing_comes(self, ready: Machine) -> None:
        """For two seconds."""
        ready.run("lvs-announce", "join")
        ready.state("slept")
        assert ready.run("lvs-announce", "leave", "30") == "withdrew the virtual addresses\n"
        assert ready.has("slept") == ["1", "1"]
        assert ready.has("enabled") == []
        assert not (ready.root / "run/lvs-cluster/announce.joined").exists()

    def test_only_packets_count(self, ready: Machine) -> None:
        """The rates fall for a while after the last one."""
        counter = ready.root / "proc/net/ip_vs_stats_percpu"
        counts(ready, 10, 5)
        again = f"echo ' 0 9 1'$(wc -l <$state/slept) >>{counter}"
        meanwhile(ready, f"sed -i '$d' {counter}", again)
        ready.run("lvs-announce", "leave", "30")
        assert ready.has("slept") == ["1", "1"]

    def test_packets_come(self, ready: Machine) -> None:
        """It waits for two seconds after the last one."""
        counter = ready.root / "proc/net/ip_vs_stats_percpu"
        meanwhile(
            ready,
            f"[ $(wc -l <$state/slept) -gt 3 ] || echo 0 0 1$(wc -l <$state/slept) >{counter}",
        )
        ready.run("lvs-announce", "leave", "30")
        assert ready.has("slept") == ["1"] * 5

    def test_packets_go_on_coming(self, ready: Machine) -> None:
        """There is a limit, and that is said."""
        counter = ready.root / "proc/net/ip_vs_stats_percpu"
        meanwhile(ready, f"echo 0 0 1$(wc -l <$state/slept) >{counter}")
        said = ready.run("lvs-announce", "leave", "5")
        assert "packets still came after 5 seconds" in said
        assert ready.has("slept") == ["1"] * 5

    def test_checks_by_firewall_marks_go_on(self, ready: Machine) -> None:
        """What they send is not counted; the kernel adds up the rest now and then."""
        ready.etc("director.services", KEY, CHECK)
        ready.state("stats", "TCP  192.0.2.1:80  1 2 3", "FWM  1281359873  1 2 3")
        line = "FWM  1281359873  1 $(wc -l <$state/slept) 3"
        meanwhile(ready, f'printf "%s\\n" "TCP  192.0.2.1:80  1 2 3" "{line}" >$state/stats')
        ready.run("lvs-announce", "leave", "30")
        assert ready.has("slept") == ["1"] * 4
        meanwhile(ready, 'echo "TCP  192.0.2.1:80  1 $(wc -l <$state/slept) 3" >$state/stats')
        assert "packets still came" in ready.run("lvs-announce", "leave", "9")

    def test_bird_is_down(self, ready: Machine) -> None:
        """Nobody is told anything, and that is no failure."""
        ready.run("lvs-announce", "join")
        (ready.root / "state/protocols").unlink()
        ready.run("lvs-announce", "leave", "30")
        assert not (ready.root / "run/lvs-cluster/announce.joined").exists()


class TestLook:
    """An address without a real server is withdrawn, and the others are not."""

    def test_servers_go_and_come(self, ready: Machine) -> None:
        """Out of the table, or at weight 0; once said, once done."""
        for gone in ([RULES[0], *RULES[2:]], [RULES[0], f"{RULES[1][:-1]}0", *RULES[2:]]):
            ready.state("table", *gone)
            said = ready.run("lvs-announce", "look")
            assert said == "withdrew 192.0.2.1: it has no real server\n"
            assert ready.run("lvs-announce", "look") == ""
            assert ready.has("enabled") == ["lvs_withdrawn_192_0_2_1"]
            assert ready.ours("announce.withdrawn.192.0.2.1") == ["disabled no;"]
            ready.state("table", *RULES)
            assert ready.run("lvs-announce", "look") == "announces 192.0.2.1 again\n"
            assert ready.has("enabled") == []
            assert not [*(ready.root / "run/lvs-cluster").glob("announce.withdrawn.*")]

    def test_another_service_of_the_address_has_one(self, ready: Machine) -> None:
        """It stays."""
        ready.etc("director.announced", "192.0.2.1 -t 192.0.2.1:443", f"192.0.2.1 {KEY}")
        assert ready.run("lvs-announce", "look") == ""

    def test_the_table_is_changed_after_it_was_told(self, ready: Machine) -> None:
        """It looks again for a while."""
        ready.state("then", *RULES[2:])
        meanwhile(ready, "[ ! -e $state/then ] || mv $state/then $state/table")
        assert "withdrew 192.0.2.1" in ready.run("lvs-announce", "look", "2")
        assert ready.has("slept") == ["0.2"] * 10

    def test_ldirectord_tells(self, ready: Machine) -> None:
        """With words of its own behind it."""
        ready.state("table", *RULES[2:])
        said = ready.run("lvs-announce", "told", "start", "192.0.2.1:80", "tcp")
        assert "withdrew 192.0.2.1" in said

    def test_an_address_that_is_not_described_any_more(self, ready: Machine) -> None:
        """Nothing of it is left."""
        ready.state("table", *RULES[2:])
        ready.run("lvs-announce", "look")
        ready.etc("director.announced", f"2001:db8::1 {MARKED}")
        ready.run("lvs-announce", "look")
        assert not [*(ready.root / "run/lvs-cluster").glob("announce.withdrawn.*")]

    def test_nothing_is_looked_at(self, ready: Machine) -> None:
        """The role writes the table itself."""
        ready.etc("director.announced")
        ready.state("table")
        assert ready.run("lvs-announce", "look") == ""


@pytest.mark.parametrize("words", [[], ["leave"], ["join", "now"], ["look", "1", "2"]])
def test_how_it_is_used(host: Machine, words: list[str]) -> None:
    """Another word is none of its."""
    told = host.run("lvs-announce", *words, status=2)
    assert "usage: lvs-announce join | leave SECONDS | look [SECONDS] | told ..." in told
