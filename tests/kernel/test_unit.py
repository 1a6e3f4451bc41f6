# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director's unit gives, beside ipvsadm, nft and /proc; drift by hand is put right."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from node import CHECKOUT, Node

PROGRAM = CHECKOUT / "roles" / "_unit" / "files" / "lvs-unit"
CONNTRACK = "/proc/sys/net/ipv4/vs/conntrack"
FORWARD = "/proc/sys/net/ipv4/ip_forward"
SHOWN = f"nft list ruleset; ipvsadm -L --timeout; ipvsadm -L --daemon; cat {CONNTRACK} {FORWARD}"
MASTER = "--start-daemon master --mcast-interface eth2 --syncid 7"
CHAIN = """table inet lvs_cluster {{
	chain {name} {{
		type {type}; policy accept;
	}}
}}
flush chain inet lvs_cluster {name}
table inet lvs_cluster {{
	chain {name} {{
{rules}
	}}
}}
"""
NFT = CHAIN.format(
    name="postrouting",
    type="nat hook postrouting priority srcnat",
    rules='\t\tip saddr 10.0.0.0/24 ip daddr != 10.0.0.0/24 oifname { "eth1", "eth9" } masquerade',
)
MARKS = CHAIN.format(
    name="marks",
    type="filter hook prerouting priority mangle",
    rules="\t\tip daddr { 192.0.2.1 } tcp dport { 80, 443, 8000-8010 } meta mark set 10\n"
    "\t\tip6 daddr { 2001:db8::1 } meta l4proto { tcp, udp, sctp } meta mark set 10",
)


class Director:
    """The node with the unit's program, and its files."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def write(self, name: str, text: str) -> None:
        """Write a file in /etc/lvs-cluster."""
        self.node.command("tee", f"/etc/lvs-cluster/director.{name}", text=text)

    def give(self, *parts: str, check: bool = False, **lines: list[str]) -> dict[str, Any]:
        """Run the module."""
        named = {name.replace("_", "-"): value for name, value in lines.items()}
        arguments = {"owner": "director", "lines": named, "give": list(parts)}
        return self.node.module("unit", arguments, check=check)

    def value(self, path: str) -> str:
        """Return one of the kernel's settings."""
        return self.node.command("cat", path).strip()

    def run(self, command: str) -> str:
        """Run a command of somebody who works on the host."""
        return self.node.command("sh", "-c", command)

    def shown(self) -> list[str]:
        """Return all that the tests change by hand, in whatever order it is shown."""
        return sorted(self.run(SHOWN).splitlines())


@pytest.fixture
def director(node: Node) -> Iterator[Director]:
    """A director without a table."""
    clean = (
        "ipvsadm -C; ipvsadm --set 900 120 300; ipvsadm --stop-daemon master 2>/dev/null;"
        " ip address flush dev lo to 10.9.9.0/24;"
        " nft delete table inet lvs_cluster 2>/dev/null; rm -rf /etc/lvs-cluster /run/lvs-cluster;"
        f" echo 0 >{CONNTRACK}; echo 0 >{FORWARD}; mkdir /etc/lvs-cluster"
    )
    node.command("sh", "-c", clean)
    program = "cat >/usr/local/sbin/lvs-unit; chmod 755 /usr/local/sbin/lvs-unit"
    node.command("sh", "-c", program, text=Path(PROGRAM).read_text())
    director = Director(node)
    director.write("nft", NFT)
    director.write("marks", MARKS)
    node.command("mv", "/etc/lvs-cluster/director.marks", "/etc/lvs-cluster/director-marks.nft")
    yield director
    node.command("sh", "-c", clean)


DRIFT = {
    "masquerading is gone": (
        ["nft"], "nft delete chain inet lvs_cluster postrouting", "loaded director.nft",
    ),
    "a rule is gone": (
        ["marks"], "nft flush chain inet lvs_cluster marks", "loaded director-marks.nft",
    ),
    "a rule more": (
        ["marks"], "nft insert rule inet lvs_cluster marks accept",
        "loaded director-marks.nft",
    ),
    "all rules are gone": (
        ["nft", "marks"], "nft flush ruleset", "loaded director.nft, loaded director-marks.nft",
    ),
    "an IPVS setting": (["settings"], f"echo 0 >{CONNTRACK}", "added net/ipv4/vs/conntrack 1"),
    "forwarding": (["settings"], f"echo 0 >{FORWARD}", "added net/ipv4/ip_forward 1"),
    "timeouts": (["timeouts"], "ipvsadm --set 1 2 3", "set the timeouts to 7200 2 60"),
    "a daemon": (["daemons"], "ipvsadm --stop-daemon master", "started daemon master"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "by_hand", "told"), DRIFT.values(), ids=list(DRIFT))
