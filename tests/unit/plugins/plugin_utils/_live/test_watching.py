# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program of the playbook watch is told."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.plugin_utils._live.watching import (
    PROGRAM,
    REFRESH,
    Wish,
    address,
    told,
)

WISH = Wish(8400, 10, 0, "/tmp/a b", True, "token", 7)


def test_told() -> None:
    """The run is as this one was, but for where it writes."""
    options = {"remote_user": "admin", "extra_vars": ["@more.yml"], "subset": "directors"}
    given = json.loads(told(WISH, options, ["/a/hosts.yml"]))
    words = given.pop("words")
    assert given == {
        "port": 8400, "every": 10, "seconds": 0, "folder": "/tmp/a b", "remove": True,
        "token": "token", "parent": 7,
    }  # fmt: skip
    playbook = words.pop()
    assert playbook.endswith("/playbooks/status.yml")
    assert Path(playbook).is_file()
    assert words[1:4] == ["-m", "ansible", "playbook"]
    more = json.dumps({"lvs_status_to": "/tmp/a b", "lvs_status_refresh": REFRESH})
    assert words[4:] == [
        "--inventory", "/a/hosts.yml", "--user", "admin", "--extra-vars", "@more.yml",
        "--extra-vars", more, "--limit", "directors",
    ]  # fmt: skip


def test_nobody_sees_the_address() -> None:
    """It is not in the command line of the program."""
    assert len(PROGRAM) == 2
    assert Path(PROGRAM[1]).is_file()
    assert address(WISH) == "http://127.0.0.1:8400/token/"
