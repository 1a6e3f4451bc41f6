# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ipvs_service on a real kernel, with ipvsadm as the witness."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import SCHEDULERS
from witness import Ipvs

WEB: dict[str, Any] = {"virtual_address": "192.168.0.111", "virtual_port": 80}
WEB6: dict[str, Any] = {"virtual_address": "fd00:0:0:1::111", "virtual_port": 80}
DNS: dict[str, Any] = {"virtual_address": "192.168.0.111", "virtual_port": 53, "protocol": "udp"}


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_each_scheduler(ipvs: Ipvs, scheduler: str) -> None:
    """The kernel has each scheduler, and takes it in place of another."""
    ipvs.run("ipvs_service", **WEB, scheduler=scheduler)
    assert ipvs.rules() == [f"-A -t 192.168.0.111:80 -s {scheduler}"]
    other = "rr" if scheduler != "rr" else "lc"
    result = ipvs.run("ipvs_service", **WEB, scheduler=other)
    assert ipvs.rules() == [f"-A -t 192.168.0.111:80 -s {other}"]
    assert result["operations"] == [
        {
            "action": "edit",
            "item": "service",
            "service": "tcp 192.168.0.111:80",
            "changes": {"scheduler": [scheduler, other]},
            "effect": "delays new connections",
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (WEB, "-A -t 192.168.0.111:80 -s wlc"),
        (WEB6, "-A -t [fd00:0:0:1::111]:80 -s wlc"),
        ({**WEB, "virtual_address": "FD00::0:1"}, "-A -t [fd00::1]:80 -s wlc"),
        ({**WEB, "protocol": "udp"}, "-A -u 192.168.0.111:80 -s wlc"),
        ({**WEB6, "protocol": "udp"}, "-A -u [fd00:0:0:1::111]:80 -s wlc"),
        ({**WEB, "protocol": "sctp"}, "-A --sctp-service 192.168.0.111:80 -s wlc"),
        ({**WEB6, "protocol": "sctp"}, "-A --sctp-service [fd00:0:0:1::111]:80 -s wlc"),
        ({"fwmark": 10}, "-A -f 10 -s wlc"),
        ({"fwmark": 10, "family": "ipv6"}, "-A -f 10 -6 -s wlc"),
        # ipvsadm prints marks as signed numbers.
        ({"fwmark": 2**31 - 1}, "-A -f 2147483647 -s wlc"),
        (
            {**WEB, "virtual_port": 0, "persistent_timeout": 30},
            "-A -t 192.168.0.111:0 -s wlc -p 30",
        ),
        (
            {**WEB6, "virtual_port": 0, "persistent_timeout": 30},
            "-A -t [fd00:0:0:1::111]:0 -s wlc -p 30",
        ),
        (
            {**WEB, "persistent_timeout": 360, "persistent_netmask": "255.255.255.0"},
            "-A -t 192.168.0.111:80 -s wlc -p 360 -M 255.255.255.0",
        ),
        (
            {**WEB, "persistent_timeout": 360, "persistent_netmask": "20"},
            "-A -t 192.168.0.111:80 -s wlc -p 360 -M 255.255.240.0",
        ),
        (
            {**WEB, "persistent_timeout": 360, "persistent_netmask": "32"},
            "-A -t 192.168.0.111:80 -s wlc -p 360",
        ),
        (
            {**WEB6, "persistent_timeout": 360, "persistent_netmask": "64"},
            "-A -t [fd00:0:0:1::111]:80 -s wlc -p 360 -M 64",
        ),
        (
            {"fwmark": 1, "persistent_timeout": 5, "persistent_netmask": "255.0.0.0"},
            "-A -f 1 -s wlc -p 5 -M 255.0.0.0",
        ),
        (
            {"fwmark": 1, "family": "ipv6", "persistent_timeout": 5, "persistent_netmask": "1"},
            "-A -f 1 -6 -s wlc -p 5 -M 1",
        ),
        (
            {**DNS, "persistent_timeout": 60, "persistence_engine": "sip"},
            "-A -u 192.168.0.111:53 -s wlc -p 60 --pe sip",
        ),
        ({**DNS, "one_packet": True}, "-A -u 192.168.0.111:53 -s wlc -o"),
        ({"fwmark": 4, "family": "ipv6", "one_packet": True}, "-A -f 4 -6 -s wlc -o"),
        (
            {**WEB, "scheduler": "sh", "scheduler_flags": ["sh-fallback"]},
            "-A -t 192.168.0.111:80 -s sh -b sh-fallback",
        ),
        (
            {**WEB, "scheduler": "sh", "scheduler_flags": ["sh-port", "sh-fallback"]},
            "-A -t 192.168.0.111:80 -s sh -b sh-fallback,sh-port",
        ),
        (
            {**WEB, "scheduler": "mh", "scheduler_flags": ["mh-port"]},
            "-A -t 192.168.0.111:80 -s mh -b mh-port",
        ),
        (
            {**WEB, "scheduler": "mh", "scheduler_flags": ["flag-1", "flag-2"]},
            "-A -t 192.168.0.111:80 -s mh -b mh-fallback,mh-port",
        ),
        (
            {**WEB, "scheduler": "rr", "scheduler_flags": ["flag-1", "flag-2", "flag-3"]},
            "-A -t 192.168.0.111:80 -s rr -b flag-1,flag-2,flag-3",
        ),
    ],
)
def test_service_comes_and_goes(ipvs: Ipvs, arguments: dict[str, Any], rule: str) -> None:
    """A service is predicted, made, left alone, and deleted once; the diff is what ipvsadm says."""
    result = ipvs.converge("ipvs_service", **arguments)
    assert ipvs.rules() == [rule]
    assert result["before"] is None
    assert result["diff"] == {"before": "", "after": f"{rule}\n"}
    key = {n: v for n, v in arguments.items() if n in {*WEB, "protocol", "fwmark", "family"}}
    gone = ipvs.run("ipvs_service", **key, state="absent")
    assert (gone["before"], gone["after"]) == ({**result["after"], "real_servers": []}, None)
    assert gone["operations"][0]["effect"] == "drops connections"
    assert ipvs.rules() == []
    assert ipvs.run("ipvs_service", **key, state="absent")["operations"] == []


