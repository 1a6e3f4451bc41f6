# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the unit of a director gives and takes back."""

from __future__ import annotations

import pytest
from machine import BACKUP, CHAINS, CONNTRACK, FORWARD, MARKED, MASTER, RULES, STAND_INS, Machine


def test_a_director_starts_with_all_that_is_its(director: Machine) -> None:
    """Table, marks, masquerading, settings, timeouts, addresses, daemons."""
    director.unit("director", "start")
    assert director.has("table") == [*RULES, *MARKED]
    assert set(director.has("nft")) == {
        "inet lvs_cluster",
        "inet lvs_cluster postrouting",
        "inet lvs_cluster marks",
    }
    assert (director.sysctl(FORWARD), director.sysctl(CONNTRACK)) == ("1", "0")
    assert director.has("timeouts") == ["7200 120 60"]
    assert director.has("addresses") == ["eth1 192.0.2.1/32", "eth1 2001:db8::1/128"]
    assert director.has("daemons") == [MASTER]
    assert director.ours("director.addresses") == ["192.0.2.1/32 eth1", "2001:db8::1/128 eth1"]


def test_a_director_takes_all_of_it_back(director: Machine) -> None:
    """Settings and timeouts are what they were before."""
    director.unit("director", "start")
    director.unit("director", "stop")
    for name in ("table", "nft", "addresses", "daemons"):
        assert director.has(name) == [], name
    assert director.ours("director.addresses") == []
    assert (director.sysctl(FORWARD), director.sysctl(CONNTRACK)) == ("0", "1")
    assert director.has("timeouts") == ["900 120 300"]


def test_started_again_it_changes_nothing(director: Machine) -> None:
    """And says so; nor does a stop after a stop fail."""
    director.unit("director", "start")
    before = {name: director.has(name) for name in ("table", "nft", "addresses", "daemons")}
    assert director.unit("director", "start") == ""
    assert {name: director.has(name) for name in before} == before
    director.unit("director", "stop")
    assert director.unit("director", "stop") == ""


def test_a_deprecated_address(director: Machine) -> None:
    """No packet of the director's own leaves with what a real server has too."""
    director.etc("director.addresses", "2001:db8::1/128 eth1", "2001:db8::2/64 eth1")
    director.unit("director", "start")
    assert director.has("added") == [
        "2001:db8::1/128 nodad preferred_lft 0",
        "2001:db8::2/64 nodad",
    ]


@pytest.mark.parametrize("own", ["eth1 192.0.2.1/24", "eth0 192.0.2.1/32"])
def test_an_address_that_the_host_has_stays(director: Machine, own: str) -> None:
    """With whatever prefix length, and on whatever interface."""
    director.state("addresses", own)
    director.unit("director", "start")
    assert director.has("addresses") == [own, "eth1 2001:db8::1/128"]
    director.unit("director", "stop")
    assert director.has("addresses") == [own]


def test_an_address_of_ours_that_somebody_else_gives_now_stays(director: Machine) -> None:
    """A stop does not fail by it."""
    director.unit("director", "start")
    director.state("addresses", "eth1 192.0.2.1/24")
    director.unit("director", "stop")
    assert director.has("addresses") == ["eth1 192.0.2.1/24"]


def test_what_the_kernel_sets_along_with_forwarding_goes_back(director: Machine) -> None:
    """Each interface's own, and whether redirects are taken; not what others have set since."""
    redirects = "net/ipv4/conf/all/accept_redirects"
    ways = [f"net/ipv4/conf/{name}/forwarding" for name in ("all", "small", "eth1", "eth2")]
    for path in (redirects, *ways):
        director.sysctl(path, "0")
    director.unit("director", "start")
    # As the kernel does it; and somebody takes redirects again.
    for path in (*ways, redirects):
        director.sysctl(path, "1")
    director.sysctl(ways[2], "0")
    director.unit("director", "stop")
    assert director.sysctl(FORWARD) == "0"
    # That of all is the same setting as the one that is ours.
    found = [director.sysctl(path) for path in ways]
    assert (found, director.sysctl(redirects)) == (["1", "0", "0", "0"], "1")
    assert not director.root.joinpath("run/lvs-cluster/settings").joinpath("net:ipv4").exists()


