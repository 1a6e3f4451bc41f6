# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the playbook watch has the page made again and again, and where it is served.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .._another_run import ANSIBLE, PLAYBOOKS, handed_on, inventories
from .serve import HOST

_STATUS = PLAYBOOKS / "status.yml"
# An open page asks for a newer one so often.
REFRESH = 2


class Wish(NamedTuple):
    """What is asked for: a port, seconds between two runs, and for how many of them in all.

    C(folder) is a new one where C(remove) says that it goes in the end.
    """

    port: int
    every: int
    seconds: int
    folder: str
    remove: bool
    token: str
    parent: int


PROGRAM = [sys.executable, str(Path(__file__).with_name("serve.py"))]


def told(wish: Wish, options: Mapping[str, Any], sources: Sequence[str]) -> str:
    """Return what the program is told; C(options) are those of this run, C(sources) inventories."""
    more = json.dumps({"lvs_status_to": wish.folder, "lvs_status_refresh": REFRESH})
    limit = ["--limit", str(options["subset"])] if options.get("subset") else []
    run = [*ANSIBLE, *inventories(sources), *handed_on(options), "--extra-vars", more, *limit]
    return json.dumps({**wish._asdict(), "words": [*run, str(_STATUS)]})


def address(wish: Wish) -> str:
    """Return where the page is."""
    return f"http://{HOST}:{wish.port}/{wish.token}/"
