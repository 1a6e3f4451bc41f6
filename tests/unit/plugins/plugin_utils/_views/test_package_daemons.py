# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which synchronisation daemons the package's own unit would start."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.package_daemons import (
    package_daemons,
)

# As ipvsadm 1.31 of Debian has it.
DEFAULTS = """# ipvsadm

# if you want to start ipvsadm on boot set this to true
AUTO="false"

# daemon method (none|master|backup)
DAEMON="none"

# use interface (eth0,eth1...)
IFACE="eth0"\t

# syncid to use
# SYNCID="0"
"""


def daemon(role: str, interface: str = "eth0", **more: Any) -> dict[str, Any]:
    """The options of a daemon."""
    return {"role": role, "interface": interface, **more}


@pytest.mark.parametrize(
    ("text", "daemons"),
    [
        ("", []),
        (DEFAULTS, []),
        (DEFAULTS.replace("none", "master"), [daemon("master", sync_id="0")]),
        (
            "DAEMON=backup # mine\nIFACE='eth2'; SYNCID=7\n",
            [daemon("backup", "eth2", sync_id="7")],
        ),
        (
            "DAEMON=both",
            [daemon("master", sync_id="0"), daemon("backup", sync_id="0")],
        ),
        ("DAEMON=slave", []),
        ("DAEMON=master\nSYNCID=700", []),
        ('DAEMON="master', []),
    ],
)
def test_defaults_of_debian(text: str, daemons: list[dict[str, Any]]) -> None:
    """One role or both, on one interface; the script has defaults where the file says nothing."""
    assert package_daemons(text, "") == daemons


@pytest.mark.parametrize(
    ("text", "daemons"),
    [
        ("-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1 -m\n", []),
        (
            "--start-daemon master --mcast-interface eth1 --syncid 7\n",
            [daemon("master", "eth1", sync_id="7")],
        ),
        ("# --start-daemon master\n--start-daemon\n", []),
        (
            "--start-daemon backup --mcast-group 224.0.0.82 --mcast-ttl 2 --mcast-interface eth1",
            [daemon("backup", "eth1", group="224.0.0.82", ttl="2")],
        ),
    ],
)
def test_lines_of_rules(text: str, daemons: list[dict[str, Any]]) -> None:
    """Each is a command of ipvsadm."""
    assert [sorted(one.items()) for one in package_daemons("", text)] == [
        sorted(one.items()) for one in daemons
    ]


def test_one_of_a_role() -> None:
    """The rules are restored first; the kernel refuses a second one."""
    rules = "--start-daemon master --mcast-interface eth1"
    assert package_daemons("DAEMON=both", rules) == [
        daemon("master", "eth1"),
        daemon("backup", sync_id="0"),
    ]