def test_a_stop_takes_back_what_it_can(director: Machine) -> None:
    """An address that cannot be taken away keeps none of the rest."""
    director.unit("director", "start")
    ip = director.root / "bin" / "ip"
    ip.unlink()
    ip.write_text(
        '#!/bin/sh\n[ "$1 $2" != "addr del" ] || exit 2\nexec "${0%/*}/stand-ins/ip" "$@"\n'
    )
    ip.chmod(0o755)
    (ip.parent / "stand-ins").mkdir()
    (ip.parent / "stand-ins" / "ip").symlink_to(STAND_INS)
    director.unit("director", "stop", status=1)
    assert director.has("nft") == []
    assert (director.sysctl(FORWARD), director.has("timeouts")) == ("0", ["900 120 300"])


def test_an_address_that_was_ours_is_taken_away_when_it_is_declared_no_more(
    director: Machine,
) -> None:
    """It is on the list still: the module has not pruned it yet."""
    director.unit("director", "start")
    director.etc("director.addresses")
    director.unit("director", "stop")
    assert director.has("addresses") == []


def test_services_that_are_there_are_not_doubled(director: Machine) -> None:
    """A mark's IPv4 and IPv6 services are two; a service with other real servers stays so."""
    there = [RULES[0], "-A -f 1 -s rr"]
    director.state("table", *there)
    director.unit("director", "start")
    assert director.has("table") == [*there, *MARKED]


def test_a_reload_gives_what_is_ours(director: Machine) -> None:
    """A boot brings up what the table had; what somebody has taken out of theirs stays out."""
    theirs = ["-A -t 192.0.2.7:22 -s rr", "-A -f 1 -s rr"]
    rules = director.root / "etc/ipvsadm.rules"
    rules.write_text("".join(f"{rule}\n" for rule in (*theirs, *RULES, *MARKED)))
    director.unit("director", "start")
    assert director.has("table") == [*theirs, *RULES, *MARKED]
    director.state("table")
    assert "added 2 services" in director.unit("director", "reload")
    assert director.has("table") == [*RULES, *MARKED]
    assert director.unit("director", "reload") == ""


def test_services_of_somebody_else_stay(director: Machine) -> None:
    """A stop takes out those that were declared."""
    own = ["-A -t 192.0.2.1:8080 -s rr", "-A -f 1 -s rr"]
    director.state("table", *own)
    director.unit("director", "start")
    director.unit("director", "stop")
    assert director.has("table") == own


def test_a_table_that_a_health_checker_owns_is_left_alone(director: Machine) -> None:
    """Nothing is restored, and nothing taken out."""
    (director.root / "etc/lvs-cluster/director.rules").unlink()
    director.unit("director", "start")
    assert director.has("table") == []
    director.state("table", *RULES)
    director.unit("director", "stop")
    assert director.has("table") == RULES


def test_a_director_without_a_saved_table(director: Machine) -> None:
    """The first start: the module has written the table, and none is saved."""
    (director.root / "etc/ipvsadm.rules").unlink()
    director.state("table", *RULES)
    director.unit("director", "start")
    assert director.has("table") == RULES
    director.unit("director", "stop")
    assert director.has("table") == []


def test_daemons_of_somebody_else_stay(director: Machine) -> None:
    """One that runs is not started twice; one of the other role is not stopped."""
    director.state("daemons", BACKUP)
    director.unit("director", "start")
    assert director.has("daemons") == [BACKUP, MASTER]
    director.unit("director", "stop")
    assert director.has("daemons") == [BACKUP]


@pytest.mark.parametrize("broken", ["nft", "python3", "unshare"])
def test_the_table_comes_up_where_something_is_broken(director: Machine, broken: str) -> None:
    """The unit fails, and the director has its table and addresses all the same."""
    command = director.root / "bin" / broken
    command.unlink(missing_ok=True)
    command.write_text("#!/bin/sh\nexit 127\n")
    command.chmod(0o755)
    told = director.unit("director", "start", status=1 if broken == "nft" else 0)
    assert ("lvs-unit: not loaded director.nft" in told) == (broken == "nft")
    assert director.has("table") == [*RULES, *MARKED]
    assert director.has("addresses") == ["eth1 192.0.2.1/32", "eth1 2001:db8::1/128"]


def test_a_line_that_fails_keeps_no_other_out(director: Machine) -> None:
    """A setting that the kernel lacks, an interface that is not there; the unit says which."""
    director.etc("director.settings", "net/ipv4/vs/no_such 1", f"{CONNTRACK} 0")
    director.etc("director.addresses", "192.0.2.9/32 nowhere", "192.0.2.1/32 eth1")
    told = director.unit("director", "start", status=1)
    assert "lvs-unit: not added net/ipv4/vs/no_such 1" in told
    assert "lvs-unit: not added 192.0.2.9/32 nowhere" in told
    assert director.sysctl(CONNTRACK) == "0"
    assert director.has("addresses") == ["eth1 192.0.2.1/32"]
    assert director.has("table") == [*RULES, *MARKED]
    assert director.has("daemons") == [MASTER]


