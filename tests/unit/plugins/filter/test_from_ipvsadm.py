# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter from_ipvsadm."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.from_ipvsadm import FilterModule
from ansible_collections.lvs.cluster.plugins.filter.to_ipvsadm import to_ipvsadm
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.ipvsadm import print_table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table
from hypothesis import given
from strategies import tables

from_ipvsadm = FilterModule().filters()["from_ipvsadm"]


def test_rules() -> None:
    """Rules become a description, in which numbers are numbers."""
    rules = "-A -t 192.168.0.111:80 -s wrr\n-a -t 192.168.0.111:80 -r 192.168.137.131 -m -w 6\n"
    assert from_ipvsadm(rules) == [
        {
            "protocol": "tcp",
            "virtual_address": "192.168.0.111",
            "virtual_port": 80,
            "scheduler": "wrr",
            "scheduler_flags": [],
            "persistent_timeout": 0,
            "persistence_engine": "none",
            "one_packet": False,
            "real_servers": [
                {"address": "192.168.137.131", "port": 80, "forward": "nat", "weight": 6}
            ],
        }
    ]


@given(tables())
def test_there_and_back(table: Table) -> None:
    """The two filters undo each other."""
    rules = print_table(table)
    assert to_ipvsadm(from_ipvsadm(rules)) == rules


# What a kernel may hold, and ipvsadm -Sn then print, though nobody should ask for it.
HELD = (
    "-A -t 0.0.0.0:80 -s rr\n",
    "-A -u 224.0.0.18:80 -s rr\n",
    "-A -t 255.255.255.255:80 -s rr\n",
    "-A -t [::ffff:10.0.0.1]:80 -s rr\n",
    "-A -t [fe80::1]:80 -s rr\n",
    "-A -t 192.0.2.1:0 -s rr\n",
    "-A -t 192.0.2.1:80 -s rr -p 9 -M 0.0.0.0\n",
    "-A -t 192.0.2.1:80 -s rr -p 9 -M 255.0.255.0\n",
    "-A -t 192.0.2.1:80 -s rr --pe sip\n",
    "-A -t 192.0.2.1:80 -s rr -p 9 --pe sip\n",
    "-A -t 192.0.2.1:80 -s none\n",
    "-A -t 192.0.2.1:80 -s rr -o\n",
    "-A -t 192.0.2.1:80 -s rr -p 2678401\n",
    "-A -u 192.0.2.1:80 -s rr -o\n-a -u 192.0.2.1:80 -r 192.0.2.2:80 -m -w 70000\n",
)


@pytest.mark.parametrize("rules", HELD)
def test_what_a_kernel_holds_is_read(rules: str) -> None:
    """Whether somebody should ask for it is not for a filter to say."""
    assert to_ipvsadm(from_ipvsadm(rules)) == rules


def test_a_flag_that_ipvsadm_does_not_print() -> None:
    """It prints -b, and nothing behind it, for the third flag of sh and mh."""
    assert to_ipvsadm(from_ipvsadm("-A -f 1 -s sh -b ")) == "-A -f 1 -s sh\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (["-A -f 1"], "is no text"),
        ("-A -t web:80", "line 1 .*'web' is no address"),
        (
            "-A -t 192.0.2.1:80\n-a -t 192.0.2.1:80 -r 192.0.2.2 -x 1 -y 2",
            "lower_threshold 2 is above upper_threshold 1",
        ),
        ("-A -t 192.0.2.1:80 -p 9 -M 24", "-M '24' is no prefix length to ipvsadm"),
        ("-A -t 192.0.2.1:80 -s", "-s has no value"),
    ],
)
def test_bad_rules(text: object, message: str) -> None:
    """What no kernel holds is named."""
    with pytest.raises(AnsibleFilterError, match=message):
        from_ipvsadm(text)
