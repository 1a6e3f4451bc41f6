# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter to_ipvsadm."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.to_ipvsadm import FilterModule

to_ipvsadm = FilterModule().filters()["to_ipvsadm"]


def test_services() -> None:
    """A description becomes rules."""
    services = [
        {
            "virtual_address": "192.168.0.111",
            "virtual_port": 80,
            "scheduler": "wrr",
            "real_servers": [{"address": "192.168.137.131", "weight": 6}],
        }
    ]
    assert to_ipvsadm(services) == (
        "-A -t 192.168.0.111:80 -s wrr\n-a -t 192.168.0.111:80 -r 192.168.137.131:80 -m -w 6\n"
    )


@pytest.mark.parametrize(("services", "message"), [("x", "not a list"), ([{}], "service 1: ")])
def test_bad_services(services: object, message: str) -> None:
    """What cannot be is named."""
    with pytest.raises(AnsibleFilterError, match=message):
        to_ipvsadm(services)