def test_no_address_where_the_interface_is_down(director: Machine) -> None:
    """Else it would come before the host's own, which packets leave with."""
    director.state("up-of-itself")
    told = director.unit("director", "start", status=1)
    assert "eth1 is missing or down\nlvs-unit: not added 192.0.2.1/32 eth1" in told
    assert director.has("addresses") == []
    director.state("up-of-itself", "eth1")
    director.unit("director", "start")
    assert director.has("addresses") == ["eth1 192.0.2.1/32", "eth1 2001:db8::1/128"]


def test_what_is_no_longer_declared_is_tried_last(director: Machine) -> None:
    """An interface of before may be gone: the unit says so, and has not failed."""
    director.etc(
        "director.addresses", "192.0.2.1/32 eth1",
        "# Declared before", "192.0.2.9/32 nowhere", "192.0.2.8/32 eth1",
    )  # fmt: skip
    told = director.unit("director", "start")
    assert "lvs-unit: not added 192.0.2.9/32 nowhere" in told
    assert director.has("addresses") == ["eth1 192.0.2.1/32", "eth1 192.0.2.8/32"]
    director.unit("director", "stop")
    assert director.has("addresses") == []


def test_a_rule_that_is_cut_short_keeps_no_other_out(director: Machine) -> None:
    """The services behind it are there, with their servers."""
    rules = director.root / "etc/ipvsadm.rules"
    rules.write_text("".join(f"{rule}\n" for rule in (*RULES, "-a -t 192.0.2.1:80 -r", *MARKED)))
    told = director.unit("director", "start", status=1)
    assert "-a -t 192.0.2.1:80 -r: it is cut short" in told
    assert director.has("table") == [*RULES, *MARKED]
    assert director.has("addresses") == ["eth1 192.0.2.1/32", "eth1 2001:db8::1/128"]


BLANK = [
    "director.addresses", "director.daemons", "director.host-daemons", "director.services",
    "director.settings", "director.timeouts",
]  # fmt: skip


def test_a_blank_line_means_nothing(director: Machine) -> None:
    """In no file: ansible-core 2.18 makes one of a template that gives nothing."""
    for name in BLANK:
        director.etc(name, "")
    director.state("daemons", MASTER, BACKUP)
    director.state("addresses", "eth1 192.0.2.7/32")
    own = ["-A -t 192.0.2.7:80 -s rr"]
    director.state("table", *own)
    director.root.joinpath("etc/ipvsadm.rules").write_text("\n")
    for verb in ("start", "retire", "stop"):
        director.unit("director", verb)
        assert director.has("daemons") == [MASTER, BACKUP]
        assert director.has("addresses") == ["eth1 192.0.2.7/32"]
        assert director.has("table") == own
        assert director.has("timeouts") == ["900 120 300"]


@pytest.mark.parametrize(
    ("owner", "names"),
    [("tun-real-server", ["devices", "modules", "ports", "settings"]), ("nat-real-server", [])],
)
def test_a_blank_line_means_nothing_to_a_real_server(
    tunnels: Machine, owner: str, names: list[str]
) -> None:
    """Nothing is given, and nothing taken."""
    route = "default via 10.0.0.9 dev eth0"
    tunnels.state("routes4", route)
    for name in (*names, "addresses", "gateway"):
        tunnels.etc(f"{owner}.{name}", "")
    for verb in ("start", "retire", "stop"):
        assert tunnels.unit(owner, verb) == ""
    assert tunnels.has("routes4") == [route]


def test_timeouts_that_leave_the_description_go_back(director: Machine) -> None:
    """To what they were before; those that were never ours are left alone."""
    director.unit("director", "give", "timeouts")
    assert director.has("timeouts") == ["7200 120 60"]
    director.state("timeouts", "7200 77 60")
    director.etc("director.timeouts", "0 0 60")
    assert director.unit("director", "give", "timeouts") == "set the timeouts to 900 77 60\n"
    director.etc("director.timeouts")
    assert director.unit("director", "give", "timeouts") == "set the timeouts to 900 77 300\n"
    director.state("timeouts", "1 2 3")
    assert director.unit("director", "give", "timeouts") == ""


def test_a_setting_that_leaves_the_description_goes_back(director: Machine) -> None:
    """A value that is another one replaces it, and still what was there before comes back."""
    director.unit("director", "give", "settings")
    director.etc("director.settings", f"{CONNTRACK} 2")
    assert director.unit("director", "give", "settings") == f"added {CONNTRACK} 2\n"
    assert director.unit("director", "retire").splitlines() == [
        f"removed {FORWARD} 1",
        f"removed {CONNTRACK} 0",
    ]
    assert (director.sysctl(FORWARD), director.sysctl(CONNTRACK)) == ("0", "2")
    director.unit("director", "stop")
    assert director.sysctl(CONNTRACK) == "1"


