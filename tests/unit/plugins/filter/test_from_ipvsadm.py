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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (["-A -f 1"], "is no text"),
        ("-A -t web:80", "line 1 .*'web' is no address"),
        ("-A -t 192.0.2.1:0", "virtual_port 0 .all ports. needs persistence"),
    ],
)
def test_bad_rules(text: object, message: str) -> None:
    """What cannot be is named."""
    with pytest.raises(AnsibleFilterError, match=message):
        from_ipvsadm(text)
