# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules: what ipvsadm prints we read, what it takes we print, and both mean the same to both."""

from __future__ import annotations

from itertools import cycle, product
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import SCHEDULERS
from node import ON_NODE, Node
from witness import Ipvs

# The sessions of the write-ups that the systems come from, as they were typed.
SESSIONS = {
    "nat": """
        [root@node2 ~]# ipvsadm -A -t 192.168.0.111:80 -s rr
        [root@node2 ~]# ipvsadm -a -t 192.168.0.111:80 -r 192.168.137.131 -m
        [root@node2 ~]# ipvsadm -a -t 192.168.0.111:80 -r 192.168.137.130 -m
    """,
    "nat, weights": """
        ipvsadm -A -t 192.168.0.111:80 -s rr
        ipvsadm -a -t 192.168.0.111:80 -r 192.168.137.131 -m
        ipvsadm -a -t 192.168.0.111:80 -r 192.168.137.130 -m
        ipvsadm -E -t 192.168.0.111:80 -s wrr
        ipvsadm -e -t 192.168.0.111:80 -r 192.168.137.130 -m -w 6
        ipvsadm -e -t 192.168.0.111:80 -r 192.168.137.131 -m -w 2
    """,
    "nat, another port, another scheduler": """
        ipvsadm -A -t 192.168.0.111:80 -s wrr
        ipvsadm -a -t 192.168.0.111:80 -r 192.168.137.131 -m -w 6
        ipvsadm -a -t 192.168.0.111:80 -r 192.168.137.130 -m -w 2
        ipvsadm -d -t 192.168.0.111:80 -r 192.168.137.130
        ipvsadm -d -t 192.168.0.111:80 -r 192.168.137.131
        ipvsadm -a -t 192.168.0.111:80 -r 192.168.137.131:8080 -m -w 6
        ipvsadm -a -t 192.168.0.111:80 -r 192.168.137.130:8080 -m -w 6
        ipvsadm -E -t 192.168.0.111:80 -s sh
        ipvsadm -d -t 192.168.0.111:80 -r 192.168.137.130:8080
        ipvsadm -d -t 192.168.0.111:80 -r 192.168.137.131:8080
        ipvsadm -a -t 192.168.0.111:80 -r 192.168.137.131:80 -m
        ipvsadm -a -t 192.168.0.111:80 -r 192.168.137.130:80 -m
    """,
    "direct routing": """
        ipvsadm -A -t 192.168.137.100:80 -s rr
        ipvsadm -a -t 192.168.137.100:80 -r 192.168.137.131
        ipvsadm -a -t 192.168.137.100:80 -r 192.168.137.130
        ipvsadm -A -t 10.0.0.100:443 -s rr
        ipvsadm -a -t 10.0.0.100:443 -r 192.168.137.130
        ipvsadm -a -t 10.0.0.100:443 -r 192.168.137.131
    """,
    "a mark": """
        ipvsadm -A -f 10 -s rr
        ipvsadm -a -f 10 -r 192.168.137.131 -g
        ipvsadm -a -f 10 -r 192.168.137.130 -g
        ipvsadm -E -f 10 -s rr -p
    """,
    "all ports": """
        sudo ipvsadm -A -t 219.223.199.164:0 -s wrr -p 30
        sudo ipvsadm -a -t 219.223.199.164:0 -r 192.168.1.21:0 -m -w 1
        sudo ipvsadm -a -t 219.223.199.164:0 -r 192.168.1.22:0 -m -w 1
    """,
    "weighted": """
        ipvsadm -C
        ipvsadm -A -t 172.16.1.143:80 -s wrr
        ipvsadm -a -t 172.16.1.143:80 -r 192.168.1.11:80 -m -w 1
        ipvsadm -a -t 172.16.1.143:80 -r 192.168.1.12:80 -m -w 2
    """,
}


