# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nftables can say."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats import nftables


def test_strings() -> None:
    """As one, and as the elements of a set."""
    assert nftables.string("eth1.160") == '"eth1.160"'
    assert nftables.strings(["eth1", "eth2"]) == '{ "eth1", "eth2" }'


@pytest.mark.parametrize("text", ['eth1" accept; "', "eth1\n", "eth\\", "eth*"])
def test_what_it_cannot_say(text: str) -> None:
    """Nothing ends a string, and none stands for several interfaces."""
    with pytest.raises(ModelError, match="can say"):
        nftables.string(text)
