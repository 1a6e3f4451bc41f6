# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What distributions call what the roles need."""

from __future__ import annotations

import inspect
import re

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import names
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.systems import FAMILIES


def test_each_family_has_all() -> None:
    """The same names, and of the same kind."""
    debian, red_hat = map(names.names_of, FAMILIES)
    assert debian["bird"] == {"packages": ["bird2"], "conf": "/etc/bird/bird.conf"}
    assert red_hat["director"]["rules_file"] == "/etc/sysconfig/ipvsadm"
    for role, row in debian.items():
        assert row.keys() == red_hat[role].keys()
        for name, value in row.items():
            assert type(value) is type(red_hat[role][name]), (role, name)


@pytest.mark.parametrize("family", ["", "Suse"])
def test_others_are_refused(family: str) -> None:
    """Also where nobody has gathered facts."""
    with pytest.raises(ModelError, match="is not known; gather facts of a host of Debian or Red"):
        names.names_of(family)


def test_beside_each_is_where_it_was_read() -> None:
    """A line or two of comment above each row, or above those that have the same source."""
    source = inspect.getsource(names)
    table = source[source.index("_TABLE") : source.index("# What RHEL-like")]
    for role in re.findall(r'^    "(\w+)": \{\n(.*?)^    \},', table, re.MULTILINE | re.DOTALL):
        assert "#" in role[1].splitlines()[0], role[0]