def _everything() -> list[str]:
    """Return rules with all that a rule can say, in the words of ipvsadm -Sn."""
    rules = []
    servers = cycle(
        [
            "-r {4}:{port} -m -w 0",
            "-r {4}:{port} -g -w 65535",
            "-r {4}:{port} -i -w 1 --tun-type ipip",
            "-r {4}:{port} -i -w 2 --tun-type gue --tun-port 6080 --tun-nocsum",
            "-r {4}:{port} -i -w 3 --tun-type gue --tun-port 65535 --tun-csum",
            "-r {4}:{port} -i -w 4 --tun-type gue --tun-port 1 --tun-remcsum",
            "-r {4}:{port} -i -w 5 --tun-type gre --tun-nocsum",
            "-r {4}:{port} -i -w 6 --tun-type gre --tun-csum",
        ]
    )
    addresses = {"4": "192.168.137.131", "6": "[fd00:0:0:2::131]"}
    vips = {"4": "192.168.0.111", "6": "[fd00:0:0:1::111]"}
    options = cycle(["", " -p 360", " -p 1 -M {mask}", " -p 2678400 -M {narrow}"])
    masks = {
        "4": {"mask": "255.255.255.0", "narrow": "128.0.0.0"},
        "6": {"mask": "64", "narrow": "1"},
    }
    flags = {"sh": " -b sh-fallback,sh-port", "mh": " -b mh-fallback,mh-port", "wlc": " -b flag-2"}
    kinds = ("-t", "-u", "--sctp-service", "-f")
    for port, (scheduler, kind, family) in enumerate(product(SCHEDULERS, kinds, "46"), 1000):
        service = f"{kind} {vips[family]}:{port}"
        if kind == "-f":
            service = f"-f {port}{' -6' if family == '6' else ''}"
        said = next(options).format(**masks[family]) + flags.get(scheduler, "")
        engine = " --pe sip" if kind == "-u" and "-p" in said else ""
        packet = " -o" if kind == "-u" else ""
        words = said.split(" -b ")
        end = f" -b {words[1]}" if len(words) > 1 else ""
        rules.append(f"-A {service} -s {scheduler}{words[0]}{engine}{packet}{end}")
        server = next(servers).replace("{4}", addresses[family])
        rules.append(f"-a {service} {server.format(port=0 if kind == '-f' else port)}")
    return rules


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_means_what_it_meant_to_ipvsadm(ipvs: Ipvs, node: Node, name: str) -> None:
    """The same lines, run by ipvsadm and pasted as rules, make the same table."""
    for line in SESSIONS[name].strip().splitlines():
        node.command("sh", "-c", line[line.index("ipvsadm") :])
    made = ipvs.rules()
    assert made
    node.command("ipvsadm", "-C")
    ipvs.converge("ipvs_table", rules=SESSIONS[name], prune="all")
    assert ipvs.rules() == made


def test_what_ipvsadm_prints_is_the_table_that_it_printed(ipvs: Ipvs, node: Node) -> None:
    """Every scheduler, kind, family, flag and tunnel, with numbers and with names."""
    ipvs.add(*_everything())
    for options in ("-Sn", "-S"):
        text = node.command("ipvsadm", options)
        assert len(text.splitlines()) == len(_everything())
        result = ipvs.run("ipvs_table", rules=text, prune="all")
        assert result["operations"] == [], options


def test_what_we_print_is_taken_by_ipvsadm(ipvs: Ipvs, node: Node) -> None:
    """ipvsadm -R of our text makes the table that we read, thresholds included."""
    ipvs.add(*_everything())
    ipvs.run(
        "ipvs_real_server",
        fwmark=1006,
        address="192.168.137.131",
        upper_threshold=9,
        lower_threshold=3,
    )
    printed = node.module("ipvs_info", {})["rules"]
    rules = ipvs.rules()
    thresholds = ipvs.listed("--thresholds")
    tunnels = ipvs.listed("--tun-info")
    assert ["9", "3"] in [words[2:4] for words in thresholds]
    node.command("ipvsadm", "-C")
    ipvs.add(*printed)
    assert ipvs.rules() == rules
    assert ipvs.listed("--thresholds") == thresholds
    assert ipvs.listed("--tun-info") == tunnels


def test_a_file_of_rules(ipvs: Ipvs, node: Node) -> None:
    """The file that ipvsadm-save writes, on the target."""
    ipvs.add(*_everything()[:40])
    saved = ipvs.rules()
    node.command("sh", "-c", f"ipvsadm-save -n > {ON_NODE}/rules")
    node.command("ipvsadm", "-C")
    ipvs.converge("ipvs_table", src=f"{ON_NODE}/rules")
    assert ipvs.rules() == saved


