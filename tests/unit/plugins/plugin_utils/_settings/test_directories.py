# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which directories a host cannot do without."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.directories import (
    is_of_system,
    may_be_hidden,
)


@pytest.mark.parametrize(
    ("path", "of_system", "hidden"),
    [
        ("/", True, False),
        ("/etc/x", True, False),
        ("/usr", True, False),
        ("/var", True, False),
        ("/var/lib", True, False),
        ("/proc/1", True, False),
        ("/home", True, True),
        ("/root/x", True, True),
        ("/srv", False, True),
        ("/var/www/html", False, True),
        ("/etcetera", False, True),
        ("/mnt/cephfs", False, True),
    ],
)
def test_directories(path: str, of_system: bool, hidden: bool) -> None:
    """Nothing is given away of the first, and nothing is mounted over the second."""
    assert (is_of_system(path), may_be_hidden(path)) == (of_system, hidden)