def test_a_setting_of_several_words(director: Machine) -> None:
    """The kernel shows them with tabs."""
    path = "net/ipv4/vs/sync_threshold"
    director.etc("director.settings", f"{path} 3 50")
    director.sysctl(path, "1\t10")
    assert director.unit("director", "give", "settings") == f"added {path} 3 50\n"
    director.sysctl(path, "3\t50")
    assert director.unit("director", "give", "settings") == ""
    director.unit("director", "stop")
    assert director.sysctl(path) == "1 10"


def test_daemons_of_the_unit_that_ours_replaces(director: Machine) -> None:
    """They are started at boot as it started them, and not stopped: they are not ours."""
    director.etc("director.host-daemons", BACKUP, "--start-daemon master --mcast-interface eth9")
    director.unit("director", "start")
    assert director.has("daemons") == [MASTER, BACKUP]
    director.unit("director", "stop")
    assert director.has("daemons") == [BACKUP]


def test_a_part_alone(director: Machine) -> None:
    """Marks are loaded once, and again when they have changed or somebody has taken them away."""
    assert director.unit("director", "give", "nft", "marks") == (
        "loaded director.nft\nloaded director-marks.nft\n"
    )
    assert director.unit("director", "give", "marks") == ""
    director.state("nft", "inet lvs_cluster", "inet lvs_cluster postrouting")
    assert director.unit("director", "give", "marks") == "loaded director-marks.nft\n"
    rules = CHAINS.format(table="lvs_cluster", chain="marks").replace("{\n\t}", "{\n\t\ta\n\t}")
    flush = "flush chain inet lvs_cluster marks"
    director.etc("director-marks.nft", flush, *rules.splitlines())
    assert director.unit("director", "give", "marks") == "loaded director-marks.nft\n"
    assert director.has("table") == []


def test_rules_that_somebody_has_changed_are_loaded_again(director: Machine) -> None:
    """Though the file is the same, and the chain is there."""
    director.unit("director", "give", "nft", "marks")
    director.state("chain inet lvs_cluster marks", "accept")
    assert director.unit("director", "start")  # all the rest
    assert director.unit("-n", "director", "give", "nft", "marks") == "loaded director-marks.nft\n"


def test_rules_of_both_chains(director: Machine) -> None:
    """Marks, and what is not tracked: each is looked at."""
    both = CHAINS.format(table="lvs_cluster", chain="marks")
    both += CHAINS.format(table="lvs_cluster", chain="untracked")
    director.etc("director-marks.nft", *both.splitlines())
    assert director.unit("director", "give", "marks") == "loaded director-marks.nft\n"
    assert director.unit("director", "give", "marks") == ""
    director.state("chain inet lvs_cluster untracked", "notrack")
    assert director.unit("director", "give", "marks") == "loaded director-marks.nft\n"


def test_rules_that_are_broken_are_not_taken_for_loaded(director: Machine) -> None:
    """The next run tries again."""
    director.etc("director-marks.nft", "BROKEN")
    director.unit("director", "give", "marks", status=1)
    director.unit("director", "give", "marks", status=1)


def test_a_reload_of_nftables_brings_our_table_back(director: Machine) -> None:
    """nftables.service begins with "flush ruleset", and the watcher has our unit reloaded."""
    director.unit("director", "start")
    director.state("nft")
    director.unit("director", "start")
    assert "inet lvs_cluster marks" in director.has("nft")
    assert "inet lvs_cluster postrouting" in director.has("nft")
    assert director.has("table") == [*RULES, *MARKED]


def everything(machine: Machine) -> dict[str, str]:
    """Return every file of a machine's state."""
    found = (path for path in machine.root.rglob("*") if path.is_file())
    return {str(path.relative_to(machine.root)): path.read_text() for path in found}


@pytest.mark.parametrize("verb", ["start", "stop"])
def test_a_trial_changes_nothing(director: Machine, tunnels: Machine, verb: str) -> None:
    """And tells what the real thing would tell."""
    host = director
    if verb == "stop":
        host.unit("director", "start")
        host.unit("tun-real-server", "start")
    for owner in ("director", "tun-real-server"):
        before = everything(host)
        told = host.unit("-n", owner, verb)
        assert everything(host) == before
        assert told == host.unit(owner, verb)
        assert told
