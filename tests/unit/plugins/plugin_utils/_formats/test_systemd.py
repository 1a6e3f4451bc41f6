# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a unit of systemd can say."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats import systemd


def test_environment() -> None:
    """Whatever systemd reads otherwise is written so that it stays what it is."""
    assert systemd.environment("A", "/no such") == 'Environment="A=/no such"'
    assert systemd.environment("A", '"%n\\$B') == 'Environment="A=\\"%%n\\\\$B"'


def test_what_it_cannot_say() -> None:
    """A line more."""
    with pytest.raises(ModelError, match="nothing that a unit of systemd can say"):
        systemd.environment("A", "a\nExecStart=/bin/false")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/srv/data", "srv-data"),
        ("/srv/a-b c", "srv-a\\x2db\\x20c"),
        ("/.mnt/.x_1:2.d", "\\x2emnt-.x_1:2.d"),
        ("/mnt/ü\\", "mnt-\\xc3\\xbc\\x5c"),
    ],
)
def test_mount_name(path: str, name: str) -> None:
    """As systemd-escape(1) has it with --path."""
    assert systemd.mount_name(path) == name