def test_rules_without_a_real_server_have_none(ipvs: Ipvs) -> None:
    """Rules describe all of a service: real servers that they do not name go."""
    service = "-A -t 192.168.0.111:80 -s rr"
    ipvs.add(service, "-a -t 192.168.0.111:80 -r 192.168.137.131:80 -m -w 1")
    ipvs.converge("ipvs_table", rules=service)
    assert ipvs.rules() == [service]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"rules": "-A -t 192.168.0.111:80 -s best"}, ["192.168.0.111:80", "scheduler 'best'"]),
        ({"rules": "-A -f 1\n-A -f 1"}, ["rules, line 2 (-A -f 1)", "is there already"]),
        (
            {"rules": "-A -t no.such.host.invalid:80"},
            ["line 1", "'no.such.host.invalid' is no address"],
        ),
        ({"src": "/no/such/file"}, ["src '/no/such/file' cannot be read (No such file"]),
        ({"src": "/usr/bin/true"}, ["src '/usr/bin/true' cannot be read (it is no text)"]),
        ({}, ["one of the following is required: services, rules, src"]),
        ({"rules": "", "src": "/x"}, ["mutually exclusive"]),
    ],
)
def test_bad_rules(ipvs: Ipvs, arguments: dict[str, Any], said: list[str]) -> None:
    """One sentence, and nothing changed."""
    ipvs.add("-A -t 192.168.0.111:80 -s rr")
    ipvs.refuse("ipvs_table", *said, **arguments)


THOUSAND = [f"-A -t 10.{i // 200}.{i % 200}.1:80 -s rr" for i in range(1000)]


def test_what_pruning_would_delete_stands_in_the_diff(ipvs: Ipvs) -> None:
    """Of a thousand services of others, each one; and check mode deletes none."""
    ipvs.add(*THOUSAND)
    mine = "-A -t 192.168.0.111:80 -s rr"
    result = ipvs.run("ipvs_table", check=True, rules=mine, prune="all")
    before = result["diff"]["before"].splitlines()
    after = result["diff"]["after"].splitlines()
    assert sorted(set(before) - set(after)) == sorted(THOUSAND)
    assert after == [mine]
    assert [o["effect"] for o in result["operations"]].count("drops connections") == 1000


def test_others_go_on_outside_of_our_scope(ipvs: Ipvs, node: Node) -> None:
    """While somebody edits services outside, tables are applied inside, whatever is pruned."""
    theirs = "-t 10.0.0.1:80"
    loop = (
        f"ipvsadm -A {theirs} -s rr; n=0; while [ ! -e {ON_NODE}/enough ]; do n=$((n+1));"
        f" ipvsadm -a {theirs} -r 10.0.1.1 -m -w 1 && ipvsadm -e {theirs} -r 10.0.1.1 -m -w 2"
        f" && ipvsadm -E {theirs} -s wrr && ipvsadm -d {theirs} -r 10.0.1.1"
        f" && echo $n > {ON_NODE}/rounds || break; done; echo ended > {ON_NODE}/ended"
    )
    node.command("sh", "-c", f"rm -f {ON_NODE}/enough {ON_NODE}/ended {ON_NODE}/rounds")
    node.command("sh", "-c", f"({loop}) > /dev/null 2> {ON_NODE}/said &")

    def rounds() -> int:
        # It is empty for a moment, each time that it is written.
        return int(node.command("sh", "-c", f"cat {ON_NODE}/rounds 2>/dev/null || true") or 0)

    ours = [f"-A -t 192.168.0.111:{port} -s rr" for port in range(80, 90)]
    for turn in range(10):
        more = rounds() + 1
        result = node.module(
            "ipvs_table",
            {"rules": "\n".join(ours[turn:]), "prune": "all", "scope": ["192.168.0.0/24"]},
        )
        assert result["changed"] is True, result
        while rounds() < more:
            assert node.try_command("test", "-e", f"{ON_NODE}/ended").rc != 0
    node.command("touch", f"{ON_NODE}/enough")
    ipvs.wait_for(lambda: node.try_command("test", "-e", f"{ON_NODE}/ended").rc == 0)
    assert node.command("cat", f"{ON_NODE}/said") == ""
    assert sorted(ipvs.rules()) == [f"-A {theirs} -s wrr", ours[-1]]