def test_drift_by_hand(director: Director, parts: list[str], by_hand: str, told: str) -> None:
    """A check shows it, a run puts it right, and the next one has nothing to do."""
    lines: dict[str, Any] = {
        "settings": ["net/ipv4/vs/conntrack 1", "net/ipv4/ip_forward 1"],
        "timeouts": ["7200 0 60"],
        "daemons": [MASTER],
    }
    every = ["settings", "timeouts", "nft", "marks", "daemons"]
    first = director.give(*every, **lines)
    assert first["changed"], first
    good = director.shown()
    assert not director.give(*every, **lines)["changed"]
    director.run(by_hand)
    bad = director.shown()
    assert bad != good
    checked = director.give(*parts, check=True, **lines)
    assert ", ".join(checked["changes"]) == told
    assert checked["diff"][0]["after"].splitlines() == checked["changes"]
    assert director.shown() == bad
    assert director.give(*parts, **lines)["changes"] == checked["changes"]
    assert not director.give(*every, **lines)["changed"]
    if "timeouts" in parts:  # TCP's after a FIN was never ours
        good = [line.replace("7200 120 60", "7200 2 60") for line in good]
    assert director.shown() == good


def test_what_leaves_the_description_goes_back(director: Director) -> None:
    """A timeout, a setting: to what they were before; others are left alone."""
    director.run(f"ipvsadm --set 800 100 200; echo 1 >{CONNTRACK}")
    director.give("settings", "timeouts", settings=["net/ipv4/vs/conntrack 0"], timeouts=["0 0 60"])
    assert director.run("ipvsadm -L --timeout").split()[-3:] == ["800", "100", "60"]
    assert director.value(CONNTRACK) == "0"
    told = director.node.module(
        "unit",
        {
            "owner": "director",
            "lines": {"settings": [], "timeouts": []},
            "give": ["timeouts"],
            "retire": True,
        },
    )
    assert told["changes"] == ["set the timeouts to 800 100 200", "removed net/ipv4/vs/conntrack 0"]
    assert director.run("ipvsadm -L --timeout").split()[-3:] == ["800", "100", "200"]
    assert director.value(CONNTRACK) == "1"


ALONG = {
    "net/ipv4/ip_forward": [
        "net/ipv4/conf/lo/forwarding",
        "net/ipv4/conf/default/forwarding",
        "net/ipv4/conf/all/accept_redirects",
    ],
    "net/ipv6/conf/all/forwarding": [
        "net/ipv6/conf/lo/forwarding",
        "net/ipv6/conf/default/forwarding",
    ],
}


@pytest.mark.parametrize("forwarding", ALONG)
@pytest.mark.parametrize(
    ("by_hand", "meanwhile", "then"),
    [("0 0 0", "", "0 0 0"), ("1 0 1", "", "1 0 1"), ("0 0 0", "1 1 1", "0 0 1")],
)
def test_what_the_kernel_sets_along_goes_back(
    director: Director, forwarding: str, by_hand: str, meanwhile: str, then: str
) -> None:
    """Forwarding of each interface, and whether redirects are taken; not what others have set."""
    paths = ALONG[forwarding]

    def write(values: str) -> None:
        for path, value in zip(paths, values.split()):
            director.run(f"echo {value} >/proc/sys/{path}")

    was = [director.value(f"/proc/sys/{path}") for path in paths]
    director.run(f"echo 0 >/proc/sys/{forwarding}")
    write(by_hand)
    director.give("settings", settings=[f"{forwarding} 1"])
    assert director.value(f"/proc/sys/{paths[0]}") == "1"
    write(meanwhile)
    for _twice in range(2):
        told = {"owner": "director", "lines": {"settings": []}, "retire": True}
        director.node.module("unit", told)
        found = [director.value(f"/proc/sys/{path}") for path in paths]
        assert found == then.split()[: len(paths)], paths
    assert director.value(f"/proc/sys/{forwarding}") == "0"
    write(" ".join(was))


# A description, another one, and what the role asks for in each half of a run: first what is added,
# at its end what is taken back.
NFT_OF_BEFORE = CHAIN.format(
    name="postrouting", type="nat hook postrouting priority srcnat", rules=""
)
BEFORE: dict[str, Any] = {
    "contents": {"director.nft": NFT_OF_BEFORE},
    "lines": {"settings": ["net/ipv4/vs/conntrack 1"], "addresses": ["10.9.9.1/32 lo"]},
    "addresses": ["10.9.9.1/32 lo"],
}
CHANGED: dict[str, Any] = {
    "contents": {"director.nft": NFT},
    "lines": {
        "settings": ["net/ipv4/ip_forward 1"],
        "addresses": ["10.9.9.2/32 lo", "10.9.9.3/32 lo"],
    },
    "addresses": ["10.9.9.2/32 lo", "10.9.9.3/32 lo"],
}
HALVES: tuple[dict[str, Any], ...] = (
    {"owner": "director", "former": "keep", "give": ["settings", "nft"]},
    {"owner": "director", "retire": True},
)