def test_marks_beyond_31_bits(ipvs: Ipvs) -> None:
    """The highest mark is one, though ipvsadm shows it as a negative number."""
    ipvs.converge("ipvs_service", fwmark=2**32 - 1)
    assert ipvs.rules() == ["-A -f -1 -s wlc"]
    assert ipvs.run("ipvs_info")["services"][0]["fwmark"] == 2**32 - 1


@pytest.mark.parametrize(
    ("before", "arguments", "after"),
    [
        ("-s sh -b sh-port", {"scheduler": "mh"}, "-s mh"),
        ("-s sh -b sh-port", {"scheduler": "sh"}, "-s sh -b sh-port"),
        ("-s sh -b sh-port", {"scheduler_flags": []}, "-s sh"),
        ("-s rr -p 300 -M 255.255.0.0", {"persistent_timeout": 60}, "-s rr -p 60 -M 255.255.0.0"),
        ("-s rr -p 300 -M 255.255.0.0", {"persistent_timeout": 0}, "-s rr"),
        ("-s rr -p 300 --pe sip", {"persistence_engine": "none"}, "-s rr -p 300"),
        ("-s rr -p 300 --pe sip", {"persistent_timeout": 0}, "-s rr"),
        ("-s rr -o", {"one_packet": False}, "-s rr"),
        ("-s rr", {"persistent_timeout": 9, "one_packet": True}, "-s rr -p 9 -o"),
        ("-s lc -p 77 -o", {}, "-s lc -p 77 -o"),
    ],
)
def test_edits_in_place(ipvs: Ipvs, before: str, arguments: dict[str, Any], after: str) -> None:
    """What is named changes, what is not stays, and the real servers live through it."""
    service = "-u 192.168.0.111:53"
    server = f"-a {service} -r 192.168.137.131:53 -g -w 7"
    ipvs.add(f"-A {service} {before}", server)
    ipvs.converge("ipvs_service", **DNS, **arguments)
    assert ipvs.rules() == [f"-A {service} {after}", server]


def test_others_are_left_alone(ipvs: Ipvs) -> None:
    """Services with the same address, port or mark, but another key, are others."""
    others = [
        "-A -t 192.168.0.111:81 -s rr",
        "-A -u 192.168.0.111:80 -s rr",
        "-A -t [fd00:0:0:1::111]:80 -s rr",
        "-A -f 80 -s rr",
        "-A -f 80 -6 -s rr",
    ]
    ipvs.add(*others)
    ipvs.run("ipvs_service", **WEB)
    assert set(ipvs.rules()) == {*others, "-A -t 192.168.0.111:80 -s wlc"}
    ipvs.run("ipvs_service", fwmark=80, state="absent")
    ipvs.run("ipvs_service", **WEB, state="absent")
    assert set(ipvs.rules()) == {rule for rule in others if rule != "-A -f 80 -s rr"}
