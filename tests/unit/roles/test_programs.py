# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that the roles install, beside stand-ins for the commands they run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROLES = Path(__file__).parents[3] / "roles"
STAND_INS = Path(__file__).with_name("stand-ins")
COMMANDS = ["ip", "ipvsadm", "ldirectord", "modprobe", "nft", "sleep", "unshare"]
ARP = "net/ipv4/conf/all/arp_ignore"
FORWARD, CONNTRACK = "net/ipv4/ip_forward", "net/ipv4/vs/conntrack"
ALL_STRICT, DEVICE_STRICT = (f"net/ipv4/conf/{name}/rp_filter" for name in ("all", "tunl0"))
RULES = ["-A -t 192.0.2.1:80 -s rr", "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1"]
MARKED = ["-A -f 1 -6 -s rr", "-a -f 1 -6 -r [fd00::1]:0 -g -w 1"]
MASTER = "--start-daemon master --mcast-interface eth2 --syncid 7"
BACKUP = "--start-daemon backup --mcast-interface eth1"
CHAINS = """table inet {table} {{
	chain {chain} {{
	}}
}}
"""


class Machine:
    """A host: its files, what the commands keep of it, and what the programs say."""

    def __init__(self, root: Path) -> None:
        """Have the directories that every host has."""
        self.root = root
        self.environment = {"LVS_ROOT": str(root)}
        for name in ("etc/lvs-cluster", "run", "proc/sys", "bin", "state"):
            (root / name).mkdir(parents=True)
        for name in COMMANDS:
            (root / "bin" / name).symlink_to(STAND_INS)
        self.state("up-of-itself", "eth1", "lo")

    def etc(self, name: str, *lines: str) -> None:
        """Write one of the files that a role writes."""
        self.root.joinpath("etc/lvs-cluster", name).write_text("".join(f"{x}\n" for x in lines))

    def state(self, name: str, *lines: str) -> None:
        """Make a part of the host be so."""
        self.root.joinpath("state", name).write_text("".join(f"{x}\n" for x in lines))

    def has(self, name: str, where: str = "state") -> list[str]:
        """Return a part of the host, or of what is written down about it."""
        path = self.root / where / name
        return path.read_text().splitlines() if path.exists() else []

    def ours(self, name: str) -> list[str]:
        """Return what is written down as ours."""
        return self.has(name, "run/lvs-cluster")

    def sysctl(self, path: str, value: str | None = None) -> str:
        """Set one of the kernel's settings, or read it."""
        file = self.root / "proc/sys" / path
        if value is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{value}\n")
        return file.read_text().strip()

    def run(self, program: str, *words: str, status: int | None = 0) -> str:
        """Run a program of a role, and return what it says; without a status, it has to fail."""
        (path,) = ROLES.glob(f"*/files/{program}")
        done = subprocess.run(
            ["sh", path, *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        ended = done.returncode != 0 if status is None else done.returncode == status
        assert ended, done.stdout
        return done.stdout

    def unit(self, *words: str, status: int = 0) -> str:
        """Run lvs-unit."""
        return self.run("lvs-unit", *words, status=status)


@pytest.fixture
def host(tmp_path: Path) -> Machine:
    """A host with nothing on it."""
    return Machine(tmp_path / "host")


@pytest.fixture
def director(host: Machine) -> Machine:
    """A director with all that its unit starts."""
    host.etc("director.nft", *CHAINS.format(table="lvs_cluster", chain="postrouting").splitlines())
    host.etc("director-marks.nft", *CHAINS.format(table="lvs_cluster", chain="marks").splitlines())
    host.etc("director.settings", "# Managed", f"{FORWARD} 1", f"{CONNTRACK} 0")
    host.etc("director.timeouts", "# Managed", "7200 0 60")
    for path, value in ((FORWARD, "0"), (CONNTRACK, "1")):
        host.sysctl(path, value)
    host.state("timeouts", "900 120 300")
    host.etc("director.addresses", "# Managed", "192.0.2.1/32 eth1", "2001:db8::1/128 eth1")
    host.etc("director.services", "-t 192.0.2.1:80", "-f 1 -6")
    host.etc("director.daemons", MASTER)
    rules = host.root / "etc/ipvsadm.rules"
    rules.write_text("".join(f"{rule}\n" for rule in (*RULES, *MARKED)))
    (host.root / "etc/lvs-cluster/director.rules").symlink_to(rules)
    return host


@pytest.fixture
def tunnels(host: Machine) -> Machine:
    """A real server behind a tunnel, on which the unit has something of each kind to give."""
    host.etc("tun-real-server.modules", "ipip", "fou")
    host.etc("tun-real-server.devices", "tunl0")
    host.etc("tun-real-server.ports", "4 6080")
    host.etc("tun-real-server.settings", "# Managed", f"{ARP} 1", f"{DEVICE_STRICT} 2")
    host.etc("tun-real-server.addresses", "192.0.2.1/32 tunl0", "2001:db8::1/128 tunl0")
    host.state("modules", "ipip tunl0", "fou fou0")
    for path, value in ((ARP, "0"), (ALL_STRICT, "1"), (DEVICE_STRICT, "0")):
        host.sysctl(path, value)
    return host


# ---- a director


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


# ---- real servers


def test_a_real_server_behind_a_tunnel(tunnels: Machine) -> None:
    """Device, port, settings and addresses; all of it is told."""
    told = tunnels.unit("tun-real-server", "start")
    assert tunnels.has("up") == ["tunl0"]
    assert tunnels.has("fou") == ["4 6080"]
    assert tunnels.sysctl(ARP) == "1"
    assert tunnels.sysctl(DEVICE_STRICT) == "2"
    assert tunnels.has("addresses") == ["tunl0 192.0.2.1/32", "tunl0 2001:db8::1/128"]
    assert told.splitlines() == [
        "added tunl0",
        "added 4 6080",
        f"added {ARP} 1",
        f"added {DEVICE_STRICT} 2",
        "added 192.0.2.1/32 tunl0",
        "added 2001:db8::1/128 tunl0",
    ]
    assert tunnels.unit("tun-real-server", "start") == ""


def test_a_real_server_gives_everything_back(tunnels: Machine) -> None:
    """As it was before."""
    tunnels.unit("tun-real-server", "start")
    tunnels.unit("tun-real-server", "stop")
    for name in ("up", "fou", "addresses"):
        assert tunnels.has(name) == [], name
    assert (tunnels.sysctl(ARP), tunnels.sysctl(DEVICE_STRICT)) == ("0", "0")
    assert tunnels.unit("tun-real-server", "stop") == ""


def test_devices_and_ports_that_were_the_hosts_own_stay(tunnels: Machine) -> None:
    """The device was up, and the port open; that of the other family is another one."""
    tunnels.state("devices", "tunl0")
    tunnels.state("up", "tunl0")
    tunnels.state("fou", "4 6080", "6 6080")
    tunnels.unit("tun-real-server", "start")
    tunnels.unit("tun-real-server", "stop")
    assert tunnels.has("up") == ["tunl0"]
    assert tunnels.has("fou") == ["4 6080", "6 6080"]
    tunnels.state("fou", "6 6080")
    tunnels.unit("tun-real-server", "start")
    assert tunnels.has("fou") == ["6 6080", "4 6080"]


def test_no_address_that_is_not_kept_quiet_about(tunnels: Machine) -> None:
    """By IPv4, where ARP answers for it. What can be served without is served."""
    (tunnels.root / "proc/sys" / ARP).unlink()
    told = tunnels.unit("tun-real-server", "start", status=1)
    assert f"lvs-unit: not added {ARP} 1" in told
    assert "lvs-unit: not added 192.0.2.1/32 tunl0" in told
    assert tunnels.has("addresses") == ["tunl0 2001:db8::1/128"]


def test_a_device_that_the_kernel_lacks(tunnels: Machine) -> None:
    """It is told, and what comes in by another one is served."""
    tunnels.etc("tun-real-server.devices", "tunl9", "tunl0")
    told = tunnels.unit("tun-real-server", "start", status=1)
    assert "use a kernel with ipip fou" in told
    assert tunnels.has("addresses") == ["tunl0 192.0.2.1/32", "tunl0 2001:db8::1/128"]


def test_an_address_is_a_matter_of_its_interface(tunnels: Machine) -> None:
    """A host may have it by direct routing and by a tunnel at once."""
    tunnels.etc("dr-real-server.addresses", "192.0.2.1/32 lo")
    tunnels.unit("dr-real-server", "start")
    tunnels.unit("tun-real-server", "start")
    assert "lo 192.0.2.1/32" in tunnels.has("addresses")
    assert "tunl0 192.0.2.1/32" in tunnels.has("addresses")
    tunnels.unit("dr-real-server", "stop")
    assert "lo 192.0.2.1/32" not in tunnels.has("addresses")
    assert "tunl0 192.0.2.1/32" in tunnels.has("addresses")


def test_a_setting_that_both_need_stays_until_neither_does(tunnels: Machine) -> None:
    """Whichever goes first; then it is what it was before both."""
    tunnels.sysctl(ARP, "2")
    tunnels.etc("dr-real-server.settings", f"{ARP} 1")
    tunnels.unit("dr-real-server", "start")
    tunnels.unit("tun-real-server", "start")
    tunnels.unit("dr-real-server", "stop")
    assert tunnels.sysctl(ARP) == "1"
    tunnels.unit("dr-real-server", "start")
    tunnels.unit("tun-real-server", "stop")
    assert tunnels.sysctl(ARP) == "1"
    tunnels.unit("dr-real-server", "stop")
    assert tunnels.sysctl(ARP) == "2"


def test_what_somebody_has_set_meanwhile_stays(tunnels: Machine) -> None:
    """And is what was there before, the next time."""
    tunnels.unit("tun-real-server", "start")
    tunnels.sysctl(ARP, "8")
    tunnels.unit("tun-real-server", "stop")
    assert tunnels.sysctl(ARP) == "8"
    tunnels.unit("tun-real-server", "start")
    assert tunnels.sysctl(ARP) == "1"
    tunnels.unit("tun-real-server", "stop")
    assert tunnels.sysctl(ARP) == "8"


def test_what_somebody_has_set_meanwhile_is_put_right_by_a_start(tunnels: Machine) -> None:
    """And a stop still gives back what was there before the first one."""
    tunnels.unit("tun-real-server", "start")
    tunnels.sysctl(ARP, "0")
    assert tunnels.unit("tun-real-server", "give", "settings") == f"added {ARP} 1\n"
    assert tunnels.sysctl(ARP) == "1"
    tunnels.unit("tun-real-server", "stop")
    assert tunnels.sysctl(ARP) == "0"


@pytest.mark.parametrize(
    ("of_all", "own", "then"),
    [("1", "0", "2"), ("0", "1", "2"), ("0", "0", "0"), ("2", "0", "0"), ("1", "2", "2")],
)
def test_paths_are_loose_only_where_they_were_strict(
    tunnels: Machine, of_all: str, own: str, then: str
) -> None:
    """The kernel takes the higher of both values; only 1 is strict. That of all is not touched."""
    tunnels.sysctl(ALL_STRICT, of_all)
    tunnels.sysctl(DEVICE_STRICT, own)
    for _again in range(2):
        tunnels.unit("tun-real-server", "start")
        assert tunnels.sysctl(DEVICE_STRICT) == then
        assert tunnels.sysctl(ALL_STRICT) == of_all
    tunnels.unit("tun-real-server", "stop")
    assert tunnels.sysctl(DEVICE_STRICT) == own


def test_retiring_takes_back_what_is_no_longer_declared(tunnels: Machine) -> None:
    """Port, device and settings; addresses are the module's, which goes first."""
    tunnels.unit("tun-real-server", "start")
    tunnels.etc("tun-real-server.ports")
    tunnels.etc("tun-real-server.settings", f"{ARP} 1")
    assert tunnels.unit("tun-real-server", "retire").splitlines() == [
        "removed 4 6080",
        f"removed {DEVICE_STRICT} 2",
    ]
    assert tunnels.has("fou") == []
    assert tunnels.has("up") == ["tunl0"]
    assert (tunnels.sysctl(ARP), tunnels.sysctl(DEVICE_STRICT)) == ("1", "0")
    assert tunnels.unit("tun-real-server", "retire") == ""


def test_what_former_releases_had_written_down(tunnels: Machine) -> None:
    """Lists are the same, and so is where a setting's value before is: nothing is lost."""
    kept = tunnels.root / "run/lvs-cluster/settings" / ARP.replace("/", ":")
    kept.mkdir(parents=True)
    (kept / "before").write_text("2\n")
    (kept / "tun").write_text("1\n")
    tunnels.sysctl(ARP, "1")
    for name, line in (("devices", "tunl0"), ("ports", "4 6080"), ("addresses", "x")):
        (kept.parents[1] / f"tun-real-server.{name}").write_text(f"{line}\n")
    (kept.parents[1] / "tun-real-server.addresses").write_text("192.0.2.1/32 tunl0\n")
    for name, line in (("up", "tunl0"), ("fou", "4 6080"), ("addresses", "tunl0 192.0.2.1/32")):
        tunnels.state(name, line)
    tunnels.unit("tun-real-server", "start")
    tunnels.unit("tun-real-server", "stop")
    for name in ("up", "fou", "addresses"):
        assert tunnels.has(name) == [], name
    assert tunnels.sysctl(ARP) == "2"


@pytest.mark.parametrize(
    ("family", "gateway", "before"),
    [
        ("4", "10.0.0.1", ["default via 10.0.0.254 dev eth0 proto dhcp metric 100"]),
        ("4", "10.0.0.1", []),
        ("6", "fd00::1", ["default via fe80::1 dev eth0 proto ra metric 1024 pref medium"]),
        (
            "4",
            "10.0.0.1",
            ["default dev ppp0 scope link", "default via 10.0.0.9 dev eth0 metric 9"],
        ),
    ],
)
def test_the_default_route_of_before_comes_back(
    host: Machine, family: str, gateway: str, before: list[str]
) -> None:
    """With all its words; and while the unit is on there is one alone."""
    host.etc("nat-real-server.gateway", "# Managed", f"{gateway} eth1")
    host.state(f"routes{family}", *before)
    host.unit("nat-real-server", "start")
    assert host.has(f"routes{family}") == [f"default via {gateway} dev eth1"]
    host.unit("nat-real-server", "start")
    host.unit("nat-real-server", "stop")
    assert host.has(f"routes{family}") == before
    assert host.unit("nat-real-server", "stop") == ""


def test_the_gateway_was_the_hosts_own(host: Machine) -> None:
    """Then a stop leaves it, though ip shows it with a word that it would not take."""
    host.etc("nat-real-server.gateway", "10.0.0.1 eth1")
    host.state("routes4", "default via 10.0.0.1 dev eth1 linkdown")
    host.unit("nat-real-server", "start")
    host.unit("nat-real-server", "stop")
    assert [line.split(" linkdown")[0] for line in host.has("routes4")] == [
        "default via 10.0.0.1 dev eth1"
    ]


def test_routes_that_the_module_has_written_down(host: Machine) -> None:
    """They are those from before its change; next hops are on their route's line."""
    host.etc("nat-real-server.gateway", "10.0.0.1 eth1")
    host.state("routes4", "default via 10.0.0.1 dev eth1")
    before = "default proto static nexthop via 10.0.0.8 dev eth0 weight 1"
    (host.root / "run/lvs-cluster").mkdir()
    (host.root / "run/lvs-cluster/nat-real-server.routes").write_text(f"{before}\n")
    host.unit("nat-real-server", "start")
    host.unit("nat-real-server", "stop")
    assert host.has("routes4") == [before]


@pytest.mark.parametrize(
    "words", [(), ("director",), ("director", "go"), ("nobody", "start"), ("../x", "stop")]
)
def test_words_that_are_not_known(host: Machine, words: tuple[str, ...]) -> None:
    """Nothing is done."""
    assert host.unit(*words, status=2).startswith("usage: lvs-unit [-n] OWNER start|stop|")
    assert not (host.root / "run/lvs-cluster").exists()


# ---- while one director takes over from another


@pytest.fixture
def pair(host: Machine) -> Machine:
    """One of two directors."""
    host.etc("keepalived.nft", *CHAINS.format(table="lvs_handover", chain="output").splitlines())
    host.etc("keepalived.addresses", "192.0.2.1/32 eth1", "2001:db8::1/128 eth1")
    return host


@pytest.mark.parametrize(
    ("word", "element"), [("unsettled", "{ tcp }"), ("settle", "{ tcp timeout 3s }")]
)
def test_a_director_that_is_not_settled(pair: Machine, word: str, element: str) -> None:
    """The rules are loaded with it, each time: they may be gone."""
    pair.run("lvs-handover", word)
    text = "\n".join(pair.has("loaded"))
    assert "chain output {" in text
    assert "flush set inet lvs_handover draining" in text
    assert f"add element inet lvs_handover unsettled {element}" in text


def test_a_director_that_serves_lets_its_connections_be_told(pair: Machine) -> None:
    """It takes 2.5 seconds, in which none begins."""
    pair.state("addresses", "eth1 2001:db8::1/128")
    pair.run("lvs-handover", "drain")
    assert "unsettled" not in "\n".join(pair.has("loaded"))
    assert "add element inet lvs_handover draining { tcp timeout 10s }" in pair.has("loaded")
    assert pair.has("slept") == ["2.5"]


def test_a_director_that_does_not_serve_ends_at_once(pair: Machine) -> None:
    """It has none of the addresses."""
    pair.state("addresses", "eth1 192.0.2.7/32")
    pair.run("lvs-handover", "drain")
    assert pair.has("slept") == []
    assert pair.has("loaded") == []


def test_the_rules_go(pair: Machine) -> None:
    """Once, and nobody else's."""
    pair.run("lvs-handover", "unsettled")
    pair.state("nft", *pair.has("nft"), "inet filter")
    pair.run("lvs-handover", "absent")
    pair.run("lvs-handover", "absent")
    assert pair.has("nft") == ["inet filter"]


def test_handover_says_how_it_is_used(pair: Machine) -> None:
    """Another word is none of its."""
    assert "usage: lvs-handover unsettled|settle|drain|absent" in pair.run(
        "lvs-handover", "go", status=2
    )


# ---- ldirectord's configuration


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [
        ('virtual=192.0.2.1:80\n\treceive="yes|no"\n', 0, ""),
        ("MISTAKE\n", 1, "unknown directive"),
        ('virtual=192.0.2.1:80\n\treceive="("\n', None, "Unmatched ("),
    ],
)
def test_a_configuration_is_checked(
    host: Machine, text: str, status: int | None, told: str
) -> None:
    """By ldirectord itself, and its expressions by Perl."""
    conf = host.root / "ldirectord.cf"
    conf.write_text(text)
    assert told in host.run("lvs-ldirectord-check", str(conf), status=status)
