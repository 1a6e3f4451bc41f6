# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task may ask for of addresses and default routes."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._link.wanted import parse_virtual_ip
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


@pytest.mark.parametrize(
    ("address", "label", "message"),
    [
        ("10.0.0.1/0", None, "from 1 to 32"),
        ("10.0.0.1/x", None, "from 1 to 32"),
        ("fd00::1/129", None, "from 1 to 128"),
        ("10.0.0", None, "is not an IPv4 or IPv6 address"),
        ("10.0.0.1", "eth0:0123456789abc", "at most 15"),
    ],
)
def test_bad_addresses(address: str, label: str | None, message: str) -> None:
    """One sentence."""
    with pytest.raises(ModelError, match=message):
        parse_virtual_ip(address, "eth0", label)
