"""What is measured, and how the seconds of the runs are kept."""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

FIRST, UNCHANGED, WEIGHT = "first load", "unchanged", "one weight"
PLAN_AND_TABLE, OWN_TASK = "ansible-playbook with plan and table", "the task"
SECOND, ALONE = "second run", "second run, the director alone"

NOW, BEFORE = "now", "before"
"""The builds: this checkout, and another beside it."""

RIVALS = "rivals"
"""Whoever is no build of the collection."""


Seconds = dict[str, dict[str, list[float]]]
"""Who, a build or RIVALS; what; and the seconds of each run."""


class Stopwatch:
    """Seconds by who and what; those of the first turn do not count."""

    def __init__(self) -> None:
        self.seconds: Seconds = defaultdict(lambda: defaultdict(list))
        self.counts = False

    def add(self, who: str, what: str, seconds: float) -> None:
        """Take a time down."""
        if self.counts:
            self.seconds[who][what].append(seconds)

    def time(self, who: str, what: str, call: Callable[[], object]) -> None:
        """Call, and take down how long that took."""
        begin = time.monotonic()
        call()
        self.add(who, what, time.monotonic() - begin)
