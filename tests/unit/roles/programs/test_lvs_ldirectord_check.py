# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether ldirectord takes a configuration."""

from __future__ import annotations

import pytest
from machine import Machine


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
