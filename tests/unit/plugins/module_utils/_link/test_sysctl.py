# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of sysctl.d: what is ours is set or removed, all else stays."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._link.sysctl import (
    edit_file,
    parse_settings,
    path_of,
    remove_from_file,
    setting_of,
    written_name,
)
from hypothesis import given
from hypothesis import strategies as st

names = st.text("abz019.-", min_size=1, max_size=15).filter(lambda name: name not in (".", ".."))
lines = st.sampled_from(
    ["", "# net.ipv4.conf.all.arp_ignore = 5", "; x", "vm.swappiness=1", "nonsense",
     "net.ipv4.conf.all.arp_ignore=0", "-net/ipv4/conf/lo/arp_announce = 1", "a = b = c"]
)  # fmt: skip


@given(names)
def test_names(interface: str) -> None:
    """A name that is written is read as the same sysctl, even with dots in the interface's."""
    path = next(iter(parse_settings([interface], {"arp_ignore": 1})))
    assert path_of(written_name(path)) == path
    assert setting_of(f"{written_name(path)} = 1") == (path, "1")


@given(st.lists(lines), st.lists(names | st.sampled_from(["all", "lo"]), min_size=1))
def test_files(before: list[str], interfaces: list[str]) -> None:
    """Each setting stands once, other lines stay as they are, and a second edit does nothing."""
    text = "".join(f"{line}\n" for line in before)
    settings = parse_settings(interfaces, {"arp_announce": 2, "arp_ignore": 1})
    edited = edit_file(text, settings)
    assert edit_file(edited, settings) == edited
    found = [setting for setting in map(setting_of, edited.splitlines()) if setting]
    mine = [(path, value) for path, value in found if path in settings]
    assert sorted(mine) == sorted((path, str(value)) for path, value in settings.items())
    removed = remove_from_file(edited, list(settings))
    assert removed == remove_from_file(text, list(settings))


@pytest.mark.parametrize("line", ["", "  ", "# a = b", "; a = b", "a"])
def test_lines_that_set_nothing(line: str) -> None:
    """Comments and nonsense are nobody's."""
    assert setting_of(line) is None