def test_killed_at_each_step(director: Director) -> None:
    """Of a run that is killed wherever it may be, the former description leaves nothing."""

    def run(description: dict[str, Any]) -> None:
        for half in HALVES:
            told = director.node.module("unit", {**half, **description})
            assert not told.get("failed"), told

    def found() -> str:
        files = "ls /etc/lvs-cluster /run/lvs-cluster; cat /etc/lvs-cluster/* /run/lvs-cluster/*"
        return director.run(f"{files}; ip -o address show dev lo; {SHOWN}")

    run(BEFORE)
    before = found()
    for half in HALVES:
        killed = 0
        while True:
            run(BEFORE)
            if half is HALVES[1]:
                director.node.module("unit", {**HALVES[0], **CHANGED})
            done = director.node.killed_module("unit", {**half, **CHANGED}, writes=killed)
            if done.rc != -signal.SIGKILL:
                break
            run(BEFORE)
            assert found() == before, (half, killed)
            killed += 1
        assert killed >= len(CHANGED["lines"])


def test_a_setting_that_the_kernel_lacks(director: Director) -> None:
    """It is told by its name, and the others are set."""
    lines = ["net/ipv4/vs/no_such 1", "net/ipv4/vs/conntrack 1"]
    failed = director.give("settings", settings=lines)
    assert failed["failed"]
    assert "this kernel has no /proc/sys/net/ipv4/vs/no_such" in failed["msg"]
    assert director.value(CONNTRACK) == "1"


@pytest.mark.parametrize(
    "cut", ["-a -t 192.0.2.1:80 -r", "-a -t 192.0.2.1:80 -r 10.0.0.x", "-A -t 192"]
)
def test_a_table_of_which_a_rule_is_cut_short(director: Director, cut: str) -> None:
    """What ipvsadm takes is there, whatever is broken before it; the unit says what is not."""
    rules = [
        "-A -t 192.0.2.1:80 -s rr",
        "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1",
        cut,
        "-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1",
        "-A -f 10 -6 -s wlc -p 300",
        "-a -f 10 -6 -r [2001:db8::9]:0 -g -w 3",
    ]
    director.run("ln -s /tmp/rules /etc/lvs-cluster/director.rules")
    director.node.command("tee", "/tmp/rules", text="".join(f"{rule}\n" for rule in rules))
    failed = director.give("table")
    assert failed["failed"]
    assert f"{cut}: " in failed["msg"]
    assert director.run("ipvsadm -Sn").splitlines() == [rule for rule in rules if rule != cut]


def test_a_cleared_table_comes_back(director: Director) -> None:
    """Whole services only: of one that is there, servers and weights are the admin's."""
    rules = ["-A -t 192.0.2.1:80 -s rr", "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1"]
    director.run("ln -s /tmp/rules /etc/lvs-cluster/director.rules")
    director.node.command("tee", "/tmp/rules", text="".join(f"{rule}\n" for rule in rules))
    assert director.give("table")["changes"] == ["added 1 services"]
    assert director.run("ipvsadm -Sn").splitlines() == rules
    director.run("ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 0")
    assert not director.give("table")["changed"]
    director.run("ipvsadm -C")
    assert director.give("table", check=True)["changes"] == ["added 1 services"]
    assert director.run("ipvsadm -Sn") == ""


def test_lines_are_kept_until_they_are_dropped(director: Director) -> None:
    """And what is no line is refused."""
    arguments = {"owner": "director", "lines": {"services": ["-f 1"]}, "former": "keep"}
    assert director.node.module("unit", arguments)["changed"]
    arguments["lines"] = {"services": ["-f 2"]}
    checked = director.node.module("unit", arguments, check=True)
    assert checked["diff"][0]["after"] == "-f 2\n-f 1\n"
    assert director.node.module("unit", arguments)["files"] == [
        "/etc/lvs-cluster/director.services"
    ]
    assert director.run("grep -v '#' /etc/lvs-cluster/director.services") == "-f 2\n-f 1\n"
    assert not director.node.module("unit", arguments)["changed"]
    refused = director.give(services=["-f 3\n-f 4"])
    assert refused["failed"]
    assert "services '-f 3\\n-f 4' is not one line" in refused["msg"]
    assert not director.give(services=["-f 2", "-f 1"])["changed"]
