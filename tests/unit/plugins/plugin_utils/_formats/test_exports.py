# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of exports(5) say what they are given, and nothing more."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._formats.exports import export_line


def test_line() -> None:
    line = export_line('/srv/a b"#', [("192.0.2.0/24", ["rw", "sec=sys:krb5"]), ("@web", [])])
    assert line == r"/srv/a\040b\042\043 192.0.2.0/24(rw,sec=sys:krb5) @web()"


@pytest.mark.parametrize(
    ("path", "host", "option"),
    [
        ("/srv\n/etc *(rw)", "nas", "rw"),
        ("/srv", "nas(rw) *", "rw"),
        ("/srv", "nas", "rw) *(rw"),
        ("/srv", "nas", "fsid=5\n"),
        ("/srv", "nas", 'a"b'),
        ("/srv", "nas", "a#b"),
        ("/srv", "nas", ""),
        ("/srv", "", "rw"),
    ],
)
def test_what_is_none(path: str, host: str, option: str) -> None:
    with pytest.raises(ModelError):
        export_line(path, [(host, [option])])
